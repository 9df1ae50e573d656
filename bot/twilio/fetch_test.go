package twilio

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"souk/bot"
	"souk/bot/simulator"
)

func TestFetchBringsWhatWasSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	jpg := picture()
	if _, err := w.amina.Photo(jpg, "miel"); err != nil {
		t.Fatal(err)
	}
	w.idle(t)
	w.mu.Lock()
	event, err := w.chat.Decode(w.inbound[len(w.inbound)-1].Body)
	w.mu.Unlock()
	if err != nil || len(event.Media) != 1 || event.Text != "miel" || event.Album != "" {
		t.Fatalf("%+v, %v", event, err)
	}
	ref := event.Media[0].ID
	message := strings.Split(ref, "/")[1]
	for _, ref := range []string{ref, message + "/0"} {
		content, size, err := w.Fetch(t.Context(), ref)
		if err != nil {
			t.Fatalf("%s: %v", ref, err)
		}
		got, err := io.ReadAll(content)
		content.Close()
		if err != nil || !bytes.Equal(got, jpg) || size != int64(len(jpg)) {
			t.Errorf("%s: %d bytes of %d, said to be %d: %v", ref, len(got), len(jpg), size, err)
		}
	}
	for _, c := range w.sim.Complaints() {
		t.Errorf("Twilio complains: %+v", c) // credentials that went along, for one
	}
	other := "AC" + strings.Repeat("9", 32)
	for _, ref := range []string{"", "x", "http://169.254.169.254/latest", "../../x", other + ref[34:], ref + "/more", message + "/7", message + "/x", message + "/-1", "SM" + strings.Repeat("0", 32) + "/0",
		ref[:len(ref)-32] + strings.Repeat("0", 32)} {
		if _, _, err := w.Fetch(t.Context(), ref); !errors.Is(err, bot.ErrMediaGone) {
			t.Errorf("Fetch(%q) = %v", ref, err)
		}
	}
	if err := w.sim.Inject(simulator.Fault{Provider: "twilio", Method: "media", Kind: simulator.FaultErrorHTML, Status: 503}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.Fetch(t.Context(), ref); err == nil || errors.Is(err, bot.ErrMediaGone) {
		t.Errorf("a provider that stumbles is asked again: %v", err)
	}
}

const someMedia = accountSID + "/MM11111111111111111111111111111111/ME22222222222222222222222222222222"

// Twilio's API may send us on, to hosts of its own; a message can name any host it likes, and is not asked.
func TestFetchGoesNowhereElse(t *testing.T) {
	t.Parallel()
	var elsewhere atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer other.Close()
	for _, to := range []string{other.URL + "/x.jpg", "http://localhost:1/", "http://169.254.169.254/latest/meta-data", "https://169.254.169.254/", "https://10.0.0.1/", "https://[::1]/",
		"https://evil.example/", "https://twilio.com.evil.example/", "https://eviltwilio.com/", "http://api.twilio.com/x", "https://api.twilio.com:8443/", "https://me:you@api.twilio.com/",
		"https://evil.s3.amazonaws.com/media.twiliocdn.com/x", "https://s3.amazonaws.com/evil/x", "ftp://api.twilio.com/", "file:///etc/passwd", "gopher://api.twilio.com/", ""} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", to)
			w.WriteHeader(http.StatusTemporaryRedirect)
		}))
		account, err := New(Config{AccountSID: accountSID, AuthToken: authToken, APIURL: server.URL, Transport: &http.Transport{}}, "", simulator.DefaultSMSFrom)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err = account.Fetch(t.Context(), someMedia); !errors.Is(err, bot.ErrMediaGone) || strings.Contains(err.Error(), authToken) {
			t.Errorf("sent on to %q: %v", to, err)
		}
		server.Close()
	}
	if n := elsewhere.Load(); n > 0 {
		t.Errorf("another host was asked %d times", n)
	}
}

func TestWhereTwilioMaySendUs(t *testing.T) {
	t.Parallel()
	account, err := New(Config{AccountSID: accountSID, AuthToken: authToken}, "", simulator.DefaultSMSFrom)
	if err != nil {
		t.Fatal(err)
	}
	for to, want := range map[string]bool{
		"https://mms.twiliocdn.com/AC1/x?Signature=y": true, "https://media.twiliocdn.com/x": true, "https://api.twilio.com/2010-04-01/x": true,
		"https://s3-external-1.amazonaws.com/media.twiliocdn.com/AC1/x": true, "https://media.twiliocdn.com.s3-external-1.amazonaws.com/AC1/x": true,
		"https://media.twiliocdn.com.s3.evil.example/": false, "https://s3.evil.example/media.twiliocdn.com/": false, "http://mms.twiliocdn.com/x": false, "https://127.0.0.1/": false,
	} {
		answer := &http.Response{Header: http.Header{"Location": {to}}, Request: &http.Request{URL: &url.URL{Scheme: "https", Host: "api.twilio.com"}}}
		if _, allowed := account.next(answer); allowed != want {
			t.Errorf("%s: %v", to, allowed)
		}
	}
}

// A name of Twilio's that somebody made resolve to an address inside: the address is looked at when it is dialled.
func TestNamesThatLeadInside(t *testing.T) {
	t.Parallel()
	for ip, want := range map[string]bool{
		"54.172.60.0": true, "2600:1f18::1": true, "127.0.0.1": false, "::1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false,
		"100.64.0.1": false, "0.0.0.0": false, "fd00::1": false, "fe80::1": false, "::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "64:ff9b::a00:1": false, "224.0.0.1": false, "255.255.255.255": false,
	} {
		if got := public(net.ParseIP(ip)); got != want {
			t.Errorf("%s is public: %v", ip, got)
		}
	}
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	for base, reached := range map[string]bool{"": false, "https://twilio.example": false, "http://127.0.0.1:9": true} {
		u, _ := url.Parse(base)
		if base == "" {
			u = nil
		}
		transport := newMediaTransport(u)
		request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
		_, err := transport.RoundTrip(request)
		if refused := err != nil && strings.Contains(err.Error(), "is no public address"); refused == reached {
			t.Errorf("from %q this machine is reached %v, want %v: %v", base, !refused, reached, err)
		}
		transport.CloseIdleConnections()
	}
}

func TestFetchEndsWithItsCaller(t *testing.T) {
	t.Parallel()
	hang := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/jpeg")
		_, _ = w.Write([]byte("\xff\xd8\xff"))
		w.(http.Flusher).Flush()
		<-hang
	}))
	defer server.Close()
	defer close(hang)
	account, err := New(Config{AccountSID: accountSID, AuthToken: authToken, APIURL: server.URL, Transport: &http.Transport{}}, "", simulator.DefaultSMSFrom)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	content, _, err := account.Fetch(ctx, someMedia)
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	if _, err := io.ReadAll(content); err == nil {
		t.Error("a body that never ends was read to its end")
	}
}
