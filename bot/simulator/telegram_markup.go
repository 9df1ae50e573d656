package simulator

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// markup is a reply_markup that has been checked.
type markup struct {
	inline        any // as it came, for the message that goes back
	buttons       [][]Button
	keyboard      [][]Button
	keyboardGiven bool
}

const (
	maxCallbackData  = 64
	maxInlineButtons = 100
	maxCopyText      = 256
)

// telegramMarkup checks what the types of the contract do not say.
func telegramMarkup(p tgParams) (markup, *apiError) {
	var raw map[string]json.RawMessage
	given, err := p.decode("reply_markup", &raw)
	if err != nil {
		return markup{}, badRequest("can't parse reply keyboard markup JSON object: %s", err)
	}
	if !given {
		return markup{}, nil
	}
	if rows, ok := raw["inline_keyboard"]; ok {
		return inlineKeyboard(rows)
	}
	if rows, ok := raw["keyboard"]; ok {
		return replyKeyboard(rows)
	}
	_, removes := raw["remove_keyboard"]
	return markup{keyboardGiven: removes}, nil
}

func inlineKeyboard(raw json.RawMessage) (markup, *apiError) {
	var rows [][]map[string]any
	if err := json.Unmarshal(raw, &rows); err != nil {
		return markup{}, badRequest("can't parse inline keyboard: %s", err)
	}
	out := markup{}
	count := 0
	for _, row := range rows {
		var shown []Button
		for _, b := range row {
			// go-telegram/bot v1.19.0 puts an empty copy_text into every button.
			if c, ok := b["copy_text"].(map[string]any); ok && c["text"] == "" {
				delete(b, "copy_text")
			}
			button, refused := inlineButton(b)
			if refused != nil {
				return markup{}, refused
			}
			shown = append(shown, button)
			count++
		}
		if len(shown) > 8 {
			return markup{}, badRequest("a row has at most 8 buttons")
		}
		if len(shown) > 0 {
			out.buttons = append(out.buttons, shown)
		}
	}
	if count > maxInlineButtons {
		return markup{}, badRequest("reply markup is too long")
	}
	if count > 0 {
		out.inline = map[string]any{"inline_keyboard": rows}
	}
	return out, nil
}

func inlineButton(b map[string]any) (Button, *apiError) {
	text, _ := b["text"].(string)
	if strings.TrimSpace(text) == "" {
		return Button{}, badRequest("can't parse inline keyboard button: text must be non-empty")
	}
	kinds := 0
	for name := range b {
		if !slices.Contains([]string{"text", "icon_custom_emoji_id", "style"}, name) {
			kinds++
		}
	}
	if kinds != 1 {
		return Button{}, badRequest("can't parse inline keyboard button: exactly one type is needed, button %q has %d", text, kinds)
	}
	if style, ok := b["style"].(string); ok && !slices.Contains([]string{"danger", "success", "primary"}, style) {
		return Button{}, badRequest("button style %q is unknown", style)
	}
	out := Button{Label: text}
	if data, ok := b["callback_data"].(string); ok {
		if len(data) < 1 || len(data) > maxCallbackData {
			return Button{}, badRequest("BUTTON_DATA_INVALID")
		}
		out.Data = data
	}
	if link, ok := b["url"].(string); ok {
		u, err := url.Parse(link)
		if err != nil || !slices.Contains([]string{"http", "https", "tg"}, u.Scheme) || u.Host == "" {
			return Button{}, badRequest("inline keyboard button URL %q is invalid", link)
		}
		out.URL = link
	}
	if c, ok := b["copy_text"].(map[string]any); ok {
		if text, _ := c["text"].(string); utf16Len(text) > maxCopyText {
			return Button{}, badRequest("BUTTON_COPY_TEXT_INVALID")
		}
	}
	return out, nil
}

func replyKeyboard(raw json.RawMessage) (markup, *apiError) {
	var rows [][]struct {
		Text            string `json:"text"`
		RequestContact  bool   `json:"request_contact"`
		RequestLocation bool   `json:"request_location"`
	}
	if err := json.Unmarshal(raw, &rows); err != nil {
		return markup{}, badRequest("can't parse keyboard: %s", err)
	}
	out := markup{keyboardGiven: true}
	for _, row := range rows {
		var keys []Button
		for _, k := range row {
			b := Button{Label: k.Text}
			switch {
			case strings.TrimSpace(k.Text) == "":
				return markup{}, badRequest("can't parse keyboard button: text must be non-empty")
			case k.RequestContact && k.RequestLocation:
				return markup{}, badRequest("can't parse keyboard button: it can ask one thing only")
			case k.RequestContact:
				b.Ask = "contact"
			case k.RequestLocation:
				b.Ask = "location"
			}
			keys = append(keys, b)
		}
		out.keyboard = append(out.keyboard, keys)
	}
	return out, nil
}
