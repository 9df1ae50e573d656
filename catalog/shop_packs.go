package catalog

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/rows"
	"souk/internal/sorry"
	"souk/people"
)

// NewPack is one more size of a product.
type NewPack struct {
	Amount string // decimal
	Unit   string // g, kg, ml, l, piece
	Price  int64  // centimes
	Stock  int64  // packs on hand
}

// AddPack offers a product in one more size and returns its variant. One that is offered already is refused with "shop.pack_there",
// too many with "shop.packs_full", an amount, price or stock that is none with "shop.pack_unclear", "shop.price_range", "stock.range".
func AddPack(ctx context.Context, tx pgx.Tx, productID int64, pack NewPack, actor Actor, now time.Time) (int64, error) {
	size, ok := measure(pack.Amount, pack.Unit)
	switch {
	case !ok || size == 0:
		return 0, sorry.New("shop.pack_unclear", nil)
	case pack.Price < 1 || pack.Price > MaxPrice:
		return 0, sorry.New("shop.price_range", nil)
	case pack.Stock < 0 || pack.Stock > MaxStock:
		return 0, sorry.New("stock.range", map[string]any{"Max": MaxStock})
	}
	if status, err := lockProduct(ctx, tx, productID); err != nil || status == Archived {
		if err == nil {
			err = sorry.New("shop.archived", nil)
		}
		return 0, err
	}
	type old struct{ PackAmount, PackUnit string }
	packs, err := rows.All[old](ctx, tx, "list a product's packs", listPacks, rows.Args{"product": productID})
	if err != nil {
		return 0, err
	}
	for _, p := range packs {
		if other, ok := measure(p.PackAmount, p.PackUnit); ok && other == size && kindOf(p.PackUnit) == kindOf(pack.Unit) {
			return 0, sorry.New("shop.pack_there", nil)
		}
	}
	if len(packs) >= MaxPacks {
		return 0, sorry.New("shop.packs_full", map[string]any{"Max": MaxPacks})
	}
	id, _, err := rows.Value[int64](ctx, tx, "add a pack", addPack, rows.Args{"product": productID, "amount": pack.Amount, "unit": pack.Unit, "price": pack.Price})
	if err != nil {
		return 0, err
	}
	err = actor.Record(ctx, tx, people.Event{Name: "pack.added", Subject: variantSubject(id), Data: map[string]any{"product": productID, "price": pack.Price}, At: now})
	if err != nil || pack.Stock == 0 {
		return id, err
	}
	_, err = moveBy(ctx, tx, Movement{VariantID: id, Change: pack.Stock, Reason: Opening, ActorID: actor.PersonID}, cause{Actor: actor}, now)
	return id, err
}

const listPacks = `SELECT trim_scale(pack_amount)::text AS pack_amount, pack_unit FROM variant WHERE product_id = @product AND archived_at IS NULL`

const addPack = `WITH v AS (
		INSERT INTO variant (product_id, position, pack_amount, pack_unit, price)
		SELECT @product, COALESCE(max(position), 0) + 1, @amount::text::numeric, @unit, @price FROM variant WHERE product_id = @product RETURNING id)
	INSERT INTO stock (variant_id, on_hand) SELECT id, 0 FROM v RETURNING variant_id`

// RemovePack offers a product no longer in this size. What buyers hold or have ordered stays theirs. The last one is refused with
// "shop.last_pack": that is what Archive is for. Removed already: nothing happens.
func RemovePack(ctx context.Context, tx pgx.Tx, productID, variantID int64, actor Actor, now time.Time) error {
	if _, err := lockProduct(ctx, tx, productID); err != nil {
		return err
	}
	type left struct{ Others, Mine int64 }
	n, err := rows.One[left](ctx, tx, "count a product's packs", countPacks, rows.Args{"product": productID, "variant": variantID})
	if err != nil || n.Mine == 0 {
		return err
	}
	if n.Others == 0 {
		return sorry.New("shop.last_pack", nil)
	}
	if _, err := rows.Exec(ctx, tx, "remove a pack", removePack, rows.Args{"variant": variantID, "now": now}); err != nil {
		return err
	}
	return actor.Record(ctx, tx, people.Event{Name: "pack.removed", Subject: variantSubject(variantID), Data: map[string]any{"product": productID}, At: now})
}

const (
	countPacks = `SELECT count(*) FILTER (WHERE id <> @variant) AS others, count(*) FILTER (WHERE id = @variant) AS mine
	FROM variant WHERE product_id = @product AND archived_at IS NULL`
	removePack = `UPDATE variant SET archived_at = @now WHERE id = @variant`
)
