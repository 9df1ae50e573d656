package telegram

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"

	"souk/bot/markup"
	"souk/flows"
)

// Decode reads a stored update. It fails only for what is no update at all.
func (c *Channel) Decode(body []byte) (flows.Event, error) {
	u, err := parse(body)
	if err != nil {
		return flows.Event{}, fmt.Errorf("read a Telegram update: %w", err)
	}
	switch {
	case u.Message != nil && !u.Message.Chat.private():
		return flows.Event{Kind: flows.Group, Text: text(u.Message.Text), Profile: profile(u.Message.From)}, nil
	case u.Message != nil:
		return c.message(u.Message), nil
	case u.EditedMessage != nil:
		m := u.EditedMessage
		event := flows.Event{Kind: flows.Edited, Text: text(first(m.Text, m.Caption)), Profile: profile(m.From)}
		if m.Date > 0 {
			event.Original = time.Unix(m.Date, 0).UTC()
		}
		return event, nil
	case u.CallbackQuery != nil:
		q := u.CallbackQuery
		event := flows.Event{Kind: flows.Tap, Payload: text(q.Data), Profile: profile(&q.From)}
		if q.Data == "" || len(q.Data) > maxPayload {
			event.Kind, event.Payload = flows.Other, ""
		}
		return event, nil
	case u.MyChatMember != nil:
		return flows.Event{Kind: membership(u.MyChatMember), Profile: profile(&u.MyChatMember.From)}, nil
	}
	return flows.Event{Kind: flows.Other}, nil
}

func (c *Channel) message(m *message) flows.Event {
	event := flows.Event{Kind: flows.Other, Profile: profile(m.From), Album: albumOf(m)}
	if m.ReplyTo != nil {
		event.QuotedMessageID = messageID(m.ReplyTo.ID)
	}
	switch {
	case m.Text != "":
		event.Kind, event.Text, event.Payload = c.words(m)
	case m.Contact != nil:
		event.Kind = flows.Contact
		event.Phone = phone(m.Contact.Phone)
		event.OwnContact = m.From != nil && m.Contact.UserID != 0 && m.Contact.UserID == m.From.ID
	case m.Venue != nil: // before location: a venue carries one too
		event.Kind = flows.Location
		event.Latitude, event.Longitude = m.Venue.Location.Latitude, m.Venue.Location.Longitude
		event.Text = text(strings.TrimSpace(m.Venue.Title + "\n" + m.Venue.Address))
	case m.Location != nil:
		event.Kind = flows.Location
		event.Latitude, event.Longitude = m.Location.Latitude, m.Location.Longitude
	case len(m.Photo) > 0:
		event.Kind, event.Text = flows.Photo, text(m.Caption)
		event.Media = []flows.Media{media(largest(m.Photo), flows.Photo)}
	case m.Document != nil && strings.HasPrefix(m.Document.MIME, "image/"): // "send as a file" is what many do with a photo
		event.Kind, event.Text = flows.Photo, text(m.Caption)
		event.Media = []flows.Media{media(*m.Document, flows.Photo)}
	default:
		event.Text = text(m.Caption)
		for _, voice := range []*file{m.Voice, m.Audio, m.VideoNote} {
			if voice != nil {
				event.Kind, event.Media = flows.Voice, []flows.Media{media(*voice, flows.Voice)}
				return event
			}
		}
		for _, other := range []*file{m.Video, m.Animation, m.Document, m.Sticker} {
			if other != nil {
				event.Media = []flows.Media{media(*other, flows.Other)}
				return event
			}
		}
	}
	return event
}

// words tells a command and a deep link from plain text. "/menu@SoukBot x" is "/menu x"; "/start p_P12" is the link p_P12.
func (c *Channel) words(m *message) (kind flows.Kind, said, payload string) {
	said = text(m.Text)
	command, rest := leadingCommand(m.Text, m.Entities)
	if command == "" {
		return flows.Text, said, ""
	}
	name, _, _ := strings.Cut(command, "@")
	rest = strings.TrimSpace(rest)
	if name == "/start" && isLink(rest) {
		return flows.DeepLink, text(name + " " + rest), rest
	}
	return flows.Text, text(strings.TrimSpace(name + " " + rest)), ""
}

// leadingCommand finds the command that a message begins with. Telegram says where it ends in UTF-16 units; a message without
// entities is read by the same rule that Telegram uses to mark them.
func leadingCommand(said string, entities []entity) (command, rest string) {
	if !strings.HasPrefix(said, "/") {
		return "", said
	}
	for _, e := range entities {
		if e.Type == "bot_command" && e.Offset == 0 && e.Length > 1 {
			all := utf16.Encode([]rune(said))
			if e.Length <= len(all) {
				return string(utf16.Decode(all[:e.Length])), string(utf16.Decode(all[e.Length:]))
			}
		}
	}
	end := strings.IndexFunc(said[1:], func(r rune) bool {
		return r != '_' && r != '@' && (r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r))
	})
	if end < 0 {
		return said, ""
	}
	if end == 0 {
		return "", said
	}
	return said[:end+1], said[end+1:]
}

// addressed is true where a group's message is meant for us: a command that names us, or a mention.
func (c *Channel) addressed(m *message) bool {
	said, entities := m.Text, m.Entities
	if said == "" {
		said, entities = m.Caption, m.Captions
	}
	if c.config.Username == "" || said == "" {
		return false
	}
	if m.ReplyTo != nil && m.ReplyTo.From != nil && m.ReplyTo.From.ID == c.id {
		return true
	}
	command, _ := leadingCommand(said, entities)
	if _, named, ok := strings.Cut(command, "@"); ok {
		return strings.EqualFold(named, c.config.Username)
	}
	all := utf16.Encode([]rune(said))
	for _, e := range entities {
		if e.Type == "mention" && e.Offset >= 0 && e.Length > 1 && e.Offset <= len(all) && e.Length <= len(all)-e.Offset {
			if strings.EqualFold(string(utf16.Decode(all[e.Offset:e.Offset+e.Length])), "@"+c.config.Username) {
				return true
			}
		}
	}
	return false
}

// membership tells a block from an unblock; "" is neither.
func membership(u *memberUpdate) flows.Kind {
	switch u.New.Status {
	case "kicked":
		return flows.Blocked
	case "member":
		return flows.Unblock
	}
	return ""
}

func profile(u *user) flows.Profile {
	if u == nil {
		return flows.Profile{}
	}
	return flows.Profile{Name: markup.Name(u.FirstName + " " + u.LastName), Lang: u.Language}
}

func text(s string) string { return markup.Limit(markup.Clean(s), flows.MaxText) }

func first(values ...string) string {
	for _, value := range values {
		if value != "" {
			return value
		}
	}
	return ""
}

func messageID(id int64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}

// albumOf keeps the id of a message's media group, where it is one that a column takes.
func albumOf(m *message) string {
	if len(m.Album) > maxPayload {
		return ""
	}
	return text(m.Album)
}

func largest(sizes []file) file {
	best := sizes[0]
	for _, size := range sizes[1:] {
		if size.Width*size.High > best.Width*best.High {
			best = size
		}
	}
	return best
}

func media(f file, kind flows.Kind) flows.Media {
	return flows.Media{ID: f.ID, Kind: kind, MIME: f.MIME, Bytes: f.Bytes}
}

// isLink says whether a start parameter is one that Telegram lets through: 1–64 of A–Z a–z 0–9 _ -.
func isLink(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool {
		return r != '_' && r != '-' && (r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r))
	}) < 0
}
