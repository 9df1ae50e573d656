package locales

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const tatweel = 0x0640

// Normalise folds away what people vary without meaning to: letter case, French
// accents, Arabic diacritics, tatweel, zero-width and bidi marks, and the
// spellings أإآٱ→ا, ى→ي, ة→ه. Digits of every script become Western ones,
// typographic apostrophes ', and any run of white space or control characters
// one space. It is idempotent. Seats of hamza (ؤ ئ) stay: SearchKey folds them.
func Normalise(s string) string {
	if plainASCII(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	space := false
	started := false
	put := func(r rune) {
		if space && started {
			b.WriteByte(' ')
		}
		space = false
		started = true
		b.WriteRune(r)
	}
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		if r < utf8.RuneSelf {
			switch {
			case r >= 'A' && r <= 'Z':
				put(r + 'a' - 'A')
			case r <= ' ' || r == 0x7F:
				space = true
			default:
				put(r)
			}
			continue
		}
		if r == utf8.RuneError && n == 1 {
			space = true
			continue
		}
		if f, ok := foldRune(r); ok {
			if f != 0 {
				put(f)
			}
			continue
		}
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			space = true
			continue
		case invisible(r) || unicode.Is(unicode.Mn, r):
			continue
		}
		if d, ok := digit(r); ok {
			put(d)
			continue
		}
		if a, b := ligature(r); a != 0 {
			put(a)
			put(b)
			continue
		}
		// Everything rarer: compatibility forms (ligatures, full width, Arabic
		// presentation forms) are taken apart and folded one by one.
		lower := unicode.ToLower(r)
		d := norm.NFKD.PropertiesString(string(lower)).Decomposition()
		if len(d) == 0 {
			put(lower)
			continue
		}
		for _, p := range norm.NFKD.String(string(lower)) {
			if f, ok := foldRune(p); ok {
				if f != 0 {
					put(f)
				}
				continue
			}
			a, b := ligature(p)
			switch {
			case unicode.Is(unicode.Mn, p) || invisible(p):
			case unicode.IsSpace(p):
				space = true
			case a != 0: // ǽ is æ and an accent
				put(a)
				put(b)
			default:
				if g, ok := digit(p); ok {
					p = g
				}
				put(unicode.ToLower(p))
			}
		}
	}
	return b.String()
}

// ligature takes apart the letters that Unicode does not.
func ligature(r rune) (a, b rune) {
	switch r {
	case 'œ', 'Œ':
		return 'o', 'e'
	case 'æ', 'Æ':
		return 'a', 'e'
	case 'ß', 'ẞ':
		return 's', 's'
	}
	return 0, 0
}

// plainASCII reports text that Normalise would leave as it is, the common case
// of a word typed on a phone in Latin letters.
func plainASCII(s string) bool {
	previous := byte(' ')
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= utf8.RuneSelf || c < ' ' || c == 0x7F || c >= 'A' && c <= 'Z' || c == ' ' && previous == ' ' {
			return false
		}
		previous = c
	}
	return s == "" || previous != ' '
}

// foldRune maps the letters met in nearly every message; 0 means dropped.
func foldRune(r rune) (rune, bool) {
	switch r {
	case 'أ', 'إ', 'آ', 'ٱ':
		return 'ا', true
	case 'ى', 'ی':
		return 'ي', true
	case 'ة', 'ە':
		return 'ه', true
	case 'ک', 'ڪ':
		return 'ك', true
	case 'ؤ', 'ئ', 'ء':
		return r, true
	case tatweel:
		return 0, true
	case 'à', 'á', 'â', 'ã', 'ä', 'å', 'À', 'Á', 'Â', 'Ã', 'Ä', 'Å':
		return 'a', true
	case 'ç', 'Ç':
		return 'c', true
	case 'è', 'é', 'ê', 'ë', 'È', 'É', 'Ê', 'Ë':
		return 'e', true
	case 'ì', 'í', 'î', 'ï', 'Ì', 'Í', 'Î', 'Ï':
		return 'i', true
	case 'ñ', 'Ñ':
		return 'n', true
	case 'ò', 'ó', 'ô', 'õ', 'ö', 'Ò', 'Ó', 'Ô', 'Õ', 'Ö':
		return 'o', true
	case 'ù', 'ú', 'û', 'ü', 'Ù', 'Ú', 'Û', 'Ü':
		return 'u', true
	case 'ÿ', 'ý', 'Ý', 'Ÿ':
		return 'y', true
	case '’', '‘', 'ʼ', '´', '′', '‛':
		return '\'', true
	}
	if r >= 0x0620 && r <= 0x064A { // the other Arabic letters stand for themselves
		return r, true
	}
	if r >= 0x064B && r <= 0x065F || r == 0x0670 || r >= 0x0610 && r <= 0x061A || r >= 0x06D6 && r <= 0x06DC {
		return 0, true
	}
	return 0, false
}

// invisible tells characters that take no place: zero-width ones, joiners,
// bidi marks, embeddings and isolates, soft hyphen, BOM, variation selectors.
func invisible(r rune) bool {
	switch {
	case r >= 0x200B && r <= 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2060 && r <= 0x206F,
		r >= 0xFE00 && r <= 0xFE0F, r == 0x00AD, r == 0x061C, r == 0xFEFF, r == 0x034F, r == 0x180E:
		return true
	}
	return false
}

// StripControls takes bidi controls, zero-width characters, NUL and every other
// control character except new line out of a value before it is shown inside our
// own words: a name must not be able to turn the sentence around it.
// Emoji joiners (U+200D) and variation selectors stay.
func StripControls(s string) string {
	clean := true
	for _, r := range s {
		if dropFromValue(r) {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	return strings.Map(func(r rune) rune {
		if dropFromValue(r) {
			return -1
		}
		return r
	}, s)
}

func dropFromValue(r rune) bool {
	switch {
	case r == '\n', r == 0x200D, r >= 0xFE00 && r <= 0xFE0F:
		return false
	case r == utf8.RuneError:
		return true
	}
	return unicode.IsControl(r) || invisible(r)
}
