package catalog_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/catalog"
	"souk/internal/sorry"
)

func stock(n int64) *int64 { return &n }

// honey is a draft with everything said.
func honey() catalog.Content {
	return catalog.Content{Title: words("Miel de jujubier royal", "عسل السدر الملكي"), Unreviewed: []string{"ar"}, Category: "miel",
		Aliases: []string{"3sel sder"}, Caption: "Miel de jujubier royal 500g 120dh x30",
		Packs: []catalog.Pack{{Amount: "500", Unit: "g", Price: 12000, Stock: stock(30), Tiers: []catalog.Tier{{From: 10, Price: 9500}}},
			{Amount: "1", Unit: "kg", Price: 22000, Stock: stock(0), ByWeight: true}}}
}

func (m *market) trust(codes ...string) {
	m.t.Helper()
	m.do(func(_ context.Context, tx pgx.Tx) error {
		m.exec(tx, `UPDATE cooperative SET trusted_at = $2 WHERE code = ANY($1)`, codes, noon)
		return nil
	})
}

func (m *market) draft(coop, person int64, content catalog.Content) (id int64) {
	m.t.Helper()
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		d, err := catalog.OpenDraft(ctx, tx, coop, person, content, noon)
		id = d.ID
		return err
	})
	return id
}

func (m *market) publish(draft, person int64, now time.Time) (p catalog.Publication, refusal string) {
	m.t.Helper()
	err := m.try(func(ctx context.Context, tx pgx.Tx) (err error) {
		p, err = catalog.Publish(ctx, tx, draft, catalog.Actor{PersonID: person}, now)
		return err
	})
	if s, ok := sorry.As(err); ok {
		return p, s.Key
	}
	if err != nil {
		m.t.Fatal(err)
	}
	return p, ""
}

func (m *market) text(sql string, args ...any) (s string) {
	m.t.Helper()
	if err := m.pool.QueryRow(m.t.Context(), sql, args...).Scan(&s); err != nil {
		m.t.Fatalf("%v in %s", err, sql)
	}
	return s
}

func TestPublishedIsSoldAtOnce(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	m.trust("C1")
	coop := m.cooperative("C1")
	seller := m.member(coop, catalog.Seller)
	photo := m.number(`WITH a AS (INSERT INTO address (channel, account, external_id, person_id, created_at) VALUES ('telegram', 't', '1', $1, $2) RETURNING id)
		INSERT INTO sent_photo (address_id, provider_ref, status, key, width, height, received_at)
		SELECT id, 'x', 'ready', 'sent/1.jpg', 1280, 960, $2 FROM a RETURNING id`, seller, noon)
	late := m.number(`INSERT INTO sent_photo (address_id, provider_ref, received_at) SELECT address_id, 'y', $2 FROM sent_photo WHERE id = $1 RETURNING id`, photo, noon)
	content := honey()
	content.Media = []int64{photo, late, 99_999}
	draft := m.draft(coop, seller, content)

	p, refusal := m.publish(draft, seller, noon)
	if refusal != "" || !p.OnSale() || p.Updated || p.Again || p.Code != "P1001" {
		t.Fatalf("%+v %s", p, refusal)
	}
	for _, query := range []string{"miel de jujubier royal", "عسل السدر", "3sel sder"} {
		if got := m.search(query, catalog.Scope{Cooperative: "C1"}, 20); !slices.Contains(got, p.Code) {
			t.Errorf("%q finds %v, not %s", query, got, p.Code)
		}
	}
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		card, err := catalog.ByCode(ctx, tx, p.Code, noon)
		if err != nil {
			return err
		}
		if card.Photo != "sent/1.jpg" || len(card.Variants) != 2 || card.Variants[0].Available != 30 || card.Variants[0].Price != 12000 {
			t.Errorf("%+v", card)
		}
		if got, err := catalog.Movements(ctx, tx, card.Variants[0].ID); err != nil || len(got) != 1 || got[0].Reason != catalog.Opening || got[0].ActorID != seller {
			t.Errorf("%+v %v", got, err)
		}
		// A picture that comes late joins it; one that is refused is taken out of the draft.
		if _, err := tx.Exec(ctx, `UPDATE sent_photo SET status = 'ready', key = 'sent/2.jpg', width = 9, height = 9 WHERE id = $1`, late); err != nil {
			return err
		}
		address := m.number(`SELECT address_id FROM sent_photo WHERE id = $1`, late)
		for range 2 {
			if code, err := catalog.AttachPhoto(ctx, tx, late, address, noon); err != nil || code != p.Code {
				t.Errorf("attached to %q: %v", code, err)
			}
		}
		if pictures, err := catalog.Photos(ctx, tx, p.ProductID); err != nil || len(pictures) != 2 || pictures[1].Key != "sent/2.jpg" {
			t.Errorf("%v %v", pictures, err)
		}
		code, err := catalog.DetachPhoto(ctx, tx, 99_999)
		if code != p.Code {
			t.Errorf("detached from %q", code)
		}
		return err
	})
	if n := m.number(`SELECT count(*) FROM price_tier t JOIN variant v ON v.id = t.variant_id WHERE v.product_id = $1 AND t.quantity = 10 AND t.price = 9500`, p.ProductID); n != 1 {
		t.Error("the price from ten on is missing")
	}
	if n := m.number(`SELECT count(*) FROM variant WHERE product_id = $1 AND by_weight`, p.ProductID); n != 1 {
		t.Error("one pack is weighed")
	}

	again, refusal := m.publish(draft, seller, noon.Add(time.Hour))
	if refusal != "" || !again.Again || again.Code != p.Code || !again.OnSale() {
		t.Errorf("published again: %+v %s", again, refusal)
	}
	if n := m.number(`SELECT count(*) FROM product WHERE created_by = $1`, seller); n != 1 {
		t.Errorf("%d products of one draft", n)
	}
	if n := m.number(`SELECT count(*) FROM event WHERE name = 'product.published' AND data->>'draft' IS NOT NULL AND actor_id = $1`, seller); n != 1 {
		t.Errorf("%d events", n)
	}
}

