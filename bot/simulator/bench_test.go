package simulator

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// The stand-ins stand in every measured turn of souk bench: what they cost per
// call must stay small beside a turn.
func BenchmarkSendMessage(b *testing.B) {
	sim, err := New(Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer sim.Close()
	p := sim.Phone(Telegram, amina())
	sim.mu.Lock()
	p.started = true
	sim.mu.Unlock()
	handler := sim.TelegramHandler()
	form := fmt.Sprintf(`{"chat_id":%d,"text":"<b>Miel de thym</b> 250 g, 70 dh","parse_mode":"HTML","reply_markup":{"inline_keyboard":[[{"text":"1","callback_data":"p:1"},{"text":"2","callback_data":"p:2"}]]}}`, p.id)
	b.ReportAllocs()
	for b.Loop() {
		r := newRequest("/bot"+DefaultTelegramToken+"/sendMessage", "application/json", form)
		w := &discard{header: http.Header{}}
		handler.ServeHTTP(w, r)
		if w.status != 0 && w.status != http.StatusOK {
			b.Fatal(w.status)
		}
	}
}

func BenchmarkCreateMessage(b *testing.B) {
	sim, err := New(Options{Twilio: TwilioOptions{NoStatuses: true}})
	if err != nil {
		b.Fatal(err)
	}
	defer sim.Close()
	handler := sim.TwilioHandler()
	form := url.Values{"From": {DefaultSMSFrom}, "To": {"+212612345678"}, "Body": {"Miel: 1 Thym 70dh 2 Euphorbe 120dh"}}.Encode()
	b.ReportAllocs()
	for b.Loop() {
		r := newRequest("/2010-04-01/Accounts/"+DefaultTwilioAccountSid+"/Messages.json", formType, form)
		r.SetBasicAuth(DefaultTwilioAccountSid, DefaultTwilioAuthToken)
		w := &discard{header: http.Header{}}
		handler.ServeHTTP(w, r)
		if w.status != http.StatusCreated {
			b.Fatal(w.status)
		}
	}
}

func newRequest(path, contentType, body string) *http.Request {
	r, err := http.NewRequest(http.MethodPost, "http://simulator"+path, io.NopCloser(strings.NewReader(body)))
	if err != nil {
		panic(err)
	}
	r.Header.Set("Content-Type", contentType)
	return r
}

type discard struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(status int)      { d.status = status }
func (d *discard) Write(p []byte) (int, error) { return d.body.Write(p) }
