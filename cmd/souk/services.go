package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"souk/internal/postgres/cluster"
	"souk/internal/redis/embedded"
	"souk/internal/redis/server"
)

// services are the private Postgres and Redis of dev and demo. They end with this process, however it ends.
type services struct {
	databaseURL string
	redisURL    string
	// standIn says that no redis-server is installed and a stand-in inside this process serves.
	standIn bool

	postgres  *cluster.Cluster
	stopRedis func() error
}

// startServices starts them in dir: Postgres durable and kept from one start to the next, Redis empty. Only where embed is true
// may a stand-in replace a Redis that is not installed.
func startServices(ctx context.Context, dir string, embed bool) (*services, error) {
	redisDir := filepath.Join(dir, "redis")
	if err := os.MkdirAll(redisDir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder SOUK_DATA_DIR: %w", err)
	}
	// The cluster's lock keeps a second souk out of dir, so it comes first.
	pg, err := cluster.Start(ctx, cluster.Options{Dir: dir, Durable: true, MaxConnections: 200})
	if err != nil {
		return nil, err
	}
	s := &services{postgres: pg, databaseURL: pg.URL(cluster.Database)}
	if err := s.startRedis(ctx, redisDir, embed); err != nil {
		return nil, errors.Join(err, pg.Stop())
	}
	return s, nil
}

func (s *services) startRedis(ctx context.Context, dir string, embed bool) error {
	real, err := server.Start(ctx, dir)
	if err == nil {
		s.redisURL, s.stopRedis = real.URL(), real.Stop
		return nil
	}
	if !embed || !errors.Is(err, server.ErrNotInstalled) {
		return err
	}
	standIn, err := embedded.Start()
	if err != nil {
		return err
	}
	s.redisURL, s.standIn = standIn.URL(), true
	s.stopRedis = func() error { standIn.Stop(); return nil }
	return nil
}

// stop ends them cleanly.
func (s *services) stop() error { return errors.Join(s.stopRedis(), s.postgres.Stop()) }
