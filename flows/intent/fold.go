package intent

import (
	"strings"
	"unicode/utf8"
)

// fold brings the spellings of one spoken word together: "commende", "comande" and "kommand" are one, so are "chhal", "ch7al" and
// "sh7al". It is coarser than locales.Normalise and finer than locales.SearchKey: vowels stay, in three classes.
// The word is already normalised.
func fold(norm string) string {
	r, _ := utf8.DecodeRuneInString(norm)
	if r >= utf8.RuneSelf {
		return foldArabic(norm)
	}
	return foldLatin(norm)
}

// foldArabic takes hamzas and their seats off and shortens letters held down (بزااااف).
func foldArabic(norm string) string {
	var b strings.Builder
	b.Grow(len(norm))
	var last rune
	for _, r := range norm {
		switch r {
		case 'ء':
			continue
		case 'ئ':
			r = 'ي'
		case 'ؤ':
			r = 'و'
		case 'ڭ', 'گ', 'ݣ':
			r = 'ك'
		case 'ڤ', 'ڥ':
			r = 'ف'
		case 'پ':
			r = 'ب'
		case 'ث':
			r = 'ت'
		case 'ذ':
			r = 'د'
		}
		if r == last && r != 'ل' { // للور and لور differ, بزااف and بزاف do not
			continue
		}
		last = r
		b.WriteRune(r)
	}
	return b.String()
}

func foldLatin(w string) string {
	var buf [48]byte
	out := buf[:0]
	put := func(c byte) {
		if n := len(out); n > 0 && out[n-1] == c {
			return
		}
		out = append(out, c)
	}
	for i := 0; i < len(w) && len(out) < len(buf)-1; i++ {
		next := byte(0)
		if i+1 < len(w) {
			next = w[i+1]
		}
		switch c := w[i]; c {
		case 'p':
			if next == 'h' {
				put('f')
				i++
			} else {
				put('p')
			}
		case 'q', '9':
			if c == 'q' && next == 'u' {
				i++
			}
			put('k')
		case 'c':
			switch {
			case next == 'h':
				put('c')
				i++
			case next == 'k':
				put('k')
				i++
			case next == 'e' || next == 'i' || next == 'y':
				put('s')
			default:
				put('k')
			}
		case 's':
			if next == 'h' {
				put('c')
				i++
			} else {
				put('s')
			}
		case 'k':
			if next == 'h' {
				put('x')
				i++
			} else {
				put('k')
			}
		case '5':
			put('x')
		case '7', '8':
			put('h')
		case '6':
			put('t')
		case '2', '\'':
		case '3':
			put('3')
		case 'g', 'd', 't':
			if next == 'h' && c != 'g' {
				i++
			}
			if c == 'g' && next == 'h' {
				i++
				c = 'G'
			}
			put(c)
		case 'e', 'a':
			switch {
			case (next == 'n' || next == 'm') && i+2 < len(w) && strings.IndexByte("bcdfgjklmnpqrstvxz", w[i+2]) >= 0:
				put('a') // comande, commende
			case c == 'a' && next == 'i', c == 'e' && next == 'i':
				put('i')
				i++
			case c == 'a' && next == 'u':
				put('u')
				i++
			case c == 'e' && next == 'a' && i+2 < len(w) && w[i+2] == 'u':
				put('u')
				i += 2
			case c == 'e' && (next == 'r' || next == 'z') && i+2 == len(w) && i > 2: // annuler, annulez, annulé
				put('i')
				i++
			case c == 'e':
				put('i')
			default:
				put('a')
			}
		case 'i', 'y':
			put('i')
		case 'o', 'u', 'w':
			if c == 'o' && next == 'u' {
				i++
			}
			put('u')
		case 'v':
			put('v')
		case 'z':
			put('z')
		case 'x':
			put('s')
		default:
			if c >= utf8.RuneSelf {
				continue
			}
			put(c)
		}
	}
	if strings.ContainsAny(w, "23456789") { // Arabizi hears every letter
		return string(out)
	}
	return string(trimSilent(out))
}

// trimSilent takes off the letters that French writes at the end and nobody hears: s, t and d, or a closing e, behind which the
// consonant is heard ("comment" and "commande" stay two words). Short words keep theirs.
func trimSilent(out []byte) []byte {
	for len(out) > 4 && strings.IndexByte("std", out[len(out)-1]) >= 0 {
		out = out[:len(out)-1]
	}
	for len(out) > 3 && out[len(out)-1] == 'i' {
		out = out[:len(out)-1]
	}
	return out
}
