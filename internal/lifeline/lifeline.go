// Package lifeline runs a private server (Postgres, Redis) that must not outlive its owner. The server's guard holds the
// read end of a pipe whose write end is the owner's alone; however the owner ends, be it by SIGKILL, the kernel closes
// the pipe, the guard wakes and stops the server cleanly.
package lifeline

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// guard starts the server, waits in the background for the pipe's end and then signals it, and ends as the server did. It
// is plain sh because nothing else is sure to be there. A command started with & reads /dev/null, therefore the pipe moves to
// descriptor 3; and it ignores SIGINT until it says otherwise, therefore a server that is just starting is asked again.
const guard = `
signal=$1; shift
exec 3<&0 </dev/null
"$@" 3<&- &
server=$!
( read -r _ <&3; while kill -s "$signal" "$server"; do sleep 0.2; done ) 2>/dev/null &
watch=$!
exec 3<&-
wait "$server"; code=$?
kill "$watch" 2>/dev/null
exit "$code"
`

// Command says what to run.
type Command struct {
	// Args is the program and its arguments; the program must stay in the foreground.
	Args []string
	// Dir is the folder to run in; whoever runs the program must be able to enter it.
	Dir string
	// Log is the file that takes what the program prints; it is emptied first.
	Log string
	// User runs the program as somebody else; nil for the owner.
	User *syscall.Credential
	// StopSignal is the name of the signal that asks the program to end, without SIG: "INT", "TERM".
	StopSignal string
}

// Process is a program that is running or has ended.
type Process struct {
	cmd    *exec.Cmd
	line   *os.File
	log    string
	exited chan struct{}
}

// Start runs c in a session of its own, so that Ctrl-C in a terminal reaches the owner and not the server.
func Start(c Command) (*Process, error) {
	output, err := os.OpenFile(c.Log, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the log of %s: %w", name(c), err)
	}
	defer output.Close()
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name(c), err)
	}
	defer read.Close()

	cmd := exec.Command("/bin/sh", append([]string{"-c", guard, "souk-guard", c.StopSignal}, c.Args...)...)
	cmd.Dir = c.Dir
	cmd.Stdin, cmd.Stdout, cmd.Stderr = read, output, output
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: c.User}
	if err := cmd.Start(); err != nil {
		write.Close()
		return nil, fmt.Errorf("start %s: %w", name(c), err)
	}
	p := &Process{cmd: cmd, line: write, log: c.Log, exited: make(chan struct{})}
	go func() {
		_ = cmd.Wait() // how it ended stands in its log
		close(p.exited)
	}()
	return p, nil
}

// Exited is closed when the program has ended.
func (p *Process) Exited() <-chan struct{} { return p.exited }

// Stop asks the program to end and waits for it. After patience the whole session is killed, and Stop says so.
func (p *Process) Stop(patience time.Duration) error {
	p.line.Close()
	select {
	case <-p.exited:
		return nil
	case <-time.After(patience):
	}
	p.Kill()
	return fmt.Errorf("%s did not stop within %s and was killed", filepath.Base(p.log), patience)
}

// Kill ends the program at once with SIGKILL, as a crash would, and waits for it.
func (p *Process) Kill() {
	// The guard leads the session and its process group; the program and its own children are in the group.
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	<-p.exited
	p.line.Close()
}

// LastWords returns the end of what the program printed, for an error message.
func (p *Process) LastWords() string { return Tail(p.log) }

// Tail returns the last lines of the file at path, joined into one.
func Tail(path string) string {
	body, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(string(body)), "\n")
	return strings.Join(lines[max(0, len(lines)-5):], "; ")
}

func name(c Command) string { return filepath.Base(c.Args[0]) }
