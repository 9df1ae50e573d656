package catalog_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/catalog"
	"souk/internal/sorry"
	"souk/people"
)

// sorryKey is the key of a refusal, "" where there was none; any other error ends the test.
func (m *market) sorryKey(err error) string {
	m.t.Helper()
	if s, ok := sorry.As(err); ok {
		return s.Key
	}
	if err != nil {
		m.t.Fatal(err)
	}
	return ""
}

func (m *market) good(code string) (g catalog.Good) {
	m.t.Helper()
	m.do(func(ctx context.Context, tx pgx.Tx) (err error) {
		g, err = catalog.GoodByCode(ctx, tx, code, noon)
		return err
	})
	return g
}

func TestAPriceIsChangedAndUndoneOnce(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	rosa := m.member(m.cooperative("C4"), catalog.Seller)
	pack := m.pack("P10", 1)
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		m.exec(tx, `INSERT INTO price_tier VALUES ($1, 5, 11500), ($1, 10, 9000)`, pack)
		return nil
	})
	var c catalog.Change
	set := func(price int64, at time.Time) error {
		return m.try(func(ctx context.Context, tx pgx.Tx) error {
			actor, err := catalog.ActOn(ctx, tx, rosa, m.good("P10").ProductID)
			if err == nil {
				c, err = catalog.SetPrice(ctx, tx, pack, price, actor, at)
			}
			return err
		})
	}
	undo := func(person, event int64, at time.Time) error {
		return m.try(func(ctx context.Context, tx pgx.Tx) (err error) {
			c, err = catalog.TakeBack(ctx, tx, event, person, at)
			return err
		})
	}
	price := func() int64 { return m.number(`SELECT price FROM variant WHERE id = $1`, pack) }
	tiers := func() int64 { return m.number(`SELECT count(*) FROM price_tier WHERE variant_id = $1`, pack) }

	if err := set(11000, noon); err != nil || c.Old != 12000 || c.New != 11000 || !c.Changed() || price() != 11000 || tiers() != 1 {
		t.Fatalf("%+v, %v: price %d, %d tiers", c, err, price(), tiers())
	}
	first := c.Event
	if err := set(11000, noon); err != nil || c.Changed() {
		t.Fatalf("the same price again: %+v, %v", c, err)
	}
	if got := m.sorryKey(set(0, noon)); got != "shop.price_range" {
		t.Errorf("no price: %q", got)
	}
	stranger := m.member(m.cooperative("C1"), catalog.Manager)
	if got := m.sorryKey(undo(stranger, first, noon)); got != "member.not_allowed" {
		t.Errorf("another cooperative undoes: %q", got)
	}
	if got := m.sorryKey(undo(rosa, first, noon.Add(25*time.Hour))); got != "shop.undo_late" {
		t.Errorf("a day later: %q", got)
	}
	for range 2 {
		if err := undo(rosa, first, noon.Add(time.Hour)); err != nil || price() != 12000 || tiers() != 2 {
			t.Fatalf("%v: price %d, %d tiers", err, price(), tiers())
		}
	}
	if c.Changed() {
		t.Error("the second undo changed something")
	}
	if got := m.number(`SELECT count(*) FROM event WHERE subject = $1 AND name = 'variant.priced' AND actor_id = $2`, fmt.Sprintf("variant/%d", pack), rosa); got != 2 {
		t.Errorf("%d events", got)
	}
	_ = set(13000, noon)
	second := c.Event
	_ = set(14000, noon)
	if got := m.sorryKey(undo(rosa, second, noon)); got != "shop.changed_since" {
		t.Errorf("changed since: %q", got)
	}
	if got := m.sorryKey(undo(rosa, 1<<40, noon)); got != "shop.cannot_undo" {
		t.Errorf("no event: %q", got)
	}
}

// A helper's change keeps both names.
func TestAHelpersChangeNamesForWhom(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	manager, helper := m.member(m.cooperative("C4"), catalog.Manager), m.member(m.cooperative("C4"), catalog.Helper)
	pack := m.pack("P10", 1)
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		_, err := catalog.AddStock(ctx, tx, pack, 3, "", catalog.Actor{PersonID: helper, ForID: manager}, noon)
		return err
	})
	if got := m.number(`SELECT (data->>'for')::bigint FROM event WHERE subject = $1 AND actor_id = $2`, fmt.Sprintf("variant/%d", pack), helper); got != manager {
		t.Errorf("for %d, want %d", got, manager)
	}
	if got := m.number(`SELECT actor_id FROM stock_movement WHERE variant_id = $1 ORDER BY id DESC LIMIT 1`, pack); got != helper {
		t.Errorf("moved by %d, want %d", got, helper)
	}
}

