package orders

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/catalog"
	"souk/internal/sorry"
	"souk/people"
)

// buyerHears names the notices that a part's new status sends to the buyer.
var buyerHears = map[Status]string{
	Accepted: "part.accepted", Rejected: "part.rejected", Dispatched: "part.dispatched", AtRelay: "part.at_relay",
	HandedOver: "part.handed_over", Unclaimed: "part.unclaimed", Cancelled: "part.cancelled",
}

// Advance moves one part of a purchase along (see Status.Next): the goods' stock, the purchase's own status, the event and the
// buyer's notice go with it. Repeating a move is a no-op; a move that is not allowed is refused. actorID 0 is Souk itself.
func Advance(ctx context.Context, tx pgx.Tx, partID int64, to Status, actorID int64, now time.Time) (Purchase, error) {
	var purchaseID int64
	err := tx.QueryRow(ctx, `SELECT purchase_id FROM coop_order WHERE id = $1`, partID).Scan(&purchaseID)
	if err != nil {
		return Purchase{}, fmt.Errorf("part %d: %w", partID, err)
	}
	p, err := lock(ctx, tx, purchaseID)
	if err != nil {
		return Purchase{}, err
	}
	part := p.part(partID)
	if part.Status == to {
		return p, nil
	}
	// What comes before the yes, and the yes itself, are the buyer's: Hold, Place, Expire.
	if p.PlacedAt == nil || !part.Status.CanBecome(to) {
		return Purchase{}, sorry.New("order.move_not_allowed", map[string]any{"Code": part.Code, "From": string(part.Status), "To": string(to)})
	}
	actor := catalog.Actor{PersonID: actorID}
	if err := move(ctx, tx, p, part, to, actor, now); err != nil {
		return Purchase{}, err
	}
	if name, ok := buyerHears[to]; ok {
		if err := tellBuyer(ctx, tx, p, part, name, map[string]any{"goods": part.GoodsTotal}, now); err != nil {
			return Purchase{}, err
		}
	}
	return Load(ctx, tx, p.ID)
}

// move takes a part of a locked purchase along: its goods, its status with the event, what the buyer was being asked, the sums, the
// purchase's own status.
func move(ctx context.Context, tx pgx.Tx, p Purchase, part Part, to Status, actor catalog.Actor, now time.Time) error {
	if err := moveGoods(ctx, tx, part, to, actor.PersonID, now); err != nil {
		return err
	}
	if err := withdraw(ctx, tx, part, actor, now); err != nil {
		return err
	}
	if err := setPart(ctx, tx, part, to, actor, now); err != nil {
		return err
	}
	if to == Rejected || to == Cancelled {
		if err := void(ctx, tx, p, part); err != nil {
			return err
		}
	}
	return settleStatus(ctx, tx, p.ID, actor.PersonID, now)
}

func (p Purchase) part(id int64) Part {
	for _, part := range p.Parts {
		if part.ID == id {
			return part
		}
	}
	return Part{}
}

// PartByCode finds a part by its code ("S7K2QMX-1"). It returns pgx.ErrNoRows for an unknown one.
func PartByCode(ctx context.Context, tx pgx.Tx, code string) (purchaseID, partID int64, err error) {
	err = tx.QueryRow(ctx, `SELECT purchase_id, id FROM coop_order WHERE code = $1`, code).Scan(&purchaseID, &partID)
	if err != nil {
		return 0, 0, fmt.Errorf("part %s: %w", code, err)
	}
	return purchaseID, partID, nil
}

// LoadPart reads a part and the purchase it belongs to.
func LoadPart(ctx context.Context, tx pgx.Tx, partID int64) (Purchase, Part, error) {
	var purchaseID int64
	if err := tx.QueryRow(ctx, `SELECT purchase_id FROM coop_order WHERE id = $1`, partID).Scan(&purchaseID); err != nil {
		return Purchase{}, Part{}, fmt.Errorf("part %d: %w", partID, err)
	}
	p, err := Load(ctx, tx, purchaseID)
	if err != nil {
		return Purchase{}, Part{}, err
	}
	return p, p.part(partID), nil
}

