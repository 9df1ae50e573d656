package orders_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/catalog"
	"souk/internal/sorry"
	"souk/orders"
	"souk/people"
)

// sold places an order of one product and returns it with the seller's decision makers.
func (m *market) sold(variant, quantity int64) (p orders.Purchase, part orders.Part) {
	m.t.Helper()
	buyer := m.buyer()
	m.add(buyer, variant, quantity)
	p = m.place(m.hold(buyer, thursday).ID, thursday)
	return p, p.Parts[0]
}

// manager is the first member of a cooperative.
func (m *market) manager(coop int64) catalog.Actor {
	m.t.Helper()
	return catalog.Actor{PersonID: m.number(`SELECT person_id FROM member WHERE cooperative_id = $1 AND removed_at IS NULL ORDER BY person_id LIMIT 1`, coop)}
}

func (m *market) moved(do func(ctx context.Context, tx pgx.Tx) (orders.Move, error)) (move orders.Move) {
	m.t.Helper()
	m.do(func(tx pgx.Tx) (err error) { move, err = do(context.Background(), tx); return err })
	m.sound()
	return move
}

func TestTheSecondWhoAcceptsHearsWhoWasFirst(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 6)
	_, part := m.sold(m.product(1, 12000, 5), 2)
	first, second := m.manager(1), catalog.Actor{PersonID: m.person()}
	results := make(chan orders.Move, 2)
	for _, actor := range []catalog.Actor{first, second} {
		go func() {
			var move orders.Move
			if err := m.try(func(tx pgx.Tx) (err error) {
				move, err = orders.Accept(context.Background(), tx, part.ID, actor, thursday)
				return err
			}); err != nil {
				t.Error(err)
			}
			results <- move
		}()
	}
	a, b := <-results, <-results
	if a.Already == b.Already {
		t.Fatalf("%+v and %+v; want one to be first", a, b)
	}
	late := a
	if b.Already {
		late = b
	}
	if by := m.number(`SELECT accepted_by FROM coop_order WHERE id = $1`, part.ID); late.By != by || !late.At.Equal(thursday) || late.Part.Status != orders.Accepted {
		t.Errorf("the second hears of %d at %v (%s); it was %d", late.By, late.At, late.Part.Status, by)
	}
	if n := m.notices("part.accepted"); n != 1 {
		t.Errorf("the buyer hears it %d times", n)
	}
	m.sound()
}

