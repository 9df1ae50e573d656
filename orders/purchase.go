package orders

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Purchase is what a buyer agreed to, split into one part per cooperative. Sums are in centimes.
type Purchase struct {
	ID            int64      `db:"id"`
	Code          string     `db:"code"` // what people see, say and type
	PersonID      int64      `db:"person_id"`
	Status        Status     `db:"status"`
	Delivery      Delivery   `db:"delivery"`
	RelayID       int64      `db:"relay_id"` // 0 for home delivery
	TownID        string     `db:"town_id"`
	RegionCode    string     `db:"region_code"`
	HomeAddress   string     `db:"home_address"`
	ReceiverName  string     `db:"receiver_name"`
	ReceiverPhone string     `db:"receiver_phone"`
	Payment       string     `db:"payment"`
	GoodsTotal    int64      `db:"goods_total"`
	DeliveryFee   int64      `db:"delivery_fee"`
	HoldExpiresAt *time.Time `db:"hold_expires_at"`
	PlacedAt      *time.Time `db:"placed_at"`
	EndedAt       *time.Time `db:"ended_at"`
	CreatedAt     time.Time  `db:"created_at"`

	Parts []Part `db:"-"` // by cooperative, in the order of their codes
}

// Total is what the buyer pays, in centimes: goods and delivery; nothing where nothing of it comes.
func (p Purchase) Total() int64 {
	if p.Status == Cancelled {
		return 0
	}
	return p.GoodsTotal + p.DeliveryFee
}

// CanCancel says whether the buyer may still cancel: every part that has not ended is not packed yet.
func (p Purchase) CanCancel() bool {
	open := false
	for _, part := range p.Parts {
		if part.Status.Ended() {
			continue
		}
		if !part.Status.BuyerCancels() {
			return false
		}
		open = true
	}
	return open && p.Status == Placed
}

// Part is one cooperative's share of a purchase: its own order, its own status.
type Part struct {
	ID              int64
	Code            string // the purchase's code, a dash, a number
	CooperativeID   int64
	CooperativeName map[string]string
	Status          Status
	GoodsTotal      int64 // of what is sent: its lines' totals
	UpdatedAt       time.Time
	Lines           []Line
}

// Agreed is what the buyer agreed to pay for the part, in centimes, whatever became of it.
func (p Part) Agreed() int64 {
	var sum int64
	for _, l := range p.Lines {
		sum += l.Agreed()
	}
	return sum
}

// Ordered is how many packs of it were ordered.
func (p Part) Ordered() int64 {
	var n int64
	for _, l := range p.Lines {
		n += l.Quantity
	}
	return n
}

// Pieces is how many packs of it are sent.
func (p Part) Pieces() int64 {
	var n int64
	for _, l := range p.Lines {
		n += l.Kept
	}
	return n
}

// Line is a snapshot of what was agreed, whatever becomes of the product.
type Line struct {
	ID         int64
	VariantID  int64
	Title      map[string]string
	PackAmount string // decimal
	PackUnit   string
	Price      int64     // of one pack
	Quantity   int64     // packs, as ordered
	Kept       int64     // packs that are sent
	ByWeight   bool      // weighed at packing
	Grams      int64     // of all of it together; 0: not weighed
	Amount     int64     // centimes, for what is sent
	ReadyOn    time.Time // the day on which it can be ready, in Morocco; zero: at once
}

// Total is what is paid for the line, in centimes.
func (l Line) Total() int64 { return l.Amount }

// Agreed is what the buyer agreed to pay for all of it, in centimes.
func (l Line) Agreed() int64 { return l.Price * l.Quantity }

const purchaseColumns = `
SELECT id, code, person_id, status, delivery, coalesce(relay_id, 0) AS relay_id, coalesce(town_id, '') AS town_id, region_code,
       coalesce(home_address, '') AS home_address, coalesce(receiver_name, '') AS receiver_name, receiver_phone, payment,
       goods_total, delivery_fee, hold_expires_at, placed_at, ended_at, created_at
  FROM purchase`

const partLines = `
SELECT o.purchase_id, o.id, o.code, o.cooperative_id, c.name, o.status, o.goods_total, o.updated_at,
       l.id, l.variant_id, l.title, trim_scale(l.pack_amount)::text, l.pack_unit, l.price, l.quantity,
       coalesce(l.kept, l.quantity), l.by_weight, coalesce(l.grams, 0), coalesce(l.amount, coalesce(l.kept, l.quantity) * l.price), l.ready_on
  FROM coop_order o
  JOIN cooperative c ON c.id = o.cooperative_id
  JOIN line l ON l.coop_order_id = o.id
 WHERE o.purchase_id`

// Load reads a purchase with its parts. It returns pgx.ErrNoRows for an unknown one.
func Load(ctx context.Context, tx pgx.Tx, id int64) (Purchase, error) {
	return one(ctx, tx, fmt.Sprintf("purchase %d", id), byID, id)
}

