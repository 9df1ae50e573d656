package people

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/rows"
	"souk/internal/sorry"
)

// Kind says why a matter lies before an operator.
type Kind string

// The kinds of ticket.
const (
	Talk          Kind = "talk"  // somebody asked for a person
	Voice         Kind = "voice" // a voice note waits for ears
	Parked        Kind = "parked"
	Undeliverable Kind = "undeliverable" // a notice that no address could be told
	Problem       Kind = "problem"
	Compliance    Kind = "compliance" // food without its number: somebody helps to get it
	Listed        Kind = "listing"    // a listing waits for an operator's eyes
	LateOrder     Kind = "order"      // a cooperative that does not answer an order
	Asked         Kind = "question"   // a buyer's question that no seller answered in time
	ReportedGoods Kind = "report"     // a buyer finds something wrong with a listing
	Joining       Kind = "joining"    // a cooperative asks to join
)

// Media is a file at the provider: a reference, never a URL.
type Media struct {
	ID    string `json:"id"`
	Kind  string `json:"kind"` // photo, voice, other
	MIME  string `json:"mime"`
	Bytes int64  `json:"bytes"`
	Photo int64  `json:"photo,omitempty"` // of sent_photo, where it was kept
}

// Ticket is a matter for an operator.
type Ticket struct {
	ID        int64
	PersonID  int64 // 0: nobody could be made out
	AddressID int64 // where they last wrote; 0: nowhere
	Kind      Kind
	Status    string // open, closed
	CreatedAt time.Time
	ClosedAt  *time.Time

	Body  string  `db:"-"` // the first message, to OpenTicket
	Media []Media `db:"-"`
}

// TicketMessage is one message of a ticket.
type TicketMessage struct {
	ID        int64
	TicketID  int64
	Author    string // person, operator, souk
	Operator  string // who, where the author is an operator
	Body      string
	Media     []Media
	CreatedAt time.Time
}

// OpenTicket lays a matter before the operators. It joins the person's open ticket of the same kind where there is one: what was
// said becomes its next message, and the answer goes to where it was said last.
func OpenTicket(ctx context.Context, tx pgx.Tx, ticket Ticket, now time.Time) (int64, error) {
	joining := rows.Args{"person": ticket.PersonID, "address": ticket.AddressID, "kind": string(ticket.Kind)}
	opening := maps.Clone(joining)
	opening["now"] = now
	var id int64
	var opened bool
	// An operator may close the ticket between the two statements; then the first one succeeds at the next try.
	for id == 0 {
		var err error
		if id, opened, err = rows.Value[int64](ctx, tx, "open ticket", openTicket, opening); err != nil {
			return 0, err
		}
		if !opened {
			if id, _, err = rows.Value[int64](ctx, tx, "join ticket", joinTicket, joining); err != nil {
				return 0, err
			}
		}
	}
	if opened {
		if err := Append(ctx, tx, ticketEvent("ticket.opened", id, ticket.PersonID, now)); err != nil {
			return 0, err
		}
	}
	author := "person"
	switch ticket.Kind {
	case Parked, Undeliverable, Compliance, Listed, LateOrder, Asked, ReportedGoods: // nobody said that: Souk reports it
		author = "souk"
	}
	_, err := addMessage(ctx, tx, TicketMessage{TicketID: id, Author: author, Body: ticket.Body, Media: ticket.Media}, now)
	return id, err
}

const openTicket = `INSERT INTO ticket (person_id, address_id, kind, created_at)
	VALUES (NULLIF(@person::bigint, 0), NULLIF(@address::bigint, 0), @kind, @now) ON CONFLICT DO NOTHING RETURNING id`

const joinTicket = `UPDATE ticket SET address_id = COALESCE(NULLIF(@address::bigint, 0), address_id)
	WHERE person_id = @person AND kind = @kind AND status = 'open' RETURNING id`

// OpenTicketOf returns the ticket in which a person is talking with an operator, 0 where there is none: what no flow understands
// is added to it.
func OpenTicketOf(ctx context.Context, tx pgx.Tx, personID int64) (int64, error) {
	id, _, err := rows.Value[int64](ctx, tx, "find open ticket", openTicketOf, rows.Args{"person": personID})
	return id, err
}

const openTicketOf = `SELECT id FROM ticket WHERE person_id = @person AND kind = 'talk' AND status = 'open'`

