package bot_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	goredis "github.com/redis/go-redis/v9"

	"souk/bot"
	"souk/bot/internal/echo"
	"souk/flows"
	"souk/internal/postgres"
	"souk/internal/postgres/pgtest"
	"souk/people"
)

func TestAMessageIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(w.gateway)
	w.say("amina", "bonjour")
	w.eventually("the answer is marked", func() bool {
		return value[int](w, "SELECT count(*) FROM outbox WHERE status = 'sent'") == 1
	})
	equal(t, "said", fmt.Sprint(w.provider.To("amina")), "[echo bonjour]")
	equal(t, "effects", value[int](w, "SELECT count(*) FROM effect"), 1)
	equal(t, "the row's id at the provider", value[bool](w, "SELECT provider_message_id LIKE 'm%' FROM outbox"), true)
	equal(t, "the lane is free", value[bool](w, "SELECT lease_until IS NULL FROM lane"), true)
	equal(t, "done", value[bool](w, "SELECT done_at IS NOT NULL FROM inbox"), true)
	equal(t, "status of a repeat", w.post(echo.Update{ID: "u1", From: "amina", Text: "bonjour"}), 200)
	w.settle()
	equal(t, "effects after a repeat", value[int](w, "SELECT count(*) FROM effect"), 1)
}

// Twenty chats, forty messages each, two gateways with sixteen workers: each conversation hears its messages in the order of the 200s.
func TestAConversationHearsItsMessagesInOrder(t *testing.T) {
	t.Parallel()
	const chats, messages = 20, 40
	w := newWorld(t, func(w *world, c *bot.Config) {
		w.pool = pgtest.Open(t, w.pool.Config().ConnString(), 40)
		c.Pool, c.Workers = w.pool, 16
	})
	second := w.newGateway(func(_ *world, c *bot.Config) { c.Workers = 16 })
	w.run(w.gateway, second)
	mux := http.NewServeMux()
	second.Routes(mux)
	other := httptest.NewServer(mux)
	t.Cleanup(other.Close)
	var wg sync.WaitGroup
	for chat := range chats {
		wg.Go(func() {
			for n := range messages {
				url := []string{w.webhooks.URL, other.URL}[(n+chat)%2] + "/webhooks/telegram"
				u := echo.Update{ID: fmt.Sprintf("%d.%d", chat, n), From: fmt.Sprint("chat", chat), Text: fmt.Sprint(n)}
				if status, err := postTo(url, u, echo.Secret); err != nil || status != 200 {
					t.Errorf("%s: %d, %v", u.ID, status, err)
				}
			}
		})
	}
	wg.Wait()
	w.eventually("all is answered", func() bool { return len(w.provider.Messages()) == chats*messages })
	equal(t, "effects", value[int](w, "SELECT count(*) FROM effect"), chats*messages)
	equal(t, "inversions", value[int](w, "SELECT count(*) FROM effect WHERE number <> text::int + 1"), 0)
	for chat := range chats {
		for n, text := range w.provider.To(fmt.Sprint("chat", chat)) {
			if text != fmt.Sprint("echo ", n) {
				t.Errorf("chat %d was told %q as number %d", chat, text, n)
			}
		}
	}
}

