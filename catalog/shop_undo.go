package catalog

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/rows"
	"souk/internal/sorry"
	"souk/people"
)

// UndoFor is how long a change of price, stock or status can be undone.
const UndoFor = 24 * time.Hour

// TakeBack undoes a change of a shop, by the id of its event. Doing so twice is once: the second time nothing changes. It refuses who may not
// act for the cooperative, what is older than UndoFor ("shop.undo_late"), what was changed again since ("shop.changed_since"), what
// is no such change ("shop.cannot_undo"), and stock that buyers were promised meanwhile ("stock.promised").
func TakeBack(ctx context.Context, tx pgx.Tx, event, personID int64, now time.Time) (Change, error) {
	e, err := people.LoadEvent(ctx, tx, event)
	if errors.Is(err, pgx.ErrNoRows) {
		err = sorry.New("shop.cannot_undo", nil)
	}
	if err != nil {
		return Change{}, err
	}
	product, variant, err := changedBy(ctx, tx, e)
	if err != nil {
		return Change{}, err
	}
	actor, err := ActOn(ctx, tx, personID, product)
	if err != nil {
		return Change{}, err
	}
	if now.Sub(e.At) > UndoFor {
		return Change{}, sorry.New("shop.undo_late", nil)
	}
	by := cause{Actor: actor, undoes: e.ID}
	switch e.Name {
	case priceChanged:
		return undoPrice(ctx, tx, e, variant, by, now)
	case stockMoved:
		return undoStock(ctx, tx, e, variant, by, now)
	default:
		return undoStatus(ctx, tx, e, product, by, now)
	}
}

// changedBy names the product, and the pack, that an event is about, where it is a change that can be undone.
func changedBy(ctx context.Context, tx pgx.Tx, e people.Event) (product, variant int64, err error) {
	if _, undoes := e.Data["undoes"]; undoes {
		return 0, 0, sorry.New("shop.cannot_undo", nil)
	}
	kind, id, _ := strings.Cut(e.Subject, "/")
	n := int64(0)
	if _, err := fmt.Sscan(id, &n); err != nil {
		return 0, 0, sorry.New("shop.cannot_undo", nil)
	}
	switch {
	case kind == "product" && (e.Name == productPaused || e.Name == "product."+Published && e.Data["was"] == Paused):
		return n, 0, nil
	case kind == "variant" && (e.Name == priceChanged || e.Name == stockMoved && e.ActorID != 0):
		product, found, err := rows.Value[int64](ctx, tx, "find a pack's product", `SELECT product_id FROM variant WHERE id = @id`, rows.Args{"id": n})
		if err == nil && found {
			return product, n, nil
		}
		if err != nil {
			return 0, 0, err
		}
	}
	return 0, 0, sorry.New("shop.cannot_undo", nil)
}

// number is a number of an event's data, which JSON keeps as a float.
func number(e people.Event, name string) int64 {
	f, _ := e.Data[name].(float64)
	return int64(f)
}

// undone says whether a change was taken back already. The caller holds the subject.
func undone(ctx context.Context, tx pgx.Tx, e people.Event) (bool, error) {
	done, _, err := rows.Value[bool](ctx, tx, "look whether a change was undone",
		`SELECT EXISTS (SELECT FROM event WHERE subject = @subject AND id > @id AND data->'undoes' = to_jsonb(@id::bigint))`,
		rows.Args{"subject": e.Subject, "id": e.ID})
	return done, err
}

func undoPrice(ctx context.Context, tx pgx.Tx, e people.Event, variant int64, by cause, now time.Time) (Change, error) {
	type priced struct{ ProductID, Price int64 }
	is, found, err := rows.Maybe[priced](ctx, tx, "lock a price", lockPrice, rows.Args{"variant": variant})
	if err == nil && !found {
		err = sorry.New("catalog.gone", nil)
	}
	if err != nil {
		return Change{}, err
	}
	switch done, err := undone(ctx, tx, e); {
	case err != nil:
		return Change{}, err
	case done:
		return Change{What: ThePrice, ProductID: is.ProductID, VariantID: variant, Old: is.Price, New: is.Price}, nil
	case is.Price != number(e, "new"):
		return Change{}, sorry.New("shop.changed_since", nil)
	}
	c, err := changePrice(ctx, tx, variant, number(e, "old"), by, now)
	if err != nil {
		return Change{}, err
	}
	dropped, _ := e.Data["dropped"].([]any)
	for _, d := range dropped {
		t, _ := d.(map[string]any)
		_, err := rows.Exec(ctx, tx, "bring a price from a number of packs on back", restoreTier, rows.Args{"variant": variant, "quantity": t["quantity"], "price": t["price"]})
		if err != nil {
			return Change{}, err
		}
	}
	return c, nil
}

const restoreTier = `INSERT INTO price_tier (variant_id, quantity, price) VALUES (@variant, @quantity::float8::bigint, @price::float8::bigint)
	ON CONFLICT (variant_id, quantity) DO NOTHING`

func undoStock(ctx context.Context, tx pgx.Tx, e people.Event, variant int64, by cause, now time.Time) (Change, error) {
	before, err := lockShelf(ctx, tx, variant)
	if err != nil {
		return Change{}, err
	}
	done, err := undone(ctx, tx, e)
	if err != nil {
		return Change{}, err
	}
	if done {
		return Change{What: TheStock, ProductID: before.ProductID, VariantID: variant, Old: before.OnHand, New: before.OnHand, Promised: before.Allocated}, nil
	}
	return before.to(ctx, tx, before.OnHand-number(e, "change"), fmt.Sprintf("undo/%d", e.ID), by, now)
}

func undoStatus(ctx context.Context, tx pgx.Tx, e people.Event, product int64, by cause, now time.Time) (Change, error) {
	to := Published
	if e.Name == "product."+Published {
		to = Paused
	}
	status, err := lockProduct(ctx, tx, product)
	if err != nil {
		return Change{}, err
	}
	switch done, err := undone(ctx, tx, e); {
	case err != nil:
		return Change{}, err
	case done, status == to:
		return Change{What: TheStatus, ProductID: product, Was: status, Is: status}, nil
	case "product."+status != e.Name:
		return Change{}, sorry.New("shop.changed_since", nil)
	}
	return turn(ctx, tx, product, to, by, nil, now)
}

// LastChange returns the event of a person's last change that can be undone, 0 where there is none within UndoFor.
func LastChange(ctx context.Context, tx pgx.Tx, personID int64, now time.Time) (int64, error) {
	id, _, err := rows.Value[int64](ctx, tx, "find the last change", lastChange, rows.Args{"person": personID, "since": now.Add(-UndoFor)})
	return id, err
}

const lastChange = `SELECT id FROM event
	WHERE actor_id = @person AND name IN ('variant.priced', 'stock.moved', 'product.paused', 'product.published')
	  AND created_at >= @since AND NOT data ? 'undoes' ORDER BY id DESC LIMIT 1`
