// Package postgres holds what every part of Souk shares when it speaks to its database: the pool with its timeouts,
// transactions by closure, which errors are worth another try, the migrations, and the check that commits are durable.
package postgres

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// The timeouts of every pool. The server enforces them, so a replica that hangs cannot hold a conversation's lock.
const (
	IdleInTransactionTimeout = 5 * time.Second
	LockTimeout              = 2 * time.Second
	StatementTimeout         = 5 * time.Second

	connectTimeout = 5 * time.Second
)

// Config says which database to open and how wide.
type Config struct {
	// URL is a libpq connection string, as in DATABASE_URL.
	URL string
	// MaxConns is the most connections the pool opens; 0 leaves pgx's default (the number of CPUs, at least 4).
	// Count one per worker that holds a transaction, plus the webhooks and the sweeps.
	MaxConns int32
	// Name is shown in pg_stat_activity; "souk" when empty.
	Name string
}

// Open prepares a pool. It does not connect: a service that starts while Postgres is away answers 503 and
// recovers by itself. Errors are those of a connection string that cannot be read.
//
// Connections that fall idle are kept: a pool that closes them pays a new backend process at every burst.
func Open(ctx context.Context, c Config) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(c.URL)
	if err != nil {
		return nil, fmt.Errorf("read the database's address: %w", err)
	}
	if c.MaxConns > 0 {
		config.MaxConns = c.MaxConns
	}
	config.MaxConnIdleTime = 365 * 24 * time.Hour
	// Pooled connections are still renewed now and then, so that a failover or a new password is noticed.
	config.MaxConnLifetime = time.Hour
	config.MaxConnLifetimeJitter = 10 * time.Minute
	config.ConnConfig.ConnectTimeout = connectTimeout

	params := config.ConnConfig.RuntimeParams
	params["application_name"] = name(c.Name)
	params["idle_in_transaction_session_timeout"] = milliseconds(IdleInTransactionTimeout)
	params["lock_timeout"] = milliseconds(LockTimeout)
	params["statement_timeout"] = milliseconds(StatementTimeout)
	// Souk's statements are prepared once per connection and say the same thing whatever their values: planning one anew for
	// each call costs more than running it. A statement whose best plan hangs on a value must be written so that it does not.
	params["plan_cache_mode"] = "force_generic_plan"
	// What is read at every turn is in memory; the default is for disks that turn.
	params["random_page_cost"] = "1.1"
	// Nothing here runs for long enough to be worth compiling.
	params["jit"] = "off"
	// Instants are instants; a session's zone must never leak into a date.
	params["timezone"] = "UTC"

	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open the database pool: %w", err)
	}
	return pool, nil
}

func name(n string) string {
	if n == "" {
		return "souk"
	}
	return n
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