func TestWhoWasRemovedPublishesNothing(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	m.trust("C1")
	coop := m.cooperative("C1")
	seller := m.member(coop, catalog.Seller)
	draft := m.draft(coop, seller, honey())
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		return catalog.RemoveMember(ctx, tx, coop, seller, 0, noon)
	})
	if _, refusal := m.publish(draft, seller, noon); refusal != "member.not_allowed" {
		t.Errorf("refused with %q", refusal)
	}
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		d, err := catalog.LoadDraft(ctx, tx, draft)
		if err == nil && !sorry.Is(catalog.SaveDraft(ctx, tx, d, noon), "member.not_allowed") {
			t.Error("the draft was saved")
		}
		open, listing := catalog.OpenDrafts(ctx, tx, seller, noon)
		if len(open) != 0 {
			t.Errorf("%d drafts are still offered", len(open))
		}
		if err == nil {
			err = listing
		}
		return err
	})
}

func TestHalfADraftIsNotPublished(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	m.trust("C1")
	coop := m.cooperative("C1")
	seller := m.member(coop, catalog.Seller)
	for _, c := range []struct {
		name    string
		spoil   func(*catalog.Content)
		missing []string
	}{
		{"no price", func(c *catalog.Content) { c.Packs[1].Price = 0 }, []string{catalog.NoPrice}},
		{"no pack", func(c *catalog.Content) { c.Packs = nil }, []string{catalog.NoPrice, catalog.NoPack, catalog.NoStock}},
		{"no stock", func(c *catalog.Content) { c.Packs[0].Stock = nil }, []string{catalog.NoStock}},
		{"no title", func(c *catalog.Content) { c.Title = nil }, []string{catalog.NoTitle}},
		{"no shelf", func(c *catalog.Content) { c.Category = "" }, []string{catalog.NoCategory}},
	} {
		content := honey()
		c.spoil(&content)
		if got := content.Missing(); !slices.Equal(got, c.missing) {
			t.Errorf("%s: %v is missing", c.name, got)
		}
		if _, refusal := m.publish(m.draft(coop, seller, content), seller, noon); refusal != "listing.missing" {
			t.Errorf("%s: refused with %q", c.name, refusal)
		}
	}
	for key, spoil := range map[string]func(*catalog.Content){
		"listing.title_long":  func(c *catalog.Content) { c.Title["fr"] = string(make([]rune, 200)) },
		"listing.price_range": func(c *catalog.Content) { c.Packs[0].Price = catalog.MaxPrice + 1 },
		"listing.pack_unread": func(c *catalog.Content) { c.Packs[0].Amount = "0.00" },
		"stock.range":         func(c *catalog.Content) { c.Packs[0].Stock = stock(-1) },
		"listing.same_pack":   func(c *catalog.Content) { c.Packs[1].Amount, c.Packs[1].Unit = "0.5", "kg" },
		"listing.many_packs":  func(c *catalog.Content) { c.Packs = make([]catalog.Pack, 20) },
	} {
		content := honey()
		spoil(&content)
		err := m.try(func(ctx context.Context, tx pgx.Tx) error {
			_, err := catalog.OpenDraft(ctx, tx, coop, seller, content, noon)
			return err
		})
		if !sorry.Is(err, key) {
			t.Errorf("%s: %v", key, err)
		}
	}
}

