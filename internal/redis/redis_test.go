package redis

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"souk/internal/postgres"
)

func TestOpenUnderstandsEveryKindOfAddress(t *testing.T) {
	t.Parallel()
	for address, want := range map[string][]string{
		"redis://localhost":                             {"one", "localhost:6379"},
		"redis://:secret@10.0.0.1:7000/2":               {"one", "10.0.0.1:7000"},
		"unix:///run/redis/redis.sock?db=1":             {"one", "/run/redis/redis.sock"},
		"redis://a:1,b:2,c:3":                           {"cluster", "a:1", "b:2", "c:3"},
		"redis://a:1,b:2,c:3/0":                         {"cluster", "a:1", "b:2", "c:3"},
		"redis://a:1, redis://b:2":                      {"cluster", "a:1", "b:2"},
		"redis://u:p,w@a:1,b":                           {"cluster", "a:1", "b:6379"},
		"redis://u:p@a:1,redis://u:p@b:2":               {"cluster", "a:1", "b:2"},
		"redis://config.example:6379?cluster=true":      {"cluster", "config.example:6379"},
		"redis://a:26379,b:26379/0?master_name=souk":    {"sentinel"},
		"redis://a:26379/1?master_name=souk&password=x": {"sentinel"},
	} {
		client, err := Open(address)
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		var got []string
		switch c := client.(type) {
		case *goredis.ClusterClient:
			got = append([]string{"cluster"}, c.Options().Addrs...)
		case *goredis.Client:
			got = []string{"one", c.Options().Addr}
			if c.Options().Addr == "FailoverClient" {
				got = []string{"sentinel"}
			}
			if c.Options().MaxRetries != 0 || !c.Options().ContextTimeoutEnabled {
				t.Errorf("%s: retries %d, context timeout %v", address, c.Options().MaxRetries, c.Options().ContextTimeoutEnabled)
			}
		}
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%s: got %v, want %v", address, got, want)
		}
		client.Close()
	}
}

func TestOpenRefusesWithoutShowingThePassword(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"http://:hunter2@host", "redis://:hunter2@host:port", "redis://:hunter2@host/notanumber",
		"redis://:hunter2@a:1,b:2?nonsense=1", "redis://:hunter2@host\x7f",
	} {
		client, err := Open(address)
		if err == nil {
			client.Close()
			t.Errorf("%q was accepted", address)
			continue
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: the error shows the password: %v", address, err)
		}
	}
}

func TestACommandGivesUpWithItsContext(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0") // accepts and never answers
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	client, err := Open("redis://" + silent.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	err = client.Get(ctx, "k").Err()
	if !errors.Is(err, context.DeadlineExceeded) && !strings.Contains(err.Error(), "timeout") {
		t.Errorf("got %v", err)
	}
	if waited := time.Since(start); waited > 2*commandTimeout {
		t.Errorf("waited %s for a context of 50 ms", waited)
	}
}

func TestPrefixTellsDatabasesApart(t *testing.T) {
	t.Parallel()
	a := Prefix(postgres.Identity{System: 7454112233445566778, Database: 16384})
	for _, other := range []postgres.Identity{
		{System: 7454112233445566778, Database: 16385},
		{System: 7454112233445566779, Database: 16384},
	} {
		if Prefix(other) == a {
			t.Errorf("%v has the prefix of another database", other)
		}
	}
	if strings.ContainsAny(a, "{}") || !strings.HasPrefix(a, "souk.") || !strings.HasSuffix(a, ":") {
		t.Errorf("prefix %q", a)
	}
}
