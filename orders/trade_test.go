package orders_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"souk/catalog"
	"souk/internal/sorry"
	"souk/orders"
)

// TestTradeAddsUp lets three buyers and the sellers do whatever they like in any order: hold, order, accept whole or in part, refuse, ask,
// agree, decline, keep silent, weigh, change prices and tiers. It checks after each step that allocations, stock, movements, sums and
// events add up.
func TestTradeAddsUp(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 4)
	rapid.Check(t, func(rt *rapid.T) {
		ctx, now := context.Background(), thursday
		variants := []int64{m.product(1, 12000, 4), m.product(1, 9000, 2), m.product(2, 7000, 3), m.weighed(8990, 4)}
		m.exec(`INSERT INTO price_tier (variant_id, quantity, price) VALUES ($1, 2, 11000), ($1, 4, 9990)`, variants[0])
		seller := catalog.Actor{PersonID: m.manager(1).PersonID}
		round := func() {
			if err := orders.GoRound(ctx, m.pool, now); err != nil {
				rt.Fatal(err)
			}
		}
		buyers := []int64{m.buyer(), m.buyer(), m.buyer()}
		var purchases, parts []int64

		// step runs do; refusals and shortages are answers, anything else is a fault.
		step := func(do func(tx pgx.Tx) error) {
			err := m.try(do)
			var short *orders.Short
			var changed *orders.Changed
			var unweighed *orders.Unweighed
			if _, refused := sorry.As(err); err != nil && !refused && !errors.As(err, &short) && !errors.As(err, &changed) && !errors.As(err, &unweighed) {
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
		part := func(rt *rapid.T) int64 {
			if len(parts) == 0 {
				rt.Skip("nothing was held yet")
			}
			return rapid.SampledFrom(parts).Draw(rt, "part")
		}
		rt.Repeat(map[string]func(*rapid.T){
			"accept": func(rt *rapid.T) {
				id := part(rt)
				step(func(tx pgx.Tx) error { _, err := orders.Accept(ctx, tx, id, seller, now); return err })
			},
			"accept a part": func(rt *rapid.T) {
				id, n := part(rt), rapid.Int64Range(0, 4).Draw(rt, "kept")
				step(func(tx pgx.Tx) error {
					_, p, err := orders.LoadPart(ctx, tx, id)
					if err != nil {
						return err
					}
					_, err = orders.AcceptPart(ctx, tx, id, seller, map[int64]int64{p.Lines[0].ID: n}, now)
					return err
				})
			},
			"refuse": func(rt *rapid.T) {
				id := part(rt)
				step(func(tx pgx.Tx) error {
					_, err := orders.Refuse(ctx, tx, id, seller, orders.OutOfStock, "", now)
					return err
				})
			},
			"pack": func(rt *rapid.T) {
				id, percent := part(rt), rapid.Int64Range(60, 140).Draw(rt, "percent")
				step(func(tx pgx.Tx) error {
					_, p, err := orders.LoadPart(ctx, tx, id)
					if err != nil {
						return err
					}
					grams := map[int64]int64{}
					for _, l := range p.Lines {
						if l.ByWeight {
							grams[l.ID] = l.AnnouncedGrams() * percent / 100
						}
					}
					_, err = orders.Pack(ctx, tx, id, seller, grams, now)
					return err
				})
			},
			"answer": func(rt *rapid.T) {
				id, yes := part(rt), rapid.Bool().Draw(rt, "yes")
				step(func(tx pgx.Tx) error {
					p, _, err := orders.LoadPart(ctx, tx, id)
					if err != nil {
						return err
					}
					a, open, err := orders.OpenAmendment(ctx, tx, id)
					if err != nil || !open {
						return err
					}
					_, _, err = orders.Answer(ctx, tx, a.ID, p.PersonID, yes, now)
					return err
				})
			},
			"days pass": func(rt *rapid.T) {
				now = now.Add(time.Duration(rapid.IntRange(1, 40).Draw(rt, "hours")) * time.Hour)
				round()
				round() // again is nothing
			},
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
				id := part(rt)
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