func TestStockIsNeverBelowWhatIsPromised(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	actor := catalog.Actor{PersonID: m.member(m.cooperative("C4"), catalog.Seller)}
	pack := m.pack("P10", 1) // 8 on hand
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		m.exec(tx, `UPDATE stock SET allocated = 3 WHERE variant_id = $1`, pack)
		return nil
	})
	var c catalog.Change
	change := func(do func(ctx context.Context, tx pgx.Tx) (catalog.Change, error)) string {
		return m.sorryKey(m.try(func(ctx context.Context, tx pgx.Tx) (err error) {
			c, err = do(ctx, tx)
			return err
		}))
	}
	set := func(n int64) string {
		return change(func(ctx context.Context, tx pgx.Tx) (catalog.Change, error) {
			return catalog.SetStock(ctx, tx, pack, n, actor, noon)
		})
	}
	if got := set(2); got != "stock.promised" {
		t.Errorf("fewer than promised: %q", got)
	}
	if got := set(12); got != "" || c.Old != 8 || c.New != 12 || c.Promised != 3 {
		t.Errorf("%q %+v", got, c)
	}
	more := c.Event
	if got := change(func(ctx context.Context, tx pgx.Tx) (catalog.Change, error) {
		return catalog.SellOut(ctx, tx, pack, actor, noon)
	}); got != "" || c.New != 3 {
		t.Errorf("sold out: %q %+v", got, c)
	}
	if got := change(func(ctx context.Context, tx pgx.Tx) (catalog.Change, error) {
		return catalog.AddStock(ctx, tx, pack, -1, "", actor, noon)
	}); got != "stock.promised" {
		t.Errorf("one fewer than promised: %q", got)
	}
	// The four that came would have to leave, and only three promised ones are here.
	if got := change(func(ctx context.Context, tx pgx.Tx) (catalog.Change, error) {
		return catalog.TakeBack(ctx, tx, more, actor.PersonID, noon)
	}); got != "stock.promised" {
		t.Errorf("undo what is promised: %q", got)
	}
	for range 2 { // a button that is tapped twice, or by two members
		if got := change(func(ctx context.Context, tx pgx.Tx) (catalog.Change, error) {
			return catalog.AddStock(ctx, tx, pack, 10, "low/7", actor, noon)
		}); got != "" || m.number(`SELECT on_hand FROM stock WHERE variant_id = $1`, pack) != 13 {
			t.Errorf("%q %+v", got, c)
		}
	}
	if c.Changed() {
		t.Error("the second tap counted")
	}
	if on, moved := m.number(`SELECT on_hand FROM stock WHERE variant_id = $1`, pack), m.number(`SELECT sum(change) FROM stock_movement WHERE variant_id = $1`, pack); on != moved {
		t.Errorf("%d on hand, %d moved", on, moved)
	}
}

