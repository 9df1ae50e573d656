package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"souk/bot/simulator"
	"souk/internal/postgres/pgtest"
)

// hostile is something that nobody should send. Posted as it is, it may be answered in these ways and no other.
type hostile struct {
	name     string
	update   update
	statuses []int // 200 where none
}

func (h hostile) allows(status int) bool {
	if len(h.statuses) == 0 {
		return status == http.StatusOK
	}
	for _, s := range h.statuses {
		if s == status {
			return true
		}
	}
	return false
}

// texts that people, or those who wish us ill, type.
func hostileTexts() []string {
	return []string{
		"", " ", "\n\n\n", "\u200b", "\u00a0", ".", "?", "0", "-1", "+1", "01", "1.0", "1,5", "9223372036854775808", "99999999999999999999999", "1e9", "1E9",
		"NaN", "Infinity", "0x10", "½", "²", "①", "٣", "۳", "०", "一", "1️⃣", "3 ou 4", "2 2 2", "1\n2\n3", "١٢٣٤٥٦٧٨٩٠١٢٣٤٥٦٧٨٩٠",
		"-9223372036854775808 belboula", "0 belboula", "-1 belboula", "99999999999 belboula", "1e9 belboula", "0,0001 kg belboula", "۳ belboula",
		strings.Repeat("a", 10_000), strings.Repeat("miel ", 2_000), strings.Repeat("1 miel et ", 1_000), strings.Repeat("🍯", 3_000),
		strings.Repeat("👩‍👩‍👧‍👦", 400), strings.Repeat("é", 4096), strings.Repeat("ـ", 4_000), strings.Repeat("\u064b", 4_000),
		"z" + strings.Repeat("\u0300", 3_000), strings.Repeat("\u202e", 500), "\u202emiel\u202c", "\u2066\u2067\u2068 miel", "\ufeffmiel", "mi\u00adel",
		"'; DROP TABLE inbox; --", "\\", "%", "_", "%%%%", "\\x00", "$1", "{{.price}}", "{{", "<b>miel", "<script>alert(1)</script>", "&lt;", "*_~`[](", "**",
		"/", "//", "/start", "/start ", "/start p_P53", "/start p_P999999", "/start " + strings.Repeat("x", 64), "/start p_'--", "/menu@other_bot", "/nothing",
		"q:aaaa:1", "add:P53", "see:P0", "P0", "P999999999999999999999", "S0000000", "SVE94QB", "R1", "lang:xx", "http://169.254.169.254/", "file:///etc/passwd",
		"\u0600\u0601\u06dd", "ﷺ", strings.Repeat("ﷺ", 1_000), "\U000e0001", "\U0010ffff", "a\u0000b", "null", "true", "[]", "{}",
	}
}