func TestAPartOfTheOrder(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for _, c := range []struct {
		answer    string
		status    orders.Status
		allocated int64
		goods     int64
		members   string
	}{
		{"agreed", orders.Accepted, 3, 36000, "order.partial_agreed"},
		{"declined", orders.Cancelled, 0, 0, "order.partial_declined"},
		{"silent", orders.Accepted, 3, 36000, "order.partial_expired"},
		{"withdrawn", orders.Accepted, 5, 60000, ""},
	} {
		t.Run(c.answer, func(t *testing.T) {
			t.Parallel()
			m := newMarket(t, 4)
			honey := m.product(1, 12000, 8)
			p, part := m.sold(honey, 5)
			seller := m.manager(1)
			move := m.moved(func(ctx context.Context, tx pgx.Tx) (orders.Move, error) {
				return orders.AcceptPart(ctx, tx, part.ID, seller, map[int64]int64{part.Lines[0].ID: 3}, thursday)
			})
			if move.Asked == nil || move.Asked.Total() != 36000 || move.Part.Status != orders.Placed {
				t.Fatalf("asked %+v of a part that is %s", move.Asked, move.Part.Status)
			}
			if _, allocated := m.shelf(honey); allocated != 5 {
				t.Errorf("%d jars are kept while the buyer is asked; want 5", allocated)
			}
			if m.notices("amendment") != 1 {
				t.Error("the buyer is not asked")
			}
			switch c.answer {
			case "withdrawn":
				m.moved(func(ctx context.Context, tx pgx.Tx) (orders.Move, error) {
					return orders.Accept(ctx, tx, part.ID, seller, thursday)
				})
				err := m.try(func(tx pgx.Tx) error {
					_, _, err := orders.Answer(ctx, tx, move.Asked.ID, p.PersonID, true, thursday)
					return err
				})
				if !sorry.Is(err, "amendment.over") {
					t.Errorf("a yes to what was withdrawn: %v", err)
				}
			case "silent":
				early := move.Asked.ExpiresAt.Add(-time.Second)
				m.do(func(tx pgx.Tx) error { return orders.ExpireAmendment(ctx, tx, move.Asked.ID, early) })
				if n := m.number(`SELECT count(*) FROM amendment WHERE status = 'asked'`); n != 1 {
					t.Error("it ended before its time")
				}
				if err := orders.GoRound(ctx, m.pool, move.Asked.ExpiresAt); err != nil {
					t.Fatal(err)
				}
				if m.notices("part.partial_silent") != 1 {
					t.Error("the buyer is not told what comes of their silence")
				}
			default:
				for range 2 { // the same answer again changes nothing
					m.moved(func(ctx context.Context, tx pgx.Tx) (orders.Move, error) {
						_, move, err := orders.Answer(ctx, tx, move.Asked.ID, p.PersonID, c.answer == "agreed", thursday.Add(time.Hour))
						return move, err
					})
				}
			}
			m.sound()
			var after orders.Purchase
			m.do(func(tx pgx.Tx) (err error) { after, err = orders.Load(ctx, tx, p.ID); return err })
			_, allocated := m.shelf(honey)
			if got := after.Parts[0]; got.Status != c.status || got.GoodsTotal != c.goods || after.GoodsTotal != c.goods || allocated != c.allocated {
				t.Errorf("%s, %d centimes, %d allocated; want %s, %d, %d", got.Status, got.GoodsTotal, allocated, c.status, c.goods, c.allocated)
			}
			if c.status == orders.Cancelled && after.Total() != 0 {
				t.Errorf("%d to pay for nothing", after.Total())
			}
			if c.members != "" && m.notices(c.members) != 1 {
				t.Errorf("%s was told %d times", c.members, m.notices(c.members))
			}
		})
	}
}

func TestPartsThatCannotBe(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 4)
	ctx := context.Background()
	_, part := m.sold(m.product(1, 12000, 8), 5)
	for n, want := range map[int64]string{0: "part.nothing_left", 6: "part.too_many", -1: "part.too_many"} {
		err := m.try(func(tx pgx.Tx) error {
			_, err := orders.AcceptPart(ctx, tx, part.ID, m.manager(1), map[int64]int64{part.Lines[0].ID: n}, thursday)
			return err
		})
		if !sorry.Is(err, want) {
			t.Errorf("%d of 5: %v; want %s", n, err, want)
		}
	}
	all := m.moved(func(ctx context.Context, tx pgx.Tx) (orders.Move, error) {
		return orders.AcceptPart(ctx, tx, part.ID, m.manager(1), nil, thursday)
	})
	if all.Asked != nil || all.Part.Status != orders.Accepted {
		t.Errorf("all of it: %+v", all)
	}
}

func TestARefusalFreesTheGoodsAndSaysWhy(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 4)
	honey, bowl := m.product(1, 12000, 5), m.product(2, 7000, 3)
	buyer, waits := m.buyer(), m.buyer()
	m.add(buyer, honey, 5)
	m.add(buyer, bowl, 1)
	p := m.place(m.hold(buyer, thursday).ID, thursday)
	m.do(func(tx pgx.Tx) error { return catalog.RemindBack(context.Background(), tx, honey, waits, thursday) })
	refuse := func() orders.Move {
		return m.moved(func(ctx context.Context, tx pgx.Tx) (orders.Move, error) {
			return orders.Refuse(ctx, tx, p.Parts[0].ID, m.manager(1), orders.OutOfStock, "gelée d'avril\x00", thursday)
		})
	}
	first, again := refuse(), refuse()
	if first.Part.Status != orders.Rejected || first.Purchase.GoodsTotal != 7000 || first.Purchase.Status != orders.Placed || !again.Already {
		t.Errorf("%+v, then %+v", first, again)
	}
	if n := m.number(`SELECT count(*) FROM notice WHERE name = 'part.rejected' AND args->>'goods' = '60000' AND args->>'reason' = 'out' AND args->>'words' = 'gelée d''avril'`); n != 1 {
		t.Error("the buyer does not hear why, or of how much")
	}
	if _, allocated := m.shelf(honey); allocated != 0 || m.notices("back_in_stock") != 0 {
		t.Errorf("%d still allocated; %d told that what is not there is back", allocated, m.notices("back_in_stock"))
	}
}

