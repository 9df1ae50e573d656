package bot_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// A reply whose lane the turn itself took waits for the account's rate without a look at the address: a STOP that comes meanwhile
// holds all the same.
func TestAStopHoldsWhileAReplyWaitsForTheRate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.channel.PerSec = 1 // the second message waits more than a second
	w.run(w.gateway)
	w.say("amina", "hello")
	w.eventually("the first is said", func() bool { return len(w.provider.To("amina")) == 1 })
	w.say("samira", "hello")
	w.eventually("the second is waiting", func() bool {
		return value[int](w, "SELECT count(*) FROM outbox o JOIN address a ON a.id = o.conversation_id WHERE a.external_id = 'samira'") == 1
	})
	if _, err := w.pool.Exec(t.Context(), "UPDATE address SET stopped_at = now() WHERE external_id = 'samira'"); err != nil {
		t.Fatal(err)
	}
	w.eventually("the second is decided", func() bool {
		return value[bool](w, "SELECT bool_and(status NOT IN ('queued', 'sending')) FROM outbox")
	})
	equal(t, "said to who stopped", len(w.provider.To("samira")), 0)
	equal(t, "why", value[string](w, "SELECT o.error_code FROM outbox o JOIN address a ON a.id = o.conversation_id WHERE a.external_id = 'samira'"), "stopped")
}

// A client that sends its body by drops loses its place within seconds; nothing is stored, and the next one is served.
func TestAClientThatDawdlesIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at, err := url.Parse(w.webhooks.URL) // a server without any deadline of its own
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", at.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	begun := time.Now()
	fmt.Fprintf(conn, "POST /webhooks/telegram HTTP/1.1\r\nHost: souk\r\nContent-Length: 1000\r\n\r\n{")
	if err := conn.SetReadDeadline(begun.Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("no answer after %v: %v", time.Since(begun), err)
	}
	defer response.Body.Close()
	if waited := time.Since(begun); response.StatusCode != http.StatusBadRequest || waited < 4*time.Second || waited > 12*time.Second {
		t.Errorf("%s after %v", response.Status, waited)
	}
	if n := value[int](w, "SELECT count(*) FROM inbox"); n != 0 {
		t.Errorf("%d rows are stored", n)
	}
	w.say("amina", "hello")
	if !strings.Contains(value[string](w, "SELECT convert_from(body, 'UTF8') FROM inbox"), "hello") {
		t.Error("the next one was not heard")
	}
}
