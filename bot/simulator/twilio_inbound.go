package simulator

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Words that Twilio itself acts on in SMS (twilio.com/docs, opt-out keywords).
func stopWords() []string {
	return []string{"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "REVOKE"}
}

func startWords() []string { return []string{"START", "YES", "UNSTOP"} }

const (
	unsubscribed = "You have successfully been unsubscribed. You will not receive any more messages from this number. Reply START to resubscribe."
	resubscribed = "You have successfully been re-subscribed to messages from this number. Reply HELP for help. Reply STOP to unsubscribe. Msg&Data Rates May Apply."
)

// Stop writes STOP, which everyone knows.
func (p *Phone) Stop() string { return p.Text("STOP") }

// sayTwilio puts a person's message into the chat and posts it, signed, to the
// account's webhook. More are parameters beyond the usual ones.
func (p *Phone) sayTwilio(m *Message, more map[string]string) string {
	s := p.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.opt.Now()
	prefix := "SM"
	if len(m.files) > 0 {
		prefix = "MM"
	}
	m.ID = s.sidLocked(prefix)
	m.HTML = plainText(m.Text).safe
	if p.channel == SMS && m.Kind == "location" {
		m.Kind, m.Text = "text", fmt.Sprintf("%.5f,%.5f", m.Latitude, m.Longitude)
		m.HTML = plainText(m.Text).safe
	}
	form := url.Values{
		"MessageSid": {m.ID}, "SmsMessageSid": {m.ID}, "SmsSid": {m.ID}, "AccountSid": {s.opt.Twilio.AccountSid}, "SmsStatus": {"received"},
		"ApiVersion": {"2010-04-01"}, "From": {p.Address()}, "Body": {m.Text}, "NumMedia": {strconv.Itoa(len(m.files))}, "NumSegments": {"1"},
	}
	if p.channel == SMS {
		p.smsParameters(m, form)
	} else {
		p.whatsAppParameters(m, form)
	}
	record := &twilioMessage{
		sid: m.ID, from: p.Address(), to: form.Get("To"), body: m.Text, direction: "inbound", status: "received",
		created: now, updated: now, sent: now, segments: max(m.Segments, 1), files: m.files, phone: p, shown: m,
	}
	for i, f := range m.files {
		form.Set(fmt.Sprintf("MediaUrl%d", i), fmt.Sprintf("https://api.twilio.com/2010-04-01/Accounts/%s/Messages/%s/Media/%s", s.opt.Twilio.AccountSid, m.ID, f.id))
		form.Set(fmt.Sprintf("MediaContentType%d", i), f.contentType)
	}
	for name, value := range maps.All(more) {
		form.Set(name, value)
	}
	p.inbound = now
	p.add(m)
	s.keepMessage(record)
	s.inboundPost(p, m, form)
	p.optOut(form.Get("OptOutType"))
	return m.ID
}

func (p *Phone) smsParameters(m *Message, form url.Values) {
	var segments int
	m.Encoding, _, segments = Segments(m.Text)
	m.Segments = segments
	form.Set("To", p.sim.opt.Twilio.SMSFrom)
	form.Set("NumSegments", strconv.Itoa(segments))
	form.Set("FromCountry", "MA")
	form.Set("ToCountry", "US")
	word := strings.ToUpper(strings.TrimSpace(m.Text))
	switch {
	case slices.Contains(stopWords(), word):
		form.Set("OptOutType", "STOP")
	case slices.Contains(startWords(), word) && p.optedOut:
		form.Set("OptOutType", "START")
	case word == "HELP" || word == "INFO":
		form.Set("OptOutType", "HELP")
	}
}

// optOut is what Twilio does by itself on STOP and START. Callers hold mu.
func (p *Phone) optOut(kind string) {
	said := ""
	switch kind {
	case "STOP":
		if !p.optedOut {
			said = unsubscribed
		}
		p.optedOut = true
	case "START":
		p.optedOut, said = false, resubscribed
	}
	if said == "" {
		return
	}
	encoding, _, segments := Segments(said)
	p.add(&Message{ID: p.sim.sidLocked("SM"), From: FromProvider, Kind: "text", Text: said, HTML: plainText(said).safe, Status: "delivered", Segments: segments, Encoding: encoding})
}

func (p *Phone) whatsAppParameters(m *Message, form url.Values) {
	form.Set("To", p.sim.opt.Twilio.WhatsAppFrom)
	form.Set("ProfileName", p.owner.Name)
	form.Set("WaId", strings.TrimPrefix(p.owner.Number, "+"))
	form.Set("ReferralNumMedia", "0")
	kind := "text"
	switch m.Kind {
	case "photo", "document":
		kind = "image"
		if !strings.HasPrefix(m.files[0].contentType, "image/") {
			kind = "document"
		}
	case "voice":
		kind = "audio"
	case "location":
		kind = "location"
		form.Set("Latitude", strconv.FormatFloat(m.Latitude, 'f', -1, 64))
		form.Set("Longitude", strconv.FormatFloat(m.Longitude, 'f', -1, 64))
	case "tap":
		kind = "button"
	}
	form.Set("MessageType", kind)
	if m.ReplyTo != "" {
		form.Set("OriginalRepliedMessageSid", m.ReplyTo)
		form.Set("OriginalRepliedMessageSender", p.sim.opt.Twilio.WhatsAppFrom)
		if quoted := p.find(m.ReplyTo); quoted != nil && quoted.From == FromUser {
			form.Set("OriginalRepliedMessageSender", p.Address())
		}
	}
}

// tapTwilio answers with a quick reply or an item of a list.
func (p *Phone) tapTwilio(m *Message, label string) error {
	if p.channel != WhatsApp {
		return fmt.Errorf("tapping: %s has no buttons", p.key)
	}
	if b, ok := m.button(label); ok {
		p.sayTwilio(p.answer(b.Label, m), map[string]string{"ButtonText": b.Label, "ButtonPayload": b.Data})
		return nil
	}
	item, _ := m.item(label)
	p.sayTwilio(p.answer(item.Title, m), map[string]string{"ListId": item.ID, "ListTitle": item.Title, "MessageType": "interactive"})
	return nil
}

func (p *Phone) answer(text string, to *Message) *Message {
	return &Message{Kind: "tap", Text: text, ReplyTo: to.ID, From: FromUser, Status: "waiting"}
}

// Post sends an inbound form as it is, with a MessageSid of its own unless one
// is given: parameters that are new, missing or strange.
func (p *Phone) Post(form url.Values) error {
	if p.channel == Telegram {
		return fmt.Errorf("posting a form: %s is not with Twilio", p.key)
	}
	s := p.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	if !form.Has("MessageSid") {
		form.Set("MessageSid", s.sidLocked("SM"))
	}
	s.inboundPost(p, nil, form)
	return nil
}

// inboundPost sends a form to the account's webhook, in the order the person
// wrote. Callers hold mu.
func (s *Simulator) inboundPost(p *Phone, m *Message, form url.Values) {
	target := s.twilio.webhookURL
	if target == "" {
		if m != nil {
			m.Status = "lost"
		}
		return
	}
	s.launch("twilio", p.Address(), "webhook", "twilio:in:"+p.key, func(ctx context.Context) {
		status := "lost"
		if s.postForm(ctx, target, form) {
			status = "delivered"
		}
		s.tick(p, m, status)
	})
}
