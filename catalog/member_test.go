package catalog_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/catalog"
	"souk/internal/sorry"
	"souk/people"
)

// refused runs do in a transaction of its own and returns why it was refused.
func (m *market) refused(do func(ctx context.Context, tx pgx.Tx) error) (refused bool, key string) {
	m.t.Helper()
	err := m.try(do)
	if s, ok := sorry.As(err); ok {
		return true, s.Key
	}
	if err != nil {
		m.t.Fatal(err)
	}
	return false, ""
}

func TestWhoIsRemovedIsTold(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	c := m.cooperative("C1")
	manager, seller, helper := m.member(c, catalog.Manager), m.member(c, catalog.Seller), m.member(c, catalog.Helper)
	dismiss := func(by, whom int64) string {
		t.Helper()
		_, key := m.refused(func(ctx context.Context, tx pgx.Tx) error { return catalog.Dismiss(ctx, tx, by, c, whom, noon) })
		return key
	}
	if key := dismiss(seller, helper); key != "member.managers_only" {
		t.Errorf("by a seller: %q", key)
	}
	if key := dismiss(manager, manager); key != "member.last_manager" {
		t.Errorf("the last manager leaves: %q", key)
	}
	if key := dismiss(manager, seller); key != "" {
		t.Errorf("by the manager: %q", key)
	}
	if key := dismiss(manager, seller); key != "member.gone" {
		t.Errorf("twice: %q", key)
	}
	if key := dismiss(helper, helper); key != "" {
		t.Errorf("a helper leaves: %q", key)
	}
	if n := m.number(`SELECT count(*) FROM notice WHERE name = 'member.removed'`); n != 1 {
		t.Errorf("%d were told that they were removed", n)
	}
	if _, key := m.refused(func(ctx context.Context, tx pgx.Tx) error {
		return catalog.SetRole(ctx, tx, manager, c, manager, catalog.Seller, noon)
	}); key != "member.last_manager" {
		t.Errorf("the last manager becomes a seller: %q", key)
	}
}

// Two managers remove each other at once: one of them stays.
func TestAManagerAlwaysStays(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	for range 3 {
		c := m.invitedCooperative().ID
		a, b := m.member(c, catalog.Manager), m.member(c, catalog.Manager)
		var all sync.WaitGroup
		for by, whom := range map[int64]int64{a: b, b: a} {
			all.Go(func() {
				err := m.try(func(ctx context.Context, tx pgx.Tx) error { return catalog.Dismiss(ctx, tx, by, c, whom, noon) })
				if _, refused := sorry.As(err); err != nil && !refused {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n := m.number(`SELECT count(*) FROM member WHERE cooperative_id = $1 AND removed_at IS NULL AND role = 'manager'`, c); n != 1 {
			t.Fatalf("%d managers are left", n)
		}
	}
}

func TestAHelperActsAfterAYesUntilItEnds(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	c := m.cooperative("C1")
	manager, seller, helper, other := m.member(c, catalog.Manager), m.member(c, catalog.Seller), m.member(c, catalog.Helper), m.member(c, catalog.Helper)
	ask := func(whom int64) (a catalog.Acting, key string) {
		t.Helper()
		_, key = m.refused(func(ctx context.Context, tx pgx.Tx) (err error) {
			a, err = catalog.AskToAct(ctx, tx, helper, c, whom, noon)
			return err
		})
		return a, key
	}
	if _, key := ask(other); key != "member.gone" {
		t.Errorf("for another helper: %q", key)
	}
	if _, key := ask(m.person()); key != "member.gone" {
		t.Errorf("for a stranger: %q", key)
	}
	a, key := ask(seller)
	if again, _ := ask(seller); key != "" || again.ID != a.ID {
		t.Errorf("asked: %q, and again: %d, %d", key, a.ID, again.ID)
	}
	if _, refusal := m.who(helper, c); refusal != "member.ask_first" {
		t.Errorf("before the yes: %q", refusal)
	}
	agree := func(by int64) (agreed bool) {
		t.Helper()
		m.do(func(ctx context.Context, tx pgx.Tx) (err error) {
			agreed, err = catalog.AgreeToAct(ctx, tx, by, a.ID, noon)
			return err
		})
		return agreed
	}
	if agree(manager) || agree(helper) {
		t.Error("somebody else said yes")
	}
	if !agree(seller) || agree(seller) {
		t.Error("the member's yes counts once")
	}
	if actor, _ := m.who(helper, c); actor != (catalog.Actor{PersonID: helper, ForID: seller}) {
		t.Errorf("after the yes: %+v", actor)
	}
	end := func(by int64) (ended bool) {
		t.Helper()
		m.do(func(ctx context.Context, tx pgx.Tx) (err error) {
			ended, err = catalog.EndActing(ctx, tx, by, a.ID, noon)
			return err
		})
		return ended
	}
	if end(other) || !end(seller) || end(helper) {
		t.Error("either of the two ends it, once")
	}
	if _, refusal := m.who(helper, c); refusal != "member.ask_first" {
		t.Errorf("after the end: %q", refusal)
	}
	for name, want := range map[string]int64{"acting.asked": 1, "acting.agreed": 1, "acting.ended": 1} {
		if n := m.number(`SELECT count(*) FROM notice WHERE name = $1`, name); n != want {
			t.Errorf("%d notices %s", n, name)
		}
	}
}

func TestABaselineIsAskedOnceAMonthAndNeverAfterANo(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	c := m.invitedCooperative().ID
	manager, later := m.member(c, catalog.Manager), m.member(c, catalog.Manager)
	m.do(func(ctx context.Context, tx pgx.Tx) error { return catalog.Begin(ctx, tx, c, manager, noon) })
	ask := func(after time.Duration) (n int) {
		t.Helper()
		m.do(func(ctx context.Context, tx pgx.Tx) (err error) {
			n, err = catalog.AskBaselines(ctx, tx, 10, noon.Add(after))
			return err
		})
		return n
	}
	if ask(time.Minute) != 0 || ask(2*time.Hour) != 1 || ask(3*time.Hour) != 0 {
		t.Error("it is asked once, after an hour")
	}
	if n := m.number(`SELECT person_id FROM notice WHERE name = 'baseline.asked'`); n != manager {
		t.Errorf("person %d was asked, not the first manager %d (the other is %d)", n, manager, later)
	}
	members, women, onssa := 12, 9, true
	full := catalog.Baseline{CooperativeID: c, Month: 0, Members: &members, Women: &women, SalesBand: "under_10000", SellsBy: []string{"market", "social"}, ONSSA: &onssa}
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		return catalog.AnswerBaseline(ctx, tx, manager, full, noon)
	})
	if n := m.number(`SELECT count(*) FROM baseline WHERE answered_at IS NOT NULL`); n != 0 {
		t.Error("answers without a consent are kept")
	}
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		if err := catalog.ConsentBaseline(ctx, tx, manager, c, 0, noon); err != nil {
			return err
		}
		return catalog.AnswerBaseline(ctx, tx, manager, full, noon)
	})
	if n := m.number(`SELECT count(*) FROM baseline WHERE members = 12 AND women = 9 AND sales_band = 'under_10000' AND sells_by = '{market,social}' AND onssa
		AND answered_at IS NOT NULL AND month = 0`); n != 1 {
		t.Error("the answers are not kept")
	}
	year := 400 * 24 * time.Hour
	if ask(year) != 1 {
		t.Error("a later month overtakes the one that was never asked")
	}
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		return catalog.DeclineBaseline(ctx, tx, manager, c, 12, noon)
	})
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		m.exec(tx, `UPDATE baseline SET asked_at = NULL WHERE month = 6`)
		m.exec(tx, `DELETE FROM baseline WHERE month = 0`)
		return nil
	})
	if ask(year) != 0 {
		t.Error("asked again after a no")
	}
}

