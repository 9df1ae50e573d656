// Package echotest is the provider of package echo: an HTTP server that remembers what it was sent and fails on demand.
package echotest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"souk/bot/internal/echo"
)

// Fault is how a provider treats one message.
type Fault int

// The faults.
const (
	None        Fault = iota
	Drop              // takes it and cuts the connection
	Cut               // cuts the connection and takes nothing
	Flood             // 429 for a while, of this chat
	FloodAll          // 503 for a while, of the account
	BadGateway        // 502, not taken
	BadAddress        // 400
	BlockedBy         // 403
	OutOfWindow       // 409
	Hang              // takes it and does not answer
)

// Provider remembers what it was sent.
type Provider struct {
	*httptest.Server
	// Retry is the pause that goes with Flood and FloodAll.
	Retry time.Duration

	mu       sync.Mutex
	fault    func(m echo.Message, try int) Fault
	messages []echo.Message
	at       []time.Time
	tries    map[[2]int64]int
	taken    map[[2]int64]string
}

// NewProvider starts a provider that ends with the test.
func NewProvider(t testing.TB) *Provider {
	p := &Provider{tries: map[[2]int64]int{}, taken: map[[2]int64]string{}, Retry: 300 * time.Millisecond}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /send", p.send)
	mux.HandleFunc("GET /find", p.find)
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

// Faults says from now on how to treat a message; try counts those of the same outbox row and part.
func (p *Provider) Faults(treat func(m echo.Message, try int) Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = treat
}

// Messages are what was taken, in order.
func (p *Provider) Messages() []echo.Message {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]echo.Message(nil), p.messages...)
}

// To are the texts that an address was sent, in order.
func (p *Provider) To(address string) (texts []string) {
	for _, m := range p.Messages() {
		if m.To == address {
			texts = append(texts, m.Text)
		}
	}
	return texts
}

// Times are when messages to an address were taken.
func (p *Provider) Times(address string) (times []time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, m := range p.messages {
		if m.To == address {
			times = append(times, p.at[i])
		}
	}
	return times
}

// Tries is how often an address's messages were tried.
func (p *Provider) Tries() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, tries := range p.tries {
		n += tries
	}
	return n
}

func (p *Provider) send(w http.ResponseWriter, r *http.Request) {
	var m echo.Message
	if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	key := [2]int64{m.Outbox, int64(m.Part)}
	p.mu.Lock()
	p.tries[key]++
	fault := None
	if p.fault != nil {
		fault = p.fault(m, p.tries[key])
	}
	id := "m" + strconv.FormatInt(m.Outbox, 10) + "." + strconv.Itoa(m.Part) + "." + strconv.Itoa(p.tries[key])
	if fault == None || fault == Drop || fault == Hang {
		p.messages = append(p.messages, m)
		p.at = append(p.at, time.Now())
		p.taken[key] = id
	}
	p.mu.Unlock()

	answer := echo.Answer{ID: id, Found: true, Retry: int(p.Retry.Milliseconds())}
	status := http.StatusOK
	switch fault {
	case Drop, Cut:
		panic(http.ErrAbortHandler)
	case Hang:
		<-r.Context().Done()
		return
	case Flood:
		status = http.StatusTooManyRequests
	case FloodAll:
		status = http.StatusServiceUnavailable
	case BadGateway:
		status = http.StatusBadGateway
	case BadAddress:
		status = http.StatusBadRequest
	case BlockedBy:
		status = http.StatusForbidden
	case OutOfWindow:
		status = http.StatusConflict
	}
	reply(w, status, answer)
}

func (p *Provider) find(w http.ResponseWriter, r *http.Request) {
	outbox, _ := strconv.ParseInt(r.FormValue("outbox"), 10, 64)
	part, _ := strconv.ParseInt(r.FormValue("part"), 10, 64)
	p.mu.Lock()
	id, found := p.taken[[2]int64{outbox, part}]
	p.mu.Unlock()
	reply(w, http.StatusOK, echo.Answer{ID: id, Found: found})
}

func reply(w http.ResponseWriter, status int, answer echo.Answer) {
	body, err := json.Marshal(answer)
	if err != nil {
		panic(err) // strings and numbers
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // the other end may have gone
}
