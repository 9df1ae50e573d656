package orders_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/sorry"
	"souk/orders"
)

func TestSixtyFourBuyersTenJars(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 16)
	jar := m.product(1, 12000, 10)
	buyers := make([]int64, 64)
	for i := range buyers {
		buyers[i] = m.buyer()
		m.add(buyers[i], jar, 1)
	}
	var held, short int
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, b := range buyers {
		all.Go(func() {
			var p orders.Purchase
			err := m.try(func(tx pgx.Tx) (err error) { p, err = m.shop.Hold(context.Background(), tx, b, thursday); return err })
			if err == nil {
				err = m.try(func(tx pgx.Tx) (err error) {
					_, err = m.shop.Place(context.Background(), tx, p.ID, thursday.Add(time.Minute))
					return err
				})
			}
			mu.Lock()
			defer mu.Unlock()
			var s *orders.Short
			switch {
			case err == nil:
				held++
			case errors.As(err, &s):
				short++
			default:
				t.Errorf("buyer %d: %v", b, err)
			}
		})
	}
	all.Wait()
	if held != 10 || short != 54 {
		t.Errorf("%d sold and %d told that there is none; want 10 and 54", held, short)
	}
	if n := m.number(`SELECT coalesce(sum(l.quantity), 0) FROM line l JOIN coop_order o ON o.id = l.coop_order_id WHERE o.status = 'placed'`); n != 10 {
		t.Errorf("%d jars stand in orders; want 10", n)
	}
	m.sound()
}

func TestHoldIsAllOrNothing(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 4)
	honey, bowl := m.product(1, 12000, 5), m.product(2, 7000, 1)
	first, second := m.buyer(), m.buyer()
	m.add(first, bowl, 1)
	m.add(second, honey, 2)
	m.add(second, bowl, 1)
	m.hold(first, thursday)

	err := m.try(func(tx pgx.Tx) (err error) {
		_, err = m.shop.Hold(context.Background(), tx, second, thursday)
		return err
	})
	var short *orders.Short
	if !errors.As(err, &short) || len(short.Lines) != 1 || short.Lines[0].VariantID != bowl || short.Lines[0].Available != 0 {
		t.Fatalf("Hold = %v; want the bowl short, and only it", err)
	}
	if _, allocated := m.shelf(honey); allocated != 0 {
		t.Errorf("%d jars are allocated to a hold that was refused", allocated)
	}
	m.sound()
}

func TestASecondHoldReplacesTheFirst(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 4)
	honey, bowl := m.product(1, 12000, 3), m.product(2, 7000, 3)
	buyer := m.buyer()
	m.add(buyer, honey, 3)
	first := m.hold(buyer, thursday)
	m.do(func(tx pgx.Tx) error { return orders.SetQuantity(context.Background(), tx, buyer, honey, 2, thursday) })
	m.add(buyer, bowl, 1)
	second := m.hold(buyer, thursday.Add(time.Minute))

	if _, allocated := m.shelf(honey); allocated != 2 {
		t.Errorf("%d jars allocated; want 2", allocated)
	}
	if len(second.Parts) != 2 || second.GoodsTotal != 31000 || second.DeliveryFee != 2000 || second.Total() != 33000 {
		t.Errorf("the second hold is %+v", second)
	}
	if second.Parts[0].Code != second.Code+"-1" || second.Parts[1].Code != second.Code+"-2" {
		t.Errorf("parts are called %s and %s", second.Parts[0].Code, second.Parts[1].Code)
	}
	err := m.try(func(tx pgx.Tx) (err error) {
		_, err = m.shop.Place(context.Background(), tx, first.ID, thursday)
		return err
	})
	if !sorry.Is(err, "order.cancelled_before") {
		t.Errorf("yes to the replaced hold: %v", err)
	}
	m.sound()
}

func TestHoldExpires(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 4)
	honey := m.product(1, 12000, 3)
	buyer := m.buyer()
	m.add(buyer, honey, 3)
	p := m.hold(buyer, thursday)

	m.do(func(tx pgx.Tx) error {
		left, err := orders.Expire(context.Background(), tx, p.ID, thursday.Add(20*time.Minute))
		if left != 10*time.Minute {
			t.Errorf("the hold has %v left; want 10m", left)
		}
		return err
	})
	m.do(func(tx pgx.Tx) error {
		n, err := orders.ExpireHolds(context.Background(), tx, thursday.Add(31*time.Minute), 100)
		if n != 1 {
			t.Errorf("%d holds expired; want 1", n)
		}
		return err
	})
	if _, allocated := m.shelf(honey); allocated != 0 {
		t.Errorf("%d jars are still allocated", allocated)
	}
	m.sound()

	t.Run("a late yes holds again at the same price", func(t *testing.T) {
		p := m.place(p.ID, thursday.Add(time.Hour))
		if p.Status != orders.Placed || p.Parts[0].Status != orders.Placed {
			t.Errorf("the purchase is %s, its part %s", p.Status, p.Parts[0].Status)
		}
		m.sound()
	})
}

