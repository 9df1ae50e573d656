package intent

import (
	"strings"
	"unicode/utf8"

	"souk/locales"
)

// maxItems bounds what one message may name; a longer list is a person's work.
const maxItems = 20

// part is an item in the making: the tokens of its name and its amount.
type part struct {
	name   []int // token indices
	amount locales.Amount
	has    bool // amount is set
	// nameFirst tells that the name was begun before the amount came.
	nameFirst bool
}

// items reads what is ordered, sought or priced.
func (m *message) items() []Item {
	var parts []part
	var current part
	flush := func() {
		if len(current.name) > 0 || current.has {
			parts = append(parts, current)
		}
		current = part{}
	}
	for i := 0; i < len(m.tokens) && len(parts) < maxItems; {
		t := m.tokens[i]
		if m.separator(i) {
			flush()
			i++
			continue
		}
		if a := m.amountAt(i); a.Used > 0 {
			next := i + a.Used
			if len(current.name) > 0 && gluedAmount(t.Norm) {
				flush() // «قفطان وثلاثة أكياس»
			}
			switch {
			case next < len(m.tokens) && m.senses[next]&money != 0 && a.Unit == locales.NoUnit:
				i = next + 1 // a price is no quantity
				continue
			case current.has && len(current.name) == 0 && current.amount.Container && a.Unit != locales.NoUnit:
				// "3 pots de 500 g": the size of a pot
			case current.has && len(current.name) > 0 && current.nameFirst && a.Container && !current.amount.Container && current.amount.Unit != locales.NoUnit:
				current.amount = a // "huile 5 l, 2 bidons" counts bidons
			case current.has && current.amount.Unit == locales.NoUnit && current.amount.Amount == 1 && len(current.name) == 0:
				current.amount = a // "une 2 kg"
			case current.has:
				flush()
				current.amount, current.has = a, true
			default:
				current.amount, current.has = a, true
				current.nameFirst = len(current.name) > 0
			}
			if k := next - 1; current.amount.Container && alsoGoods(m.tokens[k].Norm) {
				current.name = append(current.name, k)
				current.nameFirst = false
			}
			i = next
			continue
		}
		if m.isContent(i) && utf8.RuneCountInString(t.Norm) > 1 || m.origin(i, current.name) {
			if n := len(current.name); n > 0 && current.has && current.nameFirst && !m.linked(current.name[n-1], i) {
				if n == 1 && len(parts) == 0 && m.senses[current.name[0]] == 0 {
					// "je voudrais acquérir deux plats": an unknown verb before the amount.
					current.name, current.nameFirst = current.name[:0], false
				} else {
					flush() // "miel 2 kg dattes 3 kg"
				}
			}
			// «التمر والعسل»: "and" glued to the next thing.
			if len(current.name) > 0 && glued(t.Norm) {
				flush()
			}
			current.name = append(current.name, i)
		}
		i++
	}
	flush()
	return m.finish(parts)
}

// alsoGoods tells containers that are sold for themselves: "2 paniers", "un coffret cadeau". They stay in the name.
func alsoGoods(norm string) bool {
	switch norm {
	case "coffret", "coffrets", "panier", "paniers", "plateau", "plateaux", "kit", "kits", "bouquet", "bouquets", "assortiment", "pack", "packs", "jarre", "jarres",
		"سله", "سلال", "باقه", "باقات", "كوفري", "طبق", "اطباق", "جره", "جرات":
		return true
	}
	return false
}

// origin tells a word that means something else alone but stands in a name here, behind "de": «miel de Safi».
func (m *message) origin(i int, name []int) bool {
	if len(name) == 0 || i < 2 || m.inside[i] || name[len(name)-1] != i-2 || m.tokens[i].Kind != locales.WordToken {
		return false
	}
	if !of(m.tokens[i-1].Norm) {
		return false
	}
	if _, listed := words().exact[m.tokens[i].Norm]; !listed {
		return true // only a fold made it a little word: «sucre de canne»
	}
	return m.senses[i]&(filler|thanks|mine|price|money|now) == 0 && !locales.IsLittle(m.tokens[i].Norm)
}

// linked tells whether only little words stand between two name tokens of one phrase ("huile … d'olive").
func (m *message) linked(a, b int) bool {
	of := false
	for i := a + 1; i < b; i++ {
		t := m.tokens[i]
		if locales.IsLittle(t.Norm) {
			of = true
			continue
		}
		return false
	}
	return of || b == a+1
}