// NoteTicket adds what Souk itself has to say of a matter for the operators' eyes; a closed one is left as it is.
func NoteTicket(ctx context.Context, tx pgx.Tx, ticketID int64, text string, now time.Time) error {
	_, open, err := rows.Value[int64](ctx, tx, "lock ticket", lockTicket, rows.Args{"id": ticketID})
	if err != nil || !open {
		return err
	}
	_, err = addMessage(ctx, tx, TicketMessage{TicketID: ticketID, Author: "souk", Body: text}, now)
	return err
}

// AnswerTicket writes an operator's answer and returns its message's id; the gateway says it under that id. A closed ticket is
// refused with "ticket.closed".
func AnswerTicket(ctx context.Context, tx pgx.Tx, ticketID int64, text, operator string, now time.Time) (int64, error) {
	personID, open, err := rows.Value[int64](ctx, tx, "lock ticket", lockTicket, rows.Args{"id": ticketID})
	if err != nil {
		return 0, err
	}
	if !open {
		return 0, sorry.New("ticket.closed", map[string]any{"id": ticketID})
	}
	id, err := addMessage(ctx, tx, TicketMessage{TicketID: ticketID, Author: "operator", Operator: operator, Body: text}, now)
	if err != nil {
		return 0, err
	}
	event := ticketEvent("ticket.answered", ticketID, 0, now)
	event.Data = map[string]any{"person": personID, "message": id}
	return id, Append(ctx, tx, event)
}

const lockTicket = `SELECT COALESCE(person_id, 0) FROM ticket WHERE id = @id AND status = 'open' FOR NO KEY UPDATE`

// CloseTicket ends a matter; one that is closed stays closed.
func CloseTicket(ctx context.Context, tx pgx.Tx, ticketID int64, now time.Time) error {
	closed, err := rows.Exec(ctx, tx, "close ticket", closeTicket, rows.Args{"id": ticketID, "now": now})
	if err != nil || closed == 0 {
		return err
	}
	return Append(ctx, tx, ticketEvent("ticket.closed", ticketID, 0, now))
}

const closeTicket = `UPDATE ticket SET status = 'closed', closed_at = @now WHERE id = @id AND status = 'open'`

// LoadTicket returns a ticket; pgx.ErrNoRows, wrapped, where there is none.
func LoadTicket(ctx context.Context, tx pgx.Tx, ticketID int64) (Ticket, error) {
	return rows.One[Ticket](ctx, tx, "load ticket", `SELECT `+ticketColumns+` FROM ticket WHERE id = @id`, rows.Args{"id": ticketID})
}

const ticketColumns = `id, COALESCE(person_id, 0) AS person_id, COALESCE(address_id, 0) AS address_id, kind, status, created_at, closed_at`

// Tickets returns the open tickets, the longest waiting first.
func Tickets(ctx context.Context, tx pgx.Tx, limit int) ([]Ticket, error) {
	return rows.All[Ticket](ctx, tx, "list tickets",
		`SELECT `+ticketColumns+` FROM ticket WHERE status = 'open' ORDER BY created_at, id LIMIT @limit`, rows.Args{"limit": limit})
}

// TicketMessages returns a ticket's messages, oldest first.
func TicketMessages(ctx context.Context, tx pgx.Tx, ticketID int64) ([]TicketMessage, error) {
	return rows.All[TicketMessage](ctx, tx, "list ticket messages", listMessages, rows.Args{"id": ticketID})
}

const listMessages = `SELECT id, ticket_id, author, operator, body, media, created_at FROM ticket_message WHERE ticket_id = @id ORDER BY id`

func addMessage(ctx context.Context, tx pgx.Tx, message TicketMessage, now time.Time) (int64, error) {
	if message.Media == nil {
		message.Media = []Media{}
	}
	id, _, err := rows.Value[int64](ctx, tx, "add ticket message", addTicketMessage, rows.Args{"ticket": message.TicketID,
		"author": message.Author, "operator": message.Operator, "body": message.Body, "media": message.Media, "now": now})
	return id, err
}

const addTicketMessage = `INSERT INTO ticket_message (ticket_id, author, operator, body, media, created_at)
	VALUES (@ticket, @author, @operator, @body, @media, @now) RETURNING id`

func ticketEvent(name string, ticketID, actor int64, now time.Time) Event {
	return Event{Name: name, Subject: fmt.Sprintf("ticket/%d", ticketID), ActorID: actor, At: now}
}
