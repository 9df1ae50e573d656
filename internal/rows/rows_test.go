package rows_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"souk/internal/postgres/pgtest"
	"souk/internal/rows"
)

type pair struct {
	ID       int64
	LongName string
}

func TestRows(t *testing.T) {
	t.Parallel()
	pool, ctx := pgtest.New(t), t.Context()
	const three = `SELECT n AS id, 'row ' || n AS long_name FROM generate_series(1, @most::int) AS n ORDER BY n`

	all, err := rows.All[pair](ctx, pool, "list", three, rows.Args{"most": 3})
	if err != nil || len(all) != 3 || all[2] != (pair{3, "row 3"}) {
		t.Errorf("All = %+v, %v", all, err)
	}
	if one, err := rows.One[pair](ctx, pool, "one", three, rows.Args{"most": 1}); err != nil || one.ID != 1 {
		t.Errorf("One = %+v, %v", one, err)
	}
	if _, err := rows.One[pair](ctx, pool, "load nobody", three, rows.Args{"most": 0}); !errors.Is(err, pgx.ErrNoRows) || !strings.HasPrefix(err.Error(), "load nobody: ") {
		t.Errorf("One of none: %v", err)
	}
	if _, found, err := rows.Maybe[pair](ctx, pool, "maybe", three, rows.Args{"most": 0}); found || err != nil {
		t.Errorf("Maybe of none: %v, %v", found, err)
	}
	if _, _, err := rows.Maybe[pair](ctx, pool, "maybe", three, rows.Args{"most": 2}); !errors.Is(err, pgx.ErrTooManyRows) {
		t.Errorf("Maybe of two: %v", err)
	}
	if values, err := rows.Values[int64](ctx, pool, "values", `SELECT generate_series(1, @most::int)::bigint`, rows.Args{"most": 2}); err != nil || len(values) != 2 {
		t.Errorf("Values = %v, %v", values, err)
	}
	if _, found, err := rows.Value[int64](ctx, pool, "value", `SELECT 1::bigint WHERE @most::int > 0`, rows.Args{"most": 0}); found || err != nil {
		t.Errorf("Value of none: %v, %v", found, err)
	}
	if n, err := rows.Exec(ctx, pool, "touch", `INSERT INTO search_word SELECT 'w' || generate_series(1, @most::int)`, rows.Args{"most": 4}); err != nil || n != 4 {
		t.Errorf("Exec = %d, %v", n, err)
	}
}

func TestArgumentsMustFit(t *testing.T) {
	t.Parallel()
	pool, ctx := pgtest.New(t), t.Context()
	for name, args := range map[string]rows.Args{"missing": {}, "too many": {"n": 1, "other": 2}} {
		if _, err := rows.Values[int](ctx, pool, "ask", `SELECT @n::int`, args); err == nil || !strings.HasPrefix(err.Error(), "ask: ") {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := rows.Exec(ctx, pool, "ask", `SELECT @n::int`, args); err == nil {
			t.Errorf("Exec, %s: no error", name)
		}
	}
}
