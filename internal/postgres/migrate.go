package postgres

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

//go:embed migrations/*.sql
var migrations embed.FS

const (
	// A migration that cannot get its lock gives way to the traffic and tries again, this often and this long apart.
	lockTries = 15
	lockPause = 500 * time.Millisecond

	// How long a replica waits while another one migrates, in tries a second apart.
	turnTries = 15 * 60
)

// Migrate brings the database at url to the newest schema: Souk's migrations, then River's, under one advisory lock, so
// that replicas may all call it at start. It runs on connections of its own, with no statement timeout, and waits at most
// 2 s for any table's lock before it steps back and tries again.
func Migrate(ctx context.Context, url string) error {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return fmt.Errorf("read the database's address: %w", err)
	}
	config.ConnectTimeout = connectTimeout
	config.RuntimeParams["application_name"] = "souk migrate"
	config.RuntimeParams["lock_timeout"] = milliseconds(LockTimeout)
	config.RuntimeParams["statement_timeout"] = "0"
	config.RuntimeParams["timezone"] = "UTC"

	db := stdlib.OpenDB(*config)
	defer db.Close()
	return locked(ctx, db, func() error {
		if err := migrateSouk(ctx, db); err != nil {
			return err
		}
		return migrateRiver(ctx, config)
	})
}

// MigrationsHash changes with any change of any migration, Souk's or River's.
func MigrationsHash() (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(migrations, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		body, err := migrations.ReadFile(path)
		fmt.Fprintf(sum, "%s %d\n%s", path, len(body), body)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("read the migrations: %w", err)
	}
	river, err := rivermigrate.New(riverpgxv5.New(nil), nil)
	if err != nil {
		return "", fmt.Errorf("read river's migrations: %w", err)
	}
	for _, m := range river.AllVersions() {
		fmt.Fprintf(sum, "river %d\n%s", m.Version, m.SQLUp)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// locked runs do while this process alone holds the right to migrate.
func locked(ctx context.Context, db *sql.DB, do func() error) (err error) {
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, turnTries))
	if err != nil {
		return fmt.Errorf("prepare the migration lock: %w", err)
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect to migrate: %w", err)
	}
	defer conn.Close()
	if err := locker.SessionLock(ctx, conn); err != nil {
		return fmt.Errorf("wait for the migration lock: %w", err)
	}
	defer func() {
		// Closing the connection would free the lock too, but a pooler between us may keep the session.
		unlock := locker.SessionUnlock(context.WithoutCancel(ctx), conn)
		err = errors.Join(err, unlock)
	}()
	return do()
}

func migrateSouk(ctx context.Context, db *sql.DB) error {
	folder, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, folder, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	return patiently(ctx, func() error {
		if _, err := provider.Up(ctx); err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
		return nil
	})
}

func migrateRiver(ctx context.Context, config *pgx.ConnConfig) error {
	poolConfig, err := pgxpool.ParseConfig("")
	if err != nil {
		return fmt.Errorf("prepare river's migrations: %w", err)
	}
	poolConfig.ConnConfig = config.Copy()
	poolConfig.MaxConns = 2
	poolConfig.MinConns = 0
	pool, err := pgxpool.NewWithConfig(ctx, poolConfig)
	if err != nil {
		return fmt.Errorf("prepare river's migrations: %w", err)
	}
	defer pool.Close()
	migrator, err := rivermigrate.New(riverpgxv5.New(pool), nil)
	if err != nil {
		return fmt.Errorf("read river's migrations: %w", err)
	}
	return patiently(ctx, func() error {
		if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
			return fmt.Errorf("migrate river: %w", err)
		}
		return nil
	})
}

// patiently repeats do while a table's lock is not to be had. Each migration is a transaction, so a try that failed left
// nothing behind, and those that passed before it are recorded.
func patiently(ctx context.Context, do func() error) error {
	for try := 1; ; try++ {
		err := do()
		if err == nil || Code(err) != codeLockNotAvailable || try == lockTries {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(lockPause):
		}
	}
}