func TestRedisMayVanishOrComeBackFromAnOldDump(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	say := func(n int, recalled bool) {
		t.Helper()
		w.say("amina", fmt.Sprint("message ", n))
		w.settle()
		equal(t, "turns that are remembered", value[int](w, "SELECT max(number) FROM effect"), n)
		equal(t, fmt.Sprint("recalled from Redis at ", n), value[bool](w, "SELECT recalled FROM effect ORDER BY id DESC LIMIT 1"), recalled)
	}
	keys := func() []string {
		t.Helper()
		keys, err := w.redis.Keys(t.Context(), "*{conv:*").Result()
		if err != nil {
			t.Fatal(err)
		}
		var ours []string
		for _, key := range keys {
			if strings.HasPrefix(key, w.prefix) {
				ours = append(ours, key)
			}
		}
		return ours
	}
	say(1, false)
	say(2, true)
	key := keys()[0]
	old, err := w.redis.Dump(t.Context(), key).Result()
	if err != nil {
		t.Fatal(err)
	}
	say(3, true)
	if err := w.redis.Del(t.Context(), key).Err(); err != nil {
		t.Fatal(err)
	}
	say(4, false)
	say(5, true)
	if err := w.redis.RestoreReplace(t.Context(), key, time.Hour, old).Err(); err != nil {
		t.Fatal(err)
	}
	say(6, false) // an old version
	say(7, true)
	// The same version under another stamp: Postgres came back from a backup and counted up again.
	if err := w.redis.HSet(t.Context(), key, "stamp", "12345").Err(); err != nil {
		t.Fatal(err)
	}
	say(8, false)
	// What is broken is a miss too.
	if err := w.redis.HSet(t.Context(), key, "session", "{").Err(); err != nil {
		t.Fatal(err)
	}
	say(9, false)
	if err := w.redis.Set(t.Context(), key, "another type", 0).Err(); err != nil {
		t.Fatal(err)
	}
	say(10, false)
}

func TestWithoutRedisTheConversationGoesOn(t *testing.T) {
	t.Parallel()
	away := goredis.NewClient(&goredis.Options{Addr: "127.0.0.1:1", MaxRetries: -1, DialerRetries: 1, ContextTimeoutEnabled: true})
	t.Cleanup(func() { away.Close() })
	for name, client := range map[string]goredis.UniversalClient{"away": away, "none": nil} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(_ *world, c *bot.Config) { c.Redis = client })
			for n := range 5 {
				w.say("amina", fmt.Sprint(n))
				w.settle()
			}
			equal(t, "turns that are remembered", value[int](w, "SELECT max(number) FROM effect"), 5)
			equal(t, "said", len(w.provider.To("amina")), 5)
		})
	}
}

func TestAPoisonedMessageIsParkedAndTheChatGoesOn(t *testing.T) {
	t.Parallel()
	for _, poison := range []string{"panic", "fail", "panic in decode"} {
		t.Run(poison, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.run(w.gateway)
			w.say("amina", "before")
			w.say("amina", poison)
			w.say("amina", "after")
			w.eventually("the apology is said", func() bool { return len(w.provider.To("amina")) == 3 })
			equal(t, "said", fmt.Sprint(w.provider.To("amina")), "[echo before echo after echo parked]")
			equal(t, "tries", value[int](w, "SELECT tries FROM inbox WHERE parked_at IS NOT NULL"), 5)
			equal(t, "tickets", value[int](w, "SELECT count(*) FROM ticket WHERE kind = 'parked' AND person_id IS NOT NULL"), 1)
		})
	}
}

func TestWhatCannotBeDecodedIsParkedAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.say("amina", "undecodable")
	if err := w.gateway.Settle(t.Context()); err == nil {
		t.Error("nobody was told")
	}
	w.settle()
	equal(t, "parked", value[int](w, "SELECT count(*) FROM inbox WHERE parked_at IS NOT NULL"), 1)
	equal(t, "said", fmt.Sprint(w.provider.To("amina")), "[echo parked]")
}

// A turn that sits in its transaction until the server ends it is at fault, though its connection looks lost.
func TestATurnThatSleepsIsCounted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.say("amina", "sleep 5500ms")
	if err := w.gateway.Settle(t.Context()); err == nil {
		t.Error("the turn ended well")
	}
	equal(t, "tries", value[int](w, "SELECT tries FROM inbox"), 1)
}

