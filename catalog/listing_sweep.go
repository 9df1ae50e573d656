package catalog

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"souk/internal/clock"
	"souk/internal/postgres"
)

// ListingSweep is the job that tells of promised hours that were not kept, hands on questions that nobody answered, and gives up drafts that nobody came back to.
type ListingSweep struct{}

// Kind names the job in River's table.
func (ListingSweep) Kind() string { return "listing_sweep" }

// ListingSweepEvery is how often it runs.
const ListingSweepEvery = 5 * time.Minute

// ListingSweepWorker runs ListingSweep.
type ListingSweepWorker struct {
	river.WorkerDefaults[ListingSweep]
	Pool  *pgxpool.Pool
	Clock clock.Clock
}

// Work does all three, a few rows at a time.
func (w *ListingSweepWorker) Work(ctx context.Context, _ *river.Job[ListingSweep]) error {
	for _, sweep := range []func(context.Context, pgx.Tx, int, time.Time) (int, error){EscalateReviews, EscalateQuestions, ExpireDrafts} {
		for done := sweptAtOnce; done == sweptAtOnce; {
			err := postgres.Tx(ctx, w.Pool, func(tx pgx.Tx) (err error) {
				done, err = sweep(ctx, tx, sweptAtOnce, w.Clock.Now())
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}