// moveGoods does to the stock what a part's new status means: leaving the shelf, staying for others, or coming back to it.
func moveGoods(ctx context.Context, tx pgx.Tx, part Part, to Status, actorID int64, now time.Time) error {
	switch {
	case to == Dispatched:
		if _, err := lockStock(ctx, tx, variantsOf([]Part{part})); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, shipAllocations, part.ID, actorID, now); err != nil {
			return fmt.Errorf("ship part %d: %w", part.ID, err)
		}
	case to == Returned:
		if _, err := lockStock(ctx, tx, variantsOf([]Part{part})); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, returnGoods, part.ID, actorID, now); err != nil {
			return fmt.Errorf("return part %d: %w", part.ID, err)
		}
		return catalog.TellBack(ctx, tx, variantsOf([]Part{part}), now)
	case part.Status.allocated() && to == Rejected: // the seller has not got it, or not for this buyer: nobody is told that it is back
		return freeQuietly(ctx, tx, []Part{part})
	case part.Status.allocated() && !to.allocated():
		return free(ctx, tx, []Part{part}, now)
	}
	return nil
}

// setPart is the one conditional update of a part's status, with its event.
func setPart(ctx context.Context, tx pgx.Tx, part Part, to Status, actor catalog.Actor, now time.Time) error {
	tag, err := tx.Exec(ctx, `UPDATE coop_order SET status = $3, updated_at = $4, remind_at = NULL WHERE id = $1 AND status = $2`, part.ID, part.Status, to, now)
	if err == nil && tag.RowsAffected() != 1 {
		err = errors.New("it is no longer " + string(part.Status))
	}
	if err != nil {
		return fmt.Errorf("part %d to %s: %w", part.ID, to, err)
	}
	return actor.Record(ctx, tx, people.Event{Name: "part." + string(to), Subject: partSubject(part.ID), At: now})
}

// settleStatus derives a locked purchase's status from its parts.
func settleStatus(ctx context.Context, tx pgx.Tx, purchaseID, actorID int64, now time.Time) error {
	p, err := Load(ctx, tx, purchaseID)
	if err != nil {
		return err
	}
	statuses := make([]Status, len(p.Parts))
	for i, part := range p.Parts {
		statuses[i] = part.Status
	}
	to := derive(statuses)
	if to == p.Status {
		return nil
	}
	if _, err := tx.Exec(ctx, `UPDATE purchase SET status = $3, ended_at = $4 WHERE id = $1 AND status = $2`, p.ID, p.Status, to, now); err != nil {
		return fmt.Errorf("purchase %d to %s: %w", p.ID, to, err)
	}
	return note(ctx, tx, "purchase."+string(to), p.ID, actorID, now)
}

// LatestParts lists the parts of placed purchases, those that moved last first.
func LatestParts(ctx context.Context, tx pgx.Tx, limit int) ([]Part, error) {
	rows, err := tx.Query(ctx, `
SELECT o.id, o.code, o.cooperative_id, c.name, o.status, o.goods_total, o.updated_at
  FROM coop_order o
  JOIN cooperative c ON c.id = o.cooperative_id
  JOIN purchase p ON p.id = o.purchase_id
 WHERE p.placed_at IS NOT NULL ORDER BY o.updated_at DESC, o.id DESC LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("list the latest parts: %w", err)
	}
	parts, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p Part, err error) {
		return p, row.Scan(&p.ID, &p.Code, &p.CooperativeID, &p.CooperativeName, &p.Status, &p.GoodsTotal, &p.UpdatedAt)
	})
	if err != nil {
		return nil, fmt.Errorf("list the latest parts: %w", err)
	}
	return parts, nil
}
