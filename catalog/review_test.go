package catalog_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/catalog"
	"souk/internal/sorry"
	"souk/people"
)

func (m *market) reviews() (all []catalog.Review) {
	m.t.Helper()
	m.do(func(ctx context.Context, tx pgx.Tx) (err error) { all, err = catalog.Reviews(ctx, tx, 50); return err })
	return all
}

func (m *market) approve(review int64, now time.Time) {
	m.t.Helper()
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		_, err := catalog.Approve(ctx, tx, review, "salma", now)
		return err
	})
}

// A new cooperative's listings are looked at until three were found good.
func TestFirstListingsWait(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	coop := m.cooperative("C12") // crafts: no food
	seller := m.member(coop, catalog.Seller)
	bag := func(name string) catalog.Content {
		return catalog.Content{Title: words(name, ""), Category: "cuir", Packs: []catalog.Pack{{Amount: "1", Unit: "piece", Price: 20000, Stock: stock(2)}}}
	}
	for i, name := range []string{"Besace du désert", "Ceinture brodée", "Portefeuille gravé"} {
		p, _ := m.publish(m.draft(coop, seller, bag(name)), seller, noon)
		if p.OnSale() || p.Review != catalog.FirstListings || !p.Promised.Equal(people.WorkingHours(noon, catalog.ReviewWithin, people.DefaultZone)) {
			t.Fatalf("%s: %+v", name, p)
		}
		waiting := m.reviews()
		if len(waiting) != 1 || waiting[0].Code != p.Code || waiting[0].Reason != catalog.FirstListings {
			t.Fatalf("%+v", waiting)
		}
		if n := m.number(`SELECT count(*) FROM ticket WHERE kind = 'listing' AND status = 'open'`); n != 1 {
			t.Errorf("%d tickets", n)
		}
		m.approve(waiting[0].ID, noon)
		m.approve(waiting[0].ID, noon.Add(time.Minute)) // twice is once
		if got := m.search(name, catalog.Scope{}, 3); !slices.Contains(got, p.Code) {
			t.Errorf("%s is not found: %v", name, got)
		}
		if n := m.number(`SELECT count(*) FROM notice WHERE name = 'listing.published'`); n != int64(i+1) {
			t.Errorf("%d notices", n)
		}
		if n := m.number(`SELECT count(*) FROM ticket WHERE kind = 'listing' AND status = 'open'`); n != 0 {
			t.Error("the ticket is still open")
		}
	}
	if p, _ := m.publish(m.draft(coop, seller, bag("Coussin de cuir")), seller, noon); !p.OnSale() {
		t.Errorf("the fourth waits: %+v", p)
	}
}

func TestForbiddenWordsWait(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	m.trust("C1")
	coop := m.cooperative("C1")
	manager, helper := m.member(coop, catalog.Manager), m.member(coop, catalog.Helper)
	content := honey()
	content.Caption = "Miel qui guérit le diabète 500g 120dh"
	p, _ := m.publish(m.draft(coop, manager, content), manager, noon)
	if p.OnSale() || p.Review != catalog.ForbiddenWords || len(p.Forbidden) != 1 || p.Forbidden[0].Reason != "healing" {
		t.Fatalf("%+v", p)
	}
	review := m.reviews()[0]
	refuse := func(note string) error {
		return m.try(func(ctx context.Context, tx pgx.Tx) error {
			_, err := catalog.Refuse(ctx, tx, review.ID, "salma", note, noon)
			return err
		})
	}
	if err := refuse("  "); !sorry.Is(err, "review.note") {
		t.Errorf("without a word: %v", err)
	}
	for range 2 {
		if err := refuse("Aucun miel ne guérit : retirez ces mots."); err != nil {
			t.Fatal(err)
		}
	}
	if n := m.number(`SELECT count(*) FROM notice WHERE name = 'listing.refused' AND person_id = $1 AND args->>'note' LIKE 'Aucun%'`, manager); n != 1 {
		t.Errorf("%d notices", n)
	}
	if n := m.number(`SELECT count(*) FROM notice WHERE person_id = $1`, helper); n != 0 {
		t.Error("who helps is told nothing unasked")
	}
	if err := m.try(func(ctx context.Context, tx pgx.Tx) error {
		_, err := catalog.Approve(ctx, tx, review.ID, "salma", noon)
		return err
	}); !sorry.Is(err, "review.decided") {
		t.Errorf("refused, then approved: %v", err)
	}
	if status := m.text(`SELECT status FROM product WHERE id = $1`, p.ProductID); status != catalog.Draft {
		t.Errorf("it is %s", status)
	}
}

// A listing that buyers reported leaves the shelves until it was looked at; nobody puts it back meanwhile.
func TestReportedListingsWait(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	product := m.number(`SELECT id FROM product WHERE code = 'P1'`)
	manager := m.member(m.number(`SELECT cooperative_id FROM product WHERE id = $1`, product), catalog.Manager)
	var first, second catalog.Review
	m.do(func(ctx context.Context, tx pgx.Tx) (err error) {
		if first, err = catalog.OpenReview(ctx, tx, product, catalog.Reported, "unsafe", noon); err != nil {
			return err
		}
		second, err = catalog.OpenReview(ctx, tx, product, catalog.Reported, "not as shown", noon.Add(time.Hour))
		return err
	})
	if first.ID != second.ID || second.Words != "unsafe; not as shown" || !second.PromisedAt.Equal(first.PromisedAt) {
		t.Errorf("%+v, then %+v", first, second)
	}
	err := m.try(func(ctx context.Context, tx pgx.Tx) error {
		return catalog.SetProductStatus(ctx, tx, product, catalog.Published, manager, noon)
	})
	if !sorry.Is(err, "listing.in_review") {
		t.Errorf("put back: %v", err)
	}
	m.approve(first.ID, noon)
	if status := m.text(`SELECT status FROM product WHERE id = $1`, product); status != catalog.Published {
		t.Errorf("it is %s", status)
	}
}

// A promise that was not kept is told, once, with a new hour; the operators see it in the ticket.
func TestLatePromisesAreTold(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	coop := m.cooperative("C12")
	seller := m.member(coop, catalog.Seller)
	content := catalog.Content{Title: words("Besace", ""), Category: "cuir", Packs: []catalog.Pack{{Amount: "1", Unit: "piece", Price: 20000, Stock: stock(2)}}}
	p, _ := m.publish(m.draft(coop, seller, content), seller, noon)
	escalate := func(now time.Time) (n int) {
		m.do(func(ctx context.Context, tx pgx.Tx) (err error) {
			n, err = catalog.EscalateReviews(ctx, tx, 10, now)
			return err
		})
		return n
	}
	if n := escalate(p.Promised.Add(-time.Minute)); n != 0 {
		t.Errorf("%d escalated before the hour", n)
	}
	if n := escalate(p.Promised); n != 1 {
		t.Errorf("%d escalated", n)
	}
	if n := escalate(p.Promised.Add(72 * time.Hour)); n != 0 {
		t.Errorf("%d escalated a second time", n)
	}
	if n := m.number(`SELECT count(*) FROM notice WHERE name = 'listing.later' AND person_id = $1`, seller); n != 1 {
		t.Errorf("%d notices", n)
	}
	if n := m.number(`SELECT count(*) FROM ticket_message WHERE body LIKE 'LATE%' AND author = 'souk'`); n != 1 {
		t.Errorf("%d late messages", n)
	}
}
