package main

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"souk/bot/simulator"
	"souk/catalog/sample"
	"souk/internal/postgres/cluster"
	"souk/internal/postgres/pgtest"
)

// SIGTERM under load: souk serve drains and ends with 0 within ten seconds, and the next one goes on with what was left.
func TestADrainUnderLoadLosesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, built(t, release), pgtest.URL(t))
	w.restock("P53", 1_000_000)
	w.begin()
	w.introduced()
	crowd := w.crowd(8, 60)
	for range 3 {
		time.Sleep(700 * time.Millisecond)
		asked := time.Now()
		if code := w.serve.end(sigterm, 15*time.Second); code != 0 {
			t.Errorf("exit %d\n%s", code, tail(w.serve.stderr.String()))
		}
		if took := time.Since(asked); took > 10*time.Second {
			t.Errorf("the drain took %s", took)
		}
		w.begin()
	}
	buyers := crowd.goHome()
	w.settled(patience)
	if copies := w.everyoneHasOne(buyers); copies > 0 {
		t.Errorf("%d answers were said twice", copies)
	}
	w.obedient()
	w.discreet("belboula", "Casablanca")
	t.Logf("%d messages, %d purchases over 3 drains", crowd.messages.Load(), len(buyers))
}

func TestServeWithoutRedis(t *testing.T) {
	t.Parallel()
	pg := pgtest.Durable(t)
	w := newWorld(t, built(t, release), pg.URL(cluster.Database), "REDIS_URL=")
	w.begin()
	w.introduced()
	w.serve.says(t, "Redis: none", patience)
	b := w.buyer(simulator.Telegram, 700)
	for _, step := range []string{"1 belboula", "Casablanca", "1", b.number, "1"} {
		b.does(b.text(step), "")
	}
	if purchaseCode.FindString(b.last.Text) == "" {
		t.Errorf("no receipt: %s", b.last.Text)
	}
	w.settled(patience)
	if status, body := w.page("/readyz"); status != http.StatusOK || !strings.Contains(body, `"redis":"none"`) {
		t.Errorf("readiness: %d %s", status, body)
	}
	if status, body := w.page("/healthz"); status != http.StatusOK || body != "ok\n" {
		t.Errorf("health: %d %q", status, body)
	}
	status, metrics := w.page("/metrics")
	for _, want := range []string{
		`souk_updates_accepted_total{channel="telegram"} 5`, `souk_turns_total 5`, `souk_outbox_marked_total{status="sent"} 5`, `souk_updates_parked_total 0`,
	} {
		if status != http.StatusOK || !strings.Contains(metrics, "\n"+want+"\n") {
			t.Errorf("metrics, %d, do not say %s:\n%s", status, want, metrics)
		}
	}
	// What runs every now and then has run at the start.
	for late := time.Now().Add(patience); value[int](w, `SELECT count(DISTINCT kind) FROM river_job WHERE kind IN ('hold_sweep', 'document_sweep') AND state = 'completed'`) < 2; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(late) {
			t.Error("the sweeps have not run")
			break
		}
	}
	for path, want := range map[string]int{"/": http.StatusNotFound, "/simulator": http.StatusNotFound, "/webhooks/telegram": http.StatusMethodNotAllowed, "/media/none.jpg": http.StatusNotFound} {
		if status := w.get(path); status != want && !(path == "/media/none.jpg" && status == http.StatusForbidden) {
			t.Errorf("%s: %d, want %d", path, status, want)
		}
	}
	if code := w.serve.end(syscall.SIGINT, 15*time.Second); code != 0 {
		t.Errorf("exit %d", code)
	}
	w.discreet("belboula")
}

