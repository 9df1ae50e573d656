package catalog

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/sorry"
	"souk/locales"
)

// Card is a product as a buyer sees it. Only what is sellable has one.
type Card struct {
	ProductID   int64
	Code        string // P12
	Title       Words
	Description Words
	Cooperative Maker
	Region      string    // code
	Category    string    // id
	Label       *Label    // nil where there is none, or none that is verified and unexpired
	Photo       string    // key in the photo store, "" where there is none
	Variants    []Variant // in their order; archived ones left out
	ReadyOn     time.Time // the day on which it can be ready, ordered now: made to order, in season, its maker away; zero: at once
}

// InStock says whether anything of it can be ordered now.
func (c Card) InStock() bool {
	for _, v := range c.Variants {
		if v.Available > 0 {
			return true
		}
	}
	return false
}

// Maker is the cooperative on a card.
type Maker struct {
	ID   int64
	Code string // C12
	Name Words
	Town Words
}

// Label is a quality mark that a verified document proves.
type Label struct {
	Kind   string // igp, aop, label_agricole, terroir, bio
	Number string
	Title  Words
}

// Variant is one pack of a product.
type Variant struct {
	ID         int64
	Position   int
	PackAmount string // decimal, without trailing zeros: "0.5"
	PackUnit   string // g, kg, ml, l, piece
	Price      int64  // centimes of MAD, for one pack
	Available  int64  // packs on hand that nobody has a hold on
	ByWeight   bool   // the price is of a pack as announced; it is weighed at packing
	Tiers      Tiers  // what many cost
}

// Page is a piece of a list.
type Page struct{ Limit, Offset int }

// ByCode returns the card of a product by its code in whatever way people type it: "P12", "p 12", "12", «١٢». What is not for
// sale, or not there, is refused with "catalog.no_such_code".
func ByCode(ctx context.Context, tx pgx.Tx, typed string, now time.Time) (Card, error) {
	code, ok := parseCode(typed)
	if ok {
		cards, err := readCards(ctx, tx, cardByCode, packsByCode, code, now)
		if err != nil {
			return Card{}, fmt.Errorf("find product by code: %w", err)
		}
		if len(cards) == 1 {
			return cards[0], nil
		}
	}
	return Card{}, sorry.New("catalog.no_such_code", map[string]any{"code": strings.TrimSpace(typed)})
}

// parseCode reads a product's code: a P in any case or none, then digits of any script.
func parseCode(typed string) (string, bool) {
	text := strings.ToUpper(strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '#' || r == '.' {
			return -1
		}
		return r
	}, locales.Normalise(typed)))
	digits := strings.TrimLeft(strings.TrimPrefix(text, "P"), "0")
	if digits == "" || len(digits) > 18 || strings.Trim(digits, "0123456789") != "" {
		return "", false
	}
	return "P" + digits, true
}

// Cards returns the cards of products that are still for sale, in the order of their ids as given.
func Cards(ctx context.Context, tx pgx.Tx, productIDs []int64, now time.Time) ([]Card, error) {
	if len(productIDs) == 0 {
		return nil, nil
	}
	cards, err := readCards(ctx, tx, cardsByID, packsByID, productIDs, now)
	if err != nil {
		return nil, fmt.Errorf("load cards: %w", err)
	}
	slices.SortFunc(cards, func(a, b Card) int {
		return slices.Index(productIDs, a.ProductID) - slices.Index(productIDs, b.ProductID)
	})
	return cards, nil
}

// CardOfVariant returns the card that a pack is on, and that pack. One that is not for sale is refused with "catalog.gone".
func CardOfVariant(ctx context.Context, tx pgx.Tx, variantID int64, now time.Time) (Card, Variant, error) {
	cards, err := readCards(ctx, tx, cardByVariant, packsByVariant, variantID, now)
	if err != nil {
		return Card{}, Variant{}, fmt.Errorf("find card of variant: %w", err)
	}
	for _, card := range cards {
		for _, v := range card.Variants {
			if v.ID == variantID {
				return card, v, nil
			}
		}
	}
	return Card{}, Variant{}, sorry.New("catalog.gone", nil)
}

