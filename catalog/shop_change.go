package catalog

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/rows"
	"souk/internal/sorry"
	"souk/people"
)

// What is what a change was made to.
type What string

// What can be changed in a shop.
const (
	ThePrice  What = "price"  // Old and New are centimes of one pack
	TheStock  What = "stock"  // Old and New are packs on hand
	TheStatus What = "status" // Was and Is are the product's
)

// Change is one change of a shop, with what is needed to say it and to undo it.
type Change struct {
	Event     int64 // stands for it in TakeBack; 0 where nothing changed
	What      What
	ProductID int64
	VariantID int64 // 0 for TheStatus
	Old, New  int64
	Promised  int64 // of TheStock: packs that buyers were promised, by holds and orders that have not left
	Was, Is   string
}

// Changed says whether anything is other than it was.
func (c Change) Changed() bool { return c.Event != 0 }

// ActOn is MayAct for one product: who may change it. One that is not there is refused like another's.
func ActOn(ctx context.Context, tx pgx.Tx, personID, productID int64) (Actor, error) {
	cooperative, found, err := rows.Value[int64](ctx, tx, "find whose a product is", `SELECT cooperative_id FROM product WHERE id = @id`, rows.Args{"id": productID})
	if err != nil {
		return Actor{}, err
	}
	if !found {
		return Actor{}, sorry.New("member.not_allowed", nil)
	}
	return MayAct(ctx, tx, personID, cooperative)
}

// cause is who makes a change, and which change it undoes.
type cause struct {
	Actor
	undoes int64 // an event's id, 0 for a change of its own
}

// record appends what was done and returns the event's id.
func (c cause) record(ctx context.Context, tx pgx.Tx, event people.Event) (int64, error) {
	if c.undoes != 0 {
		event.Data["undoes"] = c.undoes
	}
	return c.recordID(ctx, tx, event)
}

// SetPrice changes what one pack costs, in centimes. What buyers hold or have ordered keeps its price; carts say the new one before
// the yes. Prices from a number of packs on that would no longer be lower end with it. A price that is none is refused with
// "shop.price_range", a pack that is no longer offered with "catalog.gone".
func SetPrice(ctx context.Context, tx pgx.Tx, variantID, price int64, actor Actor, now time.Time) (Change, error) {
	return changePrice(ctx, tx, variantID, price, cause{Actor: actor}, now)
}

// tier is a price from a number of packs on, as an event keeps it.
type tier struct {
	Quantity int64 `json:"quantity"`
	Price    int64 `json:"price"`
}

func changePrice(ctx context.Context, tx pgx.Tx, variantID, price int64, by cause, now time.Time) (Change, error) {
	if price < 1 || price > MaxPrice {
		return Change{}, sorry.New("shop.price_range", nil)
	}
	type priced struct{ ProductID, Price int64 }
	was, found, err := rows.Maybe[priced](ctx, tx, fmt.Sprintf("lock the price of variant %d", variantID), lockPrice, rows.Args{"variant": variantID})
	switch {
	case err != nil:
		return Change{}, err
	case !found:
		return Change{}, sorry.New("catalog.gone", nil)
	}
	c := Change{What: ThePrice, ProductID: was.ProductID, VariantID: variantID, Old: was.Price, New: price}
	if was.Price == price {
		return c, nil
	}
	if _, err := rows.Exec(ctx, tx, "set a price", setPrice, rows.Args{"variant": variantID, "price": price}); err != nil {
		return Change{}, err
	}
	dropped, err := rows.All[tier](ctx, tx, "end prices that are no longer lower", dropTiers, rows.Args{"variant": variantID, "price": price})
	if err != nil {
		return Change{}, err
	}
	data := map[string]any{"old": was.Price, "new": price}
	if len(dropped) > 0 {
		data["dropped"] = dropped
	}
	c.Event, err = by.record(ctx, tx, people.Event{Name: priceChanged, Subject: variantSubject(variantID), Data: data, At: now})
	return c, err
}

