package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Attach returns the detached cluster of o.Dir if its server runs, else nil. The options must be those it was started with.
// Whoever calls it keeps others from starting or stopping the same cluster meanwhile.
func Attach(o Options) (*Cluster, error) {
	o.Detached = true
	c, err := prepare(o)
	if err != nil {
		return nil, err
	}
	c.lock.Release()
	if postmaster(c.data()) == 0 {
		return nil, nil
	}
	password, err := os.ReadFile(filepath.Join(c.at, "password"))
	if err != nil {
		return nil, fmt.Errorf("read the cluster's password: %w", err)
	}
	c.password = strings.TrimSpace(string(password))
	c.port = socketPort
	if o.TCP {
		port, err := os.ReadFile(filepath.Join(c.at, "port"))
		if err != nil {
			return nil, fmt.Errorf("read the cluster's port: %w", err)
		}
		if c.port, err = strconv.Atoi(strings.TrimSpace(string(port))); err != nil {
			return nil, fmt.Errorf("read the cluster's port: %w", err)
		}
	}
	return c, nil
}

// Binaries is the installation that serves this cluster.
func (c *Cluster) Binaries() Binaries { return c.binaries }

// PidFile is the file whose first line is the server's process.
func (c *Cluster) PidFile() string { return filepath.Join(c.data(), "postmaster.pid") }

// Remove deletes a stopped cluster's data.
func (c *Cluster) Remove() error { return Discard(c.options.Dir) }

// Discard deletes the cluster of an owner's folder, if there is one. It refuses while a server runs.
func Discard(dir string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("find the cluster's folder: %w", err)
	}
	as, err := runAs()
	if err != nil {
		return err
	}
	at := filepath.Join(dir, "postgres")
	if as != nil {
		remembered, err := os.ReadFile(filepath.Join(dir, pathFile))
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read where the cluster is: %w", err)
		}
		at = strings.TrimSpace(string(remembered))
	}
	if _, err := os.Lstat(at); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if pid := postmaster(filepath.Join(at, "data")); pid != 0 {
		return fmt.Errorf("remove the cluster in %s: postgres (process %d) still serves it", at, pid)
	}
	sockets, err := socketDir(at, as)
	if err != nil {
		return err
	}
	if err := errors.Join(os.RemoveAll(sockets), os.RemoveAll(at)); err != nil {
		return fmt.Errorf("remove the cluster's folder: %w", err)
	}
	return nil
}
