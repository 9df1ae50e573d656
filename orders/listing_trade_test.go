package orders_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"souk/catalog"
	"souk/internal/sorry"
	"souk/orders"
)

// TestListingAddsUp lets members list, list again, count their shelves and be reported while two buyers hold, order and cancel and a
// seller accepts and refuses, in any order. After each step allocations, stock, movements and sums add up, and nothing is for sale that
// waits for an operator.
func TestListingAddsUp(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 4)
	m.exec(`UPDATE cooperative SET trusted_at = $1 WHERE id = 1`, thursday) // the second one's first listings are looked at
	sellers := []int64{m.manager(1).PersonID, m.manager(2).PersonID}
	rapid.Check(t, func(rt *rapid.T) {
		ctx, now := context.Background(), thursday
		buyers := []int64{m.buyer(), m.buyer()}
		var variants, products, drafts, purchases, parts []int64
		step := func(do func(tx pgx.Tx) error) {
			err := m.try(do)
			var short *orders.Short
			var changed *orders.Changed
			if _, refused := sorry.As(err); err != nil && !refused && !errors.As(err, &short) && !errors.As(err, &changed) {
				rt.Fatal(err)
			}
		}
		some := func(rt *rapid.T, of []int64, what string) int64 {
			if len(of) == 0 {
				rt.Skip("there is no " + what + " yet")
			}
			return rapid.SampledFrom(of).Draw(rt, what)
		}
		packs := func(rt *rapid.T) []catalog.Pack {
			var all []catalog.Pack
			for i, size := range []string{"250", "500"}[:rapid.IntRange(1, 2).Draw(rt, "packs")] {
				n := rapid.Int64Range(0, 5).Draw(rt, "stock")
				all = append(all, catalog.Pack{Amount: size, Unit: "g", Price: int64(i+1) * rapid.Int64Range(10, 90).Draw(rt, "price") * 100, Stock: &n})
			}
			return all
		}
		// publish publishes a draft, twice where chance will have it, and learns of what came of it.
		publish := func(rt *rapid.T, draft, seller int64) {
			for range rapid.IntRange(1, 2).Draw(rt, "taps") {
				step(func(tx pgx.Tx) error {
					p, err := catalog.Publish(ctx, tx, draft, catalog.Actor{PersonID: seller}, now)
					if err != nil || p.Again {
						return err
					}
					own, err := catalog.LoadOwn(ctx, tx, p.ProductID)
					if !p.Updated {
						products = append(products, p.ProductID)
					}
					for _, pack := range own.Packs {
						variants = append(variants, pack.VariantID)
					}
					return err
				})
			}
		}
		rt.Repeat(map[string]func(*rapid.T){
			"list": func(rt *rapid.T) {
				coop := rapid.Int64Range(1, 2).Draw(rt, "cooperative")
				category, caption := []string{"miel", "poterie"}[coop-1], rapid.SampledFrom([]string{"", "guérit tout"}).Draw(rt, "caption")
				content := catalog.Content{Title: catalog.Words{"fr": fmt.Sprintf("Chose %d", len(drafts))}, Category: category, Caption: caption, Packs: packs(rt)}
				step(func(tx pgx.Tx) error {
					d, err := catalog.OpenDraft(ctx, tx, coop, sellers[coop-1], content, now)
					drafts = append(drafts, d.ID)
					return err
				})
				publish(rt, drafts[len(drafts)-1], sellers[coop-1])
			},
			"list again": func(rt *rapid.T) {
				product := some(rt, products, "product")
				coop := m.number(`SELECT cooperative_id FROM product WHERE id = $1`, product)
				content := catalog.Content{Update: true, Packs: packs(rt)}
				step(func(tx pgx.Tx) error {
					d, err := catalog.OpenDraft(ctx, tx, coop, sellers[coop-1], content, now)
					if err != nil {
						return err
					}
					d.ProductID = product
					drafts = append(drafts, d.ID)
					return catalog.SaveDraft(ctx, tx, d, now)
				})
				publish(rt, drafts[len(drafts)-1], sellers[coop-1])
			},
			"restock": func(rt *rapid.T) {
				v, n := some(rt, variants, "variant"), rapid.Int64Range(1, 4).Draw(rt, "more")
				step(func(tx pgx.Tx) error { return catalog.Restock(ctx, tx, v, n, "", sellers[0], now) })
			},
			"count": func(rt *rapid.T) {
				v, n := some(rt, variants, "variant"), rapid.Int64Range(-4, 2).Draw(rt, "change")
				step(func(tx pgx.Tx) error { return catalog.Correct(ctx, tx, v, n, catalog.Correction, "", sellers[0], now) })
			},
			"report": func(rt *rapid.T) {
				p := some(rt, products, "product")
				step(func(tx pgx.Tx) error {
					_, err := catalog.OpenReview(ctx, tx, p, catalog.Reported, "other", now)
					return err
				})
			},
			"decide": func(rt *rapid.T) {
				good := rapid.Bool().Draw(rt, "good")
				step(func(tx pgx.Tx) error {
					waiting, err := catalog.Reviews(ctx, tx, 1)
					switch {
					case err != nil || len(waiting) == 0:
					case good:
						_, err = catalog.Approve(ctx, tx, waiting[0].ID, "salma", now)
					default:
						_, err = catalog.Refuse(ctx, tx, waiting[0].ID, "salma", "non", now)
					}
					return err
				})
			},
			"hold": func(rt *rapid.T) {
				b, v, n := rapid.SampledFrom(buyers).Draw(rt, "buyer"), some(rt, variants, "variant"), rapid.Int64Range(1, 4).Draw(rt, "quantity")
				step(func(tx pgx.Tx) error { return orders.AddToCart(ctx, tx, b, v, n, now) })
				step(func(tx pgx.Tx) error {
					if _, err := orders.Settle(ctx, tx, b, now); err != nil {
						return err
					}
					p, err := m.shop.Hold(ctx, tx, b, now)
					if err == nil {
						purchases = append(purchases, p.ID)
						for _, part := range p.Parts {
							parts = append(parts, part.ID)
						}
					}
					return err
				})
			},
			"yes": func(rt *rapid.T) {
				id := some(rt, purchases, "purchase")
				step(func(tx pgx.Tx) error { _, err := m.shop.Place(ctx, tx, id, now); return err })
			},
			"cancel": func(rt *rapid.T) {
				id := some(rt, purchases, "purchase")
				step(func(tx pgx.Tx) error {
					p, err := orders.Load(ctx, tx, id)
					if err == nil {
						_, err = orders.Cancel(ctx, tx, id, p.PersonID, now)
					}
					return err
				})
			},
			"accept or refuse": func(rt *rapid.T) {
				id := some(rt, parts, "part")
				to := rapid.SampledFrom([]orders.Status{orders.Accepted, orders.Rejected, orders.Packed, orders.Dispatched}).Draw(rt, "to")
				step(func(tx pgx.Tx) error { _, err := orders.Advance(ctx, tx, id, to, 0, now); return err })
			},
			"time passes": func(rt *rapid.T) {
				now = now.Add(time.Duration(rapid.IntRange(1, 300).Draw(rt, "minutes")) * time.Minute)
				step(func(tx pgx.Tx) error { _, err := orders.ExpireHolds(ctx, tx, now, 100); return err })
				step(func(tx pgx.Tx) error { _, err := catalog.EscalateReviews(ctx, tx, 100, now); return err })
			},
			"": func(*rapid.T) { m.sound(); m.listedSoundly() },
		})
	})
}

// listedSoundly checks what must always be true of listings: what waits is not for sale, and no shelf was opened twice.
func (m *market) listedSoundly() {
	m.t.Helper()
	if n := m.number(`SELECT count(*) FROM sellable($1) p JOIN review r ON r.product_id = p.product_id AND r.decided_at IS NULL`, thursday); n != 0 {
		m.t.Fatalf("%d listings are for sale that wait for an operator", n)
	}
	if n := m.number(`SELECT count(*) FROM (SELECT variant_id FROM stock_movement WHERE reason = 'opening' GROUP BY variant_id HAVING count(*) > 1) twice`); n != 0 {
		m.t.Fatalf("%d shelves were opened twice", n)
	}
	if n := m.number(`SELECT count(*) FROM draft d WHERE d.status = 'published' AND d.product_id IS NULL`); n != 0 {
		m.t.Fatalf("%d drafts were published into nothing", n)
	}
}
