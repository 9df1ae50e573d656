package flowstest

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"souk/catalog"
	"souk/internal/postgres"
)

// Thursday is when every transcript begins: ten in the morning in Casablanca.
var thursday = time.Date(2026, 12, 3, 9, 0, 0, 0, time.UTC)

// Start is when every transcript begins: a Thursday, ten in the morning in Casablanca.
func Start() time.Time { return thursday }

type words struct {
	FR string `json:"fr"`
	AR string `json:"ar"`
}

func (w words) json() string {
	b, _ := json.Marshal(w)
	return string(b)
}

type pack struct {
	amount string
	unit   string
	price  int64 // dirhams
	stock  int64
}

type product struct {
	code, coop, category string
	title, text          words
	aliases              []string
	label                words // of a verified document, zero for none
	photo                string
	packs                []pack
}

var regions = []struct {
	code string
	name words
}{
	{"MA-01", words{"Tanger-Tétouan", "طنجة تطوان"}}, {"MA-02", words{"L'Oriental", "الشرق"}}, {"MA-03", words{"Fès-Meknès", "فاس مكناس"}},
	{"MA-04", words{"Rabat-Salé", "الرباط سلا"}}, {"MA-05", words{"Béni Mellal", "بني ملال"}}, {"MA-06", words{"Casablanca-Settat", "الدار البيضاء سطات"}},
	{"MA-07", words{"Marrakech-Safi", "مراكش آسفي"}}, {"MA-08", words{"Drâa-Tafilalet", "درعة تافيلالت"}}, {"MA-09", words{"Souss-Massa", "سوس ماسة"}},
	{"MA-10", words{"Guelmim", "كلميم"}},
}

var towns = []struct {
	id, region string
	name       words
	also       []string
}{
	{"casablanca", "MA-06", words{"Casablanca", "الدار البيضاء"}, []string{"casa", "كازا", "dar lbida"}},
	{"settat", "MA-06", words{"Settat", "سطات"}, nil},
	{"azilal", "MA-05", words{"Azilal", "أزيلال"}, nil},
	{"taroudant", "MA-09", words{"Taroudant", "تارودانت"}, nil},
	{"safi", "MA-07", words{"Safi", "آسفي"}, []string{"asfi"}},
	{"tanger", "MA-01", words{"Tanger", "طنجة"}, []string{"tanja"}},
	{"oujda", "MA-02", words{"Oujda", "وجدة"}, nil},
	{"fes", "MA-03", words{"Fès", "فاس"}, []string{"fas"}},
	{"rabat", "MA-04", words{"Rabat", "الرباط"}, nil},
	{"errachidia", "MA-08", words{"Errachidia", "الرشيدية"}, nil},
	{"guelmim", "MA-10", words{"Guelmim", "كلميم"}, nil},
}

var categories = []struct {
	id   string
	name words
	food bool
	icon string
}{
	{"miel", words{"Miels", "العسل"}, true, "🍯"}, {"huiles", words{"Huiles", "الزيوت"}, true, "🫒"},
	{"dattes", words{"Dattes", "التمور"}, true, "🌴"}, {"poterie", words{"Poterie", "الفخار"}, false, "🏺"},
	{"savon", words{"Savons", "الصابون"}, false, "🧼"}, {"tapis", words{"Tapis", "الزرابي"}, false, "🧶"},
	{"paniers", words{"Paniers", "السلال"}, false, ""}, {"cuir", words{"Cuir", "الجلد"}, false, "👜"},
}

var relays = []struct {
	code, town           string
	name, address, hours words
	latitude, longitude  float64
}{
	{"R1", "casablanca", words{"Épicerie Hassan", "بقالة حسن"}, words{"12, rue du Souk, Maârif", "12 زنقة السوق، المعاريف"}, words{"10 h–20 h", "10:00–20:00"}, 33.5850, -7.6330},
	{"R2", "casablanca", words{"Librairie Al Qalam", "مكتبة القلم"}, words{"4, boulevard Ziraoui", "4 شارع الزرقطوني"}, words{"9 h–18 h", "9:00–18:00"}, 33.5950, -7.6260},
	{"R3", "azilal", words{"Café Atlas", "مقهى الأطلس"}, words{"place de la Poste", "ساحة البريد"}, words{"8 h–21 h", "8:00–21:00"}, 31.9615, -6.5718},
}