// weighed puts cheese on sale by weight: 1 kg at 89.90.
func (m *market) weighed(price int64, packs int64) int64 {
	m.t.Helper()
	v := m.product(1, price, packs)
	m.exec(`UPDATE variant SET by_weight = true, pack_amount = 1, pack_unit = 'kg' WHERE id = $1`, v)
	return v
}

func TestWeighing(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for name, c := range map[string]struct {
		grams  int64
		answer string // "": nobody is asked
		goods  int64
		kept   int64 // grams
	}{
		"lighter":           {grams: 1940, goods: 17441, kept: 1940}, // 8990 × 1.94 = 17440.6
		"as announced":      {grams: 2000, goods: 17980, kept: 2000},
		"heavier, agreed":   {grams: 2150, answer: "agreed", goods: 19329, kept: 2150}, // 19328.5
		"heavier, declined": {grams: 2150, answer: "declined", goods: 17980, kept: 2000},
		"heavier, silent":   {grams: 2150, answer: "silent", goods: 17980, kept: 2000},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMarket(t, 4)
			p, part := m.sold(m.weighed(8990, 9), 2)
			seller := m.manager(1)
			m.moved(func(ctx context.Context, tx pgx.Tx) (orders.Move, error) {
				return orders.Accept(ctx, tx, part.ID, seller, thursday)
			})
			var missing *orders.Unweighed
			err := m.try(func(tx pgx.Tx) error { _, err := orders.Pack(ctx, tx, part.ID, seller, nil, thursday); return err })
			if !errors.As(err, &missing) || len(missing.Lines) != 1 {
				t.Fatalf("packed without a weight: %v", err)
			}
			grams := map[int64]int64{part.Lines[0].ID: c.grams}
			move := m.moved(func(ctx context.Context, tx pgx.Tx) (orders.Move, error) {
				return orders.Pack(ctx, tx, part.ID, seller, grams, thursday)
			})
			if (move.Asked != nil) != (c.answer != "") {
				t.Fatalf("asked %+v", move.Asked)
			}
			if c.answer != "" {
				if move.Asked.Total() <= 17980 || move.Part.Status != orders.Accepted {
					t.Errorf("asked for %d while it is %s", move.Asked.Total(), move.Part.Status)
				}
				err := m.try(func(tx pgx.Tx) error { _, err := orders.Pack(ctx, tx, part.ID, seller, grams, thursday); return err })
				if !sorry.Is(err, "part.asks_buyer") {
					t.Errorf("packed while the buyer is asked: %v", err)
				}
				if c.answer == "silent" {
					m.do(func(tx pgx.Tx) error {
						return orders.ExpireAmendment(ctx, tx, move.Asked.ID, thursday.Add(48*time.Hour))
					})
				} else {
					m.moved(func(ctx context.Context, tx pgx.Tx) (orders.Move, error) {
						_, move, err := orders.Answer(ctx, tx, move.Asked.ID, p.PersonID, c.answer == "agreed", thursday)
						return move, err
					})
				}
			}
			m.do(func(tx pgx.Tx) error {
				after, err := orders.Load(ctx, tx, p.ID)
				if l := after.Parts[0].Lines[0]; after.GoodsTotal != c.goods || l.Grams != c.kept || after.Parts[0].Status != orders.Packed {
					t.Errorf("%d g for %d centimes, %s; want %d g for %d", l.Grams, after.GoodsTotal, after.Parts[0].Status, c.kept, c.goods)
				}
				return err
			})
			m.sound()
		})
	}
}

