package cluster_test

import (
	"bufio"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/postgres/cluster"
)

func start(t *testing.T, o cluster.Options) *cluster.Cluster {
	t.Helper()
	c, err := cluster.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
		if err := c.Remove(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func query(t *testing.T, url, sql string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	results, err := conn.PgConn().Exec(t.Context(), sql).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(results[0].Rows) == 0 {
		return ""
	}
	return string(results[0].Rows[0][0])
}

// remember leaves a note in the database.
func remember(t *testing.T, c *cluster.Cluster) {
	t.Helper()
	query(t, c.URL(cluster.Database), "CREATE TABLE note AS SELECT 'kept' AS word")
}

func TestAClusterKeepsItsDataAndItsAddressOverACrash(t *testing.T) {
	t.Parallel()
	c := start(t, cluster.Options{Dir: t.TempDir(), Durable: true, TCP: true})
	url, address := c.URL(cluster.Database), c.TCPAddress()
	remember(t, c)
	if err := c.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, err := pgx.Connect(t.Context(), url); err == nil {
		t.Fatal("a killed server answered")
	}
	if err := c.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c.URL(cluster.Database) != url || c.TCPAddress() != address {
		t.Error("the address changed")
	}
	if got := query(t, c.TCPURL(cluster.Database, address), "SELECT word FROM note"); got != "kept" {
		t.Errorf("got %q", got)
	}
	if got := query(t, url, "SELECT current_setting('fsync') || ' ' || current_setting('server_encoding') || ' ' || datcollate FROM pg_database WHERE datname = current_database()"); got != "on UTF8 C.UTF-8" {
		t.Errorf("got %q", got)
	}
}

func TestTheTCPPortAsksForAPassword(t *testing.T) {
	t.Parallel()
	c := start(t, cluster.Options{Dir: t.TempDir(), TCP: true})
	_, err := pgx.Connect(t.Context(), "postgres://souk:wrong@"+c.TCPAddress()+"/souk?sslmode=disable")
	if err == nil || !strings.Contains(err.Error(), "28P01") {
		t.Errorf("got %v", err)
	}
	if got := start(t, cluster.Options{Dir: t.TempDir()}).TCPAddress(); got != "" {
		t.Errorf("a cluster without TCP listens on %s", got)
	}
}

func TestAFolderHasOneOwner(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	start(t, cluster.Options{Dir: dir})
	_, err := cluster.Start(t.Context(), cluster.Options{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "in use by another souk") || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v", err)
	}
}

func TestAFolderThatNobodyElseMayEnterAndWithALongName(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "closed", strings.Repeat("long", 30), ".souk")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	c := start(t, cluster.Options{Dir: dir})
	if got := query(t, c.URL(cluster.Database), "SELECT 'here'"); got != "here" {
		t.Errorf("got %q", got)
	}
}

// owner runs a cluster in another process and returns that process once the cluster answers.
func owner(t *testing.T, dir, detached string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestOwner$")
	cmd.Env = append(os.Environ(), "CLUSTER_TEST_DIR="+dir, "CLUSTER_TEST_DETACHED="+detached)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "started <nil>\n" {
		t.Fatalf("%q, %v", line, err)
	}
	return cmd
}

// TestOwner is the other process of owner; alone it has nothing to do.
func TestOwner(t *testing.T) {
	dir := os.Getenv("CLUSTER_TEST_DIR")
	if dir == "" {
		return
	}
	c, err := cluster.Start(t.Context(), cluster.Options{Dir: dir, Detached: os.Getenv("CLUSTER_TEST_DETACHED") != ""})
	if err == nil {
		remember(t, c)
	}
	fmt.Println("started", err)
	time.Sleep(time.Minute)
}

func TestAClusterEndsWithAnOwnerWhoIsKilledAndStartsAgain(t *testing.T) {
	t.Parallel()
	for _, detached := range []string{"", "detached"} {
		t.Run("owner "+detached, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			cmd := owner(t, dir, detached)
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait()
			c := start(t, cluster.Options{Dir: dir}) // takes over from an orphan, waits for one that is stopping
			if got := query(t, c.URL(cluster.Database), "SELECT word FROM note"); got != "kept" {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestAStalePidFileThatNamesAnotherProgram(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := start(t, cluster.Options{Dir: dir})
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	pidFile := c.PidFile()
	if err := os.WriteFile(pidFile, fmt.Appendf(nil, "%d\n%s\n0\n5432\n/tmp\n\n  5432001  1\nready\n", os.Getppid(), filepath.Dir(pidFile)), 0o600); err != nil {
		t.Fatal(err)
	}
	data, err := os.Stat(filepath.Dir(pidFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(pidFile, int(data.Sys().(*syscall.Stat_t).Uid), -1); err != nil {
		t.Fatal(err)
	}
	again, err := cluster.Start(t.Context(), cluster.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Stop(); err != nil {
		t.Error(err)
	}
}

func TestADeletedFolderLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), ".souk")
	first, err := cluster.Start(t.Context(), cluster.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	remember(t, first)
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	c := start(t, cluster.Options{Dir: dir})
	if got := query(t, c.URL(cluster.Database), "SELECT to_regclass('note') IS NULL || ''"); got != "true" {
		t.Error("a new folder found an old database")
	}
}

func TestDiscardTakesAStoppedClusterOnly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := cluster.Discard(dir); err != nil {
		t.Errorf("where nothing is: %v", err)
	}
	c := start(t, cluster.Options{Dir: dir})
	if err := cluster.Discard(dir); err == nil || !strings.Contains(err.Error(), "still serves it") {
		t.Errorf("a running cluster: %v", err)
	}
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := cluster.Discard(dir); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(filepath.Dir(c.PidFile())); err == nil {
		t.Error("the data are still there")
	}
}

func TestAPortThatWasTakenMeanwhile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := start(t, cluster.Options{Dir: dir, TCP: true})
	taken := c.TCPAddress()
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", taken)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	again, err := cluster.Start(t.Context(), cluster.Options{Dir: dir, TCP: true})
	if err != nil {
		t.Fatal(err)
	}
	if again.TCPAddress() == taken {
		t.Error("the port is taken")
	}
	if err := again.Stop(); err != nil {
		t.Error(err)
	}
}

func TestTheAddressIsAURLThatEveryClientReads(t *testing.T) {
	t.Parallel()
	c := start(t, cluster.Options{Dir: t.TempDir()})
	address, err := url.Parse(c.URL("souk"))
	if err != nil || address.Scheme != "postgres" || address.Query().Get("host") == "" {
		t.Errorf("%s: %v", c.URL("souk"), err)
	}
	psql := exec.Command(c.Binaries().Path("psql"), "-XAtc", "SELECT 1 + 1", c.URL("souk"))
	if out, err := psql.CombinedOutput(); err != nil || string(out) != "2\n" {
		t.Errorf("psql: %q, %v", out, err)
	}
}
