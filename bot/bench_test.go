package bot_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"souk/bot"
	"souk/bot/internal/echo"
	"souk/internal/clock"
	"souk/internal/postgres"
	"souk/internal/postgres/cluster"
	"souk/internal/postgres/pgtest"
	"souk/internal/redis/redistest"
)

// Sixteen clients, a durable Postgres and a real Redis. Floor is what nothing can be faster than: the same HTTP server and pool, one
// INSERT and one SET. Compare the figures of one run: the machine is the same then.
//
//	go test ./bot -run '^$' -bench . -benchtime 5s
const (
	benchClients       = 16
	benchConversations = 1024
)

func BenchmarkFloor(b *testing.B) {
	g := newBench(b)
	if _, err := g.pool.Exec(b.Context(), `CREATE TABLE floor (id bigint GENERATED ALWAYS AS IDENTITY, body bytea)`); err != nil {
		b.Fatal(err)
	}
	g.serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			_, err = g.pool.Exec(r.Context(), `INSERT INTO floor (body) VALUES ($1)`, body)
		}
		if err == nil {
			err = g.redis.Set(r.Context(), g.prefix+strconv.Itoa(int(g.sent.Load()%benchConversations)), body, time.Minute).Err()
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	}))
	g.clients(b, func(client, n int) { g.postAs(client, n) })
}

func BenchmarkAccepted(b *testing.B) {
	g := newBench(b)
	gateway, stop := g.running()
	g.known(gateway)
	stop() // nothing takes turns while only accepting is measured
	g.serve(gateway.Receive(bot.Webhook{Receiver: g.channel}))
	g.clients(b, func(client, n int) { g.postAs(client, n) })
}

// A whole turn: accepted, turned, its reply sent over HTTP, and marked before the client writes again.
func BenchmarkTurn(b *testing.B) {
	g := newBench(b)
	gateway, stop := g.running()
	g.known(gateway)
	g.serve(gateway.Receive(bot.Webhook{Receiver: g.channel}))
	g.clients(b, func(client, n int) {
		g.postAs(client, n)
		<-g.answered[client]
	})
	stop()
	b.ReportMetric(100*value[float64](g.world, `SELECT avg(recalled::int)::float8 FROM effect WHERE number > 1`), "%recalled")
}

type bench struct {
	*world
	url      string
	answered [benchClients]chan struct{}
	batch    atomic.Int64
}

func newBench(b *testing.B) *bench {
	b.Helper()
	g := &bench{world: &world{t: b, clock: clock.System{}}}
	for i := range g.answered {
		g.answered[i] = make(chan struct{}, 1)
	}
	c := pgtest.Durable(b)
	pool, err := postgres.Open(b.Context(), postgres.Config{URL: c.URL(cluster.Database), MaxConns: bot.Connections(0)})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(pool.Close)
	g.pool, g.redis, g.prefix = pool, redistest.New(b).Client, "bench:"
	if _, err := pool.Exec(b.Context(), echo.Schema); err != nil {
		b.Fatal(err)
	}
	provider := httptest.NewServer(http.HandlerFunc(g.take))
	b.Cleanup(provider.Close)
	g.channel = &echo.Channel{URL: provider.URL, Client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
	return g
}

// take is the provider: it answers, and lets the client of that conversation write again.
func (g *bench) take(w http.ResponseWriter, r *http.Request) {
	var m echo.Message
	if json.NewDecoder(r.Body).Decode(&m) != nil {
		http.Error(w, "", http.StatusBadRequest)
		return
	}
	fmt.Fprintf(w, `{"id":"m%d"}`, m.Outbox)
	if to, err := strconv.Atoi(m.To); err == nil {
		select {
		case g.answered[to%benchClients] <- struct{}{}:
		default:
		}
	}
}

// known lets every conversation have its first message and turn before anything is measured. The gateway must be running.
func (g *bench) known(gateway *bot.Gateway) {
	g.t.Helper()
	var wg sync.WaitGroup
	for client := range benchClients {
		wg.Go(func() {
			for i := client; i < benchConversations; i += benchClients {
				in := bot.Incoming{Account: g.channel.Account(), Channel: g.channel.Name(), ProviderID: fmt.Sprint("known", i),
					ExternalID: strconv.Itoa(i), Body: []byte(`{"text":"silent"}`)}
				if _, err := gateway.Accept(g.t.Context(), in); err != nil {
					g.t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	g.eventually("everybody is known", func() bool { return value[int](g.world, `SELECT count(*) FROM effect`) >= benchConversations })
	if _, err := g.pool.Exec(g.t.Context(), "ANALYZE"); err != nil {
		g.t.Fatal(err)
	}
}

// running runs a gateway of the size that production has; stop drains it.
func (g *bench) running() (gateway *bot.Gateway, stop func()) {
	g.t.Helper()
	gateway = g.newGateway(func(_ *world, c *bot.Config) { c.Workers, c.Senders = 0, 0 })
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- gateway.Run(ctx) }()
	return gateway, func() {
		cancel()
		if err := <-done; err != nil {
			g.t.Error(err)
		}
	}
}

func (g *bench) serve(handler http.Handler) {
	server := httptest.NewServer(handler)
	g.t.Cleanup(server.Close)
	g.url = server.URL
}

// clients runs b.N messages through as many clients as there are, each waiting for the one before.
func (g *bench) clients(b *testing.B, each func(client, n int)) {
	http.DefaultTransport.(*http.Transport).MaxIdleConnsPerHost = 64
	round := g.batch.Add(1)
	var left atomic.Int64
	left.Store(int64(b.N))
	var wg sync.WaitGroup
	b.ResetTimer()
	for client := range benchClients {
		wg.Go(func() {
			for n := 0; left.Add(-1) >= 0; n++ {
				each(client, int(round)*10_000_000+n)
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}

// postAs posts a client's next message, to one after the other of its conversations.
func (g *bench) postAs(client, n int) {
	from := strconv.Itoa((n*benchClients + client) % benchConversations)
	status, err := postTo(g.url, echo.Update{ID: fmt.Sprint(client, ".", n), From: from, Text: "bghit 2 litro zit l3oud"}, echo.Secret)
	if err != nil || status != http.StatusOK {
		g.t.Errorf("status %d, %v", status, err)
	}
}
