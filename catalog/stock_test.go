package catalog_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"souk/catalog"
	"souk/internal/postgres"
	"souk/internal/sorry"
)

// Whatever is tried, in whatever order: what is on hand is the sum of the movements, nothing promised is taken away, and a replay
// changes nothing.
func TestStockIsTheSumOfItsMovements(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	variant := m.pack("P1", 1)
	rapid.Check(t, func(r *rapid.T) {
		ctx := context.Background()
		tx, err := m.pool.Begin(ctx)
		if err != nil {
			r.Fatal(err)
		}
		defer func() { _ = tx.Rollback(ctx) }()
		onHand, allocated := int64(10), int64(0)
		read := func(sql string) (n int64) {
			if err := tx.QueryRow(ctx, sql, variant).Scan(&n); err != nil {
				r.Fatal(err)
			}
			return n
		}
		applied := map[string]bool{}
		r.Repeat(map[string]func(*rapid.T){
			"restock": func(r *rapid.T) {
				n, reference := rapid.Int64Range(-2, 50).Draw(r, "n"), rapid.SampledFrom([]string{"", "a", "b"}).Draw(r, "reference")
				err := postgres.Savepoint(ctx, tx, func(tx pgx.Tx) error { return catalog.Restock(ctx, tx, variant, n, reference, 0, noon) })
				switch {
				case n < 1 && !sorry.Is(err, "stock.range"):
					r.Fatalf("restock by %d: %v", n, err)
				case n >= 1 && err != nil:
					r.Fatal(err)
				case n >= 1 && !applied["restock"+reference]:
					onHand += n
					applied["restock"+reference] = reference != ""
				}
			},
			"correct": func(r *rapid.T) {
				n := rapid.Int64Range(-60, 20).Draw(r, "n")
				err := postgres.Savepoint(ctx, tx, func(tx pgx.Tx) error {
					return catalog.Correct(ctx, tx, variant, n, catalog.Correction, "", 0, noon)
				})
				if onHand+n < allocated {
					if !sorry.Is(err, "stock.promised") {
						r.Fatalf("correct %d by %d with %d promised: %v", onHand, n, allocated, err)
					}
					return
				}
				if err != nil {
					r.Fatal(err)
				}
				onHand += n
			},
			"promise": func(r *rapid.T) {
				if onHand == allocated {
					return
				}
				n := rapid.Int64Range(1, onHand-allocated).Draw(r, "n")
				if _, err := tx.Exec(ctx, `UPDATE stock SET allocated = allocated + $2 WHERE variant_id = $1`, variant, n); err != nil {
					r.Fatal(err)
				}
				allocated += n
			},
			"": func(r *rapid.T) {
				if got := read(`SELECT on_hand FROM stock WHERE variant_id = $1`); got != onHand {
					r.Fatalf("%d on hand, want %d", got, onHand)
				}
				if got := read(`SELECT sum(change)::bigint FROM stock_movement WHERE variant_id = $1`); got != onHand {
					r.Fatalf("movements add up to %d, on hand are %d", got, onHand)
				}
				if got, err := catalog.Available(ctx, tx, variant, noon); err != nil || got != onHand-allocated {
					r.Fatalf("%d available (%v), want %d", got, err, onHand-allocated)
				}
			},
		})
	})
}

func TestStockHasAMost(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	variant := m.pack("P1", 1)
	err := m.try(func(ctx context.Context, tx pgx.Tx) error {
		return catalog.Restock(ctx, tx, variant, catalog.MaxStock, "", 0, noon)
	})
	if !sorry.Is(err, "stock.range") {
		t.Errorf("err = %v", err)
	}
	if n := m.number(`SELECT on_hand FROM stock WHERE variant_id = $1`, variant); n != 10 {
		t.Errorf("%d on hand", n)
	}
}

