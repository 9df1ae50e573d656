package bot_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"souk/bot"
	"souk/bot/internal/echo"
	"souk/bot/internal/echotest"
	"souk/flows"
)

// faults treats the messages to one address in turn; the rest are taken.
func (w *world) faults(to string, list ...echotest.Fault) {
	seen := 0
	w.provider.Faults(func(m echo.Message, _ int) echotest.Fault {
		if m.To != to || seen >= len(list) {
			return echotest.None
		}
		seen++
		return list[seen-1]
	})
}

// through settles and moves the time until nothing is left to send.
func (w *world) through() {
	w.t.Helper()
	for range 60 {
		w.settle()
		if value[int](w, "SELECT count(*) FROM outbox WHERE status IN ('queued', 'sending', 'unknown')") == 0 {
			return
		}
		w.advance(5 * time.Second)
	}
	w.t.Fatal("something is never sent")
}

func TestRepliesLeaveInOrderAndInParts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(w.gateway)
	w.say("amina", "many 7")
	w.say("amina", "last")
	w.eventually("all is said", func() bool { return len(w.provider.To("amina")) == 8 })
	equal(t, "said", fmt.Sprint(w.provider.To("amina")), "[echo 1 echo 2 echo 3 echo 4 echo 5 echo 6 echo 7 echo last]")

	if _, err := w.pool.Exec(t.Context(), `INSERT INTO outbox (inbox_id, seq, conversation_id, class, body, not_before, created_at)
		SELECT inbox_id, 99, conversation_id, 0, '{"text":"honey","photo":"jar"}', now(), now() FROM outbox LIMIT 1`); err != nil {
		t.Fatal(err)
	}
	w.say("amina", "next")
	w.eventually("both parts are said", func() bool { return len(w.provider.To("amina")) == 11 })
	equal(t, "said last", fmt.Sprint(w.provider.To("amina")[8:]), "[honey honey echo next]")
	equal(t, "parts", value[int](w, "SELECT part FROM outbox WHERE seq = 99"), 2)
}

func TestTheProvidersErrorsAreMetAsTheyMean(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		faults  []echotest.Fault
		canFind bool
		copies  int
		status  string
		code    string
	}{
		"taken":                         {nil, false, 1, "sent", ""},
		"a chat's limit":                {[]echotest.Fault{echotest.Flood, echotest.Flood}, false, 1, "sent", ""},
		"an account's limit":            {[]echotest.Fault{echotest.FloodAll}, false, 1, "sent", ""},
		"a bad gateway, three times":    {[]echotest.Fault{echotest.BadGateway, echotest.BadGateway, echotest.BadGateway}, false, 1, "sent", ""},
		"cut before it was taken":       {[]echotest.Fault{echotest.Cut}, false, 1, "sent", ""},
		"taken, and the answer lost":    {[]echotest.Fault{echotest.Drop}, false, 2, "sent", ""},
		"lost twice: never a third":     {[]echotest.Fault{echotest.Drop, echotest.Drop}, false, 2, "failed", "unanswered"},
		"lost, and found by looking":    {[]echotest.Fault{echotest.Drop}, true, 1, "sent", ""},
		"cut twice, sent after looking": {[]echotest.Fault{echotest.Cut, echotest.Cut, echotest.Cut}, true, 1, "sent", ""},
		"a bad address":                 {[]echotest.Fault{echotest.BadAddress}, false, 0, "failed", "400"},
		"blocked":                       {[]echotest.Fault{echotest.BlockedBy}, false, 0, "failed", "403"},
		"outside the window":            {[]echotest.Fault{echotest.OutOfWindow}, false, 0, "held", "63016"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, withClock)
			w.channel.CanFind = c.canFind
			w.faults("amina", c.faults...)
			w.say("amina", "hello")
			w.through()
			equal(t, "copies", len(w.provider.To("amina")), c.copies)
			equal(t, "status", value[string](w, "SELECT status FROM outbox"), c.status)
			equal(t, "code", value[string](w, "SELECT COALESCE(error_code, '') FROM outbox"), c.code)
			equal(t, "lane is free", value[bool](w, "SELECT lease_until IS NULL FROM lane"), true)
			tickets := value[int](w, "SELECT count(*) FROM ticket WHERE kind = 'undeliverable'")
			equal(t, "seen by an operator", tickets == 1, (c.status == "failed" || c.status == "held") && c.code != "403")
			equal(t, "blocked", value[bool](w, "SELECT blocked_at IS NOT NULL FROM address"), c.code == "403")
		})
	}
}

func TestWhatWasNotTakenDelaysNoOtherChat(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.provider.Retry = 2 * time.Second
	w.provider.Faults(func(m echo.Message, _ int) echotest.Fault {
		if m.To == "loud" {
			return echotest.Flood
		}
		return echotest.None
	})
	w.run(w.gateway)
	var waited []time.Duration
	for i := range 40 {
		w.say("loud", fmt.Sprint("again ", i))
		from := fmt.Sprint("quiet", i)
		said := time.Now()
		w.say(from, "hello")
		w.eventually("the quiet one is answered", func() bool { return len(w.provider.To(from)) == 1 })
		waited = append(waited, time.Since(said))
	}
	slices.Sort(waited)
	if slowest := waited[len(waited)-1]; slowest > time.Second {
		t.Errorf("a quiet chat waited %s", slowest)
	}
	equal(t, "told to the loud one", len(w.provider.To("loud")), 0)
}