// The cooperatives: C1 bees, C2 oils and dates, C3 to C11 one potter each in another region.
var cooperatives = []struct {
	code, region, town string
	name               words
	food               bool
}{
	{"C1", "MA-05", "azilal", words{"Abeilles d'Azilal", "نحل أزيلال"}, true},
	{"C2", "MA-09", "taroudant", words{"Tifaouine", "تيفاوين"}, true},
	{"C3", "MA-07", "safi", words{"Potiers de Safi", "خزافو آسفي"}, false},
	{"C4", "MA-01", "tanger", words{"Potiers de Tanger", "خزافو طنجة"}, false},
	{"C5", "MA-02", "oujda", words{"Potiers d'Oujda", "خزافو وجدة"}, false},
	{"C6", "MA-03", "fes", words{"Potiers de Fès", "خزافو فاس"}, false},
	{"C7", "MA-04", "rabat", words{"Potiers de Salé", "خزافو سلا"}, false},
	{"C8", "MA-06", "settat", words{"Potiers de Settat", "خزافو سطات"}, false},
	{"C9", "MA-08", "errachidia", words{"Potiers du Ziz", "خزافو زيز"}, false},
	{"C10", "MA-10", "guelmim", words{"Potiers de Guelmim", "خزافو كلميم"}, false},
}

func products() []product {
	list := []product{
		{code: "P1", coop: "C1", category: "miel", title: words{"Miel de thym", "عسل الزعتر"}, text: words{"Récolté à 1 800 m, non chauffé.", "مجني على علو 1800 متر، غير مسخن."},
			label: words{"Terroir du Maroc", "منتوج مجالي"}, photo: "miel.jpg", packs: []pack{{"500", "g", 120, 12}}},
		{code: "P2", coop: "C1", category: "miel", title: words{"Miel d'euphorbe", "عسل الدغموس"}, packs: []pack{{"250", "g", 70, 9}, {"1", "kg", 240, 4}}},
		{code: "P3", coop: "C2", category: "huiles", title: words{"Huile d'argan", "زيت أركان"}, packs: []pack{{"250", "ml", 100, 30}}},
		{code: "P4", coop: "C2", category: "huiles", title: words{"Huile d'olive", "زيت الزيتون"}, packs: []pack{{"500", "ml", 35, 20}, {"1", "l", 65, 15}}},
		{code: "P5", coop: "C2", category: "dattes", title: words{"Dattes boufeggous", "تمر بوفقوس"}, packs: []pack{{"1", "kg", 60, 0}}},
	}
	for i, craft := range []struct {
		category string
		title    words
	}{{"savon", words{"Savon noir", "الصابون البلدي"}}, {"tapis", words{"Tapis berbère", "زربية أمازيغية"}}, {"paniers", words{"Panier en doum", "سلة الدوم"}}, {"cuir", words{"Babouches", "بلغة"}}} {
		list = append(list, product{code: fmt.Sprint("P", 20+i), coop: "C3", category: craft.category, title: craft.title, packs: []pack{{"1", "piece", 90, 5}}})
	}
	pots := []struct {
		coop  string
		title words
	}{
		{"C3", words{"Tajine émaillé", "طاجين مزجج"}}, {"C4", words{"Bol bleu", "زلافة زرقاء"}}, {"C5", words{"Assiette blanche", "صحن أبيض"}}, {"C6", words{"Vase de Fès", "مزهرية فاسية"}},
		{"C7", words{"Cruche", "جرة"}}, {"C8", words{"Jarre", "خابية"}}, {"C9", words{"Brasero", "مجمر"}}, {"C10", words{"Lampe en terre", "مصباح طيني"}},
	}
	for i, p := range pots {
		list = append(list, product{code: fmt.Sprint("P", 10+i), coop: p.coop, category: "poterie", title: p.title, packs: []pack{{"1", "piece", 150, 3}}})
	}
	return list
}

