// Command victim is a gateway with the echo engine, for the tests that kill it: built with the tag failpoints it dies where
// SOUK_FAILPOINT says. It serves until it is killed, or drains at SIGTERM.
package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"souk/bot"
	"souk/bot/internal/echo"
	"souk/internal/clock"
	"souk/internal/postgres"
	"souk/internal/redis"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "victim:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	const workers = 6
	pool, err := postgres.Open(ctx, postgres.Config{URL: os.Getenv("DATABASE_URL"), MaxConns: bot.Connections(workers)})
	if err != nil {
		return err
	}
	defer pool.Close()
	identity, err := postgres.Identify(ctx, pool)
	if err != nil {
		return err
	}
	client, err := redis.Open(os.Getenv("REDIS_URL"))
	if err != nil {
		return err
	}
	defer client.Close()
	channel := &echo.Channel{URL: os.Getenv("PROVIDER_URL")}
	gateway, err := bot.New(bot.Config{
		Pool: pool, Redis: client, KeyPrefix: redis.Prefix(identity), Turn: echo.Turn, Format: 1, Workers: workers,
		Channels: []bot.Channel{channel}, Webhooks: []bot.Webhook{{Name: "telegram", Receiver: channel, Deliveries: channel}},
		Clock: clock.System{}, Log: slog.New(bot.NewLogHandler(os.Stderr, slog.LevelWarn)),
		Random: func(n int) []byte {
			b := make([]byte, n)
			_, _ = rand.Read(b) // never fails
			return b
		},
	})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", os.Getenv("SOUK_ADDR"))
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	gateway.Routes(mux)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	serving := make(chan error, 1)
	go func() { serving <- server.Serve(listener) }()
	working, stopWorking := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWorking()
	done := make(chan error, 1)
	go func() { done <- gateway.Run(working) }()
	select {
	case err := <-serving:
		return err
	case <-ctx.Done():
	}
	if err := server.Shutdown(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	stopWorking()
	return <-done
}
