package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/twilio/twilio-go/client"
	twilioapi "github.com/twilio/twilio-go/rest/api/v2010"
	contentapi "github.com/twilio/twilio-go/rest/content/v1"
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

func text(s string) *contentapi.ContentCreateRequest {
	return &contentapi.ContentCreateRequest{FriendlyName: "t", Language: "fr", Types: contentapi.Types{TwilioText: &contentapi.TwilioText{Body: s}}}
}

func replies(titles ...string) *contentapi.ContentCreateRequest {
	q := &contentapi.TwilioQuickReply{Body: "{{1}}"}
	for i, title := range titles {
		q.Actions = append(q.Actions, contentapi.QuickReplyAction{Title: title, Id: fmt.Sprint("id", i)})
	}
	return &contentapi.ContentCreateRequest{FriendlyName: "q", Language: "fr", Types: contentapi.Types{TwilioQuickReply: q}}
}

func picker(items ...contentapi.ListItem) *contentapi.ContentCreateRequest {
	return &contentapi.ContentCreateRequest{FriendlyName: "l", Language: "fr",
		Types: contentapi.Types{TwilioListPicker: &contentapi.TwilioListPicker{Body: "{{body}}", Button: "Choisir", Items: items}}}
}

func (w *world) content(c *contentapi.ContentCreateRequest) (string, error) {
	params := &contentapi.CreateContentParams{}
	params.SetContentCreateRequest(*c)
	made, err := w.contentAPI().CreateContent(params)
	if err != nil {
		return "", err
	}
	return *made.Sid, nil
}

