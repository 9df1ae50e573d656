package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"souk/flows"
	"souk/internal/clock"
)

// Config is what a gateway is made from. Pool, Turn, Clock and Random must be given.
type Config struct {
	Pool *pgxpool.Pool // Connections says how wide it must be
	// Redis holds the sessions that are going on and the accounts' rates; nil works as one that is always away.
	Redis redis.UniversalClient
	// KeyPrefix starts every key in Redis, so that several databases share one Redis.
	KeyPrefix string
	// Turn is the engine: it decides what one event does and says, within the transaction. It does no other I/O.
	Turn func(context.Context, pgx.Tx, flows.Input) (flows.Output, error)
	// Format is the newest flows.Session.Format that Turn reads; conversations written by newer flows are left to newer replicas.
	Format   int
	Channels []Channel
	Webhooks []Webhook
	Caps     map[string]Cap // by Channel.Name
	// Workers is how many turns run at once; 0 takes four per processor, from 8 to 16. Senders is how many messages leave at once on each channel, 16 if 0.
	Workers, Senders int
	Clock            clock.Clock
	Random           func(n int) []byte   // cryptographically strong
	Log              *slog.Logger         // nil: none
	Metrics          *prometheus.Registry // nil: none are shown
	// Fill puts the codes into a text that is about to leave, where flows left marks for them: what is kept opens nothing; nil: as it is.
	Fill func(text string) string
	// Marked hears, after the commit, of each conversation in which something was sent and marked; nil: nobody listens. It must
	// not block.
	Marked func(conversation int64)
	// FetchPhoto has a photo fetched that somebody sent (a FetchPhoto job in the turn's transaction); nil where photos are not kept.
	FetchPhoto func(ctx context.Context, tx pgx.Tx, photo int64) error
	// Lists says, by a name that is kept, how to list what a provider may have failed to deliver; see Reconcile.
	Lists map[string]func(ctx context.Context, since time.Time) ([]Incoming, error)
}

// Webhook is one provider's pair of addresses under /webhooks.
type Webhook struct {
	Name     string // the path after /webhooks/
	Receiver Receiver
	// Deliveries serves /webhooks/NAME/status; nil where the provider tells nothing.
	Deliveries DeliveryReceiver
	// Answer is the body of a 200 and its type, as the provider wants them.
	Answer, ContentType string
	// AckTap tells the provider that a tap was heard, so that the button stops spinning; nil where nobody waits.
	AckTap func(ctx context.Context, id string) error
}

// Cap bounds what a channel that costs money may spend on one address.
type Cap struct {
	PerDay   int      // segments to one address in a day (UTC), for they are what is paid; 0: no limit
	Prefixes []string // numbers that may be written to; none: all
	// SpokenFirst lets messages leave only to people who wrote to us there, and no broadcasts at all.
	SpokenFirst bool
}

// MoroccanSMS is the cap that production puts on SMS: mobile numbers of Morocco, people who wrote first, 60 segments a day: four
// purchases in Arabic with their notices, or seven in French.
func MoroccanSMS() Cap {
	return Cap{PerDay: 60, Prefixes: []string{"+2126", "+2127"}, SpokenFirst: true}
}

// defaultWorkers follow the processors: each worker has a connection, and each connection a server process that plans every statement
// for itself. The factor is a choice; no other was measured.
func defaultWorkers() int { return min(max(4*runtime.GOMAXPROCS(0), 8), 16) }

const (
	defaultSenders = 16

	// The lease of a lane is held over one call to a provider and the marking of its result; the call ends well before.
	leaseFor = 20 * time.Second
	callFor  = 10 * time.Second

	// No pause is longer, so a moment further away than this comes from a clock that was wrong.
	longestPause = 15 * time.Minute

	// A row that no process was woken for is found by the sweep after this.
	sweepAfter = time.Second
	sweepLimit = 500

	// How long a drain waits for turns and sends under way: with the requests in hand before it, ten seconds in all.
	drainFor = 6 * time.Second

	maxTries = 5 // then a message is parked
)

// Connections is how many connections the pool of a gateway with that many workers needs: one per worker, and the extra ones
// for webhooks, marking, sweeps, and counting a failure while a worker still holds its own.
func Connections(workers int) int32 {
	if workers == 0 {
		workers = defaultWorkers()
	}
	return int32(workers) + 8
}

func (c *Config) complete() error {
	switch {
	case c.Pool == nil, c.Turn == nil, c.Clock == nil, c.Random == nil:
		return errors.New("a gateway needs Pool, Turn, Clock and Random")
	case c.Workers < 0, c.Senders < 0:
		return errors.New("a gateway cannot have fewer than no workers")
	}
	if c.Workers == 0 {
		c.Workers = defaultWorkers()
	}
	if c.Senders == 0 {
		c.Senders = defaultSenders
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	accounts := map[string]bool{}
	for _, channel := range c.Channels {
		if accounts[channel.Account()] {
			return fmt.Errorf("two channels share the account %s", channel.Account())
		}
		accounts[channel.Account()] = true
	}
	return nil
}
