package simulator

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	contentapi "github.com/twilio/twilio-go/rest/content/v1"
)

// spot is where something stands on the screen now: its middle.
type spot struct{ X, Y float64 }

func (w *world) spot(ctx context.Context, channel Channel, selector string) spot {
	w.t.Helper()
	return value[spot](w, ctx, fmt.Sprintf(`(() => { const r = document.querySelector('[data-channel=%q] %s').getBoundingClientRect(); return {X: r.x + r.width / 2, Y: r.y + r.height / 2}; })()`, channel, selector))
}

// A tap counts although the message under the finger changes, others arrive and the phone reads everything again while it is down.
func TestATapOutlivesWhatArrivesMeanwhile(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	s := &speaker{w, w.bot()}
	ctx := w.tab(browser(t), "/simulator?lang=fr", 1280, 860)
	tg, wa := w.Phone(Telegram, amina()), w.Phone(WhatsApp, amina())
	w.drive(ctx, write(Telegram, "bonjour"), write(WhatsApp, "salam"))
	w.nextUpdate()
	w.nextForm()
	s.telegram(tg, "Combien de pots ?", []string{"1", "2", "3"})
	w.sees(ctx, Telegram, "Combien de pots")

	at := w.spot(ctx, Telegram, ".keys-row button:nth-child(2)")
	w.drive(ctx, chromedp.MouseEvent(chromedp.MousePressed, at.X, at.Y, chromedp.ButtonLeft, chromedp.ClickCount(1)))
	for i := range 12 {
		s.telegram(tg, fmt.Sprintf("Autre message, le %de de ceux qui poussent les boutons vers le haut.", i+1))
	}
	asked, err := strconv.Atoi(tg.Messages()[1].ID)
	if err != nil {
		t.Fatal(err)
	}
	keys := &models.InlineKeyboardMarkup{InlineKeyboard: [][]models.InlineKeyboardButton{{{Text: "1", CallbackData: "x:1"}, {Text: "2", CallbackData: "x:2"}}}}
	if _, err := s.bot.EditMessageText(t.Context(), &bot.EditMessageTextParams{ChatID: tg.id, MessageID: asked, Text: "Combien de pots de miel, donc ?", ReplyMarkup: keys}); err != nil {
		t.Fatal(err)
	}
	w.until(ctx, `Number(document.querySelector('[data-channel="telegram"]').dataset.held) >= 13`)
	w.drive(ctx, chromedp.MouseEvent(chromedp.MouseReleased, at.X, at.Y, chromedp.ButtonLeft, chromedp.ClickCount(1)))
	if query := w.nextUpdate()["callback_query"].(map[string]any); query["data"] != "x:2" {
		t.Errorf("tapped: %v", query)
	}
	w.sees(ctx, Telegram, "le 12e")
	w.sees(ctx, Telegram, "miel, donc")

	// A message that only changes keeps its buttons: the very same element, which may be focused or half pressed.
	s.shows(wa, replies("Au relais", "À la maison", "Menu"), `{"1":"Où la recevoir ?"}`)
	w.sees(ctx, WhatsApp, "Où la recevoir")
	value[any](w, ctx, `(() => { window.kept = document.querySelector('[data-channel="whatsapp"] .keys-row button'); kept.focus(); })()`)
	w.idle()
	s.twilio(wa, body("Bonne journée."))
	w.sees(ctx, WhatsApp, "Bonne journée")
	w.until(ctx, `document.querySelector('[data-channel="whatsapp"] .tick').classList.contains('read')`)
	if !value[bool](w, ctx, `kept.isConnected && document.activeElement === kept`) {
		t.Error("a change of the message took its button from under the finger")
	}
}

// What has appeared stays where it is: a list's sheet while it comes up, buttons while a picture above them is fetched.
func TestWhatCanBeTappedDoesNotMove(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	s := &speaker{w, w.bot()}
	ctx := w.tab(browser(t), "/simulator?lang=fr", 1280, 860)
	tg, wa := w.Phone(Telegram, amina()), w.Phone(WhatsApp, amina())
	w.drive(ctx, write(Telegram, "bonjour"), write(WhatsApp, "salam"))
	w.nextUpdate()
	w.nextForm()

	s.shows(wa, picker(contentapi.ListItem{Id: "miel", Item: "Miel"}, contentapi.ListItem{Id: "huile", Item: "Huile d’argan"}, contentapi.ListItem{Id: "tapis", Item: "Tapis"}), `{"body":"Que cherchez-vous ?"}`)
	w.sees(ctx, WhatsApp, "Que cherchez-vous")
	w.until(ctx, `document.querySelector('[data-channel="whatsapp"] .open-list') !== null`)
	const moved = `(() => {
		document.querySelector('[data-channel="whatsapp"] .open-list').click();
		const item = document.querySelector('[data-channel="whatsapp"] .sheet-items button:nth-child(2)');
		const all = document.getAnimations({subtree: true}).filter((a) => a.effect.getTiming().iterations !== Infinity);
		if (!all.some((a) => a.animationName === 'rise')) return -1;
		for (const a of all) { a.pause(); a.currentTime = 0; }
		const first = item.getBoundingClientRect().y;
		for (const a of all) a.finish();
		return Math.abs(item.getBoundingClientRect().y - first);
	})()`
	if by := value[float64](w, ctx, moved); by != 0 {
		t.Errorf("the sheet's items moved by %v px while it appeared", by)
	}

	// A picture that takes its time, above buttons that do not wait for it: the stream of events stands for one that never ends.
	if _, err := s.bot.SendPhoto(t.Context(), &bot.SendPhotoParams{ChatID: tg.id, Caption: "Miel de thym",
		Photo: &models.InputFileUpload{Filename: "miel.jpg", Data: bytes.NewReader(drawnPhoto())}}); err != nil {
		t.Fatal(err)
	}
	s.telegram(tg, "Combien de pots ?", []string{"1", "2", "3"})
	w.sees(ctx, Telegram, "Combien de pots")
	const picture = `document.querySelector('[data-channel="telegram"] .row.souk img')`
	w.until(ctx, picture+`.naturalWidth > 0`)
	there := w.spot(ctx, Telegram, ".keys-row button:nth-child(2)")
	value[any](w, ctx, picture+`.src = '/simulator/events?phone=nobody'`)
	w.until(ctx, picture+`.naturalWidth === 0`)
	if coming := w.spot(ctx, Telegram, ".keys-row button:nth-child(2)"); coming != there {
		t.Errorf("the buttons stand at %v before the picture is there, at %v after", coming, there)
	}
}
