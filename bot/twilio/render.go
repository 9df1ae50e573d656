package twilio

import (
	"strconv"
	"strings"
	"unicode"

	"souk/bot/markup"
	"souk/flows"
	"souk/locales"
)

// outgoing is one WhatsApp message: words, a picture with or without words, or a Content resource.
type outgoing struct {
	body    string
	picture string // key in the photo store
	content *filled
}

// render turns a reply into the messages that say it, at least one. has says which Content resources exist: what lacks its own
// is said as a numbered list.
func render(reply flows.Reply, has func(name string) bool) []outgoing {
	text := formatted(markup.Parse(strings.TrimSpace(reply.Text)))
	lang := reply.Lang
	if lang == "" {
		lang = string(locales.Guess(reply.Text))
	}
	if s, ok := shapeOf(reply.Options, lang); ok {
		if messages, ok := rich(reply, s, text, has); ok {
			return messages
		}
	}
	return words(numbered(reply), reply.Photo)
}

// rich says a reply with buttons or a list; ok is false where that cannot be.
func rich(reply flows.Reply, s shape, text string, has func(string) bool) ([]outgoing, bool) {
	if reply.Photo != "" && s.kind == kindReply {
		if before, lines := contentLines(text, maxCardLines); before == "" && len(lines) > 0 {
			card := s
			card.kind, card.lines = kindCard, len(lines)
			if has(card.name()) {
				content := fill(card, lines, reply.Photo, reply.Options)
				return []outgoing{{content: &content}}, true
			}
		}
	}
	limit := maxListLines
	if s.kind == kindReply {
		limit = maxReplyLines
	}
	before, lines := contentLines(text, limit)
	s.lines = len(lines)
	if len(lines) == 0 || !has(s.name()) {
		return nil, false
	}
	var messages []outgoing
	if before != "" || reply.Photo != "" {
		messages = words(markup.Parse(before), reply.Photo)
	}
	content := fill(s, lines, "", reply.Options)
	return append(messages, outgoing{content: &content}), true
}

// words says a text, after or beneath a picture.
func words(runs []markup.Run, picture string) []outgoing {
	if picture != "" {
		if caption := formatted(runs); markup.Units(caption) <= maxCaption {
			return []outgoing{{body: caption, picture: picture}}
		}
	}
	var messages []outgoing
	if picture != "" {
		messages = append(messages, outgoing{picture: picture})
	}
	for _, part := range markup.Split(runs, maxBody, 2) {
		messages = append(messages, outgoing{body: formatted(part)})
	}
	return messages
}

// numbered is a reply whose options are typed by their numbers.
func numbered(reply flows.Reply) []markup.Run {
	text := strings.TrimSpace(reply.Text)
	var lines []string
	for _, option := range reply.Options {
		if option.Number <= 0 {
			continue
		}
		line := strconv.Itoa(option.Number) + ". " + option.Label
		if option.Detail != "" {
			line += " · " + option.Detail
		}
		lines = append(lines, line)
	}
	if len(lines) > 0 {
		text += "\n\n" + strings.Join(lines, "\n")
		if reply.Hint != "" {
			text += "\n" + reply.Hint
		}
	}
	return markup.Parse(strings.TrimSpace(text))
}

// formatted writes bold as WhatsApp reads it: *so*, the stars close to the words.
func formatted(runs []markup.Run) string {
	var b strings.Builder
	for _, run := range runs {
		if !run.Bold {
			b.WriteString(run.Text)
			continue
		}
		inner := strings.TrimFunc(run.Text, unicode.IsSpace)
		start := strings.Index(run.Text, inner)
		b.WriteString(run.Text[:start] + "*" + inner + "*" + run.Text[start+len(inner):])
	}
	return b.String()
}