func TestThoseWhoWaitAreToldOnce(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	variant, amina, brahim := m.pack("P7", 1), m.person(), m.person()
	remind := func(person int64, at time.Time) {
		m.do(func(ctx context.Context, tx pgx.Tx) error { return catalog.RemindBack(ctx, tx, variant, person, at) })
	}
	restock := func(n int64, at time.Time) {
		m.do(func(ctx context.Context, tx pgx.Tx) error { return catalog.Restock(ctx, tx, variant, n, "", 0, at) })
	}
	told := func() int64 {
		return m.number(`SELECT count(*) FROM notice WHERE name = 'back_in_stock' AND args = jsonb_build_object('code', 'P7', 'variant', $1::bigint)`, variant)
	}
	remind(amina, noon)
	remind(amina, noon.Add(time.Minute))
	remind(brahim, noon)
	if told() != 0 {
		t.Fatal("told before anything came")
	}
	night := noon.Add(10 * time.Hour)
	restock(3, night)
	if n := told(); n != 2 {
		t.Fatalf("%d told, want 2", n)
	}
	if due := m.number(`SELECT count(*) FROM notice WHERE due_at = $1`, time.Date(2026, 12, 4, 7, 0, 0, 0, time.UTC)); due != 2 {
		t.Errorf("%d are told at eight in the morning, want 2", due)
	}
	restock(1, night)
	if n := told(); n != 2 {
		t.Errorf("%d told after a second delivery, want 2", n)
	}
	remind(amina, night)
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		return catalog.Correct(ctx, tx, variant, -4, catalog.Loss, "", 0, night)
	})
	restock(1, night.Add(time.Hour))
	if n := told(); n != 3 {
		t.Errorf("%d told, want 3: Amina asked again", n)
	}
}

func TestNobodyIsToldOfWhatIsPromisedAlready(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	variant, amina := m.pack("P1", 1), m.person()
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		m.exec(tx, `UPDATE stock SET allocated = on_hand WHERE variant_id = $1`, variant)
		return catalog.RemindBack(ctx, tx, variant, amina, noon)
	})
	tell := func() {
		m.do(func(ctx context.Context, tx pgx.Tx) error { return catalog.TellBack(ctx, tx, []int64{variant}, noon) })
	}
	tell()
	if n := m.number(`SELECT count(*) FROM notice`); n != 0 {
		t.Errorf("%d told", n)
	}
	// A hold ends: the goods are free again.
	m.do(func(_ context.Context, tx pgx.Tx) error {
		m.exec(tx, `UPDATE stock SET allocated = 0 WHERE variant_id = $1`, variant)
		return nil
	})
	tell()
	if n := m.number(`SELECT count(*) FROM notice`); n != 1 {
		t.Errorf("%d told, want 1", n)
	}
}

func TestMovementsSayWhatHappened(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	variant, actor := m.pack("P1", 1), m.person()
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		if err := catalog.Restock(ctx, tx, variant, 5, "delivery/1", actor, noon); err != nil {
			return err
		}
		if err := catalog.Restock(ctx, tx, variant, 5, "delivery/1", actor, noon); err != nil {
			return err
		}
		if err := catalog.Correct(ctx, tx, variant, -2, catalog.Loss, "", actor, noon); err != nil {
			return err
		}
		moves, err := catalog.Movements(ctx, tx, variant)
		got := ""
		for _, move := range moves {
			got += fmt.Sprintf("%s %+d by %d; ", move.Reason, move.Change, move.ActorID)
		}
		if want := fmt.Sprintf("opening +10 by 0; restock +5 by %d; loss -2 by %d; ", actor, actor); got != want {
			t.Errorf("movements %q, want %q", got, want)
		}
		return err
	})
	if n := m.number(`SELECT count(*) FROM event WHERE name = 'stock.moved' AND subject = $1`, fmt.Sprintf("variant/%d", variant)); n != 2 {
		t.Errorf("%d events, want 2", n)
	}
}
