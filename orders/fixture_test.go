package orders_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"souk/internal/postgres"
	"souk/internal/postgres/pgtest"
	"souk/orders"
)

var thursday = time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC)

// market is a small world: two cooperatives, a few goods, two relays, and as many buyers as a test asks for.
type market struct {
	t    testing.TB
	pool *pgxpool.Pool
	shop *orders.Shop
}

func newMarket(t testing.TB, conns int32) *market {
	t.Helper()
	pool := pgtest.NewPool(t, conns)
	jobs, err := river.NewClient(riverpgxv5.New(nil), &river.Config{})
	if err != nil {
		t.Fatal(err)
	}
	random := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(rand.IntN(256))
		}
		return b
	}
	m := &market{t: t, pool: pool, shop: orders.NewShop(jobs, random, orders.Cash{})}
	m.exec(`INSERT INTO region (code, name, delivery_fee, relay_fee) VALUES
		('MA-05', '{"fr": "Béni Mellal-Khénifra", "ar": "بني ملال خنيفرة"}', 3500, 1500),
		('MA-06', '{"fr": "Casablanca-Settat", "ar": "الدار البيضاء سطات"}', 4000, 2000)`)
	m.exec(`INSERT INTO town (id, region_code, name, search_keys) VALUES
		('azilal', 'MA-05', '{"fr": "Azilal", "ar": "أزيلال"}', '{azilal}'),
		('casablanca', 'MA-06', '{"fr": "Casablanca", "ar": "الدار البيضاء"}', '{casablanca}')`)
	m.exec(`INSERT INTO category (id, name, food, position) VALUES
		('miel', '{"fr": "Miel", "ar": "عسل"}', true, 1), ('poterie', '{"fr": "Poterie", "ar": "فخار"}', false, 2)`)
	m.exec(`INSERT INTO cooperative (code, name, region_code, town_id, status, created_at) VALUES
		('C1', '{"fr": "Abeilles d''Azilal", "ar": "نحل أزيلال"}', 'MA-05', 'azilal', 'active', $1),
		('C2', '{"fr": "Mains de Safi", "ar": "أيادي آسفي"}', 'MA-06', 'casablanca', 'active', $1)`, thursday)
	m.exec(`INSERT INTO compliance_document (cooperative_id, kind, number, status, expires_on, created_at)
		VALUES (1, 'onssa', 'M.1.2.26', 'verified', '2028-01-01', $1)`, thursday)
	m.exec(`INSERT INTO relay (code, town_id, name, address, hours, created_at) VALUES
		('R1', 'casablanca', '{"fr": "Épicerie Hassan", "ar": "بقالة حسن"}', '{"fr": "12, rue du Souk"}', '{"fr": "10 h–18 h"}', $1),
		('R2', 'azilal', '{"fr": "Librairie Atlas", "ar": "مكتبة الأطلس"}', '{"fr": "Place de la poste"}', '{"fr": "9 h–17 h"}', $1)`, thursday)
	for coop := range 2 {
		manager := m.person()
		m.exec(`INSERT INTO member (cooperative_id, person_id, role, created_at) VALUES ($1, $2, 'manager', $3)`, coop+1, manager, thursday)
	}
	return m
}

func (m *market) exec(sql string, args ...any) {
	m.t.Helper()
	if _, err := m.pool.Exec(context.Background(), sql, args...); err != nil {
		m.t.Fatalf("%v in %s", err, sql)
	}
}

func (m *market) number(sql string, args ...any) (n int64) {
	m.t.Helper()
	if err := m.pool.QueryRow(context.Background(), sql, args...).Scan(&n); err != nil {
		m.t.Fatalf("%v in %s", err, sql)
	}
	return n
}

// product puts a product of a cooperative on sale and returns its only variant.
func (m *market) product(coop int64, price, onHand int64) (variantID int64) {
	m.t.Helper()
	category := "miel"
	if coop == 2 {
		category = "poterie"
	}
	n := m.number(`SELECT count(*) + 1 FROM product`)
	title, _ := json.Marshal(map[string]string{"fr": fmt.Sprintf("Produit %d", n), "ar": fmt.Sprintf("منتوج %d", n)})
	variantID = m.number(`
WITH p AS (INSERT INTO product (code, cooperative_id, category_id, region_code, title, status, created_at, updated_at)
           SELECT $1, c.id, $3, c.region_code, $4, 'published', $7, $7 FROM cooperative c WHERE c.id = $2 RETURNING id),
     v AS (INSERT INTO variant (product_id, position, pack_amount, pack_unit, price) SELECT id, 1, 500, 'g', $5 FROM p RETURNING id),
     s AS (INSERT INTO stock (variant_id, on_hand) SELECT id, $6 FROM v),
     x AS (INSERT INTO stock_movement (variant_id, change, reason, created_at) SELECT id, $6, 'opening', $7 FROM v WHERE $6 > 0)
SELECT id FROM v`, fmt.Sprintf("P%d", n), coop, category, title, price, onHand, thursday)
	return variantID
}

func (m *market) person() int64 {
	m.t.Helper()
	return m.number(`INSERT INTO person (lang, phone, created_at) VALUES ('fr', '+212600000001', $1) RETURNING id`, thursday)
}

