package catalog_test

import (
	"bufio"
	"context"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"souk/catalog"
	"souk/internal/postgres"
	"souk/internal/postgres/pgtest"
)

// noon is when tests are at the market: a Thursday.
var noon = time.Date(2026, 12, 3, 12, 0, 0, 0, time.UTC)

// market is testdata/market.txt in a database.
type market struct {
	t    testing.TB
	pool *pgxpool.Pool
}

// Cooperatives: code, region, town, and how it stands with the law.
var makers = [][]string{
	{"C1", "MA-05", "azilal", "Miel Tadla", "عسل تادلة", "ok"}, {"C2", "MA-03", "taounate", "Femmes du Rif", "نساء الريف", "ok"},
	{"C3", "MA-01", "ouezzane", "Oliviers de Ouezzane", "زيتون وزان", "ok"}, {"C4", "MA-09", "tafraout", "Argan Tafraout", "أركان تافراوت", "ok"},
	{"C5", "MA-09", "taliouine", "Safran Taliouine", "زعفران تالوين", "ok"}, {"C6", "MA-08", "errachidia", "Oasis Ziz", "واحة زيز", "ok"},
	{"C7", "MA-07", "safi", "Grains de Safi", "حبوب آسفي", "ok"}, {"C8", "MA-08", "kelaa", "Roses du Dadès", "ورود دادس", "ok"},
	{"C9", "MA-03", "fes", "Hammam de Fès", "حمام فاس", "none"}, {"C10", "MA-01", "chefchaouen", "Chèvres de Chaouen", "ماعز شفشاون", "ok"},
	{"C11", "MA-08", "taznakht", "Tisseuses de Taznakht", "نساجات تازناخت", "none"}, {"C12", "MA-03", "fes", "Artisans de Fès", "صناع فاس", "none"},
	{"C13", "MA-05", "azilal", "Sans ONSSA", "بدون رخصة", "submitted"}, {"C14", "MA-05", "azilal", "Suspendue", "موقوفة", "suspended"},
	{"C15", "MA-05", "azilal", "Périmée", "منتهية", "expired"},
}

var shelves = map[string][2]string{
	"miel": {"Miels", "العسل"}, "huiles": {"Huiles", "الزيوت"}, "amlou": {"Amlou", "أملو"}, "fruits-secs": {"Fruits secs", "الفواكه الجافة"},
	"epices": {"Épices", "التوابل"}, "cereales": {"Couscous et céréales", "الكسكس والحبوب"}, "plantes": {"Plantes", "الأعشاب"},
	"cosmetiques": {"Beauté", "التجميل"}, "confitures": {"Conserves", "المصبرات"}, "laitages": {"Laitages", "الألبان"}, "tapis": {"Tapis", "الزرابي"},
	"poterie": {"Poterie", "الفخار"}, "cuir": {"Cuir", "الجلد"}, "vannerie": {"Vannerie", "السلال"}, "textile": {"Vêtements", "الملابس"},
}

var craft = map[string]bool{"cosmetiques": true, "tapis": true, "poterie": true, "cuir": true, "vannerie": true, "textile": true}

