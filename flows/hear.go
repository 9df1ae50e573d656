package flows

import (
	"strings"
	"unicode"

	"souk/locales"
)

// hear turns an event into what it means here: a tap, a number or an exact label becomes the choice of the question that is open.
// Nothing is matched by a label that we did not send.
func (t *Turn) hear() *Heard {
	h := &Heard{Event: t.In.Event, read: t.e.read}
	switch h.Kind {
	case Tap:
		prompt, key, command, argument := splitPayload(h.Payload)
		if prompt == "" {
			h.Command, h.Argument = command, argument
			return h
		}
		t.tapped(h, prompt, key)
	case DeepLink:
		h.Command, h.Argument = splitLink(h.Payload)
	case Text, Edited:
		h.Text = command(h.Text)
		if verb, code, ok := orderCommand(h.Text); ok { // "OK S7K2QMX-1" is that order's button, typed
			h.Command, h.Argument = verb, code
			return h
		}
		t.typed(h)
	}
	return h
}

// tapped binds a tap to the question whose button it was.
func (t *Turn) tapped(h *Heard, prompt, key string) {
	p := t.session.Prompt
	switch {
	case p != nil && p.ID == prompt:
		for _, o := range p.Options {
			if o.Key == key {
				t.choose(h, o)
				return
			}
		}
		h.stale = true
	case prompt == t.session.Answered && len(t.session.Last) > 0:
		t.repeat = t.session.Last
	default:
		h.stale = true
	}
}

// typed binds a number or a label to the open question. A number that quotes an older question answers nothing.
func (t *Turn) typed(h *Heard) {
	p := t.session.Prompt
	n, isNumber := bareNumber(h.Text)
	defer func() {
		if h.Choice == "" && h.Command == "" && t.In.Medium == locales.Plain && isMore(h.Text) && len(t.session.Last) > 0 {
			t.repeat = []Reply{t.session.Last[len(t.session.Last)-1]}
			t.repeat[0].Offset++
			t.session.Last = t.repeat
		}
	}()
	if h.Quoted != "" && (p == nil || h.Quoted != p.ID) {
		h.stale = isNumber
		return
	}
	if p == nil {
		return
	}
	label := locales.Normalise(h.Text)
	for _, o := range p.Options {
		if isNumber && o.Number == n && n > 0 || o.Label != "" && o.Label == label {
			t.choose(h, o)
			return
		}
	}
}

// isMore reads what asks for the rest of a long text message.
func isMore(text string) bool {
	switch locales.Normalise(strings.TrimSpace(text)) {
	case "plus", "suite", "more", "la suite", "بقيه", "البقيه", "المزيد", "zid", "kmml", "kmel", "زيد", "كمل":
		return true
	}
	return false
}

// commandKey marks an option that is a command of its own.
const commandKey = "!"

func (t *Turn) choose(h *Heard, o PromptOption) {
	h.offered = true
	if rest, ok := strings.CutPrefix(o.Key, commandKey); ok {
		_, _, h.Command, h.Argument = splitPayload(rest)
		return
	}
	h.Choice = o.Key
}

// command reads Telegram's way of typing a global word: "/menu", "/menu@souk_bot".
func command(text string) string {
	rest, ok := strings.CutPrefix(text, "/")
	if !ok {
		return text
	}
	rest, _, _ = strings.Cut(rest, "@")
	return rest
}

func isLetter(r rune) bool { return unicode.IsLetter(r) }
