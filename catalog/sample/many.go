package sample

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"souk/catalog"
	"souk/internal/postgres"
	"souk/internal/rows"
)

const (
	manyFirst = 100_000 // codes of generated products are P and a number above this
	manyChunk = 5_000   // products of one COPY
)

// ErrNotSeeded is returned by Many on a database without the sample.
var ErrNotSeeded = errors.New("the sample is not seeded")

// Many writes n more published products, each with up to three packs and its stock, for what wants a big catalog: the sample's
// products under other makers' and places' names. The same seed gives the same products. It runs once on a seeded database;
// 100,000 take some tens of seconds, most of them in Postgres's indexes.
func Many(ctx context.Context, db postgres.Beginner, n int, seed uint64, now time.Time) error {
	data, err := Load()
	if err != nil {
		return err
	}
	return postgres.Tx(ctx, db, func(tx pgx.Tx) error {
		// A chunk may take longer than a webhook's statement; nobody waits for it.
		if _, err := tx.Exec(ctx, `SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0`); err != nil {
			return fmt.Errorf("lift timeouts: %w", err)
		}
		if _, err := rows.Exec(ctx, tx, "lock the sample", seedLock, rows.Args{}); err != nil {
			return err
		}
		g := generator{data: data, rand: rand.New(rand.NewPCG(seed, seed)), now: now} // the same products every time, no secret
		if err := g.makers(ctx, tx); err != nil {
			return err
		}
		for first := 0; first < n; first += manyChunk {
			if err := g.write(ctx, tx, first, min(manyChunk, n-first)); err != nil {
				return err
			}
		}
		return settle(ctx, tx)
	})
}

// settle leaves the tables as autovacuum would leave them some minutes later: what is measured next is the search, not the aftermath
// of a COPY.
func settle(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, cleanPending); err != nil {
		return fmt.Errorf("clean pending lists: %w", err)
	}
	if _, err := tx.Exec(ctx, `ANALYZE product, variant, stock, search_word`); err != nil {
		return fmt.Errorf("analyze: %w", err)
	}
	return nil
}

const cleanPending = `SELECT gin_clean_pending_list(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
	WHERE a.amname = 'gin' AND i.indrelid IN ('product'::regclass, 'search_word'::regclass)`

type generator struct {
	data  *Data
	rand  *rand.Rand
	now   time.Time
	all   []maker
	food  []maker // who may sell food
	shelf map[string]Category
}

type maker struct {
	ID         int64
	Code       string
	RegionCode string
	Name       catalog.Words
	Region     catalog.Words
	Town       catalog.Words
	Food       bool
}

const listMakers = `SELECT c.id, c.code, c.region_code, c.name, r.name AS region, t.name AS town,
		EXISTS (SELECT FROM compliance_document d WHERE d.cooperative_id = c.id AND d.kind = 'onssa' AND d.status = 'verified') AS food
	FROM cooperative c JOIN region r ON r.code = c.region_code JOIN town t ON t.id = c.town_id
	WHERE c.status = 'active' ORDER BY c.id`

func (g *generator) makers(ctx context.Context, tx pgx.Tx) error {
	var err error
	if g.all, err = rows.All[maker](ctx, tx, "list makers", listMakers, rows.Args{}); err != nil {
		return err
	}
	for _, m := range g.all {
		if m.Food {
			g.food = append(g.food, m)
		}
	}
	if len(g.food) == 0 {
		return ErrNotSeeded
	}
	g.shelf = map[string]Category{}
	for _, c := range g.data.Categories {
		g.shelf[c.ID] = c
	}
	return nil
}

// How sellers tell one jar of honey from the next.
var manners = [...][2]string{
	{"", ""}, {"artisanal", "تقليدي"}, {"de montagne", "جبلي"}, {"de la maison", "منزلي"}, {"nouvelle récolte", "محصول جديد"},
	{"premier choix", "نخب أول"}, {"fait main", "صنع يدوي"}, {"beldi", "بلدي"}, {"de saison", "موسمي"}, {"en famille", "عائلي"},
	{"petit lot", "كمية محدودة"}, {"de grand-mère", "وصفة الجدة"},
}

