package catalog

import (
	"strings"
	"unicode/utf8"

	"souk/locales"
)

// Words is a text in each language: {"fr": "Miel de thym", "ar": "عسل الزعتر"}.
type Words map[string]string

// In returns the text in a language, else in French, else in any.
func (w Words) In(lang string) string {
	for _, l := range [...]string{lang, "fr", "ar"} {
		if text := w[l]; text != "" {
			return text
		}
	}
	for _, text := range w {
		return text
	}
	return ""
}

// keyedWords cuts a text into its words, keyed: the one rule by which titles, aliases, glossary and queries meet. Numbers, signs
// and words that only join others are left out.
func keyedWords(text string) []string {
	var words []string
	for _, token := range locales.Tokens(locales.StripControls(text)) {
		if token.Kind != locales.WordToken || locales.IsLittle(token.Norm) || joins(token.Norm) {
			continue
		}
		if key := wordKey(token.Norm); key != "" {
			words = append(words, key)
		}
	}
	return words
}

// joins tells words that a search does without, beyond locales' little ones.
func joins(norm string) bool {
	switch norm {
	case "avec", "pour", "sur", "svp", "stp", "مع", "على", "م", "m3a", "3la", "ha", "had", "هاد", "هذا":
		return true
	}
	return false
}

// wordKey folds how one normalised word may be written without meaning another: article, doubled letters, French plural and mute
// e, hamza and its seats. It keeps vowels: locales.WordKey, which drops them, joins alphabets but also words.
func wordKey(norm string) string {
	word := locales.StripArticle(norm)
	var b strings.Builder
	last := rune(0)
	for _, r := range word {
		switch r {
		case 'ء', '\'':
			continue
		case 'ؤ':
			r = 'و'
		case 'ئ':
			r = 'ي'
		case 'گ', 'ڭ', 'ݣ':
			r = 'ك'
		}
		if r != last {
			b.WriteRune(r)
		}
		last = r
	}
	key := b.String()
	if first, _ := utf8.DecodeRuneInString(key); first >= utf8.RuneSelf {
		return key
	}
	if len(key) > 3 && (strings.HasSuffix(key, "s") || strings.HasSuffix(key, "x")) {
		key = key[:len(key)-1]
	}
	if len(key) > 4 && strings.HasSuffix(key, "e") {
		key = key[:len(key)-1]
	}
	return key
}
