package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"souk/bot/simulator"
	"souk/internal/postgres/pgtest"
)

// soak says how long the tests with kills go on: SOUK_KILLS is how often the process is killed at each fail point. Without it they are
// short, for every day; with 20 and more, as `make soak` asks for, people also write 100 messages a second.
func soak() (kills, perSecond int) {
	kills, perSecond = 1, 40
	if n, err := strconv.Atoi(os.Getenv("SOUK_KILLS")); err == nil && n > 0 {
		kills = n
	}
	if kills >= 20 {
		perSecond = 100
	}
	return kills, perSecond
}

// failPoints are read from the code, so that a new one is never left out.
func failPoints(t *testing.T) (names []string) {
	t.Helper()
	files, err := filepath.Glob("../../bot/*.go")
	if err != nil {
		t.Fatal(err)
	}
	hit := regexp.MustCompile(`failpoint\.Hit\("([a-z_.]+)"\)`)
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range hit.FindAllSubmatch(body, -1) {
			names = append(names, string(found[1]))
		}
	}
	slices.Sort(names)
	if names = slices.Compact(names); len(names) < 5 {
		t.Fatalf("fail points: %v", names)
	}
	return names
}

// souk serve is killed at each fail point, again and again, while people order on every channel and providers post three messages in
// ten twice. Nobody's purchase is lost or doubled, every message has its effect once and its answer.
func TestKilledAtEachFailPointEveryPurchaseIsMadeOnce(t *testing.T) {
	t.Parallel()
	kills, perSecond := soak()
	w := newWorld(t, built(t, mortal), pgtest.URL(t))
	w.restock("P53", 1_000_000)
	crowd := w.crowd(8, perSecond)
	began := time.Now()
	killed := 0
	for _, point := range failPoints(t) {
		for range kills {
			w.begin(fmt.Sprintf("SOUK_FAILPOINT=%s:%d", point, 1+rand.IntN(20)))
			if w.serve.code(patience); !w.serve.killed() {
				t.Fatalf("%s was not passed, or the process ended otherwise: %v\n%s", point, w.serve.cmd.ProcessState, tail(w.serve.stderr.String()))
			}
			killed++
		}
	}
	w.begin()
	buyers := crowd.goHome()
	took := time.Since(began)
	w.settled(patience) // a lane whose sender was killed rests until its lease is over
	settling := time.Since(began) - took
	copies := w.everyoneHasOne(buyers)
	if most := 16 * killed; copies > most {
		t.Errorf("%d answers were said twice after %d kills", copies, killed)
	}
	w.is("parked", 0, "SELECT count(*) FROM inbox WHERE parked_at IS NOT NULL")
	w.is("conversations that changed otherwise than once per message", 0, `SELECT count(*) FROM conversation c
		WHERE version <> (SELECT count(*) FROM inbox i WHERE i.conversation_id = c.id AND done_at IS NOT NULL)`)
	w.is("messages without exactly one answer", 0, `SELECT count(*) FROM inbox i WHERE NOT internal
		AND 1 <> (SELECT count(*) FROM outbox o WHERE o.inbox_id = i.id)`)
	w.is("allocated otherwise than ordered", 0, `SELECT (SELECT sum(allocated) FROM stock)::int - 3 * (SELECT count(*) FROM purchase)::int`)
	w.obedient()
	w.discreet("Casablanca", "belboula")
	t.Logf("%d kills in %s, settled in %s; %d messages, %d of them posted twice, %d refusals; %d purchases; %d answers said twice",
		killed, took.Round(time.Second), settling.Round(time.Second), crowd.messages.Load(), crowd.doubled.Load(), crowd.refusals.Load(), len(buyers), copies)
}

// crowd are people who write without a pause.
type crowd struct {
	w                           *world
	over                        atomic.Bool
	writing                     sync.WaitGroup
	messages, doubled, refusals atomic.Int64
	mu                          sync.Mutex
	done                        []*buyer
}

// crowd lets rows of people write, perSecond messages in all: in each row one person after the other, who orders three kilos message
// by message and never waits for an answer. The pipeline keeps the order of what one person says, so each script has one outcome.
func (w *world) crowd(rows, perSecond int) *crowd {
	c := &crowd{w: w}
	for row := range rows {
		c.writing.Go(func() {
			for n := 0; !c.over.Load() && w.t.Context().Err() == nil; n++ {
				b := w.buyer([]simulator.Channel{simulator.Telegram, simulator.WhatsApp, simulator.SMS}[(row+n)%3], 1000+10_000*row+n)
				for _, text := range b.script() {
					c.writes(b.text(text))
					time.Sleep(time.Duration(rows) * time.Second / time.Duration(perSecond))
				}
				c.mu.Lock()
				c.done = append(c.done, b)
				c.mu.Unlock()
			}
		})
	}
	return c
}

// script orders three kilos: what one would type if one knew all answers.
func (b *buyer) script() []string {
	texts := []string{"1 belboula", "1 belboula", "1 belboula", "Casablanca", "1"}
	if b.phone.Channel() == simulator.Telegram {
		texts = append(texts, b.number)
	}
	return append(texts, "1")
}

func (c *crowd) writes(u update) {
	c.messages.Add(1)
	if rand.IntN(10) < 3 {
		c.doubled.Add(1)
		later := time.Duration(rand.IntN(500)) * time.Millisecond * time.Duration(rand.IntN(2))
		c.writing.Go(func() {
			time.Sleep(later)
			c.refusals.Add(int64(c.w.delivered(u)))
		})
	}
	c.refusals.Add(int64(c.w.delivered(u)))
}

// goHome lets everybody finish their order, and returns them.
func (c *crowd) goHome() []*buyer {
	c.over.Store(true)
	c.writing.Wait()
	return c.done
}

// everyoneHasOne checks that each buyer has exactly one purchase of three kilos and heard every answer, and returns how many answers
// were said more than once.
func (w *world) everyoneHasOne(buyers []*buyer) (copies int) {
	w.t.Helper()
	w.is("purchases", len(buyers), "SELECT count(*) FROM purchase WHERE status = 'placed' AND goods_total = 6900 AND delivery_fee = 1500")
	w.is("purchases of another kind", 0, "SELECT count(*) FROM purchase WHERE status <> 'placed' OR goods_total <> 6900")
	w.is("people who ordered", len(buyers), "SELECT count(DISTINCT person_id) FROM purchase")
	for _, b := range buyers {
		texts := b.fresh()
		kinds := slices.Compact(slices.Sorted(slices.Values(texts)))
		if want := len(b.script()); len(kinds) != want {
			w.t.Errorf("%s heard %d different answers, want %d: %q", b.phone.Key(), len(kinds), want, texts)
		}
		again := len(texts) - len(kinds)
		copies += again
		tries := value[int](w, `SELECT coalesce(sum(o.tries - 1), 0)::int FROM outbox o JOIN address a ON a.id = o.conversation_id WHERE a.external_id = $1`,
			externalID(b))
		if again > tries || again > 0 && b.phone.Channel() != simulator.Telegram {
			w.t.Errorf("%s heard %d answers twice in %d tries more: %q", b.phone.Key(), again, tries, texts)
		}
	}
	return copies
}

// externalID is how a buyer's address stands in the database.
func externalID(b *buyer) string {
	if b.phone.Channel() == simulator.Telegram {
		return b.phone.Address()
	}
	return b.number
}
