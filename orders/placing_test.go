package orders_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/sorry"
	"souk/orders"
)

// placed is a purchase of one jar and one bowl, from two cooperatives, placed on a Thursday morning.
func placed(m *market) (p orders.Purchase, honey, bowl int64) {
	honey, bowl = m.product(1, 12000, 5), m.product(2, 7000, 5)
	buyer := m.buyer()
	m.add(buyer, honey, 2)
	m.add(buyer, bowl, 1)
	return m.place(m.hold(buyer, thursday).ID, thursday.Add(time.Minute)), honey, bowl
}

func (m *market) notices(name string) int64 {
	m.t.Helper()
	return m.number(`SELECT count(*) FROM notice WHERE name = $1`, name)
}

func TestPlacingSplitsAndTells(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 4)
	p, honey, _ := placed(m)
	if p.Status != orders.Placed || len(p.Parts) != 2 || p.PlacedAt == nil || p.HoldExpiresAt != nil {
		t.Fatalf("placed: %+v", p)
	}
	for _, part := range p.Parts {
		if part.Status != orders.Placed || len(part.Lines) != 1 || part.CooperativeName["ar"] == "" || part.Lines[0].Title["fr"] == "" {
			t.Errorf("part %+v", part)
		}
	}
	if n := m.notices("order.new"); n != 2 {
		t.Errorf("%d members were told; want 2", n)
	}
	if n := m.number(`SELECT count(*) FROM cart_line`); n != 0 {
		t.Errorf("%d lines are left in the cart", n)
	}
	if onHand, allocated := m.shelf(honey); onHand != 5 || allocated != 2 {
		t.Errorf("the shelf has %d, %d allocated; want 5 and 2", onHand, allocated)
	}

	again := m.place(p.ID, thursday.Add(2*time.Minute))
	if again.Code != p.Code || !again.PlacedAt.Equal(*p.PlacedAt) || m.notices("order.new") != 2 {
		t.Errorf("a second yes did something: %+v", again)
	}
	m.do(func(tx pgx.Tx) error {
		found, err := orders.ByCode(context.Background(), tx, p.Code)
		if found.ID != p.ID {
			t.Errorf("ByCode found %d; want %d", found.ID, p.ID)
		}
		return err
	})
	m.do(func(tx pgx.Tx) error {
		place, ok, err := orders.LastPlace(context.Background(), tx, p.PersonID)
		if !ok || place.RelayID != 1 || place.ReceiverPhone != "+212600000001" {
			t.Errorf("LastPlace = %+v, %v", place, ok)
		}
		return err
	})
	m.sound()
}

func TestTheBuyerCancels(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 4)
	p, honey, _ := placed(m)
	cancel := func(personID int64) (got orders.Purchase, err error) {
		err = m.try(func(tx pgx.Tx) (err error) {
			got, err = orders.Cancel(context.Background(), tx, p.ID, personID, thursday.Add(time.Hour))
			return err
		})
		return got, err
	}
	if _, err := cancel(m.person()); !errors.Is(err, pgx.ErrNoRows) {
		t.Errorf("somebody else's purchase: %v", err)
	}
	for range 2 { // twice is once
		got, err := cancel(p.PersonID)
		if err != nil || got.Status != orders.Cancelled {
			t.Fatalf("Cancel = %s, %v", got.Status, err)
		}
	}
	if _, allocated := m.shelf(honey); allocated != 0 {
		t.Errorf("%d jars are still allocated", allocated)
	}
	if n := m.notices("order.cancelled"); n != 2 {
		t.Errorf("%d members were told; want 2", n)
	}
	m.sound()
}

func TestTooLateToCancel(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 4)
	p, _, _ := placed(m)
	for _, to := range []orders.Status{orders.Accepted, orders.Packed} {
		m.do(func(tx pgx.Tx) error {
			_, err := orders.Advance(context.Background(), tx, p.Parts[0].ID, to, 0, thursday)
			return err
		})
	}
	err := m.try(func(tx pgx.Tx) error {
		_, err := orders.Cancel(context.Background(), tx, p.ID, p.PersonID, thursday)
		return err
	})
	if !sorry.Is(err, "order.too_late_to_cancel") {
		t.Errorf("Cancel = %v", err)
	}
	m.sound()
}

