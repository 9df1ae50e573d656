package simulator

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	twilioapi "github.com/twilio/twilio-go/rest/api/v2010"
	contentapi "github.com/twilio/twilio-go/rest/content/v1"
)

// go test ./bot/simulator -run Page -shots DIR keeps pictures of what was driven.
var shots = flag.String("shots", "", "keep screenshots of the phones in this directory")

// browser opens a headless chromium that leaves the machine alone.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Fatal("no chromium in PATH: `make test` installs it")
	}
	options := []chromedp.ExecAllocatorOption{chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Headless,
		chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-quic", true), chromedp.Flag("no-first-run", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.WSURLReadTimeout(time.Minute)}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// tab is one page of the browser, a phone's or a desktop's width.
func (w *world) tab(ctx context.Context, address string, width, height int64) context.Context {
	w.t.Helper()
	ctx, cancel := chromedp.NewContext(ctx)
	w.t.Cleanup(cancel)
	w.drive(ctx, chromedp.EmulateViewport(width, height), chromedp.Navigate(w.server.URL+address), ready())
	return ctx
}

// step is something done in the browser.
type step = chromedp.Action[chromedp.Void]

func ready() step { return chromedp.WaitVisible(chromedp.CSS(`html[data-ready="true"]`)) }

func (w *world) drive(ctx context.Context, steps ...step) {
	w.t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		w.t.Fatal(err)
	}
}

// value is what a script of the page says.
func value[T any](w *world, ctx context.Context, script string) T {
	w.t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](script))
	if err != nil {
		w.t.Fatalf("%s: %v", script, err)
	}
	return v
}

// until waits for a script of the page to be true.
func (w *world) until(ctx context.Context, script string) {
	w.t.Helper()
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](script, chromedp.WithPollingTimeout(30*time.Second))); err != nil {
		w.t.Fatalf("%s: %v", script, err)
	}
}

func (w *world) shot(ctx context.Context, name string) {
	w.t.Helper()
	if *shots == "" {
		return
	}
	w.drive(ctx, chromedp.Sleep(300*time.Millisecond))
	picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*shots, name+".png"), picture, 0o644); err != nil {
		w.t.Fatal(err)
	}
}

// write types into a phone of the page and presses Enter.
func write(channel Channel, text string) step {
	return chromedp.SendKeys(within(channel, "textarea"), text+"\r")
}

// sees waits until a phone of the page shows the text.
func (w *world) sees(ctx context.Context, channel Channel, text string) {
	w.t.Helper()
	script := fmt.Sprintf(`document.querySelector('[data-channel=%q] .chat').innerText.includes(%q)`, channel, text)
	w.until(ctx, script)
}

func within(channel Channel, selector string) chromedp.CSS {
	return chromedp.CSS(fmt.Sprintf(`[data-channel=%q] %s`, channel, selector))
}

func click(channel Channel, selector string) step { return chromedp.Click(within(channel, selector)) }

// speaker answers over both providers, as an application would.
type speaker struct {
	*world
	bot *bot.Bot
}

func (s *speaker) telegram(p *Phone, html string, rows ...[]string) {
	s.t.Helper()
	keys := &models.InlineKeyboardMarkup{InlineKeyboard: [][]models.InlineKeyboardButton{}}
	for _, row := range rows {
		var line []models.InlineKeyboardButton
		for _, label := range row {
			line = append(line, models.InlineKeyboardButton{Text: label, CallbackData: "x:" + label[:min(8, len(label))]})
		}
		keys.InlineKeyboard = append(keys.InlineKeyboard, line)
	}
	if _, err := s.bot.SendMessage(s.t.Context(), &bot.SendMessageParams{ChatID: p.id, Text: html, ParseMode: models.ParseModeHTML, ReplyMarkup: keys}); err != nil {
		s.t.Fatal(err)
	}
}

func (s *speaker) twilio(p *Phone, set func(*twilioapi.CreateMessageParams)) {
	s.t.Helper()
	if _, err := s.send(p, set); err != nil {
		s.t.Fatal(err)
	}
}

func body(text string) func(*twilioapi.CreateMessageParams) {
	return func(p *twilioapi.CreateMessageParams) { p.SetBody(text) }
}

