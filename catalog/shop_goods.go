package catalog

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/rows"
	"souk/people"
)

// Good is a product as its own cooperative sees it: in every status, with its stock and with what keeps it from being sold.
type Good struct {
	// Card is what buyers see or would see. Its packs' Available is what can be ordered once the product is for sale.
	Card
	Status        string
	CooperativeOf string // the cooperative's status
	Shelves       []PackStock
	Waiting       int64     // orders with something of it that have not left yet
	Food          bool      // needs a valid ONSSA document
	HasONSSA      bool      //
	PromisedAt    time.Time // when an operator will have looked at it; zero where nobody is to
	RefusedNote   string    // in an operator's words, of a product that was sent back
	Refused       bool      //
	Unreviewed    []string  // locales whose title nobody has read yet
}

// PackStock is the stock of one pack.
type PackStock struct {
	VariantID int64
	OnHand    int64 // packs
	Allocated int64 // of them promised to buyers
	LowMark   int64 // the members hear when so few can be ordered
}

// Shelf returns the stock of one of its packs.
func (g Good) Shelf(variantID int64) PackStock {
	for _, s := range g.Shelves {
		if s.VariantID == variantID {
			return s
		}
	}
	return PackStock{VariantID: variantID}
}

// Available is how many packs in all can be ordered.
func (g Good) Available() int64 {
	var n int64
	for _, v := range g.Variants {
		n += v.Available
	}
	return n
}

// Want is what a product lacks to be sold, or to sell well.
type Want string

// What a product may lack, in the order in which it should be seen to.
const (
	WantsCooperative Want = "cooperative" // which is suspended, or was only invited
	WantsONSSA       Want = "onssa"
	WantsReview      Want = "review"  // an operator looks at it
	WantsChange      Want = "change"  // an operator has sent it back
	WantsFinish      Want = "finish"  // a draft
	WantsResume      Want = "resume"  // paused
	WantsStock       Want = "stock"   // sold out
	WantsPhoto       Want = "photo"   // sells better with one
	WantsWords       Want = "wording" // a title that was suggested and read by nobody
)

// Wants says what a product lacks, the most pressing first. Nothing before WantsStock means that buyers can find it.
func (g Good) Wants() []Want {
	var wants []Want
	add := func(is bool, want Want) {
		if is {
			wants = append(wants, want)
		}
	}
	add(g.CooperativeOf != Active, WantsCooperative)
	add(g.Food && !g.HasONSSA, WantsONSSA)
	add(g.Status == PendingReview, WantsReview)
	add(g.Status == Draft && g.Refused, WantsChange)
	add(g.Status == Draft && !g.Refused, WantsFinish)
	add(g.Status == Paused, WantsResume)
	add(g.Available() == 0, WantsStock)
	add(g.Photo == "", WantsPhoto)
	add(len(g.Unreviewed) > 0, WantsWords)
	return wants
}

// Sells says whether buyers can find it.
func (g Good) Sells() bool {
	wants := g.Wants()
	return len(wants) == 0 || slices.Index([]Want{WantsStock, WantsPhoto, WantsWords}, wants[0]) >= 0
}

// Goods returns a page of what cooperatives have, archived products left out, and how many there are: what waits for somebody
// first, then what is for sale and nearly sold out.
func Goods(ctx context.Context, tx pgx.Tx, cooperativeIDs []int64, page Page, now time.Time) ([]Good, int, error) {
	args := rows.Args{"cooperatives": cooperativeIDs}
	total, _, err := rows.Value[int](ctx, tx, "count a cooperative's products", countGoods, args)
	if err != nil || page.Offset >= total {
		return nil, total, err
	}
	args["limit"], args["offset"] = page.Limit, page.Offset
	ids, err := rows.Values[int64](ctx, tx, "list a cooperative's products", listGoods, args)
	if err != nil {
		return nil, 0, err
	}
	goods, err := GoodsByID(ctx, tx, ids, now)
	return goods, total, err
}

const countGoods = `SELECT count(*) FROM product WHERE cooperative_id = ANY(@cooperatives) AND status <> 'archived'`

const listGoods = `SELECT p.id FROM product p
	LEFT JOIN LATERAL (SELECT sum(s.on_hand - s.allocated) AS available FROM variant v JOIN stock s ON s.variant_id = v.id
		WHERE v.product_id = p.id AND v.archived_at IS NULL) n ON true
	WHERE p.cooperative_id = ANY(@cooperatives) AND p.status <> 'archived'
	ORDER BY array_position(ARRAY['draft', 'pending_review', 'published', 'paused'], p.status), COALESCE(n.available, 0), p.id
	LIMIT @limit OFFSET @offset`

// GoodByCode returns one of its cooperative's products, archived ones too. Whether the reader may see it is the caller's to check
// (see ActOn). One that is not there is pgx.ErrNoRows, wrapped.
func GoodByCode(ctx context.Context, tx pgx.Tx, code string, now time.Time) (Good, error) {
	return goodWhere(ctx, tx, "product "+code, `SELECT id FROM product WHERE code = @key`, code, now)
}

// GoodOfVariant returns the product that a pack belongs to, as GoodByCode does.
func GoodOfVariant(ctx context.Context, tx pgx.Tx, variantID int64, now time.Time) (Good, error) {
	return goodWhere(ctx, tx, fmt.Sprintf("product of variant %d", variantID), `SELECT product_id FROM variant WHERE id = @key`, variantID, now)
}

