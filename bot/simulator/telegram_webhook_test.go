package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
)

func TestTelegramBlocked(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	b := w.bot()
	p := w.Phone(Telegram, amina())
	p.Text("bonjour")
	p.Block()
	member := w.lastUpdate()["my_chat_member"].(map[string]any)
	if member["new_chat_member"].(map[string]any)["status"] != "kicked" {
		t.Errorf("membership %v", member)
	}
	_, err := b.SendMessage(t.Context(), &bot.SendMessageParams{ChatID: p.id, Text: "x"})
	if !errors.Is(err, bot.ErrorForbidden) || !strings.Contains(err.Error(), "bot was blocked by the user") {
		t.Errorf("writing to who blocked: %v", err)
	}
	p.Unblock()
	w.idle()
	if _, err := b.SendMessage(t.Context(), &bot.SendMessageParams{ChatID: p.id, Text: "x"}); err != nil {
		t.Errorf("after unblocking: %v", err)
	}
	w.clean()
}

func TestTelegramWhatPeopleDo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	w.bot()
	p := w.Phone(Telegram, Owner{Name: "روزا", Number: "+212600000001", Language: "ar"})
	message := func() map[string]any { return w.lastUpdate()["message"].(map[string]any) }

	p.Start("p_M12")
	got := message()
	if got["text"] != "/start p_M12" || got["from"].(map[string]any)["language_code"] != "ar" {
		t.Errorf("deep link %v", got)
	}
	entity := got["entities"].([]any)[0].(map[string]any)
	if entity["type"] != "bot_command" || entity["length"] != 6.0 {
		t.Errorf("command %v", entity)
	}
	p.Contact()
	if c := message()["contact"].(map[string]any); c["phone_number"] != "+212600000001" || c["user_id"] != float64(p.id) {
		t.Errorf("contact %v", c)
	}
	p.Location(31.63, -8)
	if l := message()["location"].(map[string]any); l["latitude"] != 31.63 {
		t.Errorf("location %v", l)
	}
	first := p.Text("شكرا")
	p.Reply(first, "نعم")
	if q := message()["reply_to_message"].(map[string]any); q["text"] != "شكرا" {
		t.Errorf("quoted %v", q)
	}
	if err := p.Edit(first, "شكرا جزيلا"); err != nil {
		t.Fatal(err)
	}
	if e := w.lastUpdate()["edited_message"].(map[string]any); e["text"] != "شكرا جزيلا" || e["edit_date"] == nil {
		t.Errorf("edited %v", e)
	}
	p.Sticker("😀")
	if s := message()["sticker"].(map[string]any); s["emoji"] != "😀" {
		t.Errorf("sticker %v", s)
	}
	g := p.Group("Coopérative")
	g.Text("bonjour à tous")
	if chat := message()["chat"].(map[string]any); chat["type"] != "supergroup" || chat["id"].(float64) >= 0 {
		t.Errorf("group %v", chat)
	}
	if err := p.Raw("time_travel", map[string]any{"year": 1999}); err != nil {
		t.Fatal(err)
	}
	if u := w.lastUpdate(); u["time_travel"] == nil || u["update_id"] == nil {
		t.Errorf("raw %v", u)
	}
	for i := 1; i < len(w.updates); i++ {
		if w.updates[i]["update_id"].(float64) <= w.updates[i-1]["update_id"].(float64) {
			t.Errorf("update %d does not follow update %d", i, i-1)
		}
	}
	w.clean()
}

func TestTelegramRetriesInOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	w.bot()
	p := w.Phone(Telegram, amina())
	refusals := 3
	w.setAnswer(func(*http.Request) int {
		w.mu.Lock()
		defer w.mu.Unlock()
		if refusals--; refusals >= 0 {
			return http.StatusServiceUnavailable
		}
		return http.StatusOK
	})
	for i := range 5 {
		p.Text(fmt.Sprint(i))
	}
	w.idle()
	var texts []string
	for _, u := range w.updates {
		texts = append(texts, u["message"].(map[string]any)["text"].(string))
	}
	if got := strings.Join(texts, " "); got != "0 1 2 3 4" {
		t.Errorf("arrived: %s", got)
	}
	_, _, info := w.call("getWebhookInfo", nil)
	if i := info.(map[string]any); i["pending_update_count"] != 0.0 || !strings.Contains(i["last_error_message"].(string), "503") {
		t.Errorf("webhook info %v", i)
	}
}

