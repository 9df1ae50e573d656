package orders_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/postgres"
	"souk/internal/sorry"
	"souk/orders"
)

// Buyers on two phones each, cooperatives, and the end of holds, all at once over the same few goods: locks are taken in one order
// everywhere, so nobody ever waits in a circle, and the shelves add up.
func TestACrowdNeverWaitsInACircle(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 12)
	ctx := context.Background()
	var goods []int64
	for i := range 6 {
		goods = append(goods, m.product(int64(i%2+1), 1000, 60))
	}
	var buyers []int64
	for range 4 {
		buyers = append(buyers, m.buyer())
	}
	pick := func(list []int64) int64 { return list[rand.IntN(len(list))] }
	anyOf := func(tx pgx.Tx, sql string, args ...any) (id int64) {
		_ = tx.QueryRow(ctx, sql+" ORDER BY random() LIMIT 1", args...).Scan(&id) // none is none
		return id
	}
	step := func(now time.Time) func(pgx.Tx) error {
		buyer := pick(buyers)
		steps := []func(pgx.Tx) error{
			func(tx pgx.Tx) error {
				for range 3 {
					if err := orders.AddToCart(ctx, tx, buyer, pick(goods), 1, now); err != nil {
						return err
					}
				}
				return nil
			},
			func(tx pgx.Tx) error { _, err := m.shop.Hold(ctx, tx, buyer, now); return err },
			func(tx pgx.Tx) error {
				held := anyOf(tx, `SELECT id FROM purchase WHERE person_id = $1 AND status IN ('held', 'expired')`, buyer)
				if held == 0 {
					return nil
				}
				if _, err := m.shop.Place(ctx, tx, held, now); err != nil {
					return err
				}
				return orders.SetReceiver(ctx, tx, buyer, "", "+212600000001", now)
			},
			func(tx pgx.Tx) error {
				held, ok, err := orders.HeldBy(ctx, tx, buyer)
				if err != nil || !ok {
					return err
				}
				return errors.Join(orders.Release(ctx, tx, held.ID, now), orders.SetReceiver(ctx, tx, buyer, "", "+212600000001", now))
			},
			func(tx pgx.Tx) error {
				if placed := anyOf(tx, `SELECT id FROM purchase WHERE person_id = $1 AND status = 'placed'`, buyer); placed != 0 {
					_, err := orders.Cancel(ctx, tx, placed, buyer, now)
					return err
				}
				return nil
			},
			func(tx pgx.Tx) error {
				var part int64
				var status orders.Status
				err := tx.QueryRow(ctx, `SELECT id, status FROM coop_order WHERE status NOT IN ('held', 'expired', 'cancelled') ORDER BY random() LIMIT 1`).Scan(&part, &status)
				if err != nil || len(status.Next()) == 0 {
					return nil //nolint:nilerr // nothing to move
				}
				_, err = orders.Advance(ctx, tx, part, status.Next()[rand.IntN(len(status.Next()))], 0, now)
				return err
			},
			func(tx pgx.Tx) error { _, err := orders.ExpireHolds(ctx, tx, now.Add(time.Hour), 10); return err },
		}
		return steps[rand.IntN(len(steps))]
	}
	var crowd sync.WaitGroup
	for range 8 {
		crowd.Go(func() {
			for i := range 60 {
				err := m.try(step(thursday.Add(time.Duration(i) * time.Second)))
				var short *orders.Short
				var changed *orders.Changed
				if _, refused := sorry.As(err); err == nil || refused || errors.As(err, &short) || errors.As(err, &changed) {
					continue
				}
				t.Errorf("%s: %v", postgres.Code(err), err)
			}
		})
	}
	crowd.Wait()
	m.sound()
}
