package redistest_test

import (
	"testing"

	"souk/internal/redis/redistest"
)

func TestTestsShareAServerAndNoKeys(t *testing.T) {
	t.Parallel()
	a, b := redistest.New(t), redistest.New(t)
	if a.URL != b.URL {
		t.Error("two servers in one process")
	}
	if a.Prefix == b.Prefix {
		t.Error("two tests with the same keys")
	}
	if err := a.Client.Set(t.Context(), a.Prefix+"k", "v", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if got := b.Client.Get(t.Context(), a.Prefix+"k").Val(); got != "v" {
		t.Errorf("got %q", got)
	}
}
