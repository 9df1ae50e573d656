package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"
)

type benchCommand struct {
	Duration      time.Duration `default:"4s" help:"How long each figure is measured, each time."`
	Rounds        int           `default:"3" help:"How often each figure is measured; the median is printed."`
	Clients       []int         `default:"1,16,64" help:"How many clients write at once."`
	Conversations int           `default:"1200" help:"How many conversations are known before turns are measured."`
	JSON          string        `name:"json" type:"path" help:"Also write the figures to this file."`
}

// Run measures Souk on this machine, in private services of its own: what it takes to store a message before its 200, and whole
// turns (a message in, its reply sent and marked), each beside a floor in the same run. Absolute figures say little on a noisy
// machine; the ratios do.
func (c benchCommand) Run(ctx context.Context, o *outside) (err error) {
	if c.Rounds < 1 || c.Conversations < 1 || c.Duration <= 0 || len(c.Clients) == 0 {
		fmt.Fprintln(o.stderr, "souk: bench needs at least one round, one conversation, one client and some time")
		return exitCode(exitMisuse)
	}
	dir, err := os.MkdirTemp("", "souk-bench-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	s, err := o.settings()
	if err != nil {
		return err
	}
	// Nothing but the machine shall limit: no provider's pace, no cap.
	const unlimited = 1e6
	s.DataDir = dir
	s.Telegram.Rate, s.Telegram.ChatRate = unlimited, unlimited

	fmt.Fprintln(o.stderr, "Preparing: private services, sample data, conversations…")
	b, err := c.prepare(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.end()) }()
	figures, err := c.measure(ctx, b, o.stderr)
	if err != nil {
		return err
	}
	printTable(o.stdout, figures)
	encoded, err := json.Marshal(figures)
	if err != nil {
		return fmt.Errorf("write the figures: %w", err)
	}
	fmt.Fprintf(o.stdout, "%s\n", encoded)
	if c.JSON != "" {
		if err := os.WriteFile(c.JSON, append(encoded, '\n'), 0o600); err != nil {
			return fmt.Errorf("write the figures: %w", err)
		}
	}
	return nil
}

// benches are the three servers that are measured side by side, over one Postgres and one Redis.
type benches struct {
	stage    *stage // runs whole turns
	serving  context.CancelFunc
	served   chan error
	floor    *floor
	receiver *receiver // stores messages; nobody turns them
	load     *load
}

func (c benchCommand) prepare(ctx context.Context, s Settings) (_ *benches, err error) {
	b := &benches{served: make(chan error, 1)}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.end())
		}
	}()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	b.load = newLoad("http://" + listener.Addr().String() + "/webhooks/telegram")
	log := slog.New(slog.DiscardHandler)
	if b.stage, err = openStage(ctx, s, "http://"+listener.Addr().String(), log, options{log: log, marked: b.load.marked}); err != nil {
		return nil, err
	}
	b.load.secret = b.stage.settings.Telegram.Secret
	mux := http.NewServeMux()
	b.stage.routes(mux)
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	b.serving = stop
	go func() { b.served <- b.stage.run(serving, listener, mux) }()

	if b.floor, err = openFloor(ctx, b.stage); err != nil {
		return nil, err
	}
	if b.receiver, err = openReceiver(ctx, b.stage); err != nil {
		return nil, err
	}
	if err := fillShelves(ctx, b.stage); err != nil {
		return nil, err
	}
	return b, b.load.meet(ctx, b.stage, c.Conversations)
}

func (b *benches) end() error {
	var errs []error
	if b.serving != nil {
		b.serving()
		errs = append(errs, <-b.served)
	}
	if b.receiver != nil {
		errs = append(errs, b.receiver.close())
	}
	if b.floor != nil {
		errs = append(errs, b.floor.close())
	}
	if b.stage != nil {
		errs = append(errs, b.stage.end())
	}
	return errors.Join(errs...)
}

// figure is what one kind of work reached with some number of clients: medians over the rounds.
type figure struct {
	Work       string  `json:"work"` // floor, accepted, turns
	Clients    int     `json:"clients"`
	PerSecond  float64 `json:"per_second"`
	OfFloor    float64 `json:"of_floor"` // the median of the rounds' own ratios
	P50        float64 `json:"p50_ms"`
	P95        float64 `json:"p95_ms"`
	P99        float64 `json:"p99_ms"`
	CPU        float64 `json:"cpu_us_per_message"` // all processes of this run, the clients included; 0 where it cannot be read
	RedisHits  float64 `json:"redis_hit_share,omitempty"`
	Errors     int     `json:"errors"`
	GOMAXPROCS int     `json:"gomaxprocs"`
}

