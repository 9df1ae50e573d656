package bot

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/postgres"
	"souk/people"
)

// dueNotice is a notice whose hour has come.
type dueNotice struct {
	ID        int64
	Person    int64
	Name      string
	Timing    string
	ExpiresAt *time.Time
	Rounds    int
	Reason    string
	TimeZone  string
	Held      bool // it was said somewhere and waits there for the person to write again
}

// NoticeStep puts notices that are due into the inbox of the conversation in which the person is best reached: where they last
// spoke, if they may be written to freely there; else the next that consented. Where there is none the notice waits, an operator
// sees that it does, and it is tried again when the person writes.
func (g *Gateway) NoticeStep(ctx context.Context) error {
	for {
		now := g.Clock.Now()
		var woken []int64
		count := 0
		err := postgres.Tx(ctx, g.Pool, func(tx pgx.Tx) error {
			rows, err := tx.Query(ctx, dueNotices, now, noticesAtOnce)
			if err != nil {
				return fmt.Errorf("look for due notices: %w", err)
			}
			due, err := pgx.CollectRows(rows, pgx.RowToStructByPos[dueNotice])
			if err != nil {
				return fmt.Errorf("look for due notices: %w", err)
			}
			count = len(due)
			for _, n := range due {
				conversation, err := g.route(ctx, tx, n, now)
				if err != nil {
					return fmt.Errorf("route notice %d: %w", n.ID, err)
				}
				if conversation != 0 {
					woken = append(woken, conversation)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		g.wakes.add(woken...)
		if count < noticesAtOnce {
			return nil
		}
	}
}

const noticesAtOnce = 50

const dueNotices = `
SELECT n.id, n.person_id, n.name, n.timing, n.expires_at, n.rounds, n.reason, p.time_zone,
	EXISTS (SELECT FROM outbox o WHERE o.notice_id = n.id AND o.status = 'held')
FROM notice n JOIN person p ON p.id = n.person_id
WHERE n.status = 'pending' AND n.due_at <= $1
ORDER BY n.due_at, n.id LIMIT $2 FOR NO KEY UPDATE OF n SKIP LOCKED`

// route finds a notice's way and returns the conversation that will hear it, 0 for none.
func (g *Gateway) route(ctx context.Context, tx pgx.Tx, n dueNotice, now time.Time) (int64, error) {
	if n.ExpiresAt != nil && !n.ExpiresAt.After(now) {
		return 0, execute(ctx, tx, `UPDATE notice SET status = 'done', reason = 'expired' WHERE id = $1`, n.ID)
	}
	if n.Timing == string(people.AllowedHours) {
		if at := people.AllowedAt(now, n.TimeZone); at.After(now) {
			return 0, execute(ctx, tx, `UPDATE notice SET due_at = $2 WHERE id = $1`, n.ID, at)
		}
	}
	conversation, err := g.pick(ctx, tx, n, now)
	if err != nil {
		return 0, err
	}
	if conversation == 0 {
		return 0, g.noWay(ctx, tx, n, now)
	}
	id := fmt.Sprintf("souk/notice/%d", n.ID)
	if n.Rounds > 0 {
		id = fmt.Sprintf("%s/%d", id, n.Rounds)
	}
	if err := g.write(ctx, tx, id, conversation, fromNotice, note{Notice: n.ID}, now); err != nil {
		return 0, err
	}
	if n.Held { // it is said elsewhere now
		if err := execute(ctx, tx, `UPDATE outbox SET status = 'dropped' WHERE notice_id = $1 AND status = 'held'`, n.ID); err != nil {
			return 0, err
		}
	}
	return conversation, execute(ctx, tx,
		`UPDATE notice SET status = 'routed', reason = '', rounds = rounds + 1 WHERE id = $1`, n.ID)
}

// way is an address at which a person might be told something.
type way struct {
	Conversation int64
	Account      string
	ExternalID   string
	LastInbound  *time.Time
}

// pick chooses where a notice is said, 0 where it cannot be. An address at which this notice failed is tried again only once the
// person has written from there.
func (g *Gateway) pick(ctx context.Context, tx pgx.Tx, n dueNotice, now time.Time) (int64, error) {
	rows, err := tx.Query(ctx, waysTo, n.Person, n.ID)
	if err != nil {
		return 0, fmt.Errorf("look for addresses: %w", err)
	}
	ways, err := pgx.CollectRows(rows, pgx.RowToStructByPos[way])
	if err != nil {
		return 0, fmt.Errorf("look for addresses: %w", err)
	}
	for _, w := range ways {
		s := g.senders[w.Account]
		switch {
		case s == nil, !s.cap.allows(w.ExternalID), s.cap.SpokenFirst && w.LastInbound == nil:
		case s.channel.Window() > 0 && (w.LastInbound == nil || now.Sub(*w.LastInbound) >= s.channel.Window()):
		default:
			return w.Conversation, nil
		}
	}
	return 0, nil
}

const waysTo = `
SELECT c.id, a.account, a.external_id, c.last_inbound_at
FROM address a JOIN conversation c ON c.id = a.id
WHERE (a.person_id = $1 OR a.id IN (SELECT address_id FROM address_person WHERE person_id = $1))
  AND a.consented_at IS NOT NULL AND a.stopped_at IS NULL AND a.blocked_at IS NULL
  AND NOT EXISTS (SELECT FROM outbox o WHERE o.notice_id = $2 AND o.conversation_id = a.id AND (o.status = 'held'
	OR o.status IN ('failed', 'undelivered') AND o.created_at >= coalesce(c.last_inbound_at, '-infinity')))
ORDER BY c.last_inbound_at DESC NULLS LAST, c.id`

// noWay leaves a notice until the person writes, and shows it to an operator once.
func (g *Gateway) noWay(ctx context.Context, tx pgx.Tx, n dueNotice, now time.Time) error {
	const seen = "waits; operators see it"
	status := "waiting"
	if n.Held {
		status = "routed" // what was held leaves by itself when the person writes
	}
	if err := execute(ctx, tx, `UPDATE notice SET status = $2, reason = $3 WHERE id = $1`, n.ID, status, seen); err != nil {
		return err
	}
	if n.Reason == seen {
		return nil
	}
	_, err := people.OpenTicket(ctx, tx, people.Ticket{PersonID: n.Person, Kind: people.Undeliverable,
		Body: fmt.Sprintf("notice %d: %s", n.ID, n.Name)}, now)
	return err
}

func execute(ctx context.Context, tx pgx.Tx, sql string, args ...any) error {
	_, err := tx.Exec(ctx, sql, args...)
	return err
}