// hostileBodies are bodies to Telegram's webhook, with the right secret.
func (b *buyer) hostileBodies() (all []hostile) {
	chat := b.phone.Address()
	next := func() string { return fmt.Sprint(b.w.updates.Add(1)) }
	raw := func(name, body string, statuses ...int) {
		id := next()
		body = strings.NewReplacer("@id", id, "@chat", chat).Replace(body)
		all = append(all, hostile{name, telegramUpdate(id, []byte(body)), statuses})
	}
	message := func(fields string) string {
		return `{"update_id":@id,"message":{"message_id":5,"date":1790000000,"chat":{"id":@chat,"type":"private"},"from":{"id":@chat,"is_bot":false,"first_name":"A"}` + fields + `}}`
	}
	raw("no body", "")
	raw("no JSON", "hello")
	raw("null", "null")
	raw("a list", "[]")
	raw("an empty object", "{}")
	raw("only an id", `{"update_id":@id}`)
	raw("an id that is a text", `{"update_id":"@id","message":{"chat":{"id":@chat,"type":"private"},"text":"x"}}`)
	raw("a huge id", `{"update_id":99999999999999999999999999,"message":{"chat":{"id":@chat,"type":"private"},"text":"x"}}`)
	raw("a chat that is a text", `{"update_id":@id,"message":{"chat":"@chat","text":"x"}}`)
	raw("a chat without an id", `{"update_id":@id,"message":{"chat":{"type":"private"},"text":"x"}}`)
	raw("a text that is a number", message(`,"text":5`))
	raw("a text that is null", message(`,"text":null`))
	raw("no text at all", message(""))
	raw("a sender who is null", `{"update_id":@id,"message":{"message_id":5,"date":1,"chat":{"id":@chat,"type":"private"},"from":null,"text":"miel"}}`)
	raw("lone surrogates", message(`,"text":"\ud83c \udf6f \ud83c\ud83c"`))
	raw("an escaped NUL", message(`,"text":"a\u0000b\u0000"`))
	raw("invalid UTF-8", message(",\"text\":\"mi\xff\xfe\xc3\x28el\""))
	raw("duplicate keys", message(`,"text":"miel","text":"safran","text":{"a":1}`))
	raw("two updates in one", `{"update_id":@id,"message":{"message_id":1,"chat":{"id":@chat,"type":"private"},"text":"a"}}{"update_id":1}`)
	raw("an unknown kind", `{"update_id":@id,"telepathy":{"chat":{"id":@chat},"thought":"miel"}}`)
	raw("many kinds at once", `{"update_id":@id,"message":{"message_id":1,"chat":{"id":@chat,"type":"private"},"text":"a"},"callback_query":{"id":"1","data":"x"},"poll":{}}`)
	raw("an edit of what was never sent", `{"update_id":@id,"edited_message":{"message_id":1,"date":1,"edit_date":2,"chat":{"id":@chat,"type":"private"},"from":{"id":@chat},"text":"2"}}`)
	raw("an empty edit", `{"update_id":@id,"edited_message":{"chat":{"id":@chat,"type":"private"}}}`)
	raw("a tap on nothing", `{"update_id":@id,"callback_query":{"id":"7","from":{"id":@chat},"data":"add:P53"}}`)
	raw("a tap without data", `{"update_id":@id,"callback_query":{"id":"7","from":{"id":@chat},"message":{"message_id":1,"chat":{"id":@chat,"type":"private"}}}}`)
	for _, data := range []string{"q::", "q:x:y", ":", "add:", "add:P0", "lang:", "go:", "cancel:", "cancel:S0000000", "talk:", "from:", "see:\\u0000", "!", strings.Repeat("x", 64), strings.Repeat("x", 5000)} {
		raw("tap "+data[:min(len(data), 20)], `{"update_id":@id,"callback_query":{"id":"7","from":{"id":@chat},"data":"`+data+`","message":{"message_id":1,"chat":{"id":@chat,"type":"private"}}}}`)
	}
	raw("a tap by somebody else", `{"update_id":@id,"callback_query":{"id":"7","from":{"id":1},"data":"add:P53","message":{"message_id":1,"chat":{"id":@chat,"type":"private"}}}}`)
	raw("somebody else's contact", message(`,"contact":{"phone_number":"+212612345678","first_name":"B","user_id":1}`))
	raw("a contact without a number", message(`,"contact":{"first_name":"B","user_id":@chat}`))
	raw("a place off the map", message(`,"location":{"latitude":1e308,"longitude":-1e308}`))
	raw("a photo of nothing", message(`,"photo":[]`))
	raw("a photo without an id", message(`,"photo":[{}],"caption":"miel"`))
	raw("a voice note", message(`,"voice":{"file_id":"x","duration":-1}`))
	raw("entities off the text", message(`,"text":"/menu","entities":[{"type":"bot_command","offset":-5,"length":99999999}]`))
	raw("a reply to itself", message(`,"text":"1","reply_to_message":{"message_id":9223372036854775807,"chat":{"id":@chat}}`))
	raw("an RTL name", strings.Replace(message(`,"text":"aide"`), `"first_name":"A"`, `"first_name":"\u202e\u2067\u0000anima\ud800","last_name":"`+strings.Repeat("🦂", 500)+`"`, 1))
	raw("deep JSON", `{"update_id":@id,"message":`+strings.Repeat(`{"reply_to_message":`, 20_000)+"1"+strings.Repeat("}", 20_000)+"}")
	raw("deep lists", `{"update_id":@id,"x":`+strings.Repeat("[", 200_000)+strings.Repeat("]", 200_000)+"}")
	raw("more than 1 MiB", message(`,"text":"`+strings.Repeat("x", 1<<20)+`"`), http.StatusRequestEntityTooLarge)
	raw("nearly 1 MiB", message(`,"text":"`+strings.Repeat("miel ", 200_000)+`"`))
	raw("binary", string(bytes.Repeat([]byte{0, 0xff, 0x80, '{', '"'}, 1000)))
	raw("a group", `{"update_id":@id,"message":{"message_id":1,"chat":{"id":`+b.phone.Group("Famille").Address()+`,"type":"supergroup"},"from":{"id":@chat},"text":"/menu@souk_simulator_bot"}}`)
	raw("a channel post", `{"update_id":@id,"channel_post":{"message_id":1,"chat":{"id":-100124,"type":"channel"},"text":"miel"}}`)
	raw("blocked", `{"update_id":@id,"my_chat_member":{"chat":{"id":@chat,"type":"private"},"from":{"id":@chat},"new_chat_member":{"status":"kicked"}}}`)
	raw("unblocked", `{"update_id":@id,"my_chat_member":{"chat":{"id":@chat,"type":"private"},"from":{"id":@chat},"new_chat_member":{"status":"member"}}}`)
	raw("a strange membership", `{"update_id":@id,"my_chat_member":{"chat":{"id":@chat,"type":"private"},"new_chat_member":{"status":7}}}`)
	return all
}

