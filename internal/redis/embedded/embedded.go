// Package embedded is a Redis inside the process, for `souk demo` on a machine where no redis-server is installed. It is a
// stand-in (miniredis), good enough to look around with; tests and services use the real one.
package embedded

import (
	"crypto/rand"
	"fmt"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// Redis is a running stand-in.
type Redis struct {
	server *miniredis.Miniredis
	secret string
	stop   chan struct{}
}

// tick is how often keys age: miniredis has no clock of its own.
const tick = time.Second

// Start listens on a free port of 127.0.0.1, behind a password.
func Start() (*Redis, error) {
	r := &Redis{server: miniredis.NewMiniRedis(), secret: rand.Text(), stop: make(chan struct{})}
	r.server.RequireUserAuth("default", r.secret)
	if err := r.server.Start(); err != nil {
		return nil, fmt.Errorf("start the embedded redis: %w", err)
	}
	go r.age()
	return r, nil
}

// URL is its address, with its password.
func (r *Redis) URL() string {
	return fmt.Sprintf("redis://default:%s@%s/0", r.secret, r.server.Addr())
}

// Stop ends it; what it held is lost.
func (r *Redis) Stop() {
	close(r.stop)
	r.server.Close()
}

func (r *Redis) age() {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		select {
		case <-r.stop:
			return
		case <-ticker.C:
			r.server.FastForward(tick)
		}
	}
}
