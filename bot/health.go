package bot

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"souk/internal/postgres"
)

func (g *Gateway) healthz(w http.ResponseWriter, _ *http.Request) {
	_, _ = w.Write([]byte("ok\n"))
}

// readyz answers 200 when what is accepted here is safe: Postgres is reachable and its commits are durable, and this process is
// not draining. Redis only degrades.
func (g *Gateway) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	state := struct {
		Postgres string `json:"postgres"`
		Redis    string `json:"redis"`
		Draining bool   `json:"draining"`
	}{Postgres: "ok", Redis: "ok", Draining: g.draining.Load()}
	if err := postgres.Durable(ctx, g.Pool); err != nil {
		g.report("readiness", err)
		state.Postgres = "away, or not durable"
	}
	switch {
	case g.Redis == nil:
		state.Redis = "none"
	case g.Redis.Ping(ctx).Err() != nil:
		state.Redis = "away"
	}
	w.Header().Set("Content-Type", "application/json")
	if state.Postgres != "ok" || state.Draining {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(state) // who asks may be gone
}
