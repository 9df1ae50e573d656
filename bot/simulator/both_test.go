package simulator

import (
	"testing"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	twilioapi "github.com/twilio/twilio-go/rest/api/v2010"
)

func TestBothProvidersEndToEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	b := w.bot()
	p := w.Phone(Telegram, amina())
	p.Text("bonjour")
	u := w.lastUpdate()
	chat := u["message"].(map[string]any)["chat"].(map[string]any)["id"]
	m, err := b.SendMessage(t.Context(), &bot.SendMessageParams{ChatID: int64(chat.(float64)), Text: "<b>Bienvenue</b> au Souk", ParseMode: models.ParseModeHTML,
		ReplyMarkup: &models.InlineKeyboardMarkup{InlineKeyboard: [][]models.InlineKeyboardButton{{{Text: "Commander", CallbackData: "m:1"}}}}})
	if err != nil {
		t.Fatal(err)
	}
	if m.Text != "Bienvenue au Souk" || len(m.Entities) != 1 {
		t.Errorf("%+v", m)
	}
	if err := p.Tap("Commander"); err != nil {
		t.Fatal(err)
	}
	u = w.lastUpdate()
	q := u["callback_query"].(map[string]any)
	if q["data"] != "m:1" {
		t.Error(q)
	}
	if _, err := b.AnswerCallbackQuery(t.Context(), &bot.AnswerCallbackQueryParams{CallbackQueryID: q["id"].(string)}); err != nil {
		t.Fatal(err)
	}
	wa := w.Phone(WhatsApp, amina())
	wa.Text("salam")
	if f := w.lastForm(); f.Get("Body") != "salam" || f.Get("ProfileName") != "Amina" {
		t.Error(f)
	}
	params := &twilioapi.CreateMessageParams{}
	params.SetTo(wa.Address()).SetFrom(DefaultWhatsAppFrom).SetBody("Bienvenue").SetStatusCallback(w.app.URL + "/webhooks/twilio/status?id=7")
	msg, err := w.messagesAPI().CreateMessage(params)
	if err != nil {
		t.Fatal(err)
	}
	w.idle()
	if got := wa.Said(""); len(got) != 1 || got[0].Status != "read" || got[0].ID != *msg.Sid {
		t.Errorf("%+v", got)
	}
	if len(w.statuses) != 4 {
		t.Error(w.statuses)
	}
	w.clean()
}