// readCards reads products and their packs, in two plain statements of one round trip: objects built in SQL cost more than twice
// as much on either side. key is the first argument of both.
func readCards(ctx context.Context, tx pgx.Tx, products, packs string, key any, now time.Time) ([]Card, error) {
	var batch pgx.Batch
	var cards []Card
	at := map[int64]int{}
	batch.Queue(products, key, now).Query(func(found pgx.Rows) error {
		var c Card
		var label Label
		var ready *time.Time
		_, err := pgx.ForEachRow(found, []any{&c.ProductID, &c.Code, &c.Title, &c.Description, &c.Cooperative.ID, &c.Cooperative.Code, &c.Cooperative.Name,
			&c.Cooperative.Town, &c.Region, &c.Category, &label.Kind, &label.Number, &label.Title, &c.Photo, &ready}, func() error {
			if c.ReadyOn = (time.Time{}); ready != nil {
				c.ReadyOn = *ready
			}
			at[c.ProductID] = len(cards)
			cards = append(cards, c)
			if label.Kind != "" {
				cards[len(cards)-1].Label = &Label{label.Kind, label.Number, label.Title}
			}
			// What was scanned into belongs to the card just kept.
			c.Title, c.Description, c.Cooperative.Name, c.Cooperative.Town, label.Title = nil, nil, nil, nil, nil
			return nil
		})
		return err
	})
	batch.Queue(packs, key).Query(func(found pgx.Rows) error {
		var product int64
		var v Variant
		var from, price []int64
		_, err := pgx.ForEachRow(found, []any{&product, &v.ID, &v.Position, &v.PackAmount, &v.PackUnit, &v.Price, &v.Available, &v.ByWeight, &from, &price}, func() error {
			v.Tiers = makeTiers(from, price)
			if i, there := at[product]; there {
				cards[i].Variants = append(cards[i].Variants, v)
			}
			return nil
		})
		return err
	})
	return cards, tx.SendBatch(ctx, &batch).Close()
}

const (
	cardsByID     = cardRows + ` WHERE p.product_id = ANY($1)`
	cardByCode    = cardRows + ` WHERE p.code = $1`
	cardByVariant = cardRows + ` WHERE p.product_id = (SELECT product_id FROM variant WHERE id = $1)`

	packsByID      = packRows + ` AND v.product_id = ANY($1) ORDER BY v.product_id, v.position`
	packsByCode    = packRows + ` AND v.product_id = (SELECT id FROM product WHERE code = $1) ORDER BY v.position`
	packsByVariant = packRows + ` AND v.product_id = (SELECT product_id FROM variant WHERE id = $1) ORDER BY v.position`

	cardRows = `SELECT p.product_id, p.code, p.title, p.description, c.id, c.code, c.name, t.name, p.region_code, p.category_id,
		COALESCE(d.kind, ''), COALESCE(d.number, ''), d.title,
		COALESCE((SELECT f.key FROM photo f WHERE f.product_id = p.product_id ORDER BY f.position LIMIT 1), ''),
		ready_on(($2::timestamptz AT TIME ZONE 'Africa/Casablanca')::date, x.season_from, c.absent_until, x.lead_days)
	FROM sellable($2) p
	JOIN product x ON x.id = p.product_id
	JOIN cooperative c ON c.id = p.cooperative_id
	JOIN town t ON t.id = c.town_id
	LEFT JOIN compliance_document d ON d.id = p.label_id`

	packRows = `SELECT v.product_id, v.id, v.position, trim_scale(v.pack_amount)::text, v.pack_unit, v.price, COALESCE(s.on_hand - s.allocated, 0),
		v.by_weight AND v.pack_unit IN ('g', 'kg'), r.quantities, r.prices
	FROM variant v LEFT JOIN stock s ON s.variant_id = v.id
	LEFT JOIN LATERAL (SELECT array_agg(quantity ORDER BY quantity) AS quantities, array_agg(price ORDER BY quantity) AS prices
		FROM price_tier WHERE variant_id = v.id) r ON true
	WHERE v.archived_at IS NULL`
)
