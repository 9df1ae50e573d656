package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"souk/bot/simulator"
)

// buyer is somebody with a phone, as seen from outside: what they say is posted to Souk's webhook by hand, signed as the provider
// signs; what they hear is what Souk sent to the provider's stand-in.
type buyer struct {
	w      *world
	phone  *simulator.Phone
	heard  map[string]bool // ids of messages that were looked at
	said   []string        // ids of the updates that were posted
	last   simulator.Message
	number string
}

// buyer takes a phone with a number of its own.
func (w *world) buyer(channel simulator.Channel, number int) *buyer {
	b := &buyer{w: w, number: fmt.Sprintf("+2126120%05d", number), heard: map[string]bool{}}
	b.phone = w.sim.Phone(channel, simulator.Owner{Name: fmt.Sprintf("Amina %d", number), Number: b.number})
	return b
}

// update is a webhook's request that was made and can be posted again and again.
type update struct {
	path   string
	body   []byte
	header map[string]string
	id     string // as it stands in the inbox
}

// post sends it and returns the status, 0 where no answer came.
func (w *world) postUpdate(u update) int { return w.post(u.path, u.body, u.header) }

// text is the update of a typed message.
func (b *buyer) text(text string) update {
	if b.phone.Channel() == simulator.Telegram {
		id := b.w.updates.Add(1)
		return b.telegram(id, "message", map[string]any{"message_id": id, "date": 1790000000, "from": b.user(), "chat": b.chat(), "text": text})
	}
	return b.form(map[string]string{"Body": text})
}

// tap is the update of a button under the last message heard that has it, by its label or a part of it.
func (b *buyer) tap(label string) update {
	t := b.w.t
	t.Helper()
	data, title := "", ""
	for _, row := range b.last.Buttons {
		for _, button := range row {
			if data == "" && strings.Contains(button.Label, label) {
				data, title = button.Data, button.Label
			}
		}
	}
	list := false
	if b.last.List != nil {
		for _, item := range b.last.List.Items {
			if data == "" && strings.Contains(item.Title, label) {
				data, title, list = item.ID, item.Title, true
			}
		}
	}
	if data == "" {
		t.Fatalf("%s was offered no %q by %+v", b.phone.Key(), label, b.last)
	}
	if b.phone.Channel() == simulator.Telegram {
		return b.press(b.last.ID, data, b.user())
	}
	fields := map[string]string{"Body": title, "OriginalRepliedMessageSid": b.last.ID, "ButtonText": title, "ButtonPayload": data}
	if list {
		fields = map[string]string{"Body": title, "OriginalRepliedMessageSid": b.last.ID, "ListTitle": title, "ListId": data}
	}
	return b.form(fields)
}

// press is Telegram's update of a tap by anybody on a message in this chat.
func (b *buyer) press(message, data string, by map[string]any) update {
	id := b.w.updates.Add(1)
	return b.telegram(id, "callback_query", map[string]any{
		"id": fmt.Sprint(id), "from": by, "chat_instance": "1", "data": data,
		"message": map[string]any{"message_id": json.Number(message), "date": 1790000000, "chat": b.chat(), "from": map[string]any{"id": 7000000001, "is_bot": true, "first_name": "Souk"}},
	})
}

// contact is the update of one's own shared contact.
func (b *buyer) contact() update {
	id := b.w.updates.Add(1)
	return b.telegram(id, "message", map[string]any{"message_id": id, "date": 1790000000, "from": b.user(), "chat": b.chat(),
		"contact": map[string]any{"phone_number": b.number, "first_name": "Amina", "user_id": json.Number(b.phone.Address())}})
}

func (b *buyer) user() map[string]any {
	return map[string]any{"id": json.Number(b.phone.Address()), "is_bot": false, "first_name": "Amina", "language_code": "fr"}
}

func (b *buyer) chat() map[string]any {
	return map[string]any{"id": json.Number(b.phone.Address()), "type": "private", "first_name": "Amina"}
}

func (b *buyer) telegram(id int64, kind string, object any) update {
	body, err := json.Marshal(map[string]any{"update_id": id, kind: object})
	if err != nil {
		b.w.t.Fatal(err)
	}
	return telegramUpdate(fmt.Sprint(id), body)
}

