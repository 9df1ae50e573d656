package orders

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"souk/catalog"
	"souk/internal/sorry"
	"souk/people"
)

// HoldFor is how long goods are kept for a buyer who has been shown the review.
const HoldFor = 30 * time.Minute

// Shop takes holds and places purchases. What happens later is enqueued in the caller's transaction.
type Shop struct {
	jobs   *river.Client[pgx.Tx]
	random func(n int) []byte
	payer  Payer
}

// NewShop takes a client that may be insert-only, a source of randomness for codes, and the way to pay.
func NewShop(jobs *river.Client[pgx.Tx], random func(n int) []byte, payer Payer) *Shop {
	return &Shop{jobs: jobs, random: random, payer: payer}
}

// Hold keeps the goods of a person's cart for HoldFor, all or nothing, and returns the purchase to be reviewed. An older hold of
// the same person ends. It returns *Short where there is less than the cart wants, and refuses an empty cart, an unknown place or receiver.
func (s *Shop) Hold(ctx context.Context, tx pgx.Tx, personID int64, now time.Time) (Purchase, error) {
	if _, err := tx.Exec(ctx, `SELECT FROM cart WHERE person_id = $1 FOR UPDATE`, personID); err != nil {
		return Purchase{}, fmt.Errorf("lock the cart of person %d: %w", personID, err)
	}
	cart, err := LoadCart(ctx, tx, personID, now)
	if err != nil {
		return Purchase{}, err
	}
	switch {
	case len(cart.Lines) == 0:
		return Purchase{}, sorry.New("order.cart_empty", nil)
	case !cart.Place.Known():
		return Purchase{}, sorry.New("order.place_unknown", nil)
	case cart.Place.ReceiverPhone == "":
		return Purchase{}, sorry.New("order.phone_unknown", nil)
	}
	older, _, err := heldForUpdate(ctx, tx, personID)
	if err != nil {
		return Purchase{}, err
	}
	if err := allocate(ctx, tx, cart, older); err != nil {
		return Purchase{}, err
	}
	if older.ID != 0 {
		if err := endHold(ctx, tx, older, Cancelled, now); err != nil {
			return Purchase{}, err
		}
		if err := catalog.TellBack(ctx, tx, variantsOf(older.Parts), now); err != nil { // what the new hold no longer keeps
			return Purchase{}, err
		}
	}
	id, err := s.insert(ctx, tx, cart, now)
	if err != nil {
		return Purchase{}, err
	}
	if _, err := s.jobs.InsertTx(ctx, tx, HoldExpiry{PurchaseID: id}, &river.InsertOpts{ScheduledAt: now.Add(HoldFor)}); err != nil {
		return Purchase{}, fmt.Errorf("schedule the end of hold %d: %w", id, err)
	}
	return Load(ctx, tx, id)
}

func heldForUpdate(ctx context.Context, tx pgx.Tx, personID int64) (Purchase, bool, error) {
	var id int64
	err := tx.QueryRow(ctx, `SELECT id FROM purchase WHERE person_id = $1 AND status = 'held' FOR UPDATE`, personID).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return Purchase{}, false, nil
	}
	if err != nil {
		return Purchase{}, false, fmt.Errorf("the hold of person %d: %w", personID, err)
	}
	p, err := Load(ctx, tx, id)
	return p, true, err
}

// allocate locks the stock of the cart and of the older hold together, in id order, checks the cart against what is there, and
// counts it as allocated. The older hold's own goods count as free.
func allocate(ctx context.Context, tx pgx.Tx, cart Cart, older Purchase) error {
	demand, own := map[int64]int64{}, map[int64]int64{}
	for _, l := range cart.Lines {
		demand[l.VariantID] += l.Quantity
	}
	for _, part := range older.Parts {
		for _, l := range part.Lines {
			own[l.VariantID] += l.Quantity
		}
	}
	rows := slices.AppendSeq(slices.Collect(maps.Keys(demand)), maps.Keys(own))
	shelf, err := lockStock(ctx, tx, rows)
	if err != nil {
		return err
	}
	var short Short
	for _, l := range cart.Lines {
		there := max(shelf[l.VariantID].onHand-shelf[l.VariantID].allocated+own[l.VariantID], 0)
		if l.Available <= 0 { // no longer for sale, whatever is on the shelf
			there = 0
		}
		if demand[l.VariantID] > there {
			short.Lines = append(short.Lines, ShortLine{VariantID: l.VariantID, Title: l.Title, Wanted: l.Quantity, Available: there, InCart: l.Quantity})
		}
	}
	if len(short.Lines) > 0 {
		return &short
	}
	if _, err := tx.Exec(ctx, freeAllocations, partIDs(older.Parts)); err != nil {
		return fmt.Errorf("give the older hold back: %w", err)
	}
	return changeAllocated(ctx, tx, demand)
}

