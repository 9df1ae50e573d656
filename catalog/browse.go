package catalog

import (
	"context"
	"maps"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/rows"
)

// Region is one of the twelve.
type Region struct {
	Code        string // ISO 3166-2, MA-05
	Name        Words
	DeliveryFee int64 // home delivery, centimes
	RelayFee    int64 // pick-up at a relay, centimes
	Products    int   // for sale now
}

// Regions returns the regions in the order of their codes.
func Regions(ctx context.Context, tx pgx.Tx, now time.Time) ([]Region, error) {
	return rows.All[Region](ctx, tx, "list regions", listRegions, rows.Args{"now": now})
}

const listRegions = `SELECT r.code, r.name, r.delivery_fee, r.relay_fee, COALESCE(n.products, 0) AS products
	FROM region r LEFT JOIN (SELECT region_code, count(*) AS products FROM sellable(@now) GROUP BY region_code) n ON n.region_code = r.code
	ORDER BY r.code`

// Category is a shelf of the souk.
type Category struct {
	ID       string
	Name     Words
	Food     bool
	Icon     string // an emoji, "" for none
	Products int    // for sale now, in the region that was asked for
}

// Categories returns the shelves on which something is for sale, in their order; in a region, or everywhere where region is "".
func Categories(ctx context.Context, tx pgx.Tx, region string, now time.Time) ([]Category, error) {
	return rows.All[Category](ctx, tx, "list categories", listCategories, rows.Args{"region": region, "now": now})
}

const listCategories = `SELECT k.id, k.name, k.food, k.icon, n.products
	FROM (SELECT category_id, count(*) AS products FROM sellable(@now) WHERE @region = '' OR region_code = @region GROUP BY category_id) n
	JOIN category k ON k.id = n.category_id
	ORDER BY k.position, k.id`

// shelvesInUse returns the shelves on which anything is for sale, in their order, without counting it.
func shelvesInUse(ctx context.Context, tx pgx.Tx, limit int, now time.Time) ([]Category, error) {
	return rows.All[Category](ctx, tx, "list shelves", listShelves, rows.Args{"limit": limit, "now": now})
}

const listShelves = `SELECT k.id, k.name, k.food, k.icon, 0 AS products
	FROM category k WHERE EXISTS (SELECT FROM sellable(@now) p WHERE p.category_id = k.id) ORDER BY k.position, k.id LIMIT @limit`

// Browse returns a page of what is for sale in a scope, what is in stock first and then by popularity, and how many there are.
func Browse(ctx context.Context, tx pgx.Tx, scope Scope, page Page, now time.Time) ([]Card, int, error) {
	args := rows.Args{"region": scope.Region, "category": scope.Category, "cooperative": scope.Cooperative, "now": now}
	total, _, err := rows.Value[int](ctx, tx, "count products", `SELECT count(*)`+inScope, args)
	if err != nil || total == 0 || page.Offset >= total {
		return nil, total, err
	}
	paged := maps.Clone(args)
	paged["limit"], paged["offset"] = page.Limit, page.Offset
	ids, err := rows.Values[int64](ctx, tx, "browse what is in stock", `SELECT p.product_id`+inScope+` AND `+inStock+browseOrder, paged)
	if err != nil {
		return nil, 0, err
	}
	if len(ids) < page.Limit {
		// The page reaches behind what is in stock. Only now all of that has to be counted.
		there, _, err := rows.Value[int](ctx, tx, "count what is in stock", `SELECT count(*)`+inScope+` AND `+inStock, args)
		if err != nil {
			return nil, 0, err
		}
		paged["limit"], paged["offset"] = page.Limit-len(ids), max(0, page.Offset-there)
		gone, err := rows.Values[int64](ctx, tx, "browse what is sold out", `SELECT p.product_id`+inScope+` AND NOT `+inStock+browseOrder, paged)
		if err != nil {
			return nil, 0, err
		}
		ids = append(ids, gone...)
	}
	cards, err := Cards(ctx, tx, ids, now)
	return cards, total, err
}

const inScope = `
	FROM sellable(@now) p
	WHERE (@region = '' OR p.region_code = @region) AND (@category = '' OR p.category_id = @category)
	  AND (@cooperative = '' OR p.cooperative_id = (SELECT id FROM cooperative WHERE code = @cooperative))`

const browseOrder = `
	ORDER BY p.popularity DESC, p.product_id LIMIT @limit OFFSET @offset`

// inStock says of product p whether any of its packs can be ordered now.
const inStock = `EXISTS (SELECT FROM variant v JOIN stock s ON s.variant_id = v.id
	WHERE v.product_id = p.product_id AND v.archived_at IS NULL AND s.on_hand > s.allocated)`
