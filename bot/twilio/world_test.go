package twilio

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/jpeg"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"souk/bot"
	"souk/bot/simulator"
	"souk/flows"
)

// world is the stand-in for Twilio, both channels that call it, Amina's two phones, and an application that takes notes of its webhooks.
type world struct {
	*Account
	chat   *WhatsApp
	sms    *SMS
	sim    *simulator.Simulator
	amina  *simulator.Phone // on WhatsApp
	samira *simulator.Phone // by SMS
	shelf  *shelf

	mu       sync.Mutex
	now      time.Time
	inbound  []bot.Incoming
	statuses []bot.Delivery
	outbox   int64
}

// shelf is the table content_resource.
type shelf struct {
	mu    sync.Mutex
	known map[string]Resource
}

func (s *shelf) hooks() Resources {
	return Resources{
		Load: func(context.Context, string) (all []Resource, err error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			for _, resource := range s.known {
				all = append(all, resource)
			}
			return all, nil
		},
		Save: func(_ context.Context, _ string, resource Resource) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.known[resource.Name] = resource
			return nil
		},
	}
}

func picture() []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 30)), nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func openPicture(_ context.Context, key string) (io.ReadCloser, int64, error) {
	if !strings.HasPrefix(key, "p/") {
		return nil, 0, errors.New("no such picture")
	}
	jpg := picture()
	return io.NopCloser(bytes.NewReader(jpg)), int64(len(jpg)), nil
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{shelf: &shelf{known: map[string]Resource{}}, now: time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC)}
	sim, err := simulator.New(simulator.Options{Seed: 1, Now: w.clock, Twilio: simulator.TwilioOptions{AccountSid: accountSID, AuthToken: authToken, StatusDelay: time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	w.sim = sim
	links := NewPhotoLinks("souk secret", openPicture)
	mux := http.NewServeMux()
	mux.Handle("GET "+PhotoPath, links)
	mux.HandleFunc("POST "+InboundPath, func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		in, err := w.Receive(r, body)
		if err != nil {
			t.Error(err)
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.inbound = append(w.inbound, in)
		rw.Header().Set("Content-Type", "text/xml")
		_, _ = io.WriteString(rw, "<Response/>")
	})
	mux.HandleFunc("POST "+StatusPath, func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		status, err := w.ReceiveDelivery(r, body)
		if err != nil {
			t.Error(err)
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.statuses = append(w.statuses, status)
	})
	app, api := httptest.NewServer(mux), httptest.NewServer(sim.Handler())
	t.Cleanup(func() { sim.Close(); app.Close(); api.Close() })
	sim.SetTwilioWebhook(app.URL + InboundPath)
	w.Account, err = New(Config{
		AccountSID: accountSID, AuthToken: authToken, PublicURL: app.URL, APIURL: api.URL + "/simulator/twilio",
		Timeout: 2 * time.Second, Transport: &http.Transport{},
	}, simulator.DefaultWhatsAppFrom, simulator.DefaultSMSFrom)
	if err != nil {
		t.Fatal(err)
	}
	w.chat, _ = w.WhatsApp(WhatsAppConfig{ListButtons: map[string]string{"fr": "Choisir", "ar": "اختيار"}}, links, w.shelf.hooks())
	w.sms, _ = w.SMS(SMSConfig{})
	w.amina = sim.Phone(simulator.WhatsApp, simulator.Owner{Name: "Amina", Number: "+212612345678", Language: "fr"})
	w.samira = sim.Phone(simulator.SMS, simulator.Owner{Name: "Samira", Number: "+212698765432", Language: "fr"})
	w.amina.Text("bonjour")
	w.idle(t)
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) idle(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := w.sim.WaitIdle(ctx, 10*time.Millisecond); err != nil {
		t.Fatal(err)
	}
}

func (w *world) sync(t *testing.T) {
	t.Helper()
	if _, err := w.chat.Sync(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
}

func (w *world) outgoing(to *simulator.Phone, reply flows.Reply) bot.Outgoing {
	w.outbox++
	return bot.Outgoing{OutboxID: w.outbox, ExternalID: to.Owner().Number, Reply: reply, CreatedAt: w.clock()}
}

func (w *world) say(t *testing.T, channel bot.Channel, to *simulator.Phone, reply flows.Reply) ([]bot.Sent, error) {
	t.Helper()
	var all []bot.Sent
	out := w.outgoing(to, reply)
	for part := range channel.Parts(reply) {
		sent, err := channel.Send(t.Context(), out, part)
		if err != nil {
			return all, err
		}
		all = append(all, sent)
	}
	return all, nil
}

func heard(p *simulator.Phone) (all []simulator.Message) {
	for _, m := range p.Messages() {
		if m.From == simulator.FromSouk {
			all = append(all, m)
		}
	}
	return all
}

func (w *world) clean(t *testing.T) {
	t.Helper()
	for _, c := range w.sim.Complaints() {
		t.Errorf("complaint: %s: %s", c.Method, c.Problem)
	}
}
