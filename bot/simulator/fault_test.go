package simulator

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-telegram/bot"
	"github.com/twilio/twilio-go/client"
	twilioapi "github.com/twilio/twilio-go/rest/api/v2010"
)

func (w *world) inject(f Fault) {
	w.t.Helper()
	if err := w.Inject(f); err != nil {
		w.t.Fatal(err)
	}
}

func TestTelegramFaults(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	b := w.bot()
	p := w.Phone(Telegram, amina())
	p.Text("bonjour")
	w.idle()
	send := func(ctx context.Context) error {
		_, err := b.SendMessage(ctx, &bot.SendMessageParams{ChatID: p.id, Text: "x"})
		return err
	}
	for _, c := range []struct {
		fault Fault
		fits  func(error) bool
		said  int // messages that arrive all the same
	}{
		{Fault{Kind: FaultTooMany, RetryAfter: 7}, func(err error) bool {
			var e *bot.TooManyRequestsError
			return errors.As(err, &e) && e.RetryAfter == 7
		}, 0},
		{Fault{Kind: FaultErrorJSON, Status: 502}, func(err error) bool { return strings.Contains(err.Error(), "502 Bad Gateway") }, 0},
		{Fault{Kind: FaultErrorHTML}, func(err error) bool { return strings.Contains(err.Error(), "<html>") }, 0},
		{Fault{Kind: FaultCut}, func(err error) bool { return strings.Contains(err.Error(), "EOF") }, 0},
		{Fault{Kind: FaultLost}, func(err error) bool { return strings.Contains(err.Error(), "EOF") }, 1},
		{Fault{Kind: FaultSlow, Delay: 10_000}, func(err error) bool { return errors.Is(err, context.DeadlineExceeded) }, 1},
	} {
		before := len(p.Said(""))
		c.fault.Provider, c.fault.Method, c.fault.To = "telegram", "sendMessage", p.Address()
		w.inject(c.fault)
		patience := 20 * time.Second
		if c.fault.Kind == FaultSlow {
			patience = 200 * time.Millisecond
		}
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		err := send(ctx)
		cancel()
		if err == nil || !c.fits(err) {
			t.Errorf("%s: %v", c.fault.Kind, err)
		}
		w.idle()
		if n := len(p.Said("")) - before; n != c.said {
			t.Errorf("%s: %d messages arrived, want %d", c.fault.Kind, n, c.said)
		}
		if err := send(t.Context()); err != nil {
			t.Errorf("after %s: %v", c.fault.Kind, err)
		}
	}
	w.clean()
}

func TestTwilioFaults(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	p := w.Phone(SMS, amina())
	send := func() error {
		params := &twilioapi.CreateMessageParams{}
		params.SetTo(p.Address()).SetFrom(DefaultSMSFrom).SetBody("x")
		_, err := w.messagesAPI().CreateMessage(params)
		return err
	}
	var rest *client.TwilioRestError
	w.inject(Fault{Provider: "twilio", Method: "messages.create", Kind: FaultTooMany, RetryAfter: 3})
	if err := send(); !errors.As(err, &rest) || rest.Code != 20429 || rest.Status != 429 {
		t.Errorf("too many: %v", err)
	}
	w.inject(Fault{Provider: "twilio", Method: "messages.create", Kind: FaultErrorJSON, Status: 503})
	if err := send(); !errors.As(err, &rest) || rest.Code != 20503 {
		t.Errorf("503: %v", err)
	}
	w.inject(Fault{Provider: "twilio", Method: "messages.create", Kind: FaultErrorHTML, Status: 502})
	if err := send(); err == nil || !strings.Contains(err.Error(), "502") {
		t.Errorf("HTML: %v", err)
	}
	w.inject(Fault{Kind: FaultCut})
	if err := send(); err == nil {
		t.Error("cut: no error")
	}
	w.inject(Fault{Provider: "twilio", Kind: FaultErrorJSON, After: 1, Count: 2})
	for i, want := range []bool{true, false, false, true} {
		if err := send(); (err == nil) != want {
			t.Errorf("call %d: %v", i, err)
		}
	}
	if left := w.Faults(); len(left) != 0 {
		t.Errorf("left over: %v", left)
	}
	req, err := http.NewRequest(http.MethodGet, w.server.URL+"/v1/Content", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(DefaultTwilioAccountSid, DefaultTwilioAuthToken)
	w.inject(Fault{Method: "content", Kind: FaultTooMany, RetryAfter: 3})
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.Header.Get("Retry-After") != "3" {
		t.Errorf("Retry-After is %q", resp.Header.Get("Retry-After"))
	}
	w.clean()
}

func TestFaultsOfWebhooks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	w.bot()
	tg, sms := w.Phone(Telegram, amina()), w.Phone(SMS, amina())
	w.inject(Fault{Provider: "telegram", Method: "webhook", Kind: FaultDuplicate})
	w.inject(Fault{Provider: "twilio", Method: "webhook", Kind: FaultReorder})
	w.inject(Fault{Provider: "twilio", Method: "webhook", Kind: FaultDrop, After: 1})
	tg.Text("deux fois")
	sms.Text("un")
	sms.Text("deux")
	sms.Text("perdu")
	w.idle()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.updates) != 2 || w.updates[0]["update_id"] != w.updates[1]["update_id"] {
		t.Errorf("updates %v", w.updates)
	}
	var bodies []string
	for _, f := range w.forms {
		bodies = append(bodies, f.Get("Body"))
	}
	if got := strings.Join(bodies, " "); got != "deux un" && got != "un deux" {
		t.Errorf("forms: %s", got)
	}
}

func TestHeldWebhookGoesOutInTheEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	sms := w.Phone(SMS, amina())
	w.inject(Fault{Provider: "twilio", Method: "webhook", Kind: FaultReorder})
	sms.Text("seul")
	if f := w.lastForm(); f.Get("Body") != "seul" {
		t.Errorf("got %v", f)
	}
}

func TestReorderedAndDroppedStatuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	p := w.Phone(WhatsApp, amina())
	p.Text("salam")
	w.idle()
	w.inject(Fault{Provider: "twilio", Method: "status", Kind: FaultReorder, After: 1})
	w.inject(Fault{Provider: "twilio", Method: "status", Kind: FaultDrop, After: 2})
	if _, err := w.send(p, func(p *twilioapi.CreateMessageParams) {
		p.SetBody("x").SetStatusCallback(w.app.URL + "/webhooks/twilio/status")
	}); err != nil {
		t.Fatal(err)
	}
	var got []string
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range w.statuses {
		got = append(got, f.Get("MessageStatus"))
	}
	if s := strings.Join(got, " "); s != "queued delivered sent" {
		t.Errorf("statuses: %s", s)
	}
}

func TestFaultsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	for _, f := range []Fault{{Kind: "flood"}, {Kind: FaultCut, Method: "webhook"}, {Kind: FaultDrop}, {Provider: "viber", Kind: FaultCut}, {Method: "webhook", Kind: FaultUndelivered}} {
		if w.Inject(f) == nil {
			t.Errorf("%+v was taken", f)
		}
	}
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{MaxPhones: 3, MaxTimeline: 4, MaxRecords: 5, MaxFileBytes: 10_000})
	p := w.Phone(SMS, amina())
	for range 10 {
		p.Text("x")
		p.Document(make([]byte, 3_000), "image/png", "")
	}
	w.idle()
	if n := len(p.Messages()); n != 4 {
		t.Errorf("%d messages are kept, want 4", n)
	}
	if n := len(w.twilio.order); n != 5 {
		t.Errorf("%d records are kept, want 5", n)
	}
	if w.files.used > 10_000 {
		t.Errorf("%d bytes of files are kept", w.files.used)
	}
	for range 5 {
		w.Phone(Telegram, Owner{Number: "+2126000000" + string(rune('a'+len(w.phones)))})
	}
	if len(w.phones) > 3 || len(w.telegram.chats) > 3 {
		t.Errorf("%d phones, %d chats are kept", len(w.phones), len(w.telegram.chats))
	}
	if _, ok := w.twilio.byTo[DefaultSMSFrom]; !ok || len(w.twilio.byTo) != 1 {
		t.Errorf("index of records: %d", len(w.twilio.byTo))
	}
}
