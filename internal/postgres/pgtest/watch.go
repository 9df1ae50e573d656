package pgtest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"souk/internal/postgres/cluster"
)

// watchSQL waits until no test process is left: three looks in a row, two seconds apart, so that the packages of one
// `go test ./...` that run one after the other share the cluster. It keeps the lock inUse when it is done: a process that
// comes now sees a cluster that is stopping, and starts it again when it is gone.
const watchSQL = `
SELECT pg_advisory_lock(%[2]d);
DO $$
DECLARE quiet int := 0;
BEGIN
  LOOP
    PERFORM pg_sleep(2);
    IF pg_try_advisory_lock(%[1]d) THEN
      quiet := quiet + 1;
      EXIT WHEN quiet = 3;
      PERFORM pg_advisory_unlock(%[1]d);
    ELSE
      quiet := 0;
    END IF;
  END LOOP;
END $$;
\! kill -s INT "$(head -n 1 "$SOUK_POSTMASTER")"
SELECT pg_sleep(60);
`

// watch starts the cluster's watcher where there is none. It is psql, in a session of its own, because it must outlive every
// test process, and because Postgres itself then knows who is still there: no list of processes can go stale.
func (s *shared) watch(ctx context.Context, dir string) error {
	var unwatched bool
	if err := s.alive.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", watching).Scan(&unwatched); err != nil {
		return fmt.Errorf("look for the cluster's watcher: %w", err)
	}
	if !unwatched {
		return nil
	}
	if err := s.exec(ctx, fmt.Sprintf("SELECT pg_advisory_unlock(%d)", watching)); err != nil {
		return fmt.Errorf("look for the cluster's watcher: %w", err)
	}
	script := filepath.Join(dir, "watch.sql")
	if err := os.WriteFile(script, fmt.Appendf(nil, watchSQL, inUse, watching), 0o600); err != nil {
		return fmt.Errorf("write the watcher's script: %w", err)
	}
	log, err := os.OpenFile(filepath.Join(dir, "watch.log"), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("open the watcher's log: %w", err)
	}
	defer log.Close()

	cmd := exec.Command(s.cluster.Binaries().Path("psql"),
		"-X", "-q", "-o", "/dev/null", "-v", "ON_ERROR_STOP=1", "-f", script,
		// Advisory locks are per database: the watcher looks where the test processes stand.
		s.cluster.URL(cluster.Database))
	cmd.Env = append(os.Environ(), "SOUK_POSTMASTER="+s.cluster.PidFile())
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the cluster's watcher: %w", err)
	}
	return cmd.Process.Release()
}
