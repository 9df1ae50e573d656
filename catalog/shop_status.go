package catalog

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/rows"
	"souk/internal/sorry"
	"souk/people"
)

// Pause takes a product off the shelves; what buyers hold or have ordered stays theirs. Paused already: nothing happens. What is
// not for sale yet is refused with "shop.not_yet", what was archived with "shop.archived".
func Pause(ctx context.Context, tx pgx.Tx, productID int64, actor Actor, now time.Time) (Change, error) {
	return turn(ctx, tx, productID, Paused, cause{Actor: actor}, nil, now)
}

// Resume puts a paused product back on the shelves and tells those who wait for it. Refused as Pause; food without a valid ONSSA
// document with "catalog.needs_onssa", and what an operator is looking at with "shop.not_yet".
func Resume(ctx context.Context, tx pgx.Tx, productID int64, actor Actor, now time.Time) (Change, error) {
	return turn(ctx, tx, productID, Published, cause{Actor: actor}, nil, now)
}

// Archive ends a product for good: it leaves the shop and the shelves. What buyers hold or have ordered stays theirs.
func Archive(ctx context.Context, tx pgx.Tx, productID int64, actor Actor, now time.Time) (Change, error) {
	return turn(ctx, tx, productID, Archived, cause{Actor: actor}, nil, now)
}

// PauseAll pauses everything that a cooperative has on sale, and returns what was paused.
func PauseAll(ctx context.Context, tx pgx.Tx, cooperativeID int64, actor Actor, now time.Time) ([]Change, error) {
	return turnAll(ctx, tx, cooperativeID, pausable, Paused, actor, now)
}

// ResumeAll puts back on the shelves what PauseAll took off them; what was paused by itself stays so. What may not be sold at
// present is left out.
func ResumeAll(ctx context.Context, tx pgx.Tx, cooperativeID int64, actor Actor, now time.Time) ([]Change, error) {
	return turnAll(ctx, tx, cooperativeID, resumable, Published, actor, now)
}

const (
	pausable  = `SELECT id FROM product WHERE cooperative_id = @cooperative AND status = 'published' ORDER BY id`
	resumable = `SELECT p.id FROM product p
	WHERE p.cooperative_id = @cooperative AND p.status = 'paused'
	  AND (SELECT e.data ? 'all' FROM event e WHERE e.subject = 'product/' || p.id AND e.name = 'product.paused' ORDER BY e.id DESC LIMIT 1) ORDER BY p.id`
)

func turnAll(ctx context.Context, tx pgx.Tx, cooperativeID int64, sql, to string, actor Actor, now time.Time) ([]Change, error) {
	ids, err := rows.Values[int64](ctx, tx, "list what to turn", sql, rows.Args{"cooperative": cooperativeID})
	if err != nil {
		return nil, err
	}
	// All stock first, in the order of ids that everybody keeps, then the products in theirs.
	if err := lockShelvesOf(ctx, tx, ids); err != nil {
		return nil, err
	}
	var changes []Change
	for _, id := range ids {
		c, err := turn(ctx, tx, id, to, cause{Actor: actor}, map[string]any{"all": true}, now)
		if _, refused := sorry.As(err); refused {
			continue
		}
		if err != nil {
			return nil, err
		}
		changes = append(changes, c)
	}
	return changes, nil
}

// turn is one step of a product's life that its own cooperative may take.
func turn(ctx context.Context, tx pgx.Tx, productID int64, to string, by cause, data map[string]any, now time.Time) (Change, error) {
	var waited []int64 // packs that somebody may wait for; their stock is locked before the product, as orders does
	if to == Published {
		var err error
		if waited, err = rows.Values[int64](ctx, tx, "lock a product's stock", lockOwnShelves, rows.Args{"products": []int64{productID}}); err != nil {
			return Change{}, err
		}
	}
	status, err := lockProduct(ctx, tx, productID)
	if err != nil {
		return Change{}, err
	}
	c := Change{What: TheStatus, ProductID: productID, Was: status, Is: to}
	if status == to {
		return c, nil
	}
	if err := mayTurn(ctx, tx, productID, status, to, now); err != nil {
		return Change{}, err
	}
	_, err = rows.Exec(ctx, tx, "set status of product", setProductStatus, rows.Args{"id": productID, "to": to, "from": []string{status}, "now": now})
	if err != nil {
		return Change{}, err
	}
	told := map[string]any{"was": status}
	maps.Copy(told, data)
	if c.Event, err = by.record(ctx, tx, people.Event{Name: "product." + to, Subject: productSubject(productID), Data: told, At: now}); err != nil {
		return Change{}, err
	}
	return c, TellBack(ctx, tx, waited, now)
}

