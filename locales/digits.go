package locales

import (
	"strings"
	"unicode"
)

// Digits turns the decimal digits of every script (٣, ۳, ３, ३ …) into Western
// ones and leaves the rest of s alone. ASCII text is returned as it is.
func Digits(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return strings.Map(func(r rune) rune {
				if d, ok := digit(r); ok {
					return d
				}
				return r
			}, s)
		}
	}
	return s
}

// digit maps one decimal digit of any script to '0'…'9'.
func digit(r rune) (rune, bool) {
	switch {
	case r >= '0' && r <= '9':
		return r, true
	case r < 0x80:
		return r, false
	case r >= 0x0660 && r <= 0x0669: // Arabic-Indic
		return r - 0x0660 + '0', true
	case r >= 0x06F0 && r <= 0x06F9: // Persian, common on cheap keyboards
		return r - 0x06F0 + '0', true
	case !unicode.Is(unicode.Nd, r):
		return r, false
	}
	// Unicode keeps decimal digits in runs of ten that start at a zero, and
	// every run but the mathematical ones stands apart from its neighbours.
	if r >= 0x1D7CE && r <= 0x1D7FF {
		return '0' + (r-0x1D7CE)%10, true
	}
	n := rune(0)
	for n < 9 && unicode.Is(unicode.Nd, r-n-1) {
		n++
	}
	return '0' + n, true
}