func TestALateYesThatCannotBe(t *testing.T) {
	for name, change := range map[string]string{
		"the price rose":      `UPDATE variant SET price = 13000`,
		"one was sold":        `WITH x AS (INSERT INTO stock_movement (variant_id, change, reason, created_at) VALUES (1, -1, 'sold', now())) UPDATE stock SET on_hand = on_hand - 1`,
		"it was paused":       `UPDATE product SET status = 'paused'`,
		"the pack is gone":    `UPDATE variant SET archived_at = now()`,
		"delivery costs more": `UPDATE region SET relay_fee = relay_fee + 500`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMarket(t, 4)
			honey := m.product(1, 12000, 3)
			buyer := m.buyer()
			m.add(buyer, honey, 3)
			p := m.hold(buyer, thursday)
			m.do(func(tx pgx.Tx) error {
				_, err := orders.ExpireHolds(context.Background(), tx, thursday.Add(31*time.Minute), 100)
				return err
			})
			m.exec(change)
			err := m.try(func(tx pgx.Tx) (err error) {
				_, err = m.shop.Place(context.Background(), tx, p.ID, thursday.Add(time.Hour))
				return err
			})
			var changed *orders.Changed
			if !errors.As(err, &changed) {
				t.Errorf("Place = %v; want Changed", err)
			}
			m.sound()
		})
	}
}

func TestHoldAsksForWhatItNeeds(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 4)
	honey := m.product(1, 12000, 3)
	for want, prepare := range map[string]func() int64{
		"order.cart_empty":    m.buyer,
		"order.place_unknown": func() int64 { b := m.person(); m.add(b, honey, 1); return b },
		"order.phone_unknown": func() int64 {
			b := m.person()
			m.add(b, honey, 1)
			m.do(func(tx pgx.Tx) error {
				return orders.SetHome(context.Background(), tx, b, "azilal", "12, rue des Oliviers", thursday)
			})
			return b
		},
	} {
		buyer := prepare()
		err := m.try(func(tx pgx.Tx) (err error) {
			_, err = m.shop.Hold(context.Background(), tx, buyer, thursday)
			return err
		})
		if !sorry.Is(err, want) {
			t.Errorf("Hold = %v; want %s", err, want)
		}
	}
}

func TestTheCartSaysWhatChanged(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 4)
	honey, oil, bowl := m.product(1, 12000, 5), m.product(1, 9000, 5), m.product(2, 7000, 5)
	buyer := m.buyer()
	m.add(buyer, honey, 2)
	m.add(buyer, oil, 4)
	m.add(buyer, bowl, 1)
	m.exec(`UPDATE variant SET price = 12500 WHERE id = $1`, honey)
	m.exec(`UPDATE stock SET on_hand = 3 WHERE variant_id = $1`, oil)
	m.exec(`UPDATE stock_movement SET change = 3 WHERE variant_id = $1`, oil)
	m.exec(`UPDATE product SET status = 'paused' WHERE id = (SELECT product_id FROM variant WHERE id = $1)`, bowl)

	for _, want := range [][]orders.Change{
		{
			{VariantID: honey, OldPrice: 12000, NewPrice: 12500, OldQuantity: 2, NewQuantity: 2},
			{VariantID: oil, OldPrice: 9000, NewPrice: 9000, OldQuantity: 4, NewQuantity: 3},
			{VariantID: bowl, OldPrice: 7000, NewPrice: 7000, OldQuantity: 1, NewQuantity: 0},
		},
		nil, // told once
	} {
		var got []orders.Change
		m.do(func(tx pgx.Tx) (err error) {
			got, err = orders.Settle(context.Background(), tx, buyer, thursday)
			return err
		})
		if len(got) != len(want) {
			t.Fatalf("Settle = %+v; want %+v", got, want)
		}
		for i := range got {
			if got[i].Title["fr"] == "" {
				t.Error("a change without a title")
			}
			got[i].Title = nil
			if got[i].VariantID != want[i].VariantID || got[i].OldPrice != want[i].OldPrice || got[i].NewPrice != want[i].NewPrice ||
				got[i].OldQuantity != want[i].OldQuantity || got[i].NewQuantity != want[i].NewQuantity {
				t.Errorf("Settle[%d] = %+v; want %+v", i, got[i], want[i])
			}
		}
	}
}

func TestTheCartRefuses(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 4)
	honey := m.product(1, 12000, 3)
	buyer := m.buyer()
	for _, n := range []int64{-1, 1 << 62, orders.MaxQuantity + 1} {
		err := m.try(func(tx pgx.Tx) error { return orders.SetQuantity(context.Background(), tx, buyer, honey, n, thursday) })
		if !sorry.Is(err, "order.quantity_range") {
			t.Errorf("%d packs: %v", n, err)
		}
	}
	m.add(buyer, honey, 2)
	err := m.try(func(tx pgx.Tx) error { return orders.AddToCart(context.Background(), tx, buyer, honey, 2, thursday) })
	var short *orders.Short
	if !errors.As(err, &short) || short.Lines[0].Available != 3 || short.Lines[0].InCart != 2 {
		t.Errorf("two more of three: %v", err)
	}
	m.exec(`UPDATE compliance_document SET expires_on = '2020-01-01'`)
	err = m.try(func(tx pgx.Tx) error { return orders.AddToCart(context.Background(), tx, buyer, honey, 1, thursday) })
	if !sorry.Is(err, "order.not_for_sale") {
		t.Errorf("food without a valid authorisation: %v", err)
	}
}
