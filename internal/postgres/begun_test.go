package postgres_test

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"

	"souk/internal/postgres"
)

// begin begins a transaction on a connection of the pool as a batch would.
func begin(t *testing.T) (pgx.Tx, *pgx.Conn) {
	t.Helper()
	pool := jars(t)
	conn, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Release)
	exec(t, conn, "begin")
	return postgres.Begun(conn.Conn()), conn.Conn()
}

// ways are all the ways of saying the first statement under a savepoint.
func ways(t *testing.T) map[string]func(tx pgx.Tx, sql string, id int) error {
	ctx := t.Context()
	return map[string]func(tx pgx.Tx, sql string, id int) error{
		"exec": func(tx pgx.Tx, sql string, id int) error { _, err := tx.Exec(ctx, sql, id); return err },
		"query": func(tx pgx.Tx, sql string, id int) error {
			rows, err := tx.Query(ctx, sql, id)
			if err != nil {
				return err
			}
			got, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[int])
			if err == nil && got != id {
				t.Errorf("returned %d, want %d", got, id)
			}
			return err
		},
		"row": func(tx pgx.Tx, sql string, id int) error {
			var got int
			err := tx.QueryRow(ctx, sql, id).Scan(&got)
			if err == nil && got != id {
				t.Errorf("returned %d, want %d", got, id)
			}
			return err
		},
		"batch read": func(tx pgx.Tx, sql string, id int) error {
			var b pgx.Batch
			b.Queue(sql, id)
			results := tx.SendBatch(ctx, &b)
			var got int
			err := results.QueryRow().Scan(&got)
			if err == nil && got != id {
				t.Errorf("returned %d, want %d", got, id)
			}
			return errors.Join(err, results.Close())
		},
		"batch closed": func(tx pgx.Tx, sql string, id int) error {
			var b pgx.Batch
			got := 0
			b.Queue(sql, id).QueryRow(func(row pgx.Row) error { return row.Scan(&got) })
			err := tx.SendBatch(ctx, &b).Close()
			if err == nil && got != id {
				t.Errorf("returned %d, want %d", got, id)
			}
			return err
		},
	}
}

const putJar = `INSERT INTO jar (id) VALUES ($1) RETURNING id`

func TestASavepointIsSaidWithItsFirstStatement(t *testing.T) {
	t.Parallel()
	for name, say := range ways(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tx, conn := begin(t)
			for id, keep := range map[int]bool{1: true, 2: false, 3: true} {
				err := postgres.Savepoint(t.Context(), tx, func(inner pgx.Tx) error {
					if err := say(inner, putJar, id); err != nil {
						t.Fatal(err)
					}
					if !keep {
						return errors.New("not wanted")
					}
					return nil
				})
				if (err == nil) != keep {
					t.Fatalf("jar %d: %v", id, err)
				}
			}
			// A statement that fails is undone alone, and what was kept before it stays.
			err := postgres.Savepoint(t.Context(), tx, func(inner pgx.Tx) error { return say(inner, putJar, 1) })
			if !postgres.Unique(err, "jar_pkey") {
				t.Fatalf("the same jar twice: %v", err)
			}
			if err := tx.Commit(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := count(t, conn, "jar"); n != 2 {
				t.Errorf("%d jars, want the two that were kept", n)
			}
		})
	}
}

func TestASavepointWithinAnotherGoesWithIt(t *testing.T) {
	t.Parallel()
	tx, conn := begin(t)
	ctx := t.Context()
	err := postgres.Savepoint(ctx, tx, func(outer pgx.Tx) error {
		err := postgres.Savepoint(ctx, outer, func(inner pgx.Tx) error { _, err := inner.Exec(ctx, putJar, 1); return err })
		if err != nil {
			t.Fatal(err)
		}
		return errors.New("not wanted")
	})
	if err == nil {
		t.Fatal("the outer one was kept")
	}
	if err := postgres.Savepoint(ctx, tx, func(pgx.Tx) error { return errors.New("nothing was said") }); err == nil {
		t.Fatal("an empty one was kept")
	}
	var none int
	err = postgres.Savepoint(ctx, tx, func(inner pgx.Tx) error {
		return inner.QueryRow(ctx, `SELECT id FROM jar WHERE id = $1`, 7).Scan(&none)
	})
	if !errors.Is(err, pgx.ErrNoRows) {
		t.Errorf("no row: %v", err)
	}
	if err := tx.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	if n := count(t, conn, "jar"); n != 0 {
		t.Errorf("%d jars, want none", n)
	}
}