// Fill puts the small market of the transcripts into an empty database.
func Fill(t testing.TB, pool *pgxpool.Pool) {
	t.Helper()
	ctx := context.Background()
	err := postgres.Tx(ctx, pool, func(tx pgx.Tx) error {
		b := &pgx.Batch{}
		for _, r := range regions {
			b.Queue(`INSERT INTO region (code, name, delivery_fee, relay_fee) VALUES ($1, $2, 4000, 2000)`, r.code, r.name.json())
		}
		for _, w := range towns {
			b.Queue(`INSERT INTO town (id, region_code, name, search_keys) VALUES ($1, $2, $3, $4)`, w.id, w.region, w.name.json(),
				catalog.TownKeys(append([]string{w.name.FR, w.name.AR}, w.also...)...))
		}
		for i, c := range categories {
			b.Queue(`INSERT INTO category (id, name, food, icon, position) VALUES ($1, $2, $3, $4, $5)`, c.id, c.name.json(), c.food, c.icon, i)
		}
		for _, c := range cooperatives {
			b.Queue(`INSERT INTO cooperative (code, name, region_code, town_id, status, created_at, trusted_at) VALUES ($1, $2, $3, $4, 'active', $5, $5)`,
				c.code, c.name.json(), c.region, c.town, thursday)
			if c.food {
				b.Queue(`INSERT INTO compliance_document (cooperative_id, kind, number, status, expires_on, created_at)
					SELECT id, 'onssa', 'ES.12.' || id || '.25', 'verified', '2029-01-01', $2 FROM cooperative WHERE code = $1`, c.code, thursday)
			}
		}
		for _, r := range relays {
			b.Queue(`INSERT INTO relay (code, town_id, name, address, hours, latitude, longitude, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
				r.code, r.town, r.name.json(), r.address.json(), r.hours.json(), r.latitude, r.longitude, thursday)
		}
		for _, p := range products() {
			queueProduct(b, p)
		}
		if err := tx.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT id FROM product`)
		if err != nil {
			return err
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil {
			return err
		}
		return catalog.Reindex(ctx, tx, ids...)
	})
	if err != nil {
		t.Fatalf("fill the market: %v", err)
	}
}

func queueProduct(b *pgx.Batch, p product) {
	if p.label.FR != "" {
		b.Queue(`INSERT INTO compliance_document (cooperative_id, kind, number, title, status, expires_on, created_at)
			SELECT id, 'terroir', 'T.' || $1, $2, 'verified', '2029-01-01', $3 FROM cooperative WHERE code = $4`, p.code, p.label.json(), thursday, p.coop)
	}
	b.Queue(`INSERT INTO product (code, cooperative_id, category_id, region_code, title, description, label_id, status, aliases, created_at, updated_at)
		SELECT $1::text, c.id, $2, c.region_code, $3, $4, (SELECT id FROM compliance_document d WHERE d.number = 'T.' || $1::text), 'published', $5, $6, $6
		FROM cooperative c WHERE c.code = $7`, p.code, p.category, p.title.json(), p.text.json(), append([]string{}, p.aliases...), thursday, p.coop)
	if p.photo != "" {
		b.Queue(`INSERT INTO photo (product_id, position, key, width, height, created_at) SELECT id, 1, $2, 800, 800, $3 FROM product WHERE code = $1`, p.code, p.photo, thursday)
	}
	for i, k := range p.packs {
		b.Queue(`WITH v AS (INSERT INTO variant (product_id, position, pack_amount, pack_unit, price)
				SELECT id, $2, $3::numeric, $4, $5 FROM product WHERE code = $1 RETURNING id),
			s AS (INSERT INTO stock (variant_id, on_hand) SELECT id, $6 FROM v)
			INSERT INTO stock_movement (variant_id, change, reason, created_at) SELECT id, $6, 'opening', $7 FROM v WHERE $6 > 0`,
			p.code, i+1, k.amount, k.unit, k.price*100, k.stock, thursday)
	}
}
