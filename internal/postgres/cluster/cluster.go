// Package cluster runs a private Postgres for development, the demo and tests: it finds the server that Debian or Homebrew
// installed, makes a cluster in a folder, starts it on a Unix socket that only its owner can reach, and stops it. A
// cluster never outlives its owner, whichever way that one ends, unless it was asked to.
package cluster

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/filelock"
	"souk/internal/lifeline"
	"souk/internal/postgres"
)

const (
	// Database is created in every cluster, User owns everything in it.
	Database = "souk"
	User     = "souk"

	startPatience = 60 * time.Second
	stopPatience  = 30 * time.Second
	pollPause     = 20 * time.Millisecond
)

// Options says which cluster to start.
type Options struct {
	// Dir is the owner's folder. One process at a time may own it; its cluster is kept from one start to the next.
	Dir string
	// Durable keeps fsync and its companions on. Only the tests' shared cluster is not.
	Durable bool
	// MaxConnections is Postgres's own limit; 0 means 100.
	MaxConnections int
	// TCP also listens on a free port of 127.0.0.1, with a password, for those who cannot use the socket.
	TCP bool
	// Detached leaves the cluster running when this process ends; somebody else stops it, by Stop.
	Detached bool
	// Settings are further server settings, name to value.
	Settings map[string]string
}

// Cluster is a private Postgres server.
type Cluster struct {
	options  Options
	binaries Binaries
	as       *syscall.Credential
	at       string // everything the cluster keeps
	sockets  string
	port     int
	password string
	lock     *filelock.Lock
	process  *lifeline.Process // nil when detached
}

// Start makes the cluster if it is new, starts it, waits until it answers and creates Database in it. A server that an owner
// who was killed left behind is stopped first. Errors are one line and say what to do: ErrNotInstalled among them.
func Start(ctx context.Context, o Options) (*Cluster, error) {
	c, err := prepare(o)
	if err != nil {
		return nil, err
	}
	if err := c.start(ctx); err != nil {
		c.lock.Release()
		return nil, err
	}
	if o.Detached {
		c.lock.Release()
	}
	return c, nil
}

func prepare(o Options) (*Cluster, error) {
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("find the cluster's folder: %w", err)
	}
	o.Dir = dir
	as, err := runAs()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make %s: %w", dir, err)
	}
	lock, err := filelock.Try(filepath.Join(dir, "postgres.lock"))
	if errors.Is(err, filelock.ErrHeld) {
		return nil, fmt.Errorf("%s is in use by another souk; stop it, or set SOUK_DATA_DIR to another folder", dir)
	}
	if err != nil {
		return nil, err
	}
	c := &Cluster{options: o, as: as, lock: lock}
	if err := c.locate(); err != nil {
		lock.Release()
		return nil, err
	}
	return c, nil
}

// locate finds the cluster's folders and the server of its version.
func (c *Cluster) locate() (err error) {
	if c.at, err = place(c.options.Dir, c.as); err != nil {
		return err
	}
	if c.sockets, err = socketDir(c.at, c.as); err != nil {
		return err
	}
	made, err := os.ReadFile(filepath.Join(c.data(), "PG_VERSION"))
	if err != nil {
		c.binaries, err = Find()
		return err
	}
	major, _ := strconv.Atoi(strings.TrimSpace(string(made)))
	if c.binaries, err = find(major); err != nil {
		return fmt.Errorf("%s was made by PostgreSQL %d, which is not installed: install it, or remove %s", c.at, major, c.options.Dir)
	}
	return nil
}

func (c *Cluster) data() string { return filepath.Join(c.at, "data") }

// Log is the file in which the server writes.
func (c *Cluster) Log() string { return filepath.Join(c.at, "log") }

// URL is the address of a database of this cluster through its socket.
func (c *Cluster) URL(database string) string {
	q := url.Values{"host": {c.sockets}, "port": {strconv.Itoa(c.port)}}
	return "postgres://" + User + "@/" + url.PathEscape(database) + "?" + q.Encode()
}

// TCPAddress is host:port, or "" when the cluster does not listen there.
func (c *Cluster) TCPAddress() string {
	if !c.options.TCP {
		return ""
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(c.port))
}

// TCPURL is the address of a database through address, which is TCPAddress or a proxy's in front of it.
func (c *Cluster) TCPURL(database, address string) string {
	return fmt.Sprintf("postgres://%s:%s@%s/%s?sslmode=disable", User, c.password, address, url.PathEscape(database))
}

