package lifeline

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// server is a program that notes its process and how it was asked to end.
const server = `trap 'echo stopped >> "$1"; exit 0' TERM; echo $$ > "$1"; while :; do sleep 0.02; done`

func start(t *testing.T, script string) (*Process, string) {
	t.Helper()
	dir := t.TempDir()
	note := filepath.Join(dir, "note")
	p, err := Start(Command{
		Args: []string{"/bin/sh", "-c", script, "server", note}, Dir: dir, Log: filepath.Join(dir, "log"), StopSignal: "TERM",
	})
	if err != nil {
		t.Fatal(err)
	}
	return p, note
}

// pid waits for the server's note.
func pid(t *testing.T, note string) int {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		body, _ := os.ReadFile(note)
		if line, _, ok := strings.Cut(string(body), "\n"); ok {
			n, err := strconv.Atoi(line)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatal("the server did not start")
	return 0
}

func wantNote(t *testing.T, note string) {
	t.Helper()
	var body []byte
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if body, _ = os.ReadFile(note); strings.HasSuffix(string(body), "stopped\n") {
			return
		}
	}
	t.Fatalf("the server was not asked to end: %q", body)
}

func TestStopAsksTheServerToEnd(t *testing.T) {
	t.Parallel()
	p, note := start(t, server)
	pid(t, note)
	for range 2 {
		if err := p.Stop(10 * time.Second); err != nil {
			t.Fatal(err)
		}
	}
	wantNote(t, note)
}

func TestTheServerEndsWhenItsOwnerIsKilled(t *testing.T) {
	t.Parallel()
	if note := os.Getenv("LIFELINE_TEST_OWNER"); note != "" { // the owner, in a process of its own
		_, err := Start(Command{
			Args: []string{"/bin/sh", "-c", server, "server", note}, Dir: filepath.Dir(note),
			Log: note + ".log", StopSignal: "TERM",
		})
		fmt.Println("started", err)
		time.Sleep(time.Minute)
		return
	}
	note := filepath.Join(t.TempDir(), "note")
	owner := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	owner.Env = append(os.Environ(), "LIFELINE_TEST_OWNER="+note)
	out, err := owner.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := owner.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "started <nil>\n" {
		t.Fatalf("%q, %v", line, err)
	}
	pid(t, note)
	if err := owner.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = owner.Wait()
	wantNote(t, note)
}

func TestAServerThatIsJustStartingIsAskedAgain(t *testing.T) {
	t.Parallel()
	// It hears the signal only once it has started, half a second after it was asked for the first time.
	p, note := start(t, `trap '' TERM; echo $$ > "$1"; sleep 0.5; trap 'echo stopped >> "$1"; exit 0' TERM; while :; do sleep 0.02; done`)
	pid(t, note)
	if err := p.Stop(10 * time.Second); err != nil {
		t.Fatal(err)
	}
	wantNote(t, note)
}

func TestKillEndsTheServerWithoutAsking(t *testing.T) {
	t.Parallel()
	p, note := start(t, server)
	served := pid(t, note)
	p.Kill()
	for end := time.Now().Add(10 * time.Second); syscall.Kill(served, 0) == nil; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the server lives on")
		}
	}
	if body, _ := os.ReadFile(note); strings.Contains(string(body), "stopped") {
		t.Error("the server was asked")
	}
}

func TestAServerThatIgnoresTheSignalIsKilled(t *testing.T) {
	t.Parallel()
	p, note := start(t, `trap '' TERM; echo $$ > "$1"; while :; do sleep 0.02; done`)
	pid(t, note)
	if err := p.Stop(100 * time.Millisecond); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Errorf("got %v", err)
	}
}

func TestTheLastWordsOfAServerThatFailed(t *testing.T) {
	t.Parallel()
	p, _ := start(t, `echo one; echo two >&2; exit 3`)
	<-p.Exited()
	if got := p.LastWords(); got != "one; two" {
		t.Errorf("got %q", got)
	}
}
