package bot_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"souk/bot"
	"souk/bot/internal/echo"
	"souk/bot/internal/echotest"
)

func TestADrainFinishesWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.provider.Faults(func(echo.Message, int) echotest.Fault {
		time.Sleep(5 * time.Millisecond)
		return echotest.None
	})
	stop := w.run(w.gateway)
	for i := range 60 {
		w.say(fmt.Sprint("buyer", i), "hello")
	}
	begun := time.Now()
	stop()
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("the drain took %s", took)
	}
	equal(t, "turns", value[int](w, "SELECT count(*) FROM effect"), 60)
	equal(t, "leases left", value[int](w, "SELECT count(*) FROM lane WHERE lease_until IS NOT NULL"), 0)
	equal(t, "unmarked", value[int](w, "SELECT count(*) FROM outbox WHERE status NOT IN ('sent', 'queued')"), 0)
	equal(t, "marked as sent", value[int](w, "SELECT count(*) FROM outbox WHERE status = 'sent'"), len(w.provider.Messages()))
	w.gateway = w.newGateway()
	w.run(w.gateway) // the next one says the rest
	w.eventually("all is said", func() bool { return len(w.provider.Messages()) == 60 })
}

func TestRollingRestartsLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 8 {
		stop := w.run(w.gateway)
		for n := range 15 {
			w.say(fmt.Sprint("buyer", n), fmt.Sprint("round ", i))
		}
		stop()
		w.gateway = w.newGateway()
		w.hooks.Store(w.gateway)
	}
	w.run(w.gateway)
	w.eventually("all is said", func() bool { return len(w.provider.Messages()) == 120 })
	equal(t, "turns", value[int](w, "SELECT count(*) FROM effect"), 120)
	equal(t, "counted tries", value[int](w, "SELECT max(tries) FROM inbox"), 0)
}

func TestWhatTheProviderCouldNotDeliverIsListed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withClock)
	w.say("amina", "one")
	w.settle()
	var asked []time.Time
	list := func(_ context.Context, since time.Time) ([]bot.Incoming, error) {
		asked = append(asked, since)
		var all []bot.Incoming
		for i, text := range []string{"one", "missed", "echo of ours"} {
			all = append(all, bot.Incoming{Account: w.channel.Account(), Channel: w.channel.Name(), ProviderID: fmt.Sprint("u", i+1), ExternalID: "amina",
				Body: fmt.Appendf(nil, `{"text":%q}`, text), Ignore: i == 2})
		}
		return all, nil
	}
	for want := range 2 {
		missing, err := w.gateway.Reconcile(t.Context(), "telegram", list)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "missing", missing, 1-want)
		w.settle()
		w.advance(5 * time.Minute)
	}
	equal(t, "said", w.said("amina"), "[echo one echo missed]")
	if gap := asked[1].Sub(asked[0]); gap <= 0 || w.clock.Now().Sub(asked[1]) > time.Hour {
		t.Errorf("listed since %v", asked)
	}
	if _, err := w.gateway.Reconcile(t.Context(), "telegram", func(context.Context, time.Time) ([]bot.Incoming, error) {
		return nil, errors.New("away")
	}); err == nil {
		t.Error("a list that failed was taken for one")
	}
}

func TestHealthReadinessAndMetrics(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(_ *world, c *bot.Config) { c.Metrics = prometheus.NewRegistry() })
	get := func(path string) (int, string) {
		t.Helper()
		response, err := http.Get(w.webhooks.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(body)
	}
	status, _ := get("/healthz")
	equal(t, "health", status, 200)
	// The tests' cluster runs without fsync: readiness must refuse it.
	status, body := get("/readyz")
	equal(t, "readiness without fsync", status, 503)
	equal(t, "it says why", strings.Contains(body, "not durable"), true)
	equal(t, "Redis", strings.Contains(body, `"redis":"ok"`), true)
	w.say("amina", "hello")
	w.settle()
	w.say("amina", "again")
	w.settle()
	_, body = get("/metrics")
	for _, line := range []string{
		`souk_updates_accepted_total{channel="telegram"} 2`, "souk_turns_total 2", "souk_session_hits_total 1", `souk_outbox_marked_total{status="sent"} 2`,
		"souk_turn_seconds_count 2", `souk_send_seconds_count{channel="telegram"} 2`, "souk_pool_connections ",
	} {
		if !strings.Contains(body, line) {
			t.Errorf("the metrics have no %s", line)
		}
	}
}

func TestLogsCarryNoSecretsAndNobodysWords(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	l := slog.New(bot.NewLogHandler(&log, slog.LevelDebug))
	secrets := []string{
		"123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0", "+212612345678", "212612345678", "0612345678", "06 12 34 56 78",
		"0123456789abcdef0123456789abcdef", "hunter2",
	}
	for _, secret := range secrets[:6] {
		l.Info("sent to "+secret, "error", errors.New("call https://api/bot"+secret+"/send: refused"), "detail", "x "+secret+" y")
	}
	l.Info("connected", "dsn", "postgres://souk:hunter2@db/souk", "password", "hunter2", "token", secrets[0])
	l.Info("heard", "body", "bghit 2 litro zit l3oud", "text", "bghit", "raw", []byte("bghit"), "thing", struct{ Words string }{"bghit"})
	l.Info("ids stay", "conversation", int64(1234567890123), "outbox", 42)
	for _, secret := range append(secrets, "bghit") {
		if strings.Contains(log.String(), secret) {
			t.Errorf("%q stands in the log:\n%s", secret, log.String())
		}
	}
	for _, kept := range []string{"1234567890123", "42", "sent to", "@db/souk"} {
		if !strings.Contains(log.String(), kept) {
			t.Errorf("%q is gone from the log:\n%s", kept, log.String())
		}
	}
}

// The whole pipeline at its most talkative writes nothing of anybody's.
func TestThePipelineLogsNobodysWords(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	w := newWorld(t, withClock, func(_ *world, c *bot.Config) {
		c.Log = slog.New(bot.NewLogHandler(&log, slog.LevelDebug))
	})
	w.provider.Faults(func(_ echo.Message, try int) echotest.Fault {
		return []echotest.Fault{echotest.Flood, echotest.Drop, echotest.None}[min(try-1, 2)]
	})
	for _, text := range []string{"mystery words", "panic mystery", "fail mystery", "undecodable"} {
		w.say("+212612345678", text)
		for range 8 {
			_ = w.gateway.Settle(t.Context()) // the bad ones fail until they are parked
			w.advance(5 * time.Second)
		}
	}
	for _, word := range []string{"mystery", "612345678"} {
		if strings.Contains(log.String(), word) {
			t.Errorf("%q stands in the log:\n%s", word, log.String())
		}
	}
	equal(t, "parked", value[int](w, "SELECT count(*) FROM inbox WHERE parked_at IS NOT NULL"), 3)
}
