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
	if event.Data == nil {
		event.Data = map[string]any{}
	}
	_, err := rows.Exec(ctx, tx, "append event", appendEvent, rows.Args{"name": event.Name, "subject": event.Subject,
		"actor": event.ActorID, "data": event.Data, "at": event.At})
	return err
}

const appendEvent = `INSERT INTO event (name, subject, actor_id, data, created_at)
	VALUES (@name, @subject, NULLIF(@actor::bigint, 0), @data, @at)`

// Events returns a subject's trail, oldest first.
func Events(ctx context.Context, tx pgx.Tx, subject string) ([]Event, error) {
	return rows.All[Event](ctx, tx, "list events", listEvents, rows.Args{"subject": subject})
}

const listEvents = `SELECT id, name, subject, COALESCE(actor_id, 0) AS actor_id, data, created_at AS at
	FROM event WHERE subject = @subject ORDER BY id`