// A process that dies counts nothing by itself: the start is counted before, once the sweep finds the row.
func TestAStartThatKillsTheProcessIsCounted(t *testing.T) {
	t.Parallel()
	died := func(context.Context, pgx.Tx, flows.Input) (flows.Output, error) {
		runtime.Goexit()
		panic("unreachable")
	}
	w := newWorld(t, func(_ *world, c *bot.Config) { c.Turn = died })
	w.say("amina", "the last straw")
	if _, err := w.pool.Exec(t.Context(), "UPDATE inbox SET received_at = received_at - interval '1 minute'"); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		dead := make(chan struct{})
		go func() {
			defer close(dead)
			_ = w.gateway.Settle(t.Context()) // never returns
		}()
		<-dead
	}
	equal(t, "tries", value[int](w, "SELECT tries FROM inbox"), 5)
	w.gateway = w.newGateway(func(_ *world, c *bot.Config) { c.Turn = echo.Turn })
	w.settle()
	equal(t, "parked", value[int](w, "SELECT count(*) FROM inbox WHERE parked_at IS NOT NULL"), 1)
	equal(t, "said", fmt.Sprint(w.provider.To("amina")), "[echo parked]")
}

func TestASessionOfNewerFlowsIsLeftToNewerReplicas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.say("amina", "one")
	w.settle()
	if _, err := w.pool.Exec(t.Context(), "UPDATE conversation SET flows_version = 2"); err != nil {
		t.Fatal(err)
	}
	w.say("amina", "two")
	w.settle()
	equal(t, "turns", value[int](w, "SELECT count(*) FROM effect"), 1)
	w.gateway = w.newGateway(func(_ *world, c *bot.Config) { c.Format = 2 })
	w.settle()
	equal(t, "turns", value[int](w, "SELECT count(*) FROM effect"), 2)
}

func TestAQuotedMessageNamesItsQuestion(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.say("amina", "one")
	w.settle()
	id := value[string](w, "SELECT provider_message_id FROM outbox")
	w.post(echo.Update{ID: "q", From: "amina", Text: "yes", Quotes: id})
	w.post(echo.Update{ID: "r", From: "amina", Text: "no", Quotes: "somebody else's"})
	w.settle()
	equal(t, "heard", fmt.Sprint(w.provider.To("amina")), "[echo one echo yes quoting q1 echo no]")
}

func TestATimerRingsOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withClock)
	w.say("amina", "timer")
	w.settle()
	equal(t, "said", fmt.Sprint(w.provider.To("amina")), "[echo timer]")
	w.advance(2 * time.Second)
	w.settle()
	w.settle()
	equal(t, "said", fmt.Sprint(w.provider.To("amina")), "[echo timer echo timer bell]")
	equal(t, "timers left", value[int](w, "SELECT count(*) FROM timer"), 0)
}

func TestAnOperatorsAnswerIsSaidInTheConversation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.say("amina", "hello")
	w.settle()
	conversation := value[int64](w, "SELECT id FROM conversation")
	for range 2 { // twice is once
		err := postgres.Tx(t.Context(), w.pool, func(tx pgx.Tx) error {
			ticket, err := people.OpenTicket(t.Context(), tx, people.Ticket{PersonID: value[int64](w, "SELECT id FROM person"), AddressID: conversation, Kind: people.Talk, Body: "help"}, time.Now())
			if err != nil {
				return err
			}
			var message int64
			if value[int](w, "SELECT count(*) FROM ticket_message WHERE author = 'operator'") == 0 {
				if message, err = people.AnswerTicket(t.Context(), tx, ticket, "we call you", "salma", time.Now()); err != nil {
					return err
				}
			} else {
				message = value[int64](w, "SELECT id FROM ticket_message WHERE author = 'operator'")
			}
			return bot.PostOperatorAnswer(t.Context(), tx, ticket, message, time.Now())
		})
		if err != nil {
			t.Fatal(err)
		}
		w.settle()
	}
	equal(t, "said", fmt.Sprint(w.provider.To("amina")), "[echo hello echo operator we call you]")
}
