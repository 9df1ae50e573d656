package orders

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/catalog"
	"souk/internal/sorry"
)

// Cancel cancels a placed purchase for its buyer: every part that has not ended, as long as none of them is packed. The goods
// are given back and the members told. Cancelling twice is a no-op; another person's purchase is unknown to them.
func Cancel(ctx context.Context, tx pgx.Tx, purchaseID, personID int64, now time.Time) (Purchase, error) {
	p, err := lock(ctx, tx, purchaseID)
	if err != nil {
		return Purchase{}, err
	}
	if p.PersonID != personID {
		return Purchase{}, fmt.Errorf("purchase %d of person %d: %w", purchaseID, personID, pgx.ErrNoRows)
	}
	if p.Status == Cancelled {
		return p, nil
	}
	if !p.CanCancel() {
		return Purchase{}, sorry.New("order.too_late_to_cancel", map[string]any{"Code": p.Code})
	}
	var open []Part
	for _, part := range p.Parts {
		if !part.Status.Ended() {
			open = append(open, part)
		}
	}
	if err := free(ctx, tx, open, now); err != nil {
		return Purchase{}, err
	}
	actor := catalog.Actor{PersonID: personID}
	for _, part := range open {
		if err := withdraw(ctx, tx, part, actor, now); err != nil {
			return Purchase{}, err
		}
		if err := setPart(ctx, tx, part, Cancelled, actor, now); err != nil {
			return Purchase{}, err
		}
		if err := void(ctx, tx, p, part); err != nil {
			return Purchase{}, err
		}
		if err := tellMembers(ctx, tx, part, "order.cancelled", now); err != nil {
			return Purchase{}, err
		}
	}
	if err := settleStatus(ctx, tx, p.ID, personID, now); err != nil {
		return Purchase{}, err
	}
	return Load(ctx, tx, p.ID)
}
