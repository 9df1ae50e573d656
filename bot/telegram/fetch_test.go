package telegram

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"souk/bot"
	"souk/bot/simulator"
)

func TestFetchBringsWhatWasSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.TelegramOptions{})
	jpg := picture(t)
	if _, err := w.amina.Photo(jpg, "miel 60 dh"); err != nil {
		t.Fatal(err)
	}
	messages := w.amina.Messages()
	id := messages[len(messages)-1].Media[0][strings.LastIndex(messages[len(messages)-1].Media[0], "/")+1:]
	content, size, err := w.Fetch(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	got, err := io.ReadAll(content)
	if err != nil || !bytes.Equal(got, jpg) || size != int64(len(jpg)) {
		t.Errorf("%d bytes of %d, said to be %d: %v", len(got), len(jpg), size, err)
	}
	if _, _, err := w.Fetch(t.Context(), "AgAC-nobody-sent-this"); !errors.Is(err, bot.ErrMediaGone) {
		t.Errorf("a file that is not there: %v", err)
	}
	before := len(w.sim.Complaints())
	if _, _, err := w.Fetch(t.Context(), ""); !errors.Is(err, bot.ErrMediaGone) || len(w.sim.Complaints()) > before {
		t.Errorf("a file without an id is not asked for: %v, complaints %+v", err, w.sim.Complaints()[before:])
	}
	if err := w.sim.Inject(simulator.Fault{Provider: "telegram", Method: "getFile", Kind: simulator.FaultErrorHTML, Status: 502}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.Fetch(t.Context(), id); err == nil || errors.Is(err, bot.ErrMediaGone) {
		t.Errorf("a provider that stumbles is asked again: %v", err)
	}
}

// A Bot API server that answers as it is told.
func TestFetchGoesNowhereElse(t *testing.T) {
	t.Parallel()
	var elsewhere atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer other.Close()
	for _, c := range []struct {
		name, path string
		answer     func(w http.ResponseWriter, r *http.Request)
		gone       bool
	}{
		{"a whole address", other.URL + "/x.jpg", nil, true},
		{"an address without a scheme", strings.TrimPrefix(other.URL, "http:"), nil, true},
		{"up and out", "../../../secret", nil, true},
		{"up in the middle", "photos/../../secret", nil, true},
		{"a path of the server's own disk", "/var/lib/telegram-bot-api/photos/file_1.jpg", nil, true},
		{"a question", "photos/file_1.jpg?to=" + other.URL, nil, true},
		{"nothing", "", nil, true},
		{"a redirect", "photos/file_1.jpg", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, http.StatusFound) }, false},
		{"a file that is gone", "photos/file_1.jpg", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }, true},
		{"a fault", "photos/file_1.jpg", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, false},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/getFile") {
				path, _ := json.Marshal(c.path)
				fmt.Fprintf(w, `{"ok":true,"result":{"file_id":"a","file_unique_id":"b","file_path":%s}}`, path)
				return
			}
			if c.answer == nil {
				t.Errorf("%s: %s was asked for", c.name, r.URL.Path)
				return
			}
			c.answer(w, r)
		}))
		channel, err := New(Config{Token: testToken, Secret: testSecret, APIURL: server.URL, Timeout: 2 * time.Second, Transport: &http.Transport{}}, Photos{})
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = channel.Fetch(t.Context(), "a")
		if err == nil || errors.Is(err, bot.ErrMediaGone) != c.gone {
			t.Errorf("%s: %v", c.name, err)
		}
		if err != nil && strings.Contains(err.Error(), testToken) {
			t.Errorf("%s: the token shows: %v", c.name, err)
		}
		server.Close()
		if _, _, err = channel.Fetch(t.Context(), "a"); err == nil || errors.Is(err, bot.ErrMediaGone) || strings.Contains(err.Error(), testToken) {
			t.Errorf("a server that is away: %v", err)
		}
	}
	if n := elsewhere.Load(); n > 0 {
		t.Errorf("another host was asked %d times", n)
	}
}
