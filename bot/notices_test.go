package bot_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/bot"
	"souk/bot/internal/echo"
	"souk/bot/internal/echotest"
	"souk/internal/postgres"
	"souk/people"
)

// onWhatsApp adds a channel with a window of 24 hours; its addresses are numbers.
func onWhatsApp(w *world, c *bot.Config) {
	w.whatsapp = &echo.Channel{URL: w.provider.URL, Kind: "whatsapp", Free: 24 * time.Hour}
	c.Channels = append(c.Channels, w.whatsapp)
}

// sayOn writes on a channel.
func (w *world) sayOn(channel *echo.Channel, from, text string) {
	w.t.Helper()
	in := bot.Incoming{Account: channel.Account(), Channel: channel.Name(), ProviderID: fmt.Sprint("u", w.sent.Add(1)), ExternalID: from,
		Body: fmt.Appendf(nil, `{"text":%q}`, text)}
	if _, err := w.gateway.Accept(w.t.Context(), in); err != nil {
		w.t.Fatal(err)
	}
	w.settle()
}

// notify tells a person something.
func (w *world) notify(person int64, n people.Notice) {
	w.t.Helper()
	n.PersonID, n.Name = person, "test"
	if n.Dedupe == "" {
		n.Dedupe = fmt.Sprint("n", w.sent.Add(1))
	}
	err := postgres.Tx(w.t.Context(), w.pool, func(tx pgx.Tx) error { return people.Notify(w.t.Context(), tx, n, w.clock.Now()) })
	if err != nil {
		w.t.Fatal(err)
	}
	w.settle()
}

// samePerson makes all addresses one person's.
func (w *world) samePerson() int64 {
	w.t.Helper()
	if _, err := w.pool.Exec(w.t.Context(), "UPDATE address SET person_id = (SELECT min(id) FROM person)"); err != nil {
		w.t.Fatal(err)
	}
	return value[int64](w, "SELECT min(id) FROM person")
}

func (w *world) said(to string) string { return fmt.Sprint(w.provider.To(to)) }

func TestANoticeIsSaidWhereThePersonLastSpoke(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withClock, onWhatsApp)
	w.sayOn(w.channel, "amina", "silent")
	w.advance(time.Hour)
	w.sayOn(w.whatsapp, "+212600000001", "silent")
	person := w.samePerson()
	w.notify(person, people.Notice{})
	equal(t, "by WhatsApp", w.said("+212600000001"), "[echo notice]")
	equal(t, "by Telegram", w.said("amina"), "[]")
	equal(t, "notice", value[string](w, "SELECT status FROM notice"), "done")

	w.advance(25 * time.Hour) // its window is over
	w.notify(person, people.Notice{})
	equal(t, "by WhatsApp", w.said("+212600000001"), "[echo notice]")
	equal(t, "by Telegram", w.said("amina"), "[echo notice]")
}

func TestANoticeWithoutAWayWaitsAndIsSeen(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withClock, onWhatsApp)
	w.sayOn(w.whatsapp, "+212600000001", "silent")
	w.advance(25 * time.Hour)
	w.notify(w.samePerson(), people.Notice{})
	w.advance(time.Hour)
	w.settle()
	equal(t, "said", w.said("+212600000001"), "[]")
	equal(t, "notice", value[string](w, "SELECT status FROM notice"), "waiting")
	equal(t, "tickets", value[int](w, "SELECT count(*) FROM ticket WHERE kind = 'undeliverable'"), 1)
	equal(t, "their messages", value[int](w, "SELECT count(*) FROM ticket_message"), 1)
	w.sayOn(w.whatsapp, "+212600000001", "hello")
	equal(t, "said", w.said("+212600000001"), "[echo hello echo notice]")
	equal(t, "notice", value[string](w, "SELECT status FROM notice"), "done")
}

// The window closed between the turn and the sending: the notice is held, and leaves first when the person writes.
func TestWhatTheWindowHoldsLeavesFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withClock, onWhatsApp)
	w.sayOn(w.whatsapp, "+212600000001", "silent")
	w.faults("+212600000001", echotest.Flood)
	w.provider.Retry = 10 * time.Minute
	w.advance(24*time.Hour - time.Minute)
	w.notify(w.samePerson(), people.Notice{})
	w.advance(10 * time.Minute)
	w.settle()
	equal(t, "held", value[string](w, "SELECT status || ' ' || error_code FROM outbox"), "held window")
	equal(t, "tickets", value[int](w, "SELECT count(*) FROM ticket WHERE kind = 'undeliverable'"), 1)
	w.sayOn(w.whatsapp, "+212600000001", "hello")
	equal(t, "said", w.said("+212600000001"), "[echo notice echo hello]")
	equal(t, "left over", value[int](w, "SELECT count(*) FROM outbox WHERE status <> 'sent'"), 0)
}

func TestAHeldReplyIsStaleWhenThePersonWrites(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withClock, onWhatsApp)
	w.faults("+212600000001", echotest.OutOfWindow)
	w.sayOn(w.whatsapp, "+212600000001", "old question")
	equal(t, "held", value[string](w, "SELECT status FROM outbox"), "held")
	w.sayOn(w.whatsapp, "+212600000001", "hello")
	equal(t, "said", w.said("+212600000001"), "[echo hello]")
	equal(t, "the old one", value[string](w, "SELECT status FROM outbox ORDER BY id LIMIT 1"), "dropped")
}

