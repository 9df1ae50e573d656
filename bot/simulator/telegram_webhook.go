package simulator

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// webhook is where the bot wants its updates.
type webhook struct {
	url, secret string
	connections int
	allowed     []string
	generation  int // rises when pending updates are dropped
	pending     int
	lastError   string
	lastErrorAt time.Time
	changed     chan struct{}
}

// turn wakes deliveries that wait for a webhook. Callers hold the simulator's mu.
func (w *webhook) turn() {
	close(w.changed)
	w.changed = make(chan struct{})
}

// Updates that a bot does not get unless it asks for them by name.
func onRequestOnly(kind string) bool {
	return kind == "chat_member" || kind == "message_reaction" || kind == "message_reaction_count"
}

// delivery is one update on its way.
type delivery struct {
	phone   *Phone
	message *Message // whose ticks follow the delivery; nil for none
	kind    string
	body    []byte
	lane    string
	expires time.Time // zero: after a day
}

// update makes an update of kind and sends it on its way. Callers hold mu.
func (s *Simulator) update(p *Phone, m *Message, kind string, object any) {
	d := delivery{phone: p, message: m, kind: kind, lane: fmt.Sprintf("telegram:chat:%d", p.id)}
	update := map[string]any{"update_id": s.nextID(), kind: object}
	if kind == "callback_query" {
		// Taps queue per user, apart from what is written (tdlib/telegram-bot-api).
		d.lane = fmt.Sprintf("telegram:taps:%d", userObject(p)["id"])
		d.expires = time.Now().Add(s.opt.Telegram.CallbackTTL)
	}
	if err := s.api.checkObject(update, "Update"); err != nil {
		// A fault of the stand-in; it must not pass for the application's.
		panic(fmt.Sprintf("simulator: update against the contract: %v", err))
	}
	body, err := json.Marshal(update)
	if err != nil {
		panic(fmt.Sprintf("simulator: encoding an update: %v", err))
	}
	d.body = body
	s.send(d)
}

// send queues a delivery. Callers hold mu.
func (s *Simulator) send(d delivery) {
	w := &s.telegram.webhook
	if len(w.allowed) > 0 && !slices.Contains(w.allowed, d.kind) || len(w.allowed) == 0 && onRequestOnly(d.kind) {
		return
	}
	w.pending++
	generation := w.generation
	var once sync.Once // a duplicated delivery is one pending update
	job := func(ctx context.Context) {
		s.deliver(ctx, d, generation)
		once.Do(func() {
			s.mu.Lock()
			s.telegram.webhook.pending--
			s.mu.Unlock()
		})
	}
	if !s.launch("telegram", d.phone.Address(), "webhook", d.lane, job) {
		w.pending--
	}
}

// launch puts a job of a provider's own into its lane, with what is scripted to
// go wrong; false when it will never run. It must not be called without mu: order
// in the lane is order of ids.
func (s *Simulator) launch(provider, to, method, lane string, job func(context.Context)) bool {
	fault := s.strikeLocked(provider, method, to, FaultDuplicate, FaultReorder, FaultDrop, FaultSlow)
	if fault == nil {
		s.posts.put(lane, job)
		return true
	}
	switch fault.Kind {
	case FaultDrop:
		return false
	case FaultDuplicate:
		s.posts.put(lane, func(ctx context.Context) {
			var wg sync.WaitGroup
			for range 2 {
				wg.Go(func() { job(ctx) })
			}
			wg.Wait()
		})
	case FaultReorder:
		s.posts.hold(lane, job)
	case FaultSlow:
		s.posts.put(lane, func(ctx context.Context) {
			pause(ctx, fault.delay())
			job(ctx)
		})
	}
	return true
}

func (s *Simulator) deliver(ctx context.Context, d delivery, generation int) {
	wait := s.opt.RetryBase
	start := time.Now()
	for ctx.Err() == nil {
		s.mu.Lock()
		w := s.telegram.webhook
		slots := s.telegram.slots
		s.mu.Unlock()
		gone := time.Since(start) > 24*time.Hour || (!d.expires.IsZero() && time.Now().After(d.expires))
		if gone || w.generation != generation {
			s.tick(d.phone, d.message, "lost")
			return
		}
		if w.url == "" {
			select {
			case <-ctx.Done():
			case <-w.changed:
			}
			continue
		}
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		status, retryAfter, err := s.postUpdate(ctx, w, d.body)
		<-slots
		if err == nil && status/100 == 2 {
			s.tick(d.phone, d.message, "delivered")
			return
		}
		s.webhookFailed(status, err)
		next := wait
		if retryAfter > 0 {
			next = retryAfter
		}
		pause(ctx, next)
		wait = min(2*wait, time.Minute)
	}
}

func (s *Simulator) postUpdate(ctx context.Context, w webhook, body []byte) (status int, retryAfter time.Duration, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.dial(w.url), bytes.NewReader(body))
	if err != nil {
		return 0, 0, fmt.Errorf("making the webhook's request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	if w.secret != "" {
		req.Header.Set("X-Telegram-Bot-Api-Secret-Token", w.secret)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return 0, 0, fmt.Errorf("posting an update: %w", err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<20)); err != nil {
		return 0, 0, fmt.Errorf("reading the webhook's answer: %w", err)
	}
	if n, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && n > 0 {
		retryAfter = time.Duration(n) * time.Second
	}
	return resp.StatusCode, retryAfter, nil
}

func (s *Simulator) webhookFailed(status int, err error) {
	problem := fmt.Sprintf("Wrong response from the webhook: %d %s", status, http.StatusText(status))
	if err != nil {
		problem = err.Error()
	}
	s.opt.Log.Info("telegram webhook refused", "problem", problem)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.telegram.webhook.lastError, s.telegram.webhook.lastErrorAt = problem, s.opt.Now()
}

// tick sets how far a person's message came.
func (s *Simulator) tick(p *Phone, m *Message, status string) {
	if m == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if m.Status == status {
		return
	}
	m.Status = status
	p.tell(m)
}

// dial is where a public URL is really reached.
func (s *Simulator) dial(url string) string {
	for public, real := range s.opt.Via {
		if rest, ok := strings.CutPrefix(url, public); ok && (rest == "" || strings.HasPrefix(rest, "/")) {
			return real + rest
		}
	}
	return url
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}