// Two members write at once, with undos of each other's changes in between: nothing is lost, nothing counted twice.
func TestTwoMembersChangeStockAtOnce(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	pack := m.pack("P10", 1)
	before := m.number(`SELECT on_hand FROM stock WHERE variant_id = $1`, pack)
	const times = 20
	members := []int64{m.member(m.cooperative("C4"), catalog.Seller), m.member(m.cooperative("C4"), catalog.Manager)}
	product := m.good("P10").ProductID
	start := make(chan struct{})
	faults := make(chan error, 8*times)
	var events sync.Map
	var writing, undoing sync.WaitGroup
	for _, member := range members {
		writing.Go(func() {
			<-start
			for n := range times {
				faults <- m.try(func(ctx context.Context, tx pgx.Tx) error {
					actor, err := catalog.ActOn(ctx, tx, member, product)
					if err != nil {
						return err
					}
					c, err := catalog.AddStock(ctx, tx, pack, 5, "", actor, noon)
					if n%2 == 0 {
						events.Store(c.Event, true)
					}
					return err
				})
			}
		})
	}
	close(start)
	writing.Wait()
	undone := int64(0)
	events.Range(func(event, _ any) bool {
		undone++
		for _, member := range members { // both take the same change back, at once
			undoing.Go(func() {
				faults <- m.try(func(ctx context.Context, tx pgx.Tx) error {
					id, _ := event.(int64)
					_, err := catalog.TakeBack(ctx, tx, id, member, noon)
					return err
				})
			})
		}
		return true
	})
	undoing.Wait()
	close(faults)
	for err := range faults {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := before + 5*(2*times-undone)
	if got := m.number(`SELECT on_hand FROM stock WHERE variant_id = $1`, pack); got != want || undone != times {
		t.Errorf("%d on hand, want %d; %d undone", got, want, undone)
	}
	if got := m.number(`SELECT sum(change) FROM stock_movement WHERE variant_id = $1`, pack); got != want {
		t.Errorf("movements sum to %d, want %d", got, want)
	}
}

func TestAProductIsPausedResumedAndArchived(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	coop := m.cooperative("C1")
	rosa := m.member(coop, catalog.Manager)
	actor := catalog.Actor{PersonID: rosa}
	var c catalog.Change
	turn := func(code string, how func(context.Context, pgx.Tx, int64, catalog.Actor, time.Time) (catalog.Change, error)) string {
		id := m.good(code).ProductID
		return m.sorryKey(m.try(func(ctx context.Context, tx pgx.Tx) (err error) {
			c, err = how(ctx, tx, id, actor, noon)
			return err
		}))
	}
	if got := turn("P1", catalog.Pause); got != "" || c.Is != catalog.Paused || !c.Changed() {
		t.Errorf("%q %+v", got, c)
	}
	if slices.Contains(m.search("miel de thym", catalog.Scope{}, 9), "P1") {
		t.Error("a paused product is found")
	}
	pause := c.Event
	if got := turn("P1", catalog.Pause); got != "" || c.Changed() {
		t.Errorf("again: %q %+v", got, c)
	}
	for range 2 {
		if err := m.try(func(ctx context.Context, tx pgx.Tx) (err error) {
			_, err = catalog.TakeBack(ctx, tx, pause, rosa, noon)
			return err
		}); err != nil || m.good("P1").Status != catalog.Published {
			t.Fatalf("undo a pause: %v, %s", err, m.good("P1").Status)
		}
	}
	if got := turn("P5", catalog.Archive); got != "" || m.good("P5").Status != catalog.Archived {
		t.Errorf("archive: %q", got)
	}
	if got := turn("P5", catalog.Resume); got != "shop.archived" {
		t.Errorf("resume what was archived: %q", got)
	}
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		m.exec(tx, `UPDATE product SET status = 'pending_review' WHERE code = 'P2'`)
		return nil
	})
	for _, how := range []func(context.Context, pgx.Tx, int64, catalog.Actor, time.Time) (catalog.Change, error){catalog.Pause, catalog.Resume} {
		if got := turn("P2", how); got != "shop.not_yet" {
			t.Errorf("what an operator looks at: %q", got)
		}
	}
	// The whole shop: what was paused before stays paused when it opens again.
	_ = turn("P3", catalog.Pause)
	count := func(do func(context.Context, pgx.Tx, int64, catalog.Actor, time.Time) ([]catalog.Change, error)) (n int) {
		m.do(func(ctx context.Context, tx pgx.Tx) error {
			changes, err := do(ctx, tx, coop, actor, noon)
			n = len(changes)
			return err
		})
		return n
	}
	if n := count(catalog.PauseAll); n != 3 || m.number(`SELECT count(*) FROM product WHERE cooperative_id = $1 AND status = 'published'`, coop) != 0 {
		t.Errorf("%d paused", n)
	}
	if n := count(catalog.ResumeAll); n != 3 || m.good("P3").Status != catalog.Paused || m.good("P1").Status != catalog.Published {
		t.Errorf("%d resumed", n)
	}
}