// mayTurn refuses a step that is an operator's, or nobody's.
func mayTurn(ctx context.Context, tx pgx.Tx, productID int64, status, to string, now time.Time) error {
	switch {
	case status == Archived:
		return sorry.New("shop.archived", nil)
	case to == Archived:
		return nil
	case !slices.Contains([]string{Published, Paused}, status):
		return sorry.New("shop.not_yet", nil)
	case to == Paused:
		return nil
	}
	waits, _, err := rows.Maybe[keptBack](ctx, tx, "look for what keeps a product from sale", mayPublish, rows.Args{"id": productID, "now": now})
	switch {
	case err != nil:
		return err
	case waits.InReview:
		return sorry.New("shop.not_yet", nil)
	case waits.Undocumented:
		return sorry.New("catalog.needs_onssa", nil)
	}
	return nil
}

func lockProduct(ctx context.Context, tx pgx.Tx, productID int64) (status string, err error) {
	status, found, err := rows.Value[string](ctx, tx, "lock a product", `SELECT status FROM product WHERE id = @id FOR NO KEY UPDATE`, rows.Args{"id": productID})
	if err == nil && !found {
		err = sorry.New("catalog.gone", nil)
	}
	return status, err
}

func lockShelvesOf(ctx context.Context, tx pgx.Tx, productIDs []int64) error {
	_, err := rows.Exec(ctx, tx, "lock stock", lockOwnShelves, rows.Args{"products": productIDs})
	return err
}

const lockOwnShelves = `SELECT s.variant_id FROM stock s JOIN variant v ON v.id = s.variant_id
	WHERE v.product_id = ANY(@products) AND v.archived_at IS NULL ORDER BY s.variant_id FOR UPDATE OF s`

// SetAbsent says that a cooperative packs nothing before a day (of which only the date counts): its goods stay for sale and say so,
// and on that day it is back by itself. A zero day is back at once. A day that has come, or one more than MaxAbsence away, is
// refused with "shop.absent_range".
func SetAbsent(ctx context.Context, tx pgx.Tx, cooperativeID int64, until time.Time, actor Actor, now time.Time) error {
	var day *time.Time
	if !until.IsZero() {
		d := time.Date(until.Year(), until.Month(), until.Day(), 0, 0, 0, 0, time.UTC)
		if !d.After(Today(now)) || d.Sub(Today(now)) > MaxAbsence {
			return sorry.New("shop.absent_range", nil)
		}
		day = &d
	}
	changed, err := rows.Exec(ctx, tx, "set until when a cooperative is absent", setAbsent, rows.Args{"id": cooperativeID, "until": day})
	if err != nil || changed == 0 {
		return err
	}
	name, data := "cooperative.back", map[string]any{}
	if day != nil {
		name, data = "cooperative.absent", map[string]any{"until": day.Format(time.DateOnly)}
	}
	return actor.Record(ctx, tx, people.Event{Name: name, Subject: fmt.Sprintf("cooperative/%d", cooperativeID), Data: data, At: now})
}

// MaxAbsence is how far away the day of return can be.
const MaxAbsence = 366 * 24 * time.Hour

const setAbsent = `UPDATE cooperative SET absent_until = @until::date WHERE id = @id AND absent_until IS DISTINCT FROM @until::date`

// AbsentUntil returns the day on which a cooperative is back, zero where it is there.
func AbsentUntil(ctx context.Context, tx pgx.Tx, cooperativeID int64, now time.Time) (time.Time, error) {
	until, _, err := rows.Value[*time.Time](ctx, tx, "look up whether a cooperative is absent",
		`SELECT absent_until FROM cooperative WHERE id = @id`, rows.Args{"id": cooperativeID})
	return absence(until, now), err
}
