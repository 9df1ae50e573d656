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

// BaselineSweep is the job that asks the cooperatives whose day has come how they do.
type BaselineSweep struct{}

// Kind names the job in River's table.
func (BaselineSweep) Kind() string { return "baseline_sweep" }

// BaselineSweepEvery is how often it runs; baselinesAtOnce bounds one transaction of it.
const (
	BaselineSweepEvery = 15 * time.Minute
	baselinesAtOnce    = 50
)

// BaselineSweepWorker runs BaselineSweep.
type BaselineSweepWorker struct {
	river.WorkerDefaults[BaselineSweep]
	Pool  *pgxpool.Pool
	Clock clock.Clock
}

// Work asks a few at a time.
func (w *BaselineSweepWorker) Work(ctx context.Context, _ *river.Job[BaselineSweep]) error {
	for {
		var asked int
		err := postgres.Tx(ctx, w.Pool, func(tx pgx.Tx) (err error) {
			asked, err = AskBaselines(ctx, tx, baselinesAtOnce, w.Clock.Now())
			return err
		})
		if err != nil || asked < baselinesAtOnce {
			return err
		}
	}
}
