package simulator

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/go-telegram/bot"
	"github.com/twilio/twilio-go/client"
	twilioapi "github.com/twilio/twilio-go/rest/api/v2010"
	contentapi "github.com/twilio/twilio-go/rest/content/v1"
)

const testSecret = "s3cret"

// world is a simulator served over HTTP, an application that only takes notes of
// its webhooks, and the real clients of both providers.
type world struct {
	*Simulator
	t      *testing.T
	server *httptest.Server
	app    *httptest.Server
	clock  *testClock

	mu       sync.Mutex
	updates  []map[string]any
	forms    []url.Values // inbound
	statuses []url.Values
	got      chan struct{}
	read     [2]int // how many updates and forms next… has returned
	// answer decides on a webhook's status; nil is 200.
	answer func(*http.Request) int
}

type testClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *testClock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func newWorld(t *testing.T, opt Options) *world {
	t.Helper()
	w := &world{t: t, clock: &testClock{now: time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC)}, got: make(chan struct{}, 1000)}
	opt.Now = w.clock.Now
	if opt.RetryBase == 0 {
		opt.RetryBase = 5 * time.Millisecond
	}
	if opt.Twilio.StatusDelay == 0 {
		opt.Twilio.StatusDelay = time.Millisecond
	}
	sim, err := New(opt)
	if err != nil {
		t.Fatal(err)
	}
	w.Simulator = sim
	w.app = httptest.NewServer(http.HandlerFunc(w.webhook))
	w.server = httptest.NewServer(sim.Handler())
	sim.SetTwilioWebhook(w.app.URL + "/webhooks/twilio")
	t.Cleanup(func() {
		sim.Close()
		w.server.Close()
		w.app.Close()
	})
	return w
}

func (w *world) webhook(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	answer := w.answer
	w.mu.Unlock()
	if answer != nil {
		if status := answer(r); status != http.StatusOK {
			rw.WriteHeader(status)
			return
		}
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.t.Error(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case r.URL.Path == "/webhooks/telegram":
		if r.Header.Get("X-Telegram-Bot-Api-Secret-Token") != testSecret {
			w.t.Error("an update came without the secret")
		}
		var update map[string]any
		if err := json.Unmarshal(body, &update); err != nil {
			w.t.Error(err)
		}
		w.updates = append(w.updates, update)
	default:
		form, err := url.ParseQuery(string(body))
		if err != nil {
			w.t.Error(err)
		}
		// The real validator, from Twilio's own client.
		flat := map[string]string{}
		for name := range form {
			flat[name] = form.Get(name)
		}
		validator := client.NewRequestValidator(DefaultTwilioAuthToken)
		if !validator.Validate(w.app.URL+r.URL.RequestURI(), flat, r.Header.Get("X-Twilio-Signature")) {
			w.t.Errorf("a form came with a wrong signature: %v", form)
		}
		if form.Has("MessageStatus") {
			w.statuses = append(w.statuses, form)
		} else {
			w.forms = append(w.forms, form)
			rw.Header().Set("Content-Type", "text/xml")
			io.WriteString(rw, "<Response/>")
		}
	}
	select {
	case w.got <- struct{}{}:
	default:
	}
}

func (w *world) setAnswer(f func(*http.Request) int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answer = f
}

// idle waits until all is delivered.
func (w *world) idle() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := w.WaitIdle(ctx, 10*time.Millisecond); err != nil {
		w.t.Fatal(err)
	}
}

// lastUpdate waits for what was sent and returns the newest update.
func (w *world) lastUpdate() map[string]any {
	w.t.Helper()
	w.idle()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.updates) == 0 {
		w.t.Fatal("no update came")
	}
	return w.updates[len(w.updates)-1]
}

func (w *world) lastForm() url.Values {
	w.t.Helper()
	w.idle()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.forms) == 0 {
		w.t.Fatal("no form came")
	}
	return w.forms[len(w.forms)-1]
}

// bot is the real client, with its webhook set.
func (w *world) bot() *bot.Bot {
	w.t.Helper()
	b, err := bot.New(DefaultTelegramToken, bot.WithServerURL(w.server.URL))
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := b.SetWebhook(w.t.Context(), &bot.SetWebhookParams{URL: w.app.URL + "/webhooks/telegram", SecretToken: testSecret}); err != nil {
		w.t.Fatal(err)
	}
	return b
}

// rewrite sends Twilio's hosts to the stand-in.
type rewrite struct{ to *url.URL }

func (t rewrite) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host, r.Host = t.to.Scheme, t.to.Host, t.to.Host
	return http.DefaultTransport.RoundTrip(r)
}

func (w *world) twilioClient() *client.RequestHandler {
	w.t.Helper()
	to, err := url.Parse(w.server.URL)
	if err != nil {
		w.t.Fatal(err)
	}
	c := &client.Client{Credentials: client.NewCredentials(DefaultTwilioAccountSid, DefaultTwilioAuthToken), HTTPClient: &http.Client{
		Transport: rewrite{to},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}}
	c.SetAccountSid(DefaultTwilioAccountSid)
	return client.NewRequestHandler(c)
}

func (w *world) messagesAPI() *twilioapi.ApiService { return twilioapi.NewApiService(w.twilioClient()) }
func (w *world) contentAPI() *contentapi.ApiService {
	return contentapi.NewApiService(w.twilioClient())
}

func amina() Owner { return Owner{Name: "Amina", Number: "+212612345678", Language: "fr"} }

// clean fails on any breach of a contract.
func (w *world) clean() {
	w.t.Helper()
	for _, c := range w.Complaints() {
		w.t.Errorf("complaint: %s %s: %s", c.Provider, c.Method, c.Problem)
	}
}

// newPictureServer serves what an application's public pages would.
func newPictureServer(t *testing.T, h http.Handler) string {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

// nextUpdate waits for the update after the one it returned before.
func (w *world) nextUpdate() map[string]any {
	w.t.Helper()
	w.await(func() bool { return len(w.updates) > w.read[0] })
	w.mu.Lock()
	defer w.mu.Unlock()
	w.read[0]++
	return w.updates[w.read[0]-1]
}

// nextForm is nextUpdate for Twilio.
func (w *world) nextForm() url.Values {
	w.t.Helper()
	w.await(func() bool { return len(w.forms) > w.read[1] })
	w.mu.Lock()
	defer w.mu.Unlock()
	w.read[1]++
	return w.forms[w.read[1]-1]
}

// await waits for what a webhook brings.
func (w *world) await(come func() bool) {
	w.t.Helper()
	late := time.After(30 * time.Second)
	for {
		w.mu.Lock()
		ok := come()
		w.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-w.got:
		case <-late:
			w.t.Fatal("nothing came")
		}
	}
}