func TestAChannelThatHangsDelaysNoOtherChannel(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	hung := &echo.Channel{URL: w.provider.URL, Kind: "whatsapp"}
	w.provider.Faults(func(m echo.Message, _ int) echotest.Fault {
		if m.To[0] == '+' {
			return echotest.Hang
		}
		return echotest.None
	})
	gateway := w.newGateway(func(_ *world, c *bot.Config) { c.Channels = append(c.Channels, hung) })
	stop := w.run(gateway)
	for i := range 12 { // more than there are senders
		in := bot.Incoming{Account: hung.Account(), Channel: hung.Name(), ProviderID: fmt.Sprint(i), ExternalID: fmt.Sprint("+", i), Body: []byte(`{"text":"hi"}`)}
		if _, err := gateway.Accept(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	w.eventually("its senders hang", func() bool { return w.provider.Tries() >= 6 })
	w.say("amina", "hello")
	w.eventually("the other channel answers", func() bool { return len(w.provider.To("amina")) == 1 })
	w.provider.Faults(nil)
	w.provider.CloseClientConnections()
	stop()
}

func TestAChatsPaceAndAnAccountsRateAreKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.channel.Pause, w.channel.PerSec = 150*time.Millisecond, 20
	w.run(w.gateway)
	w.say("amina", "many 4")
	for i := range 30 {
		w.say(fmt.Sprint("buyer", i), "hello")
	}
	w.eventually("all is said", func() bool { return len(w.provider.Messages()) == 34 })
	paced := w.provider.Times("amina")
	for i := 1; i < len(paced); i++ {
		if gap := paced[i].Sub(paced[i-1]); gap < 140*time.Millisecond {
			t.Errorf("two messages to one chat within %s", gap)
		}
	}
	var all []time.Time
	for _, m := range w.provider.Messages() {
		all = append(all, w.provider.Times(m.To)...)
	}
	slices.SortFunc(all, time.Time.Compare)
	all = slices.Compact(all)
	for i := 21; i < len(all); i++ {
		if span := all[i].Sub(all[i-21]); span < 950*time.Millisecond {
			t.Errorf("22 messages left within %s at a rate of 20 a second", span)
		}
	}
}

func TestWithoutRedisAReplicaTakesAQuarterOfTheRate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(_ *world, c *bot.Config) { c.Redis = nil })
	w.channel.PerSec = 40
	w.run(w.gateway)
	begun := time.Now()
	for i := range 11 {
		w.say(fmt.Sprint("buyer", i), "hello")
	}
	w.eventually("all is said", func() bool { return len(w.provider.Messages()) == 11 })
	if took := time.Since(begun); took < 900*time.Millisecond {
		t.Errorf("11 messages left within %s at 10 a second", took)
	}
}

func TestRepliesGoAheadOfNoticesAndThoseAheadOfBroadcasts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withClock)
	w.channel.Pause = time.Second
	w.say("amina", "hello")
	w.settle()
	for seq, class := range []flows.Class{flows.ClassBroadcast, flows.ClassNotice, flows.ClassBroadcast, flows.ClassReply} {
		_, err := w.pool.Exec(t.Context(), `INSERT INTO outbox (inbox_id, seq, conversation_id, class, body, not_before, created_at)
			SELECT i.id, $1, i.conversation_id, $2::smallint, jsonb_build_object('text', 'class ' || $2::smallint), $3, $3 FROM inbox i LIMIT 1`, seq+10, class, w.clock.Now())
		if err != nil {
			t.Fatal(err)
		}
	}
	for range 5 {
		w.advance(2 * time.Second)
		w.settle()
	}
	equal(t, "said", fmt.Sprint(w.provider.To("amina")), "[echo hello class 0 class 1 class 2 class 2]")
}

// A sender that died may have sent: its rows are looked for, or sent again. One that slept past its lease changes nothing.
func TestALaneOutlivesItsHolder(t *testing.T) {
	t.Parallel()
	for _, canFind := range []bool{true, false} {
		t.Run(fmt.Sprint("canFind ", canFind), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, withClock)
			w.channel.CanFind = canFind
			w.say("amina", "hello")
			for did := true; did; { // the turn's commit takes the lane, and the process dies before it sends
				var err error
				if did, err = w.gateway.TurnStep(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			equal(t, "status", value[string](w, "SELECT status FROM outbox"), "sending")
			sleeper := w.gateway
			w.gateway = w.newGateway()
			w.settle()
			equal(t, "said under another's lease", len(w.provider.To("amina")), 0)
			w.advance(time.Minute)
			w.settle()
			equal(t, "said after it", fmt.Sprint(w.provider.To("amina")), "[echo hello]")
			// The sleeper wakes. Its lease is over: it neither sends nor marks.
			if _, err := sleeper.SendStep(t.Context()); err != nil {
				t.Fatal(err)
			}
			equal(t, "said in the end", fmt.Sprint(w.provider.To("amina")), "[echo hello]")
			equal(t, "status", value[string](w, "SELECT status FROM outbox"), "sent")
		})
	}
}
