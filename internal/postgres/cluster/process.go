package cluster

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// postmaster returns the process that serves the data folder, or 0. After a crash the file that names it is stale, and its
// number may since have gone to any other program: only a living postgres counts.
func postmaster(data string) int {
	body, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(body), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid <= 1 || !alive(pid) || !strings.Contains(commandOf(pid), "postgres") {
		return 0
	}
	return pid
}

func alive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}

// commandOf returns a process's command line: from /proc, else from ps, which slim systems lack. A zombie has none.
func commandOf(pid int) string {
	if body, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)); err == nil {
		return strings.ReplaceAll(string(body), "\x00", " ")
	}
	out, _ := exec.Command("ps", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	return string(out)
}

// gone waits until the process has ended.
func gone(pid int, patience time.Duration) error {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(pollPause) {
		if !alive(pid) || !strings.Contains(commandOf(pid), "postgres") {
			return nil
		}
	}
	return fmt.Errorf("postgres (process %d) did not stop within %s", pid, patience)
}

// run runs one of Postgres's programs to its end, as the user who owns the cluster. Its error carries what it printed.
func run(as *syscall.Credential, dir, program string, args ...string) error {
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as}
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", filepath.Base(program), err, strings.Join(strings.Fields(string(out)), " "))
	}
	return nil
}
