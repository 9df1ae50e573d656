package main

import (
	"context"
	crand "crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	goredis "github.com/redis/go-redis/v9"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"souk/bot"
	"souk/catalog"
	"souk/flows"
	"souk/flows/intent"
	"souk/internal/clock"
	"souk/internal/postgres"
	"souk/internal/redis"
	"souk/locales"
	"souk/orders"
)

// house is the whole of it, put together from its settings: what serve, demo, chat and bench run.
type house struct {
	settings Settings
	clock    clock.Clock
	log      *slog.Logger
	pool     *pgxpool.Pool
	redis    goredis.UniversalClient
	photos   photoStore
	words    *locales.Words
	channels connections
	gateway  *bot.Gateway
	jobs     *river.Client[pgx.Tx]
	registry *prometheus.Registry
}

// jobWorkers is how many of what happens later run at once; jobConnections is what River needs beside them.
const (
	jobWorkers     = 4
	jobConnections = jobWorkers + 4
)

// open connects to Postgres, migrates it, and puts Souk together. Nothing runs yet. Redis may be away, and absent.
func open(ctx context.Context, s Settings, o options) (*house, error) {
	if err := postgres.Migrate(ctx, s.DatabaseURL); err != nil {
		return nil, err
	}
	k := &house{settings: s, clock: clock.System{}, log: o.log, registry: prometheus.NewRegistry()}
	var err error
	if k.words, err = locales.Load(); err != nil {
		return nil, err
	}
	k.pool, err = postgres.Open(ctx, postgres.Config{URL: s.DatabaseURL, MaxConns: bot.Connections(o.workers) + jobConnections, Name: "souk"})
	if err != nil {
		return nil, err
	}
	if err := k.assemble(ctx, o); err != nil {
		k.close()
		return nil, err
	}
	return k, nil
}

// options are what commands set beyond the settings.
type options struct {
	log     *slog.Logger
	workers int // 0 takes the gateway's own number
	caps    map[string]bot.Cap
	marked  func(conversation int64) // hears of each reply that was sent and marked: load measures turns by it
}

func (k *house) assemble(ctx context.Context, o options) error {
	prefix := ""
	if k.settings.RedisURL != "" {
		var err error
		if k.redis, err = redis.Open(k.settings.RedisURL); err != nil {
			return settingError{"REDIS_URL", err.Error()}
		}
		id, err := postgres.Identify(ctx, k.pool)
		if err != nil {
			return err
		}
		prefix = redis.Prefix(id)
	}
	var err error
	if k.photos, err = k.settings.openPhotos(); err != nil {
		return err
	}
	asking, cancel := context.WithTimeout(ctx, 3*time.Second) // a provider that is away must not keep the others waiting
	k.channels, err = k.settings.connect(asking, k.pool, k.words, k.photos.Open)
	cancel()
	if err != nil {
		return err
	}
	if k.jobs, err = k.openJobs(); err != nil {
		return err
	}
	codes := catalog.NewCodes(k.settings.Secret)
	engine, err := flows.NewSouk(k.words, orders.NewShop(k.jobs, random, orders.Cash{}),
		flows.Options{Codes: codes, Doors: k.settings.doorsOf(k.channels.bot)})
	if err != nil {
		return err
	}
	k.gateway, err = bot.New(bot.Config{
		Pool: k.pool, Redis: k.redis, KeyPrefix: prefix, Turn: engine.Turn, Format: flows.Format,
		Channels: k.channels.channels, Webhooks: k.channels.webhooks, Caps: o.caps, Workers: o.workers, Marked: o.marked,
		Clock: k.clock, Random: random, Log: k.log, Metrics: k.registry, Lists: k.channels.lists, FetchPhoto: k.fetchPhoto,
		Fill: codes.Fill,
	})
	return err
}

