package bot

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"souk/internal/failpoint"
)

const (
	maxBody = 1 << 20
	// A provider gives up after ten seconds or more; a request that waits longer than this is better retried by it.
	receiveFor = 5 * time.Second
	retryAfter = "2" // seconds, said with every 503
)

// Routes adds the webhooks and the pages for monitors to mux.
func (g *Gateway) Routes(mux *http.ServeMux) {
	for _, w := range g.Webhooks {
		mux.Handle("POST /webhooks/"+w.Name, g.Receive(w))
		if w.Deliveries != nil {
			mux.Handle("POST /webhooks/"+w.Name+"/status", g.ReceiveDelivery(w))
		}
	}
	mux.HandleFunc("GET /healthz", g.healthz)
	mux.HandleFunc("GET /readyz", g.readyz)
	if g.Metrics != nil {
		mux.Handle("GET /metrics", promhttp.HandlerFor(g.Metrics, promhttp.HandlerOpts{}))
	}
}

// Receive answers 200 to an update only when it stands in the inbox; 403 where it is forged; 503 where Postgres is away or
// there is more than can be taken; 413 and 400 for a body over 1 MiB or cut short.
func (g *Gateway) Receive(webhook Webhook) http.Handler {
	return g.guarded(func(ctx context.Context, w http.ResponseWriter, r *http.Request, body []byte) {
		in, err := webhook.Receiver.Receive(r, body)
		if err != nil {
			g.refuse(w, webhook.Name, err)
			return
		}
		heard := in.Ignore // an ignored tap stops turning too
		if !in.Ignore {
			if heard, err = g.Accept(ctx, in); err != nil {
				g.busy(w, "store update", err)
				return
			}
		}
		if heard && in.AckTap != "" && webhook.AckTap != nil {
			g.ackTap(tap{id: in.AckTap, ack: webhook.AckTap})
		}
		answer(w, webhook)
	})
}

// Accept stores one update and wakes this process for its conversation. kept is false for a duplicate. When it returns nil the
// update is committed.
func (g *Gateway) Accept(ctx context.Context, in Incoming) (kept bool, err error) {
	conversation, outcome, err := g.store(ctx, in)
	if err != nil {
		return false, err
	}
	failpoint.Hit("inbox.committed")
	switch outcome {
	case duplicate:
		g.metrics.duplicates.Inc()
		return false, nil
	case unreadable:
		g.metrics.parked.Inc()
	case stored:
		g.wakes.add(conversation)
	}
	g.metrics.accepted.WithLabelValues(in.Channel).Inc()
	return true, nil
}

// guarded bounds how many requests are in hand, how long and how large each is.
func (g *Gateway) guarded(serve func(context.Context, http.ResponseWriter, *http.Request, []byte)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case g.receiving <- struct{}{}:
			defer func() { <-g.receiving }()
		default:
			g.busy(w, "receive", errors.New("too many requests in hand"))
			return
		}
		// A place among those in hand is not for clients that dawdle. What keeps no deadlines (a test's recorder) has none.
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(receiveFor))
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			status := http.StatusBadRequest
			var large *http.MaxBytesError
			if errors.As(err, &large) {
				status = http.StatusRequestEntityTooLarge
			}
			http.Error(w, http.StatusText(status), status)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), receiveFor)
		defer cancel()
		serve(ctx, w, r, body)
	})
}

func (g *Gateway) refuse(w http.ResponseWriter, webhook string, err error) {
	if errors.Is(err, ErrForged) {
		g.metrics.forged.WithLabelValues(webhook).Inc()
		g.Log.Warn("forged request", "webhook", webhook)
		http.Error(w, "forbidden", http.StatusForbidden)
		return
	}
	g.Log.Warn("unreadable request", "webhook", webhook, "error", err)
	http.Error(w, "bad request", http.StatusBadRequest)
}

// busy never lies: what was not committed is not acknowledged, and the provider tries again.
func (g *Gateway) busy(w http.ResponseWriter, doing string, err error) {
	g.metrics.shed.Inc()
	g.turnedAway.Add(1)
	g.report(doing, err)
	w.Header().Set("Retry-After", retryAfter)
	http.Error(w, "try again", http.StatusServiceUnavailable)
}

func answer(w http.ResponseWriter, webhook Webhook) {
	if webhook.ContentType != "" {
		w.Header().Set("Content-Type", webhook.ContentType)
	}
	_, _ = io.WriteString(w, webhook.Answer) // the update is committed, whether or not the provider hears so
}
