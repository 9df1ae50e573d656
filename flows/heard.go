package flows

import (
	"strconv"
	"strings"

	"souk/locales"
)

// Heard is an event as the conversation understands it: a tap, a number and a label have become the choice they stand for.
type Heard struct {
	Event
	Choice   string // the key of the open question's option that was chosen
	Command  string // of a button that works however old it is: "add"
	Argument string // and what it is about: "P12"
	offered  bool   // it was chosen from the open question
	stale    bool   // it answers a question that is past
	// What hearSeller finds out, where what was heard looks like it.
	seller    bool // who speaks acts for a cooperative
	captioned bool // it reads as the caption of goods for sale
	waitsFor  bool // a draft waits for just that
	busy      bool // something else is going on
	reading   *Reading
	read      func(string) Reading
	shop      *shopHeard // what it means for the speaker's own shop, nil for anything else
}

// nothing is what a state hears on arrival.
func nothing() *Heard { return &Heard{} }

// Typed is what was typed, "" where the event says something else: a choice hides its text, so that "2" is not also a number.
func (h *Heard) Typed() string {
	if h.Choice != "" || h.Command != "" || h.Kind != Text && h.Kind != Edited {
		return ""
	}
	return h.Text
}

// Says is what the typed words mean as a whole; the zero Reading where nothing was typed.
func (h *Heard) Says() Reading {
	if h.reading == nil {
		r := Reading{}
		if typed := h.Typed(); typed != "" && h.read != nil {
			r = h.read(typed)
		}
		h.reading = &r
	}
	return *h.reading
}

// Means tells whether the typed words mean this as a whole.
func (h *Heard) Means(i Intent) bool { return h.Typed() != "" && h.Says().Intent == i }

// bareNumber reads a message that is a number and nothing else, in the digits of any script: "2", "2.", "٢", "#2".
func bareNumber(text string) (int, bool) {
	s := strings.TrimSpace(locales.Digits(locales.StripControls(text)))
	s = strings.TrimSpace(strings.TrimRight(strings.TrimLeft(s, "#"), ".)")) // "-1" is no number here
	if s == "" || len(s) > 6 {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= 0
}

func isBareNumber(text string) bool {
	_, ok := bareNumber(text)
	return ok
}

// payload is what a tap carries for a choice of a prompt: "q:PROMPT:KEY". Telegram allows 64 bytes.
func payload(prompt, key string) string { return "q:" + prompt + ":" + key }

// maxPayload is Telegram's limit of callback_data, in bytes.
const maxPayload = 64

// splitPayload reads a tap: a choice of a prompt, or a command with its argument.
func splitPayload(p string) (prompt, key, command, argument string) {
	if rest, ok := strings.CutPrefix(p, "q:"); ok {
		prompt, key, _ = strings.Cut(rest, ":")
		return prompt, key, "", ""
	}
	command, argument, _ = strings.Cut(p, ":")
	return "", "", command, argument
}

// splitLink reads a deep link's parameter: "p_P12" shows a product, "c_C3" a cooperative's goods, "t_S…" a purchase,
// "j_J12…" lets in who is invited.
func splitLink(p string) (command, argument string) {
	kind, rest, ok := strings.Cut(p, "_")
	if !ok {
		return "", ""
	}
	switch kind {
	case "p":
		return "see", rest
	case "c":
		return "from", rest
	case "t":
		return "track", rest
	case "j":
		return "join", rest
	}
	return "", ""
}