// openJobs makes River's client with everything that happens later.
func (k *house) openJobs() (*river.Client[pgx.Tx], error) {
	workers := river.NewWorkers()
	river.AddWorker(workers, &orders.HoldExpiryWorker{Pool: k.pool, Clock: k.clock})
	river.AddWorker(workers, &orders.HoldSweepWorker{Pool: k.pool, Clock: k.clock})
	river.AddWorker(workers, &orders.CountWorker{Pool: k.pool})
	river.AddWorker(workers, &orders.SellersRoundWorker{Pool: k.pool, Clock: k.clock})
	river.AddWorker(workers, &catalog.DocumentSweepWorker{Pool: k.pool, Clock: k.clock})
	river.AddWorker(workers, &catalog.BaselineSweepWorker{Pool: k.pool, Clock: k.clock})
	river.AddWorker(workers, &catalog.ListingSweepWorker{Pool: k.pool, Clock: k.clock})
	k.addPhotoJobs(workers)
	client, err := river.NewClient(riverpgxv5.New(k.pool), &river.Config{
		Queues:  map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: jobWorkers}},
		Workers: workers,
		PeriodicJobs: []*river.PeriodicJob{
			every(orders.CountEvery, orders.Count{}),
			every(orders.HoldSweepEvery, orders.HoldSweep{}),
			every(orders.SellersRoundEvery, orders.SellersRound{}),
			every(catalog.PhotoSweepEvery, catalog.PhotoSweep{}),
			every(catalog.DocumentSweepEvery, catalog.DocumentSweep{}),
			every(catalog.BaselineSweepEvery, catalog.BaselineSweep{}),
			every(catalog.ListingSweepEvery, catalog.ListingSweep{}),
		},
		Logger: k.log,
	})
	if err != nil {
		return nil, fmt.Errorf("prepare what happens later: %w", err)
	}
	return client, nil
}

// every is a job that is due at start, and again after each pause.
func every(pause time.Duration, args river.JobArgs) *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(pause), func() (river.JobArgs, *river.InsertOpts) { return args, nil },
		&river.PeriodicJobOpts{RunOnStart: true})
}

// random is n bytes of the system's randomness.
func random(n int) []byte {
	b := make([]byte, n)
	if _, err := crand.Read(b); err != nil {
		panic(err) // documented never to happen
	}
	return b
}

// routes are the paths of the contract with the outside.
func (k *house) routes(mux *http.ServeMux) {
	k.gateway.Routes(mux)
	mux.Handle("GET /media/{name}", k.channels.photos)
}

// warm compiles what the first message would wait for: the lexicon and the search. A turn of half a second is also one in which a
// process that dies young dies again and again.
func (k *house) warm(ctx context.Context) {
	err := intent.Stream(strings.NewReader("miel\n"), io.Discard)
	if err == nil {
		err = postgres.Tx(ctx, k.pool, func(tx pgx.Tx) error {
			_, err := catalog.Search(ctx, tx, "miel", catalog.Scope{}, 1, k.clock.Now())
			return err
		})
	}
	if err != nil {
		k.log.Warn("warm up", "error", err) // the first message will find out by itself
	}
}

// run serves on the listener until ctx is over, then drains: no new requests, turns and sends under way end, jobs stop.
func (k *house) run(ctx context.Context, listener net.Listener, handler http.Handler) error {
	if err := k.jobs.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("start what happens later: %w", err)
	}
	k.warm(ctx)
	server := newServer(handler, k.log)
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	var all sync.WaitGroup
	failed := make(chan error, 2)
	all.Go(func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			failed <- fmt.Errorf("serve: %w", err)
		}
	})
	gateway := make(chan error, 1)
	all.Go(func() { gateway <- k.gateway.Run(work) })

	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), endWithin)
	defer cancel()
	stopped := make(chan error, 1)
	all.Go(func() { stopped <- k.jobs.Stop(grace) })
	hearing, deaf := context.WithTimeout(grace, hearWithin)
	defer deaf()
	// A stream of events (the phones' page) never ends by itself, nor does a client that is stuck.
	if shutdown := server.Shutdown(hearing); shutdown != nil {
		_ = server.Close()
	}
	stopWork()
	err = errors.Join(err, <-gateway)
	if stop := <-stopped; stop != nil {
		err = errors.Join(err, fmt.Errorf("stop what happens later: %w", stop))
	}
	all.Wait()
	return err
}

// All ends within endWithin of SIGTERM: requests in hand have hearWithin, and the gateway drains in what is left.
const (
	endWithin  = 10 * time.Second
	hearWithin = 3 * time.Second
)

// newServer is the HTTP server of everything that Souk serves: a slow or silent client cannot hold it for long.
func newServer(handler http.Handler, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	}
}

func (k *house) close() {
	if k.redis != nil {
		_ = k.redis.Close()
	}
	if k.photos != nil {
		_ = k.photos.Close()
	}
	k.pool.Close()
}
