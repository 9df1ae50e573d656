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
// number may since have gone to any other program: only a living one that was started on this folder counts.
func postmaster(data string) int {
	body, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(body), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid <= 1 || !serves(pid, data) {
		return 0
	}
	return pid
}

// nobody is larger than any process's number.
const nobody = "2147483647"

// forgetDead makes the files that name a dead postmaster name nobody. Postgres itself would take a zombie, or a stranger who
// got the number since, for its rival. The rest of postmaster.pid stays: it leads Postgres to the shared memory that the dead
// postmaster's last children may still use. The socket and its lock are only names, in a folder of our own.
func forgetDead(data, sockets string) error {
	names, err := filepath.Glob(filepath.Join(sockets, ".s.PGSQL.*"))
	for _, name := range names {
		err = errors.Join(err, os.Remove(name))
	}
	path := filepath.Join(data, "postmaster.pid")
	if body, readErr := os.ReadFile(path); readErr == nil {
		_, rest, _ := strings.Cut(string(body), "\n")
		err = errors.Join(err, os.WriteFile(path, []byte(nobody+"\n"+rest), 0o600))
	} else if !errors.Is(readErr, os.ErrNotExist) {
		err = errors.Join(err, readErr)
	}
	if err != nil {
		return fmt.Errorf("clear what a dead postgres left: %w", err)
	}
	return nil
}

// serves reports whether the process is alive and its command line names the data folder, as ours always do.
func serves(pid int, data string) bool {
	err := syscall.Kill(pid, 0)
	if err != nil && !errors.Is(err, syscall.EPERM) {
		return false
	}
	return strings.Contains(commandOf(pid), "-D "+data+" ")
}

// commandOf returns a process's command line: from /proc, else from ps, which slim systems lack. A zombie has none.
func commandOf(pid int) string {
	if body, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)); err == nil {
		return strings.ReplaceAll(string(body), "\x00", " ")
	}
	out, _ := exec.Command("ps", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	return string(out)
}

// gone waits until the postmaster of the data folder has ended.
func gone(pid int, data string, patience time.Duration) error {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(pollPause) {
		if !serves(pid, data) {
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
