package markup

import (
	"strings"
	"unicode"
)

// maxName is how many characters of a profile's name are kept.
const maxName = 64

// Name makes a profile's name fit to be shown in a sentence: one line, no control, bidi control or other invisible sign.
func Name(raw string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == '\u200d': // joins the parts of an emoji
			return r
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == '\uFFFD':
			return -1
		}
		return r
	}, strings.ToValidUTF8(raw, ""))
	return Limit(strings.Join(strings.Fields(name), " "), maxName)
}

// Limit keeps the first n characters of a text.
func Limit(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for i := range text {
		if n == 0 {
			return text[:i]
		}
		n--
	}
	return text
}