// filesOfNobody is the form that names files of a message that Twilio never had.
const filesOfNobody = "99 files"

// hostileForms are signed forms to Twilio's webhook.
func (b *buyer) hostileForms() (all []hostile) {
	form := func(name string, fields map[string]string) {
		all = append(all, hostile{name, b.form(fields), nil})
	}
	raw := func(name string, body []byte, statuses ...int) {
		values, _ := url.ParseQuery(string(body)) // what can be read is what is signed
		u := twilioUpdate(fmt.Sprint(b.w.updates.Add(1)), values)
		u.body = body
		all = append(all, hostile{name, u, statuses})
	}
	refusable := []int{http.StatusOK, http.StatusForbidden, http.StatusBadRequest}
	raw("no form", nil)
	raw("binary", bytes.Repeat([]byte{0, 0xff, 0x80, '=', '&'}, 500), refusable...)
	raw("broken escapes", []byte("From=%zz&To=%&MessageSid=SMx%"), refusable...)
	raw("no sender", []byte("MessageSid=SM00000000000000000000000000000001&Body=miel&To="+url.QueryEscape(simulator.DefaultSMSFrom)))
	raw("no id", []byte("From=%2B212612000001&Body=miel&To="+url.QueryEscape(simulator.DefaultSMSFrom)))
	raw("more than 1 MiB", bytes.Repeat([]byte("a=b&"), 1<<18+1), http.StatusRequestEntityTooLarge)
	raw("100,000 keys", []byte(strings.Repeat("a=b&", 100_000)+"MessageSid=SM00000000000000000000000000000002"))
	for name, fields := range map[string]map[string]string{
		"a short code":           {"From": "12345", "Body": "miel"},
		"letters for a number":   {"From": "MAROCTEL", "Body": "promo"},
		"another number of ours": {"To": "+15005550000", "Body": "miel"},
		"an endless number":      {"From": "+" + strings.Repeat("2", 500), "Body": "miel"},
		"invalid UTF-8":          {"Body": "mi\xff\xfe\xc3\x28el"},
		"NUL":                    {"Body": "a\x00b"},
		"half a pair":            {"Body": "\xed\xa0\xbc miel"},
		"an RTL name":            {"Body": "aide", "ProfileName": "\u202e\u2067anima" + strings.Repeat("🦂", 500)},
		"a payload of nobody's":  {"Body": "x", "ButtonPayload": "q:nobody:1", "ButtonText": "x"},
		"an endless payload":     {"Body": "x", "ButtonPayload": strings.Repeat("x", 50_000)},
		"a list of nobody's":     {"Body": "x", "ListId": "add:P0", "ListTitle": "x"},
		filesOfNobody:            {"NumMedia": "99", "MediaUrl0": "http://169.254.169.254/latest/meta-data", "MediaContentType0": "image/jpeg"},
		"minus one file":         {"NumMedia": "-1"},
		"files without number":   {"NumMedia": "x"},
		"a place off the map":    {"Latitude": "1e999", "Longitude": "NaN"},
		"a quote of nobody's":    {"Body": "1", "OriginalRepliedMessageSid": "SM" + strings.Repeat("0", 3000)},
		"an unknown opt-out":     {"Body": "x", "OptOutType": "MAYBE"},
		"new parameters":         {"Body": "aide", "Telepathy": "yes", "": "empty"},
	} {
		form(name, fields)
	}
	return all
}

