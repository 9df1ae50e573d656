package orders

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"souk/internal/postgres"
)

// Count is the job that counts what was ordered, for search and shelves to show first what people buy. It is not counted while an order
// is placed: everybody's orders would wait for one another at the row of the product that all of them want.
type Count struct{}

// Kind names the job in River's table.
func (Count) Kind() string { return "order_count" }

// CountEvery is how often it runs.
const CountEvery = time.Minute

// countAtOnce bounds one transaction of a count, in purchases.
const countAtOnce = 500

// CountWorker runs Count.
type CountWorker struct {
	river.WorkerDefaults[Count]
	Pool *pgxpool.Pool
}

// Work counts all that was placed since the last time.
func (w *CountWorker) Work(ctx context.Context, _ *river.Job[Count]) error {
	for {
		var counted int
		err := postgres.Tx(ctx, w.Pool, func(tx pgx.Tx) (err error) {
			counted, err = CountOrders(ctx, tx, countAtOnce)
			return err
		})
		if err != nil || counted < countAtOnce {
			return err
		}
	}
}

// Each purchase counts once for each product in it, however much of it was bought, and whatever becomes of it later. The products are
// locked in the order of their ids.
const countOrders = `
WITH placed AS (
    SELECT id FROM purchase WHERE NOT counted ORDER BY id LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED), marked AS (
    UPDATE purchase SET counted = true WHERE id IN (SELECT id FROM placed) RETURNING id), ordered AS (
    SELECT v.product_id, count(DISTINCT o.purchase_id) AS times
      FROM marked m JOIN coop_order o ON o.purchase_id = m.id JOIN line l ON l.coop_order_id = o.id JOIN variant v ON v.id = l.variant_id
     GROUP BY v.product_id), locked AS (
    SELECT p.id FROM product p WHERE p.id IN (SELECT product_id FROM ordered) ORDER BY p.id FOR NO KEY UPDATE), counted AS (
    UPDATE product p SET ordered_count = p.ordered_count + o.times
      FROM ordered o JOIN locked k ON k.id = o.product_id WHERE p.id = o.product_id)
SELECT count(*) FROM marked`

// CountOrders counts placed purchases that were not counted yet, at most limit, and returns how many. Those that somebody works on
// just now are left to the next time.
func CountOrders(ctx context.Context, tx pgx.Tx, limit int) (counted int, err error) {
	if err := tx.QueryRow(ctx, countOrders, limit).Scan(&counted); err != nil {
		return 0, fmt.Errorf("count what was ordered: %w", err)
	}
	return counted, nil
}