func TestFoodWaitsForItsNumber(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	m.trust("C13")
	coop := m.cooperative("C13") // its number was submitted, nobody has verified it
	seller := m.member(coop, catalog.Seller)
	p, _ := m.publish(m.draft(coop, seller, honey()), seller, noon)
	if p.OnSale() || !p.NeedsONSSA || p.Review != "" {
		t.Fatalf("%+v", p)
	}
	if again, _ := m.publish(m.number(`SELECT max(id) FROM draft`), seller, noon); !again.NeedsONSSA || !again.Again {
		t.Errorf("%+v", again)
	}
	if n := m.number(`SELECT count(*) FROM ticket WHERE kind = 'compliance' AND status = 'open' AND person_id = $1`, seller); n != 1 {
		t.Errorf("%d files were opened", n)
	}
	if got := m.search("jujubier royal", catalog.Scope{}, 5); slices.Contains(got, p.Code) {
		t.Error("it is found before its number is verified")
	}
	soap := catalog.Content{Title: words("Savon d'Azilal", "صابون أزيلال"), Category: "cosmetiques", Packs: []catalog.Pack{{Amount: "1", Unit: "piece", Price: 2000, Stock: stock(3)}}}
	if p, _ := m.publish(m.draft(coop, seller, soap), seller, noon); !p.OnSale() {
		t.Errorf("soap is no food: %+v", p)
	}

	document := m.number(`SELECT id FROM compliance_document WHERE cooperative_id = $1`, coop)
	for i := range 2 {
		m.do(func(ctx context.Context, tx pgx.Tx) error {
			until := noon.AddDate(1, 0, 0)
			released, err := catalog.VerifyDocument(ctx, tx, document, &until, noon)
			if i == 0 && released != 1 || i == 1 && released != 0 {
				t.Errorf("%d released", released)
			}
			return err
		})
	}
	if got := m.search("jujubier royal", catalog.Scope{}, 5); !slices.Contains(got, p.Code) {
		t.Errorf("found %v", got)
	}
	if n := m.number(`SELECT count(*) FROM notice WHERE name = 'listing.published' AND person_id = $1`, seller); n != 1 {
		t.Errorf("%d notices", n)
	}
	if n := m.number(`SELECT count(*) FROM ticket WHERE kind = 'compliance' AND status = 'open'`); n != 0 {
		t.Error("the file is still open")
	}
}

func TestARejectedDocumentIsTold(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	coop := m.cooperative("C9")
	manager := m.member(coop, catalog.Manager)
	m.member(coop, catalog.Helper)
	var id int64
	for range 2 {
		m.do(func(ctx context.Context, tx pgx.Tx) (err error) {
			if _, err := catalog.SubmitDocument(ctx, tx, coop, "onssa", "none", nil, catalog.Actor{PersonID: manager}, noon); !sorry.Is(err, "document.number") {
				t.Errorf("a number without digits: %v", err)
			}
			id, err = catalog.SubmitDocument(ctx, tx, coop, "onssa", "HAM.1.22", nil, catalog.Actor{PersonID: manager}, noon)
			return err
		})
	}
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		waiting, err := catalog.Documents(ctx, tx, false, 10)
		if !slices.ContainsFunc(waiting, func(d catalog.Document) bool { return d.ID == id && d.Code == "C9" && d.Number == "HAM.1.22" }) {
			t.Errorf("%+v", waiting)
		}
		return err
	})
	for range 2 {
		m.do(func(ctx context.Context, tx pgx.Tx) error {
			return catalog.RejectDocument(ctx, tx, id, "Numéro illisible.", noon)
		})
	}
	if n := m.number(`SELECT count(*) FROM notice WHERE name = 'document.rejected'`); n != 1 || m.number(`SELECT count(*) FROM notice WHERE person_id = $1`, manager) != 1 {
		t.Errorf("%d notices", n)
	}
	if err := m.try(func(ctx context.Context, tx pgx.Tx) error {
		yesterday := noon.AddDate(0, 0, -2)
		_, err := catalog.VerifyDocument(ctx, tx, id, &yesterday, noon)
		return err
	}); !sorry.Is(err, "document.expired") {
		t.Errorf("a day that is over: %v", err)
	}
}