func TestAWeightIsReadAsPeopleWriteIt(t *testing.T) {
	t.Parallel()
	two := orders.Line{PackAmount: "1", PackUnit: "kg", Kept: 2, Quantity: 2, Price: 8990, ByWeight: true}
	for text, want := range map[string]int64{
		"2,150 kg": 2150, "2150 g": 2150, "2150": 2150, "2,15": 2150, "2.15kg": 2150, "٢٫١٥ كيلو": 2150, "2 kg 150": 2150, "2 kg et 150 g": 2150,
		"2 كيلو و150 غرام": 2150, "2": 2000, "2 kilos": 2000, "1kg et demi": 1500,
	} {
		if got, ok := two.ReadGrams(text); !ok || got != want {
			t.Errorf("%q is %d, %v; want %d", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "beaucoup", "2 litres", "-2 kg", "2 pots", "merci"} {
		if got, ok := two.ReadGrams(text); ok {
			t.Errorf("%q is read as %d g", text, got)
		}
	}
	if two.Plausible(21500) || two.Plausible(21) || !two.Plausible(2400) {
		t.Error("a slip of the hand is no weight, and a weight no slip")
	}
	half := orders.Line{PackAmount: "0.333", PackUnit: "kg", Kept: 3, Price: 1000, ByWeight: true}
	if half.AnnouncedGrams() != 999 || half.WeighedAmount(999) != 3000 || half.WeighedAmount(1000) != 3003 {
		t.Errorf("%d g announced, %d and %d centimes", half.AnnouncedGrams(), half.WeighedAmount(999), half.WeighedAmount(1000))
	}
}

func TestTiersFollowTheQuantity(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 4)
	ctx := context.Background()
	honey, buyer := m.product(1, 12000, 20), m.buyer()
	m.exec(`INSERT INTO price_tier (variant_id, quantity, price) VALUES ($1, 5, 11000), ($1, 10, 9500)`, honey)
	for n, want := range map[int64]int64{1: 12000, 4: 12000, 5: 11000, 9: 11000, 10: 9500, 20: 9500} {
		m.do(func(tx pgx.Tx) error {
			if err := orders.SetQuantity(ctx, tx, buyer, honey, n, thursday); err != nil {
				return err
			}
			cart, err := orders.LoadCart(ctx, tx, buyer, thursday)
			if l := cart.Lines[0]; l.Price != want || l.SeenPrice != want || cart.Total() != n*want {
				t.Errorf("%d packs at %d (seen %d); want %d", n, l.Price, l.SeenPrice, want)
			}
			return err
		})
	}
	m.do(func(tx pgx.Tx) error { return orders.SetQuantity(ctx, tx, buyer, honey, 10, thursday) })
	held := m.hold(buyer, thursday)
	if l := held.Parts[0].Lines[0]; l.Price != 9500 || held.GoodsTotal != 95000 {
		t.Errorf("held at %d, %d together", l.Price, held.GoodsTotal)
	}
	// A late yes after the tier has gone is asked anew.
	m.do(func(tx pgx.Tx) error { _, err := orders.ExpireHolds(ctx, tx, thursday.Add(time.Hour), 10); return err })
	m.exec(`UPDATE price_tier SET price = 9600 WHERE quantity = 10`)
	var changed *orders.Changed
	if err := m.try(func(tx pgx.Tx) error { _, err := m.shop.Place(ctx, tx, held.ID, thursday.Add(time.Hour)); return err }); !errors.As(err, &changed) {
		t.Errorf("placed at a price that is past: %v", err)
	}
	// Where fewer are left, the tier is reached no longer, and that is said.
	m.exec(`UPDATE stock SET on_hand = 6 WHERE variant_id = $1`, honey)
	m.exec(`INSERT INTO stock_movement (variant_id, change, reason, created_at) VALUES ($1, -14, 'correction', now())`, honey)
	m.do(func(tx pgx.Tx) error {
		changes, err := orders.Settle(ctx, tx, buyer, thursday)
		if len(changes) != 1 || changes[0].NewQuantity != 6 || changes[0].NewPrice != 11000 || changes[0].OldPrice != 9500 {
			t.Errorf("changes are %+v", changes)
		}
		return err
	})
	p := m.place(m.hold(buyer, thursday).ID, thursday)
	// What the seller cannot send does not make the rest dearer.
	move := m.moved(func(ctx context.Context, tx pgx.Tx) (orders.Move, error) {
		return orders.AcceptPart(ctx, tx, p.Parts[0].ID, m.manager(1), map[int64]int64{p.Parts[0].Lines[0].ID: 2}, thursday)
	})
	if move.Asked.Total() != 22000 {
		t.Errorf("2 of 6 cost %d; want the price that was agreed", move.Asked.Total())
	}
}

func TestTheDayOnWhichItIsReady(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for name, c := range map[string]struct {
		product, cooperative, want string
	}{
		"at once":                 {"", "", ""},
		"made to order":           {"lead_days = 7", "", "2026-12-10"},
		"in season":               {"season_from = '2027-01-15'", "", "2027-01-15"},
		"the season has begun":    {"season_from = '2026-11-01'", "", ""},
		"its maker is away":       {"", "absent_until = '2026-12-08'", "2026-12-08"},
		"made after the return":   {"lead_days = 3", "absent_until = '2026-12-08'", "2026-12-11"},
		"made before the season":  {"lead_days = 3, season_from = '2027-01-15'", "", "2027-01-15"},
		"the maker has come back": {"", "absent_until = '2026-12-03'", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMarket(t, 4)
			honey, buyer := m.product(1, 12000, 5), m.buyer()
			if c.product != "" {
				m.exec(`UPDATE product SET ` + c.product)
			}
			if c.cooperative != "" {
				m.exec(`UPDATE cooperative SET ` + c.cooperative + ` WHERE id = 1`)
			}
			m.add(buyer, honey, 1)
			p := m.hold(buyer, thursday)
			got := ""
			if on := p.Parts[0].Lines[0].ReadyOn; !on.IsZero() {
				got = on.Format(time.DateOnly)
			}
			if got != c.want {
				t.Errorf("ready on %q; want %q", got, c.want)
			}
			m.do(func(tx pgx.Tx) error {
				card, _, err := catalog.CardOfVariant(ctx, tx, honey, thursday)
				if card.ReadyOn.IsZero() != (c.want == "") || !card.ReadyOn.IsZero() && card.ReadyOn.Format(time.DateOnly) != c.want {
					t.Errorf("the card says %v", card.ReadyOn)
				}
				return err
			})
			// A yes long after counts from then on: it is asked anew where that is later than was said.
			late := thursday.AddDate(0, 0, 20)
			m.do(func(tx pgx.Tx) error { _, err := orders.ExpireHolds(ctx, tx, late, 10); return err })
			err := m.try(func(tx pgx.Tx) error { _, err := m.shop.Place(ctx, tx, p.ID, late); return err })
			var changed *orders.Changed
			if wantChanged := c.product == "lead_days = 7" || c.product == "lead_days = 3"; errors.As(err, &changed) != wantChanged || err != nil && !wantChanged {
				t.Errorf("a late yes: %v", err)
			}
		})
	}
}