func (s *speaker) shows(p *Phone, c *contentapi.ContentCreateRequest, variables string) {
	s.t.Helper()
	sid, err := s.content(c)
	if err != nil {
		s.t.Fatal(err)
	}
	s.twilio(p, func(m *twilioapi.CreateMessageParams) { m.SetContentSid(sid).SetContentVariables(variables) })
}

func TestPageInFrench(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	s := &speaker{w, w.bot()}
	ctx := w.tab(browser(t), "/simulator?lang=fr", 1280, 860)
	tg, wa, sms := w.Phone(Telegram, amina()), w.Phone(WhatsApp, amina()), w.Phone(SMS, amina())
	w.shot(ctx, "fr-1280-empty")

	// Telegram: text, a card with a photo, a tap, a reply, an edit.
	w.drive(ctx, write(Telegram, "bonjour, je cherche du miel"))
	if got := w.nextUpdate()["message"].(map[string]any)["text"]; got != "bonjour, je cherche du miel" {
		t.Errorf("arrived: %v", got)
	}
	if _, err := s.bot.SendChatAction(t.Context(), &bot.SendChatActionParams{ChatID: tg.id, Action: models.ChatActionTyping}); err != nil {
		t.Fatal(err)
	}
	w.drive(ctx, chromedp.WaitVisible(chromedp.CSS(`[data-channel="telegram"].typing`)))
	if _, err := s.bot.SendPhoto(t.Context(), &bot.SendPhotoParams{ChatID: tg.id, ParseMode: models.ParseModeHTML,
		Photo:   &models.InputFileUpload{Filename: "miel.jpg", Data: strings.NewReader(string(drawnPhoto()))},
		Caption: "<b>Miel de thym</b> · 250 g\nCoopérative Tamount, Azilal\n<b>70 dh</b> · 12 en stock"}); err != nil {
		t.Fatal(err)
	}
	s.telegram(tg, "Combien de pots de <b>miel de thym</b> ?", []string{"1", "2", "3"}, []string{"↩ Retour"})
	w.sees(ctx, Telegram, "Combien de pots")
	w.drive(ctx, click(Telegram, ".keys-row button:nth-child(2)"))
	query := w.nextUpdate()["callback_query"].(map[string]any)
	if query["data"] != "x:2" {
		t.Errorf("tapped: %v", query)
	}
	if _, err := s.bot.AnswerCallbackQuery(t.Context(), &bot.AnswerCallbackQueryParams{CallbackQueryID: query["id"].(string), Text: "Ajouté au panier"}); err != nil {
		t.Fatal(err)
	}
	w.drive(ctx, chromedp.WaitVisible(chromedp.CSS(`[data-channel="telegram"] .toast`)))
	value[any](w, ctx, `document.querySelector('[data-channel="telegram"] .row.souk .actions button').click()`)
	w.drive(ctx, write(Telegram, "Il est pur ?"))
	if q := w.nextUpdate()["message"].(map[string]any)["reply_to_message"]; q == nil {
		t.Error("the reply quotes nothing")
	}
	s.telegram(tg, "Oui, analysé par l’ONSSA. 2 × 70 = <b>140 dh</b>, retrait à Casablanca jeudi.", []string{"Confirmer"})

	// WhatsApp: a list, an item, quick replies, a location, a photo.
	w.drive(ctx, write(WhatsApp, "salam"))
	w.nextForm()
	s.twilio(wa, body("Bienvenue au *Souk* des coopératives ! On vous répond ici, en français ou بالعربية."))
	s.shows(wa, picker(contentapi.ListItem{Id: "miel", Item: "Miel", Description: "{{d1}}"}, contentapi.ListItem{Id: "huile", Item: "Huile d’argan", Description: "Souss, 6 coopératives"},
		contentapi.ListItem{Id: "tapis", Item: "Tapis et tissages"}), `{"body":"Que cherchez-vous ?","d1":"Thym, euphorbe, oranger"}`)
	w.sees(ctx, WhatsApp, "Que cherchez-vous")
	w.drive(ctx, click(WhatsApp, ".open-list"), chromedp.WaitVisible(chromedp.CSS(`[data-channel="whatsapp"] .sheet`)))
	w.shot(ctx, "fr-1280-sheet")
	w.drive(ctx, click(WhatsApp, ".sheet-items button:nth-child(2)"))
	if f := w.nextForm(); f.Get("ListId") != "huile" {
		t.Errorf("picked: %v", f)
	}
	s.shows(wa, replies("Au relais", "À la maison", "Menu"), `{"1":"*Huile d’argan*, 2 × 110 dh. Où la recevoir ?"}`)
	w.sees(ctx, WhatsApp, "Où la recevoir")
	w.drive(ctx, click(WhatsApp, ".keys-row:nth-child(1) button"))
	if f := w.nextForm(); f.Get("ButtonText") != "Au relais" {
		t.Errorf("tapped: %v", f)
	}
	w.drive(ctx, click(WhatsApp, "[data-do=menu]"), click(WhatsApp, "[data-do=location]"))
	if f := w.nextForm(); f.Get("Latitude") == "" {
		t.Errorf("location: %v", f)
	}
	w.drive(ctx, click(WhatsApp, ".mic"), chromedp.WaitVisible(chromedp.CSS(`[data-channel="whatsapp"].recording`)), click(WhatsApp, ".mic"))
	if f := w.nextForm(); f.Get("MediaContentType0") != "audio/ogg" {
		t.Errorf("voice note: %v", f)
	}
	picture := filepath.Join(t.TempDir(), "pot.jpg")
	if err := os.WriteFile(picture, drawnPhoto(), 0o644); err != nil {
		t.Fatal(err)
	}
	w.drive(ctx, chromedp.SetUploadFiles(within(WhatsApp, "input[type=file]"), []string{picture}))
	w.sees(ctx, WhatsApp, "Au relais")
	w.until(ctx, `document.querySelectorAll('[data-channel="whatsapp"] .mine img').length === 1`)
	if f := w.nextForm(); f.Get("MediaContentType0") != "image/jpeg" {
		t.Errorf("photo: %v", f)
	}

	// The old phone: numbered menus, the keypad, what an SMS costs.
	w.drive(ctx, chromedp.SendKeys(within(SMS, "textarea"), "prêt"))
	if counter := value[string](w, ctx, `document.querySelector('.counter').textContent`); counter != "4/70" {
		t.Errorf("the counter says %q", counter)
	}
	value[any](w, ctx, `document.querySelector('[data-channel="sms"] textarea').value = ''`)
	w.drive(ctx, write(SMS, "miel"))
	w.nextForm()
	s.twilio(sms, body("Souk. Miel:\n1 Thym 250g 70dh\n2 Euphorbe 250g 120dh\n3 Oranger 500g 90dh\nTapez le numero. SUITE pour d'autres."))
	w.sees(ctx, SMS, "Euphorbe")
	w.drive(ctx, click(SMS, `[data-key="2"]`), click(SMS, `[data-do="submit"]`))
	if f := w.nextForm(); f.Get("Body") != "2" {
		t.Errorf("keyed: %v", f)
	}
	s.twilio(sms, body("Miel d'euphorbe 250g, 120dh. Combien ?"))
	w.sees(ctx, SMS, "Combien")
	w.shot(ctx, "fr-1280")
	w.clean()

	// Another number is another person, with an empty chat.
	value[any](w, ctx, `(() => { const n = document.querySelector('[data-channel="sms"] [name=number]'); n.value = '+212700000001'; n.dispatchEvent(new Event('change', {bubbles: true})); })()`)
	w.until(ctx, `document.querySelectorAll('[data-channel="sms"] .row').length === 0`)
	w.drive(ctx, write(SMS, "bonsoir"))
	if f := w.nextForm(); f.Get("From") != "+212700000001" {
		t.Errorf("from: %v", f.Get("From"))
	}
	// The first person's chat is still there, live, when they come back.
	w.drive(ctx, chromedp.Reload(), chromedp.WaitVisible(chromedp.CSS(`html[data-ready="true"]`)))
	w.sees(ctx, SMS, "bonsoir")
	w.sees(ctx, Telegram, "140 dh")
}

