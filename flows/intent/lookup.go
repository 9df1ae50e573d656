package intent

import (
	"strings"
	"sync"
	"unicode/utf8"

	"souk/locales"
)

// dictionary is the lexicon compiled for looking up; it is built once and never changes.
type dictionary struct {
	exact   map[string]sense    // normalised words
	folded  map[string]sense    // folded words
	phrases map[string][]phrase // by their first folded word, the longest first
	core    map[string]sense    // words of five letters and more that are recognised with a typing error too
	typos   map[string]sense    // those words, each with one letter left out
}

type phrase struct {
	rest  []string // folded words after the first
	sense sense
}

// words compiles at the first message: a command that reads none does not pay for it.
var words = sync.OnceValue(compile)

func compile() *dictionary {
	d := &dictionary{exact: map[string]sense{}, folded: map[string]sense{}, phrases: map[string][]phrase{}, core: map[string]sense{}, typos: map[string]sense{}}
	for _, list := range wordLists {
		d.addList(list.sense, list.words)
	}
	d.addList(product, productWords)
	d.addList(0, adjectiveWords)
	for _, list := range verbLists {
		for _, stem := range strings.Fields(list.stems) {
			d.addVerb(list.sense, locales.Normalise(stem))
		}
	}
	for _, byFirst := range d.phrases {
		for i := 1; i < len(byFirst); i++ { // insertion sort: the lists are short
			for j := i; j > 0 && len(byFirst[j].rest) > len(byFirst[j-1].rest); j-- {
				byFirst[j], byFirst[j-1] = byFirst[j-1], byFirst[j]
			}
		}
	}
	return d
}

func (d *dictionary) addList(s sense, list string) {
	for _, text := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == '\n' }) {
		var parts []string
		norm := ""
		for _, t := range locales.Tokens(text) {
			if t.Kind != locales.MarkToken {
				parts = append(parts, fold(t.Norm))
				norm = t.Norm
			}
		}
		switch {
		case len(parts) == 0:
		case len(parts) == 1:
			d.addWord(s, norm)
		default:
			d.addPhrase(s, parts)
		}
	}
}

func (d *dictionary) addPhrase(s sense, parts []string) {
	same := d.phrases[parts[0]]
	for i := range same {
		if strings.Join(same[i].rest, " ") == strings.Join(parts[1:], " ") {
			same[i].sense |= s
			return
		}
	}
	d.phrases[parts[0]] = append(same, phrase{rest: parts[1:], sense: s})
}

func (d *dictionary) addWord(s sense, norm string) {
	d.exact[norm] |= s
	f := fold(norm)
	// A very short fold would swallow words that only look alike.
	if n := utf8.RuneCountInString(f); n >= 4 || n == 3 && len(norm) <= 5 || f == norm {
		d.folded[f] |= s
	}
	// What matters most is recognised with a typing error too.
	if s&^(filler|product|adding|yes|no|neg|now|what|list|howMuch|odd|money|mine|where|send|greet|later) != 0 {
		d.addTypos(s, norm)
	}
}

// addTypos keeps norm with each letter left out but the first.
func (d *dictionary) addTypos(s sense, norm string) {
	if utf8.RuneCountInString(norm) < 5 {
		return
	}
	d.core[norm] |= s
	for i, r := range norm {
		if i > 0 {
			d.typos[norm[:i]+norm[i+utf8.RuneLen(r):]] |= s
		}
	}
}

// addVerb adds what Darija makes of a stem. An exact list entry wins over these.
func (d *dictionary) addVerb(s sense, stem string) {
	prefixes, suffixes := verbPrefixesLatin, verbSuffixesLatin
	if r, _ := utf8.DecodeRuneInString(stem); r >= utf8.RuneSelf {
		prefixes, suffixes = verbPrefixesArabic, verbSuffixesArabic
	}
	add := func(word string) {
		f := fold(word)
		if _, listed := d.exact[word]; !listed {
			d.exact[word] = s
		}
		if _, listed := d.folded[f]; !listed {
			d.folded[f] = s
		}
	}
	add(stem)
	for _, suffix := range suffixes {
		add(stem + suffix)
	}
	for _, prefix := range prefixes {
		add(prefix + stem)
		for _, suffix := range suffixes {
			add(prefix + stem + suffix)
		}
	}
}

// phraseAt finds the longest phrase that begins at folded[i] and says how many words it has.
func (d *dictionary) phraseAt(folded []string, i int) (sense, int) {
	for _, p := range d.phrases[folded[i]] {
		if i+1+len(p.rest) > len(folded) {
			continue
		}
		match := true
		for j, word := range p.rest {
			if folded[i+1+j] != word {
				match = false
				break
			}
		}
		if match {
			return p.sense, 1 + len(p.rest)
		}
	}
	return 0, 0
}

