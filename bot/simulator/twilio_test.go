package simulator

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/twilio/twilio-go/client"
	twilioapi "github.com/twilio/twilio-go/rest/api/v2010"
)

// post creates a message by hand: the code of the refusal, 0 when accepted.
func (w *world) post(form url.Values) (code int, message map[string]any) {
	w.t.Helper()
	req, err := http.NewRequest(http.MethodPost, w.server.URL+"/2010-04-01/Accounts/"+DefaultTwilioAccountSid+"/Messages.json", strings.NewReader(form.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", formType)
	req.SetBasicAuth(DefaultTwilioAccountSid, DefaultTwilioAuthToken)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&message); err != nil {
		w.t.Fatal(err)
	}
	if resp.StatusCode == http.StatusCreated {
		raw, err := json.Marshal(message)
		if err != nil {
			w.t.Fatal(err)
		}
		var plain any
		if err := json.Unmarshal(raw, &plain); err != nil {
			w.t.Fatal(err)
		}
		if err := w.spec.messages.Components.Schemas["api.v2010.account.message"].Value.VisitJSON(plain); err != nil {
			w.t.Errorf("the answer breaks the contract: %v", schemaError(err))
		}
		return 0, message
	}
	return int(message["code"].(float64)), message
}

func TestTwilioMessageRules(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	stopped := w.Phone(SMS, Owner{Number: "+212611111111"})
	stopped.Stop()
	w.idle()
	sms := func(more ...string) url.Values {
		form := url.Values{"From": {DefaultSMSFrom}, "To": {"+212612345678"}, "Body": {"Bonjour"}}
		for i := 0; i < len(more); i += 2 {
			form.Set(more[i], more[i+1])
		}
		return form
	}
	whatsApp := func(more ...string) url.Values {
		return sms(append([]string{"From", DefaultWhatsAppFrom, "To", "whatsapp:+212612345678"}, more...)...)
	}
	picture := w.server.URL + "/simulator/media/none"
	for _, c := range []struct {
		name string
		form url.Values
		want int
	}{
		{"sms", sms(), 0},
		{"whatsapp", whatsApp(), 0},
		{"callback", sms("StatusCallback", w.app.URL+"/webhooks/twilio/status?id=1"), 0},
		{"no To", sms("To", ""), 21604},
		{"no From", sms("From", ""), 21603},
		{"no body", sms("Body", " "), 21602},
		{"1600 characters", sms("Body", strings.Repeat("é", 1600)), 0},
		{"1601 characters", sms("Body", strings.Repeat("é", 1601)), 21617},
		{"unknown parameter", sms("Bodi", "x"), 20001},
		{"bad pattern", sms("ContentSid", "HX12"), 20001},
		{"bad enum", sms("ContentRetention", "forever"), 20001},
		{"bad boolean", sms("SmartEncoded", "perhaps"), 20001},
		{"no such content", whatsApp("ContentSid", "HX"+strings.Repeat("0", 32)), 21655},
		{"variables without content", whatsApp("ContentVariables", `{"1":"a"}`), 21656},
		{"sender of another", sms("From", "+15551234567"), 21606},
		{"whatsapp sender of another", whatsApp("From", "whatsapp:+15551234567"), 63007},
		{"two channels", sms("To", "whatsapp:+212612345678"), 21910},
		{"letters for a number", sms("To", "amina"), 21211},
		{"no country", sms("To", "0612345678"), 21211},
		{"too short for Morocco", sms("To", "+21261234567"), 21211},
		{"a number that never is", sms("To", "+15005550001"), 21211},
		{"landline", sms("To", "+212522123456"), 21614},
		{"who said STOP", sms("To", stopped.Address()), 21610},
		{"bad callback", sms("StatusCallback", "souk"), 21609},
		{"media that is not there", whatsApp("MediaUrl", picture), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			if code, answer := w.post(c.form); code != c.want {
				t.Errorf("code %d, want %d: %v", code, c.want, answer["message"])
			}
		})
	}
}

func TestTwilioAuthentication(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	handler := w.twilioClient()
	handler.Client.(*client.Client).Password = "wrong"
	_, err := twilioapi.NewApiService(handler).FetchMessage("SM"+strings.Repeat("0", 32), nil)
	var rest *client.TwilioRestError
	if !errors.As(err, &rest) || rest.Status != 401 || rest.Code != 20003 {
		t.Errorf("a wrong token gives %v", err)
	}
}

// send creates a message through the real client and waits for its end.
func (w *world) send(p *Phone, set func(*twilioapi.CreateMessageParams)) (*twilioapi.ApiV2010Message, error) {
	params := &twilioapi.CreateMessageParams{}
	params.SetTo(p.Address()).SetFrom(DefaultSMSFrom)
	if p.Channel() == WhatsApp {
		params.SetFrom(DefaultWhatsAppFrom)
	}
	set(params)
	m, err := w.messagesAPI().CreateMessage(params)
	if err != nil {
		return nil, err
	}
	w.idle()
	return w.messagesAPI().FetchMessage(*m.Sid, nil)
}