// measure takes the three kinds of work in turn, so that a machine whose speed drifts slows them all. A service that has run for a
// while is what counts: connections are open and statements prepared before anything is measured.
func (c benchCommand) measure(ctx context.Context, b *benches, progress io.Writer) ([]figure, error) {
	fmt.Fprintln(progress, "Warming up…")
	for _, run := range []func(context.Context, int, time.Duration) (tally, error){b.measureFloor, b.measureAccepted, b.measureTurns} {
		if _, err := run(ctx, slices.Max(c.Clients), c.Duration); err != nil {
			return nil, err
		}
	}
	if err := settle(ctx, b.stage); err != nil {
		return nil, err
	}
	// Counting the tables has made every connection forget its plans.
	for _, run := range []func(context.Context, int, time.Duration) (tally, error){b.measureAccepted, b.measureTurns} {
		if _, err := run(ctx, slices.Max(c.Clients), c.Duration); err != nil {
			return nil, err
		}
	}
	var figures []figure
	for _, clients := range c.Clients {
		var floors, accepted, turns []tally
		for round := range c.Rounds {
			fmt.Fprintf(progress, "%d clients, round %d of %d\n", clients, round+1, c.Rounds)
			for _, work := range []struct {
				into *[]tally
				run  func(context.Context, int, time.Duration) (tally, error)
			}{{&floors, b.measureFloor}, {&accepted, b.measureAccepted}, {&turns, b.measureTurns}} {
				s, err := work.run(ctx, clients, c.Duration)
				if err != nil {
					return nil, err
				}
				*work.into = append(*work.into, s)
			}
		}
		figures = append(figures, summary("floor", clients, floors, floors), summary("accepted", clients, accepted, floors), summary("turns", clients, turns, floors))
	}
	return figures, b.load.ordered(ctx, b.stage)
}

func summary(work string, clients int, got, floors []tally) figure {
	f := figure{Work: work, Clients: clients, GOMAXPROCS: runtime.GOMAXPROCS(0)}
	pick := func(of func(i int) float64) float64 {
		values := make([]float64, len(got))
		for i := range got {
			values[i] = of(i)
		}
		return median(values)
	}
	f.PerSecond = pick(func(i int) float64 { return got[i].perSecond() })
	f.OfFloor = pick(func(i int) float64 { return got[i].perSecond() / floors[i].perSecond() })
	f.P50 = pick(func(i int) float64 { return got[i].quantile(0.50) })
	f.P95 = pick(func(i int) float64 { return got[i].quantile(0.95) })
	f.P99 = pick(func(i int) float64 { return got[i].quantile(0.99) })
	f.CPU = pick(func(i int) float64 { return got[i].cpuPerMessage() })
	f.RedisHits = pick(func(i int) float64 { return got[i].redisHits })
	for _, s := range got {
		f.Errors += s.errors
	}
	return f
}

func printTable(w io.Writer, figures []figure) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "clients\twork\t/s\tof floor\tp50 ms\tp95 ms\tp99 ms\tCPU µs\tRedis hits\terrors\t")
	for _, f := range figures {
		hits := "–"
		if f.Work == "turns" {
			hits = fmt.Sprintf("%.1f %%", 100*f.RedisHits)
		}
		fmt.Fprintf(t, "%d\t%s\t%.0f\t%.2f\t%.2f\t%.2f\t%.2f\t%.0f\t%s\t%d\t\n",
			f.Clients, f.Work, f.PerSecond, f.OfFloor, f.P50, f.P95, f.P99, f.CPU, hits, f.Errors)
	}
	_ = t.Flush() // the terminal may have gone
	fmt.Fprintln(w, `
floor     the same HTTP server, pool and fsync: one INSERT per message, one Redis SET
accepted  the real webhook: verified, deduplicated, stored and committed before its 200
turns     a message in, understood and answered, its reply sent to the stand-in over HTTP and marked`)
}
