// Package pgtest gives each test a real Postgres database of its own, migrated, in about a tenth of a second. No TestMain is
// needed: the first test of any process starts a shared cluster, and it stops by itself a few seconds after the last test
// process has ended, however that one ended.
package pgtest

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"souk/internal/postgres"
	"souk/internal/postgres/cluster"
)

// poolSize is the number of connections of a test's pool: enough for two workers, a webhook and the test itself, small
// enough for the tests of several packages at once within the cluster's limit.
const poolSize = 4

// New returns a pool of 4 connections on a migrated, empty database that only this test uses; both go at its end.
func New(t testing.TB) *pgxpool.Pool {
	t.Helper()
	return NewPool(t, poolSize)
}

// NewPool is New with another number of connections.
func NewPool(t testing.TB, maxConns int32) *pgxpool.Pool {
	t.Helper()
	return open(t, URL(t), maxConns)
}

// URL returns the address of a migrated, empty database that only this test uses, for what opens its own pool.
func URL(t testing.TB) string {
	t.Helper()
	s := services(t)
	return s.cluster.URL(s.clone(t, s.template))
}

// Empty is URL without any migration.
func Empty(t testing.TB) string {
	t.Helper()
	s := services(t)
	return s.cluster.URL(s.clone(t, "template0"))
}

// Open returns a pool on the database at url with the timeouts that every pool of Souk has; it is closed at the test's end.
// A connection that is still held then is reported: whoever took it forgot to give it back.
func Open(t testing.TB, url string, maxConns int32) *pgxpool.Pool {
	t.Helper()
	return open(t, url, maxConns)
}

// Proxied returns the two halves of an address for a proxy such as toxiproxy: where the database listens (host:port), and the
// URL of a migrated, empty database through another address.
func Proxied(t testing.TB) (upstream string, through func(address string) string) {
	t.Helper()
	s := services(t)
	database := s.clone(t, s.template)
	return s.cluster.TCPAddress(), func(address string) string { return s.cluster.TCPURL(database, address) }
}

// Durable starts a cluster of this test's own, with fsync on and its database migrated: one that the test may kill and
// restart. It costs about two seconds; most tests want New.
func Durable(t testing.TB) *cluster.Cluster {
	t.Helper()
	c, err := cluster.Start(t.Context(), cluster.Options{Dir: t.TempDir(), Durable: true, TCP: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
		if err := c.Remove(); err != nil {
			t.Error(err)
		}
	})
	if err := postgres.Migrate(t.Context(), c.URL(cluster.Database)); err != nil {
		t.Fatal(err)
	}
	return c
}

func open(t testing.TB, url string, maxConns int32) *pgxpool.Pool {
	t.Helper()
	pool, err := postgres.Open(t.Context(), postgres.Config{URL: url, MaxConns: maxConns, Name: "souk test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		closed := make(chan struct{})
		go func() {
			pool.Close()
			close(closed)
		}()
		select {
		case <-closed:
		case <-time.After(10 * time.Second):
			t.Errorf("%d connections of the test's pool were never given back", pool.Stat().AcquiredConns())
		}
	})
	return pool
}

// execute runs one statement on the cluster's own database: CREATE and DROP DATABASE run outside a transaction.
func execute(ctx context.Context, url, sql string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.Exec(ctx, sql)
	return err
}
