package orders

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// keep makes of a part's lines what both sides agreed to: packs that are not sent go back to the shelf, and the sums follow. Who
// waits for such packs is not told: the seller has just said that they are not there.
func keep(ctx context.Context, tx pgx.Tx, p Purchase, part Part, lines []LineChange) error {
	if _, err := lockStock(ctx, tx, variantsOf([]Part{part})); err != nil {
		return err
	}
	n := len(lines)
	ids, kept, grams, amounts := make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n)
	freed := map[int64]int64{}
	for i, c := range lines {
		ids[i], kept[i], grams[i], amounts[i] = c.Line, c.Kept, c.Grams, c.Amount
		for _, l := range part.Lines {
			if l.ID == c.Line && l.Kept != c.Kept {
				freed[l.VariantID] -= l.Kept - c.Kept
			}
		}
	}
	if _, err := tx.Exec(ctx, keepLines, part.ID, ids, kept, grams, amounts); err != nil {
		return fmt.Errorf("keep the lines of part %d: %w", part.ID, err)
	}
	if len(freed) > 0 {
		if _, err := tx.Exec(ctx, keepAllocations, part.ID); err != nil {
			return fmt.Errorf("keep the allocations of part %d: %w", part.ID, err)
		}
		if err := changeAllocated(ctx, tx, freed); err != nil {
			return err
		}
	}
	return settleSums(ctx, tx, p.ID)
}

const keepLines = `
UPDATE line l SET kept = c.kept, grams = nullif(c.grams, 0), amount = c.amount
  FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[]) AS c (id, kept, grams, amount)
 WHERE l.id = c.id AND l.coop_order_id = $1`

const keepAllocations = `
WITH none AS (
    DELETE FROM allocation a USING line l WHERE l.id = a.line_id AND l.coop_order_id = $1 AND l.kept = 0)
UPDATE allocation a SET quantity = l.kept FROM line l
 WHERE l.id = a.line_id AND l.coop_order_id = $1 AND l.kept > 0 AND l.kept < a.quantity`

// void makes the sums of a part of which nothing is sent nothing. What was agreed stays on its lines.
func void(ctx context.Context, tx pgx.Tx, p Purchase, part Part) error {
	if _, err := tx.Exec(ctx, `UPDATE line SET kept = 0, grams = NULL, amount = 0 WHERE coop_order_id = $1`, part.ID); err != nil {
		return fmt.Errorf("void the lines of part %d: %w", part.ID, err)
	}
	return settleSums(ctx, tx, p.ID)
}

// settleSums derives the sums of a locked purchase and of its parts from their lines.
func settleSums(ctx context.Context, tx pgx.Tx, purchaseID int64) error {
	if _, err := tx.Exec(ctx, sums, purchaseID); err != nil {
		return fmt.Errorf("add up purchase %d: %w", purchaseID, err)
	}
	return nil
}

const sums = `
WITH s AS (
    SELECT o.id, sum(coalesce(l.amount, coalesce(l.kept, l.quantity) * l.price))::bigint AS total
      FROM coop_order o JOIN line l ON l.coop_order_id = o.id WHERE o.purchase_id = $1 GROUP BY o.id), parts AS (
    UPDATE coop_order o SET goods_total = s.total FROM s WHERE o.id = s.id AND o.goods_total <> s.total)
UPDATE purchase SET goods_total = (SELECT sum(total) FROM s) WHERE id = $1`
