package catalog

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"souk/locales"
)

// HiddenContact stands where a number, an address or a link was.
const HiddenContact = "•••"

// HideContacts puts HiddenContact in the place of what would let two people write to each other past Souk: phone numbers in the digits
// of any script or spelt in words, with whatever signs between them; mail addresses, links and names on other networks. hidden
// tells whether there was any. Prices, sizes and years stay. It only hides what is plain: no filter stops two people who are set on it.
func HideContacts(text string) (safe string, hidden bool) {
	safe = hideNumbers(locales.StripControls(text)) // first: a name before a number must not hide a part of it only
	for _, pattern := range contactPatterns {
		safe = pattern.ReplaceAllString(safe, HiddenContact)
	}
	return safe, strings.Contains(safe, HiddenContact) && !strings.Contains(text, HiddenContact)
}

var contactPatterns = []*regexp.Regexp{
	// Links, and mail addresses with the sign as such or in words.
	regexp.MustCompile(`(?i)\b(https?://|www\s?\.\s?)\S+`),
	regexp.MustCompile(`(?i)[\p{L}\p{N}._%+-]+\s*(?:@|\(at\)|\[at\]|\sarobas[e]?\s|\sat\s|آت|أروباز|اروباز)\s*[\p{L}\p{N}-]+(?:\s*(?:\.|\(dot\)|\spoint\s|\sdot\s|نقطة)\s*\p{L}{2,})+`),
	regexp.MustCompile(`(?i)[a-z0-9-]+\s?(?:\.|\spoint\s|\sdot\s)\s?(?:com|net|org)\b\S*`),
	regexp.MustCompile(`(?i)\b[a-z0-9-]{1,}\.(?:ma|fr|me|io|eu|shop|store|info|link|app|gl|ly)\b(?:/\S*)?`),
	// Names on other networks.
	regexp.MustCompile(`(?i)(?:insta(?:gram)?|facebook|fb|snap(?:chat)?|tik\s?tok|telegram|whats\s?app|انستغرام|فيسبوك|واتساب|تيليغرام)\s*[:=@]\s*\S+`),
	regexp.MustCompile(`@[\p{L}\p{N}_.]{3,}`),
}

// moroccan is a number of this country with its prefix, wherever it stands in a row of digits.
var moroccan = regexp.MustCompile(`(?:212|0)0?[5-8][0-9]{8}`)

// longNumber is how many digits in a row are no price, size or date: a number without its first zero has nine.
const longNumber = 9

// piece is a number in a text: some digits, or a word that is one.
type piece struct {
	start, end int
	digits     string
}

// hideNumbers looks at rows of numbers that nothing but signs and little words part.
func hideNumbers(text string) string {
	var out strings.Builder
	done := 0
	var row []piece
	listed := false // by commas: "10, 20, 50" are amounts
	flush := func() {
		var digits strings.Builder
		for _, p := range row {
			digits.WriteString(p.digits)
		}
		if all := digits.String(); len(row) > 0 && (moroccan.MatchString(all) || len(all) >= longNumber && !listed) {
			out.WriteString(text[done:row[0].start])
			out.WriteString(HiddenContact)
			done = row[len(row)-1].end
		}
		row, listed = row[:0], false
	}
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case isAnyDigit(r):
			end := i + n
			for end < len(text) {
				r, n := utf8.DecodeRuneInString(text[end:])
				if !isAnyDigit(r) && !isZeroLetter(text, end) {
					break
				}
				end += n
			}
			digits := strings.Map(func(r rune) rune {
				if unicode.IsLetter(r) {
					return '0'
				}
				return r
			}, locales.Digits(text[i:end]))
			row = append(row, piece{i, end, digits})
			i = end
		case isZeroLetter(text, i):
			row = append(row, piece{i, i + n, "0"})
			i += n
		case unicode.IsLetter(r):
			end := i
			for end < len(text) {
				r, n := utf8.DecodeRuneInString(text[end:])
				if !unicode.IsLetter(r) && !unicode.Is(unicode.Mn, r) {
					break
				}
				end += n
			}
			norm := locales.Normalise(text[i:end])
			if digits := spelt(norm); digits != "" {
				row = append(row, piece{i, end, digits})
			} else if !joinsNumbers[norm] {
				flush()
			}
			i = end
		case r == ',' || r == '،' || r == ';' || r == '؛':
			listed = true
			i += n
		case r == '•' || r == '\n' && len(row) > 0 && strings.HasPrefix(text[i:], "\n\n"):
			flush()
			i += n
		default: // spaces, dots, dashes, stars, emoji
			i += n
		}
	}
	flush()
	return out.String() + text[done:]
}

func isAnyDigit(r rune) bool {
	return unicode.Is(unicode.Nd, r) || unicode.Is(unicode.No, r) && locales.Normalise(string(r)) != string(r)
}

// isZeroLetter tells an O that stands for a zero: one before a digit with no letter beside it.
func isZeroLetter(text string, at int) bool {
	if text[at] != 'o' && text[at] != 'O' {
		return false
	}
	last, _ := utf8.DecodeLastRuneInString(text[:at])
	next, _ := utf8.DecodeRuneInString(text[at+1:])
	return !unicode.IsLetter(last) && isAnyDigit(next)
}

// joinsNumbers are words that may stand within a number that is spelt.
var joinsNumbers = map[string]bool{"et": true, "و": true, "w": true, "ou": false, "point": true, "tiret": true, "نقطه": true, "no9ta": true}

// spelt is the digits of a number in words as it is dictated, "" for what is none.
func spelt(norm string) string {
	value, ok := locales.ReadNumber(norm)
	if !ok {
		if rest, cut := strings.CutPrefix(norm, "و"); cut {
			value, ok = locales.ReadNumber(rest)
		}
	}
	if !ok {
		return doubtfulZero[norm]
	}
	if value < 0 || value > 99 || value != float64(int(value)) {
		return ""
	}
	n := int(value)
	if n < 10 {
		return string(rune('0' + n))
	}
	return string(rune('0'+n/10)) + string(rune('0'+n%10))
}

// doubtfulZero are names of zero that readers of amounts leave alone.
var doubtfulZero = map[string]string{"zero": "0", "sifr": "0", "ziro": "0", "صفر": "0", "زيرو": "0"}