func TestWhatsAppWindow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	p := w.Phone(WhatsApp, amina())
	text := func(params *twilioapi.CreateMessageParams) { params.SetBody("Bonjour") }
	check := func(when, status string, code int) {
		t.Helper()
		m, err := w.send(p, text)
		if err != nil {
			t.Fatal(err)
		}
		got := 0
		if m.ErrorCode != nil {
			got = *m.ErrorCode
		}
		if *m.Status != status || got != code {
			t.Errorf("%s: %s %d, want %s %d", when, *m.Status, got, status, code)
		}
	}
	check("before any word", "failed", 63016)
	p.Text("salam")
	w.idle()
	check("in the window", "read", 0)
	w.clock.pass(24*time.Hour - time.Second)
	check("at its end", "read", 0)
	w.clock.pass(2 * time.Second)
	check("after it", "failed", 63016)
	if n := len(p.Said("")); n != 2 {
		t.Errorf("the phone shows %d messages, want the 2 that arrived", n)
	}
	w.clean()
}

func TestTwilioStatuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	p := w.Phone(SMS, amina())
	callback := w.app.URL + "/webhooks/twilio/status?outbox=7"
	send := func(body string) *twilioapi.ApiV2010Message {
		t.Helper()
		m, err := w.send(p, func(p *twilioapi.CreateMessageParams) { p.SetBody(body).SetStatusCallback(callback) })
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	statuses := func() string {
		w.mu.Lock()
		defer w.mu.Unlock()
		var all []string
		for _, f := range w.statuses {
			all = append(all, f.Get("MessageStatus")+f.Get("ErrorCode"))
		}
		w.statuses = nil
		return strings.Join(all, " ")
	}
	send("Bonjour")
	if got := statuses(); got != "queued sent delivered" {
		t.Errorf("statuses: %s", got)
	}
	if err := w.Inject(Fault{Provider: "twilio", Method: "status", Kind: FaultUndelivered, Status: 30006}); err != nil {
		t.Fatal(err)
	}
	m := send("Bonjour")
	if got := statuses(); got != "queued sent undelivered30006" || *m.ErrorCode != 30006 {
		t.Errorf("statuses: %s, message %v", got, *m.ErrorCode)
	}
	if m := send("Prêt"); *m.NumSegments != "1" {
		t.Errorf("segments %s", *m.NumSegments)
	}
	if m := send(strings.Repeat("ê", 71)); *m.NumSegments != "2" {
		t.Errorf("segments %s", *m.NumSegments)
	}
	if got := p.Said("")[3]; got.Encoding != "UCS-2" || got.Segments != 2 {
		t.Errorf("shown %+v", got)
	}
	w.clean()
}

func TestTwilioLookUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	p, other := w.Phone(SMS, amina()), w.Phone(SMS, Owner{Number: "+212699999999"})
	send := func(p *Phone, body string) {
		t.Helper()
		if _, err := w.send(p, func(p *twilioapi.CreateMessageParams) { p.SetBody(body) }); err != nil {
			t.Fatal(err)
		}
	}
	send(p, "hier")
	w.clock.pass(24 * time.Hour)
	// Accepted, and the answer lost: the list must know.
	if err := w.Inject(Fault{Provider: "twilio", Method: "messages.create", Kind: FaultLost}); err != nil {
		t.Fatal(err)
	}
	params := &twilioapi.CreateMessageParams{}
	params.SetTo(p.Address()).SetFrom(DefaultSMSFrom).SetBody("perdu")
	since := w.clock.Now()
	if _, err := w.messagesAPI().CreateMessage(params); err == nil {
		t.Error("the answer was not lost")
	}
	send(other, "autre")
	send(p, "aujourd'hui")
	p.Text("merci")
	w.idle()
	list := func(set func(*twilioapi.ListMessageParams)) string {
		t.Helper()
		params := &twilioapi.ListMessageParams{}
		set(params)
		found, err := w.messagesAPI().ListMessage(params)
		if err != nil {
			t.Fatal(err)
		}
		var bodies []string
		for _, m := range found {
			bodies = append(bodies, *m.Body)
		}
		return strings.Join(bodies, " ")
	}
	for want, set := range map[string]func(*twilioapi.ListMessageParams){
		"aujourd'hui perdu hier":             func(l *twilioapi.ListMessageParams) { l.SetTo(p.Address()) },
		"aujourd'hui perdu":                  func(l *twilioapi.ListMessageParams) { l.SetTo(p.Address()).SetDateSentAfter(since) },
		"hier":                               func(l *twilioapi.ListMessageParams) { l.SetTo(p.Address()).SetDateSentBefore(since.Add(-time.Hour)) },
		"merci":                              func(l *twilioapi.ListMessageParams) { l.SetTo(DefaultSMSFrom).SetPageSize(1) },
		"merci aujourd'hui autre perdu hier": func(l *twilioapi.ListMessageParams) { l.SetPageSize(2) },
	} {
		if got := list(set); got != want {
			t.Errorf("found %q, want %q", got, want)
		}
	}
	w.clean()
}
