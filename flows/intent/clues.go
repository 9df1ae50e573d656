package intent

import "souk/locales"

// The clues that rules look at beyond which senses stand together: order, single words, verbs nobody listed.

// says tells whether a normalised word stands in the message.
func (m *message) says(word string) bool {
	for i := range m.tokens {
		if m.tokens[i].Norm == word {
			return true
		}
	}
	return false
}

// named tells a message that is nothing but the name of something unknown: two or three words joined by "de" («sucre de canne»).
func (m *message) named() bool {
	if m.content < 2 || m.content > 4 || m.all&^(filler|greet|thanks) != 0 {
		return false
	}
	previous := -1
	for i := range m.tokens {
		if !m.isContent(i) {
			continue
		}
		if previous >= 0 && i == previous+2 && of(m.tokens[i-1].Norm) {
			return true
		}
		previous = i
	}
	return false
}

// firstIs tells which of two senses is said first: a.
func (m *message) firstIs(a, b sense) bool {
	for _, s := range m.senses {
		switch {
		case s&a != 0:
			return true
		case s&b != 0:
			return false
		}
	}
	return false
}

// language picks the language asked for: the last one named. What the person does not understand means the other one, and a denial
// between two ("arabe, pas français") the first.
func (m *message) language() locales.Lang {
	var first, last locales.Lang
	deniedBefore, deniedAfter := false, false
	for _, s := range m.senses {
		var named locales.Lang
		switch {
		case s&french != 0:
			named = locales.French
		case s&arabic != 0:
			named = locales.Arabic
		}
		switch {
		case named == "" && s&(neg|no) != 0 && first == "":
			deniedBefore = true
		case named == "" && s&(neg|no) != 0:
			deniedAfter = true
		case named != "" && first == "":
			first, last = named, named
		case named != "":
			last = named
		}
	}
	switch {
	case first != last && deniedAfter:
		return first
	case first != last || !deniedBefore && !deniedAfter:
		return last
	case !m.has(understand | know | talk | want | learnWord):
		return last
	case last == locales.French:
		return locales.Arabic
	}
	return locales.French
}

// unknownVerb tells a first-person Darija verb that the lexicon does not know right after "bghit": something is to be done, not
// bought. Arabic and Arabizi verbs of the first person begin with n before a consonant.
func (m *message) unknownVerb() bool {
	if m.goodsNamed() || m.amount {
		return false
	}
	wanted := false
	for i, s := range m.senses {
		if s&want != 0 {
			wanted = true
			continue
		}
		if !wanted || !m.isContent(i) {
			continue
		}
		word := []rune(m.tokens[i].Norm)
		if len(word) < 4 {
			return false
		}
		switch word[0] {
		case 'n':
			return word[1] < 'a' || word[1] > 'z' || !isVowel(word[1])
		case 'ن':
			return true
		}
		return false
	}
	return false
}

func isVowel(r rune) bool {
	switch r {
	case 'a', 'e', 'i', 'o', 'u', 'y':
		return true
	}
	return false
}
