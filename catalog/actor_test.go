package catalog_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/catalog"
	"souk/internal/sorry"
	"souk/people"
)

// who says as whom a person may act for a cooperative, or why not.
func (m *market) who(personID, cooperativeID int64) (actor catalog.Actor, refusal string) {
	m.t.Helper()
	err := m.try(func(ctx context.Context, tx pgx.Tx) (err error) {
		actor, err = catalog.MayAct(ctx, tx, personID, cooperativeID)
		return err
	})
	if s, ok := sorry.As(err); ok {
		return actor, s.Key
	}
	if err != nil {
		m.t.Fatal(err)
	}
	return actor, ""
}

func (m *market) cooperative(code string) int64 {
	m.t.Helper()
	return m.number(`SELECT id FROM cooperative WHERE code = $1`, code)
}

func (m *market) member(cooperativeID int64, role catalog.MemberRole) int64 {
	m.t.Helper()
	id := m.person()
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		return catalog.AddMember(ctx, tx, cooperativeID, id, role, 0, noon)
	})
	return id
}

func TestWhoMayAct(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	coop, other, suspended := m.cooperative("C1"), m.cooperative("C2"), m.cooperative("C14")
	manager, seller, helper, stranger := m.member(coop, catalog.Manager), m.member(coop, catalog.Seller), m.member(coop, catalog.Helper), m.person()
	elsewhere := m.member(suspended, catalog.Manager)

	for _, c := range []struct {
		name         string
		person, coop int64
		want         catalog.Actor
		refusal      string
	}{
		{"a manager", manager, coop, catalog.Actor{PersonID: manager}, ""},
		{"a seller", seller, coop, catalog.Actor{PersonID: seller}, ""},
		{"a helper whom nobody allowed", helper, coop, catalog.Actor{}, "member.ask_first"},
		{"a stranger", stranger, coop, catalog.Actor{}, "member.not_allowed"},
		{"a manager, elsewhere", manager, other, catalog.Actor{}, "member.not_allowed"},
		{"a manager of a suspended one", elsewhere, suspended, catalog.Actor{}, "cooperative.suspended"},
	} {
		if actor, refusal := m.who(c.person, c.coop); actor != c.want || refusal != c.refusal {
			t.Errorf("%s: %+v %q, want %+v %q", c.name, actor, refusal, c.want, c.refusal)
		}
	}

	m.do(func(ctx context.Context, tx pgx.Tx) error {
		m.exec(tx, `INSERT INTO acting (cooperative_id, helper_id, member_id, asked_at, agreed_at) VALUES ($1, $2, $3, $4, $4)`, coop, helper, seller, noon)
		return nil
	})
	if actor, refusal := m.who(helper, coop); actor != (catalog.Actor{PersonID: helper, ForID: seller}) || refusal != "" {
		t.Errorf("a helper after a member's yes: %+v %q", actor, refusal)
	}
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		return catalog.RemoveMember(ctx, tx, coop, seller, manager, noon)
	})
	if _, refusal := m.who(helper, coop); refusal != "member.ask_first" {
		t.Errorf("a helper whose member was removed: %q", refusal)
	}
	if _, refusal := m.who(seller, coop); refusal != "member.not_allowed" {
		t.Errorf("a seller who was removed: %q", refusal)
	}
}

// Whoever is removed while an action of theirs is under way is either too late or removed after it: never in between.
func TestRemovalWaitsForWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	coop := m.cooperative("C1")
	seller := m.member(coop, catalog.Seller)
	removed := make(chan error, 1)
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		if _, err := catalog.MayAct(ctx, tx, seller, coop); err != nil {
			return err
		}
		go func() {
			removed <- m.try(func(ctx context.Context, tx pgx.Tx) error {
				return catalog.RemoveMember(ctx, tx, coop, seller, 0, noon)
			})
		}()
		select {
		case err := <-removed:
			t.Errorf("removed in the middle of an action: %v", err)
		case <-time.After(200 * time.Millisecond):
		}
		return nil
	})
	if err := <-removed; err != nil {
		t.Fatal(err)
	}
	if _, refusal := m.who(seller, coop); refusal != "member.not_allowed" {
		t.Errorf("after the removal: %q", refusal)
	}
}

func TestBothNamesAreKept(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	helper, seller := m.person(), m.person()
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		actor := catalog.Actor{PersonID: helper, ForID: seller}
		return actor.Record(ctx, tx, people.Event{Name: "price.changed", Subject: "variant/1", Data: map[string]any{"to": 100}, At: noon})
	})
	if n := m.number(`SELECT count(*) FROM event WHERE name = 'price.changed' AND actor_id = $1 AND (data->>'for')::bigint = $2 AND data->>'to' = '100'`,
		helper, seller); n != 1 {
		t.Errorf("%d events with both names", n)
	}
}
