package catalog

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/rows"
	"souk/internal/sorry"
	"souk/people"
)

// Reason says why stock moved. Orders also write sold and returned.
type Reason string

// The reasons that people give.
const (
	Opening    Reason = "opening"
	Restocked  Reason = "restock"
	Correction Reason = "correction" // counted, and it was another number
	Loss       Reason = "loss"       // broken, spoilt
)

// Movement is one change of what is on hand. Movements are only ever added: their sum per variant is what is on hand.
type Movement struct {
	ID        int64
	VariantID int64
	Change    int64
	Reason    Reason
	Reference string
	ActorID   int64 // 0: Souk itself
	CreatedAt time.Time
}

// Restock puts more packs on the shelf and tells those who waited for them. quantity is at least 1; more than MaxStock on hand is
// refused with "stock.range".
func Restock(ctx context.Context, tx pgx.Tx, variantID, quantity int64, reference string, actor int64, now time.Time) error {
	if quantity < 1 {
		return sorry.New("stock.range", map[string]any{"Max": MaxStock})
	}
	return move(ctx, tx, Movement{VariantID: variantID, Change: quantity, Reason: Restocked, Reference: reference, ActorID: actor}, now)
}

// Correct changes what is on hand by more or fewer packs, for a reason: Correction, Loss or Opening. What buyers have been promised
// cannot be taken away: that is refused with "stock.promised" and how many packs are.
func Correct(ctx context.Context, tx pgx.Tx, variantID, change int64, reason Reason, reference string, actor int64, now time.Time) error {
	if change == 0 {
		return nil
	}
	return move(ctx, tx, Movement{VariantID: variantID, Change: change, Reason: reason, Reference: reference, ActorID: actor}, now)
}

// MaxStock is how many packs of a variant can be on hand.
const MaxStock = 1_000_000

func move(ctx context.Context, tx pgx.Tx, m Movement, now time.Time) error {
	_, err := moveBy(ctx, tx, m, cause{Actor: Actor{PersonID: m.ActorID}}, now)
	return err
}

// moveBy applies one movement and returns its event. One whose reference already stands for this variant and reason has been
// applied: it does nothing, and has no event.
func moveBy(ctx context.Context, tx pgx.Tx, m Movement, by cause, now time.Time) (event int64, err error) {
	type shelf struct{ OnHand, Allocated int64 }
	before, err := rows.One[shelf](ctx, tx, fmt.Sprintf("lock stock of variant %d", m.VariantID), lockStock, rows.Args{"variant": m.VariantID})
	if err != nil {
		return 0, err
	}
	switch {
	case m.Change > MaxStock-before.OnHand:
		return 0, sorry.New("stock.range", map[string]any{"Max": MaxStock})
	case m.Change < before.Allocated-before.OnHand:
		return 0, sorry.New("stock.promised", map[string]any{"Count": before.Allocated})
	}
	id, moved, err := rows.Value[int64](ctx, tx, "record stock movement", recordMovement, rows.Args{"variant": m.VariantID, "change": m.Change,
		"reason": string(m.Reason), "reference": m.Reference, "actor": m.ActorID, "now": now})
	if err != nil || !moved {
		return 0, err
	}
	if _, err := rows.Exec(ctx, tx, "move stock", moveStock, rows.Args{"variant": m.VariantID, "change": m.Change, "now": now}); err != nil {
		return 0, err
	}
	event, err = by.record(ctx, tx, people.Event{Name: stockMoved, Subject: variantSubject(m.VariantID),
		Data: map[string]any{"movement": id, "change": m.Change, "reason": string(m.Reason)}, At: now})
	if err != nil {
		return 0, err
	}
	return event, TellBack(ctx, tx, []int64{m.VariantID}, now)
}

const lockStock = `SELECT on_hand, allocated FROM stock WHERE variant_id = @variant FOR UPDATE`

const recordMovement = `INSERT INTO stock_movement (variant_id, change, reason, reference, actor_id, created_at)
	VALUES (@variant, @change, @reason, @reference, NULLIF(@actor::bigint, 0), @now)
	ON CONFLICT (variant_id, reason, reference) WHERE reference <> '' DO NOTHING RETURNING id`

