package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	dto "github.com/prometheus/client_model/go"

	"souk/bot/simulator"
)

// load writes to a webhook as Telegram does and knows when a turn is over.
type load struct {
	url    string // of whole turns
	secret string
	client *http.Client
	update atomic.Int64

	mu      sync.RWMutex
	waiting map[int64]*talker // by conversation
	resting chan *talker      // those who have nothing in mind
	talking chan *talker      // those in the middle of a talk, whose last turn is over
	all     []*talker
}

func newLoad(url string) *load {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns, transport.MaxIdleConnsPerHost = 256, 256
	l := &load{url: url, client: &http.Client{Transport: transport, Timeout: 30 * time.Second}, waiting: map[int64]*talker{}}
	l.update.Store(1_500_000_000) // far from the stand-in's own
	return l
}

// marked is told by the gateway of each reply that was sent and marked.
func (l *load) marked(conversation int64) {
	l.mu.RLock()
	t := l.waiting[conversation]
	l.mu.RUnlock()
	if t != nil {
		select {
		case t.heard <- struct{}{}:
		default: // it has heard already
		}
	}
}

// post sends one update and returns once it is answered 200.
func (l *load) post(ctx context.Context, url string, chat int64, text string) error {
	id := l.update.Add(1)
	body := fmt.Appendf(nil, `{"update_id":%d,"message":{"message_id":%d,"from":{"id":%d,"is_bot":false,"first_name":"Amina","language_code":"fr"},`+
		`"chat":{"id":%d,"first_name":"Amina","type":"private"},"date":%d,"text":%q}}`, id, id, chat, chat, time.Now().Unix(), text)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("post an update: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Telegram-Bot-Api-Secret-Token", l.secret)
	request.Header.Set("X-Conversation", fmt.Sprint(chat))
	response, err := l.client.Do(request)
	if err != nil {
		return fmt.Errorf("post an update: %w", err)
	}
	_, _ = io.Copy(io.Discard, response.Body)
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("post an update: answered %s", response.Status)
	}
	return nil
}

// meet makes conversations known: each says a first word and is answered.
func (l *load) meet(ctx context.Context, st *stage, conversations int) error {
	if err := st.registerTelegram(ctx); err != nil {
		return err
	}
	for i := range conversations {
		phone := st.simulator.Phone(simulator.Telegram, simulator.Owner{Name: "Amina", Number: fmt.Sprintf("+2126%08d", i), Language: "fr"})
		chat, err := strconv.ParseInt(phone.Address(), 10, 64)
		if err != nil {
			return fmt.Errorf("a phone's chat: %w", err)
		}
		l.all = append(l.all, &talker{chat: chat, heard: make(chan struct{}, 1)})
		phone.Text("salam")
	}
	if err := st.simulator.WaitIdle(ctx, 200*time.Millisecond); err != nil {
		return fmt.Errorf("meet the conversations: %w", err)
	}
	rows, err := st.pool.Query(ctx, `SELECT id, external_id::bigint FROM address WHERE channel = 'telegram'`)
	if err != nil {
		return fmt.Errorf("find the conversations: %w", err)
	}
	byChat := map[int64]*talker{}
	for _, t := range l.all {
		byChat[t.chat] = t
	}
	l.mu.Lock()
	for rows.Next() {
		var id, chat int64
		if err := rows.Scan(&id, &chat); err != nil {
			l.mu.Unlock()
			return fmt.Errorf("find the conversations: %w", err)
		}
		l.waiting[id] = byChat[chat]
	}
	l.mu.Unlock()
	if err := rows.Err(); err != nil {
		return fmt.Errorf("find the conversations: %w", err)
	}
	l.resting, l.talking = make(chan *talker, len(l.all)), make(chan *talker, len(l.all))
	for _, i := range rand.Perm(len(l.all)) {
		l.resting <- l.all[i]
	}
	return quiet(ctx, st)
}

// quiet waits until nothing is left to turn or to send.
func quiet(ctx context.Context, st *stage) error {
	for {
		var left int
		err := st.pool.QueryRow(ctx, `
SELECT (SELECT count(*) FROM inbox WHERE done_at IS NULL AND parked_at IS NULL)
     + (SELECT count(*) FROM outbox WHERE status IN ('queued', 'sending', 'unknown'))`).Scan(&left)
		if err != nil {
			return fmt.Errorf("wait until all is said: %w", err)
		}
		if left == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// next is somebody in the middle of a talk, else whoever has rested longest: so many talk at a time as there are clients.
func (l *load) next() *talker {
	select {
	case t := <-l.talking:
		return t
	default:
		return <-l.resting
	}
}

// turn lets somebody say their next line, and waits for the answer to be sent and marked. What was not taken is said again.
func (l *load) turn(ctx context.Context) (err error) {
	t := l.next()
	line := t.line()
	defer func() {
		if err == nil && t.said() {
			l.resting <- t
		} else {
			l.talking <- t
		}
	}()
	select {
	case <-t.heard: // a second message of their last turn
	default:
	}
	if err := l.post(ctx, l.url, t.chat, line); err != nil {
		return err
	}
	select {
	case <-t.heard:
		return nil
	case <-time.After(20 * time.Second):
		return fmt.Errorf("no answer to %q within 20 s", line)
	}
}

func (b *benches) measureFloor(ctx context.Context, clients int, d time.Duration) (tally, error) {
	return repeat(clients, d, func() error { return b.load.post(ctx, b.floor.url, b.load.any().chat, "miel") }), nil
}

func (b *benches) measureAccepted(ctx context.Context, clients int, d time.Duration) (tally, error) {
	return repeat(clients, d, func() error { return b.load.post(ctx, b.receiver.url, b.load.any().chat, "miel") }), nil
}

func (b *benches) measureTurns(ctx context.Context, clients int, d time.Duration) (tally, error) {
	hits, misses, err := b.recalls()
	if err != nil {
		return tally{}, err
	}
	s := repeat(clients, d, func() error { return b.load.turn(ctx) })
	hitsAfter, missesAfter, err := b.recalls()
	if all := hitsAfter - hits + missesAfter - misses; all > 0 {
		s.redisHits = (hitsAfter - hits) / all
	}
	if err != nil {
		return tally{}, err
	}
	return s, quiet(ctx, b.stage)
}

func (l *load) any() *talker { return l.all[rand.IntN(len(l.all))] }

// recalls reads how many sessions were found in Redis and how many were not.
func (b *benches) recalls() (hits, misses float64, err error) {
	families, err := b.stage.registry.Gather()
	if err != nil {
		return 0, 0, fmt.Errorf("read the metrics: %w", err)
	}
	value := func(name string) float64 {
		i := slices.IndexFunc(families, func(f *dto.MetricFamily) bool { return f.GetName() == name })
		if i < 0 {
			return 0
		}
		return families[i].GetMetric()[0].GetCounter().GetValue()
	}
	return value("souk_session_hits_total"), value("souk_session_misses_total"), nil
}
