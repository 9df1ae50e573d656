package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	goredis "github.com/redis/go-redis/v9"

	"souk/bot"
	"souk/internal/postgres"
	"souk/internal/redis"
)

// floor is the least that a webhook of this kind can do: one INSERT, one SET, 200.
type floor struct {
	url   string
	pool  *pgxpool.Pool
	redis goredis.UniversalClient
	serve *http.Server
}

const floorTable = `
CREATE TABLE IF NOT EXISTS bench_floor (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body bytea NOT NULL, received_at timestamptz NOT NULL)`

func openFloor(ctx context.Context, st *stage) (*floor, error) {
	pool, err := postgres.Open(ctx, postgres.Config{URL: st.services.databaseURL, MaxConns: bot.Connections(0), Name: "souk bench floor"})
	if err != nil {
		return nil, err
	}
	f := &floor{pool: pool}
	if f.redis, err = redis.Open(st.services.redisURL); err != nil {
		return nil, errors.Join(err, f.close())
	}
	if _, err := pool.Exec(ctx, floorTable); err != nil {
		return nil, errors.Join(fmt.Errorf("make the floor's table: %w", err), f.close())
	}
	f.serve, f.url, err = serveOn(http.HandlerFunc(f.receive))
	if err != nil {
		return nil, errors.Join(err, f.close())
	}
	return f, nil
}

func (f *floor) receive(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err == nil {
		_, err = f.pool.Exec(r.Context(), `INSERT INTO bench_floor (body, received_at) VALUES ($1, $2)`, body, time.Now())
	}
	if err == nil {
		err = f.redis.Set(r.Context(), "bench:floor:"+r.Header.Get("X-Conversation"), body, time.Minute).Err()
	}
	if err != nil {
		http.Error(w, "floor: "+err.Error(), http.StatusInternalServerError)
	}
}

func (f *floor) close() error {
	var err error
	if f.serve != nil {
		err = f.serve.Close()
	}
	if f.redis != nil {
		err = errors.Join(err, f.redis.Close())
	}
	f.pool.Close()
	return err
}

// receiver is Souk's webhook in a database of its own, with nobody at work behind it: what accepting costs by itself.
type receiver struct {
	url   string
	house *house
	serve *http.Server
}

func openReceiver(ctx context.Context, st *stage) (*receiver, error) {
	const database = "souk_accepted"
	if _, err := st.pool.Exec(ctx, `CREATE DATABASE `+database); err != nil {
		return nil, fmt.Errorf("make the receiver's database: %w", err)
	}
	s := st.settings
	s.DatabaseURL = st.services.postgres.URL(database)
	k, err := open(ctx, s, options{log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	k.routes(mux)
	r := &receiver{house: k}
	if r.serve, r.url, err = serveOn(mux); err != nil {
		k.close()
		return nil, err
	}
	r.url += "/webhooks/telegram"
	return r, nil
}

func (r *receiver) close() error {
	err := r.serve.Close()
	r.house.close()
	return err
}

// serveOn serves on a free port of the loopback, as Souk itself does.
func serveOn(handler http.Handler) (*http.Server, string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", fmt.Errorf("listen: %w", err)
	}
	server := newServer(handler, slog.New(slog.DiscardHandler))
	go func() { _ = server.Serve(listener) }() // ends with Close
	return server, "http://" + listener.Addr().String(), nil
}
