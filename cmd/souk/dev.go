package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/mattn/go-isatty"
)

type devCommand struct {
	Command []string `arg:"" passthrough:"partial" help:"What to run, after --."`
}

// What a shell answers for a command that it cannot find or run, and the base for one that a signal ended.
const (
	exitNotFound      = 127
	exitNotExecutable = 126
	exitSignal        = 128
)

func (c devCommand) Run(ctx context.Context, o *outside) error {
	args := c.Command
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		fmt.Fprintln(o.stderr, "souk: nothing to run. Example: souk dev -- souk serve")
		return exitCode(exitMisuse)
	}
	settings, err := o.settings()
	if err != nil {
		return err
	}
	s, err := startServices(ctx, settings.DataDir, false)
	if err != nil {
		return err
	}
	err = runBeside(s, args, o)
	return errors.Join(err, s.stop())
}

// runBeside runs the command to its end; signals are its to answer.
func runBeside(s *services, args []string, o *outside) error {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = o.stdin, o.stdout, o.stderr
	cmd.Env = with(o.environ, "DATABASE_URL="+s.databaseURL, "REDIS_URL="+s.redisURL)

	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2)
	defer signal.Stop(signals)
	if err := cmd.Start(); err != nil {
		fmt.Fprintf(o.stderr, "souk: %s\n", oneLine(err))
		if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
			return exitCode(exitNotFound)
		}
		return exitCode(exitNotExecutable)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case s := <-signals:
			// A terminal sends Ctrl-C and Ctrl-\ to the command as well: once is enough.
			if !fromTerminal(s, o) {
				_ = cmd.Process.Signal(s) // it may have ended this moment
			}
		case err := <-ended:
			return asExit(cmd, err)
		}
	}
}

func asExit(cmd *exec.Cmd, err error) error {
	var exit *exec.ExitError
	if err == nil {
		return nil
	}
	if !errors.As(err, &exit) {
		return fmt.Errorf("run %s: %w", cmd.Args[0], err)
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return exitCode(exitSignal + int(status.Signal()))
	}
	return exitCode(exit.ExitCode())
}

func fromTerminal(s os.Signal, o *outside) bool {
	file, ok := o.stdin.(*os.File)
	return ok && (s == syscall.SIGINT || s == syscall.SIGQUIT) && isatty.IsTerminal(file.Fd())
}

// with returns the environment with these variables set, in place of any that had their names.
func with(environ []string, pairs ...string) []string {
	kept := slices.DeleteFunc(slices.Clone(environ), func(old string) bool {
		return slices.ContainsFunc(pairs, func(pair string) bool {
			name, _, _ := strings.Cut(pair, "=")
			return strings.HasPrefix(old, name+"=")
		})
	})
	return append(kept, pairs...)
}
