package bot_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"souk/bot/internal/echo"
	"souk/bot/internal/echotest"
	"souk/internal/postgres/pgtest"
	"souk/internal/redis/redistest"
)

// failPoints are the places at which the pipeline is killed, in the order in which a message passes them.
var failPoints = []string{
	"inbox.before_commit", "inbox.committed", "turn.before_commit", "turn.committed", "remembered",
	"send.claimed", "send.called", "send.before_mark", "send.marked",
}

// A separate process is killed at each fail point, again and again, under load with duplicates: no message is lost, none has its
// effect twice, none out of order, and every reply is said. SOUK_KILLS says how often at each point; `make soak` asks for more.
func TestKilledAtEachFailPointNothingIsLostAndNothingDoubled(t *testing.T) {
	t.Parallel()
	kills := 2
	if n, err := strconv.Atoi(os.Getenv("SOUK_KILLS")); err == nil {
		kills = n
	}
	v := newVictim(t)
	load, stopLoad := v.load(8)
	for _, point := range failPoints {
		for range kills {
			v.runUntilKilled(point, 1+rand.IntN(20))
		}
	}
	stopLoad()
	said := load()
	// One message kills whatever process starts it; it is parked in the end, and what its sender wrote next is answered.
	doomed := v.start("", 0)
	v.must("the last straw", "poisoner", "die")
	_ = doomed.Wait() // it dies of it
	for range 12 {
		if parked := value[int](v.world, "SELECT count(*) FROM inbox WHERE parked_at IS NOT NULL"); parked > 0 {
			break
		}
		v.runUntilKilled("", 0)
	}
	alive := v.start("", 0)
	v.must("after it", "poisoner", "hello")
	v.eventually("every reply is marked", func() bool {
		return value[int](v.world, `SELECT count(*) FROM inbox WHERE done_at IS NULL AND parked_at IS NULL`) == 0 &&
			value[int](v.world, `SELECT count(*) FROM outbox WHERE status <> 'sent'`) == 0
	})
	if err := alive.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := alive.Wait(); err != nil {
		t.Errorf("the drain: %v", err)
	}
	v.check(said)
}

// victim runs the gateway as processes of their own over one database.
type victim struct {
	*world
	binary, address string
	env             []string
	stderr          bytes.Buffer
	killed          int
}

func newVictim(t *testing.T) *victim {
	t.Helper()
	w := &world{t: t, provider: echotest.NewProvider(t)}
	url := pgtest.URL(t)
	w.pool = pgtest.Open(t, url, 4)
	if _, err := w.pool.Exec(t.Context(), echo.Schema); err != nil {
		t.Fatal(err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	v := &victim{world: w, address: free.Addr().String(), binary: filepath.Join(t.TempDir(), "victim")}
	free.Close()
	build := exec.CommandContext(t.Context(), "go", "build", "-tags", "failpoints", "-o", v.binary, "./internal/victim")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the victim: %v\n%s", err, out)
	}
	v.env = append(os.Environ(), "DATABASE_URL="+url, "REDIS_URL="+redistest.New(t).URL, "PROVIDER_URL="+w.provider.URL, "SOUK_ADDR="+v.address)
	return v
}

// start starts a process that dies at the nth passing of a point; it ends with the test in any case.
func (v *victim) start(point string, nth int) *exec.Cmd {
	v.t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(v.t.Context()))
	cmd := exec.CommandContext(ctx, v.binary)
	cmd.Env, cmd.Stderr = v.env, &v.stderr
	if point != "" {
		cmd.Env = append(v.env[:len(v.env):len(v.env)], fmt.Sprintf("SOUK_FAILPOINT=%s:%d", point, nth))
	}
	if err := cmd.Start(); err != nil {
		v.t.Fatal(err)
	}
	v.t.Cleanup(cancel)
	return cmd
}

