package bot_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"souk/bot"
	"souk/bot/internal/echo"
	"souk/internal/postgres/pgtest"
)

func TestWhatIsForgedIsNotStored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	status, err := postTo(w.webhooks.URL+"/webhooks/telegram", echo.Update{ID: "1", From: "x", Text: "hi"}, "open barley")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "status", status, http.StatusForbidden)
	status, err = postTo(w.webhooks.URL+"/webhooks/telegram/status", bot.Delivery{OutboxID: 1, Status: "read"}, "")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "status of a callback", status, http.StatusForbidden)
	equal(t, "inbox", value[int](w, "SELECT count(*) FROM inbox"), 0)
	equal(t, "addresses", value[int](w, "SELECT count(*) FROM address"), 0)
}

func TestFiftyUpdatesPostedSixteenTimesAtOnceAreFiftyEffects(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(w.gateway, w.newGateway())
	var posts []echo.Update
	for i := range 50 {
		u := echo.Update{ID: fmt.Sprint("u", i), From: fmt.Sprint("buyer", i%20), Text: fmt.Sprint("message ", i)}
		for range 16 {
			posts = append(posts, u)
		}
	}
	rand.Shuffle(len(posts), func(i, j int) { posts[i], posts[j] = posts[j], posts[i] })
	var wg sync.WaitGroup
	gate := make(chan struct{}, 32)
	for _, u := range posts {
		gate <- struct{}{}
		wg.Go(func() {
			defer func() { <-gate }()
			if status, err := postTo(w.webhooks.URL+"/webhooks/telegram", u, echo.Secret); err != nil || status != http.StatusOK {
				t.Errorf("%s: status %d, %v", u.ID, status, err)
			}
		})
	}
	wg.Wait()
	w.eventually("all is answered", func() bool { return len(w.provider.Messages()) == 50 })
	equal(t, "inbox", value[int](w, "SELECT count(*) FROM inbox"), 50)
	equal(t, "effects", value[int](w, "SELECT count(*) FROM effect"), 50)
	equal(t, "distinct effects", value[int](w, "SELECT count(DISTINCT text) FROM effect"), 50)
	equal(t, "conversations", value[int](w, "SELECT count(*) FROM conversation"), 20)
	equal(t, "lanes", value[int](w, "SELECT count(*) FROM lane"), 20)
}

// Sixteen first messages of one new sender at once: all of them wait for one birth.
func TestFirstMessagesAtOnceAreAllKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for person := range 30 {
		var wg sync.WaitGroup
		for i := range 16 {
			u := echo.Update{ID: fmt.Sprint("p", person, "u", i), From: fmt.Sprint("new", person), Text: "hello"}
			wg.Go(func() {
				if status, err := postTo(w.webhooks.URL+"/webhooks/telegram", u, echo.Secret); err != nil || status != http.StatusOK {
					t.Errorf("%s: status %d, %v", u.ID, status, err)
				}
			})
		}
		wg.Wait()
	}
	equal(t, "inbox", value[int](w, "SELECT count(*) FROM inbox WHERE conversation_id IS NOT NULL"), 30*16)
	equal(t, "conversations", value[int](w, "SELECT count(*) FROM conversation"), 30)
}

func TestWhatNobodyCanReadIsKeptAndAnswered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, body := range [][]byte{
		[]byte("{"), []byte(""), []byte("null"), []byte("\xff\xfe\x00"), []byte(`{"id":"9"}`), []byte(`{"id":"a\u0000b","from":"x"}`),
		[]byte(`{"id":"10","from":"` + strings.Repeat("9", 100) + `"}`), []byte(strings.Repeat("[", 100000)),
	} {
		for range 2 { // twice is once
			status, err := postTo(w.webhooks.URL+"/webhooks/telegram", body, echo.Secret)
			if err != nil || status != http.StatusOK {
				t.Errorf("%.40q: status %d, %v", body, status, err)
			}
		}
	}
	w.settle()
	equal(t, "parked", value[int](w, "SELECT count(*) FROM inbox WHERE parked_at IS NOT NULL AND conversation_id IS NULL"), 7)
	// An id that no column takes is replaced by the body's digest; who wrote is still known.
	equal(t, "answered", value[int](w, "SELECT count(*) FROM effect"), 1)
	equal(t, "ignored", w.post(echo.Update{ID: "z", From: "x", Text: "ignored"}), http.StatusOK)
	equal(t, "all", value[int](w, "SELECT count(*) FROM inbox"), 8)
}

func TestABodyOverOneMebibyteIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	status, err := postTo(w.webhooks.URL+"/webhooks/telegram", bytes.Repeat([]byte("x"), 2<<20), echo.Secret)
	if err == nil {
		equal(t, "status", status, http.StatusRequestEntityTooLarge)
	}
	equal(t, "inbox", value[int](w, "SELECT count(*) FROM inbox"), 0)
	equal(t, "a large text", w.post(echo.Update{ID: "1", From: "x", Text: strings.Repeat("م", 400_000)}), http.StatusOK)
	w.settle()
	equal(t, "cut to", value[int](w, "SELECT length(text) FROM effect"), 4096)
}

func TestATapIsAcknowledgedAsideAndOnce(t *testing.T) {
	t.Parallel()
	acked := make(chan string, 10)
	slow := make(chan struct{})
	w := newWorld(t, func(w *world, c *bot.Config) {
		c.Webhooks[0].AckTap = func(_ context.Context, id string) error {
			acked <- id
			<-slow
			return nil
		}
	})
	w.run(w.gateway)
	for range 2 {
		equal(t, "status", w.post(echo.Update{ID: "1", From: "x", Text: "yes", Tap: "tap1"}), http.StatusOK)
	}
	equal(t, "acknowledged", <-acked, "tap1")
	close(slow)
	w.eventually("the tap had its turn", func() bool { return value[int](w, "SELECT count(*) FROM effect") == 1 })
	select {
	case id := <-acked:
		t.Errorf("%s was acknowledged again", id)
	case <-time.After(50 * time.Millisecond):
	}
}

func TestWhilePostgresIsAwayNothingIsAcknowledged(t *testing.T) {
	t.Parallel()
	upstream, through := pgtest.Proxied(t)
	proxy := newProxy(t, upstream)
	w := newWorld(t, func(w *world, c *bot.Config) {
		w.pool = pgtest.Open(t, through(proxy.Listen), 14)
		if _, err := w.pool.Exec(t.Context(), echo.Schema); err != nil {
			t.Fatal(err)
		}
		c.Pool = w.pool
	})
	w.run(w.gateway)
	w.say("amina", "before")
	w.eventually("the first answer", func() bool { return len(w.provider.Messages()) == 1 })
	var refused []echo.Update
	for cut := range 3 {
		proxy.Stop()
		for i := range 4 {
			u := echo.Update{ID: fmt.Sprint("cut", cut, ".", i), From: "amina", Text: fmt.Sprint("during ", cut, i)}
			response, err := http.Post(w.webhooks.URL+"/webhooks/telegram", "application/json", strings.NewReader("{}"))
			if err == nil {
				response.Body.Close()
			}
			status := w.post(u)
			if status != http.StatusServiceUnavailable {
				t.Errorf("status %d while Postgres was away", status)
			}
			refused = append(refused, u)
		}
		if response, err := http.Get(w.webhooks.URL + "/readyz"); err != nil || response.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("readiness while Postgres was away: %v, %v", response, err)
		}
		if err := proxy.Start(); err != nil {
			t.Fatal(err)
		}
		// A provider repeats what was not acknowledged.
		for _, u := range refused {
			w.eventually("accepted again", func() bool { return w.post(u) == http.StatusOK })
		}
	}
	w.eventually("all is answered", func() bool { return len(w.provider.Messages()) == 13 })
	equal(t, "effects", value[int](w, "SELECT count(*) FROM effect"), 13)
	equal(t, "counted tries", value[int](w, "SELECT count(*) FROM inbox WHERE tries > 1 OR parked_at IS NOT NULL"), 0)
}

// newProxy is a proxy to a server that may be stopped and started.
func newProxy(t *testing.T, upstream string) *toxiproxy.Proxy {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	free.Close()
	logger := zerolog.Nop()
	proxy := toxiproxy.NewProxy(toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), logger), "postgres", address, upstream)
	if err := proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Stop)
	return proxy
}

func TestMoreThanCanBeTakenIsTurnedAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	// Requests whose bodies do not end hold their places.
	var open []net.Conn
	for range 256 {
		conn, err := net.Dial("tcp", w.webhooks.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "POST /webhooks/telegram HTTP/1.1\r\nHost: x\r\nX-Secret: %s\r\nContent-Length: 100\r\n\r\n{", echo.Secret)
		open = append(open, conn)
	}
	w.eventually("the next is refused", func() bool {
		recorder := httptest.NewRecorder()
		request := httptest.NewRequest(http.MethodPost, "/webhooks/telegram", strings.NewReader("{}"))
		w.gateway.Receive(bot.Webhook{Name: "telegram", Receiver: w.channel}).ServeHTTP(recorder, request)
		return recorder.Code == http.StatusServiceUnavailable && recorder.Header().Get("Retry-After") != ""
	})
	for _, conn := range open {
		conn.Close()
	}
	w.eventually("and accepted when there is room", func() bool { return w.post(echo.Update{ID: "1", From: "x", Text: "hi"}) == http.StatusOK })
}