func TestAPartGoesItsWay(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 4)
	p, honey, bowl := placed(m)
	advance := func(part int, to orders.Status) (orders.Purchase, error) {
		var got orders.Purchase
		err := m.try(func(tx pgx.Tx) (err error) {
			got, err = orders.Advance(context.Background(), tx, p.Parts[part].ID, to, 0, thursday.Add(time.Hour))
			return err
		})
		m.sound()
		return got, err
	}
	if _, err := advance(0, orders.AtRelay); !sorry.Is(err, "order.move_not_allowed") {
		t.Errorf("placed to at_relay: %v", err)
	}
	for _, to := range []orders.Status{orders.Accepted, orders.Packed, orders.Dispatched, orders.Dispatched, orders.AtRelay, orders.HandedOver} {
		if _, err := advance(0, to); err != nil {
			t.Fatalf("to %s: %v", to, err)
		}
	}
	if onHand, allocated := m.shelf(honey); onHand != 3 || allocated != 0 {
		t.Errorf("after the handover the shelf has %d, %d allocated; want 3 and 0", onHand, allocated)
	}
	for _, name := range []string{"part.accepted", "part.dispatched", "part.at_relay", "part.handed_over"} {
		if n := m.notices(name); n != 1 {
			t.Errorf("the buyer was told %s %d times; want once", name, n)
		}
	}
	got, err := advance(1, orders.Rejected)
	if err != nil || got.Status != orders.Closed {
		t.Errorf("one part handed over, one refused: %s, %v; want closed", got.Status, err)
	}
	if onHand, allocated := m.shelf(bowl); onHand != 5 || allocated != 0 {
		t.Errorf("after the refusal the shelf has %d, %d allocated; want 5 and 0", onHand, allocated)
	}
}

func TestUnclaimedGoodsComeBack(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 4)
	p, honey, _ := placed(m)
	for _, to := range []orders.Status{orders.Accepted, orders.Packed, orders.Dispatched, orders.AtRelay, orders.Unclaimed, orders.Returned} {
		m.do(func(tx pgx.Tx) error {
			_, err := orders.Advance(context.Background(), tx, p.Parts[0].ID, to, 0, thursday)
			return err
		})
		m.sound()
	}
	if onHand, allocated := m.shelf(honey); onHand != 5 || allocated != 0 {
		t.Errorf("the shelf has %d, %d allocated; want 5 and 0", onHand, allocated)
	}
}

func TestEveryMoveLeadsSomewhereKnown(t *testing.T) {
	all := []orders.Status{orders.Held, orders.Placed, orders.Expired, orders.Cancelled, orders.Accepted, orders.Packed, orders.Dispatched,
		orders.AtRelay, orders.HandedOver, orders.Rejected, orders.Unclaimed, orders.Returned}
	reached := map[orders.Status]bool{orders.Held: true}
	for _, from := range all {
		for _, to := range from.Next() {
			if !slices.Contains(all, to) || !from.CanBecome(to) {
				t.Errorf("%s leads to %s", from, to)
			}
			reached[to] = true
		}
	}
	for _, s := range all {
		if !reached[s] {
			t.Errorf("nothing leads to %s", s)
		}
	}
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 4)
	buyer := m.buyer()
	ctx := context.Background()
	m.do(func(tx pgx.Tx) error {
		relays, err := orders.Relays(ctx, tx, "casablanca")
		if len(relays) != 1 || relays[0].Name["fr"] != "Épicerie Hassan" || relays[0].Fee != 2000 || relays[0].RegionCode != "MA-06" {
			t.Errorf("Relays = %+v", relays)
		}
		if err != nil {
			return err
		}
		if err := orders.SetHome(ctx, tx, buyer, "azilal", "  12,  rue des\nOliviers ", thursday); err != nil {
			return err
		}
		cart, err := orders.LoadCart(ctx, tx, buyer, thursday)
		if cart.Place.HomeAddress != "12, rue des Oliviers" || !cart.Place.Known() || cart.Place.RelayID != 0 {
			t.Errorf("at home: %+v", cart.Place)
		}
		if err != nil {
			return err
		}
		if err := orders.ForgetPlace(ctx, tx, buyer, thursday); err != nil {
			return err
		}
		cart, err = orders.LoadCart(ctx, tx, buyer, thursday)
		if cart.Place.Known() || cart.Place.ReceiverPhone == "" {
			t.Errorf("forgotten: %+v", cart.Place)
		}
		return err
	})
	m.exec(`UPDATE relay SET active = false WHERE id = 1`)
	err := m.try(func(tx pgx.Tx) error { return orders.SetRelay(ctx, tx, buyer, 1, thursday) })
	if !sorry.Is(err, "order.relay_closed") {
		t.Errorf("a closed relay: %v", err)
	}
	err = m.try(func(tx pgx.Tx) error { return orders.SetHome(ctx, tx, buyer, "azilal", "ici", thursday) })
	if !sorry.Is(err, "order.address_length") {
		t.Errorf("a short address: %v", err)
	}
}
