package locales

import (
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Encoding is the alphabet a text message must be sent in.
type Encoding string

const (
	GSM7 Encoding = "GSM-7" // 160 signs in one message, 153 in each of several
	UCS2 Encoding = "UCS-2" // 70, and 67 in each of several
)

// gsmBasic is the basic character set of 3GPP TS 23.038; gsmExtended are its
// extension signs, which count two.
const (
	gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmExtended = "\f^{}\\[~]|€"
)

// Segments counts the messages that text costs as SMS, and the alphabet it
// needs. A character never straddles two segments: neither an extension sign's
// escape nor a surrogate pair is cut. Empty text costs none.
func Segments(text string) (n int, encoding Encoding) {
	if text == "" {
		return 0, GSM7
	}
	encoding = GSM7
	total := 0
	for _, r := range text {
		cost := gsmCost(r)
		if cost == 0 {
			encoding = UCS2
			break
		}
		total += cost
	}
	single, part := 160, 153
	if encoding == UCS2 {
		single, part = 70, 67
		total = 0
		for _, r := range text {
			total += ucsCost(r)
		}
	}
	if total <= single {
		return 1, encoding
	}
	n, used := 1, 0
	for _, r := range text {
		cost := ucsCost(r)
		if encoding == GSM7 {
			cost = gsmCost(r)
		}
		if used+cost > part {
			n++
			used = 0
		}
		used += cost
	}
	return n, encoding
}

// IsGSM7 tells whether text can travel in the GSM-7 alphabet.
func IsGSM7(text string) bool {
	for _, r := range text {
		if gsmCost(r) == 0 {
			return false
		}
	}
	return true
}

// gsmCost is 1 for a basic sign, 2 for an extension sign, 0 for one outside.
func gsmCost(r rune) int {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == ' ':
		return 1
	case r == utf8.RuneError:
		return 0
	case strings.ContainsRune(gsmBasic, r):
		return 1
	case strings.ContainsRune(gsmExtended, r):
		return 2
	}
	return 0
}

func ucsCost(r rune) int {
	if n := utf16.RuneLen(r); n > 0 {
		return n
	}
	return 1
}

// PlainText brings text down to what an SMS carries cheaply: isolates and other
// invisible marks off, typographic quotes, dashes and spaces replaced. Where the
// text holds no Arabic, every Latin letter outside GSM-7 (ê, ç, œ …) becomes its
// nearest one inside and what has none (emoji) is dropped. Arabic needs UCS-2
// anyway, so its text keeps its letters and accents, and the two signs that keep
// its lines in order: the no-break space, without which the groups of a number
// run backwards, and ×, without which a line that begins with it would run from
// the left as if it were Latin.
func PlainText(text string) string {
	if IsGSM7(text) {
		return text
	}
	arabic := strings.ContainsFunc(text, isArabicLetter)
	var b strings.Builder
	b.Grow(len(text))
	for _, r := range text {
		switch s, ok := plainSign(r); {
		case r == '×' && arabic: // an "x" would be a Latin letter, and turn an Arabic line around
			b.WriteRune(r)
		case arabic && (r == '\u00a0' || r == '\u202f'):
			b.WriteRune('\u00a0')
		case ok:
			b.WriteString(s)
		case gsmCost(r) > 0:
			b.WriteRune(r)
		case dropFromValue(r), r == 0x200D, r >= 0xFE00 && r <= 0xFE0F, unicode.Is(unicode.So, r) && !isArabicLetter(r): // a pictogram costs as much as two letters and few phones that only read SMS show it
		case arabic:
			b.WriteRune(r)
		default:
			for _, p := range norm.NFKD.String(string(r)) {
				if s, ok := plainSign(p); ok {
					b.WriteString(s)
				} else if gsmCost(p) > 0 {
					b.WriteRune(p)
				}
			}
		}
	}
	// A dropped emoji leaves its space behind.
	return tidySpaces(b.String())
}

func plainSign(r rune) (string, bool) {
	switch r {
	case '’', '‘', 'ʼ', '‛', '′', '´', '`':
		return "'", true
	case '“', '”', '„', '«', '»', '″':
		return `"`, true
	case '–', '—', '‒', '―', '−', '‐', '‑', '·', '•':
		return "-", true
	case '…':
		return "...", true
	case '\u00a0', '\u202f', '\u2009', '\u2007', '\u200a', '\u2002', '\u2003':
		return " ", true
	case 'œ':
		return "oe", true
	case 'Œ':
		return "OE", true
	case '→':
		return "->", true
	case '×':
		return "x", true
	case '°':
		return "o", true
	case '✓', '✔':
		return "", true
	case '⁄':
		return "/", true
	case 'ç': // GSM-7 has the capital only
		return "c", true
	}
	return "", false
}

// tidySpaces shrinks runs of spaces to one and takes them off both ends of lines.
func tidySpaces(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = strings.Join(strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' }), " ")
	}
	return strings.Join(lines, "\n")
}