// Every setting that is wrong is named in one line, and souk serve ends with 2.
func TestServeRefusesBadSettingsInOneLine(t *testing.T) {
	t.Parallel()
	binary := built(t, release)
	good := []string{"DATABASE_URL=" + pgtest.URL(t), "SOUK_SECRET=" + outsideSecret, "SOUK_PUBLIC_URL=" + publicURL, "SOUK_ADDR=127.0.0.1:0"}
	busy := freeAddress(t)
	listener, err := listenNear(busy, true)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	for pair, named := range map[string]string{
		"DATABASE_URL=": "DATABASE_URL", "DATABASE_URL=mysql://root:hunter2@x/y": "DATABASE_URL", "SOUK_SECRET=": "SOUK_SECRET",
		"REDIS_URL=http://hunter2": "REDIS_URL", "SOUK_ADDR=nowhere": "SOUK_ADDR", "SOUK_ADDR=" + busy: "SOUK_ADDR",
		"SOUK_PUBLIC_URL=souk.example": "SOUK_PUBLIC_URL", "SOUK_TELEGRAM_TOKEN=hunter2": "SOUK_TELEGRAM_TOKEN",
		"SOUK_TELEGRAM_TOKEN=" + simulator.DefaultTelegramToken: "SOUK_TELEGRAM_SECRET", "SOUK_TELEGRAM_RATE=fast": "SOUK_TELEGRAM_RATE",
		"SOUK_TWILIO_SMS_RATE=-1": "SOUK_TWILIO_SMS_RATE", "SOUK_TWILIO_SMS_FROM=0612": "SOUK_TWILIO_SMS_FROM",
		"SOUK_TWILIO_ACCOUNT_SID=" + simulator.DefaultTwilioAccountSid: "SOUK_TWILIO_AUTH_TOKEN", "SOUK_TWILIO_WHATSAPP_FROM=+14155238886": "SOUK_TWILIO_WHATSAPP_FROM",
	} {
		name, value, _ := strings.Cut(pair, "=")
		got := ran(t, binary, setting(good, name, value), "", "serve")
		oneLineFault(t, got, exitMisuse, named)
		if strings.Contains(got.stdout+got.stderr, "hunter2") || strings.Contains(got.stderr, simulator.DefaultTelegramToken) {
			t.Errorf("%s: the value shows: %+v", pair, got)
		}
	}
	oneLineFault(t, ran(t, binary, setting(good, "DATABASE_URL", "postgres://souk:hunter2@127.0.0.1:1/souk"), "", "serve"), exitFailed, "connect")
}

// The demo needs nothing: an empty folder, no settings. It says where its phones are, an order can be made on one by the simulator's own
// page, what the cooperative's phone puts up for sale is found on the others, and Ctrl-C leaves no process behind.
func TestTheDemoFromAnEmptyFolder(t *testing.T) {
	t.Parallel()
	dir := emptyFolder(t)
	demo := start(t, built(t, release), dir, nil, strings.NewReader(""), "demo")
	demo.says(t, "Ready.", 2*patience)
	base := regexp.MustCompile(`http://127\.0\.0\.1:\d+/simulator`).FindString(demo.stdout.String())
	w := &world{t: t, client: &http.Client{Timeout: 20 * time.Second}, serve: demo}
	if status, page := w.ask(base); status != http.StatusOK || !strings.Contains(page, "<html") {
		t.Fatalf("%s: %d", base, status)
	}
	post := func(path, body string) string {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		response, err := w.client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d", path, response.StatusCode)
		}
		return response.Status
	}
	for channel, answer := range map[string]string{"telegram": "Belboula", "whatsapp": "Belboula", "sms": "Belboula"} {
		post("/api/phones", `{"channel":"`+channel+`","number":"+212612345678","name":"Amina","language":"fr"}`)
		post("/api/acts", `{"phone":"`+channel+`:+212612345678","do":"text","text":"belboula"}`)
		eventually(t, channel+" is answered", patience, func() bool {
			_, phone := w.ask(base + "/api/phones/" + channel + ":+212612345678")
			return strings.Contains(phone, answer) && strings.Contains(phone, `"from":"souk"`)
		})
	}
	const seller = "telegram:" + sample.Khadija
	says := func(phone, words string) {
		t.Helper()
		eventually(t, phone+" reads "+words, patience, func() bool {
			_, seen := w.ask(base + "/api/phones/" + phone)
			return strings.Contains(seen, words)
		})
	}
	post("/api/phones", `{"channel":"telegram","number":"`+sample.Khadija+`","name":"Khadija","language":"fr"}`)
	post("/api/acts", `{"phone":"`+seller+`","do":"photo","text":"Menthe pouliot séchée 40 g 18 dh, 15 sachets"}`)
	says(seller, "Je publie ?")
	post("/api/acts", `{"phone":"`+seller+`","do":"text","text":"1"}`)
	says(seller, "est en vente")
	for _, channel := range []string{"telegram", "whatsapp", "sms"} {
		post("/api/acts", `{"phone":"`+channel+`:+212612345678","do":"text","text":"menthe pouliot sechee"}`)
		says(channel+":+212612345678", "18 dh")
	}
	left := descendants(t, demo.cmd.Process.Pid)
	if len(left) < 2 {
		t.Errorf("the demo's own processes: %v", left)
	}
	if code := demo.end(syscall.SIGINT, 30*time.Second); code != 0 {
		t.Errorf("exit %d: %s", code, demo.stderr)
	}
	eventually(t, "every process of the demo has ended", patience, func() bool {
		for _, pid := range left {
			if syscall.Kill(pid, 0) == nil && !zombie(pid) {
				return false
			}
		}
		return true
	})
}

// emptyFolder is one in which a demo may make its cluster, which is removed with it.
func emptyFolder(t *testing.T) string {
	t.Helper()
	dir := filepath.Dir(dataDir(t))
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Fatalf("%v, %v", entries, err)
	}
	return dir
}

// descendants are the processes that a process started, and theirs.
func descendants(t *testing.T, pid int) (all []int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	return childrenOf(ctx, t, pid)
}
