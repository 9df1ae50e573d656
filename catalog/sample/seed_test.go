package sample

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"souk/catalog"
	"souk/internal/postgres/pgtest"
	"souk/internal/rows"
)

var thursday = time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC)

func seeded(t *testing.T) (*pgxpool.Pool, *catalog.DiskPhotos) {
	t.Helper()
	photos, err := catalog.OpenDiskPhotos(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := photos.Close(); err != nil {
			t.Error(err)
		}
	})
	pool := pgtest.New(t)
	if err := Seed(t.Context(), pool, photos, thursday); err != nil {
		t.Fatal(err)
	}
	return pool, photos
}

func number(t *testing.T, pool *pgxpool.Pool, sql string) int {
	t.Helper()
	n, _, err := rows.Value[int](t.Context(), pool, "count", sql, rows.Args{})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func exec(t *testing.T, pool *pgxpool.Pool, sql string) {
	t.Helper()
	if _, err := pool.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

var tables = []string{"region", "town", "category", "cooperative", "compliance_document", "person", "member", "product", "variant", "stock",
	"stock_movement", "photo", "relay"}

func TestSeedFillsTheSouk(t *testing.T) {
	t.Parallel()
	pool, photos := seeded(t)
	data := load(t)

	if n := number(t, pool, `SELECT count(*) FROM product`); n != len(data.Products) {
		t.Errorf("%d products in the database, %d in the files", n, len(data.Products))
	}
	if n := number(t, pool, `SELECT count(*) FROM sellable('2026-12-04T10:00:00Z')`); n != len(data.Products) {
		t.Errorf("%d of %d products may be sold", n, len(data.Products))
	}
	labelled := 0
	for _, product := range data.Products {
		if product.Label != "" {
			labelled++
		}
	}
	if n := number(t, pool, `SELECT count(*) FROM product p JOIN compliance_document d ON d.id = p.label_id AND d.status = 'verified' AND d.kind <> 'onssa'`); n != labelled {
		t.Errorf("%d products show a label, want %d", n, labelled)
	}
	for what, sql := range map[string]string{
		"products without a picture":                `SELECT count(*) FROM product p WHERE NOT EXISTS (SELECT FROM photo WHERE product_id = p.id)`,
		"packs without stock rows":                  `SELECT count(*) FROM variant v WHERE NOT EXISTS (SELECT FROM stock WHERE variant_id = v.id)`,
		"stocks that their movements do not add to": `SELECT count(*) FROM stock s WHERE on_hand <> COALESCE((SELECT sum(change) FROM stock_movement m WHERE m.variant_id = s.variant_id), 0)`,
		"products that no search finds":             `SELECT count(*) FROM product WHERE cardinality(search_words) < 5`,
		"cooperatives without a manager":            `SELECT count(*) FROM cooperative c WHERE NOT EXISTS (SELECT FROM member WHERE cooperative_id = c.id AND role = 'manager')`,
		"food of cooperatives without a number": `SELECT count(*) FROM product p JOIN category k ON k.id = p.category_id AND k.food
			WHERE NOT EXISTS (SELECT FROM compliance_document d WHERE d.cooperative_id = p.cooperative_id AND d.kind = 'onssa' AND d.status = 'verified')`,
	} {
		if n := number(t, pool, sql); n != 0 {
			t.Errorf("%d %s", n, what)
		}
	}
	keys, err := rows.Values[string](t.Context(), pool, "list keys", `SELECT DISTINCT key FROM photo`, rows.Args{})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		picture, size, err := photos.Open(t.Context(), key)
		if err != nil {
			t.Error(err)
			continue
		}
		if err := picture.Close(); err != nil || size == 0 {
			t.Errorf("picture %s: %d bytes, %v", key, size, err)
		}
	}
}

func TestSeedTwiceIsOnce(t *testing.T) {
	t.Parallel()
	pool, photos := seeded(t)
	dump := func() map[string]string {
		all := map[string]string{}
		for _, table := range tables {
			sum, _, err := rows.Value[string](t.Context(), pool, "sum up "+table,
				fmt.Sprintf(`SELECT md5(COALESCE(string_agg(x::text, '|' ORDER BY x::text), '')) FROM %s x`, table), rows.Args{})
			if err != nil {
				t.Fatal(err)
			}
			all[table] = sum
		}
		return all
	}
	before := dump()
	if err := Seed(t.Context(), pool, photos, thursday.AddDate(0, 1, 0)); err != nil {
		t.Fatal(err)
	}
	after := dump()
	for _, table := range tables {
		if before[table] != after[table] {
			t.Errorf("seeding again changed %s", table)
		}
	}
}

func TestSeedAgainKeepsWhatPeopleDid(t *testing.T) {
	t.Parallel()
	pool, photos := seeded(t)
	exec(t, pool, `UPDATE stock SET on_hand = 1 WHERE variant_id = (SELECT v.id FROM variant v JOIN product p ON p.id = v.product_id WHERE p.code = 'P1' AND v.position = 1)`)
	exec(t, pool, `UPDATE product SET title = '{"fr": "Mon miel", "ar": "عسلي"}', updated_at = updated_at + interval '1 hour' WHERE code = 'P1'`)
	exec(t, pool, `UPDATE variant SET price = 9900 WHERE position = 1 AND product_id = (SELECT id FROM product WHERE code = 'P1')`)
	exec(t, pool, `UPDATE product SET title = '{"fr": "abîmé", "ar": "تالف"}' WHERE code = 'P2'`)
	exec(t, pool, `UPDATE cooperative SET status = 'suspended' WHERE code = 'C1'`)
	exec(t, pool, `UPDATE photo SET key = 'theirs.jpg' WHERE product_id = (SELECT id FROM product WHERE code = 'P1')`)

	if err := Seed(t.Context(), pool, photos, thursday.AddDate(0, 0, 1)); err != nil {
		t.Fatal(err)
	}
	for what, sql := range map[string]string{
		"a title that its seller changed": `SELECT count(*) FROM product WHERE code = 'P1' AND title->>'fr' = 'Mon miel'`,
		"their price":                     `SELECT count(*) FROM variant v JOIN product p ON p.id = v.product_id WHERE p.code = 'P1' AND v.position = 1 AND v.price = 9900`,
		"what is left of the stock":       `SELECT count(*) FROM stock s JOIN variant v ON v.id = s.variant_id JOIN product p ON p.id = v.product_id WHERE p.code = 'P1' AND v.position = 1 AND on_hand = 1`,
		"their picture":                   `SELECT count(*) FROM photo WHERE key = 'theirs.jpg'`,
		"a suspension":                    `SELECT count(*) FROM cooperative WHERE code = 'C1' AND status = 'suspended'`,
		"the sample's title otherwise":    `SELECT count(*) FROM product WHERE code = 'P2' AND title->>'fr' = 'Miel d''euphorbe'`,
	} {
		if n := number(t, pool, sql); n != 1 {
			t.Errorf("seeding again lost %s", what)
		}
	}
}

func TestManyAddsProductsThatMayBeSold(t *testing.T) {
	t.Parallel()
	pool, _ := seeded(t)
	const n = 7_000 // more than one chunk
	had := number(t, pool, `SELECT count(*) FROM product`)
	if err := Many(t.Context(), pool, n, 1, thursday); err != nil {
		t.Fatal(err)
	}
	if got := number(t, pool, `SELECT count(*) FROM sellable('2026-12-04T10:00:00Z')`); got != had+n {
		t.Errorf("%d products may be sold, want %d", got, had+n)
	}
	if titles := number(t, pool, `SELECT count(DISTINCT title) FROM product`); titles < n*3/4 {
		t.Errorf("%d titles for %d products: too alike", titles, n)
	}
	if bad := number(t, pool, `SELECT count(*) FROM stock s WHERE on_hand <> COALESCE((SELECT sum(change) FROM stock_movement m WHERE m.variant_id = s.variant_id), 0)`); bad != 0 {
		t.Errorf("%d stocks that their movements do not add to", bad)
	}
	// The next product that somebody lists must get an id of its own.
	exec(t, pool, `INSERT INTO product (code, cooperative_id, category_id, region_code, title, status, created_at, updated_at)
		SELECT 'P9999', cooperative_id, category_id, region_code, title, 'draft', created_at, updated_at FROM product WHERE code = 'P1'`)
}

func TestManyWantsASeededSouk(t *testing.T) {
	t.Parallel()
	if err := Many(t.Context(), pgtest.New(t), 10, 1, thursday); !errors.Is(err, ErrNotSeeded) {
		t.Errorf("got %v, want %v", err, ErrNotSeeded)
	}
}
