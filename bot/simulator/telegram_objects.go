package simulator

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// userObject is a phone's owner as a Telegram User. Callers hold mu.
func userObject(p *Phone) map[string]any {
	if p.speaker != nil {
		return userObject(p.speaker)
	}
	return map[string]any{"id": p.id, "is_bot": false, "first_name": p.owner.Name, "language_code": p.owner.Language}
}

func chatObject(p *Phone) map[string]any {
	if p.speaker != nil {
		return map[string]any{"id": p.id, "type": "supergroup", "title": p.owner.Name}
	}
	return map[string]any{"id": p.id, "type": "private", "first_name": p.owner.Name}
}

func messageNumber(id string) int64 {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// telegramMessage is a message as a Telegram Message. Callers hold mu.
func (s *Simulator) telegramMessage(chat *Phone, m *Message) map[string]any {
	out := s.messageHead(chat, m)
	if m.ReplyTo != "" {
		if quoted := chat.find(m.ReplyTo); quoted != nil {
			// The quoted message never carries what it quotes itself.
			inner := s.messageHead(chat, quoted)
			s.messageBody(inner, chat, quoted)
			out["reply_to_message"] = inner
		}
	}
	s.messageBody(out, chat, m)
	return out
}

func (s *Simulator) messageHead(chat *Phone, m *Message) map[string]any {
	from := userObject(chat)
	if m.From == FromSouk {
		from = s.botUser()
	}
	out := map[string]any{"message_id": messageNumber(m.ID), "date": m.At.Unix(), "chat": chatObject(chat), "from": from}
	if m.Edited {
		out["edit_date"] = s.opt.Now().Unix()
	}
	if m.group != "" {
		out["media_group_id"] = m.group
	}
	if m.markup != nil {
		out["reply_markup"] = m.markup
	}
	return out
}

func (s *Simulator) messageBody(out map[string]any, chat *Phone, m *Message) {
	text, entities := "text", "entities"
	switch m.Kind {
	case "photo":
		text, entities = "caption", "caption_entities"
		var sizes []map[string]any
		for _, f := range m.files {
			sizes = append(sizes, map[string]any{"file_id": f.id, "file_unique_id": uniqueID(f), "width": f.width, "height": f.height, "file_size": len(f.data)})
		}
		out["photo"] = sizes
	case "document":
		text, entities = "caption", "caption_entities"
		f := m.files[0]
		out["document"] = map[string]any{"file_id": f.id, "file_unique_id": uniqueID(f), "file_name": f.name, "mime_type": f.contentType, "file_size": len(f.data)}
	case "voice":
		text, entities = "caption", "caption_entities"
		f := m.files[0]
		out["voice"] = map[string]any{"file_id": f.id, "file_unique_id": uniqueID(f), "duration": f.seconds, "mime_type": "audio/ogg", "file_size": len(f.data)}
	case "contact":
		out["contact"] = map[string]any{"phone_number": m.Text, "first_name": userObject(chat)["first_name"], "user_id": userObject(chat)["id"]}
		return
	case "location":
		out["location"] = map[string]any{"latitude": m.Latitude, "longitude": m.Longitude}
		return
	case "sticker":
		out["sticker"] = map[string]any{"file_id": "CAACAgQAAxkBAAEsticker" + m.ID, "file_unique_id": "AgADsticker", "type": "regular",
			"width": 512, "height": 512, "is_animated": false, "is_video": false, "emoji": m.Text}
		return
	}
	if m.Text != "" {
		out[text] = m.Text
		if len(m.entities) > 0 {
			out[entities] = m.entities
		}
	}
}

func jsonBytes(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encoding: %w", err)
	}
	return b, nil
}
