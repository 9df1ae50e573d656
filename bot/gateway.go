package bot

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"souk/internal/postgres"
)

// Gateway carries messages from the providers' webhooks through the conversations and back. Several replicas may share one
// database. Everything that it must not lose stands in Postgres: a Gateway may be killed at any instant.
type Gateway struct {
	Config
	memory   *memory
	rates    *rates
	wakes    *wakes // conversations that this process heard something for
	swept    *wakes // conversations that the sweep found
	senders  map[string]*sender
	marks    chan result
	taps     chan tap
	noticed  chan struct{} // holds a token when notices were just written
	forgiven forgiven
	suspect  sync.Mutex // held by the turn of a row that may have killed processes
	metrics  *metrics
	draining atomic.Bool
	// turnedAway counts requests that were answered 503: a provider that does not repeat them is listed soon after.
	turnedAway atomic.Int64
	// receiving bounds the webhook requests in hand: beyond it they are turned away with 503, so overload sheds and memory stays bounded.
	receiving chan struct{}
}

// New prepares a gateway. It opens no connection and starts nothing.
func New(config Config) (*Gateway, error) {
	if err := config.complete(); err != nil {
		return nil, err
	}
	g := &Gateway{
		Config:    config,
		wakes:     newWakes(),
		swept:     newWakes(),
		senders:   map[string]*sender{},
		marks:     make(chan result, 256),
		taps:      make(chan tap, 256),
		noticed:   make(chan struct{}, 1),
		receiving: make(chan struct{}, 256),
	}
	g.metrics = newMetrics(g)
	g.memory = newMemory(config.Redis, config.KeyPrefix, config.Clock, g.metrics)
	g.rates = newRates(g.memory)
	for _, channel := range config.Channels {
		g.senders[channel.Account()] = newSender(channel, config.Caps[channel.Name()], config.Senders)
	}
	if config.Metrics != nil {
		if err := config.Metrics.Register(g.metrics); err != nil {
			return nil, fmt.Errorf("register the gateway's metrics: %w", err)
		}
	}
	return g, nil
}

// Run works until ctx is over and then drains: what this process was woken for is turned, what it took to send is sent, and
// results are marked, all within 6 s. Stop accepting webhooks first. It returns an error only when the drain ran out of time;
// nothing is lost then, the sweep of another replica finds it.
func (g *Gateway) Run(ctx context.Context) error {
	// Whatever is under way goes on after ctx is over, until the drain's own end.
	work, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()

	var turning, sending, marking, others sync.WaitGroup
	for i := range g.Workers {
		turning.Go(func() { g.workLoop(work, i%2 == 1) })
	}
	for _, s := range g.senders {
		sending.Go(func() { g.claimLoop(work, s) })
		for range g.Senders {
			sending.Go(func() { g.sendLoop(work, s) })
		}
	}
	marking.Go(func() { g.markLoop(work) })
	for name, list := range g.Lists {
		others.Go(func() {
			g.loop(ctx, "reconcile "+name, reconcileSoon, nil, g.reconciler(name, list))
		})
	}
	for range 4 {
		others.Go(func() { g.tapLoop(ctx) })
	}
	for _, l := range []struct {
		name  string
		every time.Duration
		early <-chan struct{}
		step  func(context.Context) error
	}{
		{"sweep inbox", 500 * time.Millisecond, nil, g.SweepStep},
		{"sweep lanes", 500 * time.Millisecond, nil, g.LaneStep},
		{"route notices", 500 * time.Millisecond, g.noticed, g.NoticeStep},
		{"ring timers", 500 * time.Millisecond, nil, g.TimerStep},
		{"release capped", 30 * time.Second, nil, g.CapStep},
		{"count", 15 * time.Second, nil, g.gaugeStep},
	} {
		others.Go(func() { g.loop(ctx, l.name, l.every, l.early, l.step) })
	}

	<-ctx.Done()
	g.Log.Info("draining")
	late := time.AfterFunc(drainFor, cut)
	defer late.Stop()
	others.Wait()
	// From here each stage ends when it has nothing left, in the order in which they feed one another.
	g.draining.Store(true)
	g.wakes.close()
	g.swept.close()
	turning.Wait()
	for _, s := range g.senders {
		s.close()
	}
	sending.Wait()
	close(g.marks)
	marking.Wait()
	if work.Err() != nil {
		return errors.New("drain: out of time; what was left is found by the next sweep")
	}
	g.Log.Info("drained")
	return nil
}

// loop runs step again and again, after a pause or as soon as early says that there is something to do.
func (g *Gateway) loop(ctx context.Context, name string, every time.Duration, early <-chan struct{}, step func(context.Context) error) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if err := step(ctx); err != nil && ctx.Err() == nil {
			g.report(name, err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-early:
		}
	}
}

// report logs an error once, as a warning where waiting will cure it.
func (g *Gateway) report(doing string, err error) {
	if postgres.Retryable(err) || errors.Is(err, context.DeadlineExceeded) {
		g.Log.Warn(doing, "error", err, "retried", true)
		return
	}
	g.Log.Error(doing, "error", err)
}

func (g *Gateway) channel(account string) Channel {
	if s := g.senders[account]; s != nil {
		return s.channel
	}
	return nil
}
