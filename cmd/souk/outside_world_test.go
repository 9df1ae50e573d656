package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"souk/bot/simulator"
	"souk/internal/postgres/pgtest"
	"souk/internal/redis/redistest"
	"souk/internal/redis/server"
)

// Settings of the tests' own: what must never show in a log.
const (
	publicURL     = "https://souk.example"
	outsideSecret = "kSecretOfThisOutsideTest0123456789abcdef"
	webhookSecret = "WebhookSecretOfTheOutsideTests"
	patience      = 40 * time.Second // for what takes a moment, on a machine that does much else
)

// world is a souk serve and all that stands around it.
type world struct {
	t         *testing.T
	pool      *pgxpool.Pool
	redis     *server.Server // nil where the test has none
	sim       *simulator.Simulator
	client    *http.Client
	binary    string
	dir       string
	address   string // of serve
	providers string // the stand-ins' base URL
	environ   []string
	serve     *process
	logs      []*output // of every process that served, for what they must not say
	updates   *atomic.Int64
}

// newWorld makes a seeded database, a Redis, the stand-ins and the settings; nothing serves yet. change edits the settings.
func newWorld(t *testing.T, binary, databaseURL string, change ...string) *world {
	t.Helper()
	w := &world{t: t, binary: binary, dir: t.TempDir(), address: freeAddress(t), client: &http.Client{Timeout: 20 * time.Second}}
	w.updates = new(atomic.Int64)
	w.updates.Store(time.Now().UnixNano() % 1_000_000_000)
	w.redis = redistest.Private(t)
	sim, err := simulator.New(simulator.Options{
		Acquainted: true, RetryBase: 100 * time.Millisecond, Log: slog.New(slog.DiscardHandler),
		Twilio: simulator.TwilioOptions{WebhookURL: publicURL + "/webhooks/twilio"},
		Via:    map[string]string{publicURL: "http://" + w.address},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.sim = sim
	providers := httptest.NewServer(sim.Handler())
	w.providers = providers.URL
	t.Cleanup(func() { sim.Close(); providers.CloseClientConnections(); providers.Close() })
	w.environ = []string{
		"DATABASE_URL=" + databaseURL, "REDIS_URL=" + w.redis.URL(), "SOUK_ADDR=" + w.address,
		"SOUK_PUBLIC_URL=" + publicURL, "SOUK_SECRET=" + outsideSecret, "SOUK_DATA_DIR=" + w.dir,
		"SOUK_TELEGRAM_TOKEN=" + simulator.DefaultTelegramToken, "SOUK_TELEGRAM_SECRET=" + webhookSecret, "SOUK_TELEGRAM_API_URL=" + providers.URL,
		"SOUK_TWILIO_ACCOUNT_SID=" + simulator.DefaultTwilioAccountSid, "SOUK_TWILIO_AUTH_TOKEN=" + simulator.DefaultTwilioAuthToken,
		"SOUK_TWILIO_API_URL=" + providers.URL, "SOUK_TWILIO_WHATSAPP_FROM=" + simulator.DefaultWhatsAppFrom,
		"SOUK_TWILIO_SMS_FROM=" + simulator.DefaultSMSFrom,
		"SOUK_TELEGRAM_RATE=500", "SOUK_TELEGRAM_CHAT_RATE=50", "SOUK_TWILIO_WHATSAPP_RATE=500", "SOUK_TWILIO_WHATSAPP_CHAT_RATE=50",
		"SOUK_TWILIO_SMS_RATE=500", "SOUK_TWILIO_SMS_CHAT_RATE=50",
	}
	for _, pair := range change {
		name, value, _ := strings.Cut(pair, "=")
		w.environ = setting(w.environ, name, value)
	}
	if got := ran(t, binary, w.environ, "", "seed"); got.code != 0 {
		t.Fatalf("seed: %+v", got)
	}
	w.pool = pgtest.Open(t, databaseURL, 4)
	return w
}

// in is the same world seen by a subtest.
func (w *world) in(t *testing.T) *world {
	seen := &world{t: t, pool: w.pool, redis: w.redis, sim: w.sim, client: w.client, binary: w.binary, dir: w.dir, address: w.address,
		providers: w.providers, environ: w.environ, serve: w.serve, updates: w.updates}
	return seen
}

// begin starts souk serve and waits until it answers. settings come on top.
func (w *world) begin(settings ...string) *process {
	w.t.Helper()
	environ := w.environ
	for _, pair := range settings {
		name, value, _ := strings.Cut(pair, "=")
		environ = setting(environ, name, value)
	}
	w.serve = start(w.t, w.binary, w.dir, environ, strings.NewReader(""), "serve")
	w.logs = append(w.logs, w.serve.stderr, w.serve.stdout)
	eventually(w.t, "souk serve answers: "+w.serve.stderr.String(), patience, func() bool {
		select {
		case <-w.serve.exited:
			return true // whoever wants it alive will see
		default:
		}
		return w.get("/healthz") == http.StatusOK
	})
	return w.serve
}

// introduced waits until Souk has registered its webhook and made its Content resources, so that phones may speak and lists may be shown.
func (w *world) introduced() {
	w.t.Helper()
	count := 0
	eventually(w.t, "souk introduces itself to the providers", patience, func() bool {
		before := count
		count = value[int](w, "SELECT count(*) FROM content_resource")
		if count < 100 || count != before {
			time.Sleep(100 * time.Millisecond)
			return false
		}
		_, info := w.ask(w.providers + "/bot" + simulator.DefaultTelegramToken + "/getWebhookInfo")
		return strings.Contains(info, publicURL+"/webhooks/telegram")
	})
}

// get asks for a page of souk serve and returns the status, 0 where nobody answers.
func (w *world) get(path string) int {
	status, _ := w.page(path)
	return status
}

func (w *world) page(path string) (int, string) { return w.ask("http://" + w.address + path) }

func (w *world) ask(url string) (int, string) {
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		w.t.Fatal(err)
	}
	response, err := w.client.Do(request)
	if err != nil {
		return 0, ""
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, ""
	}
	return response.StatusCode, string(body)
}

// post sends a body to a path with headers and returns the status, 0 where no answer came.
func (w *world) post(path string, body []byte, header map[string]string) int {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.t.Context()), 20*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+w.address+path, bytes.NewReader(body))
	if err != nil {
		w.t.Error(err)
		return 0
	}
	for name, value := range header {
		request.Header.Set(name, value)
	}
	response, err := w.client.Do(request)
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return 0
	}
	return response.StatusCode
}

