package people

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/rows"
)

// Event is what happened, for the audit trail and for whoever subscribes. It stands in the transaction of what it tells.
type Event struct {
	ID      int64
	Name    string         // "purchase.placed"
	Subject string         // "purchase/12"
	ActorID int64          // 0: Souk itself
	Data    map[string]any // ids and codes, never personal data
	At      time.Time
}

// Append adds an event to the trail.
func Append(ctx context.Context, tx pgx.Tx, event Event) error {
	_, err := AppendID(ctx, tx, event)
	return err
}

// AppendID is Append for who needs the event's id.
func AppendID(ctx context.Context, tx pgx.Tx, event Event) (int64, error) {
	if event.Data == nil {
		event.Data = map[string]any{}
	}
	id, _, err := rows.Value[int64](ctx, tx, "append event", appendEvent, rows.Args{"name": event.Name, "subject": event.Subject,
		"actor": event.ActorID, "data": event.Data, "at": event.At})
	return id, err
}

const appendEvent = `INSERT INTO event (name, subject, actor_id, data, created_at)
	VALUES (@name, @subject, NULLIF(@actor::bigint, 0), @data, @at) RETURNING id`

// LoadEvent returns an event; pgx.ErrNoRows, wrapped, where there is none.
func LoadEvent(ctx context.Context, tx pgx.Tx, id int64) (Event, error) {
	return rows.One[Event](ctx, tx, "load event", loadEvent, rows.Args{"id": id})
}

const loadEvent = `SELECT id, name, subject, COALESCE(actor_id, 0) AS actor_id, data, created_at AS at FROM event WHERE id = @id`

// Events returns a subject's trail, oldest first.
func Events(ctx context.Context, tx pgx.Tx, subject string) ([]Event, error) {
	return rows.All[Event](ctx, tx, "list events", listEvents, rows.Args{"subject": subject})
}

const listEvents = `SELECT id, name, subject, COALESCE(actor_id, 0) AS actor_id, data, created_at AS at
	FROM event WHERE subject = @subject ORDER BY id`
