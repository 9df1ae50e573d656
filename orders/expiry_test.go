package orders_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertest"

	"souk/catalog"
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

func TestWhoWaitedIsToldWhenAHoldEnds(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 4)
	honey := m.product(1, 12000, 1)
	buyer, waiting := m.buyer(), m.person()
	m.add(buyer, honey, 1)
	p := m.hold(buyer, thursday)
	told := func() int64 {
		return m.number(`SELECT count(*) FROM notice WHERE name = 'back_in_stock' AND person_id = $1`, waiting)
	}
	m.do(func(tx pgx.Tx) error { return catalog.RemindBack(context.Background(), tx, honey, waiting, thursday) })
	m.hold(buyer, thursday.Add(time.Minute)) // the same jar, held anew
	if told() != 0 {
		t.Error("told while the last jar is still held")
	}
	for range 2 {
		m.do(func(tx pgx.Tx) error {
			_, err := orders.ExpireHolds(context.Background(), tx, thursday.Add(time.Hour), 10)
			return err
		})
	}
	if n := told(); n != 1 {
		t.Errorf("told %d times after hold %d ended, want once", n, p.ID)
	}
}

func TestASweepEndsHoldsWhoseJobWasLost(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 4)
	honey := m.product(1, 12000, 3)
	buyer := m.buyer()
	m.add(buyer, honey, 3)
	m.hold(buyer, thursday)
	m.exec(`DELETE FROM river_job`)

	ctx := context.Background()
	worker := rivertest.NewWorker(t, riverpgxv5.New(m.pool), &river.Config{},
		&orders.HoldSweepWorker{Pool: m.pool, Clock: clock.NewManual(thursday.Add(31 * time.Minute))})
	tx, err := m.pool.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(ctx) }()
	if _, err := worker.Work(ctx, t, tx, orders.HoldSweep{}, nil); err != nil {
		t.Fatal(err)
	}
	if _, allocated := m.shelf(honey); allocated != 0 {
		t.Errorf("%d jars are still allocated", allocated)
	}
	m.sound()
}