// runUntilKilled starts a process and waits for its end, by its fail point or, without one, by what it was told to do.
func (v *victim) runUntilKilled(point string, nth int) {
	v.t.Helper()
	cmd := v.start(point, nth)
	patience := 30 * time.Second
	if point == "" {
		patience = 4 * time.Second // it may also live on, having parked what kills
	}
	late := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	err := cmd.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		v.t.Fatalf("the process ended by itself: %v\n%s", err, v.stderr.String())
	}
	status := exit.Sys().(syscall.WaitStatus)
	if status.Signaled() && status.Signal() == syscall.SIGKILL || point == "" && exit.ExitCode() == 3 {
		v.killed++
		return
	}
	v.t.Fatalf("the process ended badly: %v\n%s", err, v.stderr.String())
}

// must posts until it is acknowledged, as a provider does.
func (v *victim) must(id, from, text string) {
	for {
		status, err := postTo("http://"+v.address+"/webhooks/telegram", echo.Update{ID: id, From: from, Text: text}, echo.Secret)
		if err == nil && status == http.StatusOK {
			return
		}
		if v.t.Context().Err() != nil {
			return
		}
		if text == "die" && err != nil && value[int](v.world, "SELECT count(*) FROM inbox WHERE provider_id = $1", id) == 1 {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// load has people write five messages each, one person after the other in each of several rows: a message follows when the one
// before was acknowledged, and three in ten are posted twice. stop ends it; said then tells how many messages each chat wrote.
// New people keep coming because a lane whose sender was killed rests until its lease is over.
func (v *victim) load(rows int) (said func() map[string]int, stop func()) {
	var writing sync.WaitGroup
	var over atomic.Bool
	var mu sync.Mutex
	counts := map[string]int{}
	for row := range rows {
		writing.Go(func() {
			for n := 0; !over.Load() && v.t.Context().Err() == nil; n++ {
				chat := fmt.Sprintf("chat%d.%d", row, n/5)
				id, text := fmt.Sprintf("%d.%d", row, n), fmt.Sprint(n%5)
				v.must(id, chat, text)
				if rand.IntN(10) < 3 {
					writing.Go(func() { v.must(id, chat, text) })
				}
				mu.Lock()
				counts[chat]++
				mu.Unlock()
				time.Sleep(40 * time.Millisecond)
			}
		})
	}
	return func() map[string]int { return counts }, func() {
		over.Store(true)
		alive := v.start("", 0) // somebody must take what is still being posted
		writing.Wait()
		_ = alive.Process.Kill()
		_ = alive.Wait() // killed
	}
}

// check compares what was said with what came of it.
func (v *victim) check(said map[string]int) {
	t := v.t
	total, copies := 0, 0
	for chat, n := range said {
		total += n
		heard := value[int](v.world, `SELECT count(*) FROM effect e JOIN address a ON a.id = e.conversation_id WHERE a.external_id = $1`, chat)
		equal(t, "effects of "+chat, heard, n)
		told := map[string]int{}
		for _, text := range v.provider.To(chat) {
			told[text]++
		}
		equal(t, "different replies to "+chat, len(told), n)
		for _, times := range told {
			copies += times - 1
		}
	}
	equal(t, "messages out of order", value[int](v.world, `SELECT count(*) FROM effect e JOIN address a ON a.id = e.conversation_id
		WHERE a.external_id LIKE 'chat%' AND (number - 1)::text <> text`), 0)
	equal(t, "parked", value[int](v.world, "SELECT count(*) FROM inbox WHERE parked_at IS NOT NULL"), 1)
	equal(t, "told the poisoner", fmt.Sprint(v.provider.To("poisoner")), "[echo parked echo hello]")
	// Each kill may come between a provider's yes and its marking, for each of the sends then in flight.
	if most := v.killed * 16; copies > most {
		t.Errorf("%d replies were said twice after %d kills", copies, v.killed)
	}
	t.Logf("%d messages, %d kills, %d replies said twice", total, v.killed, copies)
}
