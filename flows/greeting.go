package flows

import (
	"strings"

	"souk/locales"
)

// greetings are the words that open a message, and the words that return them.
var greetings = []struct {
	key   string
	words []string
}{
	{"greet.salam", []string{"سلام", "salam", "salamo", "salamou", "salamu", "slm", "slam", "selam"}},
	{"greet.morning", []string{"صباح", "sbah", "sba7", "saba7", "sabah"}},
	{"greet.evening", []string{"مساء", "bonsoir", "bsr", "msa", "msae", "masa", "massa2"}},
}

// hellos greet too; they are returned with the plainest greeting.
var hellos = []string{"bonjour", "bjr", "salut", "slt", "coucou", "hello", "مرحبا", "اهلا", "marhba", "ahlan"}

// greeting is the key of what returns a greeting in kind: "salam" to who says salam, a good evening to a good evening.
func greeting(text string) string {
	s := locales.Normalise(text)
	for _, g := range greetings {
		for _, w := range g.words {
			if strings.Contains(s, w) {
				return g.key
			}
		}
	}
	return "greet.hello"
}

// opensWithGreeting tells a message that greets before it says what it wants.
func opensWithGreeting(text string) bool {
	words := strings.FieldsFunc(locales.Normalise(text), func(r rune) bool { return !isLetter(r) && (r < '0' || r > '9') })
	if len(words) < 2 {
		return false
	}
	first := strings.TrimPrefix(words[0], "ال")
	for _, g := range greetings {
		for _, w := range g.words {
			if first == w || first == "as"+w || first == "a"+w {
				return true
			}
		}
	}
	for _, w := range hellos {
		if first == w {
			return true
		}
	}
	return false
}

// greetBefore returns the greeting with which a message opens that goes on to say something else. A text message is spared it:
// there every word costs.
func (t *Turn) greetBefore() {
	typed := t.Heard.Typed()
	if t.Heard.Kind != Text || t.In.Medium == locales.Plain || !opensWithGreeting(typed) || t.Heard.Means(Greeting) {
		return
	}
	t.Say(greeting(strings.Fields(typed)[0]), nil)
}
