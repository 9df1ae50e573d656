package orders

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"souk/internal/clock"
	"souk/internal/postgres"
)

// HoldExpiry is the job that ends one hold when its time is over.
type HoldExpiry struct {
	PurchaseID int64 `json:"purchase_id"`
}

// Kind names the job in River's table.
func (HoldExpiry) Kind() string { return "hold_expiry" }

// HoldExpiryWorker runs HoldExpiry: it re-reads the hold, snoozes where it is early, and writes rows; it never sends.
type HoldExpiryWorker struct {
	river.WorkerDefaults[HoldExpiry]
	Pool  *pgxpool.Pool
	Clock clock.Clock
}

// Work ends the hold if its time is over.
func (w *HoldExpiryWorker) Work(ctx context.Context, job *river.Job[HoldExpiry]) error {
	var left time.Duration
	err := postgres.Tx(ctx, w.Pool, func(tx pgx.Tx) (err error) {
		left, err = Expire(ctx, tx, job.Args.PurchaseID, w.Clock.Now())
		return err
	})
	if err != nil {
		return err
	}
	if left > 0 {
		return river.JobSnooze(left)
	}
	return nil
}

// HoldSweep is the job that ends every hold whose own job was lost.
type HoldSweep struct{}

// Kind names the job in River's table.
func (HoldSweep) Kind() string { return "hold_sweep" }

// HoldSweepEvery is how often it runs.
const HoldSweepEvery = 5 * time.Minute

// sweepAtOnce bounds one transaction of a sweep.
const sweepAtOnce = 50

// HoldSweepWorker runs HoldSweep.
type HoldSweepWorker struct {
	river.WorkerDefaults[HoldSweep]
	Pool  *pgxpool.Pool
	Clock clock.Clock
}

// Work ends what is over, a few holds at a time.
func (w *HoldSweepWorker) Work(ctx context.Context, _ *river.Job[HoldSweep]) error {
	for {
		var ended int
		err := postgres.Tx(ctx, w.Pool, func(tx pgx.Tx) (err error) {
			ended, err = ExpireHolds(ctx, tx, w.Clock.Now(), sweepAtOnce)
			return err
		})
		if err != nil || ended < sweepAtOnce {
			return err
		}
	}
}

// Expire ends a hold whose time is over and gives its goods back. left is how long it still has; a purchase that is not held
// (any more) is a no-op.
func Expire(ctx context.Context, tx pgx.Tx, purchaseID int64, now time.Time) (left time.Duration, err error) {
	p, err := lock(ctx, tx, purchaseID)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	if err != nil || p.Status != Held {
		return 0, err
	}
	if p.HoldExpiresAt.After(now) {
		return p.HoldExpiresAt.Sub(now), nil
	}
	if err := free(ctx, tx, p.Parts, now); err != nil {
		return 0, err
	}
	return 0, endHold(ctx, tx, p, Expired, now)
}

// ExpireHolds ends every hold whose time is over, the oldest first, at most limit in this transaction, and returns how many.
// The jobs do this one by one; this sweeps up after a long stop, without waiting for rows that somebody works on.
func ExpireHolds(ctx context.Context, tx pgx.Tx, now time.Time, limit int) (int, error) {
	rows, err := tx.Query(ctx, `
SELECT id FROM purchase WHERE status = 'held' AND hold_expires_at <= $1 ORDER BY hold_expires_at LIMIT $2 FOR UPDATE SKIP LOCKED`, now, limit)
	if err != nil {
		return 0, fmt.Errorf("find expired holds: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return 0, fmt.Errorf("find expired holds: %w", err)
	}
	// All their stock at once, in id order: one after the other they would take it in any.
	var parts []Part
	for _, id := range ids {
		p, err := Load(ctx, tx, id)
		if err != nil {
			return 0, err
		}
		parts = append(parts, p.Parts...)
	}
	if _, err := lockStock(ctx, tx, variantsOf(parts)); err != nil {
		return 0, err
	}
	for _, id := range ids {
		if _, err := Expire(ctx, tx, id, now); err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}
