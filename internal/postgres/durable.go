package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Querier runs one query: a pool, a connection or a transaction.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// Durable returns an error when a commit would not survive a power cut: Souk answers 200 to a provider only for what is
// safe on disk, so readiness asks this. It names the settings that stand in the way. synchronous_commit may be any value
// that flushes locally (on, local, remote_write, remote_apply).
func Durable(ctx context.Context, db Querier) error {
	rows, err := db.Query(ctx, `
		SELECT name || '=' || setting FROM pg_settings
		WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off'
		ORDER BY name`)
	if err != nil {
		return fmt.Errorf("ask whether commits are durable: %w", err)
	}
	off, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("ask whether commits are durable: %w", err)
	}
	if len(off) > 0 {
		return fmt.Errorf("postgres may lose commits: %s", strings.Join(off, ", "))
	}
	return nil
}

// Identity names one database among all: the cluster's system identifier and the database's oid. Whatever is kept
// elsewhere about a database (Redis keys) carries it, so that two databases never read each other's.
type Identity struct {
	System   uint64
	Database uint32
}

// Identify asks the database who it is. A restore into a new database gives another identity.
func Identify(ctx context.Context, db Querier) (Identity, error) {
	var id Identity
	var system int64
	err := db.QueryRow(ctx, `
		SELECT system_identifier, (SELECT oid FROM pg_database WHERE datname = current_database())
		FROM pg_control_system()`).Scan(&system, &id.Database)
	if err != nil {
		return Identity{}, fmt.Errorf("ask the database's identity: %w", err)
	}
	id.System = uint64(system)
	return id, nil
}
