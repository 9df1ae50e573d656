package bot_test

import (
	"context"
	"testing"

	"souk/bot"
	"souk/bot/internal/echotest"
)

// A turn that blocks or opens an address has its row first and takes the lane when it commits. Whoever marks that an address is gone
// needs both too: in the other order each would wait for the other, until Postgres ends one of them a second later.
func TestAnAddressIsLockedBeforeItsLane(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]func(w *world) func(context.Context) error{
		"by the provider's refusal": func(w *world) func(context.Context) error {
			w.faults("amina", echotest.BlockedBy)
			w.say("amina", "hello")
			for worked := true; worked; {
				var err error
				if worked, err = w.gateway.TurnStep(w.t.Context()); err != nil {
					w.t.Fatal(err)
				}
			}
			return func(ctx context.Context) error { _, err := w.gateway.SendStep(ctx); return err }
		},
		"by a callback": func(w *world) func(context.Context) error {
			w.say("amina", "hello")
			w.settle()
			id := value[int64](w, "SELECT id FROM outbox")
			return func(ctx context.Context) error {
				return w.gateway.Deliver(ctx, bot.Delivery{OutboxID: id, Status: "failed", Code: "21610", Verdict: bot.Gone})
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, withClock)
			mark := begin(w)
			turn, err := w.pool.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = turn.Rollback(context.WithoutCancel(t.Context())) }()
			if _, err := turn.Exec(t.Context(), "UPDATE address SET blocked_at = blocked_at"); err != nil {
				t.Fatal(err)
			}
			marked := make(chan error, 1)
			go func() { marked <- mark(t.Context()) }()
			w.eventually("the mark waits for the address", func() bool {
				return value[bool](w, "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND locktype IN ('transactionid', 'tuple') AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database()))")
			})
			if _, err := turn.Exec(t.Context(), "SELECT FROM lane FOR NO KEY UPDATE NOWAIT"); err != nil {
				t.Fatalf("the lane is held by who waits for the address: %v", err)
			}
			if err := turn.Commit(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := <-marked; err != nil {
				t.Fatal(err)
			}
			equal(t, "blocked", value[bool](w, "SELECT blocked_at IS NOT NULL FROM address"), true)
		})
	}
}
