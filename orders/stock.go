package orders

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/catalog"
)

// onShelf is a locked stock row.
type onShelf struct{ onHand, allocated int64 }

const lockStockRows = `SELECT variant_id, on_hand, allocated FROM stock WHERE variant_id = ANY($1) ORDER BY variant_id FOR UPDATE`

// lockStock locks the stock of variants in id order, so that two purchases never wait for each other in a circle.
func lockStock(ctx context.Context, tx pgx.Tx, variantIDs []int64) (map[int64]onShelf, error) {
	rows, err := tx.Query(ctx, lockStockRows, variantIDs)
	if err != nil {
		return nil, fmt.Errorf("lock stock: %w", err)
	}
	shelf := make(map[int64]onShelf, len(variantIDs))
	var id int64
	var s onShelf
	if _, err = pgx.ForEachRow(rows, []any{&id, &s.onHand, &s.allocated}, func() error { shelf[id] = s; return nil }); err != nil {
		return nil, fmt.Errorf("lock stock: %w", err)
	}
	return shelf, nil
}

const addAllocated = `
UPDATE stock SET allocated = stock.allocated + d.change
  FROM unnest($1::bigint[], $2::bigint[]) AS d (variant_id, change)
 WHERE stock.variant_id = d.variant_id AND d.change <> 0`

// changeAllocated adds to what is allocated of each variant. The rows are locked by the caller (lockStock).
func changeAllocated(ctx context.Context, tx pgx.Tx, change map[int64]int64) error {
	ids := slices.Sorted(maps.Keys(change))
	by := make([]int64, len(ids))
	for i, id := range ids {
		by[i] = change[id]
	}
	if _, err := tx.Exec(ctx, addAllocated, ids, by); err != nil {
		return fmt.Errorf("change what is allocated: %w", err)
	}
	return nil
}

const freeAllocations = `
WITH freed AS (
    DELETE FROM allocation a USING line l
     WHERE l.id = a.line_id AND l.coop_order_id = ANY($1)
    RETURNING a.variant_id, a.quantity)
UPDATE stock SET allocated = stock.allocated - f.quantity
  FROM (SELECT variant_id, sum(quantity)::bigint AS quantity FROM freed GROUP BY variant_id) f
 WHERE stock.variant_id = f.variant_id`

// free gives back what parts of a purchase have allocated, and tells those who waited for it; parts that have none are no error.
func free(ctx context.Context, tx pgx.Tx, parts []Part, now time.Time) error {
	if err := freeQuietly(ctx, tx, parts); err != nil {
		return err
	}
	return catalog.TellBack(ctx, tx, variantsOf(parts), now)
}

// freeQuietly gives back what parts have allocated and tells nobody: a seller who has not got the goods must count them first.
func freeQuietly(ctx context.Context, tx pgx.Tx, parts []Part) error {
	if _, err := lockStock(ctx, tx, variantsOf(parts)); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, freeAllocations, partIDs(parts)); err != nil {
		return fmt.Errorf("give allocations back: %w", err)
	}
	return nil
}

const shipAllocations = `
WITH gone AS (
    DELETE FROM allocation a USING line l, coop_order o
     WHERE l.id = a.line_id AND o.id = l.coop_order_id AND o.id = $1
    RETURNING a.variant_id, a.quantity, o.code), moved AS (
    INSERT INTO stock_movement (variant_id, change, reason, reference, actor_id, created_at)
    SELECT variant_id, -quantity, 'sold', code, nullif($2::bigint, 0), $3 FROM gone)
UPDATE stock SET allocated = stock.allocated - gone.quantity, on_hand = stock.on_hand - gone.quantity
  FROM gone WHERE stock.variant_id = gone.variant_id`

const returnGoods = `
WITH back AS (
    SELECT l.variant_id, coalesce(l.kept, l.quantity) AS quantity, o.code
      FROM line l JOIN coop_order o ON o.id = l.coop_order_id WHERE o.id = $1 AND coalesce(l.kept, l.quantity) > 0), moved AS (
    INSERT INTO stock_movement (variant_id, change, reason, reference, actor_id, created_at)
    SELECT variant_id, quantity, 'returned', code, nullif($2::bigint, 0), $3 FROM back)
UPDATE stock SET on_hand = stock.on_hand + back.quantity
  FROM back WHERE stock.variant_id = back.variant_id`

func partIDs(parts []Part) []int64 {
	ids := make([]int64, len(parts))
	for i, p := range parts {
		ids[i] = p.ID
	}
	return ids
}

func variantsOf(parts []Part) []int64 {
	var ids []int64
	for _, p := range parts {
		for _, l := range p.Lines {
			ids = append(ids, l.VariantID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