func TestUnprovedLabelsAreLeftOff(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	m.trust("C1", "C9")
	coop := m.cooperative("C1")
	seller := m.member(coop, catalog.Seller)
	content := honey()
	content.Title = words("Miel bio de jujubier IGP", "عسل السدر عضوي")
	m.do(func(_ context.Context, tx pgx.Tx) error {
		m.exec(tx, `INSERT INTO compliance_document (cooperative_id, kind, number, title, status, created_at) VALUES ($1, 'igp', 'I.1', '{"fr": "IGP"}', 'verified', $2)`, coop, noon)
		return nil
	})
	p, _ := m.publish(m.draft(coop, seller, content), seller, noon)
	if len(p.LeftOff) != 1 || p.LeftOff[0].Kind != "bio" || p.Title["fr"] != "Miel de jujubier IGP" || p.Title["ar"] != "عسل السدر" {
		t.Errorf("%+v", p)
	}
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		card, err := catalog.ByCode(ctx, tx, p.Code, noon)
		if err == nil && (card.Label == nil || card.Label.Number != "I.1") {
			t.Errorf("%+v", card.Label)
		}
		return err
	})
	content.Title = words("Bio", "")
	delete(content.Title, "ar")
	if _, refusal := m.publish(m.draft(coop, seller, content), seller, noon); refusal != "listing.only_label" {
		t.Errorf("a label alone is no name: %q", refusal)
	}
}

func TestAnOwnProductIsUpdated(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	m.trust("C1")
	coop := m.cooperative("C1")
	seller := m.member(coop, catalog.Seller)
	first, _ := m.publish(m.draft(coop, seller, honey()), seller, noon)
	for _, title := range []string{"miel royal de jujubier", "3sel sder royal", "Miel de jujubier royal"} {
		m.do(func(ctx context.Context, tx pgx.Tx) error {
			twin, err := catalog.Twin(ctx, tx, coop, words(title, ""))
			if twin != first.ProductID {
				t.Errorf("%q is the name of %d", title, twin)
			}
			return err
		})
	}
	var own catalog.Own
	m.do(func(ctx context.Context, tx pgx.Tx) (err error) {
		own, err = catalog.LoadOwn(ctx, tx, first.ProductID)
		return err
	})
	content := catalog.Content{Update: true, Packs: []catalog.Pack{{Amount: "0.5", Unit: "kg", Price: 13000}, {Amount: "250", Unit: "g", Price: 7000, Stock: stock(4)}}}
	content.Fill(own)
	if *content.Packs[0].Stock != 30 {
		t.Errorf("%+v", content.Packs)
	}
	draft := m.draft(coop, seller, content)
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		d, err := catalog.LoadDraft(ctx, tx, draft)
		if err != nil {
			return err
		}
		d.ProductID = first.ProductID
		*d.Content.Packs[0].Stock = 25
		return catalog.SaveDraft(ctx, tx, d, noon)
	})
	p, refusal := m.publish(draft, seller, noon)
	if refusal != "" || !p.Updated || p.Code != first.Code || !p.OnSale() {
		t.Fatalf("%+v %s", p, refusal)
	}
	want := "500 g 13000 25, 1 kg 22000 0, 250 g 7000 4"
	if got := m.text(`SELECT string_agg(concat_ws(' ', trim_scale(v.pack_amount), v.pack_unit, v.price, s.on_hand), ', ' ORDER BY v.position)
		FROM variant v JOIN stock s ON s.variant_id = v.id WHERE v.product_id = $1`, first.ProductID); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if n := m.number(`SELECT count(*) FROM event WHERE name = 'variant.priced' AND data = '{"old": 12000, "new": 13000}'`); n != 1 {
		t.Errorf("%d prices changed", n)
	}
}

func TestDraftsAreGivenUp(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	coop := m.cooperative("C1")
	seller := m.member(coop, catalog.Seller)
	old, fresh := m.draft(coop, seller, honey()), m.draft(coop, seller, catalog.Content{})
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		d, err := catalog.LoadDraft(ctx, tx, fresh)
		if err != nil {
			return err
		}
		return catalog.SaveDraft(ctx, tx, d, noon.Add(48*time.Hour))
	})
	later := noon.Add(catalog.DraftLife + time.Hour)
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		open, err := catalog.OpenDrafts(ctx, tx, seller, later)
		if len(open) != 1 || open[0].ID != fresh {
			t.Errorf("%+v", open)
		}
		if n, err := catalog.ExpireDrafts(ctx, tx, 10, later); n != 1 || err != nil {
			t.Errorf("%d dropped: %v", n, err)
		}
		return err
	})
	if _, refusal := m.publish(old, seller, later); refusal != "listing.closed" {
		t.Errorf("refused with %q", refusal)
	}
}