// sense looks one normalised word up: as it is, folded, without what is glued before it, negated (ما…ش), with one typing error.
func (d *dictionary) sense(norm, folded string) sense {
	if _, listed := d.exact[norm]; !listed {
		if _, unit := locales.ReadUnit(norm); unit {
			return 0
		}
		if _, number := locales.ReadNumber(norm); number {
			return 0
		}
	}
	if s, ok := d.plain(norm, folded); ok {
		return s
	}
	first, _ := utf8.DecodeRuneInString(norm)
	arabic := first >= utf8.RuneSelf
	if arabic {
		for _, prefix := range [...]string{"وال", "بال", "فال", "كال", "لل", "ال", "و", "ف", "ب", "ل"} {
			if rest, ok := strings.CutPrefix(norm, prefix); ok && utf8.RuneCountInString(rest) >= 3 {
				if s, ok := d.plain(rest, foldArabic(rest)); ok {
					return s
				}
			}
		}
		if rest, ok := strings.CutPrefix(norm, "ك"); ok && utf8.RuneCountInString(rest) >= 4 { // كبائع: as a seller
			if s, ok := d.plain(rest, foldArabic(rest)); ok && s&(vendor|coop) != 0 {
				return s
			}
		}
		// The tanwin of an indefinite noun: بائعا, موظفا.
		if rest, ok := strings.CutSuffix(norm, "ا"); ok && utf8.RuneCountInString(rest) >= 3 {
			if s, ok := d.plain(rest, foldArabic(rest)); ok {
				return s
			}
		}
	} else if d.elided(norm) {
		return product
	} else if rest := locales.StripArticle(norm); rest != norm && len(rest) >= 3 {
		if s, ok := d.plain(rest, foldLatin(rest)); ok {
			return s
		}
	}
	if inner, ok := negated(norm, arabic); ok {
		if s, ok := d.plain(inner, fold(inner)); ok && s&(filler|product) == 0 {
			return s | neg
		}
	}
	if inner, ok := bareNegated(norm, arabic); ok {
		if s, ok := d.plain(inner, fold(inner)); ok && s&(want|understand|arrive|know) != 0 {
			return s | neg
		}
	}
	return d.typo(locales.StripArticle(norm))
}

// elided tells goods that were typed without the apostrophe of «d'»: "dhuile", "dargan".
func (d *dictionary) elided(norm string) bool {
	rest, ok := strings.CutPrefix(norm, "d")
	return ok && len(rest) >= 4 && (isVowel(rune(rest[0])) || rest[0] == 'h') && d.exact[rest]&product != 0
}

func (d *dictionary) plain(norm, folded string) (sense, bool) {
	if s, ok := d.exact[norm]; ok {
		return s, true
	}
	if len(folded) <= 3 && len(norm) >= 5 && norm[0] < utf8.RuneSelf {
		return 0, false // too little is left to tell "osier" from "aussi"
	}
	s, ok := d.folded[folded]
	return s, ok
}

// bareNegated takes a "ma" off that stands without its ch: «ماوصل», "mafhemt walo".
func bareNegated(norm string, arabic bool) (string, bool) {
	prefix := "ma"
	if arabic {
		prefix = "ما"
	}
	rest, ok := strings.CutPrefix(norm, prefix)
	return rest, ok && utf8.RuneCountInString(rest) >= 3
}

// negated takes Darija's ma…ch off a verb.
func negated(norm string, arabic bool) (string, bool) {
	if arabic {
		inner, ok := strings.CutSuffix(norm, "ش")
		if !ok {
			return "", false
		}
		for _, prefix := range [...]string{"ما", "م"} {
			if rest, ok := strings.CutPrefix(inner, prefix); ok && utf8.RuneCountInString(rest) >= 3 {
				return rest, true
			}
		}
		return inner, utf8.RuneCountInString(inner) >= 4
	}
	inner, ok := strings.CutSuffix(norm, "ch")
	if !ok {
		if inner, ok = strings.CutSuffix(norm, "sh"); !ok {
			return "", false
		}
	}
	if rest, ok := strings.CutPrefix(inner, "ma"); ok && len(rest) >= 3 {
		return rest, true
	}
	return inner, len(inner) >= 4
}

// typo finds a word of the lexicon with one letter too few, too many, swapped or, in long words, changed.
func (d *dictionary) typo(norm string) sense {
	n := utf8.RuneCountInString(norm)
	if n < 5 || n > 24 {
		return 0
	}
	if s, ok := d.typos[norm]; ok {
		return s
	}
	long := n >= 7
	for i, r := range norm {
		if i == 0 {
			continue
		}
		left := norm[:i] + norm[i+utf8.RuneLen(r):]
		if s, ok := d.core[left]; ok {
			return s
		}
		if long {
			if s, ok := d.typos[left]; ok {
				return s
			}
		}
	}
	return 0
}
