package listing

import (
	"math"
	"strings"
	"unicode/utf8"

	"souk/locales"
)

// maxCentimes bounds a price that is believed: a million dirhams.
const maxCentimes = 100_000_000

// number reads a number at token i, thousands apart ("1 200") and multiplied ("2 alf") included.
func (t *text) number(i int) (n float64, used int) {
	if i >= len(t.tok) {
		return 0, 0
	}
	token := t.tok[i]
	if token.Kind == locales.MarkToken {
		return 0, 0
	}
	if token.Kind == locales.WordToken && (t.goods[i] || token.Norm == "neuf" || token.Norm == "تمن" || token.Norm == "wit") {
		if !(token.Norm == "neuf" && i+1 < len(t.tok) && t.unitFollows(i+1)) {
			return 0, 0
		}
	}
	n, used = locales.Number(t.tok[:t.ends[i]], i)
	if used == 0 || token.Kind != locales.NumberToken {
		return n, used
	}
	// "1 200 dh": groups of three behind one space.
	if used == 1 && len(token.Norm) <= 3 && token.Value >= 1 && !strings.ContainsAny(token.Norm, ".,/") {
		for j := i + 1; j < len(t.tok) && j < i+3 && threeDigits(t.tok[j]) && t.tok[j].Start-t.tok[j-1].End == 1; j++ {
			n, used = n*1000+t.tok[j].Value, used+1
		}
		if used > 1 {
			return n, used
		}
	}
	if j := i + used; j < len(t.tok) && t.tok[j].Kind == locales.WordToken && !t.brk[j] {
		switch v, ok := locales.ReadNumber(t.tok[j].Norm); {
		case ok && (v == 1000 || v == 100 && t.tok[j].Norm != "cents") && n >= 1:
			return n * v, used + 1
		case t.tok[j].Norm == "k" && t.tok[j].Start == t.tok[j-1].End:
			return n * 1000, used + 1
		}
	}
	return n, used
}

// threeDigits tells a group of thousands, with centimes behind the last: "350", "350,00".
func threeDigits(token locales.Token) bool {
	if token.Kind != locales.NumberToken || strings.Contains(token.Norm, "/") {
		return false
	}
	whole := token.Norm
	if at := strings.IndexAny(whole, ".,"); at >= 0 {
		if len(whole)-at-1 > 2 {
			return false
		}
		whole = whole[:at]
	}
	return len(whole) == 3 && !strings.Contains(whole, "٫")
}

// currencyAt reads a currency at token i: how many centimes one of it is, and the token after it; i itself where there is none.
func (t *text) currencyAt(i int) (centimes float64, to int) {
	if i >= len(t.tok) {
		return 0, i
	}
	norm := func(j int) string {
		if j < len(t.tok) {
			return t.tok[j].Norm
		}
		return ""
	}
	switch norm(i) {
	case "د", "d", "م":
		if norm(i) == "م" {
			break
		}
		j := i + 1
		if norm(j) == "." {
			j++
		}
		if norm(i) == "د" && norm(j) == "م" || norm(i) == "d" && norm(j) == "h" {
			j++
			if norm(j) == "." && j < len(t.tok) && t.tok[j].Start == t.tok[j-1].End {
				j++
			}
			return 100, j
		}
		if i > 0 && t.tok[i].Start == t.tok[i-1].End && t.tok[i-1].Kind == locales.NumberToken {
			return 100, i + 1 // "45d"
		}
		return 0, i
	case "دم":
		return 100, i + 1
	case "€", "$":
		return 0, i
	}
	if t.tok[i].Kind != locales.WordToken {
		return 0, i
	}
	switch m, to := t.phraseAt(i); {
	case m&dirham != 0:
		return 100, to
	case m&ryal != 0:
		return 5, to
	case m&franc != 0:
		return 1, to
	case m&million != 0:
		if each, after := t.currencyAt(to); after > to {
			return each * 1e6, after
		}
		return 1e6, to
	}
	return 0, i
}

