package twilio

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"souk/bot"
	"souk/bot/replytest"
	"souk/bot/simulator"
	"souk/flows"
)

func TestTheStandInTakesEveryReply(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, synced := range []bool{false, true} {
		if synced {
			w.sync(t)
		}
		before, parts := len(heard(w.amina)), 0
		for _, named := range replytest.Rich() {
			sent, err := w.say(t, w.chat, w.amina, named.Reply)
			if err != nil {
				t.Fatalf("%s: %v", named.Name, err)
			}
			parts += len(sent)
		}
		if got := len(heard(w.amina)) - before; got != parts {
			t.Errorf("%d bubbles of %d messages, synced %v", got, parts, synced)
		}
	}
	for _, named := range replytest.Plain() {
		for {
			sent, err := w.say(t, w.sms, w.samira, named.Reply)
			if err != nil || sent[0].Segments < 1 || sent[0].Segments > 3 {
				t.Fatalf("%s: %+v, %v", named.Name, sent, err)
			}
			if _, more := w.sms.config.Budget.Page(named.Reply, named.Reply.Offset); !more {
				break
			}
			named.Reply.Offset++
		}
	}
	w.clean(t)
}

func TestATapComesBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sync(t)
	card := replytest.Rich()[3].Reply
	list := replytest.Rich()[4].Reply
	for _, c := range []struct {
		reply   flows.Reply
		label   string
		payload string
	}{{card, "2 pots", "q:k5:2"}, {list, "Miel d'euphorbe", "q:k6:p13"}} {
		if _, err := w.say(t, w.chat, w.amina, c.reply); err != nil {
			t.Fatal(err)
		}
		if err := w.amina.Tap(c.label); err != nil {
			t.Fatal(err)
		}
		w.idle(t)
		w.mu.Lock()
		event, err := decode(w.inbound[len(w.inbound)-1].Body)
		w.mu.Unlock()
		if err != nil || event.Kind != flows.Tap || event.Payload != c.payload {
			t.Errorf("%+v, %v", event, err)
		}
	}
	bubbles := heard(w.amina)
	if m := bubbles[0]; len(m.Media) != 1 || len(m.Buttons) != 3 || !strings.Contains(m.Text, "Miel de thym") {
		t.Errorf("the card: %+v", m)
	}
	if m := bubbles[1]; m.List == nil || m.List.Button != "Choisir" || len(m.List.Items) != 3 {
		t.Errorf("the list: %+v", m)
	}
	w.clean(t)
}

func TestDeliveriesProveWhoseTheyAre(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	long := flows.Reply{Text: strings.Repeat("Miel de thym. ", 200)}
	sent, err := w.say(t, w.chat, w.amina, long)
	if err != nil || len(sent) != 2 {
		t.Fatalf("%+v, %v", sent, err)
	}
	w.idle(t)
	w.mu.Lock()
	defer w.mu.Unlock()
	best := [2]string{}
	for _, status := range w.statuses {
		if status.OutboxID != w.outbox || status.ProviderMessageID != sent[status.Part].ProviderMessageID {
			t.Errorf("%+v", status)
		}
		if bot.Rank(status.Status) > bot.Rank(best[status.Part]) {
			best[status.Part] = status.Status
		}
	}
	if best != [2]string{"read", "read"} {
		t.Errorf("%v", best)
	}
}

func TestOutsideTheWindow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mu.Lock()
	w.now = w.now.Add(25 * time.Hour)
	w.mu.Unlock()
	if _, err := w.say(t, w.chat, w.amina, flows.Reply{Text: "Votre commande est prête."}); err != nil {
		t.Fatal(err)
	}
	w.idle(t)
	w.mu.Lock()
	defer w.mu.Unlock()
	if last := w.statuses[len(w.statuses)-1]; last.Verdict != bot.Reroute || last.Code != "63016" {
		t.Errorf("%+v", last)
	}
}

func TestSendErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault   simulator.Fault
		before  func(*world)
		to      string
		verdict bot.Verdict
		code    string
		pause   time.Duration
	}{
		"too many":             {fault: simulator.Fault{Kind: simulator.FaultTooMany, RetryAfter: 9}, verdict: bot.RetryAfter, code: "20429", pause: 9 * time.Second},
		"server error":         {fault: simulator.Fault{Kind: simulator.FaultErrorJSON, Status: 500}, verdict: bot.Unknown},
		"HTML of a proxy":      {fault: simulator.Fault{Kind: simulator.FaultErrorHTML, Status: 503}, verdict: bot.Unknown, code: "503"},
		"cut":                  {fault: simulator.Fault{Kind: simulator.FaultCut}, verdict: bot.Unknown},
		"taken, then cut":      {fault: simulator.Fault{Kind: simulator.FaultLost}, verdict: bot.Unknown},
		"answered too late":    {fault: simulator.Fault{Kind: simulator.FaultSlow, Delay: 2500}, verdict: bot.Unknown, code: "timeout"},
		"no number":            {to: "+15005550001", verdict: bot.Never, code: "21211"},
		"a landline":           {to: "+212522334455", verdict: bot.Never, code: "21614"},
		"opted out at Twilio":  {before: func(w *world) { w.samira.Stop() }, verdict: bot.Gone, code: "21610"},
		"a text that is empty": {before: func(*world) {}, to: "empty", verdict: bot.Never},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if c.fault.Kind != "" {
				c.fault.Method = "messages.create"
				if err := w.sim.Inject(c.fault); err != nil {
					t.Fatal(err)
				}
			}
			if c.before != nil {
				c.before(w)
				w.idle(t)
			}
			out := w.outgoing(w.samira, flows.Reply{Text: "Bonjour"})
			switch c.to {
			case "":
			case "empty":
				out.Reply.Text = ""
			default:
				out.ExternalID = c.to
			}
			_, err := w.sms.Send(t.Context(), out, 0)
			var failed *bot.SendError
			if !errors.As(err, &failed) {
				t.Fatalf("%v", err)
			}
			if failed.Verdict != c.verdict || c.code != "" && failed.Code != c.code || failed.Pause != c.pause {
				t.Errorf("%+v", failed)
			}
			if strings.Contains(err.Error(), authToken) {
				t.Errorf("the token shows: %v", err)
			}
		})
	}
}

func TestWhoIsNotReachedWasNotTold(t *testing.T) {
	t.Parallel()
	closed := httptest.NewServer(http.NotFoundHandler())
	address := closed.URL
	closed.Close()
	a, err := New(Config{AccountSID: accountSID, AuthToken: authToken, APIURL: address}, "", "+15005550006")
	if err != nil {
		t.Fatal(err)
	}
	text, _ := a.SMS(SMSConfig{})
	_, err = text.Send(t.Context(), bot.Outgoing{ExternalID: "+212612345678", Reply: flows.Reply{Text: "x"}}, 0)
	var failed *bot.SendError
	if !errors.As(err, &failed) || failed.Verdict != bot.RetryAfter || failed.Code != "unreachable" || !failed.Account {
		t.Errorf("%v", err)
	}
}

func TestChannels(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	replytest.Channel(t, w.sms)
	replytest.Channel(t, w.chat)
	w.sync(t)
	replytest.Channel(t, w.chat)
}

func TestAMissingPictureLeavesTheWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sync(t)
	card := replytest.Rich()[3].Reply
	card.Photo = "gone"
	long := flows.Reply{Text: strings.Repeat("Miel de thym. ", 90), Photo: "gone"}
	for _, reply := range []flows.Reply{card, long, {Text: "Miel", Photo: "gone"}} {
		if sent, err := w.say(t, w.chat, w.amina, reply); err != nil || len(sent) != 1 {
			t.Fatalf("%+v, %v", sent, err)
		}
	}
	for i, m := range heard(w.amina) {
		if len(m.Media) != 0 || (i == 0) != (len(m.Buttons) == 3) {
			t.Errorf("%+v", m)
		}
	}
	w.clean(t)
}