// separator tells what stands between two things: a comma, "et", "w", و, + and the like.
func (m *message) separator(i int) bool {
	t := m.tokens[i]
	switch t.Norm {
	case ",", "،", ";", "؛", "+", "/", "&", ".", "|", "•":
		return true
	case "et", "و", "w", "ou", "puis", "ثم", "او", "ولا", "wela", "wla", "plus", "زائد":
		return m.tokens[i].Kind == locales.WordToken && m.senses[i]&^filler == 0
	case "o", "u":
		return i > 0 && i+1 < len(m.tokens)
	case "-":
		// A dash joins a name (porte-clé) unless spaces stand around it.
		return i == 0 || m.tokens[i-1].End < t.Start
	}
	return false
}

// glued tells a word that begins with و, "and", rather than with a letter of its own.
func glued(norm string) bool {
	rest, ok := strings.CutPrefix(norm, "و")
	if !ok || utf8.RuneCountInString(rest) < 3 {
		return false
	}
	if strings.HasPrefix(rest, "ال") {
		return true
	}
	if s, ok := words().exact[norm]; ok && s&product != 0 {
		return false
	}
	s, ok := words().exact[rest]
	return ok && s&product != 0
}

// gluedAmount tells a number or a unit that begins with و, "and": «وثلاثة», «وكيلو».
func gluedAmount(norm string) bool {
	rest, ok := strings.CutPrefix(norm, "و")
	if !ok {
		return false
	}
	if _, number := locales.ReadNumber(rest); number {
		return true
	}
	_, unit := locales.ReadUnit(rest)
	return unit
}

// finish turns parts into items: an amount without a name belongs to the name before or after it.
func (m *message) finish(parts []part) []Item {
	for i := 0; i < len(parts); i++ {
		if len(parts[i].name) > 0 {
			continue
		}
		switch {
		case i > 0 && !parts[i-1].has:
			parts[i-1].amount, parts[i-1].has = parts[i].amount, true
		case i+1 < len(parts) && !parts[i+1].has:
			parts[i+1].amount, parts[i+1].has = parts[i].amount, true
		}
		parts = append(parts[:i], parts[i+1:]...)
		i--
	}
	if len(parts) == 0 {
		return nil
	}
	items := make([]Item, 0, len(parts))
	for _, p := range parts {
		query := m.query(p.name)
		if query == "" {
			continue
		}
		item := Item{Query: query}
		if p.has {
			n := p.amount.Amount
			if n == 0 {
				n = 1
			}
			item.Quantity = &n
			item.Unit = p.amount.Unit
		} else if n, ok := dual(m.tokens[p.name[0]].Norm); ok {
			item.Quantity = &n
		}
		items = append(items, item)
	}
	return items
}

// query writes the name as it was typed: the stretch from its first word to its last, without what was taken out between.
func (m *message) query(name []int) string {
	if len(name) == 0 {
		return ""
	}
	var b strings.Builder
	previous := -1
	for _, i := range name {
		t := m.tokens[i]
		text := t.Text
		if previous < 0 {
			text = withoutArticle(text, t.Norm)
		} else {
			for j := previous + 1; j < i; j++ {
				if inner := m.tokens[j]; locales.IsLittle(inner.Norm) || inner.Norm == "-" {
					m.gap(&b, j)
					b.WriteString(inner.Text)
				}
			}
			m.gap(&b, i)
		}
		b.WriteString(text)
		previous = i
	}
	return b.String()
}

// gap writes a space where the person left one before token i.
func (m *message) gap(b *strings.Builder, i int) {
	if i > 0 && m.tokens[i-1].End < m.tokens[i].Start {
		b.WriteByte(' ')
	}
}

// withoutArticle takes the Arabic article, with a glued و before it, off a name's first word. Latin letters keep theirs: in
// "lben" the l is the word's own.
func withoutArticle(text, norm string) string {
	if glued(norm) {
		text = strings.TrimPrefix(text, "و")
	}
	for _, article := range [...]string{"ال", "لل"} {
		if rest, ok := strings.CutPrefix(text, article); ok && utf8.RuneCountInString(rest) >= 2 {
			return rest
		}
	}
	return text
}

// dual reads the Arabic dual of a feminine noun, «زربيتين», or of known goods, «طاجينين»: two of it. Words that merely end so are left out.
func dual(norm string) (float64, bool) {
	for _, ending := range [...]string{"ين", "ان"} {
		if stem, ok := strings.CutSuffix(norm, ending); ok && !strings.HasSuffix(stem, "ت") {
			if s, ok := words().exact[stem]; ok && s&product != 0 && words().exact[norm]&product == 0 {
				return 2, true
			}
		}
	}
	if utf8.RuneCountInString(norm) < 6 || !strings.HasSuffix(norm, "تين") && !strings.HasSuffix(norm, "تان") {
		return 0, false
	}
	switch norm {
	case "كليمانتين", "كلمنتين", "كليمنتين", "بساتين", "بروتين", "كيراتين", "كرياتين", "جيلاتين", "القفتان", "قفتان", "البستان", "بستان", "الكتان", "فستان", "الفستان", "رواتين":
		return 0, false
	}
	return 2, true
}