func TestPageInArabicOnAPhone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	s := &speaker{w, w.bot()}
	all := browser(t)
	owner := Owner{Name: "أمينة", Number: "+212612345678", Language: "ar"}
	tg, wa, sms := w.Phone(Telegram, owner), w.Phone(WhatsApp, owner), w.Phone(SMS, owner)
	ctx := w.tab(all, "/simulator?lang=ar", 360, 720)

	w.drive(ctx, write(Telegram, "سلام، بغيت العسل"))
	w.nextUpdate()
	s.telegram(tg, "مرحبا بكم في <b>السوق</b> 🍯\nعسل الزعتر \u2068250 g\u2069 بثمن <b>70 درهما</b>.\nكم علبة؟", []string{"1", "2", "3"}, []string{"القائمة"})
	w.sees(ctx, Telegram, "كم علبة")
	w.shot(ctx, "ar-360-telegram")
	if _, err := s.bot.SendMessage(t.Context(), &bot.SendMessageParams{ChatID: tg.id, Text: "ما هو رقم الهاتف؟", ReplyMarkup: &models.ReplyKeyboardMarkup{
		Keyboard: [][]models.KeyboardButton{{{Text: "إرسال رقمي", RequestContact: true}}}, ResizeKeyboard: true, OneTimeKeyboard: true}}); err != nil {
		t.Fatal(err)
	}
	w.drive(ctx, click(Telegram, ".keyboard button"))
	if c := w.nextUpdate()["message"].(map[string]any)["contact"]; c == nil || c.(map[string]any)["phone_number"] != "+212612345678" {
		t.Errorf("the key shared %v", c)
	}
	if _, err := s.bot.SendMessage(t.Context(), &bot.SendMessageParams{ChatID: tg.id, Text: "شكرا", ReplyMarkup: &models.ReplyKeyboardRemove{RemoveKeyboard: true}}); err != nil {
		t.Fatal(err)
	}
	w.until(ctx, `document.querySelector('[data-channel="telegram"] .keyboard').hidden`)
	// The menu by keyboard alone: opened, walked, left.
	value[any](w, ctx, `document.querySelector('[data-channel="telegram"] [data-do=menu]').focus()`)
	w.drive(ctx, chromedp.KeyEvent("\r"))
	w.until(ctx, `document.activeElement.getAttribute('role') === 'menuitem'`)
	w.drive(ctx, chromedp.KeyEvent(kb.Escape))
	w.until(ctx, `document.activeElement.dataset.do === 'menu' && document.querySelector('[data-channel="telegram"] .menu').hidden`)
	direction := value[string](w, ctx, `getComputedStyle(document.querySelector('[data-channel="telegram"] .souk .text')).direction`)
	align := value[string](w, ctx, `(() => { const r = document.querySelector('[data-channel="telegram"] .mine .bubble').getBoundingClientRect(); return r.left < innerWidth - r.right ? 'left' : 'right'; })()`)
	if direction != "rtl" || align != "left" {
		t.Errorf("Arabic reads %s, one's own words stand %s", direction, align)
	}

	w.drive(ctx, chromedp.Click(chromedp.CSS(`[data-tab="whatsapp"]`)))
	w.until(ctx, `document.querySelector('[data-tab="whatsapp"]').getAttribute('aria-selected') === 'true'`)
	w.drive(ctx, write(WhatsApp, "السلام عليكم"))
	w.nextForm()
	s.shows(wa, replies("الطلب", "تتبع طلبية", "التحدث مع شخص"), `{"1":"وعليكم السلام. كيف يمكننا المساعدة؟"}`)
	w.sees(ctx, WhatsApp, "كيف يمكننا")
	w.shot(ctx, "ar-360-whatsapp")

	w.drive(ctx, chromedp.Click(chromedp.CSS(`[data-tab="sms"]`)))
	w.until(ctx, `document.querySelector('[data-tab="sms"]').getAttribute('aria-selected') === 'true'`)
	w.drive(ctx, write(SMS, "عسل"))
	w.nextForm()
	s.twilio(sms, body("السوق. العسل:\n1 الزعتر 250غ 70 درهم\n2 الدغموس 250غ 120 درهم\nالرقم من فضلكم"))
	w.sees(ctx, SMS, "الدغموس")
	w.shot(ctx, "ar-360-sms")

	// Nothing is wider than the screen.
	if value[bool](w, ctx, `document.documentElement.scrollWidth > innerWidth`) {
		t.Error("the page is wider than 360 px")
	}
	if *shots != "" {
		w.shot(w.tab(ctx, "/simulator?lang=ar", 1280, 860), "ar-1280")
	}
	w.clean()
}