// Whatever comes, on each channel: a kind answer or silence, never an error of the server, never a crash; and after each the
// conversation goes on.
func TestHostileMessagesOnEachChannel(t *testing.T) {
	t.Parallel()
	w := newWorld(t, built(t, release), pgtest.URL(t), "SOUK_TELEGRAM_CHAT_RATE=1000")
	w.begin()
	w.introduced()
	w.restock("P53", 100_000)
	pid := w.serve.cmd.Process.Pid
	var channels sync.WaitGroup
	var mu sync.Mutex
	var invented []string // messages with files that Twilio never had
	for i, channel := range []simulator.Channel{simulator.Telegram, simulator.WhatsApp, simulator.SMS} {
		channels.Go(func() {
			first := w.buyer(channel, 5000+1000*i)
			bad := first.hostileForms()
			if channel == simulator.Telegram {
				bad = first.hostileBodies()
			}
			for _, h := range bad {
				w.survives(first, h)
				if channel != simulator.Telegram && h.name == filesOfNobody {
					mu.Lock()
					invented = append(invented, h.update.id)
					mu.Unlock()
				}
			}
			first.lives("the bodies")
			texts := hostileTexts()
			if channel == simulator.SMS {
				texts = texts[:0] // below, since an address hears thirty a day
			}
			for _, text := range texts {
				w.survives(first, hostile{"text " + text[:min(len(text), 30)], first.text(text), nil})
			}
			first.lives("the texts")
			for n, text := range hostileTexts() { // each in the middle of an order of its own
				b := w.buyer(channel, 5000+1000*i+1+n)
				b.does(b.text("belboula"), "Combien")
				w.survives(b, hostile{"text " + text[:min(len(text), 30)], b.text(text), nil})
				b.lives(fmt.Sprintf("%.30q", text))
			}
		})
	}
	channels.Wait()
	eventually(t, "no photo that nobody has is waited for", patience, func() bool {
		return value[int](w, "SELECT count(*) FROM sent_photo WHERE status = 'fetching'") == 0
	})
	// Telegram's photo without an id, and the first file of each message that Twilio never had.
	w.is("photos that nobody has", 1+len(invented), "SELECT count(*) FROM sent_photo WHERE status = 'refused' AND reason = 'gone'")
	w.settled(patience)
	if w.get("/healthz") != http.StatusOK || pid != w.serve.cmd.Process.Pid {
		t.Error("souk serve is gone")
	}
	for _, parked := range values[string](w, `SELECT concat(account, ' ', error, ' ', left(encode(body, 'escape'), 300)) FROM inbox
		WHERE parked_at IS NOT NULL AND conversation_id IS NOT NULL`) {
		t.Errorf("parked: %s", parked)
	}
	w.is("replies that providers refused", 0, "SELECT count(*) FROM outbox WHERE status IN ('failed', 'undelivered')")
	for line := range strings.Lines(w.serve.stderr.String()) {
		if strings.Contains(line, `"level":"ERROR"`) || strings.Contains(line, "panic") {
			t.Errorf("the log says: %s", line)
		}
	}
	w.obedient(invented...)
}

