package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/filelock"
	"souk/internal/postgres"
	"souk/internal/postgres/cluster"
)

const (
	// layout changes whenever the shared cluster's settings do: checkouts of different ages then use different clusters.
	layout = "1"

	// Advisory locks of the cluster's own database. Each test process holds inUse, shared, as long as it lives; the watcher
	// stops the cluster once it can have inUse alone. Each watcher holds watching.
	inUse    = 1
	watching = 2

	joinPatience = 3 * time.Minute
)

// shared is the cluster of all test processes of this user, as this process sees it.
type shared struct {
	cluster  *cluster.Cluster
	template string
	// alive holds the advisory lock inUse. The kernel closes it when this process ends, be it killed.
	alive *pgx.Conn
	count atomic.Int64
}

// joined is the one thing that a test binary keeps between tests: it joins on first use and never leaves.
var joined = sync.OnceValues(join)

func services(t testing.TB) *shared {
	t.Helper()
	s, err := joined()
	if err != nil {
		t.Fatalf("no test database: %v", err)
	}
	return s
}

func options() (cluster.Options, error) {
	dir := filepath.Join(os.TempDir(), folder(layout, bootID()))
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return cluster.Options{}, fmt.Errorf("make the shared cluster's folder: %w", err)
	}
	return cluster.Options{
		Dir: dir, MaxConnections: 300, TCP: true, Detached: true,
		Settings: map[string]string{
			// The clones are gone before a vacuum would pay.
			"autovacuum": "off",
			// A clone is copied file by file, which forces a checkpoint: keep little to write.
			"shared_buffers": "128MB",
			"max_wal_size":   "4GB",
		},
	}, nil
}

func folder(layout, boot string) string {
	return fmt.Sprintf("souk-test-%d-%s-%s", os.Getuid(), layout, boot)
}

// clearOld removes the clusters of earlier starts of the machine. Those of this start may belong to another checkout.
func clearOld() error {
	old, err := filepath.Glob(filepath.Join(os.TempDir(), folder("*", "*")))
	for _, dir := range old {
		if !strings.HasSuffix(dir, "-"+bootID()) {
			err = errors.Join(err, cluster.Discard(dir), os.RemoveAll(dir))
		}
	}
	if err != nil {
		return fmt.Errorf("clear the test clusters of an earlier start: %w", err)
	}
	return nil
}

// bootID changes when the machine restarts. A cluster without fsync survives the death of any process, but not a power cut:
// after a restart the tests begin with a new one.
func bootID() string {
	body, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil || len(body) < 8 {
		return "0"
	}
	return string(body[:8])
}

// join makes sure that the cluster, its watcher and the template are there, and keeps them there for this process.
func join() (*shared, error) {
	ctx, cancel := context.WithTimeout(context.Background(), joinPatience)
	defer cancel()
	o, err := options()
	if err != nil {
		return nil, err
	}
	lock, err := filelock.Wait(ctx, filepath.Join(o.Dir, "join.lock"))
	if err != nil {
		return nil, err
	}
	defer lock.Release()

	s := &shared{}
	for s.alive == nil {
		refused, err := s.enter(ctx, o)
		if err != nil {
			return nil, err
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("join the shared cluster: %w", refused)
		}
	}
	if err := s.watch(ctx, o.Dir); err != nil {
		return nil, err
	}
	if s.template, err = s.ensureTemplate(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// errStopping says that the watcher has already decided to stop the cluster.
var errStopping = errors.New("the cluster is stopping")

// enter takes the shared lock on the running cluster, starting it if need be. A cluster that is just stopping refuses:
// s.alive stays nil, and the caller tries again until it is gone and can be started.
func (s *shared) enter(ctx context.Context, o cluster.Options) (refused, err error) {
	s.cluster, err = cluster.Attach(o)
	started := false
	if err == nil && s.cluster == nil {
		s.cluster, err = cluster.Start(ctx, o)
		started = true
	}
	if err != nil {
		return nil, err
	}
	conn, err := pgx.Connect(ctx, s.cluster.URL(cluster.Database))
	if err == nil {
		var entered bool
		err = conn.QueryRow(ctx, "SELECT pg_try_advisory_lock_shared($1)", inUse).Scan(&entered)
		if err == nil && !entered {
			err = errStopping
		}
		if err != nil {
			conn.Close(ctx)
		}
	}
	if err != nil {
		select {
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond):
		}
		return err, nil
	}
	s.alive = conn
	if started {
		return nil, errors.Join(s.sweep(ctx), clearOld())
	}
	return nil, nil
}

// sweep drops what test processes that were killed left behind, and templates that nobody has used for a week. It runs when
// this process has just started the cluster, under the join lock: nobody else can own a clone.
func (s *shared) sweep(ctx context.Context) error {
	rows, err := s.alive.Query(ctx, `
		SELECT datname FROM pg_database
		WHERE datname LIKE 't\_%'
		   OR datname LIKE 'template\_souk\_%'
		      AND coalesce(shobj_description(oid, 'pg_database')::timestamptz, '-infinity') < now() - interval '7 days'`)
	if err != nil {
		return fmt.Errorf("look for left-over databases: %w", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("look for left-over databases: %w", err)
	}
	for _, name := range names {
		if err := s.drop(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// ensureTemplate returns the name of the migrated database that clones are made from, one per state of the migrations.
func (s *shared) ensureTemplate(ctx context.Context) (string, error) {
	hash, err := postgres.MigrationsHash()
	if err != nil {
		return "", err
	}
	name := "template_souk_" + hash[:16]
	var there bool
	if err := s.alive.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&there); err != nil {
		return "", fmt.Errorf("look for the template database: %w", err)
	}
	if !there {
		// Renamed when complete: a process killed on the way leaves no half-made template.
		making := "t_" + name
		steps := []func() error{
			func() error { return s.drop(ctx, making) },
			func() error { return s.exec(ctx, "CREATE DATABASE "+making+" TEMPLATE template0") },
			func() error { return postgres.Migrate(ctx, s.cluster.URL(making)) },
			func() error { return s.exec(ctx, "ALTER DATABASE "+making+" RENAME TO "+name) },
		}
		for _, step := range steps {
			if err := step(); err != nil {
				return "", fmt.Errorf("make the template database: %w", err)
			}
		}
	}
	used := fmt.Sprintf("COMMENT ON DATABASE %s IS '%s'", name, time.Now().UTC().Format(time.RFC3339))
	if err := s.exec(ctx, used); err != nil {
		return "", fmt.Errorf("note the template's use: %w", err)
	}
	return name, nil
}

func (s *shared) exec(ctx context.Context, sql string) error {
	_, err := s.alive.Exec(ctx, sql)
	return err
}

func (s *shared) drop(ctx context.Context, name string) error {
	if err := s.exec(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
		return fmt.Errorf("drop the test database %s: %w", name, err)
	}
	return nil
}

// clone makes a database for one test and drops it when the test ends.
func (s *shared) clone(t testing.TB, template string) string {
	t.Helper()
	name := fmt.Sprintf("t_%d_%d", os.Getpid(), s.count.Add(1))
	url := s.cluster.URL(cluster.Database)
	// Copied as files and not through the log: a quarter faster to make, half the time to drop.
	if err := execute(t.Context(), url, "CREATE DATABASE "+name+" TEMPLATE "+template+" STRATEGY FILE_COPY"); err != nil {
		t.Fatalf("make a test database: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := execute(ctx, url, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil && !strings.Contains(err.Error(), "shutting down") {
			t.Errorf("drop the test database: %v", err)
		}
	})
	return name
}
