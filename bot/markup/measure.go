package markup

import (
	"strings"
	"unicode"
)

// Units is the length of a text in UTF-16 code units, in which Telegram and Twilio count.
func Units(text string) int {
	n := 0
	for _, r := range text {
		n += units(r)
	}
	return n
}

func units(r rune) int {
	if r > 0xFFFF {
		return 2
	}
	return 1
}

// Columns is about how wide a text is on a button: marks that take no room count nothing, wide signs count two.
func Columns(text string) int {
	n := 0
	for _, r := range text {
		switch {
		case r == '\u200d', unicode.Is(unicode.Mn, r), unicode.Is(unicode.Me, r), unicode.Is(unicode.Cf, r):
		case r > 0xFFFF, r >= 0x2E80 && r < 0xA4D0, r >= 0x2600 && r < 0x27C0:
			n += 2
		default:
			n++
		}
	}
	return n
}

// Cut shortens a label to at most limit UTF-16 units, with … where something was lost. It never cuts inside a character, nor
// between a letter and the marks upon it.
func Cut(text string, limit int) string {
	text = strings.TrimSpace(text)
	if Units(text) <= limit {
		return text
	}
	room, end := limit-1, 0
	for i, r := range text {
		if room < 0 {
			break
		}
		if !clings(r) {
			end = i
		}
		room -= units(r)
	}
	return strings.TrimRightFunc(text[:end], unicode.IsSpace) + "…"
}

// Spare leaves out isolates and direction marks where a label would be over the limit with them: whole words read better than
// cut ones that are isolated.
func Spare(text string, limit int) string {
	if Units(text) <= limit {
		return text
	}
	return strings.Map(func(r rune) rune {
		if r >= '\u2066' && r <= '\u2069' || r == '\u200e' || r == '\u200f' {
			return -1
		}
		return r
	}, text)
}

// clings is true for what belongs to the character before it.
func clings(r rune) bool {
	return r == '\u200d' || r == '\ufe0f' || unicode.In(r, unicode.Mn, unicode.Me) || r >= 0x1F3FB && r <= 0x1F3FF
}
