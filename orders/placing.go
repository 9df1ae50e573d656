package orders

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/catalog"
	"souk/internal/sorry"
	"souk/people"
)

// Place turns a reviewed purchase into an order: the buyer said yes. Each cooperative's members are told, what was bought leaves the
// cart. A second yes returns the same purchase. A yes after the hold has expired holds again at the same price; where that cannot
// be, or the relay has closed since, *Changed is returned and nothing was done.
func (s *Shop) Place(ctx context.Context, tx pgx.Tx, purchaseID int64, now time.Time) (Purchase, error) {
	p, err := lockWithCart(ctx, tx, purchaseID)
	if err != nil {
		return Purchase{}, err
	}
	switch p.Status {
	case Placed, Closed:
		return p, nil
	case Cancelled:
		return Purchase{}, sorry.New("order.cancelled_before", map[string]any{"Code": p.Code})
	}
	if err := open(ctx, tx, p); err != nil {
		return Purchase{}, err
	}
	if p.Status == Expired {
		if err := holdAgain(ctx, tx, p, now); err != nil {
			return Purchase{}, err
		}
	}
	if _, err := s.payer.OnPlace(ctx, tx, p); err != nil {
		return Purchase{}, fmt.Errorf("place purchase %d: %w", p.ID, err)
	}
	// Stock before products, as everywhere.
	if err := catalog.TellLow(ctx, tx, variantsOf(p.Parts), now); err != nil {
		return Purchase{}, err
	}
	if err := markPlaced(ctx, tx, p, now); err != nil {
		return Purchase{}, err
	}
	if err := takeFromCart(ctx, tx, p); err != nil {
		return Purchase{}, err
	}
	for _, part := range p.Parts {
		if err := tellMembers(ctx, tx, part, "order.new", now); err != nil {
			return Purchase{}, err
		}
	}
	return Load(ctx, tx, p.ID)
}

// open returns *Changed where the relay that a purchase goes to has closed.
func open(ctx context.Context, tx pgx.Tx, p Purchase) error {
	if p.Delivery != ToRelay {
		return nil
	}
	var active bool
	if err := tx.QueryRow(ctx, `SELECT active FROM relay WHERE id = $1`, p.RelayID).Scan(&active); err != nil {
		return fmt.Errorf("relay %d: %w", p.RelayID, err)
	}
	if !active {
		return &Changed{PurchaseID: p.ID}
	}
	return nil
}

func markPlaced(ctx context.Context, tx pgx.Tx, p Purchase, now time.Time) error {
	if _, err := tx.Exec(ctx, `
UPDATE purchase SET status = 'placed', placed_at = $2, ended_at = NULL, hold_expires_at = NULL, counted = false WHERE id = $1 AND status IN ('held', 'expired')`, p.ID, now); err != nil {
		return fmt.Errorf("place purchase %d: %w", p.ID, err)
	}
	if _, err := tx.Exec(ctx, `
UPDATE coop_order SET status = 'placed', updated_at = $2, remind_at = $3 WHERE purchase_id = $1 AND status IN ('held', 'expired')`, p.ID, now, firstReminder(now)); err != nil {
		return fmt.Errorf("place the parts of purchase %d: %w", p.ID, err)
	}
	return note(ctx, tx, "purchase.placed", p.ID, p.PersonID, now)
}

const boughtLines = `
WITH bought AS (
    SELECT l.variant_id, l.quantity FROM line l JOIN coop_order o ON o.id = l.coop_order_id WHERE o.purchase_id = $2), gone AS (
    DELETE FROM cart_line c USING bought b WHERE c.person_id = $1 AND c.variant_id = b.variant_id AND c.quantity <= b.quantity)
UPDATE cart_line c SET quantity = c.quantity - b.quantity
  FROM bought b WHERE c.person_id = $1 AND c.variant_id = b.variant_id AND c.quantity > b.quantity`

// takeFromCart takes what was bought out of the cart; what was put there since stays.
func takeFromCart(ctx context.Context, tx pgx.Tx, p Purchase) error {
	if _, err := tx.Exec(ctx, boughtLines, p.PersonID, p.ID); err != nil {
		return fmt.Errorf("take purchase %d from the cart: %w", p.ID, err)
	}
	return nil
}

