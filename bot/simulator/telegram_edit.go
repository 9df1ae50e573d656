package simulator

import (
	"net/http"
	"reflect"
)

// edited finds the bot's own message that a call changes. Callers hold mu.
func (s *Simulator) edited(p tgParams) (*Phone, *Message, *apiError) {
	if p.str("chat_id") == "" || p.str("message_id") == "" {
		return nil, nil, badRequest("message identifier is not specified")
	}
	chat, refused := s.chatFor(p)
	if refused != nil {
		return nil, nil, refused
	}
	m := chat.find(p.str("message_id"))
	if m == nil || m.Deleted {
		return nil, nil, badRequest("message to edit not found")
	}
	if m.From != FromSouk {
		return nil, nil, badRequest("message can't be edited")
	}
	return chat, m, nil
}

// change applies an edit unless it changes nothing, which Telegram refuses.
func (s *Simulator) change(p tgParams, allowed func(*Message) *apiError, apply func(*Message)) (any, *apiError) {
	keys, refused := telegramMarkup(p)
	if refused != nil {
		return nil, refused
	}
	if keys.keyboardGiven {
		return nil, badRequest("inline keyboard expected")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	chat, m, refused := s.edited(p)
	if refused != nil {
		return nil, refused
	}
	if refused := allowed(m); refused != nil {
		return nil, refused
	}
	after := m.copy()
	apply(&after)
	after.Buttons, after.markup = keys.buttons, keys.inline
	if after.Text == m.Text && after.HTML == m.HTML && reflect.DeepEqual(after.markup, m.markup) && reflect.DeepEqual(after.files, m.files) {
		return nil, badRequest("message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message")
	}
	if refused := s.paceFor(chat); refused != nil {
		return nil, refused
	}
	textChanged := after.HTML != m.HTML || !reflect.DeepEqual(after.files, m.files)
	*m = after
	m.Edited = m.Edited || textChanged
	chat.tell(m)
	return s.telegramMessage(chat, m), nil
}

func (s *Simulator) editMessageText(_ *http.Request, p tgParams) (any, *apiError) {
	if _, rich := p["rich_message"]; rich {
		return nil, badRequest("rich_message is not taken by the stand-in")
	}
	rich, refused := telegramText(p, "text", "entities")
	if refused == nil {
		refused = checkText(rich)
	}
	if refused != nil {
		return nil, refused
	}
	return s.change(p, func(m *Message) *apiError {
		if m.Kind != "text" {
			return badRequest("there is no text in the message to edit")
		}
		return nil
	}, func(m *Message) { m.setText(rich) })
}

func (s *Simulator) editMessageCaption(_ *http.Request, p tgParams) (any, *apiError) {
	rich, refused := telegramText(p, "caption", "caption_entities")
	if refused == nil {
		refused = checkCaption(rich)
	}
	if refused != nil {
		return nil, refused
	}
	return s.change(p, needsMedia("there is no caption in the message to edit"), func(m *Message) { m.setText(rich) })
}

func (s *Simulator) editMessageReplyMarkup(_ *http.Request, p tgParams) (any, *apiError) {
	return s.change(p, func(*Message) *apiError { return nil }, func(*Message) {})
}

func (s *Simulator) editMessageMedia(r *http.Request, p tgParams) (any, *apiError) {
	var item map[string]any
	if _, err := p.decode("media", &item); err != nil {
		return nil, badRequest("%s", err)
	}
	d, refused := s.inputMedia(r, p, item)
	if refused != nil {
		return nil, refused
	}
	return s.change(p, needsMedia("there is no media in the message to edit"), func(m *Message) {
		m.setText(d.rich)
		m.Kind, m.files, m.Media = d.kind, d.files, []string{mediaPath(d.files[0])}
	})
}

func needsMedia(description string) func(*Message) *apiError {
	return func(m *Message) *apiError {
		if len(m.files) == 0 {
			return badRequest("%s", description)
		}
		return nil
	}
}

func (m *Message) setText(rich richText) {
	m.Text, m.HTML, m.entities = rich.plain, rich.safe, rich.entities
}
