package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// locales are tried in order. pg_trgm takes letters from the locale: under plain C no Arabic word has a trigram. macOS
// before 15 lacks C.UTF-8.
func locales() []string { return []string{"C.UTF-8", "en_US.UTF-8"} }

// initialise runs initdb where there is no cluster yet. It works beside the final folder and renames, so that a run that
// was killed half-way leaves nothing that looks like a cluster.
func (c *Cluster) initialise() error {
	passwordFile := filepath.Join(c.at, "password")
	if _, err := os.Stat(filepath.Join(c.data(), "PG_VERSION")); err == nil {
		body, err := os.ReadFile(passwordFile)
		if err != nil {
			return fmt.Errorf("read the cluster's password: %w", err)
		}
		c.password = strings.TrimSpace(string(body))
		return nil
	}
	c.password = newPassword()
	if err := os.WriteFile(passwordFile, []byte(c.password+"\n"), 0o600); err != nil {
		return fmt.Errorf("write the cluster's password: %w", err)
	}
	if err := give(passwordFile, c.as); err != nil {
		return fmt.Errorf("write the cluster's password: %w", err)
	}

	fresh := filepath.Join(c.at, "data.new")
	var refused error
	for _, locale := range locales() {
		if err := os.RemoveAll(fresh); err != nil {
			return fmt.Errorf("clear a half-made cluster: %w", err)
		}
		args := []string{
			"-D", fresh, "-U", User, "-E", "UTF8", "--locale-provider=libc", "--locale=" + locale,
			"--auth-local=trust", "--auth-host=scram-sha-256", "--pwfile=" + passwordFile, "--no-instructions",
		}
		if !c.options.Durable {
			args = append(args, "--no-sync")
		}
		err := run(c.as, c.at, c.binaries.Path("initdb"), args...)
		if err == nil {
			if err := os.Rename(fresh, c.data()); err != nil {
				return fmt.Errorf("put the new cluster in place: %w", err)
			}
			return nil
		}
		refused = errors.Join(refused, err)
	}
	return fmt.Errorf("make a cluster in %s: %w", c.at, refused)
}

// arguments are the server's settings. They go on the command line, so that the same cluster may be started durable or not.
func (c *Cluster) arguments() []string {
	settings := map[string]string{
		"unix_socket_directories": c.sockets,
		"unix_socket_permissions": "0700",
		"port":                    strconv.Itoa(c.port),
		"listen_addresses":        "",
		"max_connections":         strconv.Itoa(max(c.options.MaxConnections, 0)),
		"timezone":                "UTC",
		"log_timezone":            "UTC",
		// Nobody replicates a private cluster.
		"wal_level":       "minimal",
		"max_wal_senders": "0",
	}
	if c.options.MaxConnections == 0 {
		settings["max_connections"] = "100"
	}
	if c.options.TCP {
		settings["listen_addresses"] = "127.0.0.1"
	}
	for _, name := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
		settings[name] = "off"
		if c.options.Durable {
			settings[name] = "on"
		}
	}
	maps.Copy(settings, c.options.Settings)

	args := []string{"-D", c.data()}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		args = append(args, "-c", name+"="+settings[name])
	}
	return args
}

// socketPort names the socket's file where nothing listens on TCP; two clusters never share a socket folder.
const socketPort = 5432

// choosePort keeps the port that the cluster had, so that addresses outlive a restart, unless another program has it now.
func (c *Cluster) choosePort() error {
	if !c.options.TCP {
		c.port = socketPort
		return nil
	}
	file := filepath.Join(c.at, "port")
	body, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read the cluster's port: %w", err)
	}
	before, _ := strconv.Atoi(strings.TrimSpace(string(body)))
	port, err := freePort(before)
	// A server that was just killed lets go of its port when its last child has noticed.
	for tries := 0; c.port != 0 && port != c.port && tries < 100; tries++ {
		time.Sleep(pollPause)
		port, err = freePort(before)
	}
	if err != nil {
		return err
	}
	c.port = port
	if err := os.WriteFile(file, []byte(strconv.Itoa(port)+"\n"), 0o600); err != nil {
		return fmt.Errorf("remember the cluster's port: %w", err)
	}
	return nil
}

// freePort returns the wanted port if it is free, else any.
func freePort(wanted int) (int, error) {
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", wanted))
	if err != nil && wanted != 0 {
		listener, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