func TestWhatAProductLacks(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		m.exec(tx, `UPDATE product SET status = 'pending_review' WHERE code = 'P1'`)
		m.exec(tx, `INSERT INTO review (product_id, reason, promised_at, created_at) SELECT id, 'first_listings', $1, $2 FROM product WHERE code = 'P1'`, noon.Add(4*time.Hour), noon)
		m.exec(tx, `UPDATE product SET status = 'draft', unreviewed = '{ar}' WHERE code = 'P2'`)
		m.exec(tx, `INSERT INTO review (product_id, reason, promised_at, decision, note, decided_at, created_at) SELECT id, 'title', $1, 'refused', 'Photo floue', $1, $1 FROM product WHERE code = 'P2'`, noon)
		m.exec(tx, `UPDATE product SET status = 'paused' WHERE code = 'P3'`)
		m.exec(tx, `INSERT INTO photo (product_id, position, key, width, height, created_at) SELECT id, 1, 'p/4.jpg', 9, 9, $1 FROM product WHERE code = 'P20'`, noon)
		return nil
	})
	for code, want := range map[string]string{"P1": "[review photo]", "P2": "[change photo wording]", "P3": "[resume photo]", "P7": "[stock photo]", "P20": "[]"} {
		g := m.good(code)
		if got := fmt.Sprint(g.Wants()); got != want {
			t.Errorf("%s wants %s, want %s", code, got, want)
		}
		if sells := code == "P7" || code == "P20"; g.Sells() != sells {
			t.Errorf("%s sells: %v", code, g.Sells())
		}
	}
	if g := m.good("P1"); !g.PromisedAt.Equal(noon.Add(4 * time.Hour)) {
		t.Errorf("promised at %v", g.PromisedAt)
	}
	if g := m.good("P2"); g.RefusedNote != "Photo floue" {
		t.Errorf("refused: %q", g.RefusedNote)
	}
	if code := m.numberText(`SELECT p.code FROM product p JOIN cooperative c ON c.id = p.cooperative_id WHERE c.code = 'C13' LIMIT 1`); code != "" && !slices.Contains(m.good(code).Wants(), catalog.WantsONSSA) {
		t.Errorf("%s has no valid ONSSA document", code)
	}
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		page, total, err := catalog.Goods(ctx, tx, []int64{m.cooperative("C1")}, catalog.Page{Limit: 2}, noon)
		if total != 6 || len(page) != 2 || page[0].Code != "P2" || page[1].Code != "P1" {
			t.Errorf("%d goods: %v %v", total, page[0].Code, page[1].Code)
		}
		return err
	})
}

func (m *market) numberText(sql string) (s string) {
	m.t.Helper()
	if err := m.pool.QueryRow(m.t.Context(), sql).Scan(&s); err != nil && !strings.Contains(err.Error(), "no rows") {
		m.t.Fatal(err)
	}
	return s
}

func TestAbsenceEndsByItself(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	coop := m.cooperative("C1")
	actor := catalog.Actor{PersonID: m.member(coop, catalog.Manager)}
	absent := func(until time.Time) string {
		return m.sorryKey(m.try(func(ctx context.Context, tx pgx.Tx) error {
			return catalog.SetAbsent(ctx, tx, coop, until, actor, noon)
		}))
	}
	seen := func(at time.Time) (until time.Time) {
		m.do(func(ctx context.Context, tx pgx.Tx) error {
			card, err := catalog.ByCode(ctx, tx, "P1", at)
			until = card.ReadyOn
			return err
		})
		return until
	}
	monday := time.Date(2026, 12, 7, 0, 0, 0, 0, people.Zone(""))
	if got := absent(noon); got != "shop.absent_range" {
		t.Errorf("until today: %q", got)
	}
	if got := absent(noon.AddDate(2, 0, 0)); got != "shop.absent_range" {
		t.Errorf("until the year after next: %q", got)
	}
	if got := absent(monday); got != "" || seen(noon).Format(time.DateOnly) != "2026-12-07" {
		t.Errorf("%q, until %v", got, seen(noon))
	}
	if until := seen(monday.Add(-time.Minute)); until.IsZero() {
		t.Error("back before midnight")
	}
	if until := seen(monday); !until.IsZero() {
		t.Errorf("on the day itself: %v", until)
	}
	if got := absent(time.Time{}); got != "" || !seen(noon).IsZero() {
		t.Errorf("back: %q, %v", got, seen(noon))
	}
	if got := m.number(`SELECT count(*) FROM event WHERE name IN ('cooperative.absent', 'cooperative.back') AND actor_id = $1`, actor.PersonID); got != 2 {
		t.Errorf("%d events", got)
	}
}

func TestPacksComeAndGo(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	actor := catalog.Actor{PersonID: m.member(m.cooperative("C1"), catalog.Seller)}
	product := m.good("P2").ProductID
	add := func(amount, unit string, price, stock int64) string {
		return m.sorryKey(m.try(func(ctx context.Context, tx pgx.Tx) error {
			_, err := catalog.AddPack(ctx, tx, product, catalog.NewPack{Amount: amount, Unit: unit, Price: price, Stock: stock}, actor, noon)
			return err
		}))
	}
	for _, c := range []struct {
		amount, unit string
		price        int64
		want         string
	}{{"1", "kg", 30000, ""}, {"1000", "g", 30000, "shop.pack_there"}, {"0.5", "kg", 100, "shop.pack_there"}, {"x", "kg", 100, "shop.pack_unclear"}, {"2", "kg", 0, "shop.price_range"}} {
		if got := add(c.amount, c.unit, c.price, 4); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.amount, c.unit, got, c.want)
		}
	}
	remove := func(position int) string {
		return m.sorryKey(m.try(func(ctx context.Context, tx pgx.Tx) error {
			return catalog.RemovePack(ctx, tx, product, m.pack("P2", position), actor, noon)
		}))
	}
	if got := remove(1); got != "" || len(m.good("P2").Variants) != 1 || m.good("P2").Variants[0].Available != 4 {
		t.Errorf("%q: %+v", got, m.good("P2").Variants)
	}
	if got := remove(1); got != "" {
		t.Errorf("removed before: %q", got)
	}
	if got := remove(2); got != "shop.last_pack" {
		t.Errorf("the last one: %q", got)
	}
}

