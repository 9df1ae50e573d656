package orders

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/sorry"
)

// MaxQuantity is the most packs of one variant that a cart takes; more is asked of a person.
const MaxQuantity = 999

// MaxLines is how many different variants a cart takes.
const MaxLines = 30

// CartLine is one variant in a cart, with its price and what is there right now.
type CartLine struct {
	VariantID     int64             `db:"variant_id"`
	ProductID     int64             `db:"product_id"`
	ProductCode   string            `db:"product_code"`
	Title         map[string]string `db:"title"`
	PackAmount    string            `db:"pack_amount"` // decimal
	PackUnit      string            `db:"pack_unit"`
	CooperativeID int64             `db:"cooperative_id"`
	Cooperative   map[string]string `db:"cooperative"`
	Quantity      int64             `db:"quantity"`
	SeenPrice     int64             `db:"seen_price"` // centimes, when the buyer last saw it
	Price         int64             `db:"price"`      // centimes, now, of one pack where this many are taken
	Available     int64             `db:"available"`  // packs, beside what this person's own hold keeps; 0 when it is no longer for sale
	TierFrom      []int64           `db:"tier_from"`  // from how many packs
	TierPrice     []int64           `db:"tier_price"` // one costs this; Price counts them already
	base          int64
}

// PriceOf is what one pack costs where so many are taken, in centimes.
func (l CartLine) PriceOf(quantity int64) int64 {
	return tiersOf(l.TierFrom, l.TierPrice).PriceOf(l.base, quantity)
}

// Total is the price of the line, in centimes.
func (l CartLine) Total() int64 { return l.Price * l.Quantity }

// Cart is what a person has chosen and not yet placed.
type Cart struct {
	PersonID int64
	Lines    []CartLine
	Place    Place
}

// Total is the price of the goods, in centimes, without delivery.
func (c Cart) Total() int64 {
	var sum int64
	for _, l := range c.Lines {
		sum += l.Total()
	}
	return sum
}

// The limit keeps the planner from looking through all that is for sale at once, to learn it of one line.
//
// A person's own hold does not take from what they may still have: it is given back before a new one is taken.
const cartLines = `
SELECT cl.variant_id, v.product_id, p.code AS product_code, p.title, trim_scale(v.pack_amount)::text AS pack_amount, v.pack_unit,
       c.id AS cooperative_id, c.name AS cooperative, cl.quantity, cl.price AS seen_price, v.price,
       CASE WHEN f.yes AND v.archived_at IS NULL
            THEN s.on_hand - s.allocated + coalesce((
                SELECT sum(a.quantity) FROM allocation a
                  JOIN line l ON l.id = a.line_id
                  JOIN coop_order o ON o.id = l.coop_order_id
                  JOIN purchase pu ON pu.id = o.purchase_id
                 WHERE a.variant_id = v.id AND pu.person_id = cl.person_id AND pu.status = 'held'), 0)
            ELSE 0 END::bigint AS available, r.tier_from, r.tier_price
  FROM cart_line cl
  JOIN variant v ON v.id = cl.variant_id
  JOIN product p ON p.id = v.product_id
  JOIN cooperative c ON c.id = p.cooperative_id
  JOIN stock s ON s.variant_id = v.id
  LEFT JOIN LATERAL (SELECT true AS yes FROM sellable($2) f WHERE f.product_id = v.product_id LIMIT 1) f ON true
  LEFT JOIN LATERAL (` + tierArrays + `) r ON true
 WHERE cl.person_id = $1
 ORDER BY cl.created_at, cl.variant_id`

// LoadCart reads a person's cart; an absent one is empty.
func LoadCart(ctx context.Context, tx pgx.Tx, personID int64, now time.Time) (Cart, error) {
	cart := Cart{PersonID: personID}
	var batch pgx.Batch // one round trip
	batch.Queue(cartLines, personID, now).Query(func(rows pgx.Rows) (err error) {
		cart.Lines, err = pgx.CollectRows(rows, pgx.RowToStructByName[CartLine])
		for i := range cart.Lines {
			l := &cart.Lines[i]
			l.base = l.Price
			l.Price = l.PriceOf(l.Quantity)
		}
		return err
	})
	batch.Queue(cartPlace, personID).QueryRow(func(row pgx.Row) (err error) {
		cart.Place, err = scanPlace(row)
		return err
	})
	if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
		return Cart{}, fmt.Errorf("load the cart of person %d: %w", personID, err)
	}
	return cart, nil
}