// start brings up the server of a prepared cluster.
func (c *Cluster) start(ctx context.Context) error {
	if pid := postmaster(c.data()); pid != 0 {
		if err := c.stopOrphan(pid); err != nil {
			return err
		}
	}
	if err := forgetDead(c.data(), c.sockets); err != nil {
		return err
	}
	if err := c.initialise(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	for {
		if err := c.choosePort(); err != nil {
			return err
		}
		err := c.launch(ctx)
		if err == nil || ctx.Err() != nil || !passing(err) {
			return err
		}
		time.Sleep(10 * pollPause)
	}
}

// passing reports whether a start failed for a moment's reason: the children of a postmaster that was killed take a while to
// notice, and another program may have taken the free port.
func passing(err error) bool {
	said := err.Error()
	return strings.Contains(said, "is still in use") || strings.Contains(said, "Address already in use")
}

// launch starts the server once and waits until it answers.
func (c *Cluster) launch(ctx context.Context) error {
	command := lifeline.Command{
		Args: append([]string{c.binaries.Path("postgres")}, c.arguments()...),
		Dir:  c.at, Log: c.Log(), User: c.as, StopSignal: "INT", // INT is Postgres's fast shutdown
	}
	var ended <-chan struct{}
	var lastWords func() string
	if c.options.Detached {
		end, words, err := detach(command)
		if err != nil {
			return err
		}
		ended, lastWords = end, words
	} else {
		process, err := lifeline.Start(command)
		if err != nil {
			return err
		}
		c.process = process
		ended, lastWords = process.Exited(), process.LastWords
	}
	for {
		err := c.ensureDatabase(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ended:
			return fmt.Errorf("postgres did not start: %s", lastWords())
		case <-ctx.Done():
			_ = c.Stop()
			return fmt.Errorf("postgres did not answer within %s: %w", startPatience, err)
		case <-time.After(pollPause):
		}
	}
}

// detach starts a server that outlives this process.
func detach(command lifeline.Command) (ended <-chan struct{}, lastWords func() string, err error) {
	output, err := os.OpenFile(command.Log, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("open the log of postgres: %w", err)
	}
	defer output.Close()
	cmd := exec.Command(command.Args[0], command.Args[1:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = command.Dir, output, output
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: command.User}
	if err := cmd.Start(); err != nil {
		return nil, nil, fmt.Errorf("start postgres: %w", err)
	}
	done := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(done)
	}()
	return done, func() string { return lifeline.Tail(command.Log) }, nil
}

func (c *Cluster) ensureDatabase(ctx context.Context) error {
	attempt, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	conn, err := pgx.Connect(attempt, c.URL("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.Exec(attempt, "CREATE DATABASE "+Database)
	if postgres.Code(err) == "42P04" { // it is there already
		return nil
	}
	return err
}

// stopOrphan ends a server that a killed owner left behind.
func (c *Cluster) stopOrphan(pid int) error {
	if err := syscall.Kill(pid, syscall.SIGINT); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("stop the postgres that an earlier run left behind: %w", err)
	}
	return gone(pid, c.data(), stopPatience)
}

// Stop ends the server cleanly and gives the folder back. Stopping twice is once.
func (c *Cluster) Stop() error {
	defer c.lock.Release()
	return c.halt(func(p *lifeline.Process) error { return p.Stop(stopPatience) }, syscall.SIGINT)
}

// Kill ends the server as a crash would: with SIGKILL, without a checkpoint. Its owner keeps the folder; Restart recovers.
func (c *Cluster) Kill() error {
	return c.halt(func(p *lifeline.Process) error { p.Kill(); return nil }, syscall.SIGKILL)
}

// Restart starts a server that was killed, or stops and starts one that runs. Addresses stay the same.
func (c *Cluster) Restart(ctx context.Context) error {
	if err := c.halt(func(p *lifeline.Process) error { return p.Stop(stopPatience) }, syscall.SIGINT); err != nil {
		return err
	}
	return c.start(ctx)
}

func (c *Cluster) halt(attached func(*lifeline.Process) error, detached syscall.Signal) error {
	if c.process != nil {
		return attached(c.process)
	}
	pid := postmaster(c.data())
	if pid == 0 {
		return nil
	}
	if err := syscall.Kill(pid, detached); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("stop postgres: %w", err)
	}
	return gone(pid, c.data(), stopPatience)
}

// newPassword guards the TCP port; whoever can reach the socket needs none.
func newPassword() string { return rand.Text() }