func TestRemindersCountTheSellersHours(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 4)
	ctx := context.Background()
	_, part := m.sold(m.product(1, 12000, 5), 1) // Thursday 11:00 in Casablanca
	at := func(day, hour, minute int) time.Time {
		return time.Date(2026, 12, day, hour, minute, 0, 0, people.Zone(people.DefaultZone))
	}
	round := func(now time.Time) {
		t.Helper()
		if err := orders.GoRound(ctx, m.pool, now); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		at                           time.Time
		reminders, buyers, operators int64
	}{
		{at(3, 14, 59), 0, 0, 0},
		{at(3, 15, 0), 1, 0, 0},
		{at(3, 23, 0), 1, 0, 0},
		{at(4, 9, 59), 1, 0, 0},
		{at(4, 10, 0), 2, 0, 0},  // 3 hours on Thursday evening, 1 on Friday
		{at(4, 16, 29), 2, 0, 0}, // the Friday prayer counts for nothing
		{at(4, 16, 30), 2, 1, 1},
		{at(9, 10, 0), 2, 1, 1},
	} {
		round(c.at)
		round(c.at)
		if r, b, o := m.notices("order.reminder"), m.notices("part.waiting"), m.number(`SELECT count(*) FROM ticket WHERE kind = 'order'`); r != c.reminders || b != c.buyers || o != c.operators {
			t.Errorf("on %v: %d reminders, %d buyers told, %d tickets; want %d, %d, %d", c.at, r, b, o, c.reminders, c.buyers, c.operators)
		}
	}
	m.do(func(tx pgx.Tx) error {
		late, err := orders.LateParts(ctx, tx, 10)
		if len(late) != 1 || late[0].Code != part.Code || late[0].EscalatedAt == nil || late[0].Reminders != 3 {
			t.Errorf("operators see %+v", late)
		}
		return err
	})
}

