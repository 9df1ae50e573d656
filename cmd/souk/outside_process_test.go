package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// The tests named outside_… know Souk only as its operators, its providers and its buyers do: they build the real binary, run it as a
// process of its own with the settings of its contract, speak to its webhooks over HTTP, read what it sent to the providers'
// stand-ins, and look into its database.

// buildDir holds the binaries, each built once.
var (
	buildDir = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "souk-outside-") })
	release  = sync.OnceValues(func() (string, error) { return build("souk", "") })
	// mortal dies at the fail point that SOUK_FAILPOINT names.
	mortal = sync.OnceValues(func() (string, error) { return build("souk-mortal", "failpoints") })
)

const sigterm = syscall.SIGTERM

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, err := buildDir(); err == nil {
		_ = os.RemoveAll(dir) // the temp folder is swept by the system too
	}
	os.Exit(code)
}

func build(name, tags string) (string, error) {
	dir, err := buildDir()
	if err != nil {
		return "", fmt.Errorf("make a folder for %s: %w", name, err)
	}
	path := filepath.Join(dir, name)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	if out, err := exec.CommandContext(ctx, "go", "build", "-tags", tags, "-o", path, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w: %s", name, err, out)
	}
	return path, nil
}

func built(t *testing.T, which func() (string, error)) string {
	t.Helper()
	path, err := which()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// process is a souk that runs beside the test.
type process struct {
	cmd            *exec.Cmd
	stdout, stderr *output
	exited         chan struct{}
	guard          io.Closer
}

// guardian kills a process whose test is gone, however the test went: the kernel then closes its input.
const guardian = `read -r _; kill -9 "$1" 2>/dev/null`

// start runs a binary with exactly these settings, in dir. It ends with the test in any case.
func start(t *testing.T, binary, dir string, environ []string, stdin io.Reader, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(binary, args...), stdout: &output{}, stderr: &output{}, exited: make(chan struct{})}
	p.cmd.Dir, p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = dir, stdin, p.stdout, p.stderr
	p.cmd.WaitDelay = 5 * time.Second // for what its children may still hold open
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "TMPDIR=" + os.TempDir()}, environ...)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	guard := exec.Command("/bin/sh", "-c", guardian, "souk-guardian", fmt.Sprint(p.cmd.Process.Pid))
	line, err := guard.StdinPipe()
	if err == nil {
		err = guard.Start()
	}
	if err != nil {
		_ = p.cmd.Process.Kill()
		t.Fatal(err)
	}
	p.guard = line
	go func() {
		_ = p.cmd.Wait() // how it ended stands in ProcessState
		_ = guard.Process.Kill()
		_ = guard.Wait()
		_ = line.Close()
		close(p.exited)
	}()
	t.Cleanup(p.kill)
	return p
}

// kill ends the process as a crash would.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended
	<-p.exited
}

// end sends a signal and returns the exit code, -1 where the process did not end in time.
func (p *process) end(signal os.Signal, patience time.Duration) int {
	if err := p.cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return -1
	}
	return p.code(patience)
}

// code waits for the end and returns the exit code, -1 for a signal or where the process did not end in time.
func (p *process) code(patience time.Duration) int {
	select {
	case <-p.exited:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(patience):
		return -1
	}
}

// killed says whether the process ended by SIGKILL.
func (p *process) killed() bool {
	status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
}

// says waits until the process has printed these words.
func (p *process) says(t *testing.T, words string, patience time.Duration) {
	t.Helper()
	for late := time.Now().Add(patience); !strings.Contains(p.stdout.String(), words); {
		select {
		case <-p.exited:
			if strings.Contains(p.stdout.String(), words) {
				return
			}
			t.Fatalf("souk ended before it said %q: %s\n%s", words, p.stdout, p.stderr)
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(late) {
			t.Fatalf("souk never said %q: %s\n%s", words, p.stdout, p.stderr)
		}
	}
}

// ran runs a command of the binary to its end.
func ran(t *testing.T, binary string, environ []string, stdin string, args ...string) said {
	t.Helper()
	p := start(t, binary, t.TempDir(), environ, strings.NewReader(stdin), args...)
	code := p.code(90 * time.Second)
	return said{code, p.stdout.String(), p.stderr.String()}
}

// freeAddress is an address of this machine where nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// eventually waits until done says yes.
func eventually(t *testing.T, what string, patience time.Duration, done func() bool) {
	t.Helper()
	for late := time.Now().Add(patience); !done(); time.Sleep(25 * time.Millisecond) {
		if time.Now().After(late) {
			t.Fatalf("still not: %s", what)
		}
	}
}
