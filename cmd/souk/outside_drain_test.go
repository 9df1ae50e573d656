package main

import (
	"io"
	"net"
	"testing"
	"time"

	"souk/internal/postgres/pgtest"
)

// A client that never finishes what it sends does not keep Souk from ending in its ten seconds.
func TestAStuckClientDoesNotHoldTheDrain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, built(t, release), pgtest.URL(t))
	w.begin()
	stuck, err := net.Dial("tcp", w.address)
	if err != nil {
		t.Fatal(err)
	}
	defer stuck.Close()
	if _, err := io.WriteString(stuck, "POST /webhooks/telegram HTTP/1.1\r\nHost: souk\r\nContent-Length: 1000\r\n\r\n{"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(200 * time.Millisecond) // it is being read
	begun := time.Now()
	if code := w.serve.end(sigterm, 30*time.Second); code != 0 {
		t.Errorf("it ended with %d: %s", code, tail(w.serve.stderr.String()))
	}
	if took := time.Since(begun); took > 9*time.Second {
		t.Errorf("it took %s", took)
	}
}