func goodWhere(ctx context.Context, tx pgx.Tx, what, sql string, key any, now time.Time) (Good, error) {
	id, found, err := rows.Value[int64](ctx, tx, "find "+what, sql, rows.Args{"key": key})
	if err == nil && !found {
		err = fmt.Errorf("find %s: %w", what, pgx.ErrNoRows)
	}
	if err != nil {
		return Good{}, err
	}
	goods, err := GoodsByID(ctx, tx, []int64{id}, now)
	if err != nil {
		return Good{}, err
	}
	return goods[0], nil
}

// GoodsByID returns products in the order of their ids as given, whatever their status.
func GoodsByID(ctx context.Context, tx pgx.Tx, ids []int64, now time.Time) ([]Good, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var batch pgx.Batch
	goods := make([]Good, 0, len(ids))
	at := map[int64]int{}
	batch.Queue(goodRows, ids, now).Query(func(found pgx.Rows) error {
		for found.Next() {
			var g Good
			var label Label
			var promised, ready *time.Time
			err := found.Scan(&g.ProductID, &g.Code, &g.Title, &g.Description, &g.Cooperative.ID, &g.Cooperative.Code, &g.Cooperative.Name,
				&g.Cooperative.Town, &g.Region, &g.Category, &label.Kind, &label.Number, &label.Title, &g.Photo, &g.Status, &g.CooperativeOf,
				&g.Food, &g.HasONSSA, &promised, &g.Refused, &g.RefusedNote, &g.Unreviewed, &g.Waiting, &ready)
			if err != nil {
				return err
			}
			if label.Kind != "" {
				g.Label = &label
			}
			if promised != nil {
				g.PromisedAt = *promised
			}
			if ready != nil {
				g.ReadyOn = *ready
			}
			at[g.ProductID] = len(goods)
			goods = append(goods, g)
		}
		return found.Err()
	})
	batch.Queue(shelfRows, ids).Query(func(found pgx.Rows) error {
		for found.Next() {
			var product int64
			var v Variant
			var s PackStock
			if err := found.Scan(&product, &v.ID, &v.Position, &v.PackAmount, &v.PackUnit, &v.Price, &s.OnHand, &s.Allocated, &s.LowMark); err != nil {
				return err
			}
			if i, there := at[product]; there {
				s.VariantID, v.Available = v.ID, s.OnHand-s.Allocated
				goods[i].Variants, goods[i].Shelves = append(goods[i].Variants, v), append(goods[i].Shelves, s)
			}
		}
		return found.Err()
	})
	if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
		return nil, fmt.Errorf("load a cooperative's products: %w", err)
	}
	slices.SortFunc(goods, func(a, b Good) int { return slices.Index(ids, a.ProductID) - slices.Index(ids, b.ProductID) })
	return goods, nil
}

const goodRows = `SELECT p.id, p.code, p.title, p.description, c.id, c.code, c.name, t.name, p.region_code, p.category_id,
		COALESCE(d.kind, ''), COALESCE(d.number, ''), d.title,
		COALESCE((SELECT f.key FROM photo f WHERE f.product_id = p.id ORDER BY f.position LIMIT 1), ''),
		p.status, c.status, k.food,
		EXISTS (SELECT FROM valid_document($2) o WHERE o.cooperative_id = p.cooperative_id AND o.kind = 'onssa'),
		(SELECT r.promised_at FROM review r WHERE r.product_id = p.id AND r.decided_at IS NULL),
		COALESCE(last.decision = 'refused', false), COALESCE(last.note, ''), p.unreviewed,
		(SELECT count(DISTINCT l.coop_order_id) FROM variant v JOIN allocation a ON a.variant_id = v.id JOIN line l ON l.id = a.line_id
			JOIN coop_order o ON o.id = l.coop_order_id WHERE v.product_id = p.id AND o.status IN ('placed', 'accepted', 'packed')),
		ready_on(($2::timestamptz AT TIME ZONE 'Africa/Casablanca')::date, p.season_from, c.absent_until, p.lead_days)
	FROM product p
	JOIN cooperative c ON c.id = p.cooperative_id
	JOIN town t ON t.id = c.town_id
	JOIN category k ON k.id = p.category_id
	LEFT JOIN valid_document($2) d ON d.id = p.label_id AND d.kind <> 'onssa'
	LEFT JOIN LATERAL (SELECT r.decision, r.note FROM review r WHERE r.product_id = p.id AND r.decided_at IS NOT NULL
		ORDER BY r.decided_at DESC, r.id DESC LIMIT 1) last ON true
	WHERE p.id = ANY($1)`

const shelfRows = `SELECT v.product_id, v.id, v.position, trim_scale(v.pack_amount)::text, v.pack_unit, v.price,
		COALESCE(s.on_hand, 0), COALESCE(s.allocated, 0), COALESCE(s.low_mark, 0)
	FROM variant v LEFT JOIN stock s ON s.variant_id = v.id
	WHERE v.archived_at IS NULL AND v.product_id = ANY($1) ORDER BY v.product_id, v.position`

// Today is the day in Morocco at an instant, at midnight UTC as dates of the database are.
func Today(now time.Time) time.Time {
	local := now.In(people.Zone(people.DefaultZone))
	return time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC)
}

// absence is the day of return of a cooperative that is absent at an instant, zero where it is not: it is back by itself.
func absence(until *time.Time, now time.Time) time.Time {
	if until == nil || !until.After(Today(now)) {
		return time.Time{}
	}
	return *until
}
