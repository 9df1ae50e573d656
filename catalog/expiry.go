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

// DocumentSweep is the job that marks documents whose last day is over. Nobody waits for it: what depends on them is off the shelves
// at midnight in any case.
type DocumentSweep struct{}

// Kind names the job in River's table.
func (DocumentSweep) Kind() string { return "document_sweep" }

// DocumentSweepEvery is how often it runs.
const DocumentSweepEvery = time.Hour

// documentsAtOnce bounds one transaction of a sweep.
const documentsAtOnce = 50

// DocumentSweepWorker runs DocumentSweep.
type DocumentSweepWorker struct {
	river.WorkerDefaults[DocumentSweep]
	Pool  *pgxpool.Pool
	Clock clock.Clock
}

// Work marks what is over, a few documents at a time.
func (w *DocumentSweepWorker) Work(ctx context.Context, _ *river.Job[DocumentSweep]) error {
	for {
		var expired int
		err := postgres.Tx(ctx, w.Pool, func(tx pgx.Tx) (err error) {
			expired, err = ExpireDocuments(ctx, tx, documentsAtOnce, w.Clock.Now())
			return err
		})
		if err != nil || expired < documentsAtOnce {
			return err
		}
	}
}
