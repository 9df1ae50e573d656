package listing

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"souk/locales"
)

func parse(decimal string) float64 {
	n, err := strconv.ParseFloat(decimal, 64)
	if err != nil {
		return 0
	}
	return n
}

// maxTitle bounds a title, in runes: what is longer is a description.
const maxTitle = 80

// title finds the name: the first clause that names something, with the clauses that go on naming goods before any amount.
func (t *text) title(c *Caption) {
	var words []int // parts of the title
	named := false  // known goods are in it
	closed := false // an amount or a price stood behind it
	clause := 0
	taken := -1 // the clause of the title
	dead := false
	for i := range t.parts {
		p := &t.parts[i]
		if p.brk {
			clause++
			dead = false
			if taken == clause-1 && !closed && len(words) > 0 && t.otherName(i) {
				taken = clause
			}
		}
		m := t.mean(i)
		if m&(freightWord|contactWord) != 0 {
			dead = true
		}
		if p.kind == partQty && !p.said && p.container && p.to > p.from && t.craftIsGoods(p.from) && !t.perBefore(i) && taken < 0 || p.kind == partNumber && t.partOfName(i) ||
			p.kind == partQty && p.container && p.n >= 1 && p.to-p.from == 1 && t.craftIsGoods(p.from) && !t.perBefore(i) && (taken < 0 || taken == clause && !closed) {
			m = 0
		} else if p.kind != partWord && p.kind != partMark {
			if p.kind == partMoney || p.kind == partQty || p.isStock() {
				closed = closed || len(words) > 0
			}
			continue
		}
		if dead {
			continue
		}
		if p.kind == partMark && !t.inName(i, m) {
			continue
		}
		first := p.from
		goods := t.goods[first]
		switch {
		case taken < 0:
			taken = clause
		case clause == taken && !closed:
		case clause == taken && (goods || !named):
		case clause > taken && !closed && goods && len(words) < 7:
			taken = clause
		case !named && !closed && goods && clause > taken: // the first clause named nothing known
			if p.kind == partMark {
				continue
			}
			words = words[:0]
			taken = clause
		default:
			continue
		}
		if p.kind == partMark && len(words) == 0 {
			if !goods {
				if len(words) == 0 {
					taken = -1
				}
				continue
			}
		}
		named = named || goods
		words = append(words, i)
	}
	var tokens []int
	for _, i := range words {
		for j := t.parts[i].from; j < t.parts[i].to; j++ {
			tokens = append(tokens, j)
		}
	}
	for len(tokens) > 0 && t.dangles(tokens[len(tokens)-1]) {
		tokens = tokens[:len(tokens)-1]
	}
	for len(tokens) > 0 && t.dangles(tokens[0]) {
		tokens = tokens[1:]
	}
	c.Title = t.write(tokens)
}

// otherName tells one or two words in brackets that begin at part i and say nothing else: "orge grillée (tizemmit)".
func (t *text) otherName(i int) bool {
	first := t.parts[i].from
	if first == 0 || t.tok[first-1].Norm != "(" {
		return false
	}
	for j := i; j < len(t.parts) && j < i+3; j++ {
		p := &t.parts[j]
		if p.kind != partWord {
			return false
		}
		if p.to < len(t.tok) && t.tok[p.to].Norm == ")" {
			return j-i < 2
		}
	}
	return false
}

// perBefore tells that "le", "par" stand before part i.
func (t *text) perBefore(i int) bool {
	return i > 0 && t.mean(i-1)&perWord != 0 && t.mean(i-1)&ofWord == 0 || t.parts[i].per || i > 0 && t.parts[i-1].kind == partMoney
}

// partOfName tells a number that belongs to the name: "couscous 5 grains".
func (t *text) partOfName(i int) bool {
	p := &t.parts[i]
	if p.used || p.centimes > 0 || i+1 >= len(t.parts) || t.parts[i+1].brk {
		return false
	}
	return t.mean(i+1)&partsWord != 0 || t.parts[i+1].kind == partWord && i > 0 && !p.brk && t.mean(i-1)&(priceWord|atWord|stockWord|haveWord) == 0
}