// Who counted the packs knows how few there are: they are told again only once there were more.
const moveStock = `UPDATE stock SET on_hand = on_hand + @change,
		low_told_at = CASE WHEN on_hand + @change - allocated <= low_mark THEN COALESCE(low_told_at, @now) END,
		out_told_at = CASE WHEN on_hand + @change - allocated <= 0 THEN COALESCE(out_told_at, @now) END
	WHERE variant_id = @variant`

// Available returns how many packs of a variant can be ordered now: none of one that is not for sale.
func Available(ctx context.Context, tx pgx.Tx, variantID int64, now time.Time) (int64, error) {
	available, _, err := rows.Value[int64](ctx, tx, "look up what is available", availableNow, rows.Args{"variant": variantID, "now": now})
	return available, err
}

const availableNow = `SELECT s.on_hand - s.allocated
	FROM stock s JOIN variant v ON v.id = s.variant_id AND v.archived_at IS NULL JOIN sellable(@now) p ON p.product_id = v.product_id
	WHERE s.variant_id = @variant`

// Movements returns a variant's movements, oldest first.
func Movements(ctx context.Context, tx pgx.Tx, variantID int64) ([]Movement, error) {
	return rows.All[Movement](ctx, tx, "list stock movements", listMovements, rows.Args{"variant": variantID})
}

const listMovements = `SELECT id, variant_id, change, reason, reference, COALESCE(actor_id, 0) AS actor_id, created_at
	FROM stock_movement WHERE variant_id = @variant ORDER BY id`

// RemindBack promises a person to say when a variant can be ordered again. Twice is once; after it was said it can be promised anew.
func RemindBack(ctx context.Context, tx pgx.Tx, variantID, personID int64, now time.Time) error {
	_, err := rows.Exec(ctx, tx, "remember who waits for stock", remindBack, rows.Args{"variant": variantID, "person": personID, "now": now})
	return err
}

const remindBack = `INSERT INTO back_in_stock AS b (variant_id, person_id, created_at) VALUES (@variant, @person, @now)
	ON CONFLICT (variant_id, person_id) DO UPDATE SET created_at = excluded.created_at, told_at = NULL WHERE b.told_at IS NOT NULL`

// TellBack tells those who wait for variants of which there are packs again, in the transaction that brought them back: a restock,
// a return, a hold that ended. The notice "back_in_stock" carries the product's code and the variant.
func TellBack(ctx context.Context, tx pgx.Tx, variantIDs []int64, now time.Time) error {
	type waiting struct {
		VariantID, PersonID int64
		Code                string
		Since               time.Time
	}
	told, err := rows.All[waiting](ctx, tx, "find who waits for stock", tellBack, rows.Args{"variants": variantIDs, "now": now})
	if err != nil {
		return err
	}
	slices.SortFunc(told, func(a, b waiting) int { return int(a.PersonID - b.PersonID) })
	for _, w := range told {
		err := people.Notify(ctx, tx, people.Notice{
			PersonID: w.PersonID, Name: "back_in_stock", Args: map[string]any{"code": w.Code, "variant": w.VariantID},
			Timing: people.AllowedHours, Dedupe: fmt.Sprintf("back_in_stock/%d/%d/%d", w.VariantID, w.PersonID, w.Since.UnixMicro()),
		}, now)
		if err != nil {
			return err
		}
	}
	return nil
}

// What there is enough of again is low again only when it runs out anew (see TellLow). The callers hold the stock.
const tellBack = `WITH enough AS (
		UPDATE stock s SET low_told_at = NULL, out_told_at = NULL
		WHERE s.variant_id = ANY(@variants) AND s.low_told_at IS NOT NULL AND s.on_hand - s.allocated > s.low_mark)
	UPDATE back_in_stock b SET told_at = @now
	FROM variant v, stock s, sellable(@now) p
	WHERE b.variant_id = ANY(@variants) AND b.told_at IS NULL AND v.id = b.variant_id AND v.archived_at IS NULL
	  AND s.variant_id = v.id AND s.on_hand > s.allocated AND p.product_id = v.product_id
	RETURNING b.variant_id, b.person_id, p.code, b.created_at AS since`
