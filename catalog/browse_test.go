package catalog_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/catalog"
	"souk/internal/sorry"
)

func TestWhatMayBeSold(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	found := func(code, query string, at time.Time) bool {
		t.Helper()
		var byCode, bySearch, byBrowsing bool
		m.do(func(ctx context.Context, tx pgx.Tx) error {
			card, err := catalog.ByCode(ctx, tx, code, at)
			if err != nil && !sorry.Is(err, "catalog.no_such_code") {
				return err
			}
			byCode = card.Code == code
			cards, err := catalog.Search(ctx, tx, query, catalog.Scope{}, 50, at)
			if err != nil {
				return err
			}
			bySearch = slices.ContainsFunc(cards, func(c catalog.Card) bool { return c.Code == code })
			cards, _, err = catalog.Browse(ctx, tx, catalog.Scope{}, catalog.Page{Limit: 100}, at)
			byBrowsing = slices.ContainsFunc(cards, func(c catalog.Card) bool { return c.Code == code })
			return err
		})
		available := m.number(`SELECT count(*) FROM sellable($1) WHERE code = $2`, at, code) == 1
		if byCode != bySearch || byCode != byBrowsing || byCode != available {
			t.Errorf("%s: by code %v, by search %v, by browsing %v, for sale %v", code, byCode, bySearch, byBrowsing, available)
		}
		return byCode
	}
	set := func(sql string, args ...any) {
		m.do(func(_ context.Context, tx pgx.Tx) error { m.exec(tx, sql, args...); return nil })
	}
	for _, code := range []string{"P55", "P56", "P57"} {
		if found(code, "miel", noon) {
			t.Errorf("%s has no valid ONSSA document, or its cooperative is suspended", code)
		}
	}
	if !found("P1", "miel", noon) || !found("P46", "tapis", noon) {
		t.Fatal("honey with a document and a carpet without are for sale")
	}
	for _, status := range []string{"draft", "pending_review", "paused", "archived"} {
		set(`UPDATE product SET status = $1 WHERE code = 'P1'`, status)
		if found("P1", "miel de thym", noon) {
			t.Errorf("a product that is %s is for sale", status)
		}
	}
	set(`UPDATE product SET status = 'published' WHERE code = 'P1'`)
	for _, status := range []string{"submitted", "expired", "rejected"} {
		set(`UPDATE compliance_document SET status = $1 WHERE number = 'MIE.1.C1'`, status)
		if found("P1", "miel", noon) {
			t.Errorf("food with a document that is %s is for sale", status)
		}
	}
	set(`UPDATE compliance_document SET status = 'verified', expires_on = '2026-12-03' WHERE number = 'MIE.1.C1'`)
	// The document's last day ends at midnight in Morocco, an hour before it does in UTC.
	if !found("P1", "miel", time.Date(2026, 12, 3, 22, 59, 0, 0, time.UTC)) || found("P1", "miel", time.Date(2026, 12, 3, 23, 0, 0, 0, time.UTC)) {
		t.Error("a document is valid until the end of its last day")
	}
	for _, status := range []string{"invited", "suspended", "closed"} {
		set(`UPDATE cooperative SET status = $1 WHERE code = 'C11'`, status)
		if found("P46", "tapis", noon) {
			t.Errorf("goods of a cooperative that is %s are for sale", status)
		}
	}
}