func TestAMemberUndoesWhatAHelperDid(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	variant := m.pack("P1", 1)
	seller, other, helper := m.member(m.number(`SELECT cooperative_id FROM product WHERE code = 'P1'`), catalog.Seller), m.person(), m.person()
	actor := catalog.Actor{PersonID: helper, ForID: seller}
	price := m.number(`SELECT price FROM variant WHERE id = $1`, variant)
	product := m.number(`SELECT product_id FROM variant WHERE id = $1`, variant)
	did := func(event people.Event) int64 {
		t.Helper()
		event.At = noon
		m.do(func(ctx context.Context, tx pgx.Tx) error { return actor.Record(ctx, tx, event) })
		return m.number(`SELECT max(id) FROM event WHERE name = $1`, event.Name)
	}
	undo := func(by, event int64) (end catalog.Undoing, key string) {
		t.Helper()
		_, key = m.refused(func(ctx context.Context, tx pgx.Tx) (err error) {
			end, _, err = catalog.Undo(ctx, tx, by, event, noon)
			return err
		})
		return end, key
	}
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		m.exec(tx, `UPDATE variant SET price = price + 500 WHERE id = $1`, variant)
		return nil
	})
	priced := did(people.Event{Name: "variant.priced", Subject: fmt.Sprintf("variant/%d", variant), Data: map[string]any{"old": price, "new": price + 500}})
	if _, key := undo(other, priced); key != "acting.not_yours" {
		t.Errorf("by somebody else: %q", key)
	}
	if end, _ := undo(seller, priced); end != catalog.Undone || m.number(`SELECT price FROM variant WHERE id = $1`, variant) != price {
		t.Errorf("a price: %q", end)
	}
	if end, _ := undo(seller, priced); end != catalog.UndoneBefore {
		t.Errorf("twice: %q", end)
	}
	if end, _ := undo(seller, did(people.Event{Name: "variant.priced", Subject: fmt.Sprintf("variant/%d", variant), Data: map[string]any{"old": 1, "new": 2}})); end != catalog.NeedsOperator {
		t.Errorf("a price that has changed since: %q", end)
	}
	listed := did(people.Event{Name: "product.published", Subject: fmt.Sprintf("product/%d", product)})
	if end, _ := undo(seller, listed); end != catalog.Undone || m.number(`SELECT count(*) FROM product WHERE id = $1 AND status = 'paused'`, product) != 1 {
		t.Errorf("a listing: %q", end)
	}
	if end, _ := undo(seller, did(people.Event{Name: "part.accepted", Subject: "part/1"})); end != catalog.NeedsOperator {
		t.Errorf("an order's answer: %q", end)
	}
	if n := m.number(`SELECT count(*) FROM notice WHERE name = 'acting.acted' AND person_id = $1`, seller); n != 4 {
		t.Errorf("told of %d", n)
	}
}
