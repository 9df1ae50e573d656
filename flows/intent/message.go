package intent

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"souk/locales"
)

// message is one text, cut and annotated.
type message struct {
	tokens []locales.Token
	senses []sense // of each token; 0 is content
	inside []bool  // the token continues a phrase of the lexicon
	all    sense   // every sense together
	// content counts words that the lexicon does not know or knows as goods.
	content int
	amount  bool // a quantity is named
	unit    bool // one of them with its unit
	one     bool // "un", which may be an article or a quantity, is said
	words   int
}

func newMessage(text string) *message {
	if len(text) > maxBytes {
		cut := maxBytes
		for cut > 0 && !utf8.RuneStart(text[cut]) {
			cut--
		}
		text = text[:cut]
	}
	text = strings.ReplaceAll(text, "\x00", " ")
	text = squeeze(locales.StripControls(text))
	m := &message{tokens: locales.Tokens(text)}
	m.senses = make([]sense, len(m.tokens))
	m.inside = make([]bool, len(m.tokens))
	m.annotate()
	return m
}

// annotate gives every token its senses: phrases first, then single words.
func (m *message) annotate() {
	folded := make([]string, 0, len(m.tokens))
	index := make([]int, 0, len(m.tokens))
	for i, t := range m.tokens {
		if t.Kind != locales.MarkToken {
			folded = append(folded, fold(t.Norm))
			index = append(index, i)
		} else {
			m.all |= markSense(t.Text)
			m.senses[i] = filler
		}
	}
	for k := 0; k < len(folded); {
		i := index[k]
		if m.tokens[i].Kind == locales.NumberToken {
			m.senses[i] = filler
			k++
			continue
		}
		if s, n := words().phraseAt(folded, k); n > 0 {
			for j := range n {
				m.senses[index[k+j]] = s
				m.inside[index[k+j]] = j > 0
			}
			m.all |= s
			k += n
			m.words++
			continue
		}
		s := words().sense(m.tokens[i].Norm, folded[k])
		if m.tokens[i].Norm == "la" && k+1 < len(folded) && !answers(words().sense(m.tokens[index[k+1]].Norm, folded[k+1])) {
			s = filler // the French article, not the Arabic no
		}
		m.senses[i] = s
		m.all |= s
		k++
		m.words++
	}
	for i := 0; i < len(m.tokens); {
		if a := m.amountAt(i); a.Used > 0 {
			if a.Said || a.Unit != locales.NoUnit {
				m.one = m.one || a.Said && a.Amount == 1
				m.unit = m.unit || a.Unit != locales.NoUnit
				m.amount = m.amount || a.Unit != locales.NoUnit || m.tokens[i].Kind == locales.NumberToken || a.Amount != 1 || !isOne(m.tokens[i].Norm)
			}
			i += a.Used
			if a.Container && alsoGoods(m.tokens[i-1].Norm) {
				m.content++
			}
			continue
		}
		if m.isContent(i) {
			m.content++
		}
		i++
	}
}

// answers tells what may follow a "no" in one breath.
func answers(s sense) bool { return s&(thanks|filler|not|want|later|yes|greet) != 0 }

// squeeze shortens letters held down three times and more ("stoooop", «بزاااف») to one. No word here has three alike.
func squeeze(text string) string {
	run, previous := 0, rune(-1)
	held := false
	for _, r := range text {
		if r == previous {
			run++
		} else {
			run, previous = 1, r
		}
		if run == 3 && unicode.IsLetter(r) {
			held = true
			break
		}
	}
	if !held {
		return text
	}
	runes := []rune(text)
	out := make([]rune, 0, len(runes))
	for i := 0; i < len(runes); {
		j := i
		for j < len(runes) && runes[j] == runes[i] {
			j++
		}
		if j-i >= 3 && unicode.IsLetter(runes[i]) {
			out = append(out, runes[i])
		} else {
			out = append(out, runes[i:j]...)
		}
		i = j
	}
	return string(out)
}

// isOne tells the number words that are articles as often as numbers.
func isOne(norm string) bool {
	n, ok := locales.ReadNumber(norm)
	return ok && n == 1
}

func (m *message) isContent(i int) bool {
	t := m.tokens[i]
	if t.Kind != locales.WordToken || m.senses[i]&^product != 0 {
		return m.senses[i]&product != 0
	}
	return m.senses[i]&product != 0 || !locales.IsLittle(t.Norm)
}

// amountAt reads an amount at token i unless the words there mean something else ("un conseiller", a price, a phone number).
func (m *message) amountAt(i int) locales.Amount {
	t := m.tokens[i]
	if t.Kind == locales.MarkToken && t.Norm != "x" && t.Norm != "×" && t.Norm != "*" {
		return locales.Amount{}
	}
	if t.Kind == locales.WordToken && m.senses[i]&^(filler|product) != 0 {
		// "nos produits", "nos kilo": our, half. «تمن الكيلو» is a price, not eight.
		if m.senses[i]&price != 0 {
			return locales.Amount{}
		}
		if _, number := locales.ReadNumber(t.Norm); !number || i+1 >= len(m.tokens) {
			return locales.Amount{}
		}
		if _, unit := locales.ReadUnit(m.tokens[i+1].Norm); !unit {
			return locales.Amount{}
		}
	}
	if t.Kind == locales.NumberToken && (len(t.Norm) > 5 || i > 0 && sizeWord(m.tokens[i-1].Norm)) {
		return locales.Amount{}
	}
	a := locales.ReadAmount(m.tokens, i)
	if a.Used > 0 && !a.Said && m.partOfName(i, a) {
		return locales.Amount{}
	}
	return a
}

// partOfName tells a unit without a number that belongs to the goods' own name: «الحبة السوداء», "coffret cadeau". A container right
// before goods is one of them («صاشي كامون»), as is one with "de".
func (m *message) partOfName(i int, a locales.Amount) bool {
	if m.senses[i]&product != 0 && strings.HasPrefix(m.tokens[i].Norm, "ال") {
		return true
	}
	if !a.Container {
		return false
	}
	next := i + a.Used
	if next >= len(m.tokens) {
		return true
	}
	if of(m.tokens[next].Norm) {
		return false
	}
	return m.senses[next]&product == 0 || m.senses[i]&product != 0 || alsoGoods(m.tokens[i].Norm)
}

// of tells the words that join a container, or a kind, to what it is of.
func of(norm string) bool {
	switch norm {
	case "de", "d'", "d", "du", "des", "dyal", "dial", "diel", "dyel", "ديال", "د", "من":
		return true
	}
	return false
}

// sizeWord tells that the number after it is a size or an address, not a count.
func sizeWord(norm string) bool {
	switch norm {
	case "taille", "pointure", "numero", "num", "n°", "n", "مقاس", "قياس", "رقم", "9yas", "qyas", "nemra", "nmra", "نمره":
		return true
	}
	return false
}

func (m *message) has(any sense) bool { return m.all&any != 0 }

// only tells that the message says nothing beyond these senses and filler.
func (m *message) only(allowed sense) bool {
	if m.content > 0 {
		return false
	}
	return m.all&^(allowed|filler|greet|thanks) == 0
}

// markSense reads the emoji that are answers.
func markSense(mark string) sense {
	switch mark {
	case "👍", "✅", "👌", "✔", "☑", "🆗":
		return yes
	case "👎", "❌", "🚫", "✖":
		return no
	case "👋", "🙋":
		return greet
	case "🛑", "⛔":
		return stopWord
	case "🙏":
		return filler
	}
	return 0
}