func TestWhoIsAwayIsRemindedOnTheirReturn(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 4)
	ctx := context.Background()
	zone := people.Zone(people.DefaultZone)
	m.exec(`UPDATE cooperative SET absent_until = '2026-12-09' WHERE id = 1`) // a Wednesday
	_, part := m.sold(m.product(1, 12000, 5), 1)
	for _, c := range []struct {
		at        time.Time
		reminders int64
	}{
		{thursday.Add(30 * time.Hour), 0}, {time.Date(2026, 12, 9, 12, 59, 0, 0, zone), 0}, {time.Date(2026, 12, 9, 13, 0, 0, 0, zone), 1},
	} {
		if err := orders.GoRound(ctx, m.pool, c.at); err != nil {
			t.Fatal(err)
		}
		if n := m.notices("order.reminder"); n != c.reminders {
			t.Errorf("on %v: %d reminders; want %d", c.at, n, c.reminders)
		}
	}
	// "Later" puts it off by two hours of work; answered, nobody is reminded.
	now := time.Date(2026, 12, 9, 13, 5, 0, 0, zone)
	m.do(func(tx pgx.Tx) error {
		_, at, err := orders.Later(ctx, tx, part.ID, m.manager(1), now)
		if want := now.Add(2 * time.Hour); !at.Equal(want) && at.Before(now) {
			t.Errorf("put off to %v; want %v", at, want)
		}
		return err
	})
	m.moved(func(ctx context.Context, tx pgx.Tx) (orders.Move, error) {
		return orders.Accept(ctx, tx, part.ID, m.manager(1), now)
	})
	if err := orders.GoRound(ctx, m.pool, now.AddDate(0, 0, 7)); err != nil {
		t.Fatal(err)
	}
	if n := m.notices("order.reminder"); n != 1 {
		t.Errorf("%d reminders of an order that was accepted", n)
	}
}

// Africa/Casablanca sets its clocks back for Ramadan (on 2027-02-07 at 3:00 to 2:00) and forward after it (2027-03-14, 2:00 to 3:00).
func TestASummaryComesOnceADayWhateverTheClock(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	zone := people.Zone(people.DefaultZone)
	for _, hour := range []int{2, 19} {
		t.Run(fmt.Sprint(hour), func(t *testing.T) {
			t.Parallel()
			m := newMarket(t, 4)
			m.sold(m.product(1, 12000, 5), 1)
			m.exec(`UPDATE coop_order SET status = 'accepted', remind_at = NULL`) // it waits to be packed for weeks
			seller := m.manager(1).PersonID
			begin := time.Date(2027, 2, 5, 20, 0, 0, 0, zone)
			m.do(func(tx pgx.Tx) error { return orders.SetSummary(ctx, tx, seller, &hour, begin) })
			for _, from := range []time.Time{begin, time.Date(2027, 3, 12, 12, 0, 0, 0, zone)} {
				for now := from; now.Before(from.Add(4*24*time.Hour + 2*time.Hour)); now = now.Add(30 * time.Minute) {
					if err := orders.GoRound(ctx, m.pool, now); err != nil {
						t.Fatal(err)
					}
				}
			}
			rows, err := m.pool.Query(ctx, `SELECT due_at FROM notice WHERE name = 'order.summary' ORDER BY id`)
			if err != nil {
				t.Fatal(err)
			}
			times, err := pgx.CollectRows(rows, pgx.RowTo[time.Time])
			if err != nil {
				t.Fatal(err)
			}
			if len(times) != 8 {
				t.Errorf("%d summaries in 8 days", len(times))
			}
			for _, at := range times {
				if local := at.In(zone); local.Hour() != hour && (local.Hour() != hour+1 || hour != 2) {
					t.Errorf("told at %v", local)
				}
			}
		})
	}
}