func TestLabelsNeedProof(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	label := m.number(`INSERT INTO compliance_document (cooperative_id, kind, number, title, status, expires_on, created_at)
		SELECT id, 'aop', 'AOP-7', '{"fr": "AOP Safran de Taliouine"}', 'submitted', '2027-01-31', $1 FROM cooperative WHERE code = 'C5' RETURNING id`, noon)
	shown := func(at time.Time) (label *catalog.Label) {
		m.do(func(ctx context.Context, tx pgx.Tx) error {
			card, err := catalog.ByCode(ctx, tx, "P22", at)
			label = card.Label
			return err
		})
		return label
	}
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		m.exec(tx, `UPDATE product SET label_id = $1 WHERE code = 'P22'`, label)
		return nil
	})
	if shown(noon) != nil {
		t.Error("a label that nobody verified is shown")
	}
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		return catalog.SetDocumentStatus(ctx, tx, label, catalog.Verified, 0, noon)
	})
	if got := shown(noon); got == nil || got.Kind != "aop" || got.Title["fr"] != "AOP Safran de Taliouine" {
		t.Errorf("label %+v", got)
	}
	if shown(noon.AddDate(0, 2, 0)) != nil {
		t.Error("a label is shown after its last day")
	}
	if err := m.try(func(_ context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE product SET label_id = $1 WHERE code = 'P1'`, label)
		return err
	}); err == nil {
		t.Error("another cooperative's label was taken")
	}
}

func TestCard(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		m.exec(tx, `UPDATE stock SET allocated = 3 WHERE variant_id = (SELECT v.id FROM variant v JOIN product p ON p.id = v.product_id WHERE p.code = 'P8' AND v.position = 2)`)
		var id int64
		if err := tx.QueryRow(ctx, `SELECT id FROM product WHERE code = 'P8'`).Scan(&id); err != nil {
			return err
		}
		for _, key := range []string{"huile.jpg", "huile-2.jpg"} {
			if err := catalog.AddPhoto(ctx, tx, id, catalog.Photo{Key: key, Width: 800, Height: 600}, noon); err != nil {
				return err
			}
		}
		card, err := catalog.ByCode(ctx, tx, "p 8", noon)
		if err != nil {
			return err
		}
		if card.Title["ar"] != "زيت الزيتون البكر الممتازة" || card.Cooperative.Name["fr"] != "Oliviers de Ouezzane" || card.Cooperative.Town["ar"] != "وزان" ||
			card.Region != "MA-01" || card.Category != "huiles" || card.Photo != "huile.jpg" || card.Label != nil {
			t.Errorf("card %+v", card)
		}
		got := ""
		for _, v := range card.Variants {
			got += fmt.Sprintf("%d: %s %s %d ×%d; ", v.Position, v.PackAmount, v.PackUnit, v.Price, v.Available)
		}
		if want := "1: 500 ml 4500 ×10; 2: 1 l 8000 ×37; 3: 5 l 38000 ×9; "; got != want {
			t.Errorf("variants %q, want %q", got, want)
		}
		m.exec(tx, `UPDATE variant SET archived_at = $2 WHERE id = $1`, card.Variants[0].ID, noon)
		if _, _, err := catalog.CardOfVariant(ctx, tx, card.Variants[0].ID, noon); !sorry.Is(err, "catalog.gone") {
			t.Errorf("an archived pack: %v", err)
		}
		again, pack, err := catalog.CardOfVariant(ctx, tx, card.Variants[1].ID, noon)
		if again.Code != "P8" || pack.PackAmount != "1" || len(again.Variants) != 2 {
			t.Errorf("%s %+v", again.Code, pack)
		}
		return err
	})
}

func TestCodesInAnyHand(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		for _, typed := range []string{"P12", "p12", " p 12 ", "P-12", "12", "١٢", "p١٢", "P۱۲", "P012", "#P12", "Ｐ１２", "\u200fP12."} {
			if card, err := catalog.ByCode(ctx, tx, typed, noon); err != nil || card.Code != "P12" {
				t.Errorf("%q is %q (%v)", typed, card.Code, err)
			}
		}
		for _, typed := range []string{"", "P", "P0", "P99", "Q12", "P1x2", "P-", "12P", strings.Repeat("9", 40), "P12; DROP TABLE product"} {
			if card, err := catalog.ByCode(ctx, tx, typed, noon); !sorry.Is(err, "catalog.no_such_code") {
				t.Errorf("%q is %q (%v)", typed, card.Code, err)
			}
		}
		return nil
	})
}

func TestBrowse(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		m.exec(tx, `UPDATE product SET ordered_count = 40 WHERE code = 'P3'`)
		m.exec(tx, `UPDATE product SET ordered_count = 9 WHERE code IN ('P2', 'P7')`)
		page := func(scope catalog.Scope, limit, offset int) string {
			cards, total, err := catalog.Browse(ctx, tx, scope, catalog.Page{Limit: limit, Offset: offset}, noon)
			if err != nil {
				t.Fatal(err)
			}
			got := fmt.Sprint(total, ":")
			for _, c := range cards {
				got += " " + c.Code
			}
			return got
		}
		azilal := catalog.Scope{Region: "MA-05", Category: "miel"}
		for _, test := range []struct{ got, want string }{
			{page(azilal, 10, 0), "5: P3 P2 P1 P5 P7"}, // popular first; P7 is sold out
			{page(azilal, 2, 0), "5: P3 P2"},
			{page(azilal, 2, 2), "5: P1 P5"},
			{page(azilal, 3, 3), "5: P5 P7"},
			{page(azilal, 2, 4), "5: P7"},
			{page(azilal, 2, 5), "5:"},
			{page(catalog.Scope{Cooperative: "C6"}, 5, 0), "2: P16 P17"},
			{page(catalog.Scope{Cooperative: "C13"}, 5, 0), "0:"},
			{page(catalog.Scope{Cooperative: "nobody"}, 5, 0), "0:"},
			{page(catalog.Scope{Category: "tapis"}, 5, 0), "3: P46 P47 P48"},
		} {
			if test.got != test.want {
				t.Errorf("got %s, want %s", test.got, test.want)
			}
		}
		return nil
	})
}

func TestRegionsAndCategories(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		regions, err := catalog.Regions(ctx, tx, noon)
		if err != nil {
			return err
		}
		total := 0
		for _, r := range regions {
			total += r.Products
			switch r.Code {
			case "MA-05":
				if r.Products != 6 || r.DeliveryFee != 3500 || r.RelayFee != 1500 {
					t.Errorf("%+v", r)
				}
			case "MA-06":
				if r.Products != 0 || r.Name["fr"] != "Casablanca-Settat" {
					t.Errorf("a region without goods is listed too: %+v", r)
				}
			}
		}
		if total != 54 || len(regions) != 7 {
			t.Errorf("%d products in %d regions", total, len(regions))
		}
		everywhere, err := catalog.Categories(ctx, tx, "", noon)
		if err != nil {
			return err
		}
		total = 0
		for _, c := range everywhere {
			total += c.Products
		}
		if total != 54 || len(everywhere) != len(shelves) {
			t.Errorf("%d products on %d shelves", total, len(everywhere))
		}
		azilal, err := catalog.Categories(ctx, tx, "MA-05", noon)
		if len(azilal) != 2 {
			t.Errorf("shelves of Azilal's region: %+v", azilal)
		}
		return err
	})
}

func TestSearchInScope(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	for _, test := range []struct {
		query string
		scope catalog.Scope
		want  string
	}{
		{"miel", catalog.Scope{Region: "MA-05"}, "P1 P2 P3 P7 P5"},
		{"mile", catalog.Scope{Region: "MA-03"}, "P4 P6"},
		{"عسل", catalog.Scope{Region: "MA-05", Category: "miel"}, "P1 P2 P3 P7 P5"},
		{"زيت العود", catalog.Scope{Category: "huiles"}, "P8 P9"},
		{"زيت العود", catalog.Scope{Category: "cosmetiques"}, "P36"},
		{"zit argan", catalog.Scope{Cooperative: "C4"}, "P10 P11"},
		{"miel", catalog.Scope{Region: "MA-09"}, ""},
		{"miel", catalog.Scope{Region: "MA-99"}, ""},
	} {
		if got := strings.Join(m.search(test.query, test.scope, 20), " "); got != test.want {
			t.Errorf("%q in %+v: %q, want %q", test.query, test.scope, got, test.want)
		}
	}
}

func TestRanking(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	m.do(func(_ context.Context, tx pgx.Tx) error {
		m.exec(tx, `UPDATE product SET ordered_count = 100 WHERE code = 'P7'`) // honey in the comb: loved, sold out
		m.exec(tx, `UPDATE product SET ordered_count = 50 WHERE code = 'P3'`)
		m.exec(tx, `UPDATE product SET ordered_count = 500 WHERE code = 'P5'`) // propolis: only on honey's shelf
		return nil
	})
	if got := strings.Join(m.search("miel", catalog.Scope{}, 20), " "); got != "P3 P1 P2 P4 P7 P5 P6" {
		t.Errorf("miel: %s; want what is called so first, then in stock, then popular", got)
	}
	if got := m.search("miel", catalog.Scope{}, 3); len(got) != 3 {
		t.Errorf("three of it: %q", got)
	}
}

func TestSuggest(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		suggested := func(query string) string {
			s, err := catalog.Suggest(ctx, tx, query, 4, noon)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, c := range s.Cards {
				got += c.Code + " "
			}
			for _, c := range s.Categories {
				if c.ID == "" || c.Name["fr"] == "" {
					t.Errorf("shelf %+v", c)
				}
				got += "/"
			}
			return got
		}
		for query, want := range map[string]string{
			"miel de lavande": "P1 P2 P3 P4 ", // lavender is known to the glossary, but nobody sells it
			"ordinateur":      "////",
			"":                "////",
			"safran azilal":   "P22 P1 P2 P3 ",
		} {
			if got := suggested(query); got != want {
				t.Errorf("%q: %q, want %q", query, got, want)
			}
		}
		return nil
	})
}
