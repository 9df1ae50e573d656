package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"image"
	"image/png"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
)

// call posts JSON to a method and returns the error's description, "" when ok.
func (w *world) call(method string, params map[string]any) (code int, description string, result any) {
	w.t.Helper()
	body, err := json.Marshal(params)
	if err != nil {
		w.t.Fatal(err)
	}
	resp, err := http.Post(w.server.URL+"/bot"+DefaultTelegramToken+"/"+method, "application/json", bytes.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct {
		OK          bool
		Description string
		ErrorCode   int `json:"error_code"`
		Result      any
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		w.t.Fatal(err)
	}
	if answer.OK != (resp.StatusCode == http.StatusOK) || answer.ErrorCode != 0 && answer.ErrorCode != resp.StatusCode {
		w.t.Errorf("%s: ok %v and error_code %d with status %d", method, answer.OK, answer.ErrorCode, resp.StatusCode)
	}
	if answer.OK {
		if err := w.api.checkAny(answer.Result, w.api.Methods[method].Returns, false); err != nil {
			w.t.Errorf("%s: the answer breaks the contract: %v", method, err)
		}
	}
	return resp.StatusCode, answer.Description, answer.Result
}

func buttons(rows ...[]map[string]any) map[string]any {
	return map[string]any{"inline_keyboard": rows}
}

func TestTelegramRules(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	w.bot()
	p := w.Phone(Telegram, amina())
	first := p.Text("bonjour")
	w.idle()
	id := p.id
	stranger := w.Phone(Telegram, Owner{Name: "Stranger"})
	text := func(s string) map[string]any { return map[string]any{"chat_id": id, "text": s} }
	html := func(s string) map[string]any {
		return map[string]any{"chat_id": id, "text": s, "parse_mode": "HTML"}
	}
	key := func(b map[string]any) map[string]any {
		return map[string]any{"chat_id": id, "text": "x", "reply_markup": buttons([]map[string]any{b})}
	}
	for _, c := range []struct {
		name   string
		method string
		params map[string]any
		want   string // part of the description; "" when it must pass
	}{
		{"text", "sendMessage", text("bonjour"), ""},
		{"no text", "sendMessage", map[string]any{"chat_id": id}, `"text" is required`},
		{"blank text", "sendMessage", text(" \n "), "text is empty"},
		{"unknown field", "sendMessage", map[string]any{"chat_id": id, "text": "x", "txt": "y"}, `unknown field "txt"`},
		{"wrong type", "sendMessage", map[string]any{"chat_id": id, "text": 5}, "not a string"},
		{"4096 units", "sendMessage", text(strings.Repeat("ع", 4096)), ""},
		{"4097 units", "sendMessage", text(strings.Repeat("ع", 4097)), "too long"},
		{"2048 pairs", "sendMessage", text(strings.Repeat("🍯", 2048)), ""},
		{"2049 pairs", "sendMessage", text(strings.Repeat("🍯", 2049)), "too long"},
		{"markup does not count", "sendMessage", html("<b>" + strings.Repeat("a", 4096) + "</b>"), ""},
		{"html", "sendMessage", html(`<b>a <i>b</i></b> <a href="https://souk.example/p/1?a=1&amp;b=2">x</a> &lt;3 &#39;ok&#x27;`), ""},
		{"html pre", "sendMessage", html(`<pre><code class="language-go">x</code></pre><blockquote expandable>q</blockquote><tg-spoiler>s</tg-spoiler>`), ""},
		{"html foreign tag", "sendMessage", html("<p>x</p>"), "Unsupported start tag"},
		{"html br", "sendMessage", html("a<br>b"), "Unsupported start tag"},
		{"html attribute", "sendMessage", html(`<b class="x">x</b>`), "Unsupported attribute"},
		{"html script link", "sendMessage", html(`<a href="javascript:x">x</a>`), "needs a link"},
		{"html not closed", "sendMessage", html("<b>x"), "Can't find end tag"},
		{"html badly nested", "sendMessage", html("<b><i>x</b></i>"), "Unmatched end tag"},
		{"html end alone", "sendMessage", html("x</b>"), "Unexpected end tag"},
		{"html bare <", "sendMessage", html("2 < 3"), "Unclosed start tag"},
		{"html bare >", "sendMessage", html("3 > 2"), "must be escaped"},
		{"html bare &", "sendMessage", html("a & b"), "must be escaped"},
		{"html foreign entity", "sendMessage", html("a&nbsp;b"), "Unknown entity"},
		{"html in code", "sendMessage", html("<code><b>x</b></code>"), "can't be nested"},
		{"html only tags", "sendMessage", html("<b></b>"), "text is empty"},
		{"bare < without parse mode", "sendMessage", text("2 < 3 & 4"), ""},
		{"markdown", "sendMessage", map[string]any{"chat_id": id, "text": "x", "parse_mode": "MarkdownV2"}, "unsupported parse_mode"},
		{"entity beyond the text", "sendMessage", map[string]any{"chat_id": id, "text": "abc", "entities": []any{map[string]any{"type": "bold", "offset": 1, "length": 9}}}, "ENTITY_BOUNDS"},
		{"entity", "sendMessage", map[string]any{"chat_id": id, "text": "abc", "entities": []any{map[string]any{"type": "bold", "offset": 0, "length": 3}}}, ""},
		{"unknown chat", "sendMessage", map[string]any{"chat_id": 42, "text": "x"}, "chat not found"},
		{"never started", "sendMessage", map[string]any{"chat_id": stranger.id, "text": "x"}, "can't initiate conversation"},
		{"quote", "sendMessage", map[string]any{"chat_id": id, "text": "x", "reply_parameters": map[string]any{"message_id": messageNumber(first)}}, ""},
		{"quote of nothing", "sendMessage", map[string]any{"chat_id": id, "text": "x", "reply_parameters": map[string]any{"message_id": 1}}, "message to be replied not found"},
		{"quote of nothing, allowed", "sendMessage", map[string]any{"chat_id": id, "text": "x", "reply_parameters": map[string]any{"message_id": 1, "allow_sending_without_reply": true}}, ""},
		{"button", "sendMessage", key(map[string]any{"text": "a", "callback_data": "d"}), ""},
		{"64 bytes", "sendMessage", key(map[string]any{"text": "a", "callback_data": strings.Repeat("d", 64)}), ""},
		{"65 bytes", "sendMessage", key(map[string]any{"text": "a", "callback_data": strings.Repeat("d", 65)}), "BUTTON_DATA_INVALID"},
		{"33 Arabic letters are 66 bytes", "sendMessage", key(map[string]any{"text": "a", "callback_data": strings.Repeat("ع", 33)}), "BUTTON_DATA_INVALID"},
		{"no data", "sendMessage", key(map[string]any{"text": "a", "callback_data": ""}), "BUTTON_DATA_INVALID"},
		{"no kind", "sendMessage", key(map[string]any{"text": "a"}), "exactly one type"},
		{"two kinds", "sendMessage", key(map[string]any{"text": "a", "callback_data": "d", "url": "https://souk.example"}), "exactly one type"},
		{"empty copy_text", "sendMessage", key(map[string]any{"text": "a", "callback_data": "d", "copy_text": map[string]any{"text": ""}}), ""},
		{"no label", "sendMessage", key(map[string]any{"text": " ", "callback_data": "d"}), "text must be non-empty"},
		{"label missing", "sendMessage", key(map[string]any{"callback_data": "d"}), `"text" is required`},
		{"foreign field in a button", "sendMessage", key(map[string]any{"text": "a", "callback_data": "d", "color": "red"}), "unknown field"},
		{"style", "sendMessage", key(map[string]any{"text": "a", "callback_data": "d", "style": "primary"}), ""},
		{"foreign style", "sendMessage", key(map[string]any{"text": "a", "callback_data": "d", "style": "pink"}), "style"},
		{"link", "sendMessage", key(map[string]any{"text": "a", "url": "https://souk.example/p"}), ""},
		{"bad link", "sendMessage", key(map[string]any{"text": "a", "url": "souk"}), "URL"},
		{"contact key", "sendMessage", map[string]any{"chat_id": id, "text": "x", "reply_markup": map[string]any{"keyboard": [][]any{{map[string]any{"text": "Mon numéro", "request_contact": true}}}}}, ""},
		{"chat action", "sendChatAction", map[string]any{"chat_id": id, "action": "typing"}, ""},
		{"foreign chat action", "sendChatAction", map[string]any{"chat_id": id, "action": "dancing"}, "wrong parameter action"},
		{"photo by URL", "sendPhoto", map[string]any{"chat_id": id, "photo": "https://souk.example/p.jpg"}, "failed to get HTTP URL"},
		{"photo of an unknown id", "sendPhoto", map[string]any{"chat_id": id, "photo": "AgACnone"}, "wrong file identifier"},
		{"album of one", "sendMediaGroup", map[string]any{"chat_id": id, "media": []any{map[string]any{"type": "photo", "media": "x"}}}, "2 to 10"},
		{"unknown file", "getFile", map[string]any{"file_id": "x"}, "wrong file_id"},
		{"unknown tap", "answerCallbackQuery", map[string]any{"callback_query_id": "1"}, "query is too old"},
		{"long toast", "answerCallbackQuery", map[string]any{"callback_query_id": "1", "text": strings.Repeat("a", 201)}, "TOO_LONG"},
		{"commands", "setMyCommands", map[string]any{"commands": []any{map[string]any{"command": "menu", "description": "Le menu"}}}, ""},
		{"bad command", "setMyCommands", map[string]any{"commands": []any{map[string]any{"command": "Menu!", "description": "x"}}}, "BOT_COMMAND_INVALID"},
		{"commands of a scope", "setMyCommands", map[string]any{"commands": []any{}, "scope": map[string]any{"type": "all_private_chats"}}, ""},
		{"foreign scope", "setMyCommands", map[string]any{"commands": []any{}, "scope": map[string]any{"type": "friends"}}, "must be"},
		{"edit of nothing", "editMessageText", map[string]any{"chat_id": id, "message_id": 1, "text": "x"}, "message to edit not found"},
		{"edit of a person's words", "editMessageText", map[string]any{"chat_id": id, "message_id": messageNumber(first), "text": "x"}, "can't be edited"},
		{"delete of nothing", "deleteMessage", map[string]any{"chat_id": id, "message_id": 1}, "message to delete not found"},
		{"plain webhook", "setWebhook", map[string]any{"url": "http://souk.example/w"}, "HTTPS"},
		{"bad secret", "setWebhook", map[string]any{"url": "https://souk.example/w", "secret_token": "a b"}, "unallowed characters"},
		{"foreign update type", "setWebhook", map[string]any{"url": "https://souk.example/w", "allowed_updates": []any{"messages"}}, "unknown update type"},
		{"method of no one", "sendMoney", map[string]any{}, "Not Found"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := len(w.Complaints())
			_, description, _ := w.call(c.method, c.params)
			if c.want == "" && description != "" {
				t.Errorf("refused: %s", description)
			}
			if c.want != "" && !strings.Contains(description, c.want) {
				t.Errorf("answered %q, want %q", description, c.want)
			}
			if broke := len(w.Complaints()) > before; broke != (c.want != "") {
				t.Errorf("complaints went from %d to %d", before, len(w.Complaints()))
			}
		})
	}
}

func TestTelegramWrongToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	_, err := bot.New("1:wrong", bot.WithServerURL(w.server.URL))
	if !errors.Is(err, bot.ErrorUnauthorized) {
		t.Errorf("a wrong token gives %v", err)
	}
}

func testPicture(t *testing.T, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, w, h))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTelegramPhotos(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	b := w.bot()
	p := w.Phone(Telegram, amina())
	p.Text("bonjour")
	w.idle()
	send := func(data []byte, caption string) (*models.Message, error) {
		return b.SendPhoto(t.Context(), &bot.SendPhotoParams{ChatID: p.id, Caption: caption, ParseMode: models.ParseModeHTML,
			Photo: &models.InputFileUpload{Filename: "p.png", Data: bytes.NewReader(data)}})
	}
	m, err := send(testPicture(t, 300, 200), "<b>Miel</b>")
	if err != nil {
		t.Fatal(err)
	}
	if m.Caption != "Miel" || len(m.Photo) != 1 || m.Photo[0].Width != 300 {
		t.Errorf("sent %+v", m)
	}
	// What was sent once is sent again by its id.
	again, err := b.SendPhoto(t.Context(), &bot.SendPhotoParams{ChatID: p.id, Photo: &models.InputFileString{Data: m.Photo[0].FileID}})
	if err != nil {
		t.Fatal(err)
	}
	album, err := b.SendMediaGroup(t.Context(), &bot.SendMediaGroupParams{ChatID: p.id, Media: []models.InputMedia{
		&models.InputMediaPhoto{Media: "attach://one.png", MediaAttachment: bytes.NewReader(testPicture(t, 10, 10))},
		&models.InputMediaPhoto{Media: m.Photo[0].FileID, Caption: "deux"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if len(album) != 2 || album[0].MediaGroupID == "" || album[0].MediaGroupID != album[1].MediaGroupID {
		t.Errorf("album %+v", album)
	}
	if _, err := b.EditMessageMedia(t.Context(), &bot.EditMessageMediaParams{ChatID: p.id, MessageID: again.ID, Media: &models.InputMediaPhoto{
		Media: "attach://new.png", Caption: "neuf", MediaAttachment: bytes.NewReader(testPicture(t, 20, 20))}}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.EditMessageCaption(t.Context(), &bot.EditMessageCaptionParams{ChatID: p.id, MessageID: m.ID, Caption: "Miel de thym"}); err != nil {
		t.Fatal(err)
	}
	w.clean()

	for name, c := range map[string]struct {
		data    []byte
		caption string
		want    string
	}{
		"no picture":   {[]byte("plain words"), "", "IMAGE_PROCESS_FAILED"},
		"too long":     {testPicture(t, 2100, 100), "", "PHOTO_INVALID_DIMENSIONS"},
		"too big":      {testPicture(t, 6000, 4001), "", "PHOTO_INVALID_DIMENSIONS"},
		"empty":        {nil, "", "non-empty"},
		"long caption": {testPicture(t, 10, 10), strings.Repeat("a", 1025), "caption is too long"},
	} {
		if _, err := send(c.data, c.caption); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	if _, err := send(testPicture(t, 2000, 100), strings.Repeat("a", 1024)); err != nil {
		t.Errorf("the largest allowed: %v", err)
	}
	if _, err := b.EditMessageText(t.Context(), &bot.EditMessageTextParams{ChatID: p.id, MessageID: m.ID, Text: "x"}); err == nil || !strings.Contains(err.Error(), "no text in the message") {
		t.Errorf("editing a photo's text: %v", err)
	}
	if _, err := b.EditMessageCaption(t.Context(), &bot.EditMessageCaptionParams{ChatID: p.id, MessageID: m.ID, Caption: "Miel de thym"}); err == nil || !strings.Contains(err.Error(), "not modified") {
		t.Errorf("editing nothing: %v", err)
	}
}

func TestTelegramFilesOfPeople(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	b := w.bot()
	p := w.Phone(Telegram, amina())
	data := testPicture(t, 400, 200)
	if _, err := p.Photo(data, "mon miel"); err != nil {
		t.Fatal(err)
	}
	message := w.lastUpdate()["message"].(map[string]any)
	sizes := message["photo"].([]any)
	if len(sizes) != 2 || message["caption"] != "mon miel" {
		t.Fatalf("photo %v", message)
	}
	f, err := b.GetFile(t.Context(), &bot.GetFileParams{FileID: sizes[1].(map[string]any)["file_id"].(string)})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Get(b.FileDownloadLink(f))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil || !bytes.Equal(got, data) {
		t.Errorf("downloaded %d bytes, %v; want %d", len(got), err, len(data))
	}
	// Without end: Go's client tries a GET again on a fresh connection.
	w.inject(Fault{Provider: "telegram", Method: "file", Kind: FaultLost, Count: -1})
	if resp, err := http.Get(b.FileDownloadLink(f)); err == nil {
		resp.Body.Close()
		t.Error("a lost download has an answer")
	}
	w.Heal()
	p.Document(make([]byte, maxDownloadBytes+1), "image/png", "")
	document := w.lastUpdate()["message"].(map[string]any)["document"].(map[string]any)
	if document["mime_type"] != "image/png" || document["file_size"] != float64(maxDownloadBytes+1) {
		t.Errorf("document %v", document)
	}
	if _, err := b.GetFile(t.Context(), &bot.GetFileParams{FileID: document["file_id"].(string)}); err == nil || !strings.Contains(err.Error(), "too big") {
		t.Errorf("a file of more than 20 MB: %v", err)
	}
	p.Voice(nil, 4)
	voice := w.lastUpdate()["message"].(map[string]any)["voice"].(map[string]any)
	if voice["duration"] != 4.0 || voice["mime_type"] != "audio/ogg" {
		t.Errorf("voice %v", voice)
	}
	w.clean()
}

func TestTelegramAlbums(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	w.bot()
	p := w.Phone(Telegram, amina())
	groups := map[any]int{}
	for range 2 {
		ids, err := p.Album([][]byte{testPicture(t, 40, 20), nil, testPicture(t, 20, 40)}, "mes tapis")
		if err != nil || len(ids) != 3 {
			t.Fatal(ids, err)
		}
		last := w.lastUpdate()["message"].(map[string]any)
		if last["caption"] != nil || last["media_group_id"] == nil {
			t.Errorf("the last of an album: %v", last)
		}
		groups[last["media_group_id"]]++
	}
	if len(groups) != 2 {
		t.Errorf("two albums are %v", groups)
	}
	if _, err := p.Album([][]byte{[]byte("no picture")}, ""); err == nil {
		t.Error("words were taken for a picture")
	}
	w.clean()
}

func TestTelegramEditsAndTaps(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	b := w.bot()
	p := w.Phone(Telegram, amina())
	p.Text("bonjour")
	w.idle()
	keys := func(data string) *models.InlineKeyboardMarkup {
		return &models.InlineKeyboardMarkup{InlineKeyboard: [][]models.InlineKeyboardButton{{{Text: "Oui", CallbackData: data}}}}
	}
	m, err := b.SendMessage(t.Context(), &bot.SendMessageParams{ChatID: p.id, Text: "On y va ?", ReplyMarkup: keys("y1")})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Tap("Non"); err == nil {
		t.Error("a button that is not there was tapped")
	}
	if err := p.Tap("Oui"); err != nil {
		t.Fatal(err)
	}
	query := w.lastUpdate()["callback_query"].(map[string]any)
	if query["message"].(map[string]any)["message_id"] != float64(m.ID) {
		t.Errorf("tap on %v, want %d", query["message"], m.ID)
	}
	if n := w.OpenTaps(); n != 1 {
		t.Errorf("%d taps are open", n)
	}
	answer := &bot.AnswerCallbackQueryParams{CallbackQueryID: query["id"].(string)}
	if _, err := b.AnswerCallbackQuery(t.Context(), answer); err != nil {
		t.Fatal(err)
	}
	if n := w.OpenTaps(); n != 0 {
		t.Errorf("%d taps are open after the answer", n)
	}
	if _, err := b.EditMessageText(t.Context(), &bot.EditMessageTextParams{ChatID: p.id, MessageID: m.ID, Text: "C'est parti"}); err != nil {
		t.Fatal(err)
	}
	if got := p.Said("")[0]; got.Text != "C'est parti" || !got.Edited || len(got.Buttons) != 0 {
		t.Errorf("after the edit: %+v", got)
	}
	if _, err := b.EditMessageReplyMarkup(t.Context(), &bot.EditMessageReplyMarkupParams{ChatID: p.id, MessageID: m.ID, ReplyMarkup: keys("y2")}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.DeleteMessage(t.Context(), &bot.DeleteMessageParams{ChatID: p.id, MessageID: m.ID}); err != nil {
		t.Fatal(err)
	}
	if got := p.Said(""); len(got) != 0 {
		t.Errorf("after the deletion: %+v", got)
	}
	w.clean()
	if _, err := b.AnswerCallbackQuery(t.Context(), answer); err == nil {
		t.Error("a tap was answered twice")
	}
}

func TestTelegramLateAnswerToATap(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{Telegram: TelegramOptions{CallbackTTL: time.Second}})
	b := w.bot()
	p := w.Phone(Telegram, amina())
	p.Text("bonjour")
	w.idle()
	if _, err := b.SendMessage(t.Context(), &bot.SendMessageParams{ChatID: p.id, Text: "?", ReplyMarkup: &models.InlineKeyboardMarkup{
		InlineKeyboard: [][]models.InlineKeyboardButton{{{Text: "Oui", CallbackData: "y"}}}}}); err != nil {
		t.Fatal(err)
	}
	if err := p.Tap("Oui"); err != nil {
		t.Fatal(err)
	}
	id := w.lastUpdate()["callback_query"].(map[string]any)["id"].(string)
	time.Sleep(1050 * time.Millisecond)
	if _, err := b.AnswerCallbackQuery(t.Context(), &bot.AnswerCallbackQueryParams{CallbackQueryID: id}); err == nil || !strings.Contains(err.Error(), "query is too old") {
		t.Errorf("a late answer: %v", err)
	}
}

func TestTelegramPace(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{Telegram: TelegramOptions{ChatRate: 0.1}})
	b := w.bot()
	p := w.Phone(Telegram, amina())
	p.Text("bonjour")
	w.idle()
	send := func() error {
		_, err := b.SendMessage(t.Context(), &bot.SendMessageParams{ChatID: p.id, Text: "x"})
		return err
	}
	if err := send(); err != nil {
		t.Fatal(err)
	}
	var tooMany *bot.TooManyRequestsError
	if err := send(); !errors.As(err, &tooMany) || tooMany.RetryAfter < 1 || tooMany.RetryAfter > 10 {
		t.Errorf("the second message of ten seconds: %v", err)
	}
	w.clean()
}