func newMarket(t testing.TB) *market {
	t.Helper()
	m := &market{t, pgtest.New(t)}
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		for code, name := range map[string][2]string{
			"MA-01": {"Tanger-Tétouan-Al Hoceïma", "طنجة تطوان الحسيمة"}, "MA-03": {"Fès-Meknès", "فاس مكناس"}, "MA-05": {"Béni Mellal-Khénifra", "بني ملال خنيفرة"},
			"MA-07": {"Marrakech-Safi", "مراكش آسفي"}, "MA-08": {"Drâa-Tafilalet", "درعة تافيلالت"}, "MA-09": {"Souss-Massa", "سوس ماسة"}, "MA-06": {"Casablanca-Settat", "الدار البيضاء سطات"},
		} {
			m.exec(tx, `INSERT INTO region VALUES ($1, $2, 3500, 1500)`, code, words(name[0], name[1]))
		}
		for _, town := range [][]string{
			{"casablanca", "MA-06", "Casablanca", "الدار البيضاء", "casa", "كازا", "dar lbida", "dar el beida"}, {"fes", "MA-03", "Fès", "فاس", "fez", "fas"},
			{"azilal", "MA-05", "Azilal", "أزيلال"}, {"taounate", "MA-03", "Taounate", "تاونات"}, {"ouezzane", "MA-01", "Ouezzane", "وزان", "wazzan"},
			{"tafraout", "MA-09", "Tafraout", "تافراوت"}, {"taliouine", "MA-09", "Taliouine", "تالوين"}, {"errachidia", "MA-08", "Errachidia", "الرشيدية", "rachidia"},
			{"safi", "MA-07", "Safi", "آسفي", "asfi"}, {"kelaa", "MA-08", "Kelâat M'Gouna", "قلعة مكونة", "mgouna"}, {"chefchaouen", "MA-01", "Chefchaouen", "شفشاون", "chaouen", "الشاون"},
			{"taznakht", "MA-08", "Taznakht", "تازناخت"}, {"marrakech", "MA-07", "Marrakech", "مراكش", "kech", "mrrakch"}, {"beni-mellal", "MA-05", "Béni Mellal", "بني ملال"},
			{"tanger", "MA-01", "Tanger", "طنجة", "tanja"}, {"sidi-slimane", "MA-05", "Sidi Slimane", "سيدي سليمان"}, {"sidi-kacem", "MA-05", "Sidi Kacem", "سيدي قاسم"},
		} {
			m.exec(tx, `INSERT INTO town VALUES ($1, $2, $3, $4)`, town[0], town[1], words(town[2], town[3]), catalog.TownKeys(town[2:]...))
		}
		position := 0
		for id, name := range shelves {
			position++
			m.exec(tx, `INSERT INTO category VALUES ($1, $2, $3, '', $4)`, id, words(name[0], name[1]), !craft[id], position)
		}
		for _, c := range makers {
			status, document := "active", "verified"
			switch c[5] {
			case "suspended":
				status = c[5]
			case "submitted":
				document = c[5]
			}
			m.exec(tx, `INSERT INTO cooperative (code, name, region_code, town_id, status, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
				c[0], words(c[3], c[4]), c[1], c[2], status, noon)
			if c[5] != "none" {
				expires := noon.AddDate(1, 0, 0)
				if c[5] == "expired" {
					expires = noon.AddDate(0, 0, -1)
				}
				m.exec(tx, `INSERT INTO compliance_document (cooperative_id, kind, number, status, expires_on, created_at)
					SELECT id, 'onssa', 'MIE.1.' || code, $2, $3, $4 FROM cooperative WHERE code = $1`, c[0], document, expires, noon)
			}
		}
		return m.load(ctx, tx)
	})
	return m
}

// load puts the file's products on sale.
func (m *market) load(ctx context.Context, tx pgx.Tx) error {
	file, err := os.Open("testdata/market.txt")
	if err != nil {
		return err
	}
	defer file.Close()
	var ids []int64
	for lines := bufio.NewScanner(file); lines.Scan(); {
		f := strings.Split(lines.Text(), "|")
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		for i := range f {
			f[i] = strings.TrimSpace(f[i])
		}
		aliases := strings.FieldsFunc(f[5], func(r rune) bool { return r == ';' || r == ',' })
		var id int64
		err := tx.QueryRow(ctx, `INSERT INTO product (code, cooperative_id, category_id, region_code, title, aliases, status, created_at, updated_at)
			SELECT $1, id, $3, region_code, $4, $5, 'published', $6, $6 FROM cooperative WHERE code = $2 RETURNING id`,
			f[0], f[1], f[2], words(f[3], f[4]), aliases, noon).Scan(&id)
		if err != nil {
			return err
		}
		ids = append(ids, id)
		for position, pack := range strings.Split(f[6], ",") {
			size, rest, _ := strings.Cut(strings.TrimSpace(pack), "=")
			amount, unit, _ := strings.Cut(size, " ")
			price, stock, _ := strings.Cut(rest, "*")
			dirhams, err := strconv.Atoi(price)
			if err != nil {
				return err
			}
			m.variant(tx, id, position+1, amount, unit, int64(dirhams)*100, stock)
		}
	}
	return catalog.Reindex(ctx, tx, ids...)
}

func (m *market) variant(tx pgx.Tx, productID int64, position int, amount, unit string, price int64, stock string) {
	m.t.Helper()
	m.exec(tx, `WITH v AS (INSERT INTO variant (product_id, position, pack_amount, pack_unit, price) VALUES ($1, $2, $3::text::numeric, $4, $5) RETURNING id),
		s AS (INSERT INTO stock (variant_id, on_hand) SELECT id, $6::text::bigint FROM v)
		INSERT INTO stock_movement (variant_id, change, reason, created_at) SELECT id, $6::text::bigint, 'opening', $7 FROM v WHERE $6::text::bigint > 0`,
		productID, position, amount, unit, price, stock, noon)
}

func words(fr, ar string) catalog.Words { return catalog.Words{"fr": fr, "ar": ar} }

func (m *market) exec(tx pgx.Tx, sql string, args ...any) {
	m.t.Helper()
	if _, err := tx.Exec(m.t.Context(), sql, args...); err != nil {
		m.t.Fatalf("%v in %s", err, sql)
	}
}

// try runs do in a transaction of its own and returns its error.
func (m *market) try(do func(ctx context.Context, tx pgx.Tx) error) error {
	ctx := m.t.Context()
	return postgres.Tx(ctx, m.pool, func(tx pgx.Tx) error { return do(ctx, tx) })
}

func (m *market) do(do func(ctx context.Context, tx pgx.Tx) error) {
	m.t.Helper()
	if err := m.try(do); err != nil {
		m.t.Fatal(err)
	}
}

func (m *market) number(sql string, args ...any) (n int64) {
	m.t.Helper()
	if err := m.pool.QueryRow(m.t.Context(), sql, args...).Scan(&n); err != nil {
		m.t.Fatalf("%v in %s", err, sql)
	}
	return n
}

// pack is the id of a product's variant by the product's code and the pack's position.
func (m *market) pack(code string, position int) int64 {
	m.t.Helper()
	return m.number(`SELECT v.id FROM variant v JOIN product p ON p.id = v.product_id WHERE p.code = $1 AND v.position = $2`, code, position)
}

func (m *market) person() int64 {
	m.t.Helper()
	return m.number(`INSERT INTO person (lang, created_at) VALUES ('fr', $1) RETURNING id`, noon)
}

func (m *market) search(query string, scope catalog.Scope, limit int) (codes []string) {
	m.t.Helper()
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		cards, err := catalog.Search(ctx, tx, query, scope, limit, noon)
		for _, c := range cards {
			codes = append(codes, c.Code)
		}
		return err
	})
	return codes
}
