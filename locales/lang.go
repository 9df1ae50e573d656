package locales

// Lang names a language Souk speaks. Darija is understood but answered in
// simple Arabic, so it has no Lang of its own.
type Lang string

const (
	French Lang = "fr"
	Arabic Lang = "ar"
)

// Langs lists the languages Souk speaks, the fallback first.
func Langs() []Lang { return []Lang{French, Arabic} }

// Valid tells whether Souk has words for l.
func (l Lang) Valid() bool { return l == French || l == Arabic }

// RTL tells whether l is written from right to left.
func (l Lang) RTL() bool { return l == Arabic }

// Guess picks the language to answer in by script alone: Arabic letters get
// Arabic, Latin ones French (Arabizi included: its readers read Latin letters).
// In a mixture the majority wins, Arabic on a tie. Without any letter, French.
func Guess(text string) Lang {
	arabic, latin := 0, 0
	for _, r := range text {
		switch {
		case isArabicLetter(r):
			arabic++
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= 0xC0 && r <= 0x24F && r != '×' && r != '÷':
			latin++
		}
	}
	if arabic > 0 && arabic >= latin {
		return Arabic
	}
	return French
}

func isArabicLetter(r rune) bool {
	switch {
	case r >= 0x0620 && r <= 0x064A && r != tatweel, // letters
		r >= 0x066E && r <= 0x066F, r >= 0x0671 && r <= 0x06D3, // Persian, Amazigh and Moroccan additions
		r == 0x06D5, r >= 0x06EE && r <= 0x06EF, r >= 0x06FA && r <= 0x06FF,
		r >= 0x0750 && r <= 0x077F,
		r >= 0xFB50 && r <= 0xFDFF, r >= 0xFE70 && r <= 0xFEFC: // presentation forms
		return true
	}
	return false
}
