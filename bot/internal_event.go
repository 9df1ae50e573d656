package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"souk/flows"
)

// souk is the account of inbox rows that Souk writes to itself. Their provider ids are souk/notice/ID, souk/timer/…, and so on.
const souk = "souk"

// The sources of such rows.
const (
	fromNotice   = "notice"
	fromTimer    = "timer"
	fromOperator = "operator"
	fromParked   = "parked"
	fromPhoto    = "photo"
)

// note is the body of such a row: ids, never words. What they stand for is read when the row has its turn.
type note struct {
	Notice  int64  `json:"notice,omitempty"`
	Timer   string `json:"timer,omitempty"`
	Ticket  int64  `json:"ticket,omitempty"`
	Message int64  `json:"message,omitempty"` // of the ticket
	Parked  int64  `json:"parked,omitempty"`  // the inbox row that was given up on
	Photo   int64  `json:"photo,omitempty"`   // of sent_photo
}

func (n note) body() []byte {
	body, err := json.Marshal(n)
	if err != nil {
		panic(err) // numbers and strings
	}
	return body
}

// decode turns the claimed row into the event that the engine hears.
func (g *Gateway) decode(ctx context.Context, c *claim, channel Channel) (event flows.Event, err error) {
	if c.row.Internal {
		event, err = decodeNote(ctx, c)
	} else if event, err = channel.Decode(c.row.Body); err != nil {
		err = fmt.Errorf("decode: %w", errUnreadable{err})
	}
	if err != nil {
		return event, err
	}
	event.At = c.row.ReceivedAt
	event.Text = readable(event.Text)
	if event.Quoted == "" && event.QuotedMessageID != "" {
		event.Quoted, err = promptOf(ctx, c, event.QuotedMessageID)
	}
	return event, err
}

// errUnreadable is a body that no try will read.
type errUnreadable struct{ error }

func decodeNote(ctx context.Context, c *claim) (flows.Event, error) {
	var n note
	if err := json.Unmarshal(c.row.Body, &n); err != nil {
		return flows.Event{}, fmt.Errorf("decode a note: %w", errUnreadable{err})
	}
	switch c.row.Source {
	case fromNotice:
		notice, err := loadNotice(ctx, c.tx, n.Notice)
		return flows.Event{Kind: flows.NoticeDue, Notice: notice}, err
	case fromTimer:
		return flows.Event{Kind: flows.TimerDue, Payload: n.Timer}, nil
	case fromOperator:
		text, err := ticketText(ctx, c.tx, n.Message)
		return flows.Event{Kind: flows.Operator, Ticket: n.Ticket, Text: text}, err
	case fromParked:
		return flows.Event{Kind: flows.Parked}, nil
	case fromPhoto:
		return photoEvent(ctx, c.tx, n.Photo)
	}
	return flows.Event{}, fmt.Errorf("decode a note: %w", errUnreadable{fmt.Errorf("source %q is not known", c.row.Source)})
}

func loadNotice(ctx context.Context, tx pgx.Tx, id int64) (*flows.NoticeEvent, error) {
	notice := &flows.NoticeEvent{ID: id}
	err := tx.QueryRow(ctx, `SELECT name, mode = 'ask', args FROM notice WHERE id = $1`, id).Scan(&notice.Name, &notice.Ask, &notice.Args)
	if err != nil {
		return nil, fmt.Errorf("load notice %d: %w", id, err)
	}
	return notice, nil
}

func ticketText(ctx context.Context, tx pgx.Tx, message int64) (text string, err error) {
	if err := tx.QueryRow(ctx, `SELECT body FROM ticket_message WHERE id = $1`, message).Scan(&text); err != nil {
		return "", fmt.Errorf("load ticket message %d: %w", message, err)
	}
	return text, nil
}

// promptOf finds the question that a quoted message asked, "" where it is none of ours.
func promptOf(ctx context.Context, c *claim, messageID string) (prompt string, err error) {
	if !storable(messageID) {
		return "", nil
	}
	err = c.tx.QueryRow(ctx, `SELECT prompt FROM outbox WHERE conversation_id = $1 AND provider_message_id = $2 ORDER BY id DESC LIMIT 1`,
		c.conversation, messageID).Scan(&prompt)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("look for the quoted question: %w", err)
	}
	return prompt, nil
}

// readable bounds a text and drops what no column takes.
func readable(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "")
	if len(text) <= flows.MaxText {
		return text
	}
	count := 0
	for i := range text {
		if count == flows.MaxText {
			return text[:i]
		}
		count++
	}
	return text
}
