package twilio

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"souk/bot"
	"souk/flows"
)

const (
	accountSID = "AC0000000000000000000000005150c5a1"
	authToken  = "5150c5a10000000000000000005150c5"
	publicURL  = "https://souk.example"
	mediaURL   = "https://api.twilio.com/2010-04-01/Accounts/AC0000000000000000000000005150c5a1/Messages/MM00000000000000000000000000000001/Media/ME00000000000000000000000000000002"
	mediaKept  = "AC0000000000000000000000005150c5a1/MM00000000000000000000000000000001/ME00000000000000000000000000000002"
)

func testAccount(t testing.TB) *Account {
	t.Helper()
	a, err := New(Config{AccountSID: accountSID, AuthToken: authToken, PublicURL: publicURL + "/"}, "whatsapp:+14155238886", "+15005550006")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// sign is Twilio's algorithm, written anew: the URL, then each name with its first value, by name.
func sign(address string, form url.Values) string {
	mac := hmac.New(sha1.New, []byte(authToken))
	names := []string{}
	for name := range form {
		names = append(names, name)
	}
	slices.Sort(names)
	mac.Write([]byte(address))
	for _, name := range names {
		mac.Write([]byte(name + form[name][0]))
	}
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func signedPost(path, address string, form url.Values) (*http.Request, []byte) {
	body := form.Encode()
	r := httptest.NewRequest(http.MethodPost, "http://10.0.0.5:8080"+path, strings.NewReader(body))
	r.Header.Set("X-Twilio-Signature", sign(address, form))
	return r, []byte(body)
}

func whatsapp(pairs ...string) url.Values {
	return with(url.Values{
		"MessageSid": {"SM00000000000000000000000000000009"}, "AccountSid": {accountSID}, "From": {"whatsapp:+212612345678"}, "To": {"whatsapp:+14155238886"},
		"WaId": {"212612345678"}, "ProfileName": {"Amina"}, "NumMedia": {"0"}, "SmsStatus": {"received"}, "Body": {""},
	}, pairs...)
}

func textMessage(pairs ...string) url.Values {
	return with(url.Values{
		"MessageSid": {"SM00000000000000000000000000000008"}, "SmsSid": {"SM00000000000000000000000000000008"}, "AccountSid": {accountSID}, "From": {"+212612345678"},
		"To": {"+15005550006"}, "FromCountry": {"MA"}, "NumMedia": {"0"}, "NumSegments": {"1"}, "Body": {""},
	}, pairs...)
}

func with(form url.Values, pairs ...string) url.Values {
	for i := 0; i < len(pairs); i += 2 {
		form[pairs[i]] = []string{pairs[i+1]}
	}
	return form
}

func TestDecode(t *testing.T) {
	t.Parallel()
	amina := flows.Profile{Name: "Amina", Phone: "+212612345678"}
	nameless := flows.Profile{Phone: "+212612345678"}
	for name, c := range map[string]struct {
		form url.Values
		want flows.Event
	}{
		"text":                     {whatsapp("Body", "بغيت لتر زيت"), flows.Event{Kind: flows.Text, Text: "بغيت لتر زيت", Profile: amina}},
		"SMS":                      {textMessage("Body", "P12 2"), flows.Event{Kind: flows.Text, Text: "P12 2", Profile: nameless}},
		"NUL, invalid UTF-8":       {textMessage("Body", "a\x00b\xffc"), flows.Event{Kind: flows.Text, Text: "ab\uFFFDc", Profile: nameless}},
		"button":                   {whatsapp("Body", "Acheter", "ButtonText", "Acheter", "ButtonPayload", "q:k3:1", "OriginalRepliedMessageSid", "MM1"), flows.Event{Kind: flows.Tap, Payload: "q:k3:1", Text: "Acheter", Profile: amina}},
		"list":                     {whatsapp("Body", "Miel", "ListId", "q:k6:p12", "ListTitle", "Miel de thym"), flows.Event{Kind: flows.Tap, Payload: "q:k6:p12", Text: "Miel de thym", Profile: amina}},
		"a payload beyond ours":    {whatsapp("Body", "Oui", "ButtonText", "Oui", "ButtonPayload", strings.Repeat("x", 65)), flows.Event{Kind: flows.Text, Text: "Oui", Profile: amina}},
		"a button without payload": {whatsapp("ButtonText", "Oui"), flows.Event{Kind: flows.Text, Text: "Oui", Profile: amina}},
		"an SMS presses nothing":   {textMessage("Body", "x", "ButtonPayload", "q:1"), flows.Event{Kind: flows.Text, Text: "x", Profile: nameless}},
		"quoted":                   {whatsapp("Body", "2", "OriginalRepliedMessageSid", "SM77", "OriginalRepliedMessageSender", "whatsapp:+14155238886"), flows.Event{Kind: flows.Text, Text: "2", QuotedMessageID: "SM77", Profile: amina}},
		"location":                 {whatsapp("Latitude", "31.63", "Longitude", "-8.0", "Label", "Épicerie Hassan", "Address", "Rue 3"), flows.Event{Kind: flows.Location, Latitude: 31.63, Longitude: -8, Text: "Épicerie Hassan\nRue 3", Profile: amina}},
		"no place on earth":        {whatsapp("Latitude", "NaN", "Longitude", "1e9"), flows.Event{Kind: flows.Other, Profile: amina}},
		"photo": {whatsapp("NumMedia", "1", "MediaUrl0", mediaURL, "MediaContentType0", "image/jpeg", "Body", "miel"),
			flows.Event{Kind: flows.Photo, Text: "miel", Profile: amina, Media: []flows.Media{{ID: mediaKept, Kind: flows.Photo, MIME: "image/jpeg"}}}},
		"voice":   {whatsapp("NumMedia", "1", "MediaUrl0", mediaURL, "MediaContentType0", "audio/ogg"), flows.Event{Kind: flows.Voice, Profile: amina, Media: []flows.Media{{ID: mediaKept, Kind: flows.Voice, MIME: "audio/ogg"}}}},
		"sticker": {whatsapp("NumMedia", "1", "MediaUrl0", mediaURL, "MediaContentType0", "image/webp"), flows.Event{Kind: flows.Other, Profile: amina, Media: []flows.Media{{ID: mediaKept, Kind: flows.Other, MIME: "image/webp"}}}},
		"a file elsewhere is no URL to follow": {whatsapp("NumMedia", "1", "MediaUrl0", "http://169.254.169.254/latest", "MediaContentType0", "image/png"),
			flows.Event{Kind: flows.Photo, Profile: amina, Media: []flows.Media{{ID: "SM00000000000000000000000000000009/0", Kind: flows.Photo, MIME: "image/png"}}}},
		"more files than there can be": {whatsapp("NumMedia", "9223372036854775808"), flows.Event{Kind: flows.Other, Profile: amina}},
		"nothing":                      {whatsapp(), flows.Event{Kind: flows.Other, Profile: amina}},
		"opts out":                     {textMessage("Body", "ARRET", "OptOutType", "STOP"), flows.Event{Kind: flows.Text, Text: "STOP", Profile: nameless}},
		"opts in":                      {textMessage("Body", "DEBUT", "OptOutType", "START"), flows.Event{Kind: flows.Text, Text: "START", Profile: nameless}},
		"a name that turns":            {whatsapp("ProfileName", "\u202eanimA\n", "Body", "x"), flows.Event{Kind: flows.Text, Text: "x", Profile: flows.Profile{Name: "animA", Phone: "+212612345678"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := testAccount(t)
			r, body := signedPost(InboundPath, publicURL+InboundPath, c.form)
			in, err := a.Receive(r, body)
			if err != nil {
				t.Fatal(err)
			}
			if in.ExternalID != "+212612345678" || in.Ignore || in.ProviderID != c.form.Get("MessageSid") || string(in.Body) != string(body) {
				t.Errorf("received %+v", in)
			}
			want := "whatsapp:+14155238886"
			if strings.HasPrefix(c.form.Get("From"), "+") {
				want = "sms:+15005550006"
			}
			if in.Account != want || !strings.HasPrefix(want, in.Channel+":") {
				t.Errorf("for %s on %s", in.Account, in.Channel)
			}
			got, err := decode(body)
			if err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("decoded, %v\n got %+v\nwant %+v", err, got, c.want)
			}
		})
	}
}

func TestWhomToAnswer(t *testing.T) {
	t.Parallel()
	a := testAccount(t)
	for name, c := range map[string]struct {
		form   url.Values
		ignore bool
	}{
		"an advertisement":              {textMessage("From", "INWI"), true},
		"a short code":                  {textMessage("From", "2020"), true},
		"another number of the account": {textMessage("To", "+15005550007"), false},
		"WhatsApp without a number":     {whatsapp("From", "whatsapp:MA.1234"), false},
		"nothing to know it by":         {with(textMessage(), "MessageSid", "", "SmsSid", ""), false},
	} {
		r, body := signedPost(InboundPath, publicURL+InboundPath, c.form)
		in, err := a.Receive(r, body)
		if err != nil || in.ExternalID != "" || in.Ignore != c.ignore || in.ProviderID == "" {
			t.Errorf("%s: %+v, %v", name, in, err)
		}
	}
}

func TestSignature(t *testing.T) {
	t.Parallel()
	a := testAccount(t)
	form := textMessage("Body", "x")
	tamper := func(change func(r *http.Request, body *[]byte)) error {
		r, body := signedPost(InboundPath, publicURL+InboundPath, form)
		change(r, &body)
		_, err := a.Receive(r, body)
		return err
	}
	for name, change := range map[string]func(r *http.Request, body *[]byte){
		"none":       func(r *http.Request, _ *[]byte) { r.Header.Del("X-Twilio-Signature") },
		"of another": func(r *http.Request, _ *[]byte) { r.Header.Set("X-Twilio-Signature", "AAAA") },
		"other words": func(_ *http.Request, body *[]byte) {
			*body = []byte(strings.Replace(string(*body), "Body=x", "Body=y", 1))
		},
		"one more": func(_ *http.Request, body *[]byte) { *body = append(*body, "&Extra=1"...) },
		"a query":  func(r *http.Request, _ *[]byte) { r.URL.RawQuery = "a=1" },
		"over http": func(r *http.Request, _ *[]byte) {
			r.Header.Set("X-Twilio-Signature", sign("http://souk.example"+InboundPath, form))
		},
		"over our host": func(r *http.Request, _ *[]byte) {
			r.Header.Set("X-Twilio-Signature", sign("http://10.0.0.5:8080"+InboundPath, form))
		},
	} {
		if err := tamper(change); !errors.Is(err, bot.ErrForged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A port that says what the scheme says already is tolerated, and a forwarded host changes nothing.
	if err := tamper(func(r *http.Request, _ *[]byte) {
		r.Header.Set("X-Twilio-Signature", sign("https://souk.example:443"+InboundPath, form))
		r.Header.Set("X-Forwarded-Host", "evil.example")
	}); err != nil {
		t.Error(err)
	}
	// A repeated key is signed and read by its first value.
	body := form.Encode() + "&Body=evil&From=%2B212699999999"
	r := httptest.NewRequest(http.MethodPost, InboundPath, strings.NewReader(body))
	r.Header.Set("X-Twilio-Signature", sign(publicURL+InboundPath, form))
	in, err := a.Receive(r, []byte(body))
	if err != nil || in.ExternalID != "+212612345678" {
		t.Errorf("%+v, %v", in, err)
	}
	if event, err := decode(in.Body); err != nil || event.Text != "x" {
		t.Errorf("%+v, %v", event, err)
	}
}

func TestReceiveDelivery(t *testing.T) {
	t.Parallel()
	a := testAccount(t)
	sid := "SM00000000000000000000000000000001"
	for status, want := range map[string]bot.Delivery{
		"queued":      {Status: "sent"},
		"sent":        {Status: "sent"},
		"delivered":   {Status: "delivered"},
		"read":        {Status: "read"},
		"failed":      {Status: "failed", Code: "63016", Verdict: bot.Reroute},
		"undelivered": {Status: "undelivered", Code: "30003", Verdict: bot.RetryAfter, Pause: pauseHandset},
		"partially":   {},
	} {
		form := url.Values{"MessageSid": {sid}, "MessageStatus": {status}, "AccountSid": {accountSID}}
		if want.Code != "" {
			form.Set("ErrorCode", want.Code)
		}
		r, body := signedPost(StatusPath+"?o=4711&p=1", publicURL+StatusPath+"?o=4711&p=1", form)
		got, err := a.ReceiveDelivery(r, body)
		want.OutboxID, want.Part, want.ProviderMessageID = 4711, 1, sid
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", status, got, err)
		}
	}
	// The outbox id is part of what is signed.
	r, body := signedPost(StatusPath+"?o=4712&p=1", publicURL+StatusPath+"?o=4711&p=1", url.Values{"MessageSid": {sid}, "MessageStatus": {"read"}})
	if _, err := a.ReceiveDelivery(r, body); !errors.Is(err, bot.ErrForged) {
		t.Errorf("another's outbox id: %v", err)
	}
}

func TestVerdictsOfCodes(t *testing.T) {
	t.Parallel()
	for verdict, codes := range map[bot.Verdict][]int{
		bot.Never: {21211, 21614, 30006, 63024}, bot.Gone: {21610}, bot.Reroute: {63016},
		bot.RetryAfter: {30003, 30008, 20429, 429, 63018, 63038, 20003}, bot.Unknown: {20500},
	} {
		for _, code := range codes {
			got, ok := codeMeaning(code)
			if !ok || got.verdict != verdict || (verdict == bot.RetryAfter) != (got.pause > 0) {
				t.Errorf("%d: %+v", code, got)
			}
		}
	}
}

func TestRanksOnlyRise(t *testing.T) {
	t.Parallel()
	order := []string{"?", "queued", "sending", "sent", "failed", "delivered", "read"}
	for i := 1; i < len(order); i++ {
		if bot.Rank(order[i-1]) >= bot.Rank(order[i]) {
			t.Errorf("%s is not below %s", order[i-1], order[i])
		}
	}
	if bot.Rank("failed") != bot.Rank("undelivered") {
		t.Error("two ways not to arrive")
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	good := Config{AccountSID: accountSID, AuthToken: authToken}
	for name, c := range map[string]struct {
		config        Config
		whatsapp, sms string
	}{
		"no token":                    {Config{AccountSID: accountSID}, "", ""},
		"WhatsApp without its prefix": {good, "+14155238886", ""},
		"SMS with a prefix":           {good, "", "whatsapp:+15005550006"},
		"the token in clear":          {Config{AccountSID: accountSID, AuthToken: authToken, APIURL: "http://10.0.0.7:8080"}, "", ""},
		"a file":                      {Config{AccountSID: accountSID, AuthToken: authToken, APIURL: "file:///etc"}, "", ""},
	} {
		if _, err := New(c.config, c.whatsapp, c.sms); err == nil || strings.Contains(err.Error(), authToken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, address := range []string{"http://127.0.0.1:9000/simulator/twilio/", "http://[::1]:9000", "http://localhost:1", "https://stand-in.example"} {
		config := good
		config.APIURL = address
		if _, err := New(config, "", ""); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	a, err := New(good, "", "")
	if err != nil {
		t.Fatal(err)
	}
	if _, on := a.WhatsApp(WhatsAppConfig{}, nil, Resources{}); on {
		t.Error("WhatsApp is on without a sender")
	}
	if _, on := a.SMS(SMSConfig{}); on {
		t.Error("SMS is on without a sender")
	}
}

func FuzzReceive(f *testing.F) {
	for _, seed := range []string{"", "a=%zz", "From=whatsapp%3A%2B212612345678&NumMedia=3&MediaUrl0=%00", textMessage("Body", "é\x00").Encode(),
		whatsapp("Latitude", "1e999", "Longitude", "x").Encode(), "From=;&&=&=x"} {
		f.Add(seed)
	}
	a := testAccount(f)
	f.Fuzz(func(t *testing.T, body string) {
		fields := readForm(body)
		form := url.Values{}
		for name, first := range fields {
			form[name] = []string{first}
		}
		r := httptest.NewRequest(http.MethodPost, InboundPath, nil)
		r.Header.Set("X-Twilio-Signature", sign(publicURL+InboundPath, form))
		in, err := a.Receive(r, []byte(body))
		if err != nil || in.ProviderID == "" {
			t.Fatalf("%+v, %v", in, err)
		}
		event, err := decode([]byte(body))
		if err == nil && strings.ContainsRune(event.Text+event.Profile.Name+event.Payload, 0) {
			t.Fatalf("a NUL came through: %+v", event)
		}
	})
}