// Once low, once out, and again only after there was more.
func TestLowStockIsToldOnce(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	coop := m.cooperative("C4")
	rosa, _ := m.member(coop, catalog.Seller), m.member(coop, catalog.Manager)
	pack := m.pack("P10", 1) // 8 on hand
	promise := func(n int64) {
		m.do(func(ctx context.Context, tx pgx.Tx) error {
			m.exec(tx, `UPDATE stock SET allocated = $2 WHERE variant_id = $1`, pack, n)
			return catalog.TellLow(ctx, tx, []int64{pack}, noon.Add(time.Duration(n)*time.Minute))
		})
	}
	told := func(low, out int64) {
		t.Helper()
		for name, want := range map[string]int64{"stock.low": low, "stock.out": out} {
			if got := m.number(`SELECT count(*) FROM notice WHERE name = $1`, name); got != 2*want {
				t.Errorf("%s told %d times, want 2 × %d", name, got, want)
			}
		}
	}
	promise(4)
	told(0, 0)
	promise(5)
	promise(6)
	told(1, 0)
	promise(8)
	told(1, 1)
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		_, err := catalog.AddStock(ctx, tx, pack, 2, "", catalog.Actor{PersonID: rosa}, noon)
		return err
	})
	promise(9) // they counted two: that few are left is no news
	told(1, 1)
	promise(10)
	told(1, 2)
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		m.exec(tx, `UPDATE stock SET allocated = 2 WHERE variant_id = $1`, pack) // orders were cancelled
		return catalog.TellBack(ctx, tx, []int64{pack}, noon)
	})
	promise(7)
	told(2, 2)
}

func TestAMemberNamesOwnProducts(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	honey, argan := []int64{m.cooperative("C1")}, []int64{m.cooperative("C4")}
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		m.exec(tx, `UPDATE product SET status = 'paused' WHERE code = 'P14'`)
		return nil
	})
	for _, c := range []struct {
		coops []int64
		words string
		want  string // product and packs; then what comes near
	}{
		{argan, "argan 250", "P10/1"}, {argan, "argan 50ml", "P11/1"}, {argan, "argan", "P10/1,2 P11/1"}, {argan, "زيت أركان للأكل", "P10/1,2"},
		{argan, "amlou louz", "P14/1"}, {argan, "أملو", "P14/1 P15/1"}, {argan, "amlou 1 kg", "near P14 P15 no pack"}, {argan, "P10", "P10/1,2"}, {argan, "p10 1 l", "P10/2"},
		{argan, "arguan 250 ml", "P10/1"}, {argan, "louz", "P14/1 P19/1"},
		{honey, "miel thym 1 kg", "P1/2"}, {honey, "3sel z3itra 500g", "P1/1"}, {honey, "عسل نص كيلو", "P1/1 P2/1 P7/1"}, {honey, "propolis", "P5/1"},
		{honey, "argan", ""}, {honey, "miel d'oranger", "near P1 P2 P3 P7"}, {honey, "تفاح", ""}, {honey, "", ""}, {honey, "500", ""},
	} {
		var a catalog.Aim
		m.do(func(ctx context.Context, tx pgx.Tx) (err error) {
			a, err = catalog.AimAt(ctx, tx, c.coops, c.words, noon)
			return err
		})
		var got []string
		for _, g := range a.Goods {
			var packs []string
			for _, v := range g.Variants {
				packs = append(packs, fmt.Sprint(v.Position))
			}
			got = append(got, g.Code+"/"+strings.Join(packs, ","))
		}
		if len(a.Near) > 0 {
			got = append(got, "near")
		}
		for _, g := range a.Near {
			got = append(got, g.Code)
		}
		if a.NoSuchPack {
			got = append(got, "no pack")
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%q names %q, want %q", c.words, strings.Join(got, " "), c.want)
		}
	}
}