// The events by which a shop's changes are known. A product's are product.STATUS.
const (
	priceChanged = "variant.priced"
	stockMoved   = "stock.moved"

	productPaused = "product." + Paused
)

func variantSubject(id int64) string { return fmt.Sprintf("variant/%d", id) }
func productSubject(id int64) string { return fmt.Sprintf("product/%d", id) }

const (
	lockPrice = `SELECT product_id, price FROM variant WHERE id = @variant AND archived_at IS NULL FOR NO KEY UPDATE`
	setPrice  = `UPDATE variant SET price = @price WHERE id = @variant`
	dropTiers = `DELETE FROM price_tier WHERE variant_id = @variant AND price >= @price RETURNING quantity, price`
)

// SetStock says how many packs are on hand, promised ones included. Fewer than are promised is refused with "stock.promised" and
// how many that are.
func SetStock(ctx context.Context, tx pgx.Tx, variantID, onHand int64, actor Actor, now time.Time) (Change, error) {
	if onHand < 0 || onHand > MaxStock {
		return Change{}, sorry.New("stock.range", map[string]any{"Max": MaxStock})
	}
	before, err := lockShelf(ctx, tx, variantID)
	if err != nil {
		return Change{}, err
	}
	return before.to(ctx, tx, onHand, "", cause{Actor: actor}, now)
}

// AddStock puts packs on the shelf, or takes some off where by is negative. A change whose reference stands already has been made: it
// does nothing. Otherwise as SetStock.
func AddStock(ctx context.Context, tx pgx.Tx, variantID, by int64, reference string, actor Actor, now time.Time) (Change, error) {
	if by > MaxStock || by < -MaxStock {
		return Change{}, sorry.New("stock.range", map[string]any{"Max": MaxStock})
	}
	before, err := lockShelf(ctx, tx, variantID)
	if err != nil {
		return Change{}, err
	}
	return before.to(ctx, tx, before.OnHand+by, reference, cause{Actor: actor}, now)
}

// SellOut says that nothing more can be ordered of a pack. What is promised stays promised.
func SellOut(ctx context.Context, tx pgx.Tx, variantID int64, actor Actor, now time.Time) (Change, error) {
	before, err := lockShelf(ctx, tx, variantID)
	if err != nil {
		return Change{}, err
	}
	return before.to(ctx, tx, before.Allocated, "", cause{Actor: actor}, now)
}

type lockedShelf struct{ ProductID, VariantID, OnHand, Allocated int64 }

func lockShelf(ctx context.Context, tx pgx.Tx, variantID int64) (lockedShelf, error) {
	s, found, err := rows.Maybe[lockedShelf](ctx, tx, fmt.Sprintf("lock stock of variant %d", variantID), lockShelfRow, rows.Args{"variant": variantID})
	if err == nil && !found {
		err = sorry.New("catalog.gone", nil)
	}
	return s, err
}

const lockShelfRow = `SELECT v.product_id, v.id AS variant_id, s.on_hand, s.allocated
	FROM stock s JOIN variant v ON v.id = s.variant_id WHERE s.variant_id = @variant AND v.archived_at IS NULL FOR UPDATE OF s`

// to moves a locked shelf to so many packs on hand.
func (s lockedShelf) to(ctx context.Context, tx pgx.Tx, onHand int64, reference string, by cause, now time.Time) (Change, error) {
	c := Change{What: TheStock, ProductID: s.ProductID, VariantID: s.VariantID, Old: s.OnHand, New: onHand, Promised: s.Allocated}
	if onHand == s.OnHand {
		return c, nil
	}
	reason := Correction
	if onHand > s.OnHand {
		reason = Restocked
	}
	var err error
	c.Event, err = moveBy(ctx, tx, Movement{VariantID: s.VariantID, Change: onHand - s.OnHand, Reason: reason, Reference: reference, ActorID: by.PersonID}, by, now)
	if err == nil && c.Event == 0 { // that reference has been applied before
		c.New = s.OnHand
	}
	return c, err
}
