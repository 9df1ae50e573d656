package orders

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/people"
)

// Numbers is how a cooperative's trade goes: what was ordered of it and still stands. What was refused, cancelled or brought back is
// not counted. Days are those of Morocco.
type Numbers struct {
	Today, Week, Month Sales // Week since Monday, Month since the first
	Due                Sales // placed and not handed over yet: cash that is still to come
	Paid               Sales // handed over since the first of the month
	Days               []Sales
	Best               []Best // of the month, the most money first
	Since              time.Time
}

// Sales is what was sold in a time.
type Sales struct {
	Day    time.Time // midnight in Morocco, of Numbers.Days
	Orders int64     // parts of purchases
	Packs  int64     // of all products together
	Total  int64     // goods without delivery, centimes
}

// Best is a product that sold well.
type Best struct {
	ProductID int64
	Title     map[string]string
	Packs     int64
	Total     int64 // centimes
}

// chartDays is how many days Numbers.Days has, the last of them today.
const chartDays = 7

// bestOf is how many products Numbers.Best has at most.
const bestOf = 3

// LoadNumbers reads the numbers of cooperatives, of several together.
func LoadNumbers(ctx context.Context, tx pgx.Tx, cooperativeIDs []int64, now time.Time) (Numbers, error) {
	zone := people.Zone(people.DefaultZone)
	local := now.In(zone)
	today := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, zone)
	monday := today.AddDate(0, 0, -(int(today.Weekday())+6)%7)
	first := today.AddDate(0, 0, 1-today.Day())
	days := today.AddDate(0, 0, 1-chartDays)
	since := first
	if days.Before(since) {
		since = days
	}
	if monday.Before(since) {
		since = monday
	}
	n := Numbers{Since: first}
	for i := range chartDays {
		n.Days = append(n.Days, Sales{Day: days.AddDate(0, 0, i)})
	}
	var batch pgx.Batch
	batch.Queue(salesByDay, cooperativeIDs, since, people.DefaultZone, now).Query(func(rows pgx.Rows) error {
		var d Sales
		_, err := pgx.ForEachRow(rows, []any{&d.Day, &d.Orders, &d.Packs, &d.Total}, func() error {
			day := time.Date(d.Day.Year(), d.Day.Month(), d.Day.Day(), 0, 0, 0, 0, zone)
			n.add(day, d, today, monday, first)
			return nil
		})
		return err
	})
	batch.Queue(bestSold, cooperativeIDs, first, bestOf, now).Query(func(rows pgx.Rows) (err error) {
		n.Best, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Best])
		return err
	})
	batch.Queue(stillDue, cooperativeIDs).QueryRow(func(row pgx.Row) error { return row.Scan(&n.Due.Orders, &n.Due.Packs, &n.Due.Total) })
	batch.Queue(handedOver, cooperativeIDs, first).QueryRow(func(row pgx.Row) error { return row.Scan(&n.Paid.Orders, &n.Paid.Packs, &n.Paid.Total) })
	if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
		return Numbers{}, fmt.Errorf("load the numbers of cooperatives %v: %w", cooperativeIDs, err)
	}
	return n, nil
}

func (n *Numbers) add(day time.Time, d Sales, today, monday, first time.Time) {
	for _, s := range []struct {
		sum  *Sales
		from time.Time
	}{{&n.Today, today}, {&n.Week, monday}, {&n.Month, first}} {
		if !day.Before(s.from) {
			s.sum.Orders, s.sum.Packs, s.sum.Total = s.sum.Orders+d.Orders, s.sum.Packs+d.Packs, s.sum.Total+d.Total
		}
	}
	for i := range n.Days {
		if n.Days[i].Day.Equal(day) {
			n.Days[i].Orders, n.Days[i].Packs, n.Days[i].Total = d.Orders, d.Packs, d.Total
		}
	}
}

const (
	// sold are the parts that were placed since $2 and still stand. A part that was placed since then has moved since then: so the
	// index on coop_order (cooperative_id, updated_at) finds them, however long the years before were.
	sold = `
  FROM coop_order o
  JOIN purchase p ON p.id = o.purchase_id AND p.placed_at >= $2
 WHERE o.cooperative_id = ANY($1) AND o.updated_at >= $2 AND o.status NOT IN ('held', 'expired', 'cancelled', 'rejected', 'returned')`

	// packsOf is how many packs of a part are sent.
	packsOf = `(SELECT coalesce(sum(coalesce(l.kept, l.quantity)), 0) FROM line l WHERE l.coop_order_id = o.id)`

	salesByDay = `
SELECT (p.placed_at AT TIME ZONE $3)::date AS day, count(*), sum(` + packsOf + `)::bigint, sum(o.goods_total)::bigint` + sold + ` AND p.placed_at <= $4
 GROUP BY day`

	bestSold = `
SELECT v.product_id, (array_agg(l.title ORDER BY l.id DESC))[1], sum(coalesce(l.kept, l.quantity))::bigint AS packs,
       sum(coalesce(l.amount, coalesce(l.kept, l.quantity) * l.price))::bigint AS total
  FROM (SELECT o.id` + sold + ` AND p.placed_at <= $4) o
  JOIN line l ON l.coop_order_id = o.id
  JOIN variant v ON v.id = l.variant_id
 GROUP BY v.product_id ORDER BY total DESC, v.product_id LIMIT $3`

	stillDue = `
SELECT count(*), coalesce(sum(` + packsOf + `), 0)::bigint, coalesce(sum(o.goods_total), 0)::bigint
  FROM coop_order o WHERE o.cooperative_id = ANY($1) AND o.status IN ('placed', 'accepted', 'packed', 'dispatched', 'at_relay', 'unclaimed')`

	handedOver = `
SELECT count(*), coalesce(sum(` + packsOf + `), 0)::bigint, coalesce(sum(o.goods_total), 0)::bigint
  FROM coop_order o WHERE o.cooperative_id = ANY($1) AND o.updated_at >= $2 AND o.status = 'handed_over'`
)
