package bot

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/people"
)

// TimerStep puts the timers of conversations that are due into their inboxes. A timer rings once.
func (g *Gateway) TimerStep(ctx context.Context) error {
	rows, err := g.Pool.Query(ctx, ringTimers, g.Clock.Now(), souk, fromTimer, sweepLimit)
	if err != nil {
		return fmt.Errorf("ring timers: %w", err)
	}
	rung, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return fmt.Errorf("ring timers: %w", err)
	}
	g.wakes.add(rung...)
	return nil
}

const ringTimers = `
WITH due AS (
	SELECT conversation_id, name FROM timer WHERE due_at <= $1 ORDER BY due_at LIMIT $4 FOR UPDATE SKIP LOCKED
), rung AS (
	DELETE FROM timer t USING due d WHERE t.conversation_id = d.conversation_id AND t.name = d.name
	RETURNING t.conversation_id, t.name, t.due_at
)
INSERT INTO inbox (account, provider_id, conversation_id, source, internal, body, received_at)
SELECT $2, format('souk/timer/%s/%s/%s', conversation_id, name, (extract(epoch FROM due_at) * 1000000)::bigint), conversation_id, $3, true,
	convert_to(json_build_object('timer', name)::text, 'UTF8'), $1
FROM rung ON CONFLICT (account, provider_id) DO NOTHING
RETURNING conversation_id`

// CapStep lets notices go that the last day's cap or the night held back. The caps' day is UTC's and begins while Morocco sleeps: they go when
// people may be told something again.
func (g *Gateway) CapStep(ctx context.Context) error {
	now := g.Clock.Now()
	if people.AllowedAt(now, people.DefaultZone).After(now) {
		return nil
	}
	today := now.UTC().Truncate(24 * time.Hour)
	if _, err := g.Pool.Exec(ctx, releaseCapped, today, now, codeCap, codeHours); err != nil {
		return fmt.Errorf("release what a cap or the night held: %w", err)
	}
	return nil
}

const releaseCapped = `UPDATE outbox SET status = 'queued', error_code = NULL, not_before = $2
	WHERE status = 'held' AND (error_code = $3 AND not_before < $1 OR error_code = $4)`
