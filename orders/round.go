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
	"souk/internal/rows"
)

// SellersRound is the job that goes round the cooperatives: it ends what buyers did not answer, reminds of orders that wait, and tells
// members who asked for it what their day brought.
type SellersRound struct{}

// Kind names the job in River's table.
func (SellersRound) Kind() string { return "sellers_round" }

// SellersRoundEvery is how often it runs.
const SellersRoundEvery = 2 * time.Minute

// SellersRoundWorker runs SellersRound.
type SellersRoundWorker struct {
	river.WorkerDefaults[SellersRound]
	Pool  *pgxpool.Pool
	Clock clock.Clock
}

// Work goes once round.
func (w *SellersRoundWorker) Work(ctx context.Context, _ *river.Job[SellersRound]) error {
	return GoRound(ctx, w.Pool, w.Clock.Now())
}

// roundAtOnce bounds what one round does of each kind; the next one does the rest.
const roundAtOnce = 500

// GoRound does everything that is due, each thing in a transaction of its own: one that fails keeps none of the others waiting.
func GoRound(ctx context.Context, pool *pgxpool.Pool, now time.Time) error {
	var silent, late []int64
	var summaries []dueSummary
	err := postgres.Tx(ctx, pool, func(tx pgx.Tx) (err error) {
		if silent, err = rows.Values[int64](ctx, tx, "list amendments without an answer", amendmentsDue, rows.Args{"now": now, "limit": roundAtOnce}); err != nil {
			return err
		}
		if late, err = rows.Values[int64](ctx, tx, "list reminders that are due", remindersDue, rows.Args{"now": now, "limit": roundAtOnce}); err != nil {
			return err
		}
		summaries, err = rows.All[dueSummary](ctx, tx, "list summaries", summariesDue, rows.Args{"day": dateOf(now.UTC())})
		return err
	})
	if err != nil {
		return err
	}
	var faults []error
	do := func(what string, id int64, step func(tx pgx.Tx) error) {
		if err := postgres.Tx(ctx, pool, step); err != nil {
			faults = append(faults, fmt.Errorf("%s %d: %w", what, id, err))
		}
	}
	for _, id := range silent {
		do("end amendment", id, func(tx pgx.Tx) error { return ExpireAmendment(ctx, tx, id, now) })
	}
	for _, id := range late {
		do("remind of part", id, func(tx pgx.Tx) error { return Remind(ctx, tx, id, now) })
	}
	for _, s := range summaries {
		if _, _, due := s.due(now); due {
			do("sum up for person", s.PersonID, func(tx pgx.Tx) error { return tellSummary(ctx, tx, s, now) })
		}
	}
	return errors.Join(faults...)
}

const amendmentsDue = `SELECT id FROM amendment WHERE status = 'asked' AND expires_at <= @now ORDER BY expires_at, id LIMIT @limit`