// moneyAt reads a sum with its currency at token i.
func (t *text) moneyAt(i int) (part, bool) {
	if t.startsMoney(i) {
		_, to := t.currencyAt(i)
		if n, used := t.number(to); used > 0 {
			return t.money(n, t.tok[to].Norm, 100, to+used)
		}
	}
	// «درهمين» says its number.
	if t.tok[i].Norm == "درهمين" || t.tok[i].Norm == "درهمان" {
		return part{kind: partMoney, centimes: 200, to: i + 1}, true
	}
	n, used := t.number(i)
	if used == 0 {
		// «درهم ونصف»
		if each, to := t.currencyAt(i); to > i && each == 100 {
			if f, u := t.andFraction(to); u > 0 {
				return part{kind: partMoney, n: 1 + f, centimes: int64(math.Round(100 * (1 + f))), to: to + u}, true
			}
		}
		return part{}, false
	}
	j := i + used
	extra := 0.0
	// «عشرين ونص درهم», "20 et demi dh"
	if f, u := t.andFraction(j); u > 0 && n >= 1 {
		if _, to := t.currencyAt(j + u); to > j+u {
			extra, j = f, j+u
		}
	}
	if n > 10 && n < 20 && used == 1 && t.tok[i].Kind == locales.WordToken { // "khmstach l dirham"
		if link := norm(t.tok, j); link == "l" || link == "ل" || link == "er" || link == "d" || link == "r" {
			if _, to := t.currencyAt(j + 1); to > j+1 {
				j++
			}
		}
	}
	if j+1 < len(t.tok) && t.tok[j].Norm == "-" && t.tok[j].Start == t.tok[j-1].End { // 45-dh
		if _, to := t.currencyAt(j + 1); to > j+1 {
			j++
		}
	}
	// "trente (30) dirhams"
	if j+2 < len(t.tok) && t.tok[j].Norm == "(" && t.tok[j+1].Kind == locales.NumberToken && t.tok[j+1].Value == n && t.tok[j+2].Norm == ")" {
		j += 3
	}
	each, to := t.currencyAt(j)
	if to == j {
		return part{}, false
	}
	typed := ""
	if used == 1 {
		typed = t.tok[i].Norm
	}
	p, ok := t.money(n+extra, typed, each, to)
	if !ok {
		return part{kind: partSkip, to: to}, true
	}
	if each == 100 {
		t.addTail(&p)
	}
	return p, true
}

// money makes a part of a sum. norm is how its number was typed: three digits behind a point or comma are thousands, since nobody
// prices in tenths of a centime.
func (t *text) money(n float64, norm string, each float64, to int) (part, bool) {
	if at := strings.LastIndexAny(norm, ".,٫"); at >= 0 && len(norm)-at-1 == 3 && !strings.ContainsAny(norm[:at], ".,٫") || at >= 0 && strings.HasPrefix(norm[at:], "٫") && utf8.RuneCountInString(norm[at:]) == 4 {
		n *= 1000
	}
	c := math.Round(n * each)
	if !(c >= 1 && c <= maxCentimes) {
		return part{}, false
	}
	return part{kind: partMoney, n: n, centimes: int64(c), to: to}, true
}

