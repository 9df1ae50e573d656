package main

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"souk/catalog"
	"souk/internal/postgres"
	"souk/internal/rows"
)

// talker is one buyer: they greet, look for something, choose, order, look where it is, and come back another day.
type talker struct {
	chat  int64
	turn  int // of the talk that goes on
	talks int // that are over
	heard chan struct{}
}

// wish is what a buyer types to find something, and how many of the first products in the answer come in several packs.
type wish struct {
	words    string
	products int
	counted  bool // the words say how much: no pack is asked
}

// speech is what people type around their wishes, in one language.
type speech struct {
	greeting, checkout, yes, orders string
	wishes                          []wish
	towns                           []string // with several relays
}

func speeches() []speech {
	return []speech{
		{
			greeting: "salam", checkout: "commander", yes: "oui", orders: "mes commandes",
			wishes: []wish{{"miel", 5, false}, {"bghit 2 kilo tmer", 5, true}, {"amlou", 4, false}},
			towns:  []string{"Casablanca", "marrakech", "fes"},
		},
		{
			greeting: "السلام عليكم", checkout: "أطلب", yes: "نعم", orders: "طلباتي",
			wishes: []wish{{"عسل", 5, false}, {"بغيت 2 كيلو تمر", 5, true}},
			towns:  []string{"الدار البيضاء", "فاس", "مراكش"},
		},
	}
}

// lines are a whole talk. A first order asks where to and whom to call; a later one knows. No two neighbours want the same.
func (t *talker) lines() []string {
	n := int(t.chat)
	s := speeches()[n%len(speeches())]
	w := s.wishes[(n/2+t.talks)%len(s.wishes)]
	lines := []string{s.greeting, w.words, fmt.Sprint(1 + (n/3+t.talks)%w.products)}
	if !w.counted {
		lines = append(lines, "1") // the pack
	}
	if t.talks == 0 {
		lines = append(lines, s.towns[n/5%len(s.towns)], "1", fmt.Sprintf("0612%06d", n%1_000_000))
	} else {
		lines = append(lines, s.checkout)
	}
	return append(lines, s.yes, s.orders)
}

// line is what the talker says next; said goes on to the one after it and tells whether the talk is over.
func (t *talker) line() string { return t.lines()[t.turn] }

func (t *talker) said() (over bool) {
	t.turn++
	if over = t.turn == len(t.lines()); over {
		t.turn, t.talks = 0, t.talks+1
	}
	return over
}

// fillShelves puts enough of everything on the shelves for every talk.
func fillShelves(ctx context.Context, st *stage) error {
	const enough = 100_000
	return postgres.Tx(ctx, st.pool, func(tx pgx.Tx) error {
		variants, err := rows.Values[int64](ctx, tx, "list variants", `SELECT variant_id FROM stock ORDER BY variant_id`, rows.Args{})
		for _, id := range variants {
			if err == nil {
				err = catalog.Restock(ctx, tx, id, enough, "bench", 0, st.clock.Now())
			}
		}
		return err
	})
}

// settle does what a database of some age has seen: its tables are counted, so that plans fit them.
func settle(ctx context.Context, st *stage) error {
	conn, err := pgx.Connect(ctx, st.services.databaseURL) // without the pool's timeouts
	if err != nil {
		return fmt.Errorf("connect to settle the tables: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, `VACUUM ANALYZE`); err != nil {
		return fmt.Errorf("settle the tables: %w", err)
	}
	return nil
}

// ordered is an error where clearly fewer orders were placed than talks came to their end: what is measured would not be what is
// meant. A talk that lost a line to a timeout may miss its order.
func (l *load) ordered(ctx context.Context, st *stage) error {
	talks := 0
	for _, t := range l.all {
		talks += t.talks
	}
	var placed int
	if err := st.pool.QueryRow(ctx, `SELECT count(*) FROM purchase WHERE placed_at IS NOT NULL`).Scan(&placed); err != nil {
		return fmt.Errorf("count the orders: %w", err)
	}
	if placed == 0 || placed*10 < talks*9 {
		return fmt.Errorf("%d talks came to their end and %d orders were placed: the buyers no longer say what is asked of them", talks, placed)
	}
	return nil
}
