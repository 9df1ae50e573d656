package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"souk/bot/simulator"
)

// output can be read while it is being written.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

func TestSimulatorServesAnOutsideSouk(t *testing.T) {
	t.Parallel()
	signed := make(chan bool, 1)
	serve := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || !strings.Contains(string(body), "Body=salam") {
			t.Errorf("webhook: %s, %v", body, err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		// Signed over the public URL, though it came here.
		want := simulator.SignTwilio(simulator.DefaultTwilioAuthToken, "https://souk.example/webhooks/twilio", r.PostForm)
		signed <- r.Header.Get("X-Twilio-Signature") == want
	}))
	defer serve.Close()

	var out output
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, []string{"simulator", "--addr", "127.0.0.1:0"}, &outside{stdin: strings.NewReader(""), stdout: &out, stderr: io.Discard,
			environ: []string{"SOUK_PUBLIC_URL=https://souk.example", "SOUK_ADDR=" + strings.TrimPrefix(serve.URL, "http://")}})
	}()
	var base string
	for late := time.Now().Add(20 * time.Second); base == ""; {
		if m := regexp.MustCompile(`export SOUK_TWILIO_API_URL='([^']+)'`).FindStringSubmatch(out.String()); m != nil {
			base = m[1]
		} else if time.Now().After(late) {
			t.Fatalf("no URLs: %q", out.String())
		} else {
			time.Sleep(10 * time.Millisecond)
		}
	}
	post := func(path, body string) {
		t.Helper()
		resp, err := http.Post(base+path, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", path, resp.Status)
		}
	}
	post("/simulator/api/phones", `{"channel":"whatsapp","number":"+212612345678","name":"Amina","language":"ar"}`)
	post("/simulator/api/acts", `{"phone":"whatsapp:+212612345678","do":"text","text":"salam"}`)
	select {
	case ok := <-signed:
		if !ok {
			t.Error("the form was signed over another URL")
		}
	case <-time.After(20 * time.Second):
		t.Error("no webhook came")
	}
	stop()
	if got := <-code; got != 0 {
		t.Errorf("exit %d", got)
	}
}

func TestSimulatorStaysOnThisMachine(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"0.0.0.0:0", ":0", "192.0.2.1:8090", "nowhere"} {
		oneLineFault(t, souk(t, nil, "", "simulator", "--addr", addr), exitMisuse, "--addr")
	}
}