// addTail adds what follows the dirhams: "12 dirhams et 50 centimes", «درهم ونص», "45dh50".
func (t *text) addTail(p *part) {
	j := p.to
	if j >= len(t.tok) || t.brk[j] {
		return
	}
	if f, u := t.andFraction(j); u > 0 && !t.saysUnitOrPrice(j+u) {
		p.centimes += int64(math.Round(f * 100))
		p.to = j + u
		return
	}
	if m, _ := t.phraseAt(j); m&andWord != 0 && t.tok[j].Norm != "o" {
		j++
	}
	glued := j < len(t.tok) && j == p.to && t.tok[j].Kind == locales.NumberToken && t.tok[j].Start == t.tok[j-1].End && len(t.tok[j].Norm) == 2
	n, used := t.number(j)
	if rest, cut := strings.CutPrefix(norm(t.tok, j), "و"); cut && used == 0 {
		if v, ok := locales.ReadNumber(rest); ok {
			n, used = v, 1
		}
	}
	if used == 0 || n >= 100 {
		return
	}
	if each, to := t.currencyAt(j + used); to > j+used && each == 1 {
		p.centimes += int64(math.Round(n))
		p.to = to
	} else if end := j + used; t.tok[j].Kind == locales.WordToken && j == p.to && n >= 5 && math.Mod(n, 5) == 0 && (end >= len(t.tok) || t.brk[end]) {
		p.centimes += int64(n) // "trente-deux dirhams cinquante"
		p.to = end
	} else if glued && !t.unitFollows(j+1) {
		p.centimes += int64(n)
		p.to = j + 1
	}
}

func norm(tokens []locales.Token, i int) string {
	if i >= len(tokens) {
		return ""
	}
	return tokens[i].Norm
}

// saysUnitOrPrice tells that what stands at token j makes the fraction before it an amount of its own: «ونص كيلو», «ونص ب 50».
func (t *text) saysUnitOrPrice(j int) bool {
	if j >= len(t.tok) || t.brk[j] {
		return false
	}
	if t.unitFollows(j) || t.tok[j].Kind == locales.NumberToken {
		return true
	}
	m, _ := t.phraseAt(j)
	return m&(atWord|priceWord) != 0
}

// andFraction reads "et demi", «ونص», "w rob3" at token i.
func (t *text) andFraction(i int) (value float64, used int) {
	if i >= len(t.tok) || t.brk[i] {
		return 0, 0
	}
	if rest, ok := strings.CutPrefix(t.tok[i].Norm, "و"); ok {
		if f, ok := locales.ReadNumber(rest); ok && f < 1 && f > 0 {
			return f, 1
		}
	}
	switch t.tok[i].Norm {
	case "et", "و", "w", "o", "u":
		if i+1 < len(t.tok) {
			if f, ok := locales.ReadNumber(t.tok[i+1].Norm); ok && f < 1 && f > 0 {
				return f, 2
			}
			if t.tok[i+1].Kind == locales.NumberToken && t.tok[i+1].Value < 1 && t.tok[i+1].Value > 0 {
				return t.tok[i+1].Value, 2
			}
		}
	case "الا", "ila":
		if i+1 < len(t.tok) {
			if f, ok := locales.ReadNumber(t.tok[i+1].Norm); ok && f == 0.25 {
				return -f, 2
			}
		}
	}
	return 0, 0
}

