package telegram

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"souk/bot"
	"souk/flows"
)

const (
	testToken  = "7000000001:AAsimulator-token-of-no-real-bot-00"
	testSecret = "s3cret"
)

func decoder(t testing.TB) *Channel {
	t.Helper()
	c, err := New(Config{Token: testToken, Secret: testSecret, Username: "SoukBot"}, Photos{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func post(body, secret string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/webhooks/telegram", strings.NewReader(body))
	r.Header.Set(secretHeader, secret)
	return r
}

// message wraps a message's own fields as Telegram sends them in a private chat.
func private(fields string) string {
	return `{"update_id":812,"message":{"message_id":31,"from":{"id":99,"is_bot":false,"first_name":"Amina","last_name":"El\u202eFassi","language_code":"fr"},` +
		`"chat":{"id":99,"type":"private","first_name":"Amina"},"date":1764756000,` + fields + `}}`
}

func group(fields string) string {
	return `{"update_id":813,"message":{"message_id":7,"from":{"id":99,"is_bot":false,"first_name":"Amina"},"chat":{"id":-1001,"type":"supergroup","title":"Voisines"},"date":1764756000,` + fields + `}}`
}

func TestDecode(t *testing.T) {
	t.Parallel()
	amina := flows.Profile{Name: "Amina ElFassi", Lang: "fr"}
	short := flows.Profile{Name: "Amina"}
	sent := time.Unix(1764756000, 0).UTC()
	for name, c := range map[string]struct {
		body   string
		chat   string
		ignore bool
		tap    string
		want   flows.Event
	}{
		"text":                       {body: private(`"text":"bghit 2 litro zit l3oud"`), chat: "99", want: flows.Event{Kind: flows.Text, Text: "bghit 2 litro zit l3oud", Profile: amina}},
		"NUL, lone surrogate":        {body: private(`"text":"a\u0000b\ud800c"`), chat: "99", want: flows.Event{Kind: flows.Text, Text: "ab\uFFFDc", Profile: amina}},
		"invalid UTF-8":              {body: private("\"text\":\"a\xffb\""), chat: "99", want: flows.Event{Kind: flows.Text, Text: "a\uFFFDb", Profile: amina}},
		"command":                    {body: private(`"text":"/menu","entities":[{"type":"bot_command","offset":0,"length":5}]`), chat: "99", want: flows.Event{Kind: flows.Text, Text: "/menu", Profile: amina}},
		"command that names us":      {body: private(`"text":"/menu@SoukBot 2","entities":[{"type":"bot_command","offset":0,"length":13}]`), chat: "99", want: flows.Event{Kind: flows.Text, Text: "/menu 2", Profile: amina}},
		"command before an emoji":    {body: private(`"text":"/aide😀 x","entities":[{"type":"bot_command","offset":0,"length":5}]`), chat: "99", want: flows.Event{Kind: flows.Text, Text: "/aide 😀 x", Profile: amina}},
		"command without entities":   {body: private(`"text":"/menu"`), chat: "99", want: flows.Event{Kind: flows.Text, Text: "/menu", Profile: amina}},
		"a slash is no command":      {body: private(`"text":"/"`), chat: "99", want: flows.Event{Kind: flows.Text, Text: "/", Profile: amina}},
		"deep link":                  {body: private(`"text":"/start p_P12","entities":[{"type":"bot_command","offset":0,"length":6}]`), chat: "99", want: flows.Event{Kind: flows.DeepLink, Text: "/start p_P12", Payload: "p_P12", Profile: amina}},
		"start":                      {body: private(`"text":"/start","entities":[{"type":"bot_command","offset":0,"length":6}]`), chat: "99", want: flows.Event{Kind: flows.Text, Text: "/start", Profile: amina}},
		"start with what is no link": {body: private(`"text":"/start <x>"`), chat: "99", want: flows.Event{Kind: flows.Text, Text: "/start <x>", Profile: amina}},
		"own contact":                {body: private(`"contact":{"phone_number":"212612345678","first_name":"A","user_id":99}`), chat: "99", want: flows.Event{Kind: flows.Contact, Phone: "+212612345678", OwnContact: true, Profile: amina}},
		"another's contact":          {body: private(`"contact":{"phone_number":"06 12 34 56 78","first_name":"B","user_id":5}`), chat: "99", want: flows.Event{Kind: flows.Contact, Phone: "+212612345678", Profile: amina}},
		"contact without an account": {body: private(`"contact":{"phone_number":"+33612345678","first_name":"B"}`), chat: "99", want: flows.Event{Kind: flows.Contact, Phone: "+33612345678", Profile: amina}},
		"contact without a number":   {body: private(`"contact":{"phone_number":"abc","first_name":"B"}`), chat: "99", want: flows.Event{Kind: flows.Contact, Profile: amina}},
		"location":                   {body: private(`"location":{"latitude":31.63,"longitude":-8.0}`), chat: "99", want: flows.Event{Kind: flows.Location, Latitude: 31.63, Longitude: -8, Profile: amina}},
		"venue": {body: private(`"location":{"latitude":31.63,"longitude":-8.0},"venue":{"location":{"latitude":31.63,"longitude":-8.0},"title":"Épicerie Hassan","address":"Rue 3"}`), chat: "99",
			want: flows.Event{Kind: flows.Location, Latitude: 31.63, Longitude: -8, Text: "Épicerie Hassan\nRue 3", Profile: amina}},
		"photo": {body: private(`"caption":"miel","photo":[{"file_id":"s","width":90,"height":60,"file_size":900},{"file_id":"l","width":1280,"height":853,"file_size":90000},{"file_id":"m","width":320,"height":213}]`), chat: "99",
			want: flows.Event{Kind: flows.Photo, Text: "miel", Profile: amina, Media: []flows.Media{{ID: "l", Kind: flows.Photo, Bytes: 90000}}}},
		"voice":                          {body: private(`"voice":{"file_id":"v","duration":3,"mime_type":"audio/ogg","file_size":4000}`), chat: "99", want: flows.Event{Kind: flows.Voice, Profile: amina, Media: []flows.Media{{ID: "v", Kind: flows.Voice, MIME: "audio/ogg", Bytes: 4000}}}},
		"round video":                    {body: private(`"video_note":{"file_id":"n","duration":3,"length":240}`), chat: "99", want: flows.Event{Kind: flows.Voice, Profile: amina, Media: []flows.Media{{ID: "n", Kind: flows.Voice}}}},
		"document":                       {body: private(`"document":{"file_id":"d","mime_type":"application/pdf"},"caption":"facture"`), chat: "99", want: flows.Event{Kind: flows.Other, Text: "facture", Profile: amina, Media: []flows.Media{{ID: "d", Kind: flows.Other, MIME: "application/pdf"}}}},
		"sticker":                        {body: private(`"sticker":{"file_id":"st","type":"regular","width":512,"height":512}`), chat: "99", want: flows.Event{Kind: flows.Other, Profile: amina, Media: []flows.Media{{ID: "st", Kind: flows.Other}}}},
		"a dice, or what comes after us": {body: private(`"dice":{"emoji":"🎲","value":3}`), chat: "99", want: flows.Event{Kind: flows.Other, Profile: amina}},
		"reply": {body: private(`"text":"2","reply_to_message":{"message_id":28,"from":{"id":7000000001,"is_bot":true},"chat":{"id":99,"type":"private"},"date":1,"text":"Combien ?"}`), chat: "99",
			want: flows.Event{Kind: flows.Text, Text: "2", QuotedMessageID: "28", Profile: amina}},
		"pinned":                  {body: private(`"pinned_message":{"message_id":3,"chat":{"id":99,"type":"private"},"date":0}`), chat: "99", ignore: true, want: flows.Event{Kind: flows.Other, Profile: amina}},
		"our own echo":            {body: strings.Replace(private(`"text":"x"`), `"is_bot":false`, `"is_bot":true`, 1), chat: "99", ignore: true, want: flows.Event{Kind: flows.Text, Text: "x", Profile: amina}},
		"a field of another type": {body: private(`"text":"miel","contact":"later this is a string"`), chat: "99", want: flows.Event{Kind: flows.Text, Text: "miel", Profile: amina}},
		"keys given twice":        {body: private(`"text":"a","text":"b"`), chat: "99", want: flows.Event{Kind: flows.Text, Text: "b", Profile: amina}},

		"edited":                {body: strings.Replace(private(`"edit_date":5,"text":"3 pots"`), `"message":`, `"edited_message":`, 1), chat: "99", want: flows.Event{Kind: flows.Edited, Text: "3 pots", Profile: amina, Original: sent}},
		"a live location moves": {body: strings.Replace(private(`"location":{"latitude":1,"longitude":2}`), `"message":`, `"edited_message":`, 1), chat: "99", ignore: true, want: flows.Event{Kind: flows.Edited, Profile: amina, Original: sent}},

		"tap": {body: `{"update_id":5,"callback_query":{"id":"77","from":{"id":99,"first_name":"Amina"},"chat_instance":"1","data":"q:k3:1","message":{"message_id":30,"chat":{"id":99,"type":"private"},"date":1764756000}}}`,
			chat: "99", tap: "77", want: flows.Event{Kind: flows.Tap, Payload: "q:k3:1", Profile: short}},
		"tap on a message too old to see": {body: `{"update_id":5,"callback_query":{"id":"77","from":{"id":99,"first_name":"Amina"},"data":"q:k3:1","message":{"message_id":30,"chat":{"id":99,"type":"private"},"date":0}}}`,
			chat: "99", tap: "77", want: flows.Event{Kind: flows.Tap, Payload: "q:k3:1", Profile: short}},
		"tap by somebody else": {body: `{"update_id":5,"callback_query":{"id":"77","from":{"id":100,"first_name":"Amina"},"data":"q:k3:1","message":{"message_id":30,"chat":{"id":99,"type":"private"},"date":1}}}`,
			chat: "99", tap: "77", ignore: true, want: flows.Event{Kind: flows.Tap, Payload: "q:k3:1", Profile: short}},
		"tap on an inline message": {body: `{"update_id":5,"callback_query":{"id":"77","from":{"id":99,"first_name":"Amina"},"inline_message_id":"x","data":"q"}}`, tap: "77", ignore: true, want: flows.Event{Kind: flows.Tap, Payload: "q", Profile: short}},
		"tap with a payload that was never ours": {body: `{"update_id":5,"callback_query":{"id":"77","from":{"id":99,"first_name":"Amina"},"data":"` + strings.Repeat("x", 65) + `","message":{"message_id":30,"chat":{"id":99,"type":"private"},"date":1}}}`,
			chat: "99", tap: "77", want: flows.Event{Kind: flows.Other, Profile: short}},

		"blocked":              {body: `{"update_id":6,"my_chat_member":{"chat":{"id":99,"type":"private"},"from":{"id":99,"first_name":"Amina"},"date":1,"old_chat_member":{"status":"member"},"new_chat_member":{"status":"kicked","until_date":0}}}`, chat: "99", want: flows.Event{Kind: flows.Blocked, Profile: short}},
		"unblocked":            {body: `{"update_id":6,"my_chat_member":{"chat":{"id":99,"type":"private"},"from":{"id":99,"first_name":"Amina"},"date":1,"new_chat_member":{"status":"member"}}}`, chat: "99", want: flows.Event{Kind: flows.Unblock, Profile: short}},
		"a status of tomorrow": {body: `{"update_id":6,"my_chat_member":{"chat":{"id":99,"type":"private"},"from":{"id":99,"first_name":"Amina"},"date":1,"new_chat_member":{"status":"pensioner"}}}`, chat: "99", ignore: true, want: flows.Event{Profile: short}},
		"added to a group":     {body: `{"update_id":6,"my_chat_member":{"chat":{"id":-5,"type":"group"},"from":{"id":99,"first_name":"Amina"},"date":1,"new_chat_member":{"status":"member"}}}`, chat: "-5", ignore: true, want: flows.Event{Kind: flows.Unblock, Profile: short}},

		"a group talks":         {body: group(`"text":"bonjour"`), chat: "-1001", ignore: true, want: flows.Event{Kind: flows.Group, Text: "bonjour", Profile: short}},
		"a group calls us":      {body: group(`"text":"/menu@soukbot","entities":[{"type":"bot_command","offset":0,"length":13}]`), chat: "-1001", want: flows.Event{Kind: flows.Group, Text: "/menu@soukbot", Profile: short}},
		"a group calls another": {body: group(`"text":"/menu@OtherBot","entities":[{"type":"bot_command","offset":0,"length":14}]`), chat: "-1001", ignore: true, want: flows.Event{Kind: flows.Group, Text: "/menu@OtherBot", Profile: short}},
		"a group mentions us":   {body: group(`"text":"😀 @SoukBot du miel ?","entities":[{"type":"mention","offset":3,"length":8}]`), chat: "-1001", want: flows.Event{Kind: flows.Group, Text: "😀 @SoukBot du miel ?", Profile: short}},
		"a mention that lies":   {body: group(`"text":"x","entities":[{"type":"mention","offset":9223372036854775807,"length":9}]`), chat: "-1001", ignore: true, want: flows.Event{Kind: flows.Group, Text: "x", Profile: short}},
		"somebody joins":        {body: group(`"new_chat_members":[{"id":1,"is_bot":false,"first_name":"X"}]`), chat: "-1001", ignore: true, want: flows.Event{Kind: flows.Group, Profile: short}},
		"unknown kind":          {body: `{"update_id":9,"hologram":{"id":"1"}}`, ignore: true, want: flows.Event{Kind: flows.Other}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			channel := decoder(t)
			in, err := channel.Receive(post(c.body, testSecret), []byte(c.body))
			if err != nil {
				t.Fatal(err)
			}
			if in.ExternalID != c.chat || in.Ignore != c.ignore || in.AckTap != c.tap {
				t.Errorf("received for %q, ignored %v, tap %q", in.ExternalID, in.Ignore, in.AckTap)
			}
			if in.Account != "telegram:7000000001" || in.Channel != "telegram" || strings.HasPrefix(in.ProviderID, "sha256/") || string(in.Body) != c.body {
				t.Errorf("received %+v", in)
			}
			got, err := channel.Decode([]byte(c.body))
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("decoded\n got %+v\nwant %+v", got, c.want)
			}
		})
	}
}

func TestWhatCannotBeReadIsKept(t *testing.T) {
	t.Parallel()
	channel := decoder(t)
	for _, body := range []string{"", "null", "[]", "x", `{"update_id":"later a string"}`, `{"message":{}}`, `{"update_id":1e400}`, `{"update_id":1.5}`,
		strings.Repeat(`{"message":`, 20000) + "1" + strings.Repeat("}", 20000)} {
		in, err := channel.Receive(post(body, testSecret), []byte(body))
		if err != nil || in.ExternalID != "" || in.Ignore || !strings.HasPrefix(in.ProviderID, "sha256/") {
			t.Errorf("%.40q: %+v, %v", body, in, err)
		}
	}
}

func TestForged(t *testing.T) {
	t.Parallel()
	body := private(`"text":"x"`)
	for _, secret := range []string{"", "S3cret", "s3cret ", "s3cre", strings.Repeat("s", 5000)} {
		if _, err := decoder(t).Receive(post(body, secret), []byte(body)); !errors.Is(err, bot.ErrForged) {
			t.Errorf("secret %.10q: %v", secret, err)
		}
	}
	open, err := New(Config{Token: testToken}, Photos{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := open.Receive(post(body, ""), []byte(body)); !errors.Is(err, bot.ErrForged) {
		t.Errorf("a channel without a secret takes anything: %v", err)
	}
}

func TestATokenHasAForm(t *testing.T) {
	t.Parallel()
	for _, token := range []string{"", "x", "x:y", "-1:y", "0:y"} {
		if _, err := New(Config{Token: token}, Photos{}); err == nil {
			t.Errorf("token %q was taken", token)
		}
	}
}

func FuzzReceive(f *testing.F) {
	for _, body := range []string{"", "{}", private(`"text":"/menu@SoukBot 1","entities":[{"type":"bot_command","offset":0,"length":99}]`),
		group(`"text":"é😀","entities":[{"type":"mention","offset":-1,"length":3},{"type":"mention","offset":2,"length":2147483647}]`),
		private(`"photo":[]`), `{"update_id":1,"callback_query":{}}`, `{"update_id":1,"message":null}`} {
		f.Add([]byte(body))
	}
	channel := decoder(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		in, err := channel.Receive(post("", testSecret), body)
		if err != nil {
			t.Fatal(err)
		}
		if in.ProviderID == "" {
			t.Fatal("nothing to know it by")
		}
		event, err := channel.Decode(body)
		if err == nil && strings.ContainsRune(event.Text+event.Profile.Name+event.Payload, 0) {
			t.Fatalf("a NUL came through: %+v", event)
		}
	})
}
