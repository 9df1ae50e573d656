package orders_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"souk/internal/sorry"
	"souk/orders"
)

// TestTradeAddsUp lets three buyers and the sellers do whatever they like in any order, and checks after each step that
// allocations, stock, movements and sums add up.
func TestTradeAddsUp(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 4)
	rapid.Check(t, func(rt *rapid.T) {
		ctx, now := context.Background(), thursday
		variants := []int64{m.product(1, 12000, 4), m.product(1, 9000, 2), m.product(2, 7000, 3)}
		buyers := []int64{m.buyer(), m.buyer(), m.buyer()}
		var purchases, parts []int64

		// step runs do; refusals and shortages are answers, anything else is a fault.
		step := func(do func(tx pgx.Tx) error) {
			err := m.try(do)
			var short *orders.Short
			var changed *orders.Changed
			if _, refused := sorry.As(err); err != nil && !refused && !errors.As(err, &short) && !errors.As(err, &changed) {
				rt.Fatal(err)
			}
		}
		buyer := func(rt *rapid.T) int64 { return rapid.SampledFrom(buyers).Draw(rt, "buyer") }
		variant := func(rt *rapid.T) int64 { return rapid.SampledFrom(variants).Draw(rt, "variant") }
		purchase := func(rt *rapid.T) int64 {
			if len(purchases) == 0 {
				rt.Skip("nothing was held yet")
			}
			return rapid.SampledFrom(purchases).Draw(rt, "purchase")
		}
		rt.Repeat(map[string]func(*rapid.T){
			"add": func(rt *rapid.T) {
				b, v, n := buyer(rt), variant(rt), rapid.Int64Range(1, 5).Draw(rt, "quantity")
				step(func(tx pgx.Tx) error { return orders.AddToCart(ctx, tx, b, v, n, now) })
			},
			"set": func(rt *rapid.T) {
				b, v, n := buyer(rt), variant(rt), rapid.Int64Range(-1, 5).Draw(rt, "quantity")
				step(func(tx pgx.Tx) error { return orders.SetQuantity(ctx, tx, b, v, n, now) })
			},
			"hold": func(rt *rapid.T) {
				b := buyer(rt)
				step(func(tx pgx.Tx) error {
					if _, err := orders.Settle(ctx, tx, b, now); err != nil {
						return err
					}
					p, err := m.shop.Hold(ctx, tx, b, now)
					if err != nil {
						return err
					}
					purchases = append(purchases, p.ID)
					for _, part := range p.Parts {
						parts = append(parts, part.ID)
					}
					return nil
				})
			},
			"yes": func(rt *rapid.T) {
				id := purchase(rt)
				step(func(tx pgx.Tx) error { _, err := m.shop.Place(ctx, tx, id, now); return err })
			},
			"change their mind": func(rt *rapid.T) {
				id := purchase(rt)
				step(func(tx pgx.Tx) error { return orders.Release(ctx, tx, id, now) })
			},
			"cancel": func(rt *rapid.T) {
				id := purchase(rt)
				step(func(tx pgx.Tx) error {
					p, err := orders.Load(ctx, tx, id)
					if err != nil {
						return err
					}
					_, err = orders.Cancel(ctx, tx, id, p.PersonID, now)
					return err
				})
			},
			"advance": func(rt *rapid.T) {
				if len(parts) == 0 {
					rt.Skip("nothing was held yet")
				}
				id := rapid.SampledFrom(parts).Draw(rt, "part")
				to := rapid.SampledFrom([]orders.Status{orders.Accepted, orders.Packed, orders.Dispatched, orders.AtRelay, orders.HandedOver,
					orders.Rejected, orders.Cancelled, orders.Unclaimed, orders.Returned, orders.Held, orders.Expired, orders.Placed}).Draw(rt, "to")
				step(func(tx pgx.Tx) error { _, err := orders.Advance(ctx, tx, id, to, 0, now); return err })
			},
			"time passes": func(rt *rapid.T) {
				now = now.Add(time.Duration(rapid.IntRange(1, 40).Draw(rt, "minutes")) * time.Minute)
				step(func(tx pgx.Tx) error { _, err := orders.ExpireHolds(ctx, tx, now, 100); return err })
			},
			"the price changes": func(rt *rapid.T) {
				m.exec(`UPDATE variant SET price = $2 WHERE id = $1`, variant(rt), rapid.Int64Range(1, 3).Draw(rt, "price")*1000)
			},
			"": func(*rapid.T) { m.sound() },
		})
	})
}