// unitAt reads the unit at token i, with the words that Darija has for "one of it".
func (t *text) unitAt(i int) (m locales.Measure, per, ok bool) {
	if i >= len(t.tok) || t.tok[i].Kind != locales.WordToken {
		return m, false, false
	}
	word := t.tok[i].Norm
	switch key(word) {
	case "we7da", "lwe7da", "lwehda", "lwahda", "lwa7da", "lw7da", "lwahed", "lwa7ed", "lwa7d", "الواحده", "لواحده", "الواحد", "لواحد", "للواحده", "للواحد", "للوحده", "الوحده", "لوحده", "l'unite", "للحبه", "للقطعه":
		return locales.Measure{Amount: 1, Unit: locales.Piece}, true, true
	case "paire", "paires", "زوجه", "pair", "pairs", "pyasat", "pyasa", "lpyasa", "lpyasat", "pyassat", "pyasat'", "biasa", "biassa", "biyasa", "لبياسه", "البياسه", "بياسه", "9te3", "9ta3", "l9it3a", "9it3a", "9at3a", "l9at3a", "9et3a", "l9et3a", "9it3at", "qita3", "lhabba", "l7aba", "7aba", "lhaba", "haba", "l7abat", "hbat", "7bat", "ch9fa", "شقفه", "نسخه", "exemplaire", "modele", "modeles", "قطعتين", "حبات", "زوجا", "ازواج":
		return locales.Measure{Amount: 1, Unit: locales.Piece}, strings.HasPrefix(word, "l") || strings.HasPrefix(word, "ال"), true
	case "douzaine", "douzaines", "طزينه", "دزينه", "الطزينه", "tazina", "tzina", "ltzina", "dozen", "dzina":
		return locales.Measure{Amount: 12, Unit: locales.Piece}, false, true
	case "مجموعه", "مجموعات", "طقم", "اطقم", "طقوم", "ensemble", "ensembles", "sets", "services", "majmou3at", "mejmou3at", "باكات":
		return locales.Measure{Amount: 1, Unit: locales.Piece, Container: true}, false, true
	case "حبوب", "grains", "7boub", "لا":
		return m, false, false
	}
	m, ok = locales.ReadUnit(word)
	if !ok {
		return m, false, false
	}
	r, _ := utf8.DecodeRuneInString(word)
	if r >= utf8.RuneSelf {
		per = strings.HasPrefix(word, "لل") || strings.HasPrefix(word, "ل") && len(word) > 8 && !strings.HasPrefix(word, "لتر") && !strings.HasPrefix(word, "ليتر")
	} else {
		per = strings.HasPrefix(word, "lk") || strings.HasPrefix(word, "ll")
	}
	return m, per, true
}

// bareUnit tells units that mean one of them where no number stands.
func bareUnit(word string, m locales.Measure) bool {
	if m.Container {
		return false
	}
	switch word {
	case "l", "g", "u", "ل", "غ", "gr", "ml", "cl", "مل", "غر", "piece", "pieces", "قطع", "قطعات", "حبات", "وحدات", "ملي", "طرف", "حبوب", "unites", "pcs", "paires", "lt":
		return word == "piece"
	}
	return true
}

