package simulator

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

const (
	maxTextUnits    = 4096
	maxCaptionUnits = 1024
)

// telegramText reads a text or a caption with its markup.
func telegramText(p tgParams, field, entitiesField string) (richText, *apiError) {
	text := p.str(field)
	var entities []map[string]any
	given, err := p.decode(entitiesField, &entities)
	if err != nil {
		return richText{}, badRequest("%s", err)
	}
	switch mode := p.str("parse_mode"); strings.ToLower(mode) {
	case "":
		rich := plainText(text)
		for _, e := range entities {
			offset, _ := e["offset"].(float64)
			length, _ := e["length"].(float64)
			if offset < 0 || length <= 0 || int(offset+length) > rich.units {
				return richText{}, badRequest("ENTITY_BOUNDS_INVALID")
			}
		}
		rich.entities = entities
		return rich, nil
	case "html":
		if given && len(entities) > 0 {
			return richText{}, badRequest("parse_mode and %s exclude each other", entitiesField)
		}
		rich, err := parseHTML(text)
		if err != nil {
			return richText{}, badRequest("can't parse entities: %s", err)
		}
		return rich, nil
	default:
		return richText{}, badRequest("unsupported parse_mode %q (the stand-in reads HTML only)", mode)
	}
}

func checkText(rich richText) *apiError {
	if rich.units == 0 {
		return badRequest("message text is empty")
	}
	if rich.units > maxTextUnits {
		return badRequest("message is too long")
	}
	return nil
}

func checkCaption(rich richText) *apiError {
	if rich.units > maxCaptionUnits {
		return badRequest("message caption is too long")
	}
	return nil
}

// draft is a message of the bot before it is in a chat.
type draft struct {
	kind   string
	rich   richText
	files  []*file
	markup markup
}

// post puts the bot's message into its chat and returns it as Telegram would.
func (s *Simulator) post(p tgParams, drafts ...draft) ([]map[string]any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	chat, refused := s.chatFor(p)
	if refused != nil {
		return nil, refused
	}
	replyTo, refused := replyTarget(chat, p)
	if refused != nil {
		return nil, refused
	}
	if refused := s.paceFor(chat); refused != nil {
		return nil, refused
	}
	var sent []map[string]any
	group := ""
	if len(drafts) > 1 {
		group = fmt.Sprint(s.nextID())
	}
	for _, d := range drafts {
		m := &Message{
			ID: fmt.Sprint(s.nextID()), From: FromSouk, Kind: d.kind, Text: d.rich.plain, HTML: d.rich.safe, ReplyTo: replyTo,
			Buttons: d.markup.buttons, Status: "read", entities: d.rich.entities, markup: d.markup.inline, files: d.files, group: group,
		}
		for _, f := range d.files {
			m.Media = append(m.Media, mediaPath(f))
		}
		chat.add(m)
		sent = append(sent, s.telegramMessage(chat, m))
		if d.markup.keyboardGiven {
			chat.keyboard = d.markup.keyboard
			s.publish(Event{Kind: "keyboard", Phone: chat.key, Keyboard: chat.keyboard})
		}
	}
	return sent, nil
}

func replyTarget(chat *Phone, p tgParams) (string, *apiError) {
	var reply struct {
		MessageID               int64 `json:"message_id"`
		AllowSendingWithoutRepl bool  `json:"allow_sending_without_reply"`
	}
	given, err := p.decode("reply_parameters", &reply)
	if err != nil {
		return "", badRequest("%s", err)
	}
	if !given {
		return "", nil
	}
	id := strconv.FormatInt(reply.MessageID, 10)
	if m := chat.find(id); m != nil && !m.Deleted {
		return id, nil
	}
	if reply.AllowSendingWithoutRepl {
		return "", nil
	}
	return "", badRequest("message to be replied not found")
}

func first(sent []map[string]any, refused *apiError) (any, *apiError) {
	if refused != nil {
		return nil, refused
	}
	return sent[0], nil
}

func (s *Simulator) sendMessage(_ *http.Request, p tgParams) (any, *apiError) {
	rich, refused := telegramText(p, "text", "entities")
	if refused == nil {
		refused = checkText(rich)
	}
	if refused != nil {
		return nil, refused
	}
	keys, refused := telegramMarkup(p)
	if refused != nil {
		return nil, refused
	}
	return first(s.post(p, draft{kind: "text", rich: rich, markup: keys}))
}

func (s *Simulator) sendPhoto(r *http.Request, p tgParams) (any, *apiError) {
	return s.sendFile(r, p, "photo")
}

func (s *Simulator) sendVoice(r *http.Request, p tgParams) (any, *apiError) {
	return s.sendFile(r, p, "voice")
}

func (s *Simulator) sendFile(r *http.Request, p tgParams, kind string) (any, *apiError) {
	rich, refused := telegramText(p, "caption", "caption_entities")
	if refused == nil {
		refused = checkCaption(rich)
	}
	if refused != nil {
		return nil, refused
	}
	keys, refused := telegramMarkup(p)
	if refused != nil {
		return nil, refused
	}
	f, refused := s.inputFile(r, kind, p[kind], nil)
	if refused != nil {
		return nil, refused
	}
	return first(s.post(p, draft{kind: kind, rich: rich, files: []*file{f}, markup: keys}))
}

func (s *Simulator) sendMediaGroup(r *http.Request, p tgParams) (any, *apiError) {
	var media []map[string]any
	if _, err := p.decode("media", &media); err != nil {
		return nil, badRequest("%s", err)
	}
	if len(media) < 2 || len(media) > 10 {
		return nil, badRequest("wrong number of items in the album: 2 to 10 are allowed, not %d", len(media))
	}
	drafts := make([]draft, len(media))
	for i, item := range media {
		d, refused := s.inputMedia(r, p, item)
		if refused != nil {
			return nil, refused
		}
		drafts[i] = d
	}
	sent, refused := s.post(p, drafts...)
	if refused != nil {
		return nil, refused
	}
	return sent, nil
}

// inputMedia reads an InputMediaPhoto; the stand-in takes no other kind.
func (s *Simulator) inputMedia(r *http.Request, p tgParams, item map[string]any) (draft, *apiError) {
	if item["type"] != "photo" {
		return draft{}, badRequest("media of type %v is not taken by the stand-in", item["type"])
	}
	rich, refused := telegramText(tgParams(item), "caption", "caption_entities")
	if refused == nil {
		refused = checkCaption(rich)
	}
	if refused != nil {
		return draft{}, refused
	}
	files, _ := p[attachments].(map[string]upload)
	f, refused := s.inputFile(r, "photo", item["media"], files)
	if refused != nil {
		return draft{}, refused
	}
	return draft{kind: "photo", rich: rich, files: []*file{f}}, nil
}
