package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"souk/bot/simulator"
	"souk/internal/postgres/cluster"
	"souk/internal/postgres/pgtest"
	"souk/internal/redis"
)

// Redis is emptied, put back from an old dump, and killed, each in the middle of an order: the order goes on as if nothing had been.
func TestRedisMayVanishOrComeBackOldInMidOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t, built(t, release), pgtest.URL(t))
	w.begin()
	w.introduced()
	b, shopper := w.buyer(simulator.Telegram, 400), w.buyer(simulator.WhatsApp, 401)
	shopper.does(shopper.text("belboula"), "Combien")
	b.does(b.text("1 belboula"), "1 × Belboula")
	old, err := w.redis.Dump(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b.does(b.text("1 belboula"), "2 × Belboula")
	shopper.does(shopper.text("3"), "3 × Belboula")
	w.emptyRedis()
	b.does(b.text("Casablanca"), "Casablanca", "15 dh")
	shopper.does(shopper.tap("Commander"), "ville")
	if err := w.redis.Restore(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	b.does(b.text("1"), "numéro")
	shopper.does(shopper.text("Rabat"), "Rabat")
	w.redis.Kill()
	b.does(b.text(b.number), "46 + 15", "30 min")
	if status, body := w.page("/readyz"); !strings.Contains(body, `"redis":"away"`) {
		t.Errorf("readiness without Redis: %d %s", status, body)
	}
	shopper.does(shopper.text("1"), "69 + ", "30 min")
	if err := w.redis.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.does(b.tap("Oui"), "61 dh")
	shopper.does(shopper.tap("Oui"), "69 dh")
	for _, b := range []*buyer{b, shopper} {
		if extra := b.fresh(); len(extra) > 0 {
			t.Errorf("%s was also told %q", b.phone.Key(), extra)
		}
	}
	w.settled(patience)
	w.is("purchases", 2, "SELECT count(*) FROM purchase WHERE status = 'placed'")
	w.is("kilos ordered", 5, "SELECT sum(quantity)::int FROM line")
	w.is("answers beside one for each message", 0, "SELECT (SELECT count(*) FROM outbox o JOIN inbox i ON i.id = o.inbox_id WHERE NOT internal)::int - (SELECT count(*) FROM inbox WHERE NOT internal)::int")
	w.obedient()
	w.discreet()
}

func (w *world) emptyRedis() {
	w.t.Helper()
	client, err := redis.Open(w.redis.URL())
	if err != nil {
		w.t.Fatal(err)
	}
	defer client.Close()
	if err := client.FlushAll(w.t.Context()).Err(); err != nil {
		w.t.Fatal(err)
	}
}

// Postgres is killed in mid-order: meanwhile every message is answered 503, and afterwards all of them are heard. Telegram repeats
// what was turned away; Twilio does not, and is listed.
func TestPostgresAwayIsNeverAFalseYes(t *testing.T) {
	t.Parallel()
	pg := pgtest.Durable(t)
	w := newWorld(t, built(t, release), pg.URL(cluster.Database))
	w.begin()
	w.introduced()
	var phones []*buyer
	for i, channel := range []simulator.Channel{simulator.Telegram, simulator.WhatsApp, simulator.SMS} {
		b := w.buyer(channel, 410+i)
		b.phone.Text("1 belboula") // by the stand-in, as a provider delivers
		b.hears("1 ", "Belboula")
		phones = append(phones, b)
	}
	if status, body := w.page("/readyz"); status != http.StatusOK {
		t.Errorf("readiness over a durable database: %d %s", status, body)
	}
	if err := pg.Kill(); err != nil {
		t.Fatal(err)
	}
	// A backend may outlive its killed postmaster for a moment, and what it commits meanwhile is as durable as ever.
	eventually(t, "souk knows that Postgres is away", patience, func() bool { return w.get("/readyz") == http.StatusServiceUnavailable })
	outsider := w.buyer(simulator.Telegram, 420)
	turned := outsider.text("belboula")
	if status := w.postUpdate(turned); status != http.StatusServiceUnavailable {
		t.Errorf("without Postgres an update was answered %d", status)
	}
	for _, b := range phones {
		b.phone.Text("1 belboula")
	}
	if status := w.get("/healthz"); status != http.StatusOK {
		t.Errorf("alive without Postgres: %d", status)
	}
	time.Sleep(3 * time.Second)
	if err := pg.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, b := range phones {
		b.hears("2 ", "Belboula")
	}
	eventually(t, "souk is ready again", patience, func() bool { return w.get("/readyz") == http.StatusOK })
	if status := w.postUpdate(turned); status != http.StatusOK {
		t.Errorf("afterwards the update was answered %d", status)
	}
	outsider.hears("Combien")
	w.settled(patience)
	w.is("kilos in all carts", 6, "SELECT sum(quantity)::int FROM cart_line")
	w.is("messages", 7, "SELECT count(*) FROM inbox WHERE NOT internal AND done_at IS NOT NULL")
	w.is("parked", 0, "SELECT count(*) FROM inbox WHERE parked_at IS NOT NULL")
	if code := w.serve.end(sigterm, 15*time.Second); code != 0 {
		t.Errorf("exit %d", code)
	}
	w.obedient()
	w.discreet("belboula")
}
