package bot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/people"
)

// ErrNowhere says that nobody can be written to: the ticket has neither an address nor a person with one.
var ErrNowhere = errors.New("there is no address to write to")

// PostOperatorAnswer puts an operator's answer (a message of people.AnswerTicket) into the inbox of the conversation that its
// ticket came from, in the same transaction; where the ticket names none, of the one in which the person spoke last. It is said
// within a second or so of the commit. Posting twice is posting once.
func PostOperatorAnswer(ctx context.Context, tx pgx.Tx, ticketID, messageID int64, now time.Time) error {
	var conversation int64
	err := tx.QueryRow(ctx, conversationOfTicket, ticketID).Scan(&conversation)
	if errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("post the answer to ticket %d: %w", ticketID, ErrNowhere)
	}
	if err != nil {
		return fmt.Errorf("post the answer to ticket %d: %w", ticketID, err)
	}
	_, err = tx.Exec(ctx, writeInternal, souk, fmt.Sprintf("souk/operator/%d", messageID), conversation, fromOperator,
		note{Ticket: ticketID, Message: messageID}.body(), now)
	if err != nil {
		return fmt.Errorf("post the answer to ticket %d: %w", ticketID, err)
	}
	return nil
}

const conversationOfTicket = `
SELECT c.id FROM ticket t
JOIN address a ON a.id = t.address_id OR t.address_id IS NULL AND a.person_id = t.person_id
JOIN conversation c ON c.id = a.id
WHERE t.id = $1 ORDER BY c.last_inbound_at DESC NULLS LAST LIMIT 1`

// openTicket lays a fault of the gateway's before the operators. The body holds ids and codes.
func openTicket(ctx context.Context, tx pgx.Tx, kind people.Kind, conversation int64, body string, now time.Time) error {
	var person int64
	if err := tx.QueryRow(ctx, `SELECT COALESCE(person_id, 0) FROM address WHERE id = $1`, conversation).Scan(&person); err != nil {
		return fmt.Errorf("open a ticket: %w", err)
	}
	_, err := people.OpenTicket(ctx, tx, people.Ticket{PersonID: person, AddressID: conversation, Kind: kind, Body: body}, now)
	if err != nil {
		return fmt.Errorf("open a ticket: %w", err)
	}
	return nil
}
