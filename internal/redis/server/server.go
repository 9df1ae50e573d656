// Package server runs a private redis-server (or valkey-server) for development, the demo and tests. It keeps nothing from
// one run to the next, on purpose: Souk must do without Redis at any moment, and development should show it.
package server

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"souk/internal/lifeline"
	"souk/internal/redis"
)

const (
	startPatience = 15 * time.Second
	stopPatience  = 10 * time.Second
	pollPause     = 5 * time.Millisecond
	portTries     = 5
)

// ErrNotInstalled says in one line what to do.
var ErrNotInstalled = errors.New(notInstalled(runtime.GOOS))

func notInstalled(system string) string {
	if system == "darwin" {
		return "redis-server not found. Install it: brew install redis"
	}
	return "redis-server not found. Install it: apt-get install redis-server"
}

// Find returns the path of redis-server or valkey-server, or ErrNotInstalled.
func Find() (string, error) {
	for _, program := range []string{"redis-server", "valkey-server"} {
		if path, err := exec.LookPath(program); err == nil {
			return path, nil
		}
		for _, dir := range []string{"/usr/bin", "/usr/local/bin", "/opt/homebrew/bin", "/opt/homebrew/opt/redis/bin", "/usr/local/opt/redis/bin"} {
			if path, err := exec.LookPath(filepath.Join(dir, program)); err == nil {
				return path, nil
			}
		}
	}
	return "", ErrNotInstalled
}

// Server is a redis-server on a port of 127.0.0.1, behind a password.
type Server struct {
	dir      string
	program  string
	password string
	port     int
	process  *lifeline.Process
}

// Start runs a server whose files live in dir, which must exist, and waits until it answers. It ends with this process,
// however that one ends.
func Start(ctx context.Context, dir string) (*Server, error) {
	program, err := Find()
	if err != nil {
		return nil, err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, fmt.Errorf("find the folder of redis: %w", err)
	}
	s := &Server{dir: dir, program: program, password: rand.Text()}
	// Another program may take the free port before the server does.
	for try := 1; ; try++ {
		if s.port, err = freePort(); err != nil {
			return nil, err
		}
		if err = s.launch(ctx); err == nil {
			return s, nil
		}
		if try == portTries || !strings.Contains(err.Error(), "in use") {
			return nil, err
		}
	}
}

// URL is the server's address, with its password. It stays the same over Kill, Stop and Restart.
func (s *Server) URL() string { return fmt.Sprintf("redis://default:%s@%s/0", s.password, s.Address()) }

// Through is URL by way of a proxy at address.
func (s *Server) Through(address string) string {
	return fmt.Sprintf("redis://default:%s@%s/0", s.password, address)
}

// Address is host:port.
func (s *Server) Address() string { return fmt.Sprintf("127.0.0.1:%d", s.port) }

// Stop ends the server; what it held is lost. Stopping twice is once.
func (s *Server) Stop() error { return s.process.Stop(stopPatience) }

// Kill ends the server with SIGKILL.
func (s *Server) Kill() { s.process.Kill() }

// Restart starts a server that was stopped or killed, empty, at the same address.
func (s *Server) Restart(ctx context.Context) error {
	if err := s.Stop(); err != nil {
		return err
	}
	if err := os.Remove(s.dump()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("forget what redis held: %w", err)
	}
	return s.launch(ctx)
}

// Dump returns what the server holds, for Restore.
func (s *Server) Dump(ctx context.Context) ([]byte, error) {
	client, err := redis.Open(s.URL())
	if err != nil {
		return nil, err
	}
	defer client.Close()
	if err := client.Save(ctx).Err(); err != nil {
		return nil, fmt.Errorf("dump redis: %w", err)
	}
	body, err := os.ReadFile(s.dump())
	if err != nil {
		return nil, fmt.Errorf("dump redis: %w", err)
	}
	return body, nil
}

// Restore restarts the server with what an earlier Dump held, as an operator would who restores a backup.
func (s *Server) Restore(ctx context.Context, dump []byte) error {
	if err := s.Stop(); err != nil {
		return err
	}
	if err := os.WriteFile(s.dump(), dump, 0o600); err != nil {
		return fmt.Errorf("restore redis: %w", err)
	}
	return s.launch(ctx)
}

func (s *Server) dump() string { return filepath.Join(s.dir, "redis.rdb") }

func (s *Server) launch(ctx context.Context) error {
	config := filepath.Join(s.dir, "redis.conf")
	settings := fmt.Sprintf("port %d\nbind 127.0.0.1\nrequirepass %s\ndir %q\ndbfilename %s\nsave \"\"\nappendonly no\ndaemonize no\n",
		s.port, s.password, s.dir, filepath.Base(s.dump()))
	if err := os.WriteFile(config, []byte(settings), 0o600); err != nil {
		return fmt.Errorf("write the settings of redis: %w", err)
	}
	process, err := lifeline.Start(lifeline.Command{
		Args: []string{s.program, config}, Dir: s.dir, Log: filepath.Join(s.dir, "redis.log"), StopSignal: "TERM",
	})
	if err != nil {
		return err
	}
	s.process = process
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	for {
		err := s.ping(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-process.Exited():
			return fmt.Errorf("redis did not start: %s", process.LastWords())
		case <-ctx.Done():
			_ = s.Stop()
			return fmt.Errorf("redis did not answer within %s: %w", startPatience, err)
		case <-time.After(pollPause):
		}
	}
}

// ping succeeds once our server, which alone knows the password, has loaded its data.
func (s *Server) ping(ctx context.Context) error {
	// Looked at before the client dials, which logs every refusal.
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.Address())
	if err != nil {
		return err
	}
	conn.Close()
	options, err := goredis.ParseURL(s.URL())
	if err != nil {
		return err
	}
	options.MaxRetries = -1
	client := goredis.NewClient(options)
	defer client.Close()
	return client.Ping(ctx).Err()
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
