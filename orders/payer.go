package orders

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Payer is a way to pay for a purchase. Cash on delivery is one; card pages are others.
type Payer interface {
	// Name stands in purchase.payment.
	Name() string
	// OnPlace is called in the transaction that places a purchase. What it returns is due at delivery, in centimes.
	OnPlace(ctx context.Context, tx pgx.Tx, p Purchase) (dueAtDelivery int64, err error)
}

// Cash is paid when the goods are handed over, so nothing happens before.
type Cash struct{}

// Name is "cash".
func (Cash) Name() string { return "cash" }

// OnPlace asks for everything at delivery.
func (Cash) OnPlace(_ context.Context, _ pgx.Tx, p Purchase) (int64, error) { return p.Total(), nil }
