package telegram

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/jpeg"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"souk/bot"
	"souk/bot/replytest"
	"souk/bot/simulator"
	"souk/flows"
)

// world is the stand-in for the Bot API, the channel that calls it, and Amina's phone.
type world struct {
	*Channel
	sim    *simulator.Simulator
	amina  *simulator.Phone
	photos *album
}

// album is a photo store and what Telegram called its pictures.
type album struct {
	mu       sync.Mutex
	pictures map[string][]byte
	known    map[string]string
	opened   int
}

func (a *album) open(_ context.Context, key string) (io.ReadCloser, int64, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.opened++
	picture, ok := a.pictures[key]
	if !ok {
		return nil, 0, errors.New("no such picture")
	}
	return io.NopCloser(bytes.NewReader(picture)), int64(len(picture)), nil
}

func (a *album) hooks() Photos {
	return Photos{
		Open: a.open,
		Uploaded: func(_ context.Context, account, key string) (string, error) {
			a.mu.Lock()
			defer a.mu.Unlock()
			return a.known[account+key], nil
		},
		Remember: func(_ context.Context, account, key, id string) error {
			a.mu.Lock()
			defer a.mu.Unlock()
			a.known[account+key] = id
			return nil
		},
	}
}

func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 30)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func newWorld(t *testing.T, options simulator.TelegramOptions) *world {
	t.Helper()
	options.Token = testToken
	sim, err := simulator.New(simulator.Options{Telegram: options, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(sim.Handler())
	t.Cleanup(func() { server.Close(); sim.Close() })
	photos := &album{pictures: map[string][]byte{"p/miel.jpg": picture(t)}, known: map[string]string{}}
	channel, err := New(Config{Token: testToken, Secret: testSecret, APIURL: server.URL, Timeout: 2 * time.Second, Transport: &http.Transport{}}, photos.hooks())
	if err != nil {
		t.Fatal(err)
	}
	amina := sim.Phone(simulator.Telegram, simulator.Owner{Name: "Amina", Number: "+212612345678", Language: "fr"})
	amina.Start("")
	return &world{channel, sim, amina, photos}
}

func (w *world) say(t *testing.T, reply flows.Reply) ([]bot.Sent, error) {
	t.Helper()
	var all []bot.Sent
	for part := range w.Parts(reply) {
		sent, err := w.Send(t.Context(), bot.Outgoing{OutboxID: 1, ExternalID: w.amina.Address(), Reply: reply}, part)
		if err != nil {
			return all, err
		}
		all = append(all, sent)
	}
	return all, nil
}

// heard are the bubbles that Souk made on a phone.
func heard(p *simulator.Phone) (all []simulator.Message) {
	for _, m := range p.Messages() {
		if m.From == simulator.FromSouk {
			all = append(all, m)
		}
	}
	return all
}

func (w *world) clean(t *testing.T) {
	t.Helper()
	for _, c := range w.sim.Complaints() {
		t.Errorf("complaint: %s: %s", c.Method, c.Problem)
	}
}

func TestTheStandInTakesEveryReply(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.TelegramOptions{})
	replies := replytest.Rich()
	parts := 0
	for _, named := range replies {
		named.Reply.Photo = strings.Replace(named.Reply.Photo, "p/x.jpg", "p/miel.jpg", 1)
		sent, err := w.say(t, named.Reply)
		if err != nil {
			t.Fatalf("%s: %v", named.Name, err)
		}
		for _, s := range sent {
			if s.ProviderMessageID == "" {
				t.Errorf("%s: a message without an id", named.Name)
			}
		}
		parts += len(sent)
	}
	if got := len(heard(w.amina)); got != parts {
		t.Errorf("%d bubbles of %d messages", got, parts)
	}
	w.clean(t)
}

func TestAPictureIsUploadedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.TelegramOptions{})
	card := flows.Reply{Text: "**Miel** & thym", Photo: "p/miel.jpg", Options: []flows.Option{{Payload: "add:P12", Label: "Acheter"}}}
	for range 3 {
		if _, err := w.say(t, card); err != nil {
			t.Fatal(err)
		}
	}
	if w.photos.opened != 1 {
		t.Errorf("opened %d times", w.photos.opened)
	}
	// Telegram forgot it, as it does when the bot's token changes hands.
	for key := range w.photos.known {
		w.photos.known[key] = "AgACAgQAAxkBAAIBY2forgotten"
	}
	if _, err := w.say(t, card); err != nil {
		t.Fatal(err)
	}
	if w.photos.opened != 2 {
		t.Errorf("opened %d times after Telegram forgot the picture", w.photos.opened)
	}
	bubbles := heard(w.amina)
	for _, m := range bubbles {
		if m.Kind != "photo" || m.Text != "Miel & thym" || len(m.Buttons) != 1 {
			t.Errorf("%+v", m)
		}
	}
	if len(bubbles) != 4 {
		t.Errorf("%d bubbles", len(bubbles))
	}
}

func TestAMissingPictureLeavesTheWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.TelegramOptions{})
	if _, err := w.say(t, flows.Reply{Text: "Miel", Photo: "p/gone.jpg"}); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("Miel de thym. ", 100)
	if _, err := w.say(t, flows.Reply{Text: long, Photo: "p/gone.jpg"}); err != nil {
		t.Fatal(err)
	}
	bubbles := heard(w.amina)
	if len(bubbles) != 2 || bubbles[0].Text != "Miel" || bubbles[1].Text != strings.TrimSpace(long) {
		t.Errorf("%d bubbles: %+v", len(bubbles), bubbles)
	}
	w.clean(t)
}

func TestSendErrors(t *testing.T) {
	t.Parallel()
	reply := flows.Reply{Text: "Bonjour"}
	for name, c := range map[string]struct {
		fault   simulator.Fault
		before  func(*world)
		verdict bot.Verdict
		pause   time.Duration
		account bool
		code    string // where it matters: a number is Telegram's own answer, and the message is tried until it is taken
	}{
		"too many":          {fault: simulator.Fault{Kind: simulator.FaultTooMany, RetryAfter: 7}, verdict: bot.RetryAfter, pause: 7 * time.Second},
		"server error":      {fault: simulator.Fault{Kind: simulator.FaultErrorJSON, Status: 500}, verdict: bot.Unknown, code: "500"},
		"HTML of a proxy":   {fault: simulator.Fault{Kind: simulator.FaultErrorHTML, Status: 502}, verdict: bot.Unknown, code: "proxy 502"},
		"HTML, too many":    {fault: simulator.Fault{Kind: simulator.FaultErrorHTML, Status: 429}, verdict: bot.RetryAfter, pause: pauseFlood, account: true},
		"cut":               {fault: simulator.Fault{Kind: simulator.FaultCut}, verdict: bot.Unknown},
		"taken, then cut":   {fault: simulator.Fault{Kind: simulator.FaultLost}, verdict: bot.Unknown},
		"answered too late": {fault: simulator.Fault{Kind: simulator.FaultSlow, Delay: 2500}, verdict: bot.Unknown},
		"blocked":           {before: func(w *world) { w.amina.Block() }, verdict: bot.Gone},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, simulator.TelegramOptions{})
			if c.fault.Kind != "" {
				c.fault.Method = "sendMessage"
				if err := w.sim.Inject(c.fault); err != nil {
					t.Fatal(err)
				}
			}
			if c.before != nil {
				c.before(w)
			}
			_, err := w.say(t, reply)
			var failed *bot.SendError
			if !errors.As(err, &failed) {
				t.Fatalf("%v", err)
			}
			if failed.Verdict != c.verdict || failed.Pause != c.pause || failed.Account != c.account {
				t.Errorf("%+v", failed)
			}
			if c.code != "" && failed.Code != c.code {
				t.Errorf("code %q, want %q", failed.Code, c.code)
			}
			if strings.Contains(err.Error(), "AAsimulator") {
				t.Errorf("the token shows: %v", err)
			}
		})
	}
}

