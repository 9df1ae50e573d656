package catalog

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/rows"
	"souk/internal/sorry"
	"souk/locales"
)

// Card is a product as a buyer sees it. Only what is sellable has one.
type Card struct {
	ProductID    int64
	Code         string // P12
	Title        Words
	Description  Words
	Cooperative  Maker
	Region       string // code
	RegionName   Words
	Category     string // id
	CategoryName Words
	Label        *Label    // nil where there is none, or none that is verified and unexpired
	Photo        string    // key in the photo store, "" where there is none
	Variants     []Variant // in their order; archived ones left out
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
	ID   int64  `json:"id"`
	Code string `json:"code"` // C12
	Name Words  `json:"name"`
	Town Words  `json:"town"`
}

// Label is a quality mark that a verified document proves.
type Label struct {
	Kind   string `json:"kind"` // igp, aop, label_agricole, terroir, bio
	Number string `json:"number"`
	Title  Words  `json:"title"`
}

// Variant is one pack of a product.
type Variant struct {
	ID         int64  `json:"id"`
	Position   int    `json:"position"`
	PackAmount string `json:"pack_amount"` // decimal, without trailing zeros: "0.5"
	PackUnit   string `json:"pack_unit"`   // g, kg, ml, l, piece
	Price      int64  `json:"price"`       // centimes of MAD, for one pack
	Available  int64  `json:"available"`   // packs on hand that nobody has a hold on
}

// Page is a piece of a list.
type Page struct{ Limit, Offset int }

// ByCode returns the card of a product by its code in whatever way people type it: "P12", "p 12", "12", «١٢». What is not for
// sale, or not there, is refused with "catalog.no_such_code".
func ByCode(ctx context.Context, tx pgx.Tx, typed string, now time.Time) (Card, error) {
	code, ok := parseCode(typed)
	if ok {
		cards, err := rows.All[Card](ctx, tx, "find product by code", cardSelect+` WHERE p.code = @code`, rows.Args{"code": code, "now": now})
		if err != nil {
			return Card{}, err
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
	return rows.All[Card](ctx, tx, "load cards", cardSelect+` WHERE p.product_id = ANY(@ids) ORDER BY array_position(@ids, p.product_id)`,
		rows.Args{"ids": productIDs, "now": now})
}

// CardOfVariant returns the card that a pack is on, and that pack. One that is not for sale is refused with "catalog.gone".
func CardOfVariant(ctx context.Context, tx pgx.Tx, variantID int64, now time.Time) (Card, Variant, error) {
	card, found, err := rows.Maybe[Card](ctx, tx, "find card of variant",
		cardSelect+` WHERE p.product_id = (SELECT product_id FROM variant WHERE id = @variant)`, rows.Args{"variant": variantID, "now": now})
	if err != nil {
		return Card{}, Variant{}, err
	}
	if found {
		for _, v := range card.Variants {
			if v.ID == variantID {
				return card, v, nil
			}
		}
	}
	return Card{}, Variant{}, sorry.New("catalog.gone", nil)
}

const cardSelect = `SELECT p.product_id, p.code, p.title, p.description,
		jsonb_build_object('id', c.id, 'code', c.code, 'name', c.name, 'town', t.name) AS cooperative,
		p.region_code AS region, r.name AS region_name, p.category_id AS category, k.name AS category_name,
		(SELECT jsonb_build_object('kind', d.kind, 'number', d.number, 'title', d.title) FROM compliance_document d WHERE d.id = p.label_id) AS label,
		COALESCE((SELECT f.key FROM photo f WHERE f.product_id = p.product_id ORDER BY f.position LIMIT 1), '') AS photo,
		COALESCE((SELECT jsonb_agg(jsonb_build_object('id', v.id, 'position', v.position, 'pack_amount', trim_scale(v.pack_amount)::text,
				'pack_unit', v.pack_unit, 'price', v.price, 'available', COALESCE(s.on_hand - s.allocated, 0)) ORDER BY v.position)
			FROM variant v LEFT JOIN stock s ON s.variant_id = v.id
			WHERE v.product_id = p.product_id AND v.archived_at IS NULL), '[]') AS variants
	FROM sellable(@now) p
	JOIN cooperative c ON c.id = p.cooperative_id
	JOIN town t ON t.id = c.town_id
	JOIN region r ON r.code = p.region_code
	JOIN category k ON k.id = p.category_id`
