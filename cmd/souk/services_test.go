package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"souk/internal/postgres/cluster"
)

// dataDir is a SOUK_DATA_DIR for one test; its cluster goes with it.
func dataDir(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), ".souk")
	t.Cleanup(func() {
		if err := cluster.Discard(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func TestASecondSoukIsKeptOutOfTheFolder(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	first, err := startServices(t.Context(), dir, false)
	if err != nil {
		t.Fatal(err)
	}
	_, err = startServices(t.Context(), dir, false)
	if err == nil || !strings.Contains(err.Error(), "in use by another souk") {
		t.Errorf("got %v", err)
	}
	if first.standIn {
		t.Error("a stand-in serves where redis-server is installed")
	}
	if err := first.stop(); err != nil {
		t.Error(err)
	}
}

func TestDevForwardsSignalsToItsCommand(t *testing.T) {
	t.Parallel()
	if os.Getenv("SOUK_TEST_DEV") != "" { // souk itself, in a process of its own
		os.Args = []string{"souk", "dev", "--", "sh", "-c", `trap 'echo asked; exit 9' TERM; echo ready; while :; do sleep 0.02; done`}
		main()
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), "SOUK_TEST_DEV=1", "SOUK_DATA_DIR="+dataDir(t))
	out := &signals{ready: make(chan struct{})}
	cmd.Stdout = out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-out.ready:
	case <-time.After(30 * time.Second):
		t.Fatal("the command did not start")
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 9 || !strings.Contains(out.said.String(), "asked") {
		t.Errorf("exit %d: %q", code, out.said.String())
	}
}

// signals notes what a process says and when it is ready.
type signals struct {
	said  strings.Builder
	ready chan struct{}
}

func (s *signals) Write(p []byte) (int, error) {
	before := strings.Contains(s.said.String(), "ready")
	s.said.Write(p)
	if !before && strings.Contains(s.said.String(), "ready") {
		close(s.ready)
	}
	return len(p), nil
}
