package bot

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"
)

// metrics is what a gateway counts. Nothing in it names a person.
type metrics struct {
	accepted    *prometheus.CounterVec // by channel
	forged      *prometheus.CounterVec // by webhook
	outbox      *prometheus.CounterVec // rows marked, by status
	sendErrors  *prometheus.CounterVec // by channel and verdict
	sendSeconds *prometheus.HistogramVec
	waiting     *prometheus.GaugeVec // rows by table and status, as of the last count

	duplicates, shed, births, tapsDropped              prometheus.Counter
	turns, claimRetries, failures, parked, held, swept prometheus.Counter
	redisHits, redisMisses, redisErrors                prometheus.Counter
	turnSeconds                                        prometheus.Histogram
	all                                                []prometheus.Collector
}

func newMetrics(g *Gateway) *metrics {
	m := &metrics{}
	counter := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Namespace: "souk", Name: name, Help: help})
		m.all = append(m.all, c)
		return c
	}
	vector := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "souk", Name: name, Help: help}, labels)
		m.all = append(m.all, c)
		return c
	}
	gauge := func(name, help string, value func() float64) {
		m.all = append(m.all, prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "souk", Name: name, Help: help}, value))
	}
	m.accepted = vector("updates_accepted_total", "Updates stored in the inbox.", "channel")
	m.forged = vector("updates_forged_total", "Webhook requests with a wrong secret or signature.", "webhook")
	m.duplicates = counter("updates_duplicate_total", "Updates that were stored already.")
	m.shed = counter("requests_shed_total", "Webhook requests answered 503.")
	m.births = counter("conversation_births_retried_total", "Updates that waited for their conversation to be born elsewhere.")
	m.tapsDropped = counter("taps_unacknowledged_total", "Taps not acknowledged because too many waited.")
	m.turns = counter("turns_total", "Turns committed.")
	m.claimRetries = counter("claim_retries_total", "Wakes that found their conversation held.")
	m.failures = counter("turn_failures_total", "Turns that ended in a panic or a lasting error.")
	m.parked = counter("updates_parked_total", "Inbox rows given up on.")
	m.swept = counter("conversations_swept_total", "Conversations that the sweep found waiting.")
	m.redisHits = counter("session_hits_total", "Sessions recalled from Redis.")
	m.redisMisses = counter("session_misses_total", "Sessions rebuilt from their checkpoint.")
	m.redisErrors = counter("redis_errors_total", "Redis commands that failed.")
	m.outbox = vector("outbox_marked_total", "Outbox rows marked, by their new status.", "status")
	m.sendErrors = vector("send_errors_total", "Messages that a provider did not take.", "channel", "verdict")
	m.held = counter("outbox_held_total", "Outbox rows held back until their person writes or a day ends.")
	m.turnSeconds = prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: "souk", Name: "turn_seconds",
		Help: "From the claim of a conversation to its commit.", Buckets: prometheus.ExponentialBuckets(0.0005, 2, 14)})
	m.sendSeconds = prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "souk", Name: "send_seconds",
		Help: "Calls to providers.", Buckets: prometheus.ExponentialBuckets(0.001, 2, 14)}, []string{"channel"})
	m.waiting = prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "souk", Name: "rows", Help: "Rows by table and status, counted now and then."},
		[]string{"table", "status"})
	m.all = append(m.all, m.turnSeconds, m.sendSeconds, m.waiting)

	gauge("pool_connections", "Connections to Postgres.", func() float64 { return float64(g.Pool.Stat().TotalConns()) })
	gauge("pool_connections_in_use", "Connections to Postgres in use.", func() float64 { return float64(g.Pool.Stat().AcquiredConns()) })
	gauge("pool_waits", "Acquisitions that waited for a connection, since the start.", func() float64 { return float64(g.Pool.Stat().EmptyAcquireCount()) })
	return m
}

// Describe implements prometheus.Collector.
func (m *metrics) Describe(to chan<- *prometheus.Desc) {
	for _, c := range m.all {
		c.Describe(to)
	}
}

// Collect implements prometheus.Collector.
func (m *metrics) Collect(to chan<- prometheus.Metric) {
	for _, c := range m.all {
		c.Collect(to)
	}
}

// gaugeStep counts the rows that wait. The counts run over partial indexes that hold little but what waits.
func (g *Gateway) gaugeStep(ctx context.Context) error {
	rows, err := g.Pool.Query(ctx, countWaiting)
	if err != nil {
		return fmt.Errorf("count what waits: %w", err)
	}
	type count struct {
		Table, Status string
		Rows          int64
	}
	counts, err := pgx.CollectRows(rows, pgx.RowToStructByPos[count])
	if err != nil {
		return fmt.Errorf("count what waits: %w", err)
	}
	for _, c := range counts {
		g.metrics.waiting.WithLabelValues(c.Table, c.Status).Set(float64(c.Rows))
	}
	return nil
}

const countWaiting = `
SELECT 'inbox', 'pending', count(*) FROM inbox WHERE done_at IS NULL AND parked_at IS NULL
UNION ALL SELECT 'inbox', 'parked', count(*) FROM inbox WHERE parked_at IS NOT NULL
UNION ALL SELECT 'outbox', s.status, count(o.id) FROM unnest(ARRAY['queued', 'sending', 'unknown']) AS s (status)
	LEFT JOIN outbox o ON o.status = s.status AND o.status IN ('queued', 'sending', 'unknown') GROUP BY s.status
UNION ALL SELECT 'outbox', 'held', count(*) FROM outbox WHERE status = 'held'
UNION ALL SELECT 'notice', 'waiting', count(*) FROM notice WHERE status = 'waiting'`
