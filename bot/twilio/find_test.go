package twilio

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"souk/bot"
	"souk/bot/replytest"
	"souk/bot/simulator"
	"souk/flows"
)

// TestALostAnswerIsFound: a message that Twilio took before the connection was cut is found, and no other is taken for it.
func TestALostAnswerIsFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sync(t)
	known := map[string]bool{}
	isKnown := func(_ context.Context, account, externalID, sid string) (bool, error) {
		if !strings.HasPrefix(externalID, "+212") || account != w.sms.Account() && account != w.chat.Account() {
			t.Errorf("asked for %s at %s", externalID, account)
		}
		return known[sid], nil
	}
	w.Taken = isKnown
	for _, c := range []struct {
		channel bot.Channel
		to      *simulator.Phone
		reply   flows.Reply
	}{{w.sms, w.samira, replytest.Plain()[1].Reply}, {w.chat, w.amina, replytest.Rich()[0].Reply}, {w.chat, w.amina, replytest.Rich()[3].Reply}} {
		// The same words went to her just before, and are known.
		sent, err := w.say(t, c.channel, c.to, c.reply)
		if err != nil {
			t.Fatal(err)
		}
		known[sent[0].ProviderMessageID] = true
		out := w.outgoing(c.to, c.reply)
		if _, found, err := c.channel.Find(t.Context(), out, 0); found || err != nil {
			t.Fatalf("found what was not sent: %v, %v", found, err)
		}
		if err := w.sim.Inject(simulator.Fault{Method: "messages.create", Kind: simulator.FaultLost}); err != nil {
			t.Fatal(err)
		}
		if _, err := c.channel.Send(t.Context(), out, 0); err == nil {
			t.Fatal("the answer came through")
		}
		got, found, err := c.channel.Find(t.Context(), out, 0)
		if err != nil || !found || known[got.ProviderMessageID] {
			t.Errorf("found %v %+v, %v", found, got, err)
		}
		if all := heard(c.to); !slices.ContainsFunc(all, func(m simulator.Message) bool { return m.ID == got.ProviderMessageID }) {
			t.Errorf("%s is none of hers", got.ProviderMessageID)
		}
		known[got.ProviderMessageID] = true
		later := out
		later.CreatedAt = later.CreatedAt.Add(time.Hour)
		w.Taken = nil
		if _, found, err := c.channel.Find(t.Context(), later, 0); found || err != nil {
			t.Errorf("found an older one: %v, %v", found, err)
		}
		w.Taken = isKnown
	}
}

func TestMissedMessagesAreListed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	since := w.clock().Add(-time.Minute)
	if err := w.sim.Inject(simulator.Fault{Provider: "twilio", Method: "webhook", Kind: simulator.FaultDrop, Count: -1}); err != nil {
		t.Fatal(err)
	}
	w.samira.Text("P12 2")
	w.amina.Text("بغيت العسل")
	if _, err := w.amina.Photo(picture(), "miel"); err != nil {
		t.Fatal(err)
	}
	w.idle(t)
	missed, err := w.ListInbound(t.Context(), since)
	if err != nil || len(missed) != 4 { // with the greeting that came by the webhook
		t.Fatalf("%d, %v", len(missed), err)
	}
	w.mu.Lock()
	arrived := w.inbound
	w.mu.Unlock()
	if len(arrived) != 1 {
		t.Fatalf("%d came by the webhook", len(arrived))
	}
	texts := map[string]flows.Event{}
	for _, m := range missed {
		event, err := decode(m.Body)
		if err != nil || m.ExternalID == "" || m.Account == "" {
			t.Errorf("%+v: %v", m, err)
		}
		texts[event.Text] = event
		if event.Text == "bonjour" && (m.ProviderID != arrived[0].ProviderID || m.Account != arrived[0].Account) {
			t.Errorf("the same message is %s and %s", m.ProviderID, arrived[0].ProviderID)
		}
	}
	if photo := texts["miel"]; photo.Kind != flows.Photo || len(photo.Media) != 1 || photo.Media[0].MIME != "image/jpeg" || strings.Count(photo.Media[0].ID, "/") != 2 {
		t.Errorf("%+v", photo)
	}
	if texts["P12 2"].Kind != flows.Text || texts["بغيت العسل"].Kind != flows.Text {
		t.Errorf("%+v", texts)
	}
	w.clean(t)
}