// survives posts something hostile.
func (w *world) survives(b *buyer, h hostile) {
	w.t.Helper()
	for {
		status := w.postUpdate(h.update)
		if status == http.StatusServiceUnavailable {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		if !h.allows(status) {
			w.t.Errorf("%s: %s: answered %d", b.phone.Key(), h.name, status)
		}
		return
	}
}

// lives checks that the conversation goes on: the next message is understood and its answer reaches the phone.
func (b *buyer) lives(after string) {
	b.w.t.Helper()
	b.silently(b.text("START")) // among what was sent may have been a STOP
	order := b.text("1 belboula")
	b.silently(order)
	eventually(b.w.t, fmt.Sprintf("%s is answered after %s", b.phone.Key(), after), patience, func() bool {
		return value[bool](b.w, `SELECT EXISTS (SELECT FROM inbox i JOIN outbox o ON o.inbox_id = i.id
			WHERE i.provider_id = $1 AND o.body ->> 'text' LIKE '%Belboula%' AND o.status IN ('sent', 'delivered', 'read'))`, order.id)
	})
	b.hears("Belboula")
}

// Taps by somebody else, on old messages, and a confirmation twice within 5 ms: one purchase, and nobody else's.
func TestTapsThatAreNotMeant(t *testing.T) {
	t.Parallel()
	w := newWorld(t, built(t, release), pgtest.URL(t))
	w.begin()
	w.introduced()
	everyone := []simulator.Channel{simulator.Telegram, simulator.WhatsApp}
	for i, channel := range everyone {
		b := w.buyer(channel, 600+i)
		b.does(b.text("belboula"), "Combien")
		counting := b.tap("2")
		b.does(b.text("1"), "1 × Belboula")
		b.silently(counting) // the question is answered: the outcome is repeated, and nothing is added
		b.hears("1 × Belboula")
		b.does(b.text("Casablanca"), "Casablanca", "15 dh")
		if channel == simulator.Telegram {
			b.does(b.text("1"), "numéro")
			b.does(b.contact(), "30 min")
			for _, data := range buttonsOf(b.last) {
				w.survives(b, hostile{"a stranger's tap", b.press(b.last.ID, data, map[string]any{"id": 1, "is_bot": false, "first_name": "X"}), nil})
			}
		} else {
			b.does(b.text("1"), "30 min")
		}
		w.is("purchases before the yes", i, "SELECT count(*) FROM purchase WHERE status = 'placed'")
		first, second := b.tap("Oui"), b.tap("Oui")
		var both sync.WaitGroup
		both.Go(func() { w.delivered(first) })
		both.Go(func() { time.Sleep(3 * time.Millisecond); w.delivered(second) })
		both.Wait()
		b.hears("38 dh")
		w.settled(patience)
		w.survives(b, hostile{"an old tap", counting, nil})
		w.settled(patience)
		w.is("purchases", i+1, "SELECT count(*) FROM purchase WHERE status = 'placed'")
		w.is("kilos", i+1, "SELECT sum(quantity)::int FROM line")
		w.is("lines in carts", 0, "SELECT count(*) FROM cart_line")
	}
	w.obedient()
}

func buttonsOf(m simulator.Message) (data []string) {
	for _, row := range m.Buttons {
		for _, button := range row {
			if button.Data != "" {
				data = append(data, button.Data)
			}
		}
	}
	return data
}

// values reads a column.
func values[T any](w *world, sql string) (all []T) {
	w.t.Helper()
	body := value[string](w, "SELECT coalesce(json_agg(v), '[]')::text FROM ("+sql+") AS one (v)")
	if err := json.Unmarshal([]byte(body), &all); err != nil {
		w.t.Fatal(err)
	}
	return all
}
