package bot_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	goredis "github.com/redis/go-redis/v9"

	"souk/bot"
	"souk/bot/internal/echo"
	"souk/bot/internal/echotest"
	"souk/internal/clock"
	"souk/internal/postgres"
	"souk/internal/postgres/pgtest"
	"souk/internal/redis"
	"souk/internal/redis/redistest"
)

// world is a gateway between its database and its provider.
type world struct {
	t        testing.TB
	pool     *pgxpool.Pool
	redis    goredis.UniversalClient
	clock    clock.Clock
	provider *echotest.Provider
	channel  *echo.Channel
	whatsapp *echo.Channel // where a test adds a second channel
	gateway  *bot.Gateway
	webhooks *httptest.Server
	hooks    atomic.Pointer[bot.Gateway] // whom the webhooks reach, where not gateway
	sent     atomic.Int64
	prefix   string // of the keys in Redis
}

// setting changes what a world is made from.
type setting func(*world, *bot.Config)

func newWorld(t testing.TB, settings ...setting) *world {
	t.Helper()
	w := &world{t: t, clock: clock.System{}, provider: echotest.NewProvider(t)}
	w.channel = &echo.Channel{URL: w.provider.URL}
	w.pool = pgtest.NewPool(t, 14)
	if _, err := w.pool.Exec(t.Context(), echo.Schema); err != nil {
		t.Fatal(err)
	}
	w.redis = redistest.New(t).Client
	w.gateway = w.newGateway(settings...)
	w.hooks.Store(w.gateway)
	w.webhooks = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		mux := http.NewServeMux()
		w.hooks.Load().Routes(mux)
		mux.ServeHTTP(rw, r)
	}))
	t.Cleanup(w.webhooks.Close)
	return w
}

// withClock lets the test move the time. It starts on a Wednesday at noon in Casablanca.
func withClock(w *world, c *bot.Config) {
	if _, manual := w.clock.(*clock.Manual); !manual {
		w.clock = clock.NewManual(time.Date(2026, 12, 2, 11, 0, 0, 0, time.UTC))
	}
	c.Clock = w.clock
}

// advance moves the time.
func (w *world) advance(d time.Duration) { w.clock.(*clock.Manual).Advance(d) }

// newGateway makes another replica over the same database.
func (w *world) newGateway(settings ...setting) *bot.Gateway {
	w.t.Helper()
	config := bot.Config{
		Pool: w.pool, Redis: w.redis, Turn: echo.Turn, Format: 1, Workers: 6, Senders: 6,
		Channels: []bot.Channel{w.channel}, Clock: w.clock, Random: random,
		Webhooks: []bot.Webhook{{Name: "telegram", Receiver: w.channel, Deliveries: w.channel}},
	}
	for _, set := range settings {
		set(w, &config)
	}
	identity, err := postgres.Identify(w.t.Context(), w.pool)
	if err != nil {
		w.t.Fatal(err)
	}
	config.KeyPrefix = redis.Prefix(identity)
	w.prefix = config.KeyPrefix
	if testing.Verbose() && config.Log == nil {
		config.Log = slog.New(bot.NewLogHandler(w.t.Output(), slog.LevelInfo))
	}
	gateway, err := bot.New(config)
	if err != nil {
		w.t.Fatal(err)
	}
	return gateway
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}

// run runs gateways until the test ends or stop is called.
func (w *world) run(gateways ...*bot.Gateway) (stop func()) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(w.t.Context()))
	done := make(chan error, len(gateways))
	for _, g := range gateways {
		go func() { done <- g.Run(ctx) }()
	}
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		for range gateways {
			if err := <-done; err != nil {
				w.t.Error(err)
			}
		}
	}
	w.t.Cleanup(stop)
	return stop
}

// post sends one update and returns the status.
func (w *world) post(u echo.Update) int {
	w.t.Helper()
	status, err := postTo(w.webhooks.URL+"/webhooks/telegram", u, echo.Secret)
	if err != nil {
		w.t.Fatal(err)
	}
	return status
}

func postTo(url string, body any, secret string) (int, error) {
	raw, ok := body.([]byte)
	if !ok {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			return 0, err
		}
	}
	request, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(raw))
	if err != nil {
		return 0, err
	}
	request.Header.Set("X-Secret", secret)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	response.Body.Close()
	return response.StatusCode, nil
}

// say posts a text under an id of its own.
func (w *world) say(from, text string) {
	w.t.Helper()
	if status := w.post(echo.Update{ID: fmt.Sprint("u", w.sent.Add(1)), From: from, Text: text}); status != http.StatusOK {
		w.t.Fatalf("%s said %q: status %d", from, text, status)
	}
}

// settle lets everything that is due happen.
func (w *world) settle() {
	w.t.Helper()
	if err := w.gateway.Settle(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// eventually waits until ok.
func (w *world) eventually(what string, ok func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(40 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("never came true: %s", what)
		}
	}
}

// value asks the database for one value.
func value[T any](w *world, sql string, args ...any) T {
	w.t.Helper()
	rows, err := w.pool.Query(w.t.Context(), sql, args...)
	if err == nil {
		var v T
		if v, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[T]); err == nil {
			return v
		}
	}
	w.t.Fatalf("%s: %v", sql, err)
	panic("unreachable")
}

func equal[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
