package orders

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/rows"
)

// Received is one line of the list of what a cooperative was ordered.
type Received struct {
	ID              int64
	Code            string
	CooperativeID   int64
	CooperativeName map[string]string
	Status          Status
	GoodsTotal      int64             // centimes
	Pieces          int64             // packs that are sent
	Title           map[string]string // of its first line
	Lines           int
	PlacedAt        time.Time
	AsksBuyer       bool
}

// Shelf of received orders: those that a member works on, or those that have gone their way.
type Shelf string

// The shelves.
const (
	OpenOrders Shelf = "open" // to answer first, then to pack, then packed; the oldest first
	PastOrders Shelf = "past" // the newest first
)

// ListReceived returns a page of what a person's cooperatives were ordered, and how many there are.
func ListReceived(ctx context.Context, tx pgx.Tx, personID int64, shelf Shelf, limit, offset int) (page []Received, total int, err error) {
	open := shelf == OpenOrders
	args := rows.Args{"person": personID, "open": open}
	if total, _, err = rows.Value[int](ctx, tx, "count received orders", `SELECT count(*)`+receivedBy, args); err != nil || total == 0 {
		return nil, total, err
	}
	page, err = rows.All[Received](ctx, tx, "list received orders", listReceived,
		rows.Args{"person": personID, "open": open, "limit": limit, "offset": offset})
	return page, total, err
}

const receivedBy = `
  FROM coop_order o
  JOIN member m ON m.cooperative_id = o.cooperative_id AND m.person_id = @person AND m.removed_at IS NULL
  JOIN cooperative c ON c.id = o.cooperative_id
  JOIN purchase p ON p.id = o.purchase_id AND p.placed_at IS NOT NULL
 WHERE (o.status IN ('placed', 'accepted', 'packed')) = @open AND o.status NOT IN ('held', 'expired')`

const listReceived = `
SELECT o.id, o.code, o.cooperative_id, c.name AS cooperative_name, o.status, p.placed_at,
       CASE WHEN o.status IN ('rejected', 'cancelled') THEN (SELECT sum(l.price * l.quantity) FROM line l WHERE l.coop_order_id = o.id)::bigint
            ELSE o.goods_total END AS goods_total,
       (SELECT sum(CASE WHEN o.status IN ('rejected', 'cancelled') THEN l.quantity ELSE coalesce(l.kept, l.quantity) END)
          FROM line l WHERE l.coop_order_id = o.id)::bigint AS pieces,
       (SELECT l.title FROM line l WHERE l.coop_order_id = o.id ORDER BY l.id LIMIT 1) AS title,
       (SELECT count(*) FROM line l WHERE l.coop_order_id = o.id) AS lines,
       EXISTS (SELECT FROM amendment a WHERE a.coop_order_id = o.id AND a.status = 'asked') AS asks_buyer` + receivedBy + `
 ORDER BY CASE WHEN NOT @open THEN 0 ELSE array_position(ARRAY['placed', 'accepted', 'packed'], o.status) END,
          CASE WHEN @open THEN o.id ELSE -o.id END
 LIMIT @limit OFFSET @offset`

// WaitingFor lists the orders that wait for the answer of a person's cooperatives and about which no buyer is being asked, the oldest
// first: "I accept" means the one that waits, where there is one.
func WaitingFor(ctx context.Context, tx pgx.Tx, personID int64, limit int) ([]int64, error) {
	return rows.Values[int64](ctx, tx, "list orders that wait for a person", waitingFor, rows.Args{"person": personID, "limit": limit})
}

const waitingFor = `
SELECT o.id FROM coop_order o
  JOIN member m ON m.cooperative_id = o.cooperative_id AND m.person_id = @person AND m.removed_at IS NULL
 WHERE o.status = 'placed' AND NOT EXISTS (SELECT FROM amendment a WHERE a.coop_order_id = o.id AND a.status = 'asked')
 ORDER BY o.id LIMIT @limit`

// PartPhoto is the key of a picture of what a part is made of, "" where there is none.
func PartPhoto(ctx context.Context, tx pgx.Tx, partID int64) (string, error) {
	key, _, err := rows.Value[string](ctx, tx, "find a picture of an order", partPhoto, rows.Args{"part": partID})
	return key, err
}

const partPhoto = `
SELECT f.key FROM line l JOIN variant v ON v.id = l.variant_id JOIN photo f ON f.product_id = v.product_id
 WHERE l.coop_order_id = @part ORDER BY l.id, f.position LIMIT 1`

// CategoryOf is the shelf on which a variant stands, whether or not it is for sale now.
func CategoryOf(ctx context.Context, tx pgx.Tx, variantID int64) (string, error) {
	category, _, err := rows.Value[string](ctx, tx, "find the shelf of a variant", categoryOf, rows.Args{"variant": variantID})
	return category, err
}

const categoryOf = `SELECT p.category_id FROM variant v JOIN product p ON p.id = v.product_id WHERE v.id = @variant`
