package orders_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/sorry"
	"souk/orders"
)

// A relay that closes takes no more parcels: not one that is about to be held, nor one whose review is being shown.
func TestAClosedRelayTakesNothing(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 4)
	ctx := context.Background()
	buyer, honey := m.buyer(), m.product(1, 12000, 5)
	m.add(buyer, honey, 1)
	held := m.hold(buyer, thursday)
	m.exec(`UPDATE relay SET active = false WHERE id = 1`)

	var changed *orders.Changed
	err := m.try(func(tx pgx.Tx) error { _, err := m.shop.Place(ctx, tx, held.ID, thursday); return err })
	if !errors.As(err, &changed) {
		t.Errorf("Place = %v; want Changed", err)
	}
	err = m.try(func(tx pgx.Tx) error { _, err := m.shop.Hold(ctx, tx, buyer, thursday); return err })
	if !sorry.Is(err, "order.place_unknown") {
		t.Errorf("Hold = %v; want place_unknown", err)
	}
	m.do(func(tx pgx.Tx) error {
		cart, err := orders.LoadCart(ctx, tx, buyer, thursday)
		if cart.Place.Known() || cart.Place.ReceiverPhone == "" {
			t.Errorf("the cart goes to %+v; want nowhere, to the same receiver", cart.Place)
		}
		return err
	})
	m.exec(`UPDATE relay SET active = true WHERE id = 1`)
	m.place(held.ID, thursday)
	m.sound()
}

// The last place is the last one. An older one would send the goods where the buyer no longer goes.
func TestTheLastPlaceIsNoOlderOne(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 4)
	ctx := context.Background()
	buyer, honey := m.buyer(), m.product(1, 12000, 5)
	for day, relay := range []int64{2, 1} {
		now := thursday.AddDate(0, 0, day)
		m.do(func(tx pgx.Tx) error { return orders.SetRelay(ctx, tx, buyer, relay, now) })
		m.add(buyer, honey, 1)
		m.place(m.hold(buyer, now).ID, now)
	}
	m.exec(`UPDATE relay SET active = false WHERE id = 1`)
	m.do(func(tx pgx.Tx) error {
		if place, ok, err := orders.LastPlace(ctx, tx, buyer); ok || err != nil {
			t.Errorf("LastPlace = %+v, %v, %v; want none", place, ok, err)
		}
		return nil
	})
}

// What was put into the cart beside a review that is being shown stays there.
func TestTheYesTakesFromTheCartWhatItBought(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 4)
	buyer, honey, oil := m.buyer(), m.product(1, 12000, 9), m.product(1, 9000, 9)
	m.add(buyer, honey, 2)
	m.add(buyer, oil, 2)
	held := m.hold(buyer, thursday)
	m.add(buyer, honey, 3)
	m.place(held.ID, thursday)
	if left := m.number(`SELECT coalesce(sum(quantity), 0) FROM cart_line WHERE variant_id = $1`, honey); left != 3 {
		t.Errorf("%d packs are left in the cart; want 3", left)
	}
	if lines := m.number(`SELECT count(*) FROM cart_line`); lines != 1 {
		t.Errorf("%d lines are left in the cart; want 1", lines)
	}
}

// Cart before purchase, in every path: a yes on one phone and a new review on the other do not wait for each other in a circle.
func TestAYesAndAReviewAtOnce(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 4)
	ctx := context.Background()
	buyer, honey := m.buyer(), m.product(1, 12000, 9)
	m.add(buyer, honey, 2)
	held := m.hold(buyer, thursday)
	other := make(chan error, 1)
	m.do(func(tx pgx.Tx) error {
		if _, err := m.shop.Place(ctx, tx, held.ID, thursday); err != nil {
			return err
		}
		go func() {
			other <- m.try(func(tx pgx.Tx) error { _, err := m.shop.Hold(ctx, tx, buyer, thursday); return err })
		}()
		for m.number(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) == 0 {
			time.Sleep(5 * time.Millisecond)
		}
		return orders.SetReceiver(ctx, tx, buyer, "", "", thursday)
	})
	if err := <-other; !sorry.Is(err, "order.cart_empty") {
		t.Errorf("the other phone: %v; want an empty cart", err)
	}
	m.sound()
}