// value reads one value from the database.
func value[T any](w *world, sql string, args ...any) T {
	w.t.Helper()
	rows, err := w.pool.Query(w.t.Context(), sql, args...)
	if err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
	v, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[T])
	if err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// is fails the test where the database holds another number.
func (w *world) is(what string, want int, sql string, args ...any) {
	w.t.Helper()
	if got := value[int](w, sql, args...); got != want {
		w.t.Errorf("%s: %d, want %d", what, got, want)
	}
}

// settled waits until nothing waits to be heard or said, as long as there is less and less of it: it gives up after a time in which
// nothing moved.
func (w *world) settled(patience time.Duration) {
	w.t.Helper()
	least := math.MaxInt
	for late := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		left := value[int](w, `SELECT (SELECT count(*) FROM inbox WHERE done_at IS NULL AND parked_at IS NULL)
			+ (SELECT count(*) FROM outbox WHERE status IN ('queued', 'sending', 'unknown'))`)
		switch {
		case left == 0:
			return
		case left < least:
			least, late = left, time.Now().Add(patience)
		case time.Now().After(late):
			w.t.Fatalf("still %d to hear or to say\n%s", left, tail(w.serve.stderr.String()))
		}
	}
}

func tail(log string) string {
	lines := strings.Split(strings.TrimSpace(log), "\n")
	return strings.Join(lines[max(0, len(lines)-12):], "\n")
}

// number is how a Moroccan mobile number looks, with and without its prefix.
var number = regexp.MustCompile(`(^|\D)(\+?212|0)[67]\d{8}(\D|$)`)

// discreet fails the test where a process said a secret, a phone number or what people wrote.
func (w *world) discreet(words ...string) {
	w.t.Helper()
	words = append(words, outsideSecret, webhookSecret, simulator.DefaultTelegramToken, simulator.DefaultTwilioAuthToken)
	if at := strings.Index(w.redisURL(), "default:"); at >= 0 {
		password, _, _ := strings.Cut(w.redisURL()[at+len("default:"):], "@")
		words = append(words, password)
	}
	for _, log := range w.logs {
		for line := range strings.Lines(log.String()) {
			for _, word := range words {
				if strings.Contains(line, word) {
					w.t.Errorf("the log says %q: %s", word, line)
				}
			}
			if number.MatchString(line) {
				w.t.Errorf("the log says a phone number: %s", line)
			}
		}
	}
}

func (w *world) redisURL() string {
	if w.redis == nil {
		return ""
	}
	return w.redis.URL()
}

// obedient fails the test where Souk broke a provider's contract. invented are messages that the test signed in Twilio's name and that
// the stand-in never heard of: to ask which files they have is right, and so is its answer that there is no such message.
func (w *world) obedient(invented ...string) {
	w.t.Helper()
	for _, c := range w.sim.Complaints() {
		if c.Method == "answerCallbackQuery" {
			continue // buyers make their taps by hand: the stand-in does not know their ids
		}
		if c.Provider == "twilio" && c.Method == "media" && slices.ContainsFunc(invented, func(sid string) bool {
			return c.Problem == "20404 The requested resource /2010-04-01/Accounts/"+simulator.DefaultTwilioAccountSid+"/Messages/"+sid+"/Media.json was not found"
		}) {
			continue
		}
		w.t.Errorf("%s %s: %s", c.Provider, c.Method, c.Problem)
	}
}
