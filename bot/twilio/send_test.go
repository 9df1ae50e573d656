package twilio

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/jpeg"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"souk/bot"
	"souk/bot/replytest"
	"souk/bot/simulator"
	"souk/flows"
)

// world is the stand-in for Twilio, both channels that call it, Amina's two phones, and an application that takes notes of its webhooks.
type world struct {
	*Account
	chat   *WhatsApp
	sms    *SMS
	sim    *simulator.Simulator
	amina  *simulator.Phone // on WhatsApp
	samira *simulator.Phone // by SMS
	shelf  *shelf

	mu       sync.Mutex
	now      time.Time
	inbound  []bot.Incoming
	statuses []bot.Delivery
	outbox   int64
}

// shelf is the table content_resource.
type shelf struct {
	mu    sync.Mutex
	known map[string]Resource
}

func (s *shelf) hooks() Resources {
	return Resources{
		Load: func(context.Context, string) (all []Resource, err error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			for _, resource := range s.known {
				all = append(all, resource)
			}
			return all, nil
		},
		Save: func(_ context.Context, _ string, resource Resource) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.known[resource.Name] = resource
			return nil
		},
	}
}

func picture() []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 30)), nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func openPicture(_ context.Context, key string) (io.ReadCloser, int64, error) {
	if !strings.HasPrefix(key, "p/") {
		return nil, 0, errors.New("no such picture")
	}
	jpg := picture()
	return io.NopCloser(bytes.NewReader(jpg)), int64(len(jpg)), nil
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{shelf: &shelf{known: map[string]Resource{}}, now: time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC)}
	sim, err := simulator.New(simulator.Options{Seed: 1, Now: w.clock, Twilio: simulator.TwilioOptions{AccountSid: accountSID, AuthToken: authToken, StatusDelay: time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	w.sim = sim
	links := NewPhotoLinks("souk secret", openPicture)
	mux := http.NewServeMux()
	mux.Handle("GET "+PhotoPath, links)
	mux.HandleFunc("POST "+InboundPath, func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		in, err := w.Receive(r, body)
		if err != nil {
			t.Error(err)
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.inbound = append(w.inbound, in)
		rw.Header().Set("Content-Type", "text/xml")
		_, _ = io.WriteString(rw, "<Response/>")
	})
	mux.HandleFunc("POST "+StatusPath, func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		status, err := w.ReceiveDelivery(r, body)
		if err != nil {
			t.Error(err)
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.statuses = append(w.statuses, status)
	})
	app, api := httptest.NewServer(mux), httptest.NewServer(sim.Handler())
	t.Cleanup(func() { sim.Close(); app.Close(); api.Close() })
	sim.SetTwilioWebhook(app.URL + InboundPath)
	w.Account, err = New(Config{
		AccountSID: accountSID, AuthToken: authToken, PublicURL: app.URL, APIURL: api.URL + "/simulator/twilio",
		Timeout: 2 * time.Second, Transport: &http.Transport{},
	}, simulator.DefaultWhatsAppFrom, simulator.DefaultSMSFrom)
	if err != nil {
		t.Fatal(err)
	}
	w.chat, _ = w.WhatsApp(WhatsAppConfig{ListButtons: map[string]string{"fr": "Choisir", "ar": "اختيار"}}, links, w.shelf.hooks())
	w.sms, _ = w.SMS(SMSConfig{})
	w.amina = sim.Phone(simulator.WhatsApp, simulator.Owner{Name: "Amina", Number: "+212612345678", Language: "fr"})
	w.samira = sim.Phone(simulator.SMS, simulator.Owner{Name: "Samira", Number: "+212698765432", Language: "fr"})
	w.amina.Text("bonjour")
	w.idle(t)
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) idle(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := w.sim.WaitIdle(ctx, 10*time.Millisecond); err != nil {
		t.Fatal(err)
	}
}

func (w *world) sync(t *testing.T) {
	t.Helper()
	if _, err := w.chat.Sync(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
}

func (w *world) outgoing(to *simulator.Phone, reply flows.Reply) bot.Outgoing {
	w.outbox++
	return bot.Outgoing{OutboxID: w.outbox, ExternalID: to.Owner().Number, Reply: reply, CreatedAt: w.clock()}
}

func (w *world) say(t *testing.T, channel bot.Channel, to *simulator.Phone, reply flows.Reply) ([]bot.Sent, error) {
	t.Helper()
	var all []bot.Sent
	out := w.outgoing(to, reply)
	for part := range channel.Parts(reply) {
		sent, err := channel.Send(t.Context(), out, part)
		if err != nil {
			return all, err
		}
		all = append(all, sent)
	}
	return all, nil
}

func heard(p *simulator.Phone) (all []simulator.Message) {
	for _, m := range p.Messages() {
		if m.From == simulator.FromSouk {
			all = append(all, m)
		}
	}
	return all
}

func (w *world) clean(t *testing.T) {
	t.Helper()
	for _, c := range w.sim.Complaints() {
		t.Errorf("complaint: %s: %s", c.Method, c.Problem)
	}
}

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

func TestSync(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	missing, err := w.chat.Recall(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var told []int
	first, err := w.chat.Sync(t.Context(), func(_ string, left int) { told = append(told, left) })
	if err != nil || first != (Synced{Made: missing}) {
		t.Fatalf("%+v of %d, %v", first, missing, err)
	}
	if len(told) != missing || told[missing-1] != 0 {
		t.Errorf("told %d times", len(told))
	}
	if again, err := w.chat.Sync(t.Context(), nil); err != nil || again != (Synced{Known: missing}) {
		t.Errorf("again: %+v, %v", again, err)
	}
	// The database forgot; the account did not.
	clear(w.shelf.known)
	if found, err := w.chat.Sync(t.Context(), nil); err != nil || found != (Synced{Found: missing}) {
		t.Errorf("found: %+v, %v", found, err)
	}
	// One reads otherwise now: it alone is made anew.
	old := w.shelf.known["souk_list_l1_n3_d_fr"]
	w.shelf.known[old.Name] = Resource{old.Name, "an older hash", old.SID}
	if changed, err := w.chat.Sync(t.Context(), nil); err != nil || changed != (Synced{Known: missing - 1, Found: 1}) {
		t.Errorf("changed: %+v, %v", changed, err)
	}
	w.clean(t)
}

func TestSyncGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.sim.Inject(simulator.Fault{Provider: "twilio", Method: "content", Kind: simulator.FaultTooMany, After: 5, RetryAfter: 3}); err != nil {
		t.Fatal(err)
	}
	_, err := w.chat.Sync(t.Context(), nil)
	var failed *bot.SendError
	if !errors.As(err, &failed) || failed.Verdict != bot.RetryAfter || failed.Pause != pauseBusy || len(w.shelf.known) == 0 {
		t.Fatalf("%v, %d known", err, len(w.shelf.known))
	}
	before := len(w.shelf.known)
	if synced, err := w.chat.Sync(t.Context(), nil); err != nil || synced.Known != before {
		t.Errorf("%+v, %v", synced, err)
	}
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

func TestADeletedResourceIsSaidInWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sync(t)
	menu := replytest.Rich()[1].Reply
	for name, resource := range w.shelf.known {
		w.shelf.known[name] = Resource{resource.Name, resource.Hash, "HX00000000000000000000000000000000"}
	}
	if _, err := w.chat.Recall(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.say(t, w.chat, w.amina, menu); err != nil {
		t.Fatal(err)
	}
	m := heard(w.amina)
	if len(m) != 1 || !strings.Contains(m[0].Text, "2. Suivre") || len(m[0].Buttons) != 0 {
		t.Errorf("%+v", m)
	}
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

func TestPhotoLinks(t *testing.T) {
	t.Parallel()
	links := NewPhotoLinks("souk secret", openPicture)
	other := NewPhotoLinks("another secret", openPicture)
	for path, status := range map[string]int{
		PhotoPath + links.Name("p/miel.jpg"): http.StatusOK, PhotoPath + links.Name("gone"): http.StatusNotFound,
		PhotoPath + other.Name("p/miel.jpg"): http.StatusNotFound, PhotoPath + "p/miel.jpg": http.StatusNotFound, PhotoPath: http.StatusNotFound,
		PhotoPath + "../" + links.Name("p/miel.jpg"): http.StatusNotFound,
	} {
		answer := httptest.NewRecorder()
		links.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
		if answer.Code != status {
			t.Errorf("%s: %d", path, answer.Code)
		}
		if status == http.StatusOK && (answer.Header().Get("Content-Type") != "image/jpeg" || !bytes.Equal(answer.Body.Bytes(), picture())) {
			t.Errorf("%s is %s of %d bytes", path, answer.Header().Get("Content-Type"), answer.Body.Len())
		}
	}
	page := NewPhotoLinks("s", func(context.Context, string) (io.ReadCloser, int64, error) {
		return io.NopCloser(strings.NewReader("<html><script>alert(1)</script>")), 31, nil
	})
	answer := httptest.NewRecorder()
	page.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, PhotoPath+page.Name("x"), nil))
	if answer.Code != http.StatusNotFound {
		t.Errorf("a page was served as a picture: %d", answer.Code)
	}
	answer = httptest.NewRecorder()
	links.ServeHTTP(answer, httptest.NewRequest(http.MethodPost, PhotoPath+links.Name("p/x"), nil))
	if answer.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", answer.Code)
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, ok := r.BasicAuth(); !ok || user != accountSID || password != authToken || r.URL.Path != "/base/2010-04-01/Accounts/"+accountSID+".json" {
			t.Errorf("%s as %s", r.URL.Path, user)
		}
		_, _ = io.WriteString(w, `{"sid":"`+accountSID+`","status":"active"}`)
	}))
	defer server.Close()
	a, err := New(Config{AccountSID: accountSID, AuthToken: authToken, APIURL: server.URL + "/base/"}, "", "")
	if err != nil {
		t.Fatal(err)
	}
	if status, err := a.Status(t.Context()); err != nil || status != "active" {
		t.Errorf("%q, %v", status, err)
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