// buyer is a person whose cart goes to the relay in Casablanca.
func (m *market) buyer() int64 {
	m.t.Helper()
	id := m.person()
	m.do(func(tx pgx.Tx) error {
		if err := orders.SetRelay(context.Background(), tx, id, 1, thursday); err != nil {
			return err
		}
		return orders.SetReceiver(context.Background(), tx, id, "", "+212600000001", thursday)
	})
	return id
}

// try runs do in a transaction of its own and returns its error.
func (m *market) try(do func(tx pgx.Tx) error) error {
	return postgres.Tx(context.Background(), m.pool, do)
}

func (m *market) do(do func(tx pgx.Tx) error) {
	m.t.Helper()
	if err := m.try(do); err != nil {
		m.t.Fatal(err)
	}
}

func (m *market) add(buyer, variant, quantity int64) {
	m.t.Helper()
	m.do(func(tx pgx.Tx) error {
		return orders.AddToCart(context.Background(), tx, buyer, variant, quantity, thursday)
	})
}

func (m *market) hold(buyer int64, now time.Time) (p orders.Purchase) {
	m.t.Helper()
	m.do(func(tx pgx.Tx) (err error) { p, err = m.shop.Hold(context.Background(), tx, buyer, now); return err })
	return p
}

func (m *market) place(id int64, now time.Time) (p orders.Purchase) {
	m.t.Helper()
	m.do(func(tx pgx.Tx) (err error) { p, err = m.shop.Place(context.Background(), tx, id, now); return err })
	return p
}

// shelf reads what is on hand and allocated of a variant.
func (m *market) shelf(variant int64) (onHand, allocated int64) {
	m.t.Helper()
	return m.number(`SELECT on_hand FROM stock WHERE variant_id = $1`, variant), m.number(`SELECT allocated FROM stock WHERE variant_id = $1`, variant)
}

// sound checks what must always be true of the shelves: allocations add up to what stock says, movements to what is on hand.
func (m *market) sound() {
	m.t.Helper()
	if n := m.number(`SELECT count(*) FROM stock s WHERE s.allocated <> (SELECT coalesce(sum(quantity), 0) FROM allocation a WHERE a.variant_id = s.variant_id)`); n != 0 {
		m.t.Fatalf("%d variants whose allocations do not add up", n)
	}
	if n := m.number(`SELECT count(*) FROM stock s WHERE s.on_hand <> (SELECT coalesce(sum(change), 0) FROM stock_movement x WHERE x.variant_id = s.variant_id)`); n != 0 {
		m.t.Fatalf("%d variants whose movements do not add up", n)
	}
	if n := m.number(`
SELECT count(*) FROM line l JOIN coop_order o ON o.id = l.coop_order_id
  LEFT JOIN allocation a ON a.line_id = l.id
 WHERE (o.status IN ('held', 'placed', 'accepted', 'packed') AND coalesce(l.kept, 1) > 0) <> (a.line_id IS NOT NULL) OR a.quantity <> coalesce(l.kept, l.quantity)`); n != 0 {
		m.t.Fatalf("%d lines whose allocation does not fit their part's status", n)
	}
	if n := m.number(`
SELECT count(*) FROM purchase p
 WHERE p.goods_total <> (SELECT sum(goods_total) FROM coop_order o WHERE o.purchase_id = p.id)
    OR p.goods_total <> (SELECT sum(coalesce(l.amount, coalesce(l.kept, l.quantity) * l.price)) FROM line l JOIN coop_order o ON o.id = l.coop_order_id WHERE o.purchase_id = p.id)`); n != 0 {
		m.t.Fatalf("%d purchases whose sums do not add up", n)
	}
	if n := m.number(`
SELECT count(*) FROM coop_order o
 WHERE o.goods_total <> (SELECT sum(coalesce(l.amount, coalesce(l.kept, l.quantity) * l.price)) FROM line l WHERE l.coop_order_id = o.id)
    OR o.status IN ('rejected', 'cancelled') AND o.goods_total <> 0 AND (SELECT placed_at FROM purchase WHERE id = o.purchase_id) IS NOT NULL
    OR o.goods_total > (SELECT sum(l.price * l.quantity) FROM line l WHERE l.coop_order_id = o.id)
   AND NOT EXISTS (SELECT FROM amendment a WHERE a.coop_order_id = o.id AND a.kind = 'weight' AND a.status = 'agreed')`); n != 0 {
		m.t.Fatalf("%d parts that cost what nobody agreed to", n)
	}
	if n := m.number(`
SELECT count(*) FROM amendment a JOIN coop_order o ON o.id = a.coop_order_id WHERE a.status = 'asked' AND o.status NOT IN ('placed', 'accepted')`); n != 0 {
		m.t.Fatalf("%d questions about orders that have gone their way", n)
	}
	if n := m.number(`
SELECT count(*) FROM coop_order o JOIN purchase p ON p.id = o.purchase_id WHERE p.placed_at IS NOT NULL AND o.status NOT IN ('placed', 'held', 'expired')
   AND NOT EXISTS (SELECT FROM event e WHERE e.subject = 'part/' || o.id AND e.name = 'part.' || o.status)`); n != 0 {
		m.t.Fatalf("%d parts whose status no event tells", n)
	}
}
