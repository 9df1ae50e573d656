package failpoint_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// build compiles testdata/program, which passes the points "other" and "inbox.committed" five times.
func build(t *testing.T, tags string) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "program")
	out, err := exec.Command("go", "build", "-tags="+tags, "-o", binary, "./testdata/program").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return binary
}

func passed(t *testing.T, binary, setting string) (string, error) {
	t.Helper()
	cmd := exec.Command(binary)
	cmd.Env = append(os.Environ(), "SOUK_FAILPOINT="+setting)
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

const whole = "passed passed passed passed passed deferred"

func TestAFailPointKillsTheProcessAtThePassingThatWasAskedFor(t *testing.T) {
	t.Parallel()
	binary := build(t, "failpoints")
	for setting, want := range map[string]string{
		"inbox.committed:1": "", "inbox.committed:3": "passed passed", "other:5": "passed passed passed passed",
	} {
		got, err := passed(t, binary, setting)
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL || got != want {
			t.Errorf("%s: %q, %v", setting, got, err)
		}
	}
	for _, setting := range []string{"", "inbox.committed:6", "elsewhere:1"} {
		if got, err := passed(t, binary, setting); err != nil || got != whole {
			t.Errorf("%q: %q, %v", setting, got, err)
		}
	}
	for _, setting := range []string{"inbox.committed", "inbox.committed:0", "inbox.committed:x", ":3"} {
		got, err := passed(t, binary, setting)
		if err == nil || !strings.Contains(got, "SOUK_FAILPOINT must read name:nth") || strings.Contains(got, "passed") {
			t.Errorf("%q: %q, %v", setting, got, err)
		}
	}
}

func TestAReleaseHasNoFailPoints(t *testing.T) {
	t.Parallel()
	if got, err := passed(t, build(t, ""), "inbox.committed:1"); err != nil || got != whole {
		t.Errorf("%q, %v", got, err)
	}
}
