package bot

import (
	"context"
	"fmt"
	"time"
)

const (
	reconcileEvery = 5 * time.Minute
	// After requests were turned away, and after a listing that failed, the next one comes so soon.
	reconcileSoon = 10 * time.Second
	// A listing looks so far back behind the last one: providers' lists lag, and clocks differ.
	overlap = 15 * time.Minute
	// Where nothing was listed before, and after a long absence, a listing looks back no further.
	farthest = 24 * time.Hour
)

// reconciler is the step of a loop that lists a provider now and then, and soon after an outage of ours: Twilio does not repeat what
// was answered 503, so whoever wrote meanwhile would wait for the next listing.
func (g *Gateway) reconciler(name string, list func(context.Context, time.Time) ([]Incoming, error)) func(context.Context) error {
	var next time.Time
	listedAt := int64(0) // how many had been turned away
	return func(ctx context.Context) error {
		now, away := g.Clock.Now(), g.turnedAway.Load()
		if away == listedAt && now.Before(next) && next.Sub(now) <= reconcileEvery {
			return nil
		}
		if _, err := g.Reconcile(ctx, name, list); err != nil {
			return err
		}
		listedAt, next = away, now.Add(reconcileEvery)
		return nil
	}
}

// Reconcile stores what a provider took from people and could not deliver to us: it lists since the last listing, and what is
// missing goes through the same inbox as a webhook. It returns how many messages were missing. A list that fails moves no mark.
func (g *Gateway) Reconcile(ctx context.Context, name string, list func(context.Context, time.Time) ([]Incoming, error)) (int, error) {
	now := g.Clock.Now()
	var since time.Time
	err := g.Pool.QueryRow(ctx, `SELECT COALESCE(max(seen_at), 'epoch') FROM reconcile_mark WHERE account = $1`, name).Scan(&since)
	if err != nil {
		return 0, fmt.Errorf("read where the listing of %s got to: %w", name, err)
	}
	if earliest := now.Add(-farthest); since.Before(earliest) {
		since = earliest
	}
	messages, err := list(ctx, since)
	if err != nil {
		return 0, fmt.Errorf("list %s: %w", name, err)
	}
	missing := 0
	for _, in := range messages {
		if in.Ignore {
			continue
		}
		kept, err := g.Accept(ctx, in)
		if err != nil {
			return missing, fmt.Errorf("store a listed message of %s: %w", name, err)
		}
		if kept {
			missing++
		}
	}
	if missing > 0 {
		g.Log.Warn("messages had not been delivered to us", "from", name, "count", missing)
	}
	_, err = g.Pool.Exec(ctx, `INSERT INTO reconcile_mark (account, seen_at) VALUES ($1, $2)
		ON CONFLICT (account) DO UPDATE SET seen_at = excluded.seen_at`, name, now.Add(-overlap))
	if err != nil {
		return missing, fmt.Errorf("note where the listing of %s got to: %w", name, err)
	}
	return missing, nil
}
