package embedded

import (
	"testing"
	"time"

	"souk/internal/redis"
)

func TestTheStandInServesAndAgesItsKeys(t *testing.T) {
	t.Parallel()
	r, err := Start()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Stop()
	client, err := redis.Open(r.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx := t.Context()
	if err := client.Set(ctx, "k", "v", 500*time.Millisecond).Err(); err != nil {
		t.Fatal(err)
	}
	if got, err := client.Eval(ctx, "return redis.call('GET', KEYS[1])", []string{"k"}).Text(); err != nil || got != "v" {
		t.Fatalf("%q, %v", got, err)
	}
	for end := time.Now().Add(5 * time.Second); client.Exists(ctx, "k").Val() == 1; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the key never expired")
		}
	}
}