// qtyAt reads an amount with its unit, a unit alone, or a number alone.
func (t *text) qtyAt(i int) (part, bool) {
	n, used := t.number(i)
	if used == 0 {
		m, per, ok := t.unitAt(i)
		if !ok || t.goods[i] && !m.Counted && !(m.Unit == locales.Kilogram || m.Unit == locales.Litre || m.Unit == locales.Gram) {
			return part{}, false
		}
		if m.Counted {
			return part{kind: partQty, n: m.Amount, unit: m.Unit, said: true, container: m.Container, to: i + 1}, true
		}
		if m.Container {
			return part{kind: partQty, n: 1, unit: locales.Piece, container: true, per: per, to: i + 1}, true
		}
		if !bareUnit(t.tok[i].Norm, m) {
			return part{}, false
		}
		p := part{kind: partQty, n: m.Amount, unit: m.Unit, per: per, to: i + 1}
		if p.to < len(t.tok) && !t.brk[p.to] {
			if one, ok := locales.ReadNumber(t.tok[p.to].Norm); ok && one == 1 && t.tok[p.to].Norm != "un" && t.tok[p.to].Norm != "une" { // «كيلوغرام واحد»
				p.to, p.said = p.to+1, true
			} else if f, u := t.andFraction(p.to); u > 0 && !t.unitFollows(p.to+u) {
				p.n, p.to, p.said = p.n*(1+f), p.to+u, true
			}
		}
		return p, true
	}
	j := i + used
	p := part{kind: partNumber, n: n, said: true, word: t.tok[i].Kind == locales.WordToken, to: j}
	p.fraction = p.word && n < 1
	if m, _, ok := t.unitAt(j - 1); ok && m.Amount == 12 && m.Unit == locales.Piece { // the dozen is a unit and a number
		p.kind, p.unit, p.word, p.lot = partQty, locales.Piece, false, n == 12
		return p, true
	}
	k := j
	if k < len(t.tok) && t.tok[k].Norm == "-" && t.tok[k].Start == t.tok[k-1].End { // demi-kilo
		k++
	}
	// "2 x 250 g", "x3 50 g"
	if k+1 < len(t.tok) && (t.tok[k].Norm == "x" || t.tok[k].Norm == "×" || t.tok[k].Norm == "*") && t.tok[k+1].Kind == locales.NumberToken && n >= 1 {
		if m, _, ok := t.unitAt(k + 2); ok && m.Unit != locales.Piece {
			p.kind, p.n, p.unit, p.to = partQty, n*t.tok[k+1].Value*m.Amount, m.Unit, k+3
			return p, true
		}
	}
	if k < len(t.tok) && !t.brk[k] {
		if mean, to := t.phraseAt(k); mean&ofWord != 0 && to < len(t.tok) && !t.goods[k] { // "un quart de litre", "10 dyal lpyasat"
			if m, _, ok := t.unitAt(to); ok && (n < 1 || m.Unit == locales.Piece && n >= 2) {
				k = to
			}
		}
		if k+1 < len(t.tok) && smallWord(t.tok[k].Norm) {
			if m, _, ok := t.unitAt(k + 1); ok && m.Container {
				k++
			}
		}
		if k < len(t.tok) && !t.brk[k] && !(t.goods[k] && t.craftIsGoods(k)) {
			if m, _, ok := t.unitAt(k); ok {
				if m.Counted {
					m.Amount /= 2
				}
				p.kind, p.n, p.unit, p.container, p.to = partQty, n*m.Amount, m.Unit, m.Container, k+1
				p.word = false
				p.fraction = false
				if m.Unit == locales.Kilogram || m.Unit == locales.Litre {
					if f, u := t.andFraction(p.to); u > 0 && !t.unitFollows(p.to+u) && n >= 1 {
						p.n, p.to = p.n+f*m.Amount, p.to+u
					}
				}
				if p.to < len(t.tok) && !t.brk[p.to] && n < 1 && p.unit != locales.Piece { // nothing more to a half
					return p, true
				}
				return p, true
			}
		}
	}
	if f, u := t.andFraction(j); u > 0 && n >= 1 && !t.follows(priceWord|atWord) { // «2 ونص كيلو»
		if m, _, ok := t.unitAt(j + u); ok && (m.Unit == locales.Kilogram || m.Unit == locales.Litre) {
			p.kind, p.n, p.unit, p.to, p.word = partQty, (n+f)*m.Amount, m.Unit, j+u+1, false
			return p, true
		}
	}
	if p.word && n == 1 && !t.alone(j) {
		return part{kind: partMark, mean: fillWord, to: j}, true
	}
	return p, true
}

// alone tells that the one before token j is all there is: "ghir wa7ed", «بقات وحدة».
func (t *text) alone(j int) bool {
	if !t.follows(stockWord | haveWord) {
		return false
	}
	if j >= len(t.tok) || t.brk[j] || t.tok[j].Kind == locales.MarkToken {
		return true
	}
	m, _ := t.phraseAt(j)
	return m != 0 && !t.goods[j]
}

// follows tells that the part read last is a mark of one of these meanings.
func (t *text) follows(m meaning) bool {
	return len(t.parts) > 0 && t.mean(len(t.parts)-1)&m != 0
}

// craftIsGoods tells a container at token k that is itself for sale: "2 paniers en osier".
func (t *text) craftIsGoods(k int) bool {
	m, _ := t.phraseAt(k)
	return m&craftWord != 0 && !(k+1 < len(t.tok) && isOf(t.tok[k+1].Norm))
}

func isOf(norm string) bool {
	switch norm {
	case "de", "d", "d'", "du", "des", "dyal", "dial", "ديال", "من":
		return true
	}
	return false
}

func smallWord(norm string) bool {
	switch norm {
	case "petit", "petite", "petits", "petites", "grand", "grande", "grands", "grandes", "gros", "grosse", "demi", "صغير", "صغيره", "كبير", "كبيره":
		return true
	}
	return false
}
