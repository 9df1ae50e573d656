package simulator

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// ask uses the control API as an outside test does.
func (w *world) ask(method, path, body string, headers ...string) (int, map[string]any) {
	w.t.Helper()
	req, err := http.NewRequest(method, w.server.URL+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer any
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil && resp.StatusCode != http.StatusForbidden {
		w.t.Fatalf("%s %s: %s: %v", method, path, resp.Status, err)
	}
	object, ok := answer.(map[string]any)
	if !ok {
		object = map[string]any{"list": answer}
	}
	return resp.StatusCode, object
}

func TestControlFromOutside(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	w.bot()
	const key = "telegram:+212612345678"
	status, phone := w.ask("POST", "/simulator/api/phones", `{"channel":"telegram","number":"+212612345678","name":"Amina","language":"ar"}`)
	if status != 200 || phone["key"] != key {
		t.Fatalf("%d %v", status, phone)
	}
	act := func(body string) (int, map[string]any) {
		t.Helper()
		return w.ask("POST", "/simulator/api/acts", `{"phone":"`+key+`",`+body+`}`)
	}
	status, sent := act(`"do":"text","text":"سلام"`)
	if status != 200 || sent["id"] == "" {
		t.Errorf("%d %v", status, sent)
	}
	w.nextUpdate()
	for _, c := range []struct{ kind, body string }{
		{"message", `"do":"photo","text":"عسل"`}, {"message", `"do":"voice","seconds":2`}, {"message", `"do":"location","latitude":31.6,"longitude":-8`},
		{"message", `"do":"contact"`}, {"message", `"do":"sticker","text":"🍯"`}, {"message", `"do":"start","text":"p_M1"`}, {"message", `"do":"group","text":"salut"`},
		{"message", `"do":"reply","message":"` + sent["id"].(string) + `","text":"نعم"`},
		{"edited_message", `"do":"edit","message":"` + sent["id"].(string) + `","text":"سلام!"`},
		{"poll", `"do":"raw","kind":"poll","object":{"id":"1"}`}, {"my_chat_member", `"do":"block"`}, {"my_chat_member", `"do":"unblock"`},
	} {
		if status, answer := act(c.body); status != 200 {
			t.Errorf("%s: %d %v", c.body, status, answer)
		}
		if u := w.nextUpdate(); u[c.kind] == nil {
			t.Errorf("%s made %v", c.body, u)
		}
	}
	if status, _ := w.ask("POST", "/simulator/api/wait", `{"quiet_ms":20}`); status != 200 {
		t.Errorf("waiting: %d", status)
	}
	_, view := w.ask("GET", "/simulator/api/phones/telegram:+212612345678", "")
	messages := view["messages"].([]any)
	if m := messages[0].(map[string]any); m["text"] != "سلام!" || m["edited"] != true || m["status"] != "delivered" {
		t.Errorf("timeline begins with %v", m)
	}
	for name, c := range map[string][2]string{
		"no such channel": {"/simulator/api/phones", `{"channel":"fax","number":"+212612345678"}`},
		"no number":       {"/simulator/api/phones", `{"channel":"sms","number":"0612345678"}`},
		"nobody":          {"/simulator/api/phones", `{"channel":"sms"}`},
		"no such phone":   {"/simulator/api/acts", `{"phone":"sms:+1","do":"text"}`},
		"no such act":     {"/simulator/api/acts", `{"phone":"` + key + `","do":"sing"}`},
		"no such button":  {"/simulator/api/acts", `{"phone":"` + key + `","do":"tap","text":"Oui"}`},
		"no picture":      {"/simulator/api/acts", `{"phone":"` + key + `","do":"photo","data":"aGVsbG8="}`},
		"unknown field":   {"/simulator/api/acts", `{"phone":"` + key + `","do":"text","txt":"x"}`},
		"no such fault":   {"/simulator/faults", `{"kind":"flood"}`},
	} {
		if status, answer := w.ask("POST", c[0], c[1]); status != 400 || answer["error"] == "" {
			t.Errorf("%s: %d %v", name, status, answer)
		}
	}
	w.clean()
}

func TestFaultsFromOutside(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	if status, answer := w.ask("POST", "/simulator/faults", `{"provider":"telegram","method":"sendMessage","kind":"toomany","retry_after":5,"count":2}`); status != 200 {
		t.Fatalf("%d %v", status, answer)
	}
	p := w.Phone(Telegram, amina())
	p.Text("bonjour")
	if code, description, _ := w.call("sendMessage", map[string]any{"chat_id": p.id, "text": "x"}); code != 429 || !strings.HasSuffix(description, "retry after 5") {
		t.Errorf("%d %s", code, description)
	}
	if _, left := w.ask("GET", "/simulator/faults", ""); len(left["list"].([]any)) != 1 {
		t.Errorf("left: %v", left)
	}
	if _, left := w.ask("DELETE", "/simulator/faults", ""); len(left["list"].([]any)) != 0 {
		t.Errorf("left: %v", left)
	}
	if code, _, _ := w.call("sendMessage", map[string]any{"chat_id": p.id, "text": "x"}); code != 200 {
		t.Errorf("after healing: %d", code)
	}
}

func TestAnotherSiteMayNotDriveThePhones(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	body := `{"channel":"sms","number":"+212612345678"}`
	if status, _ := w.ask("POST", "/simulator/api/phones", body, "Origin", "https://evil.example"); status != http.StatusForbidden {
		t.Errorf("another origin: %d", status)
	}
	if status, _ := w.ask("POST", "/simulator/api/phones", body, "Origin", w.server.URL); status != http.StatusOK {
		t.Errorf("its own page: %d", status)
	}
}

func TestEventsStream(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	p, other := w.Phone(SMS, amina()), w.Phone(SMS, Owner{Number: "+212699999999"})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.server.URL+"/simulator/events?phone="+strings.ReplaceAll(p.Key(), "+", "%2B"), nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	next := func() Event {
		t.Helper()
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				var e Event
				if err := json.Unmarshal([]byte(data), &e); err != nil {
					t.Fatal(err)
				}
				return e
			}
		}
		t.Fatal("the stream ended")
		return Event{}
	}
	next() // hello
	other.Text("pas pour vous")
	p.Text("bonjour")
	if e := next(); e.Kind != "message" || e.Phone != p.Key() || e.Message.Text != "bonjour" || e.Message.Status != "waiting" {
		t.Errorf("event %+v", e)
	}
	if e := next(); e.Message.Status != "delivered" {
		t.Errorf("event %+v", e.Message)
	}
}

func TestASlowWatcherIsToldToReadAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	p := w.Phone(SMS, amina())
	l := w.listen([]string{p.Key()})
	defer w.unlisten(l)
	for range cap(l.events) + 10 {
		p.Text("x")
	}
	for range cap(l.events) {
		<-l.events
	}
	w.idle()
	p.Text("y")
	for e := range l.events {
		if e.Kind == "resync" {
			return
		}
	}
}
