package orders_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertest"

	"souk/internal/clock"
	"souk/orders"
)

func TestAHoldsEndIsEnqueuedWithIt(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 4)
	honey := m.product(1, 12000, 3)
	buyer := m.buyer()
	m.add(buyer, honey, 3)
	p := m.hold(buyer, thursday)
	ctx := context.Background()
	job := rivertest.RequireInserted(ctx, t, riverpgxv5.New(m.pool), &orders.HoldExpiry{}, nil)
	if job.Args.PurchaseID != p.ID || !job.ScheduledAt.Equal(thursday.Add(orders.HoldFor)) {
		t.Fatalf("enqueued %+v at %v", job.Args, job.ScheduledAt)
	}

	now := clock.NewManual(thursday.Add(10 * time.Minute))
	worker := rivertest.NewWorker(t, riverpgxv5.New(m.pool), &river.Config{}, &orders.HoldExpiryWorker{Pool: m.pool, Clock: now})
	work := func() error {
		tx, err := m.pool.Begin(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = tx.Rollback(ctx) }() // the job's own row; the work commits by itself
		_, err = worker.Work(ctx, t, tx, *job.Args, nil)
		return err
	}
	var snooze *river.JobSnoozeError
	if err := work(); err != nil && !errors.As(err, &snooze) {
		t.Fatalf("early: %v; want a snooze", err)
	}
	if _, allocated := m.shelf(honey); allocated != 3 {
		t.Errorf("%d jars allocated before the hold's end; want 3", allocated)
	}
	now.Advance(21 * time.Minute)
	if err := work(); err != nil {
		t.Fatal(err)
	}
	if _, allocated := m.shelf(honey); allocated != 0 {
		t.Errorf("%d jars allocated after the hold's end", allocated)
	}
	m.sound()
}
