package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"souk/internal/postgres"
	"souk/internal/postgres/cluster"
	"souk/internal/postgres/pgtest"
)

func exec(t *testing.T, db interface {
	Query(context.Context, string, ...any) (pgx.Rows, error)
}, sql string,
) {
	t.Helper()
	rows, err := db.Query(t.Context(), sql)
	if err == nil {
		rows.Close()
		err = rows.Err()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, db postgres.Querier, table string) (n int) {
	t.Helper()
	if err := db.QueryRow(t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func jars(t *testing.T) *pgxpool.Pool {
	t.Helper()
	pool := pgtest.New(t)
	exec(t, pool, "CREATE TABLE jar (id int PRIMARY KEY)")
	return pool
}

func TestAPoolCarriesTheTimeouts(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	for setting, want := range map[string]string{
		"idle_in_transaction_session_timeout": "5s", "lock_timeout": "2s", "statement_timeout": "5s",
		"TimeZone": "UTC", "application_name": "souk test",
	} {
		var got string
		if err := pool.QueryRow(t.Context(), "SELECT current_setting($1)", setting).Scan(&got); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%s is %s, want %s", setting, got, want)
		}
	}
	if got := pool.Config().MaxConns; got != 4 {
		t.Errorf("%d connections", got)
	}
}

func TestOpenDoesNotConnect(t *testing.T) {
	t.Parallel()
	pool, err := postgres.Open(t.Context(), postgres.Config{URL: "postgres://127.0.0.1:1/nowhere"})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if err := pool.Ping(t.Context()); !postgres.Retryable(err) {
		t.Errorf("a refused connection is worth another try: %v", err)
	}
	if _, err := postgres.Open(t.Context(), postgres.Config{URL: "postgres://%"}); err == nil {
		t.Error("a bad address was accepted")
	}
}

func TestATransactionCommitsOrUndoesEverything(t *testing.T) {
	t.Parallel()
	pool := jars(t)
	ctx := t.Context()
	if err := postgres.Tx(ctx, pool, func(tx pgx.Tx) error {
		exec(t, tx, "INSERT INTO jar VALUES (1)")
		return nil
	}); err != nil {
		t.Fatal(err)
	}

	broken := errors.New("pot cassé")
	if err := postgres.Tx(ctx, pool, func(tx pgx.Tx) error {
		exec(t, tx, "INSERT INTO jar VALUES (2)")
		return broken
	}); err != broken {
		t.Errorf("the error came back as %v", err)
	}

	func() {
		defer func() {
			if recover() != "boum" {
				t.Error("the panic was swallowed")
			}
		}()
		_ = postgres.Tx(ctx, pool, func(tx pgx.Tx) error {
			exec(t, tx, "INSERT INTO jar VALUES (3)")
			panic("boum")
		})
	}()

	cancelled, cancel := context.WithCancel(ctx)
	if err := postgres.Tx(cancelled, pool, func(tx pgx.Tx) error {
		exec(t, tx, "INSERT INTO jar VALUES (4)")
		cancel()
		return cancelled.Err()
	}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if n := count(t, pool, "jar"); n != 1 {
		t.Errorf("%d jars, want 1", n)
	}
	if stat := pool.Stat(); stat.NewConnsCount() != 1 || stat.AcquiredConns() != 0 {
		t.Errorf("%d connections made, %d not given back: an undone transaction keeps its connection",
			stat.NewConnsCount(), stat.AcquiredConns())
	}
}

func TestASavepointUndoesItsPartOnly(t *testing.T) {
	t.Parallel()
	pool := jars(t)
	refused := errors.New("refused")
	err := postgres.Tx(t.Context(), pool, func(tx pgx.Tx) error {
		exec(t, tx, "INSERT INTO jar VALUES (1)")
		if err := postgres.Savepoint(t.Context(), tx, func(tx pgx.Tx) error {
			exec(t, tx, "INSERT INTO jar VALUES (2)")
			return refused
		}); err != refused {
			t.Errorf("got %v", err)
		}
		// An SQL error too leaves the transaction usable.
		err := postgres.Savepoint(t.Context(), tx, func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), "INSERT INTO jar VALUES (1)")
			return err
		})
		if !postgres.Unique(err, "jar_pkey") || postgres.Unique(err, "other") {
			t.Errorf("got %v", err)
		}
		func() {
			defer func() { _ = recover() }()
			_ = postgres.Savepoint(t.Context(), tx, func(tx pgx.Tx) error {
				exec(t, tx, "INSERT INTO jar VALUES (3)")
				panic("boum")
			})
		}()
		return postgres.Savepoint(t.Context(), tx, func(tx pgx.Tx) error {
			exec(t, tx, "INSERT INTO jar VALUES (4)")
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := count(t, pool, "jar"); n != 2 {
		t.Errorf("%d jars, want 2", n)
	}
}

func TestIdentityDiffersPerDatabase(t *testing.T) {
	t.Parallel()
	a, err := postgres.Identify(t.Context(), pgtest.New(t))
	if err != nil {
		t.Fatal(err)
	}
	b, err := postgres.Identify(t.Context(), pgtest.New(t))
	if err != nil {
		t.Fatal(err)
	}
	if a.System == 0 || a.System != b.System || a.Database == b.Database {
		t.Errorf("%+v and %+v", a, b)
	}
}

func TestDurableNamesWhatIsOff(t *testing.T) {
	t.Parallel()
	err := postgres.Durable(t.Context(), pgtest.New(t))
	if err == nil || !strings.Contains(err.Error(), "fsync=off, full_page_writes=off, synchronous_commit=off") {
		t.Errorf("the tests' cluster is not durable, and says: %v", err)
	}
	c := pgtest.Durable(t)
	if err := postgres.Durable(t.Context(), pgtest.Open(t, c.URL(cluster.Database), 1)); err != nil {
		t.Error(err)
	}
}

func TestMigrateOnceByManyReplicas(t *testing.T) {
	t.Parallel()
	url := pgtest.Empty(t)
	var replicas sync.WaitGroup
	for range 3 {
		replicas.Go(func() {
			if err := postgres.Migrate(t.Context(), url); err != nil {
				t.Error(err)
			}
		})
	}
	replicas.Wait()
	pool := pgtest.Open(t, url, 1)
	if n := count(t, pool, "river_job"); n != 0 {
		t.Errorf("%d jobs", n)
	}
	var locks int
	if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM pg_locks
		WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`).Scan(&locks); err != nil {
		t.Fatal(err)
	}
	if locks != 0 {
		t.Error("the migration lock is still held")
	}
}

func TestMigrateWaitsForATableInUse(t *testing.T) {
	t.Parallel()
	url := pgtest.Empty(t)
	pool := pgtest.Open(t, url, 2)
	// The first migration creates this table; somebody else is about to, and takes longer than one lock timeout.
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	exec(t, tx, "CREATE TABLE goose_db_version (probe int)")
	time.AfterFunc(postgres.LockTimeout+time.Second, func() { _ = tx.Rollback(context.Background()) })
	if err := postgres.Migrate(t.Context(), url); err != nil {
		t.Error(err)
	}
}

func TestMigrateSaysWhatFailed(t *testing.T) {
	t.Parallel()
	url := pgtest.Empty(t)
	pool := pgtest.Open(t, url, 1)
	exec(t, pool, "CREATE TABLE person (nothing_like_ours int)")
	err := postgres.Migrate(t.Context(), url)
	if err == nil || !strings.Contains(err.Error(), "person") {
		t.Errorf("got %v", err)
	}
}

func TestArabicWordsHaveTrigrams(t *testing.T) {
	t.Parallel()
	var n int
	if err := pgtest.New(t).QueryRow(t.Context(), "SELECT cardinality(show_trgm('عسل'))").Scan(&n); err != nil {
		t.Fatal(err)
	}
	if n == 0 {
		t.Error("none: the cluster's locale knows no Arabic letters")
	}
}

func ExampleTx() {
	transfer := func(ctx context.Context, pool *pgxpool.Pool) error {
		return postgres.Tx(ctx, pool, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, "UPDATE stock SET allocated = allocated + 1 WHERE variant_id = 7"); err != nil {
				return fmt.Errorf("take a jar: %w", err)
			}
			return nil
		})
	}
	_ = transfer
}
