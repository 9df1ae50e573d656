package locales

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// SearchKey writes text as consonants that French, Arabic and Arabizi spellings
// of one word share: "3sel", "l3sel" and «العسل» all give "asl", "9ahwa" and
// «قهوة» "khw". Articles, little words (de, dyal, ديال) and signs are dropped,
// vowels too except at the start of a word; sounds that the alphabets confuse
// fall together (ع with a vowel, ك ق گ, ح ه, ت ط, د ض, س ص). It is a key to match
// and rank by, lossy on purpose; it does not translate.
func SearchKey(text string) string {
	var b strings.Builder
	for _, t := range Tokens(StripControls(text)) {
		switch t.Kind {
		case MarkToken:
			continue
		case NumberToken:
			if b.Len() > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(t.Norm)
			continue
		}
		if IsLittle(t.Norm) {
			continue
		}
		key := WordKey(t.Norm)
		if key == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(key)
	}
	return b.String()
}

// IsLittle tells normalised words that join others and mean nothing by
// themselves: articles and "of" in every language people mix here.
func IsLittle(norm string) bool {
	switch norm {
	case "l'", "d'", "le", "la", "les", "l", "d", "de", "du", "des", "un", "une", "a", "au", "aux", "et", "en", "el", "al", "w", "o", "ou", "b", "f", "m",
		"dyal", "dial", "diel", "dyel", "dl", "dyali", "ديال", "دال", "د", "ل", "ال", "و", "ب", "في", "ف", "من", "mn", "men", "تاع", "ta3", "متاع", "نتاع", "s'", "n'", "qu'", "j'", "c'", "m'", "t'":
		return true
	}
	return false
}

// StripArticle takes the article off a normalised word: ال, وال, بال, لل in
// Arabic letters; l', el-, al- and a bare l before a consonant in Latin ones.
func StripArticle(norm string) string {
	r, _ := utf8.DecodeRuneInString(norm)
	if isArabicLetter(r) {
		for _, prefix := range [...]string{"وال", "بال", "فال", "كال", "ولل", "ال", "لل"} {
			if rest, ok := strings.CutPrefix(norm, prefix); ok && utf8.RuneCountInString(rest) >= 2 {
				return rest
			}
		}
		return norm
	}
	if rest, ok := strings.CutPrefix(norm, "el"); ok && len(rest) >= 3 && !latinVowel(rest[0]) {
		return rest
	}
	if rest, ok := strings.CutPrefix(norm, "al"); ok && len(rest) >= 3 && (rest[0] >= '0' && rest[0] <= '9' || rest[0] == rest[1]) {
		return rest
	}
	if len(norm) >= 3 && norm[0] == 'l' && !latinVowel(norm[1]) && norm[1] != 'l' {
		return norm[1:]
	}
	return norm
}

func latinVowel(c byte) bool { return strings.IndexByte("aeiouy'", c) >= 0 }

// WordKey is SearchKey of one normalised word.
func WordKey(norm string) string {
	word := StripArticle(norm)
	r, _ := utf8.DecodeRuneInString(word)
	var b strings.Builder
	b.Grow(len(word))
	k := keyWriter{b: &b}
	if isArabicLetter(r) {
		for _, r := range word {
			k.put(arabicClass(r))
		}
		return k.done()
	}
	// A French plural is silent: dattes, figues.
	if strings.HasSuffix(word, "es") && len(word) > 4 {
		word = word[:len(word)-1]
	}
	for i := 0; i < len(word); {
		class, n := latinClass(word, i)
		k.put(class)
		i += n
	}
	return k.done()
}

// keyWriter collects classes: doubled letters once, vowels only at the start,
// a closing h (the French or Arabizi way to write ة) not at all.
type keyWriter struct {
	b    *strings.Builder
	last byte
}

const vowel = 'a'

