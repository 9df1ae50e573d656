package pgtest_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/postgres/cluster"
	"souk/internal/postgres/pgtest"
)

// TestHolder is a test of another process that keeps its database until it is killed; alone it has nothing to do.
func TestHolder(t *testing.T) {
	if os.Getenv("PGTEST_HOLD") == "" {
		return
	}
	pgtest.New(t)
	fmt.Println("holding")
	time.Sleep(time.Minute)
}

// process runs one test of this binary in a process of its own, whose shared cluster lies in temp.
func process(temp, test string, environ ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], "-test.run=^"+test+"$")
	cmd.Env = append(os.Environ(), append(environ, "TMPDIR="+temp)...)
	return cmd
}

// hold starts a holder and returns when it has its database.
func hold(t *testing.T, temp string) *exec.Cmd {
	t.Helper()
	cmd := process(temp, "TestHolder", "PGTEST_HOLD=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "holding\n" {
		t.Fatalf("%q, %v", line, err)
	}
	return cmd
}

func kill(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
}

// running returns the shared cluster in temp, or nil.
func running(t *testing.T, temp string) *cluster.Cluster {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(temp, "souk-test-*"))
	if err != nil || len(dirs) != 1 {
		t.Fatalf("shared clusters: %v, %v", dirs, err)
	}
	c, err := cluster.Attach(cluster.Options{Dir: dirs[0], TCP: true})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTheSharedClusterLivesAsLongAsItsTestProcesses(t *testing.T) {
	t.Parallel()
	temp, err := os.MkdirTemp("/tmp", "souk-pgtest-") // short enough for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(temp) })

	// A cluster from before the machine restarted.
	old := filepath.Join(temp, fmt.Sprintf("souk-test-%d-0-earlier", os.Getuid()))
	before, err := cluster.Start(t.Context(), cluster.Options{Dir: old})
	if err != nil {
		t.Fatal(err)
	}
	if err := before.Stop(); err != nil {
		t.Fatal(err)
	}

	// Several processes begin at once; one is killed in the middle.
	var others sync.WaitGroup
	for range 3 {
		others.Go(func() {
			if out, err := process(temp, "TestEachTestHasADatabaseOfItsOwn").CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	kill(t, hold(t, temp))
	last := hold(t, temp)
	others.Wait()
	c := running(t, temp)
	if c == nil {
		t.Fatal("the cluster left before its last process")
	}
	if _, err := os.Stat(before.Log()); err == nil {
		t.Error("a cluster from before the restart is still there")
	}

	// The last one goes, and the cluster by itself soon after.
	kill(t, last)
	for end := time.Now().Add(40 * time.Second); running(t, temp) != nil; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the cluster stayed without a process")
		}
	}

	// The next one starts it again and drops what those who were killed left behind.
	next := hold(t, temp)
	conn, err := pgx.Connect(t.Context(), running(t, temp).URL(cluster.Database))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := conn.Query(t.Context(), `SELECT datname FROM pg_database WHERE datname LIKE 't\_%'`)
	if err != nil {
		t.Fatal(err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(names) != 1 || !strings.HasPrefix(names[0], fmt.Sprintf("t_%d_", next.Process.Pid)) {
		t.Errorf("databases %v, %v", names, err)
	}
	conn.Close(t.Context())
	kill(t, next)
	if err := c.Stop(); err != nil {
		t.Error(err)
	}
	if err := c.Remove(); err != nil {
		t.Error(err)
	}
}

func TestProxiedReachesTheDatabaseThroughAnAddress(t *testing.T) {
	t.Parallel()
	upstream, through := pgtest.Proxied(t)
	var n int
	if err := pgtest.Open(t, through(upstream), 1).QueryRow(t.Context(), "SELECT count(*) FROM river_job").Scan(&n); err != nil {
		t.Error(err)
	}
}
