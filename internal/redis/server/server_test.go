package server_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"souk/internal/redis"
	"souk/internal/redis/redistest"
	"souk/internal/redis/server"
)

func open(t *testing.T, s *server.Server) goredis.UniversalClient {
	t.Helper()
	client, err := redis.Open(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

func TestAServerThatWasKilledComesBackEmptyAtTheSameAddress(t *testing.T) {
	t.Parallel()
	s := redistest.Private(t)
	client := open(t, s)
	ctx := t.Context()
	if err := client.Set(ctx, "k", "v", 0).Err(); err != nil {
		t.Fatal(err)
	}
	s.Kill()
	if err := client.Get(ctx, "k").Err(); err == nil {
		t.Fatal("a killed server answered")
	}
	if err := s.Restart(ctx); err != nil {
		t.Fatal(err)
	}
	if err := client.Get(ctx, "k").Err(); err != goredis.Nil {
		t.Errorf("after the restart: %v", err)
	}
}

func TestRestorePutsAnOldDumpBack(t *testing.T) {
	t.Parallel()
	s := redistest.Private(t)
	client := open(t, s)
	ctx := t.Context()
	client.Set(ctx, "k", "old", 0)
	dump, err := s.Dump(ctx)
	if err != nil {
		t.Fatal(err)
	}
	client.Set(ctx, "k", "new", 0)
	if err := s.Restore(ctx, dump); err != nil {
		t.Fatal(err)
	}
	if got := client.Get(ctx, "k").Val(); got != "old" {
		t.Errorf("got %q", got)
	}
	if err := s.Restart(ctx); err != nil {
		t.Fatal(err)
	}
	if n := client.DBSize(ctx).Val(); n != 0 {
		t.Errorf("a restart kept %d keys", n)
	}
}

func TestNobodyComesInWithoutThePassword(t *testing.T) {
	t.Parallel()
	s := redistest.Private(t)
	client := goredis.NewClient(&goredis.Options{Addr: s.Address()})
	defer client.Close()
	if err := client.Ping(t.Context()).Err(); err == nil || !strings.Contains(err.Error(), "NOAUTH") {
		t.Errorf("got %v", err)
	}
}

func TestAServerThatCannotStartSaysWhy(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "missing")
	if _, err := server.Start(t.Context(), missing); err == nil || !strings.Contains(err.Error(), missing) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(missing); err == nil {
		t.Error("it made the folder")
	}
}