func (k *keyWriter) put(class byte) {
	switch {
	case class == 0:
		return
	case class == vowel:
		if k.b.Len() == 0 {
			k.b.WriteByte(vowel)
		}
	case class == 'w' || class == 'y':
		if k.b.Len() == 0 {
			k.b.WriteByte(class)
		}
		class = vowel
	case class == k.last:
		return
	case class == 'x' && k.last == 'k': // kept apart: "ks" is one letter only in Latin
		k.b.WriteByte(class)
	default:
		k.b.WriteByte(class)
	}
	k.last = class
}

func (k *keyWriter) done() string {
	s := k.b.String()
	if len(s) > 2 && s[len(s)-1] == 'h' {
		s = s[:len(s)-1]
	}
	return s
}

func arabicClass(r rune) byte {
	switch r {
	case 'ا', 'ع', 'أ', 'إ', 'آ', 'ى':
		return vowel
	case 'ء', 'ئ', 'ؤ':
		return 0
	case 'و':
		return 'w'
	case 'ي':
		return 'y'
	case 'ب', 'پ':
		return 'b'
	case 'ت', 'ط', 'ث':
		return 't'
	case 'ج', 'چ':
		return 'j'
	case 'ح', 'ه':
		return 'h'
	case 'خ':
		return 'x'
	case 'د', 'ض', 'ذ', 'ظ':
		return 'd'
	case 'ر':
		return 'r'
	case 'ز':
		return 'z'
	case 'س', 'ص':
		return 's'
	case 'ش':
		return 'c'
	case 'غ':
		return 'g'
	case 'ف', 'ڤ', 'ڥ':
		return 'f'
	case 'ق', 'ك', 'گ', 'ڭ', 'ݣ':
		return 'k'
	case 'ل':
		return 'l'
	case 'م':
		return 'm'
	case 'ن':
		return 'n'
	}
	if unicode.IsLetter(r) {
		return '?'
	}
	return 0
}

// latinClass gives the class of the sound at word[i] and how many bytes write it.
func latinClass(word string, i int) (class byte, n int) {
	next := byte(0)
	if i+1 < len(word) {
		next = word[i+1]
	}
	c := word[i]
	switch c {
	case 'o':
		if next == 'u' {
			if i == 0 && i+2 < len(word) && latinVowel(word[i+2]) { // ouarzazate, ouarda
				return 'w', 2
			}
			return vowel, 2
		}
		return vowel, 1
	case 'a', 'e', 'i', 'u', '3':
		return vowel, 1
	case 'y':
		return 'y', 1
	case 'w':
		return 'w', 1
	case '2', '\'':
		return 0, 1
	case '7', '8':
		return 'h', 1
	case '5':
		return 'x', 1
	case '9', 'q', 'k':
		switch {
		case c == 'k' && next == 'h':
			return 'x', 2
		case c == 'q' && next == 'u':
			return 'k', 2
		}
		return 'k', 1
	case 'c':
		switch {
		case next == 'h':
			return 'c', 2
		case next == 'e' || next == 'i' || next == 'y':
			return 's', 1
		}
		return 'k', 1
	case 's':
		if next == 'h' {
			return 'c', 2
		}
		return 's', 1
	case 'g':
		switch next {
		case 'h':
			return 'g', 2
		case 'e', 'i', 'y':
			return 'j', 1
		}
		return 'k', 1
	case 'p':
		if next == 'h' {
			return 'f', 2
		}
		return 'b', 1
	case 't', 'd':
		if next == 'h' {
			return c, 2
		}
		if c == 't' && next == 'c' && i+2 < len(word) && word[i+2] == 'h' {
			return 'c', 3
		}
		if c == 'd' && next == 'j' {
			return 'j', 2
		}
		return c, 1
	case 'v':
		return 'f', 1
	case 'x':
		return 's', 1
	case '6':
		return 't', 1
	case 'b', 'f', 'h', 'j', 'l', 'm', 'n', 'r', 'z':
		return c, 1
	}
	if c >= '0' && c <= '9' {
		return c, 1
	}
	if c < utf8.RuneSelf {
		return 0, 1
	}
	_, size := utf8.DecodeRuneInString(word[i:])
	return '?', size
}
