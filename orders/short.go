package orders

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Short says that there is less than was wanted. It is an error: whoever gets it has changed nothing.
type Short struct{ Lines []ShortLine }

// ShortLine is one variant of which there is less than was wanted.
type ShortLine struct {
	VariantID int64
	Title     map[string]string
	Wanted    int64
	Available int64 // packs for sale to this person, what their cart already holds included
	InCart    int64
}

func (s *Short) Error() string {
	var b strings.Builder
	b.WriteString("less than was wanted:")
	for _, l := range s.Lines {
		fmt.Fprintf(&b, " variant %d: %d of %d;", l.VariantID, l.Available, l.Wanted)
	}
	return b.String()
}

// Change is what became different about a cart's line since the buyer last saw it.
type Change struct {
	VariantID   int64
	Title       map[string]string
	OldPrice    int64 // centimes; equal to NewPrice where only the quantity changed
	NewPrice    int64
	OldQuantity int64
	NewQuantity int64 // 0: it is gone
}

// Changed says that a purchase cannot be placed as the buyer agreed to it. It is an error: nothing was done.
type Changed struct{ PurchaseID int64 }

func (c *Changed) Error() string {
	return fmt.Sprintf("purchase %d can no longer be placed as it was agreed", c.PurchaseID)
}

// Settle brings a cart in line with what is for sale now and returns what changed, nothing where all is as the buyer saw it:
// prices become today's, quantities what is there, and what is gone leaves the cart.
func Settle(ctx context.Context, tx pgx.Tx, personID int64, now time.Time) ([]Change, error) {
	cart, err := LoadCart(ctx, tx, personID, now)
	if err != nil {
		return nil, err
	}
	var changes []Change
	for _, l := range cart.Lines {
		// Fewer packs may cost more apiece: the tier that was reached is reached no longer.
		left := min(l.Quantity, max(l.Available, 0))
		c := Change{VariantID: l.VariantID, Title: l.Title, OldPrice: l.SeenPrice, NewPrice: l.PriceOf(left),
			OldQuantity: l.Quantity, NewQuantity: left}
		if c.OldPrice == c.NewPrice && c.OldQuantity == c.NewQuantity {
			continue
		}
		changes = append(changes, c)
		if c.NewQuantity == 0 {
			err = RemoveLine(ctx, tx, personID, l.VariantID, now)
		} else {
			_, err = tx.Exec(ctx, putLine, personID, l.VariantID, c.NewQuantity, c.NewPrice, now)
		}
		if err != nil {
			return nil, fmt.Errorf("settle the cart of person %d: %w", personID, err)
		}
	}
	return changes, nil
}
