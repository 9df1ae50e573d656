package bot_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"souk/bot"
	"souk/bot/internal/echotest"
	"souk/people"
)

// deliver posts one delivery callback.
func (w *world) deliver(d bot.Delivery) {
	w.t.Helper()
	status, err := postTo(w.webhooks.URL+"/webhooks/telegram/status", d, "open sesame")
	if err != nil || status != http.StatusOK {
		w.t.Fatalf("%+v: status %d, %v", d, status, err)
	}
}

func TestDeliveryStatusesOnlyMoveUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withClock)
	for round := range 12 {
		from := fmt.Sprint("buyer", round)
		w.say(from, "hello")
		w.settle()
		id := value[int64](w, "SELECT max(id) FROM outbox")
		message := value[string](w, "SELECT provider_message_id FROM outbox WHERE id = $1", id)
		statuses := []string{"sent", "sent", "delivered", "read", "failed", ""}
		rand.Shuffle(len(statuses), func(i, j int) { statuses[i], statuses[j] = statuses[j], statuses[i] })
		for _, status := range statuses {
			w.deliver(bot.Delivery{OutboxID: id, ProviderMessageID: message, Status: status, Code: map[string]string{"failed": "30008"}[status]})
		}
		equal(t, fmt.Sprint("after ", statuses), value[string](w, "SELECT status FROM outbox WHERE id = $1", id), "read")
	}
	// Of nobody, of another message, of nothing.
	w.deliver(bot.Delivery{OutboxID: 999999, Status: "read"})
	w.deliver(bot.Delivery{Status: "read"})
	w.say("last", "hello")
	w.settle()
	id := value[int64](w, "SELECT max(id) FROM outbox")
	w.deliver(bot.Delivery{OutboxID: id, ProviderMessageID: "another", Status: "failed", Verdict: bot.Never})
	equal(t, "after another copy's failure", value[string](w, "SELECT status FROM outbox WHERE id = $1", id), "sent")
}

func TestACallbackProvesThatAMessageWasTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withClock)
	w.faults("amina", echotest.Drop)
	w.say("amina", "many 2")
	w.settle()
	equal(t, "after the answer was lost", value[string](w, "SELECT status FROM outbox ORDER BY id LIMIT 1"), "unknown")
	w.deliver(bot.Delivery{OutboxID: value[int64](w, "SELECT min(id) FROM outbox"), ProviderMessageID: "m1", Status: "delivered"})
	w.through()
	equal(t, "said", w.said("amina"), "[echo 1 echo 2]")
	equal(t, "status", value[string](w, "SELECT status FROM outbox ORDER BY id LIMIT 1"), "delivered")
}

func TestACallbackMayBeFasterThanTheAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withClock)
	w.say("amina", "hello")
	if _, err := w.gateway.TurnStep(t.Context()); err != nil {
		t.Fatal(err)
	}
	id := value[int64](w, "SELECT id FROM outbox WHERE status = 'sending'")
	for _, status := range []string{"sent", "delivered"} {
		w.deliver(bot.Delivery{OutboxID: id, ProviderMessageID: "m1", Status: status})
	}
	w.settle() // now the answer comes and is marked
	equal(t, "status", value[string](w, "SELECT status FROM outbox"), "delivered")
	equal(t, "lane is free", value[bool](w, "SELECT lease_until IS NULL FROM lane"), true)
}

func TestAFailedDeliveryIsFollowedUp(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		delivery bot.Delivery
		status   string
		copies   int
	}{
		"the phone is off: tried again": {bot.Delivery{Status: "undelivered", Code: "30003", Verdict: bot.RetryAfter, Pause: time.Minute}, "sent", 2},
		"no such number":                {bot.Delivery{Status: "failed", Code: "21211", Verdict: bot.Never}, "failed", 1},
		"opted out":                     {bot.Delivery{Status: "failed", Code: "21610", Verdict: bot.Gone}, "failed", 1},
		"outside the window":            {bot.Delivery{Status: "undelivered", Code: "63016", Verdict: bot.Reroute}, "held", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, withClock)
			w.say("amina", "hello")
			w.settle()
			c.delivery.OutboxID = value[int64](w, "SELECT id FROM outbox")
			w.deliver(c.delivery)
			w.through()
			equal(t, "status", value[string](w, "SELECT status FROM outbox"), c.status)
			equal(t, "copies", len(w.provider.To("amina")), c.copies)
			equal(t, "blocked", value[bool](w, "SELECT blocked_at IS NOT NULL FROM address"), c.delivery.Verdict == bot.Gone)
		})
	}
}

func TestATriedAgainDeliveryEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withClock)
	w.say("amina", "hello")
	for range 8 {
		w.settle()
		w.deliver(bot.Delivery{OutboxID: value[int64](w, "SELECT id FROM outbox"), Status: "undelivered", Code: "30003", Verdict: bot.RetryAfter})
		w.advance(time.Minute)
	}
	equal(t, "copies", len(w.provider.To("amina")), 4)
	equal(t, "status", value[string](w, "SELECT status FROM outbox"), "undelivered")
}

func TestANoticeThatWasNotDeliveredFindsAnotherWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withClock, onWhatsApp)
	w.sayOn(w.channel, "amina", "silent")
	w.advance(time.Minute)
	w.sayOn(w.whatsapp, "+212600000001", "silent")
	w.notify(w.samePerson(), people.Notice{})
	equal(t, "by WhatsApp", w.said("+212600000001"), "[echo notice]")
	w.deliver(bot.Delivery{OutboxID: value[int64](w, "SELECT max(id) FROM outbox"), Status: "failed", Code: "63024", Verdict: bot.Never})
	w.settle()
	equal(t, "by Telegram", w.said("amina"), "[echo notice]")
}