// inName tells marks that stay where they stand inside a name: little words, kinds of grain, crafts.
func (t *text) inName(i int, m meaning) bool {
	p := &t.parts[i]
	if m == 0 {
		return true
	}
	switch {
	case m&praise != 0 && p.to == p.from+1 && !p.brk && i > 0 && t.parts[i-1].kind == partWord && t.inflects(p.from):
		return true // "miel pur": said of the goods, not of the offer
	case m&nameless != 0 && m&(ofWord|perWord|andWord|atWord|craftWord|partsWord|toWord|betweenWord) == 0:
		return false
	case m&(stockWord|haveWord|priceWord) != 0 && m&ofWord == 0:
		return false
	case m&partsWord != 0:
		return true
	case m&(craftWord|boxWord) != 0:
		return t.craftIsGoods(p.from) && !t.perBefore(i)
	case m&(ofWord|andWord|perWord|atWord|toWord|betweenWord) != 0:
		if t.tok[p.from].Kind == locales.MarkToken {
			return false
		}
		return i+1 < len(t.parts) && !t.parts[i+1].brk && (t.parts[i+1].kind == partWord || t.mean(i+1)&(craftWord|partsWord|perWord|ofWord|praise|adminWord) != 0)
	}
	return m&(adminWord|otherWord|askWord|wantWord|greetWord|thanksWord) == 0
}

// inflects tells the qualities that a name may carry.
func (t *text) inflects(i int) bool {
	switch locales.StripArticle(t.tok[i].Norm) {
	case "bio", "biologique", "naturel", "naturelle", "pur", "pure", "طبيعي", "nouveau", "nouvelle", "jdid", "jdida":
		return true
	}
	return false
}

// dangles tells little words that no name begins or ends with.
func (t *text) dangles(i int) bool {
	norm := t.tok[i].Norm
	if t.goods[i] && norm != "d'" && norm != "l'" {
		return false
	}
	if locales.IsLittle(norm) {
		return true
	}
	if m, to := t.phraseAt(i); to == i+1 && !t.goods[i] && m&(toWord|ofWord|andWord|perWord|atWord|betweenWord) != 0 {
		return true
	}
	switch norm {
	case "pour", "par", "avec", "au", "aux", "chaque", "كل", "لكل", "مع", "-", "kol", "من", "f", "fi", "b":
		return true
	}
	return false
}

// write joins tokens as they were typed.
func (t *text) write(tokens []int) string {
	var b strings.Builder
	previous := -1
	for _, i := range tokens {
		token := t.tok[i]
		if token.Text == "" {
			continue
		}
		if previous >= 0 {
			gap := t.raw[t.tok[previous].End:token.Start]
			switch {
			case i == previous+1 && !strings.ContainsRune(gap, '\n'):
				b.WriteString(gap)
			case i == previous+2 && t.tok[previous+1].Kind == locales.MarkToken && strings.Contains("-'\"«»’,،", t.tok[previous+1].Text) && !strings.ContainsRune(gap, '\n'):
				b.WriteString(gap)
			default:
				b.WriteByte(' ')
			}
		}
		b.WriteString(token.Text)
		previous = i
	}
	s := strings.Join(strings.Fields(strings.NewReplacer(`"`, " ", "«", " ", "»", " ", "“", " ", "”", " ").Replace(b.String())), " ")
	s = strings.Trim(s, " -'\"«»,،:.")
	if utf8.RuneCountInString(s) > maxTitle {
		runes := []rune(s)[:maxTitle]
		s = string(runes)
		if at := strings.LastIndexByte(s, ' '); at > 0 {
			s = s[:at]
		}
	}
	if strings.IndexFunc(s, unicode.IsLetter) < 0 {
		return ""
	}
	return s
}
