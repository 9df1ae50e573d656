package bot

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/postgres"
	"souk/people"
)

// countStart counts a start before it is made, for rows that the sweep found: an input that kills the process is always found that
// way next. The count is a transaction of its own, since the turn's may never commit. A row that has had its tries is parked.
func (g *Gateway) countStart(ctx context.Context, c *claim) (parked bool, err error) {
	if c.row.Tries >= maxTries {
		if err := g.park(ctx, c.tx, c, "it was started "+fmt.Sprint(c.row.Tries)+" times and never ended"); err != nil {
			return false, err
		}
		if err := c.tx.Commit(ctx); err != nil {
			return false, fmt.Errorf("park: %w", err)
		}
		g.metrics.parked.Inc()
		return true, nil
	}
	if g.forgiven.take(c.row.ID) {
		return false, nil
	}
	if _, err := g.Pool.Exec(ctx, countTry, c.row.ID); err != nil {
		return false, fmt.Errorf("count a start: %w", err)
	}
	return false, nil
}

// num_nulls says "neither done nor parked" so that the planner takes no index of what waits for a row that is known by its id.
const countTry = `UPDATE inbox SET tries = tries + 1 WHERE id = $1 AND num_nulls(done_at, parked_at) = 2`

// failed counts what lasts, once per start, and parks a row that has had its tries. What passes by itself counts for nothing.
func (g *Gateway) failed(ctx context.Context, c *claim, swept bool, cause error) error {
	lasting := !postgres.Retryable(cause)
	if c.heldFor() >= postgres.IdleInTransactionTimeout {
		lasting = true // the server ended the transaction because the turn sat still in it; the connection then looks lost
	}
	if ctx.Err() != nil || !lasting || errors.Is(cause, errTaken) {
		if swept {
			g.forgiven.add(c.row.ID)
		}
		return cause
	}
	counted := 1
	if swept {
		counted = 0
	}
	var unreadable errUnreadable
	if errors.As(cause, &unreadable) {
		counted = maxTries
	}
	g.metrics.failures.Inc()
	parked := false
	err := postgres.Tx(ctx, g.Pool, func(tx pgx.Tx) error {
		var tries int
		err := tx.QueryRow(ctx, countFailure, c.row.ID, counted, clip(cause.Error(), 500)).Scan(&tries)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil || tries < maxTries {
			return err
		}
		parked = true
		return g.park(ctx, tx, c, cause.Error())
	})
	if err != nil {
		return fmt.Errorf("count a failure: %w", err)
	}
	if parked {
		g.metrics.parked.Inc()
		g.wakes.add(c.conversation)
	}
	return fmt.Errorf("inbox row %d of conversation %d: %w", c.row.ID, c.conversation, lastingError{cause})
}

const countFailure = `UPDATE inbox SET tries = tries + $2, error = $3
	WHERE id = $1 AND num_nulls(done_at, parked_at) = 2 RETURNING tries`

// park gives a row up: it is kept, an operator sees it, its sender is told kindly, and the conversation goes on.
func (g *Gateway) park(ctx context.Context, tx pgx.Tx, c *claim, reason string) error {
	now := g.Clock.Now()
	tag, err := tx.Exec(ctx, `UPDATE inbox SET parked_at = $2, error = $3 WHERE id = $1 AND num_nulls(done_at, parked_at) = 2`,
		c.row.ID, now, clip(reason, 500))
	if err != nil {
		return fmt.Errorf("park: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return nil
	}
	if notice := c.notice(); notice != nil {
		if _, err := tx.Exec(ctx, `UPDATE notice SET status = 'failed', reason = 'parked' WHERE id = $1`, *notice); err != nil {
			return fmt.Errorf("park: %w", err)
		}
	}
	if !c.row.Internal {
		apology := note{Parked: c.row.ID}
		if err := g.write(ctx, tx, fmt.Sprintf("souk/parked/%d", c.row.ID), c.conversation, fromParked, apology, now); err != nil {
			return fmt.Errorf("park: %w", err)
		}
	}
	// Operators look the message up by its id: what it says stays where erasure finds it.
	return openTicket(ctx, tx, people.Parked, c.conversation, fmt.Sprintf("inbox %d (%s): %s", c.row.ID, c.row.ProviderID, clip(reason, 200)), now)
}

// write puts a row of Souk's own into a conversation's inbox. Twice is once.
func (g *Gateway) write(ctx context.Context, tx pgx.Tx, id string, conversation int64, source string, n note, now time.Time) error {
	_, err := tx.Exec(ctx, writeInternal, souk, id, conversation, source, n.body(), now)
	if err != nil {
		return fmt.Errorf("write %s: %w", id, err)
	}
	return nil
}

const writeInternal = `
INSERT INTO inbox (account, provider_id, conversation_id, source, internal, body, received_at)
VALUES ($1, $2, $3, $4, true, $5, $6) ON CONFLICT (account, provider_id) DO NOTHING`

// lastingError hides from callers whether its cause would be worth a retry: it was counted, and the sweep decides.
type lastingError struct{ cause error }

func (e lastingError) Error() string { return e.cause.Error() }

// panicked makes an error of what a turn threw.
func panicked(thrown any) error {
	return fmt.Errorf("panic: %v\n%s", thrown, clip(string(debug.Stack()), 4000))
}

func clip(s string, n int) string {
	s = readable(s)
	if len(s) > n {
		s = readable(s[:n])
	}
	return s
}

// forgiven are rows whose counted start came to nothing through no fault of theirs: their next start is not counted.
type forgiven struct {
	mu  sync.Mutex
	ids map[int64]struct{}
}

func (f *forgiven) add(id int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ids == nil {
		f.ids = map[int64]struct{}{}
	}
	f.ids[id] = struct{}{}
}

func (f *forgiven) take(id int64) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, there := f.ids[id]
	delete(f.ids, id)
	return there
}
