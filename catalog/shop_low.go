package catalog

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/rows"
	"souk/people"
)

// TellLow tells a cooperative's members that little or nothing is left of packs that were just ordered, once each until there are
// more again (see TellBack, and every movement). The notices "stock.low" and "stock.out" carry the variant. It locks the stock of
// what it tells, in id order: call it before a product is touched.
func TellLow(ctx context.Context, tx pgx.Tx, variantIDs []int64, now time.Time) error {
	type low struct {
		VariantID, CooperativeID int64
		Out                      bool
	}
	told, err := rows.All[low](ctx, tx, "find what is nearly sold out", tellLow, rows.Args{"variants": variantIDs, "now": now})
	if err != nil || len(told) == 0 {
		return err
	}
	slices.SortFunc(told, func(a, b low) int { return int(a.VariantID - b.VariantID) })
	for _, l := range told {
		members, err := Members(ctx, tx, l.CooperativeID)
		if err != nil {
			return err
		}
		name := "stock.low"
		if l.Out {
			name = "stock.out"
		}
		for _, m := range members {
			err := people.Notify(ctx, tx, people.Notice{
				PersonID: m.PersonID, Name: name, Args: map[string]any{"variant": l.VariantID, "told": now.Unix()}, Timing: people.AllowedHours,
				Dedupe: fmt.Sprintf("%s/%d/%d/%d", name, l.VariantID, m.PersonID, now.UnixMicro()),
			}, now)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

const tellLow = `WITH scarce AS (
		SELECT s.variant_id, p.cooperative_id, s.on_hand <= s.allocated AS out
		FROM stock s JOIN variant v ON v.id = s.variant_id JOIN product p ON p.id = v.product_id
		WHERE s.variant_id = ANY(@variants) AND v.archived_at IS NULL AND p.status = 'published'
		  AND (s.on_hand - s.allocated <= s.low_mark AND s.low_told_at IS NULL OR s.on_hand <= s.allocated AND s.out_told_at IS NULL)
		ORDER BY s.variant_id FOR UPDATE OF s)
	UPDATE stock s SET low_told_at = COALESCE(s.low_told_at, @now), out_told_at = CASE WHEN scarce.out THEN @now::timestamptz ELSE s.out_told_at END
	FROM scarce WHERE s.variant_id = scarce.variant_id
	RETURNING s.variant_id, scarce.cooperative_id, scarce.out`
