package cluster

import (
	"fmt"
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
func (c *Cluster) Remove() error {
	if pid := postmaster(c.data()); pid != 0 {
		return fmt.Errorf("remove the cluster in %s: postgres (process %d) still serves it", c.at, pid)
	}
	if c.sockets != c.at {
		if err := os.RemoveAll(c.sockets); err != nil {
			return fmt.Errorf("remove the socket's folder: %w", err)
		}
	}
	if err := os.RemoveAll(c.at); err != nil {
		return fmt.Errorf("remove the cluster's folder: %w", err)
	}
	return nil
}