func TestAnUnknownChatIsNever(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.TelegramOptions{})
	for _, address := range []string{"123456", "x", ""} {
		_, err := w.Send(t.Context(), bot.Outgoing{ExternalID: address, Reply: flows.Reply{Text: "x"}}, 0)
		var failed *bot.SendError
		if !errors.As(err, &failed) || failed.Verdict != bot.Never {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestWhoIsNotReachedWasNotTold(t *testing.T) {
	t.Parallel()
	closed := httptest.NewServer(http.NotFoundHandler())
	address := closed.URL
	closed.Close()
	c, err := New(Config{Token: testToken, Secret: testSecret, APIURL: address}, Photos{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Send(t.Context(), bot.Outgoing{ExternalID: "99", Reply: flows.Reply{Text: "x"}}, 0)
	var failed *bot.SendError
	if !errors.As(err, &failed) || failed.Verdict != bot.RetryAfter || failed.Code != "unreachable" || strings.Contains(err.Error(), "AAsimulator") {
		t.Errorf("%v", err)
	}
}

// TestRefusedMarkupGoesAsWords: a server that takes no HTML gets the words alone, once.
func TestRefusedMarkupGoesAsWords(t *testing.T) {
	t.Parallel()
	var said []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseMultipartForm(1 << 20); err != nil {
			t.Error(err)
		}
		if r.FormValue("parse_mode") != "" {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"ok":false,"error_code":400,"description":"Bad Request: can't parse entities: unexpected end tag"}`)
			return
		}
		said = append(said, r.FormValue("text")+r.FormValue("caption"))
		_, _ = io.WriteString(w, `{"ok":true,"result":{"message_id":5,"date":1,"chat":{"id":99,"type":"private"},"photo":[{"file_id":"f","file_unique_id":"u","width":1,"height":1}]}}`)
	}))
	defer server.Close()
	photos := &album{pictures: map[string][]byte{"p": picture(t)}, known: map[string]string{}}
	c, err := New(Config{Token: testToken, Secret: testSecret, APIURL: server.URL}, photos.hooks())
	if err != nil {
		t.Fatal(err)
	}
	for _, reply := range []flows.Reply{{Text: "**Miel** < 3"}, {Text: "**Miel** < 3", Photo: "p"}} {
		if _, err := c.Send(t.Context(), bot.Outgoing{ExternalID: "99", Reply: reply}, 0); err != nil {
			t.Fatal(err)
		}
	}
	if len(said) != 2 || said[0] != "Miel < 3" || said[1] != "Miel < 3" {
		t.Errorf("%q", said)
	}
}

func TestATapIsAnswered(t *testing.T) {
	t.Parallel()
	var taps []bot.Incoming
	w := newWorld(t, simulator.TelegramOptions{})
	got := make(chan bot.Incoming, 8)
	hook := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		in, err := w.Receive(r, body)
		if err != nil {
			t.Error(err)
		}
		got <- in
	}))
	defer hook.Close()
	if set, err := w.Register(t.Context(), hook.URL, false); err != nil || !set {
		t.Fatalf("set %v, %v", set, err)
	}
	if set, err := w.Register(t.Context(), hook.URL+"/", false); err != nil || set {
		t.Errorf("set again %v, %v", set, err)
	}
	if set, err := w.Register(t.Context(), hook.URL, true); err != nil || !set {
		t.Errorf("not set by force: %v, %v", set, err)
	}
	if _, err := w.say(t, flows.Reply{Text: "Combien ?", Options: []flows.Option{{Payload: "q:k:1", Label: "1 pot", Number: 1}}}); err != nil {
		t.Fatal(err)
	}
	if err := w.amina.Tap("1 pot"); err != nil {
		t.Fatal(err)
	}
	for len(taps) == 0 {
		select {
		case in := <-got:
			if in.AckTap != "" {
				taps = append(taps, in)
			}
		case <-time.After(5 * time.Second):
			t.Fatal("no tap came")
		}
	}
	event, err := w.Decode(taps[0].Body)
	if err != nil || event.Payload != "q:k:1" {
		t.Errorf("%+v, %v", event, err)
	}
	if open := w.sim.OpenTaps(); open != 1 {
		t.Errorf("%d taps are open", open)
	}
	if err := w.AnswerTap(t.Context(), taps[0].AckTap); err != nil {
		t.Error(err)
	}
	if open := w.sim.OpenTaps(); open != 0 {
		t.Errorf("%d taps are open after the answer", open)
	}
	if err := w.AnswerTap(t.Context(), "123"); err != nil {
		t.Errorf("a tap that Telegram forgot: %v", err)
	}
}

func TestSetup(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.TelegramOptions{Username: "souk_bot"})
	if name, err := w.Me(t.Context()); err != nil || name != "souk_bot" {
		t.Errorf("%q, %v", name, err)
	}
	commands := map[string][]Command{"": {{"menu", "Menu"}}, "fr": {{"menu", "Le menu"}}, "ar": {{"menu", "القائمة"}}}
	if err := w.SetCommands(t.Context(), commands); err != nil {
		t.Error(err)
	}
	hook, err := w.Webhook(t.Context(), "https://souk.example")
	if err != nil || !hook.Differs || hook.URL != "" {
		t.Errorf("%+v, %v", hook, err)
	}
	w.clean(t)
}

func TestChannel(t *testing.T) {
	t.Parallel()
	replytest.Channel(t, newWorld(t, simulator.TelegramOptions{}).Channel)
}
