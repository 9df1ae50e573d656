package simulator

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	twilioapi "github.com/twilio/twilio-go/rest/api/v2010"
)

func TestTwilioInbound(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	wa := w.Phone(WhatsApp, amina())
	has := func(want map[string]string) {
		t.Helper()
		f := w.lastForm()
		for name, value := range want {
			if f.Get(name) != value {
				t.Errorf("%s is %q, want %q", name, f.Get(name), value)
			}
		}
	}
	id := wa.Text("salam")
	has(map[string]string{"From": "whatsapp:+212612345678", "To": DefaultWhatsAppFrom, "WaId": "212612345678", "ProfileName": "Amina",
		"Body": "salam", "NumMedia": "0", "MessageSid": id, "SmsStatus": "received", "AccountSid": DefaultTwilioAccountSid})
	wa.Location(31.63, -8)
	has(map[string]string{"Latitude": "31.63", "Longitude": "-8", "Body": ""})
	wa.Reply(id, "oui")
	has(map[string]string{"OriginalRepliedMessageSid": id, "OriginalRepliedMessageSender": "whatsapp:+212612345678"})
	wa.Voice(nil, 2)
	has(map[string]string{"NumMedia": "1", "MediaContentType0": "audio/ogg"})
	sms := w.Phone(SMS, amina())
	sms.Text("مرحبا " + strings.Repeat("ا", 70))
	has(map[string]string{"From": "+212612345678", "To": DefaultSMSFrom, "NumSegments": "2"})
	if err := wa.Post(url.Values{"From": {wa.Address()}, "Brandnew": {"x"}}); err != nil {
		t.Fatal(err)
	}
	has(map[string]string{"Brandnew": "x"})
	w.clean()
}

func TestTwilioMedia(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	p := w.Phone(WhatsApp, amina())
	data := testPicture(t, 30, 30)
	if _, err := p.Photo(data, "mon miel"); err != nil {
		t.Fatal(err)
	}
	f := w.lastForm()
	target, err := url.Parse(f.Get("MediaUrl0"))
	if err != nil || target.Host != "api.twilio.com" || f.Get("MediaContentType0") != "image/png" || f.Get("Body") != "mon miel" {
		t.Fatalf("media %v", f)
	}
	noRedirect := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	get := func(address string, auth bool) (int, string, []byte) {
		t.Helper()
		req, err := http.NewRequest(http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		if auth {
			req.SetBasicAuth(DefaultTwilioAccountSid, DefaultTwilioAuthToken)
		}
		resp, err := noRedirect.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, resp.Header.Get("Location"), body
	}
	for _, prefix := range []string{"", "/simulator/twilio"} {
		address := w.server.URL + prefix + target.Path
		if status, _, _ := get(address, false); status != http.StatusUnauthorized {
			t.Errorf("media without credentials: %d", status)
		}
		status, location, _ := get(address, true)
		if status != http.StatusTemporaryRedirect {
			t.Fatalf("media: %d", status)
		}
		if status, _, _ := get(location, true); status != http.StatusBadRequest {
			t.Errorf("the media host took the API's credentials: %d", status)
		}
		if status, _, body := get(location, false); status != http.StatusOK || string(body) != string(data) {
			t.Errorf("media host: %d, %d bytes", status, len(body))
		}
	}
}

func TestTwilioFetchesMedia(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{Via: map[string]string{}})
	pictures := http.NewServeMux()
	pictures.HandleFunc("/p.png", func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "image/png")
		rw.Write(testPicture(t, 30, 30))
	})
	public := newPictureServer(t, pictures)
	w.opt.Via["https://souk.example"] = public
	p := w.Phone(WhatsApp, amina())
	p.Text("salam")
	w.idle()
	for target, want := range map[string]string{"https://souk.example/p.png": "read", "https://souk.example/q.png": "failed", "https://elsewhere.example/p.png": "failed"} {
		m, err := w.send(p, func(p *twilioapi.CreateMessageParams) { p.SetBody("Miel").SetMediaUrl([]string{target}) })
		if err != nil {
			t.Fatal(err)
		}
		if *m.Status != want {
			t.Errorf("%s: %s, want %s", target, *m.Status, want)
		}
	}
	if got := p.Said(""); len(got) != 1 || len(got[0].Media) != 1 || got[0].Text != "Miel" {
		t.Errorf("shown %+v", got)
	}
}

func TestOptOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	p := w.Phone(SMS, amina())
	p.Stop()
	if f := w.lastForm(); f.Get("OptOutType") != "STOP" || f.Get("Body") != "STOP" {
		t.Errorf("STOP came as %v", f)
	}
	if _, err := w.send(p, func(p *twilioapi.CreateMessageParams) { p.SetBody("x") }); err == nil {
		t.Error("who said STOP was written to")
	}
	p.Text("Start")
	if f := w.lastForm(); f.Get("OptOutType") != "START" {
		t.Errorf("START came as %v", f)
	}
	if _, err := w.send(p, func(p *twilioapi.CreateMessageParams) { p.SetBody("x") }); err != nil {
		t.Errorf("after START: %v", err)
	}
	p.Text("yes")
	if f := w.lastForm(); f.Has("OptOutType") {
		t.Errorf("a plain yes came as %v", f)
	}
	w.clean()
}

func TestTwilioRetriesOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	p := w.Phone(SMS, amina())
	posts := 0
	fail := func(how int) func(*http.Request) int {
		return func(*http.Request) int {
			w.mu.Lock()
			defer w.mu.Unlock()
			if posts++; posts > 1 {
				return http.StatusOK
			}
			if how == 0 {
				panic(http.ErrAbortHandler)
			}
			return how
		}
	}
	status := func() string {
		all := p.Messages()
		return all[len(all)-1].Status
	}
	for _, c := range []struct {
		name, fragment string
		how, posts     int
		status         string
	}{
		{"no connection", "", 0, 2, "delivered"},
		{"an error is not tried again", "", 500, 1, "lost"},
		{"unless the URL says so", "#rc=5&rp=all", 500, 2, "delivered"},
	} {
		w.SetTwilioWebhook(w.app.URL + "/webhooks/twilio" + c.fragment)
		w.mu.Lock()
		posts = 0
		w.mu.Unlock()
		w.setAnswer(fail(c.how))
		p.Text(c.name)
		w.idle()
		if posts != c.posts || status() != c.status {
			t.Errorf("%s: posted %d times, %s; want %d, %s", c.name, posts, status(), c.posts, c.status)
		}
	}
}

func TestTwiMLIsRead(t *testing.T) {
	t.Parallel()
	for body, good := range map[string]bool{
		"":                      true,
		"<Response/>":           true,
		"<Response></Response>": true,
		"<Response><Message>x</Message></Response>": false,
		"OK":        false,
		"<Answer/>": false,
	} {
		if err := checkTwiML("text/xml", []byte(body)); (err == nil) != good {
			t.Errorf("%q: %v", body, err)
		}
	}
	if checkTwiML("text/plain", []byte("<Response/>")) == nil {
		t.Error("plain text was taken for TwiML")
	}
}