func TestASummarySaysWhatWaits(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 4)
	ctx := context.Background()
	honey := m.product(1, 12000, 20)
	_, first := m.sold(honey, 1)
	m.sold(honey, 2)
	m.moved(func(ctx context.Context, tx pgx.Tx) (orders.Move, error) {
		return orders.Accept(ctx, tx, first.ID, m.manager(1), thursday)
	})
	m.do(func(tx pgx.Tx) error {
		s, err := orders.Summarise(ctx, tx, 1, thursday)
		if want := (orders.Summary{Waiting: 1, ToPack: 1, ToPackSum: 12000, Ordered: 2, OrderedSum: 36000}); s != want {
			t.Errorf("%+v; want %+v", s, want)
		}
		other, err2 := orders.Summarise(ctx, tx, 2, thursday)
		if !other.Empty() {
			t.Errorf("the other cooperative's is %+v", other)
		}
		return errors.Join(err, err2)
	})
	seller := m.manager(1).PersonID
	for _, want := range []bool{true, false} {
		m.do(func(tx pgx.Tx) error {
			if offer, err := orders.OfferSummary(ctx, tx, seller, thursday); err != nil || offer != want {
				t.Errorf("offered: %v, %v; want %v", offer, err, want)
			}
			return nil
		})
	}
}

func TestReceivedOrdersAreListed(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 4)
	ctx := context.Background()
	honey := m.product(1, 12000, 20)
	_, first := m.sold(honey, 1)
	_, second := m.sold(honey, 2)
	_, third := m.sold(honey, 3)
	seller := m.manager(1)
	m.moved(func(ctx context.Context, tx pgx.Tx) (orders.Move, error) {
		return orders.Accept(ctx, tx, first.ID, seller, thursday)
	})
	m.moved(func(ctx context.Context, tx pgx.Tx) (orders.Move, error) {
		return orders.Refuse(ctx, tx, second.ID, seller, orders.ClosedNow, "", thursday)
	})
	m.do(func(tx pgx.Tx) error {
		open, total, err := orders.ListReceived(ctx, tx, seller.PersonID, orders.OpenOrders, 5, 0)
		if err != nil || total != 2 || open[0].Code != third.Code || open[1].Code != first.Code || open[0].Pieces != 3 {
			t.Errorf("open: %+v of %d, %v", open, total, err)
		}
		past, total, err := orders.ListReceived(ctx, tx, seller.PersonID, orders.PastOrders, 5, 0)
		if err != nil || total != 1 || past[0].Code != second.Code {
			t.Errorf("past: %+v of %d, %v", past, total, err)
		}
		if none, total, err := orders.ListReceived(ctx, tx, m.manager(2).PersonID, orders.OpenOrders, 5, 0); err != nil || total != 0 || len(none) != 0 {
			t.Errorf("another cooperative sees %+v", none)
		}
		waiting, err := orders.WaitingFor(ctx, tx, seller.PersonID, 3)
		if len(waiting) != 1 || waiting[0] != third.ID {
			t.Errorf("waiting: %v", waiting)
		}
		return err
	})
}

func TestAPartsCodeAsPeopleTypeIt(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"SVE94QB-1": "SVE94QB-1", "sve94qb 2": "SVE94QB-2", "s ve94qb-١": "SVE94QB-1", "SVE94QB/12": "SVE94QB-12"} {
		if got, ok := orders.ReadPartCode(text); !ok || got != want {
			t.Errorf("%q is %q, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "SVE94QB", "SVE94QB-", "SVE94QB-0", "SVE94QC-1", "miel 2", "SVE94QB-123"} {
		if got, ok := orders.ReadPartCode(text); ok {
			t.Errorf("%q is read as %q", text, got)
		}
	}
}