// ByCode reads a purchase by the code that people type (see ReadCode). It returns pgx.ErrNoRows for an unknown one and for one
// that was never placed. Whose it is must be checked by the caller.
func ByCode(ctx context.Context, tx pgx.Tx, code string) (Purchase, error) {
	return one(ctx, tx, "purchase "+code, ` WHERE code = $1 AND placed_at IS NOT NULL`, code)
}

// lock reads a purchase and keeps it, and with it its parts, from changing until the transaction ends.
func lock(ctx context.Context, tx pgx.Tx, id int64) (Purchase, error) {
	return one(ctx, tx, fmt.Sprintf("lock purchase %d", id), byID+forUpdate, id)
}

// lockWithCart locks the cart before the purchase, as Hold does: whoever says yes or goes back touches the cart too, and may be
// shown a review on another phone just now.
func lockWithCart(ctx context.Context, tx pgx.Tx, id int64) (Purchase, error) {
	if _, err := tx.Exec(ctx, `SELECT FROM cart WHERE person_id = (SELECT person_id FROM purchase WHERE id = $1) FOR UPDATE`, id); err != nil {
		return Purchase{}, fmt.Errorf("lock the cart of purchase %d: %w", id, err)
	}
	return lock(ctx, tx, id)
}

func one(ctx context.Context, tx pgx.Tx, what, where string, arg any) (Purchase, error) {
	list, err := some(ctx, tx, where, arg)
	if err == nil && len(list) == 0 {
		err = pgx.ErrNoRows
	}
	if err != nil {
		return Purchase{}, fmt.Errorf("%s: %w", what, err)
	}
	return list[0], nil
}

// Recent lists a person's placed purchases, the newest first.
func Recent(ctx context.Context, tx pgx.Tx, personID int64, limit int) ([]Purchase, error) {
	list, err := some(ctx, tx, ` WHERE person_id = $1 AND placed_at IS NOT NULL ORDER BY id DESC LIMIT $2`, personID, limit)
	if err != nil {
		return nil, fmt.Errorf("purchases of person %d: %w", personID, err)
	}
	return list, nil
}

// HeldBy reads the purchase that a person has been shown for review; ok is false where there is none.
func HeldBy(ctx context.Context, tx pgx.Tx, personID int64) (p Purchase, ok bool, err error) {
	list, err := some(ctx, tx, ` WHERE person_id = $1 AND status = 'held'`, personID)
	if err != nil || len(list) == 0 {
		return Purchase{}, false, err
	}
	return list[0], true, nil
}

// some reads purchases with their parts, in one round trip. The parts are read by a statement of their own, after a lock was had.
func some(ctx context.Context, tx pgx.Tx, where string, args ...any) (list []Purchase, err error) {
	at := map[int64]*Purchase{}
	var batch pgx.Batch
	batch.Queue(purchaseColumns+where, args...).Query(func(rows pgx.Rows) (err error) {
		list, err = pgx.CollectRows(rows, pgx.RowToStructByName[Purchase])
		for i := range list {
			at[list[i].ID] = &list[i]
		}
		return err
	})
	of := " IN (SELECT id FROM purchase" + strings.TrimSuffix(where, forUpdate) + ")"
	if strings.TrimSuffix(where, forUpdate) == byID {
		of = " = $1"
	}
	batch.Queue(partLines+of+` ORDER BY o.id, l.id`, args...).Query(func(rows pgx.Rows) error { return readParts(rows, at) })
	return list, tx.SendBatch(ctx, &batch).Close()
}

const (
	byID      = ` WHERE id = $1`
	forUpdate = ` FOR UPDATE`
)

func readParts(rows pgx.Rows, at map[int64]*Purchase) error {
	var purchaseID int64
	var part Part
	var line Line
	var ready *time.Time
	_, err := pgx.ForEachRow(rows, []any{&purchaseID, &part.ID, &part.Code, &part.CooperativeID, &part.CooperativeName, &part.Status,
		&part.GoodsTotal, &part.UpdatedAt, &line.ID, &line.VariantID, &line.Title, &line.PackAmount, &line.PackUnit, &line.Price, &line.Quantity,
		&line.Kept, &line.ByWeight, &line.Grams, &line.Amount, &ready},
		func() error {
			if line.ReadyOn = (time.Time{}); ready != nil {
				line.ReadyOn = *ready
			}
			p := at[purchaseID]
			if p == nil {
				return nil // placed between the two statements
			}
			if n := len(p.Parts); n == 0 || p.Parts[n-1].ID != part.ID {
				p.Parts = append(p.Parts, part)
			}
			last := &p.Parts[len(p.Parts)-1]
			last.Lines = append(last.Lines, line)
			// What was scanned into belongs to the row just kept.
			part.CooperativeName, line.Title = nil, nil
			return nil
		})
	return err
}
