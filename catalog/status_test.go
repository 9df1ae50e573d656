package catalog_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"souk/catalog"
	"souk/internal/sorry"
)

func TestAProductsWay(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	id := m.number(`SELECT id FROM product WHERE code = 'P46'`)
	operator := m.person()
	m.do(func(_ context.Context, tx pgx.Tx) error {
		m.exec(tx, `UPDATE product SET status = 'draft' WHERE id = $1`, id)
		return nil
	})
	for i, step := range []struct {
		to      string
		refused bool
	}{
		{catalog.Published, true}, {catalog.Paused, true}, {catalog.PendingReview, false}, {catalog.PendingReview, false}, {catalog.Draft, false},
		{catalog.PendingReview, false}, {catalog.Published, false}, {catalog.Published, false}, {catalog.Draft, true}, {catalog.Paused, false},
		{catalog.Published, false}, {catalog.Archived, false}, {catalog.Published, true}, {catalog.Archived, false},
	} {
		err := m.try(func(ctx context.Context, tx pgx.Tx) error {
			return catalog.SetProductStatus(ctx, tx, id, step.to, operator, noon)
		})
		if sorry.Is(err, "catalog.status") != step.refused || err != nil && !step.refused {
			t.Errorf("step %d to %s: %v", i, step.to, err)
		}
	}
	events := m.number(`SELECT count(*) FROM event WHERE subject = $1 AND actor_id = $2`, fmt.Sprintf("product/%d", id), operator)
	if events != 7 {
		t.Errorf("%d events, want one for each change: 7", events)
	}
}

func TestFoodIsPublishedOnlyWithONSSA(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	publish := func(code string) error {
		id := m.number(`SELECT id FROM product WHERE code = $1`, code)
		m.do(func(_ context.Context, tx pgx.Tx) error {
			m.exec(tx, `UPDATE product SET status = 'pending_review' WHERE id = $1`, id)
			return nil
		})
		return m.try(func(ctx context.Context, tx pgx.Tx) error {
			return catalog.SetProductStatus(ctx, tx, id, catalog.Published, 0, noon)
		})
	}
	for code, allowed := range map[string]bool{"P1": true, "P46": true, "P55": false, "P57": false} {
		if err := publish(code); sorry.Is(err, "catalog.needs_onssa") == allowed {
			t.Errorf("%s: %v", code, err)
		}
	}
}

func TestDocumentsExpire(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	expire := func() (n int) {
		m.do(func(ctx context.Context, tx pgx.Tx) (err error) {
			n, err = catalog.ExpireDocuments(ctx, tx, 10, noon)
			return err
		})
		return n
	}
	if n := expire(); n != 1 {
		t.Errorf("%d documents expired, want that of C15", n)
	}
	if n := expire(); n != 0 {
		t.Errorf("%d expired again", n)
	}
	if n := m.number(`SELECT count(*) FROM event WHERE name = 'document.expired'`); n != 1 {
		t.Errorf("%d events", n)
	}
}

func TestMembers(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	seller, manager := m.person(), m.person()
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		list := func() string {
			members, err := catalog.Members(ctx, tx, 1)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, member := range members {
				got += fmt.Sprintf("%d %s; ", member.PersonID, member.Role)
			}
			return got
		}
		for range 2 {
			for person, role := range map[int64]catalog.MemberRole{seller: catalog.Seller, manager: catalog.Manager} {
				if err := catalog.AddMember(ctx, tx, 1, person, role, manager, noon); err != nil {
					return err
				}
			}
		}
		if got, want := list(), fmt.Sprintf("%d manager; %d seller; ", manager, seller); got != want {
			t.Errorf("members %q, want %q", got, want)
		}
		if err := catalog.AddMember(ctx, tx, 2, seller, catalog.Helper, manager, noon); err != nil {
			return err
		}
		of, err := catalog.MemberOf(ctx, tx, seller)
		if err != nil {
			return err
		}
		if len(of) != 2 || of[0].Code != "C1" || of[0].Role != catalog.Seller || of[1].Name["fr"] != "Femmes du Rif" {
			t.Errorf("memberships %+v", of)
		}
		for range 2 {
			if err := catalog.RemoveMember(ctx, tx, 1, seller, manager, noon); err != nil {
				return err
			}
		}
		if got, want := list(), fmt.Sprintf("%d manager; ", manager); got != want {
			t.Errorf("members %q, want %q", got, want)
		}
		if err := catalog.AddMember(ctx, tx, 1, seller, catalog.Helper, manager, noon); err != nil {
			return err
		}
		if got, want := list(), fmt.Sprintf("%d manager; %d helper; ", manager, seller); got != want {
			t.Errorf("members %q, want %q", got, want)
		}
		return nil
	})
	if added, removed := m.number(`SELECT count(*) FROM event WHERE name = 'member.added'`), m.number(`SELECT count(*) FROM event WHERE name = 'member.removed'`); added != 4 || removed != 1 {
		t.Errorf("%d events of adding, %d of removing; want 4, 1", added, removed)
	}
}