func TestContentRules(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	eleven := make([]contentapi.ListItem, 11)
	for i := range eleven {
		eleven[i] = contentapi.ListItem{Id: fmt.Sprint(i), Item: fmt.Sprint("Item ", i)}
	}
	for _, c := range []struct {
		name    string
		content *contentapi.ContentCreateRequest
		want    string
	}{
		{"text", text("Bonjour {{1}}"), ""},
		{"no types", &contentapi.ContentCreateRequest{Language: "fr"}, "at least one type"},
		{"no body", text(""), "body is empty"},
		{"long body", text(strings.Repeat("a", 1025)), "1024 are allowed"},
		{"replies", replies("Oui", "Non", "Menu"), ""},
		{"title of 20", replies(strings.Repeat("é", 20)), ""},
		{"title of 21", replies(strings.Repeat("é", 21)), "20 are allowed"},
		{"same title twice", replies("Oui", "Oui"), "given twice"},
		{"list", picker(contentapi.ListItem{Id: "1", Item: "Miel", Description: "thym"}), ""},
		{"ten items", picker(eleven[:10]...), ""},
		{"eleven items", picker(eleven...), "1 to 10 items"},
		{"item of 25", picker(contentapi.ListItem{Id: "1", Item: strings.Repeat("a", 25)}), "24 are allowed"},
		{"description of 73", picker(contentapi.ListItem{Id: "1", Item: "a", Description: strings.Repeat("a", 73)}), "72 are allowed"},
		{"id of 201", picker(contentapi.ListItem{Id: strings.Repeat("a", 201), Item: "a"}), "200 are allowed"},
		{"same id twice", picker(contentapi.ListItem{Id: "1", Item: "a"}, contentapi.ListItem{Id: "1", Item: "b"}), "given twice"},
		{"placeholders are not measured", picker(contentapi.ListItem{Id: "{{i1}}", Item: "{{t1}}", Description: "{{d1}}" + strings.Repeat("a", 80)}), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := w.content(c.content)
			if (c.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
	// What the client's models cannot say wrongly.
	for body, want := range map[string]string{
		`{"language":"fr","types":{"twilio/text":{"body":"x"}},"nickname":"x"}`:                         `unknown field "nickname"`,
		`{"language":"fr","types":{"twilio/poem":{"body":"x"}}}`:                                        `unknown field "twilio/poem"`,
		`{"language":"fr","types":{"twilio/quick-reply":{"body":"x","actions":[{"titel":"x"}]}}}`:       "titel",
		`{"types":{"twilio/text":{"body":"x"}}}`:                                                        "language",
		`{"language":"fr","types":{"twilio/list-picker":{"body":"x","button":"b","items":[{"id":1}]}}}`: "string",
	} {
		req, err := http.NewRequest(http.MethodPost, w.server.URL+"/v1/Content", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.SetBasicAuth(DefaultTwilioAccountSid, DefaultTwilioAuthToken)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusBadRequest || !strings.Contains(string(answer), strings.ReplaceAll(want, `"`, `\"`)) {
			t.Errorf("%s: %d %s %v", body, resp.StatusCode, answer, err)
		}
	}
}

func TestContentSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	p := w.Phone(WhatsApp, amina())
	p.Text("salam")
	w.idle()
	list, err := w.content(picker(contentapi.ListItem{Id: "{{i1}}", Item: "{{t1}}", Description: "{{d1}}"}, contentapi.ListItem{Id: "menu", Item: "Menu"}))
	if err != nil {
		t.Fatal(err)
	}
	four, err := w.content(replies("1", "2", "3", "4"))
	if err != nil {
		t.Fatal(err)
	}
	with := func(sid, variables string) func(*twilioapi.CreateMessageParams) {
		return func(p *twilioapi.CreateMessageParams) { p.SetContentSid(sid).SetContentVariables(variables) }
	}
	for _, c := range []struct {
		name, sid, variables string
		refused              int // at once
		failed               int // later
	}{
		{"all right", list, `{"body":"Que voulez-vous ?","i1":"p1","t1":"Miel de thym","d1":"250 g"}`, 0, 0},
		{"no JSON", list, `{body}`, 21656, 0},
		{"a number", list, `{"body":1}`, 21656, 0},
		{"one is missing", list, `{"body":"x","i1":"p1","t1":"Miel"}`, 21656, 0},
		{"one too many", list, `{"body":"x","i1":"p1","t1":"Miel","d1":"x","d2":"y"}`, 21656, 0},
		{"item too long", list, `{"body":"x","i1":"p1","t1":"Miel de thym des montagnes","d1":"x"}`, 0, 63021},
		{"description too long", list, `{"body":"x","i1":"p1","t1":"Miel","d1":"` + strings.Repeat("x", 73) + `"}`, 0, 63021},
		{"empty item", list, `{"body":"x","i1":"p1","t1":"","d1":"x"}`, 21656, 0},
		{"a line feed", list, `{"body":"x\ny","i1":"p1","t1":"Miel","d1":"x"}`, 21656, 0},
		{"four replies in session", four, `{"1":"x"}`, 0, 63021},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := w.send(p, with(c.sid, c.variables))
			var rest *client.TwilioRestError
			switch {
			case c.refused != 0:
				if !errors.As(err, &rest) || rest.Code != c.refused {
					t.Errorf("%v, want %d", err, c.refused)
				}
			case err != nil:
				t.Error(err)
			case c.failed == 0 && *m.Status != "read":
				t.Errorf("%s %v", *m.Status, m.ErrorCode)
			case c.failed != 0 && (m.ErrorCode == nil || *m.ErrorCode != c.failed):
				t.Errorf("%s %v, want %d", *m.Status, m.ErrorCode, c.failed)
			}
		})
	}
	shown := p.Said("")[0]
	if shown.List == nil || shown.List.Items[0].Title != "Miel de thym" || shown.Text != "Que voulez-vous ?" {
		t.Fatalf("shown %+v", shown)
	}
	if err := p.Tap("Miel de thym"); err != nil {
		t.Fatal(err)
	}
	if f := w.lastForm(); f.Get("ListId") != "p1" || f.Get("ListTitle") != "Miel de thym" || f.Get("OriginalRepliedMessageSid") != shown.ID || f.Get("Body") != "Miel de thym" {
		t.Errorf("picked %v", f)
	}
	three, err := w.content(replies("Oui", "Non", "Menu"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.send(p, with(three, `{"1":"D'accord ?"}`)); err != nil {
		t.Fatal(err)
	}
	if err := p.Tap("Non"); err != nil {
		t.Fatal(err)
	}
	if f := w.lastForm(); f.Get("ButtonText") != "Non" || f.Get("ButtonPayload") != "id1" {
		t.Errorf("tapped %v", f)
	}
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	p := w.Phone(WhatsApp, amina())
	sid, err := w.content(text("Votre commande {{1}} est prête."))
	if err != nil {
		t.Fatal(err)
	}
	send := func() string {
		t.Helper()
		m, err := w.send(p, func(p *twilioapi.CreateMessageParams) { p.SetContentSid(sid).SetContentVariables(`{"1":"K7"}`) })
		if err != nil {
			t.Fatal(err)
		}
		return *m.Status
	}
	if status := send(); status != "failed" {
		t.Errorf("a template that is not approved outside the window: %s", status)
	}
	ask := func(name, category string) error {
		params := &contentapi.CreateApprovalCreateParams{}
		params.SetContentApprovalRequest(contentapi.ContentApprovalRequest{Name: name, Category: category})
		_, err := w.contentAPI().CreateApprovalCreate(sid, params)
		return err
	}
	if ask("Commande prête", "UTILITY") == nil || ask("ready", "FUN") == nil {
		t.Error("a bad name or category was taken")
	}
	if err := ask("order_ready", "UTILITY"); err != nil {
		t.Fatal(err)
	}
	fetched, err := w.contentAPI().FetchApprovalFetch(sid)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(*fetched.Whatsapp); !strings.Contains(got, "approved") {
		t.Errorf("approval %s", got)
	}
	if status := send(); status != "read" {
		t.Errorf("an approved template outside the window: %s", status)
	}
	if err := w.SetApproval(sid, "paused"); err != nil {
		t.Fatal(err)
	}
	if status := send(); status != "failed" {
		t.Errorf("a paused template: %s", status)
	}
	limit := 100
	all, err := w.contentAPI().ListContent(&contentapi.ListContentParams{Limit: &limit})
	if err != nil || len(all) != 1 || *all[0].Sid != sid {
		t.Errorf("listed %v, %v", all, err)
	}
	if err := w.contentAPI().DeleteContent(sid); err != nil {
		t.Fatal(err)
	}
	if _, err := w.contentAPI().FetchContent(sid); err == nil {
		t.Error("a deleted content is still there")
	}
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
