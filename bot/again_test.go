package bot_test

import (
	"fmt"
	"testing"
	"time"

	"souk/bot"
	"souk/bot/internal/echo"
	"souk/bot/internal/echotest"
	"souk/people"
)

// Twilio takes a message and says later, by a callback, that the window was closed: all of it is said again, not what stands
// behind it.
func TestWhatACallbackHeldIsSaidWholeWhenThePersonWrites(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withClock, onWhatsApp)
	w.sayOn(w.whatsapp, "+212600000001", "silent")
	w.notify(w.samePerson(), people.Notice{})
	id := value[int64](w, "SELECT id FROM outbox")
	failed := bot.Delivery{OutboxID: id, ProviderMessageID: value[string](w, "SELECT provider_message_id FROM outbox"),
		Status: "undelivered", Code: "63016", Verdict: bot.Reroute}
	w.deliver(failed)
	w.deliver(failed) // callbacks come twice
	w.settle()
	equal(t, "held", value[string](w, "SELECT status FROM outbox"), "held")
	equal(t, "shown to an operator", value[int](w, "SELECT count(*) FROM ticket_message WHERE author = 'souk'"), 1)
	w.sayOn(w.whatsapp, "+212600000001", "hello")
	equal(t, "said", w.said("+212600000001"), "[echo notice echo notice echo hello]")
	equal(t, "part", w.provider.Messages()[1].Part, 0)
	w.deliver(failed) // and late
	w.settle()
	equal(t, "row", value[string](w, "SELECT status FROM outbox WHERE id = $1", id), "sent")
}

// However long the person was away: what was held for them is as young as their message.
func TestWhatWasHeldForDaysIsSaidWhenThePersonWrites(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withClock, onWhatsApp)
	w.sayOn(w.whatsapp, "+212600000001", "silent")
	w.faults("+212600000001", echotest.OutOfWindow)
	w.notify(w.samePerson(), people.Notice{})
	equal(t, "held", value[string](w, "SELECT status FROM outbox"), "held")
	w.advance(5 * 24 * time.Hour)
	w.settle()
	w.sayOn(w.whatsapp, "+212600000001", "hello")
	equal(t, "said", w.said("+212600000001"), "[echo notice echo hello]")
}

// A way that failed is open again when the person comes along it.
func TestANoticeThatFailedIsSaidWhenThePersonWritesThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withClock)
	w.say("amina", "silent")
	w.settle()
	w.faults("amina", echotest.BlockedBy)
	w.notify(w.samePerson(), people.Notice{})
	equal(t, "while blocked", value[string](w, "SELECT status FROM notice"), "waiting")
	w.advance(time.Hour)
	w.say("amina", "hello")
	w.through()
	equal(t, "said", w.said("amina"), "[echo hello echo notice]")
	equal(t, "notice", value[string](w, "SELECT status FROM notice"), "done")
}

// An opt-out at the provider blocks the address. Whoever writes again has taken it back, on a channel that says so by no event too.
func TestWhoWritesAgainIsNoLongerBlocked(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withClock, func(w *world, c *bot.Config) {
		w.whatsapp = &echo.Channel{URL: w.provider.URL, Kind: "sms"}
		c.Channels = append(c.Channels, w.whatsapp)
		c.Caps = map[string]bot.Cap{"sms": bot.MoroccanSMS()}
	})
	const samira = "+212612345678"
	w.faults(samira, echotest.BlockedBy)
	w.sayOn(w.whatsapp, samira, "hello")
	equal(t, "blocked", value[bool](w, "SELECT blocked_at IS NOT NULL FROM address"), true)
	w.advance(time.Hour)
	w.sayOn(w.whatsapp, samira, "hello again")
	equal(t, "said", w.said(samira), "[echo hello again]")
	equal(t, "blocked", value[bool](w, "SELECT blocked_at IS NOT NULL FROM address"), false)
}

// The day of the caps is UTC's, and begins when Moroccans sleep.
func TestWhatACapHeldDoesNotWakeAnybody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withClock, func(w *world, c *bot.Config) {
		w.whatsapp = &echo.Channel{URL: w.provider.URL, Kind: "sms"}
		c.Channels = append(c.Channels, w.whatsapp)
		c.Caps = map[string]bot.Cap{"sms": {PerDay: 2}}
	})
	const samira = "+212612345678"
	for i := range 2 {
		w.sayOn(w.whatsapp, samira, fmt.Sprint("again ", i))
	}
	w.notify(w.samePerson(), people.Notice{Timing: people.AllowedHours})
	equal(t, "held", value[string](w, "SELECT error_code FROM outbox WHERE status = 'held'"), "cap")
	w.advance(14 * time.Hour) // from noon to two in the morning
	w.settle()
	equal(t, "in the night", len(w.provider.To(samira)), 2)
	w.advance(7 * time.Hour)
	w.settle()
	equal(t, "in the morning", len(w.provider.To(samira)), 3)
}

// A message whose answer was lost counts too, when a callback proves that it was taken.
func TestACallbackCountsTowardsTheCap(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withClock, func(w *world, c *bot.Config) {
		w.channel.Kind = "sms"
		c.Caps = map[string]bot.Cap{"sms": {PerDay: 2}}
	})
	w.provider.Faults(func(echo.Message, int) echotest.Fault { return echotest.Drop })
	for i := range 5 {
		w.sayOn(w.channel, "+212612345678", fmt.Sprint("again ", i))
		w.deliver(bot.Delivery{OutboxID: value[int64](w, "SELECT max(id) FROM outbox"), ProviderMessageID: fmt.Sprint("m", i), Status: "delivered"})
		w.settle()
		w.advance(time.Minute)
	}
	equal(t, "taken", len(w.provider.To("+212612345678")), 2)
}

// A notice that was to leave in the evening, and could not, does not leave in the night; who writes in the night hears it.
func TestADelayedNoticeDoesNotWakeAnybody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withClock)
	for _, name := range []string{"amina", "samira"} {
		w.say(name, "silent")
		w.settle()
	}
	w.advance(9*time.Hour - 5*time.Minute) // five to nine in the evening
	w.provider.Retry = 10 * time.Minute
	w.provider.Faults(func(_ echo.Message, try int) echotest.Fault {
		if try == 1 {
			return echotest.Flood
		}
		return echotest.None
	})
	for _, person := range []int64{1, 2} {
		w.notify(person, people.Notice{Timing: people.AllowedHours})
	}
	w.advance(11 * time.Minute)
	w.settle()
	equal(t, "in the night", len(w.provider.Messages()), 0)
	w.provider.Faults(nil)
	w.say("samira", "hello")
	w.through()
	equal(t, "to who is awake", w.said("samira"), "[echo notice echo hello]")
	w.advance(11 * time.Hour)
	w.settle()
	equal(t, "in the morning", w.said("amina"), "[echo notice]")
	equal(t, "not twice", len(w.provider.Messages()), 3)
}
