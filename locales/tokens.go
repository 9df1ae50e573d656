package locales

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// TokenKind tells words from numbers written in digits and from signs.
type TokenKind uint8

const (
	WordToken   TokenKind = iota
	NumberToken           // 2, 0,5, 1/2, ½ in any script's digits
	MarkToken             // one sign: punctuation, an emoji, +, ×
)

// Token is one word, number or sign of what a person typed.
type Token struct {
	Text  string    // as typed
	Norm  string    // normalised; what the readers look at
	Kind  TokenKind // of what sort it is
	Value float64   // of a NumberToken
	Start int       // byte offsets in the text given to Tokens
	End   int
}

// Tokens cuts text (without invisible marks: see StripControls) into tokens.
// It knows how people here write: "2kg" is a number and a unit, "3sel" one word
// that begins with a letter that happens to look like a 3; "l'huile" is l' and
// huile; Arabic letters part from Latin ones and from digits.
func Tokens(text string) []Token {
	tokens := make([]Token, 0, len(text)/5+4)
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			i += n
		case r == '½' || r == '¼' || r == '¾':
			tokens = append(tokens, Token{Text: text[i : i+n], Norm: text[i : i+n], Kind: NumberToken, Value: vulgar(r), Start: i, End: i + n})
			i += n
		case isDigit(r):
			t, next := numberOrWord(text, i)
			tokens = append(tokens, t)
			i = next
		case isWordRune(r):
			end := wordEnd(text, i)
			tokens = append(tokens, word(text, i, end))
			i = end
		default:
			tokens = append(tokens, Token{Text: text[i : i+n], Norm: text[i : i+n], Kind: MarkToken, Start: i, End: i + n})
			i += n
		}
	}
	return tokens
}

func word(text string, start, end int) Token {
	return Token{Text: text[start:end], Norm: Normalise(text[start:end]), Kind: WordToken, Start: start, End: end}
}

// wordEnd finds where the word that begins at start ends. A Latin word may hold
// digits (l3sel); an apostrophe closes an elided article and belongs to it.
func wordEnd(text string, start int) int {
	first, n := utf8.DecodeRuneInString(text[start:])
	arabic := isArabicLetter(first)
	if (first == 'x' || first == 'X') && countsAlone(text[start+n:]) {
		return start + n // "x3" is a sign and a number
	}
	i := start + n
	for i < len(text) {
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case unicode.Is(unicode.Mn, r), r == tatweel:
		case arabic && isArabicLetter(r):
		case !arabic && !isArabicLetter(r) && (unicode.IsLetter(r) || r >= '0' && r <= '9'):
		case isApostrophe(r) && !arabic:
			return i + n
		default:
			return i
		}
		i += n
	}
	return i
}

// countsAlone tells that text begins with one to three digits and nothing glued to them.
func countsAlone(text string) bool {
	n := 0
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	if n == 0 || n > 3 {
		return false
	}
	r, _ := utf8.DecodeRuneInString(text[n:])
	return n == len(text) || !isWordRune(r)
}

// numberOrWord reads what begins with a digit.
func numberOrWord(text string, start int) (Token, int) {
	i := start
	digits := func(from int) int {
		for from < len(text) {
			r, n := utf8.DecodeRuneInString(text[from:])
			if !isDigit(r) {
				break
			}
			from += n
		}
		return from
	}
	i = digits(i)
	end := i
	number, _ := strconv.ParseFloat(Digits(text[start:end]), 64)
	if i < len(text) {
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == '.' || r == ',' || r == '٫':
			if stop := digits(i + n); stop > i+n {
				number, _ = strconv.ParseFloat(Digits(text[start:i]+"."+text[i+n:stop]), 64)
				end = stop
			}
		case r == '/' || r == '⁄':
			if stop := digits(i + n); stop > i+n && stop-i-n <= 2 {
				over, _ := strconv.ParseFloat(Digits(text[i+n:stop]), 64)
				if over > 0 {
					number /= over
					end = stop
				}
			}
		case r == '½' || r == '¼' || r == '¾':
			number += vulgar(r)
			end = i + n
		}
	}
	if end == i && end < len(text) {
		r, _ := utf8.DecodeRuneInString(text[end:])
		if unicode.IsLetter(r) && !isArabicLetter(r) {
			stop := wordEnd(text, end)
			if !gluedUnit(Normalise(text[end:stop])) && end-start <= 2 {
				return word(text, start, stop), stop
			}
		}
	}
	return Token{Text: text[start:end], Norm: Digits(text[start:end]), Kind: NumberToken, Value: number, Start: start, End: end}, end
}

// gluedUnit tells what people write against a number: 2kg, 500g, 3x, 45dh, 10h.
func gluedUnit(s string) bool {
	if _, ok := unitWords[s]; ok {
		return true
	}
	switch s {
	case "x", "dh", "dhs", "mad", "d", "dirham", "dirhams", "h", "cm", "m", "eme", "er", "ere", "e", "ryal", "rial":
		return true
	}
	return false
}

// vulgar is the value of a fraction written as one sign; 0 is none.
func vulgar(r rune) float64 {
	switch r {
	case '½':
		return 0.5
	case '¼':
		return 0.25
	case '¾':
		return 0.75
	}
	return 0
}

func isDigit(r rune) bool {
	_, ok := digit(r)
	return ok
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.Is(unicode.Mn, r) || r == tatweel }

func isApostrophe(r rune) bool {
	return strings.ContainsRune("'’‘ʼ´`′", r)
}