func TestTelegramWaitsForAWebhook(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	p := w.Phone(Telegram, amina())
	p.Text("trop tôt")
	_, _, info := w.call("getWebhookInfo", nil)
	if n := info.(map[string]any)["pending_update_count"]; n != 1.0 {
		t.Errorf("%v updates wait", n)
	}
	w.bot()
	if got := w.lastUpdate()["message"].(map[string]any)["text"]; got != "trop tôt" {
		t.Errorf("got %v", got)
	}
}

func TestTelegramHonoursRetryAfter(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	refused := false
	start := time.Now()
	app := newPictureServer(t, http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		if !refused {
			refused = true
			rw.Header().Set("Retry-After", "1")
			rw.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	w.call("setWebhook", map[string]any{"url": app})
	w.Phone(Telegram, amina()).Text("bonjour")
	w.idle()
	if d := time.Since(start); d < time.Second {
		t.Errorf("tried again after %s", d)
	}
}

func TestTelegramOneUpdateInFlightPerChat(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	b := w.bot()
	amine, rosa := w.Phone(Telegram, amina()), w.Phone(Telegram, Owner{Name: "Rosa"})
	amine.Text("bonjour")
	w.idle()
	if _, err := b.SendMessage(t.Context(), &bot.SendMessageParams{ChatID: amine.id, Text: "?", ReplyMarkup: &models.InlineKeyboardMarkup{
		InlineKeyboard: [][]models.InlineKeyboardButton{{{Text: "Oui", CallbackData: "y"}}}}}); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	flying, most := map[string]int{}, map[string]int{}
	open := make(chan struct{})
	app := newPictureServer(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var u struct {
			Message  *struct{ Chat struct{ ID int64 } }
			Callback *struct{} `json:"callback_query"`
		}
		if err := json.NewDecoder(r.Body).Decode(&u); err != nil {
			t.Error(err)
		}
		key := "taps"
		if u.Message != nil {
			key = fmt.Sprint(u.Message.Chat.ID)
		}
		mu.Lock()
		flying[key]++
		flying["all"]++
		most[key], most["all"] = max(most[key], flying[key]), max(most["all"], flying["all"])
		mu.Unlock()
		<-open
		mu.Lock()
		flying[key]--
		flying["all"]--
		mu.Unlock()
	}))
	w.call("setWebhook", map[string]any{"url": app})
	for range 3 {
		amine.Text("x")
		rosa.Text("x")
		if err := amine.Tap("Oui"); err != nil {
			t.Fatal(err)
		}
	}
	for late := time.Now().Add(5 * time.Second); time.Now().Before(late); time.Sleep(5 * time.Millisecond) {
		mu.Lock()
		n := most["all"]
		mu.Unlock()
		if n == 3 {
			break
		}
	}
	close(open)
	w.idle()
	if most[amine.Address()] != 1 || most[rosa.Address()] != 1 || most["taps"] != 1 || most["all"] != 3 {
		t.Errorf("in flight at once: %v; want 1 of each chat, 1 tap beside them", most)
	}
}

func TestAcquainted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{Acquainted: true})
	w.bot()
	id := TelegramID(amina().Number)
	if code, description, _ := w.call("sendMessage", map[string]any{"chat_id": id, "text": "Votre commande est prête"}); code != http.StatusOK {
		t.Fatal(description)
	}
	p := w.Phone(Telegram, amina())
	if said := p.Said(""); p.id != id || len(said) != 1 {
		t.Errorf("phone %d, said %v; want %d", p.id, said, id)
	}
	p.Text("merci")
	if got := w.lastUpdate()["message"].(map[string]any)["from"].(map[string]any); got["id"] != float64(id) || got["first_name"] != "Amina" {
		t.Errorf("from %v", got)
	}
	if code, m := w.post(url.Values{"From": {DefaultWhatsAppFrom}, "To": {"whatsapp:+212612345678"}, "Body": {"x"}}); code != 0 {
		t.Errorf("%d %v", code, m)
	}
	w.idle()
	if said := w.Phone(WhatsApp, amina()).Said(""); len(said) != 1 || said[0].Status != "read" {
		t.Errorf("WhatsApp said %+v", said)
	}
	w.clean()
}