// write copies products [first, first+count) with their packs and stock.
func (g *generator) write(ctx context.Context, tx pgx.Tx, first, count int) error {
	productID, err := g.reserve(ctx, tx, "product", count)
	if err != nil {
		return err
	}
	products := make([][]any, 0, count)
	var packs []newPack
	for i := range count {
		from := g.data.Products[g.rand.IntN(len(g.data.Products))]
		category := g.shelf[from.Category]
		makers := g.all
		if category.Food {
			makers = g.food
		}
		by := makers[g.rand.IntN(len(makers))]
		region := g.data.Regions[g.rand.IntN(len(g.data.Regions))]
		place := region.Towns[g.rand.IntN(len(region.Towns))]
		manner := manners[g.rand.IntN(len(manners))]
		title := catalog.Words{"fr": join(from.Fr, manner[0], place.Fr), "ar": join(from.Ar, manner[1], place.Ar)}
		words := catalog.Index(catalog.Entry{
			Titles: title, Aliases: from.Aliases, Region: by.RegionCode, Category: category.ID, Cooperative: by.Code,
			Around: []string{category.Fr, category.Ar},
			Makers: []string{by.Name["fr"], by.Name["ar"], by.Region["fr"], by.Region["ar"], by.Town["fr"], by.Town["ar"]},
		})
		id := productID + int64(i)
		products = append(products, []any{id, "P" + strconv.Itoa(manyFirst+first+i+1), by.ID, category.ID, by.RegionCode, title,
			catalog.Words{"fr": from.AboutFr, "ar": from.AboutAr}, "published", from.Aliases, words, g.popularity(), g.now, g.now})
		for position, pack := range from.Packs {
			var amount pgtype.Numeric
			if err := amount.Scan(pack.Size.Amount); err != nil {
				return fmt.Errorf("%s: amount %q: %w", from.Code, pack.Size.Amount, err)
			}
			packs = append(packs, newPack{id, position + 1, amount, pack.Size.Unit, g.price(pack.Dh)})
		}
	}
	if err := g.copy(ctx, tx, "product", []string{"id", "code", "cooperative_id", "category_id", "region_code", "title", "description",
		"status", "aliases", "search_words", "ordered_count", "created_at", "updated_at"}, products); err != nil {
		return err
	}
	return g.writePacks(ctx, tx, packs)
}

type newPack struct {
	product  int64
	position int
	amount   pgtype.Numeric
	unit     string
	price    int64
}

func (g *generator) writePacks(ctx context.Context, tx pgx.Tx, packs []newPack) error {
	variantID, err := g.reserve(ctx, tx, "variant", len(packs))
	if err != nil {
		return err
	}
	variants, stocks, movements := make([][]any, len(packs)), make([][]any, len(packs)), [][]any{}
	for i, pack := range packs {
		id := variantID + int64(i)
		variants[i] = []any{id, pack.product, pack.position, pack.amount, pack.unit, pack.price}
		there := int64(g.rand.IntN(50)) - 5 // one in ten is sold out
		if there < 0 {
			there = 0
		}
		stocks[i] = []any{id, there}
		if there > 0 {
			movements = append(movements, []any{id, there, "opening", "sample", g.now})
		}
	}
	if err := g.copy(ctx, tx, "variant", []string{"id", "product_id", "position", "pack_amount", "pack_unit", "price"}, variants); err != nil {
		return err
	}
	if err := g.copy(ctx, tx, "stock", []string{"variant_id", "on_hand"}, stocks); err != nil {
		return err
	}
	return g.copy(ctx, tx, "stock_movement", []string{"variant_id", "change", "reason", "reference", "created_at"}, movements)
}

// reserve takes count ids in a row; a COPY draws none by itself. The lock on the sample keeps two Manys apart, and whoever else
// draws an id meanwhile gets one from before or after the row.
func (g *generator) reserve(ctx context.Context, tx pgx.Tx, table string, count int) (int64, error) {
	first, _, err := rows.Value[int64](ctx, tx, "reserve ids of "+table, reserveIDs, rows.Args{"table": table, "count": count})
	return first, err
}

const reserveIDs = `SELECT setval(pg_get_serial_sequence(@table, 'id'), nextval(pg_get_serial_sequence(@table, 'id')) + @count) - @count`

func (g *generator) copy(ctx context.Context, tx pgx.Tx, table string, columns []string, data [][]any) error {
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromRows(data)); err != nil {
		return fmt.Errorf("copy into %s: %w", table, err)
	}
	return nil
}

// popularity is long-tailed: most are ordered rarely, a few a thousand times.
func (g *generator) popularity() int64 { return int64(g.rand.ExpFloat64() * g.rand.ExpFloat64() * 40) }

// price is within a fifth of the sample's, in whole dirhams, as centimes.
func (g *generator) price(dh int64) int64 {
	return max(1, dh*int64(80+g.rand.IntN(41))/100) * centimes
}

func join(parts ...string) string {
	text := ""
	for _, part := range parts {
		if part != "" && text != "" {
			text += " "
		}
		text += part
	}
	return text
}