// CountLines is how many different variants a person's cart holds.
func CountLines(ctx context.Context, tx pgx.Tx, personID int64) (lines int, err error) {
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM cart_line WHERE person_id = $1`, personID).Scan(&lines); err != nil {
		return 0, fmt.Errorf("count the cart's lines: %w", err)
	}
	return lines, nil
}

const touchCart = `
INSERT INTO cart (person_id, updated_at) VALUES ($1, $2)
ON CONFLICT (person_id) DO UPDATE SET updated_at = excluded.updated_at`

// offered reads what is for sale of a variant, and what of it the person's own hold keeps.
const offered = `
SELECT v.price, p.title,
       (s.on_hand - s.allocated + coalesce((
           SELECT sum(a.quantity) FROM allocation a
             JOIN line l ON l.id = a.line_id
             JOIN coop_order o ON o.id = l.coop_order_id
             JOIN purchase pu ON pu.id = o.purchase_id
            WHERE a.variant_id = v.id AND pu.person_id = $2 AND pu.status = 'held'), 0))::bigint AS available,
       coalesce((SELECT quantity FROM cart_line WHERE person_id = $2 AND variant_id = v.id), 0)::bigint AS in_cart, r.tier_from, r.tier_price
  FROM variant v
  JOIN product p ON p.id = v.product_id
  JOIN sellable($3) f ON f.product_id = p.id
  JOIN stock s ON s.variant_id = v.id
  LEFT JOIN LATERAL (` + tierArrays + `) r ON true
 WHERE v.id = $1 AND v.archived_at IS NULL`

const putLine = `
INSERT INTO cart_line (person_id, variant_id, quantity, price, created_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (person_id, variant_id) DO UPDATE SET quantity = excluded.quantity, price = excluded.price`

// AddToCart adds packs of a variant to a person's cart. It refuses, saying how many there are, more than is for sale.
func AddToCart(ctx context.Context, tx pgx.Tx, personID, variantID, quantity int64, now time.Time) error {
	return putInCart(ctx, tx, personID, variantID, quantity, true, now)
}

// SetQuantity sets how many packs of a variant the cart holds; 0 takes the line out.
func SetQuantity(ctx context.Context, tx pgx.Tx, personID, variantID, quantity int64, now time.Time) error {
	if quantity == 0 {
		return RemoveLine(ctx, tx, personID, variantID, now)
	}
	return putInCart(ctx, tx, personID, variantID, quantity, false, now)
}

func putInCart(ctx context.Context, tx pgx.Tx, personID, variantID, quantity int64, add bool, now time.Time) error {
	if quantity < 1 || quantity > MaxQuantity {
		return sorry.New("order.quantity_range", map[string]any{"Max": MaxQuantity})
	}
	if _, err := tx.Exec(ctx, touchCart, personID, now); err != nil {
		return fmt.Errorf("open the cart of person %d: %w", personID, err)
	}
	var price, available, inCart int64
	var title map[string]string
	var tierFrom, tierPrice []int64
	err := tx.QueryRow(ctx, offered, variantID, personID, now).Scan(&price, &title, &available, &inCart, &tierFrom, &tierPrice)
	if errors.Is(err, pgx.ErrNoRows) {
		return sorry.New("order.not_for_sale", nil)
	}
	if err != nil {
		return fmt.Errorf("look up variant %d: %w", variantID, err)
	}
	want := quantity
	if add {
		want += inCart
	}
	if want > MaxQuantity {
		return sorry.New("order.quantity_range", map[string]any{"Max": MaxQuantity})
	}
	if want > available {
		return &Short{Lines: []ShortLine{{VariantID: variantID, Title: title, Wanted: want, Available: available, InCart: inCart}}}
	}
	if inCart == 0 {
		lines, err := CountLines(ctx, tx, personID)
		if err != nil {
			return err
		}
		if lines >= MaxLines {
			return sorry.New("order.cart_full", map[string]any{"Max": MaxLines})
		}
	}
	if _, err := tx.Exec(ctx, putLine, personID, variantID, want, tiersOf(tierFrom, tierPrice).PriceOf(price, want), now); err != nil {
		return fmt.Errorf("put variant %d in the cart: %w", variantID, err)
	}
	return nil
}

// RemoveLine takes a variant out of the cart; what is not there stays not there.
func RemoveLine(ctx context.Context, tx pgx.Tx, personID, variantID int64, now time.Time) error {
	if _, err := tx.Exec(ctx, touchCart, personID, now); err != nil {
		return fmt.Errorf("open the cart of person %d: %w", personID, err)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM cart_line WHERE person_id = $1 AND variant_id = $2`, personID, variantID); err != nil {
		return fmt.Errorf("take variant %d out of the cart: %w", variantID, err)
	}
	return nil
}

// ClearCart empties a cart, its place included.
func ClearCart(ctx context.Context, tx pgx.Tx, personID int64) error {
	if _, err := tx.Exec(ctx, `DELETE FROM cart WHERE person_id = $1`, personID); err != nil {
		return fmt.Errorf("empty the cart of person %d: %w", personID, err)
	}
	return nil
}
