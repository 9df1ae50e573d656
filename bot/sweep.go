package bot

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// SweepStep queues conversations that have waited for more than a second: their webhook was received by a process that is gone,
// their wake was lost, or a turn of theirs failed.
func (g *Gateway) SweepStep(ctx context.Context) error {
	ids, err := g.pending(ctx, g.Clock.Now().Add(-sweepAfter))
	g.metrics.swept.Add(float64(g.swept.add(ids...)))
	return err
}

// pending returns conversations with something to hear that was received before.
func (g *Gateway) pending(ctx context.Context, before time.Time) ([]int64, error) {
	rows, err := g.Pool.Query(ctx, sweepInbox, before, g.Clock.Now().Add(longestPause), g.Format, g.accounts(), sweepLimit)
	if err != nil {
		return nil, fmt.Errorf("look for conversations that wait: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("look for conversations that wait: %w", err)
	}
	return ids, nil
}

// The condition is the one of the index by age. A row from far in the future was written under a wrong clock: it is as old as any. What was started most often goes last: if it
// kills the process, it kills it when the others have had their turns.
const sweepInbox = `
SELECT conversation_id FROM (
	SELECT i.conversation_id, i.received_at, i.tries FROM inbox i
	JOIN conversation c ON c.id = i.conversation_id JOIN address a ON a.id = c.id
	WHERE coalesce(i.done_at, i.parked_at) IS NULL AND (i.received_at <= $1 OR i.received_at > $2)
	  AND c.flows_version <= $3 AND a.account = ANY ($4)
	ORDER BY i.received_at LIMIT $5
) AS waiting GROUP BY conversation_id ORDER BY max(tries), min(received_at)`

func (g *Gateway) accounts() []string {
	accounts := make([]string, 0, len(g.senders))
	for account := range g.senders {
		accounts = append(accounts, account)
	}
	return accounts
}