func telegramUpdate(id string, body []byte) update {
	return update{"/webhooks/telegram", body, map[string]string{
		"Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": webhookSecret,
	}, id}
}

// form is a signed form of Twilio with these fields beside the usual ones.
func (b *buyer) form(fields map[string]string) update {
	sid := fmt.Sprintf("SM%032x", b.w.updates.Add(1))
	form := url.Values{"MessageSid": {sid}, "SmsMessageSid": {sid}, "SmsSid": {sid}, "AccountSid": {simulator.DefaultTwilioAccountSid},
		"From": {b.phone.Address()}, "To": {simulator.DefaultSMSFrom}, "NumMedia": {"0"}, "NumSegments": {"1"}, "SmsStatus": {"received"}, "ApiVersion": {"2010-04-01"}}
	if b.phone.Channel() == simulator.WhatsApp {
		form.Set("To", simulator.DefaultWhatsAppFrom)
		form.Set("ProfileName", "Amina")
		form.Set("WaId", strings.TrimPrefix(b.number, "+"))
	}
	for name, field := range fields {
		form.Set(name, field)
	}
	return twilioUpdate(sid, form)
}

func twilioUpdate(sid string, form url.Values) update {
	return update{"/webhooks/twilio", []byte(form.Encode()), map[string]string{
		"Content-Type":       "application/x-www-form-urlencoded; charset=UTF-8",
		"X-Twilio-Signature": simulator.SignTwilio(simulator.DefaultTwilioAuthToken, publicURL+"/webhooks/twilio", form),
	}, sid}
}

// does posts an update, which must be taken, and returns what Souk answers: the first message that was not looked at before and
// contains all words. Whatever came before it counts as looked at.
func (b *buyer) does(u update, words ...string) simulator.Message {
	b.w.t.Helper()
	b.silently(u)
	return b.hears(words...)
}

// silently posts an update, which must be taken, and waits for nothing.
func (b *buyer) silently(u update) {
	b.w.t.Helper()
	if status := b.w.postUpdate(u); status != http.StatusOK {
		b.w.t.Fatalf("%s: the webhook answered %d\n%s", b.phone.Key(), status, tail(b.w.serve.stderr.String()))
	}
	b.said = append(b.said, u.id)
}

// hears waits for a message that was not looked at before and contains all words.
func (b *buyer) hears(words ...string) simulator.Message {
	b.w.t.Helper()
	ctx, cancel := context.WithTimeout(b.w.t.Context(), patience)
	defer cancel()
	m, err := b.phone.WaitFor(ctx, "", func(m simulator.Message) bool {
		if b.heard[m.ID] {
			return false
		}
		for _, word := range words {
			if !strings.Contains(plainWords(m.Text), word) {
				return false
			}
		}
		return true
	})
	if err != nil {
		b.w.t.Fatalf("no %q: %v\n%s", words, err, tail(b.w.serve.stderr.String()))
	}
	for _, earlier := range b.phone.Said("") {
		b.heard[earlier.ID] = true
		if earlier.ID == m.ID {
			break
		}
	}
	b.last = m
	return m
}

// fresh is what was said and not looked at yet.
func (b *buyer) fresh() (texts []string) {
	for _, m := range b.phone.Said("") {
		if !b.heard[m.ID] {
			texts = append(texts, m.Text)
			b.heard[m.ID] = true
		}
	}
	return texts
}

// plainWords takes the isolates and the fixed spaces out of a text, which nobody sees.
func plainWords(text string) string {
	return strings.NewReplacer("\u2068", "", "\u2069", "", "\u00a0", " ", "\u202f", " ").Replace(text)
}

// everyChannel runs a test on each channel, at once.
func everyChannel(t *testing.T, do func(t *testing.T, channel simulator.Channel)) {
	for _, channel := range []simulator.Channel{simulator.Telegram, simulator.WhatsApp, simulator.SMS} {
		t.Run(string(channel), func(t *testing.T) {
			t.Parallel()
			do(t, channel)
		})
	}
}