const insertPurchase = `
INSERT INTO purchase (code, person_id, status, delivery, relay_id, town_id, region_code, home_address, receiver_name, receiver_phone, payment,
                      goods_total, delivery_fee, hold_expires_at, created_at)
SELECT @code, @person, 'held', @delivery, nullif(@relay::bigint, 0), t.id, t.region_code, nullif(@home, ''), nullif(@name, ''), @phone, @payment,
       @goods, CASE WHEN @delivery = 'home' THEN g.delivery_fee ELSE g.relay_fee END, @expires, @now
  FROM town t JOIN region g ON g.code = t.region_code WHERE t.id = @town
ON CONFLICT (code) DO NOTHING RETURNING id`

const insertPart = `
INSERT INTO coop_order (purchase_id, cooperative_id, code, status, goods_total, updated_at, created_at)
VALUES ($1, $2, $3, 'held', $4, $5, $5) RETURNING id`

const insertLine = `
WITH l AS (
    INSERT INTO line (coop_order_id, variant_id, title, pack_amount, pack_unit, price, quantity, by_weight, ready_on)
    SELECT $1, v.id, p.title, v.pack_amount, v.pack_unit, $3, $4, v.by_weight AND v.pack_unit IN ('g', 'kg'),
           ready_on($5::date, p.season_from, c.absent_until, p.lead_days)
      FROM variant v JOIN product p ON p.id = v.product_id JOIN cooperative c ON c.id = p.cooperative_id WHERE v.id = $2
    RETURNING id, variant_id, quantity)
INSERT INTO allocation (line_id, variant_id, quantity) SELECT id, variant_id, quantity FROM l`

func (s *Shop) insert(ctx context.Context, tx pgx.Tx, cart Cart, now time.Time) (int64, error) {
	var id int64
	var code string
	for try := 0; id == 0; try++ {
		code = newCode(s.random(codeLetters))
		err := tx.QueryRow(ctx, insertPurchase, pgx.StrictNamedArgs{
			"code": code, "person": cart.PersonID, "delivery": string(cart.Place.Delivery), "relay": cart.Place.RelayID, "town": cart.Place.TownID,
			"home": cart.Place.HomeAddress, "name": cart.Place.ReceiverName, "phone": cart.Place.ReceiverPhone, "payment": s.payer.Name(),
			"goods": cart.Total(), "expires": now.Add(HoldFor), "now": now,
		}).Scan(&id)
		if errors.Is(err, pgx.ErrNoRows) && try < 10 {
			continue // another purchase has this code
		}
		if err != nil {
			return 0, fmt.Errorf("hold the cart of person %d: %w", cart.PersonID, err)
		}
	}
	byCoop := map[int64][]CartLine{}
	for _, l := range cart.Lines {
		byCoop[l.CooperativeID] = append(byCoop[l.CooperativeID], l)
	}
	for n, coop := range slices.Sorted(maps.Keys(byCoop)) {
		var goods, partID int64
		for _, l := range byCoop[coop] {
			goods += l.Total()
		}
		if err := tx.QueryRow(ctx, insertPart, id, coop, fmt.Sprintf("%s-%d", code, n+1), goods, now).Scan(&partID); err != nil {
			return 0, fmt.Errorf("hold the part of cooperative %d: %w", coop, err)
		}
		for _, l := range byCoop[coop] {
			if _, err := tx.Exec(ctx, insertLine, partID, l.VariantID, l.Price, l.Quantity, localDay(now)); err != nil {
				return 0, fmt.Errorf("hold variant %d: %w", l.VariantID, err)
			}
		}
	}
	return id, note(ctx, tx, "purchase.held", id, cart.PersonID, now)
}

// Release ends a hold without a yes: the buyer goes back to the cart. It is a no-op on a purchase that is not held.
func Release(ctx context.Context, tx pgx.Tx, purchaseID int64, now time.Time) error {
	p, err := lockWithCart(ctx, tx, purchaseID)
	if err != nil || p.Status != Held {
		return err
	}
	if err := free(ctx, tx, p.Parts, now); err != nil {
		return err
	}
	return endHold(ctx, tx, p, Cancelled, now)
}

// endHold marks a locked, held purchase as ended. What it had allocated is already given back.
func endHold(ctx context.Context, tx pgx.Tx, p Purchase, to Status, now time.Time) error {
	if _, err := tx.Exec(ctx, `UPDATE purchase SET status = $2, ended_at = $3, hold_expires_at = NULL WHERE id = $1 AND status = 'held'`, p.ID, to, now); err != nil {
		return fmt.Errorf("end hold %d: %w", p.ID, err)
	}
	if _, err := tx.Exec(ctx, `UPDATE coop_order SET status = $2, updated_at = $3 WHERE purchase_id = $1 AND status = 'held'`, p.ID, to, now); err != nil {
		return fmt.Errorf("end hold %d: %w", p.ID, err)
	}
	return note(ctx, tx, "purchase."+string(to), p.ID, p.PersonID, now)
}

// note appends an event about a purchase.
func note(ctx context.Context, tx pgx.Tx, name string, purchaseID, actorID int64, now time.Time) error {
	return people.Append(ctx, tx, people.Event{Name: name, Subject: fmt.Sprintf("purchase/%d", purchaseID), ActorID: actorID, At: now})
}