func TestARefusedNoticeFindsAnotherWay(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]echotest.Fault{"outside the window": echotest.OutOfWindow, "blocked": echotest.BlockedBy, "a bad number": echotest.BadAddress} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, withClock, onWhatsApp)
			w.sayOn(w.channel, "amina", "silent")
			w.advance(time.Minute)
			w.sayOn(w.whatsapp, "+212600000001", "silent")
			w.faults("+212600000001", fault)
			w.notify(w.samePerson(), people.Notice{})
			equal(t, "by WhatsApp", w.said("+212600000001"), "[]")
			equal(t, "by Telegram", w.said("amina"), "[echo notice]")
			equal(t, "notice", value[string](w, "SELECT status FROM notice"), "done")
			equal(t, "tickets", value[int](w, "SELECT count(*) FROM ticket"), 0)
			w.sayOn(w.whatsapp, "+212600000001", "silent")
			equal(t, "not said twice", len(w.provider.Messages()), 1)
		})
	}
}

func TestANoticeForAllowedHoursWaitsForThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withClock)
	w.say("amina", "silent")
	w.settle()
	w.advance(11 * time.Hour) // 23:00 in Casablanca
	w.notify(w.samePerson(), people.Notice{Timing: people.AllowedHours})
	w.advance(8 * time.Hour)
	w.settle()
	equal(t, "at seven in the morning", w.said("amina"), "[]")
	w.advance(time.Hour + time.Minute)
	w.settle()
	equal(t, "after eight", w.said("amina"), "[echo notice]")
}

func TestAnAskWaitsUntilTheConversationRests(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withClock)
	w.say("amina", "silent")
	w.settle()
	w.notify(w.samePerson(), people.Notice{Mode: people.Ask})
	equal(t, "while it is busy", w.said("amina"), "[]")
	equal(t, "notice", value[string](w, "SELECT status FROM notice"), "pending")
	w.advance(2 * time.Minute)
	w.settle()
	equal(t, "when it rests", w.said("amina"), "[echo notice]")
	equal(t, "rounds", value[int](w, "SELECT rounds FROM notice"), 2)
}

func TestANoticeThatExpiredIsNotSaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withClock)
	w.say("amina", "silent")
	w.settle()
	person := w.samePerson()
	w.notify(person, people.Notice{DueAt: w.clock.Now().Add(time.Hour), ExpiresAt: w.clock.Now().Add(2 * time.Hour)})
	w.advance(3 * time.Hour)
	w.settle()
	equal(t, "said", w.said("amina"), "[]")
	equal(t, "notice", value[string](w, "SELECT status || ' ' || reason FROM notice"), "done expired")
}

func TestNoticesWrittenInATurnAreSaidRightAfter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(w.gateway)
	w.say("amina", "notify")
	w.eventually("both are said", func() bool { return w.said("amina") == "[echo notify echo notice]" })
}

func TestAfterStopNothingIsSaidButItsConfirmation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withClock)
	w.channel.Pause = time.Minute // so that something still waits when the person stops
	w.say("amina", "many 3")
	w.settle()
	w.advance(time.Second)
	w.say("amina", "stop")
	w.settle()
	w.advance(time.Second)
	w.say("amina", "hello?")
	w.settle()
	w.notify(w.samePerson(), people.Notice{})
	w.through()
	equal(t, "said", w.said("amina"), "[echo 1 echo stop]")
	equal(t, "dropped", value[int](w, "SELECT count(*) FROM outbox WHERE status = 'dropped'"), 2)
	equal(t, "notice", value[string](w, "SELECT status FROM notice"), "waiting")
	w.say("amina", "start")
	w.through()
	equal(t, "said", w.said("amina"), "[echo 1 echo stop echo start echo notice]")
}

func TestSMSStaysUnderItsCaps(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withClock, func(w *world, c *bot.Config) {
		w.whatsapp = &echo.Channel{URL: w.provider.URL, Kind: "sms"}
		c.Channels = append(c.Channels, w.whatsapp)
		c.Caps = map[string]bot.Cap{"sms": bot.MoroccanSMS()}
	})
	const flooder, foreigner = "+212612345678", "+905321234567"
	for i := range 100 {
		w.sayOn(w.whatsapp, flooder, fmt.Sprint("again ", i))
	}
	w.sayOn(w.whatsapp, foreigner, "hello")
	equal(t, "to the flooder", len(w.provider.To(flooder)), 60)
	equal(t, "abroad", len(w.provider.To(foreigner)), 0)
	equal(t, "all their messages had their turns", value[int](w, "SELECT count(*) FROM effect"), 101)
	equal(t, "usage", value[int](w, "SELECT messages FROM sms_usage"), 60)

	// A notice waits for the next day; a reply of yesterday does not come late.
	person := value[int64](w, "SELECT person_id FROM address WHERE external_id = $1", flooder)
	w.notify(person, people.Notice{})
	equal(t, "on the same day", len(w.provider.To(flooder)), 60)
	w.advance(24 * time.Hour)
	w.settle()
	equal(t, "on the next", len(w.provider.To(flooder)), 61)
	equal(t, "which", w.provider.To(flooder)[60], "echo notice")
}

// Segments are what is paid: three to a message leave room for a third as many.
func TestACapCountsSegments(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withClock, func(w *world, c *bot.Config) {
		w.channel.Kind, w.channel.Cost = "sms", 3
		c.Caps = map[string]bot.Cap{"sms": {PerDay: 7}}
	})
	for i := range 5 {
		w.sayOn(w.channel, "+212612345678", fmt.Sprint("again ", i))
	}
	equal(t, "messages", len(w.provider.To("+212612345678")), 3) // the third began at six
	equal(t, "segments", value[int](w, "SELECT segments FROM sms_usage"), 9)
}
