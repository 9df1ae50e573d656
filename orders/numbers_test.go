package orders_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/postgres"
	"souk/orders"
)

// sale writes a part of a purchase of cooperative 1 as it stands after its life: placed at an instant, last moved at another.
func (m *market) sale(n int, status string, placed, moved time.Time, variant, quantity, price int64) {
	m.t.Helper()
	m.exec(`WITH b AS (INSERT INTO person (lang, created_at) VALUES ('fr', $2) RETURNING id),
		p AS (INSERT INTO purchase (code, person_id, status, delivery, relay_id, town_id, region_code, receiver_phone, goods_total, delivery_fee, placed_at, created_at)
			SELECT 'N' || $1, id, 'placed', 'relay', 1, 'casablanca', 'MA-06', '+212612345678', ($6::bigint * $7::bigint), 2000, $2, $2 FROM b RETURNING id),
		o AS (INSERT INTO coop_order (purchase_id, cooperative_id, code, status, goods_total, updated_at, created_at)
			SELECT id, 1, 'N' || $1 || '-1', $3, ($6::bigint * $7::bigint), $4, $2 FROM p RETURNING id)
		INSERT INTO line (coop_order_id, variant_id, title, pack_amount, pack_unit, price, quantity)
		SELECT o.id, v.id, '{"fr": "Miel"}', 500, 'g', $7, $6 FROM o, variant v WHERE v.id = $5`, fmt.Sprint(n), placed, status, moved, variant, quantity, price)
}

func (m *market) numbers(now time.Time, cooperatives ...int64) (n orders.Numbers) {
	m.t.Helper()
	err := postgres.Tx(context.Background(), m.pool, func(tx pgx.Tx) (err error) {
		n, err = orders.LoadNumbers(context.Background(), tx, cooperatives, now)
		return err
	})
	if err != nil {
		m.t.Fatal(err)
	}
	return n
}

func TestNumbersCountLocalDays(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 4)
	honey, thyme := m.product(1, 12000, 50), m.product(1, 7000, 50)
	// Thursday 3 December 2026. Casablanca is an hour ahead of UTC: half past eleven in the evening there is still today, in UTC it is too.
	now := time.Date(2026, 12, 3, 22, 30, 0, 0, time.UTC)
	at := func(day, hour int) time.Time { return time.Date(2026, 12, day, hour, 0, 0, 0, time.UTC) }
	for i, s := range []struct {
		status        string
		placed, moved time.Time
		variant, n    int64
	}{
		{"placed", at(3, 9), at(3, 9), honey, 2},
		{"accepted", at(2, 23), at(3, 8), thyme, 1},     // half past midnight in Casablanca: today
		{"handed_over", at(2, 22), at(3, 10), honey, 1}, // eleven in the evening: yesterday
		{"handed_over", at(-2, 9), at(1, 9), thyme, 3},  // placed on 28 November, paid in December
		{"at_relay", at(-9, 9), at(-8, 9), honey, 1},    // still due, of November
		{"cancelled", at(3, 9), at(3, 9), honey, 9},
		{"rejected", at(3, 9), at(3, 9), honey, 9},
		{"returned", at(2, 9), at(3, 9), honey, 9},
	} {
		m.sale(i, s.status, s.placed, s.moved, s.variant, s.n, map[int64]int64{honey: 12000, thyme: 7000}[s.variant])
	}
	n := m.numbers(now, 1)
	sums := func(s orders.Sales) string { return fmt.Sprint(s.Orders, s.Packs, s.Total) }
	for name, c := range map[string][2]string{
		"today": {sums(n.Today), "2 3 31000"}, "week": {sums(n.Week), "3 4 43000"}, "month": {sums(n.Month), "3 4 43000"},
		"due": {sums(n.Due), "3 4 43000"}, "paid": {sums(n.Paid), "2 4 33000"},
		"yesterday": {sums(n.Days[5]), "1 1 12000"}, "last Saturday": {sums(n.Days[1]), "1 3 21000"},
		"best": {fmt.Sprint(n.Best[0].Packs, n.Best[0].Total, n.Best[1].Packs, n.Best[1].Total, len(n.Best)), "3 36000 1 7000 2"},
	} {
		if c[0] != c[1] {
			t.Errorf("%s: %s, want %s", name, c[0], c[1])
		}
	}
	if n := m.numbers(now, 2); n.Month.Orders != 0 || len(n.Best) != 0 || len(n.Days) != 7 {
		t.Errorf("who sold nothing: %+v", n)
	}
	if n := m.numbers(now, 1, 2); n.Month.Orders != 3 {
		t.Errorf("both together: %+v", n)
	}
}

// A year of forty orders a day, and as many of others.
func BenchmarkNumbersOfAYear(b *testing.B) {
	m := newMarket(b, 4)
	variant := m.product(1, 12000, 50)
	const perDay, others = 40, 40
	m.exec(`INSERT INTO purchase (code, person_id, status, delivery, relay_id, town_id, region_code, receiver_phone, goods_total, delivery_fee, placed_at, created_at)
		SELECT 'Y' || n, (SELECT min(id) FROM person), 'placed', 'relay', 1, 'casablanca', 'MA-06', '+212612345678', 24000, 2000,
			$1::timestamptz - make_interval(mins => (n * 1440 / $2)::int), $1 FROM generate_series(1, 365 * $2::int) AS n`, thursday, perDay+others)
	m.exec(`INSERT INTO coop_order (purchase_id, cooperative_id, code, status, goods_total, updated_at, created_at)
		SELECT id, 1 + id % 2, code || '-1', CASE WHEN placed_at < $1::timestamptz - interval '5 days' THEN 'handed_over' ELSE 'placed' END, 24000,
			least(placed_at + interval '4 days', $1), placed_at FROM purchase WHERE code LIKE 'Y%'`, thursday)
	m.exec(`INSERT INTO line (coop_order_id, variant_id, title, pack_amount, pack_unit, price, quantity)
		SELECT id, $1, '{"fr": "Miel"}', 500, 'g', 12000, 2 FROM coop_order`, variant)
	m.exec(`ANALYZE`)
	for b.Loop() {
		if n := m.numbers(thursday, 1); n.Today.Orders == 0 {
			b.Fatalf("%+v", n)
		}
	}
}
