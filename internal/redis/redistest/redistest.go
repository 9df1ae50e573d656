// Package redistest gives tests a real Redis. The first test of a process starts a server, which ends with the process,
// however that one ends; tests share it, each with keys of its own.
package redistest

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"souk/internal/redis"
	"souk/internal/redis/server"
)

// Redis is a test's own corner of the shared server.
type Redis struct {
	Client goredis.UniversalClient
	// URL is the server's address, for what opens its own client.
	URL string
	// Prefix starts every key of this test. Keys about a test's database have redis.Prefix instead, which is as much its own.
	Prefix string
}

// New returns a client of the shared server, closed at the test's end. A test that flushes or kills wants Private.
func New(t testing.TB) Redis {
	t.Helper()
	url, err := shared()
	if err != nil {
		t.Fatalf("no test Redis: %v", err)
	}
	client, err := redis.Open(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return Redis{Client: client, URL: url, Prefix: fmt.Sprintf("test.%d:", tests.Add(1))}
}

// Private starts a server that belongs to this test: it may kill it, empty it, restart it or restore a dump on it.
func Private(t testing.TB) *server.Server {
	t.Helper()
	s, err := server.Start(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// These two are what a test binary keeps between tests.
var (
	shared = sync.OnceValues(start)
	tests  atomic.Int64
)

func start() (string, error) {
	dir, err := os.MkdirTemp("", "souk-test-redis-")
	if err != nil {
		return "", fmt.Errorf("make a folder for redis: %w", err)
	}
	s, err := server.Start(context.Background(), dir)
	// The server keeps nothing and has read its settings. Nobody is told when a test binary ends, so clear the folder now.
	if cleared := os.RemoveAll(dir); err == nil && cleared != nil {
		err = fmt.Errorf("clear the folder of redis: %w", cleared)
	}
	if err != nil {
		return "", err
	}
	return s.URL(), nil
}