// holdAgain allocates an expired purchase anew, at the prices that were agreed, or returns *Changed.
func holdAgain(ctx context.Context, tx pgx.Tx, p Purchase, now time.Time) error {
	shelf, err := lockStock(ctx, tx, variantsOf(p.Parts))
	if err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `
SELECT v.id, v.price, r.tier_from, r.tier_price, ready_on($3::date, x.season_from, c.absent_until, x.lead_days)
  FROM variant v
  JOIN sellable($2) s ON s.product_id = v.product_id
  JOIN product x ON x.id = v.product_id
  JOIN cooperative c ON c.id = x.cooperative_id
  LEFT JOIN LATERAL (`+tierArrays+`) r ON true
 WHERE v.id = ANY($1) AND v.archived_at IS NULL`, variantsOf(p.Parts), now, localDay(now))
	if err != nil {
		return fmt.Errorf("prices of purchase %d: %w", p.ID, err)
	}
	type offer struct {
		price int64
		tiers catalog.Tiers
		ready *time.Time
	}
	offers := map[int64]offer{}
	var id int64
	var o offer
	var from, price []int64
	_, err = pgx.ForEachRow(rows, []any{&id, &o.price, &from, &price, &o.ready}, func() error {
		o.tiers = tiersOf(from, price)
		offers[id] = o
		return nil
	})
	if err != nil {
		return fmt.Errorf("prices of purchase %d: %w", p.ID, err)
	}
	fee, err := Fee(ctx, tx, p.RegionCode, p.Delivery)
	if err != nil {
		return err
	}
	change := map[int64]int64{}
	for _, part := range p.Parts {
		for _, l := range part.Lines {
			s := shelf[l.VariantID]
			o := offers[l.VariantID] // none where it is no longer for sale: then the price differs
			if o.tiers.PriceOf(o.price, l.Quantity) != l.Price || later(o.ready, l.ReadyOn) || l.Quantity > s.onHand-s.allocated || fee != p.DeliveryFee {
				return &Changed{PurchaseID: p.ID}
			}
			change[l.VariantID] += l.Quantity
		}
	}
	if err := changeAllocated(ctx, tx, change); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
INSERT INTO allocation (line_id, variant_id, quantity)
SELECT l.id, l.variant_id, l.quantity FROM line l JOIN coop_order o ON o.id = l.coop_order_id WHERE o.purchase_id = $1`, p.ID)
	if err != nil {
		return fmt.Errorf("hold purchase %d again: %w", p.ID, err)
	}
	return nil
}

// tellMembers writes a notice to each member of a part's cooperative. Orders are a seller's work: they are told in allowed hours.
func tellMembers(ctx context.Context, tx pgx.Tx, part Part, name string, now time.Time) error {
	return tellMembersOnce(ctx, tx, part, name, "", now)
}

// tellMembersOnce tells it once for each key; "" is once for the part.
func tellMembersOnce(ctx context.Context, tx pgx.Tx, part Part, name, key string, now time.Time) error {
	members, err := catalog.Members(ctx, tx, part.CooperativeID)
	if err != nil {
		return err
	}
	if key != "" {
		key = "/" + key
	}
	for _, m := range members {
		err := people.Notify(ctx, tx, people.Notice{
			PersonID: m.PersonID, Name: name, Args: map[string]any{"part": part.ID}, Mode: people.Tell, Timing: people.AllowedHours,
			Dedupe: fmt.Sprintf("%s/%d/%d%s", name, part.ID, m.PersonID, key), DueAt: now,
		}, now)
		if err != nil {
			return err
		}
	}
	return nil
}

// tellBuyer writes a notice to the buyer about one part. args may be nil; "key" among them lets the same be told again.
func tellBuyer(ctx context.Context, tx pgx.Tx, p Purchase, part Part, name string, args map[string]any, now time.Time) error {
	all := map[string]any{"part": part.ID}
	maps.Copy(all, args)
	key := ""
	if k, ok := args["key"]; ok {
		key = fmt.Sprintf("/%v", k)
	}
	return people.Notify(ctx, tx, people.Notice{
		PersonID: p.PersonID, Name: name, Args: all, Mode: people.Tell, Timing: people.AllowedHours,
		Dedupe: fmt.Sprintf("%s/%d/%d%s", name, part.ID, p.PersonID, key), DueAt: now,
	}, now)
}
