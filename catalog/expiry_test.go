package catalog_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"souk/catalog"
	"souk/internal/clock"
)

func TestTheSweepMarksAllThatIsOver(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	m.do(func(_ context.Context, tx pgx.Tx) error {
		m.exec(tx, `INSERT INTO compliance_document (cooperative_id, kind, number, status, expires_on, created_at)
		SELECT (SELECT min(id) FROM cooperative), 'bio', 'L.' || n, 'verified', '2020-01-01', $1 FROM generate_series(1, 120) AS n`, noon)
		return nil
	})
	sweep := &catalog.DocumentSweepWorker{Pool: m.pool, Clock: clock.NewManual(noon)}
	for range 2 { // the second finds nothing
		if err := sweep.Work(t.Context(), &river.Job[catalog.DocumentSweep]{}); err != nil {
			t.Fatal(err)
		}
		if n := m.number(`SELECT count(*) FROM compliance_document WHERE status = 'expired' AND number LIKE 'L.%'`); n != 120 {
			t.Errorf("%d are marked", n)
		}
	}
	if n := m.number(`SELECT count(*) FROM compliance_document WHERE status = 'verified' AND expires_on >= '2027-01-01'`); n == 0 {
		t.Error("what is valid was marked too")
	}
}
