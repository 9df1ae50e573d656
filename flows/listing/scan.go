package listing

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"souk/catalog"
	"souk/locales"
)

// maxBytes bounds the work on one caption; maxTokens what is looked at of it. The longest caption that a channel carries is shorter.
const (
	maxBytes  = 4 << 10
	maxTokens = 800
)

// kind is the sort of a part.
type kind uint8

const (
	partWord   kind = iota // a word that means nothing here: perhaps of the title
	partMark               // a word or phrase of the lexicon
	partNumber             // a number alone
	partQty                // an amount with its unit, or a unit alone
	partMoney              // a number with its currency
	partPhone
	partSkip // what looked like an amount and is none: dates, dimensions, percentages
)

// part is a stretch of tokens with one meaning.
type part struct {
	kind     kind
	from, to int // tokens
	brk      bool
	mean     meaning // of a mark

	n         float64 // of a number or an amount
	unit      locales.Unit
	said      bool // a number stood with the unit
	container bool // the unit is a pot, a bag or the like
	per       bool // «للكيلو»: the unit carries "for"
	lot       bool // "lot de 6"
	word      bool // a number in words
	fraction  bool // a half or a quarter without its unit
	times     bool // "x30"
	centimes  int64
	used      bool // taken by a rule
}

// text is one caption, cut and annotated.
type text struct {
	raw   string
	tok   []locales.Token
	brk   []bool // a break stands before the token
	ends  []int  // where the line of the token ends: numbers do not run over it
	goods []bool
	parts []part
	phone string

	phrases []phrase // of the caption's lexicon, by their first token; those looked up so far
}

type phrase struct {
	mean meaning
	to   int // 0: not looked up yet
}

// clean brings hostile text into shape: bounded, valid, without controls and invisible marks.
func clean(s string) string {
	if len(s) > maxBytes {
		cut := maxBytes
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut]
	}
	s = strings.Map(func(r rune) rune {
		switch r {
		case 0, '\t', '\r', '\v', '\f', 0x00A0, 0x202F, 0x2007, 0x2009:
			return ' '
		case 0x2028, 0x2029, 0x85:
			return '\n'
		case 'ـ', 0x200D:
			return -1
		case '٬': // the Arabic thousands separator
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, " "))
	return unglue(locales.StripControls(s))
}

func newText(s string) *text {
	s = clean(s)
	t := &text{raw: s, tok: locales.Tokens(s)}
	if len(t.tok) > maxTokens {
		t.tok = t.tok[:maxTokens]
	}
	t.prepare()
	t.goods = catalog.GoodsIn(t.tok)
	t.scan()
	return t
}

// prepare parts what people glue: «بخمسين» is ب and a number, "1kg500" a number with its unit.
func (t *text) prepare() {
	out := make([]locales.Token, 0, len(t.tok)+4)
	for i, token := range t.tok {
		if token.Kind == locales.WordToken {
			token.Norm = strings.Trim(token.Norm, "'")
			if token.Norm == "" { // marks without a letter
				continue
			}
			if split, ok := gluedAt(token); ok {
				out = append(out, split[0], split[1])
				continue
			}
			if grams, ok := kiloAndGrams(token.Norm); ok {
				out = append(out, locales.Token{Text: token.Text, Norm: token.Norm, Kind: locales.NumberToken, Value: grams, Start: token.Start, End: token.End},
					locales.Token{Text: "", Norm: "g", Kind: locales.WordToken, Start: token.End, End: token.End})
				continue
			}
			if rest, ok := articledFraction(token.Norm); ok && !(i > 0 && t.tok[i-1].Norm == "محمد") {
				token.Norm = rest
			}
		}
		out = append(out, token)
	}
	t.tok = out
	t.brk = make([]bool, len(out)+1)
	for i := range out {
		start := 0
		if i > 0 {
			start = out[i-1].End
		}
		if start <= out[i].Start && strings.ContainsRune(t.raw[start:out[i].Start], '\n') {
			t.brk[i] = true
		}
	}
	t.ends = make([]int, len(out))
	for i, end := len(out)-1, len(out); i >= 0; i-- {
		t.ends[i] = end
		if t.brk[i] {
			end = i
		}
	}
}

// gluedAt parts «ب» from the number it is glued to.
func gluedAt(token locales.Token) (split [2]locales.Token, ok bool) {
	rest, cut := strings.CutPrefix(token.Norm, "ب")
	if !cut || utf8.RuneCountInString(rest) < 3 || !strings.HasPrefix(token.Text, "ب") {
		return split, false
	}
	if _, number := locales.ReadNumber(token.Norm); number {
		return split, false
	}
	n, number := locales.ReadNumber(rest)
	if !number || n < 2 || rest == "يضا" {
		return split, false
	}
	at := token.Start + len("ب")
	return [2]locales.Token{
		{Text: "ب", Norm: "ب", Kind: locales.WordToken, Start: token.Start, End: at},
		{Text: token.Text[len("ب"):], Norm: rest, Kind: locales.WordToken, Start: at, End: token.End},
	}, true
}

// kiloAndGrams reads "1kg500".
func kiloAndGrams(norm string) (grams float64, ok bool) {
	kilos, rest, found := strings.Cut(norm, "kg")
	if !found || len(kilos) == 0 || len(kilos) > 2 || len(rest) != 3 {
		return 0, false
	}
	for _, s := range [...]string{kilos, rest} {
		for _, c := range []byte(s) {
			if c < '0' || c > '9' {
				return 0, false
			}
		}
	}
	for _, c := range []byte(kilos) {
		grams = grams*10 + float64(c-'0')
	}
	part := float64(rest[0]-'0')*100 + float64(rest[1]-'0')*10 + float64(rest[2]-'0')
	return grams*1000 + part, true
}

// articledFraction takes the article, with و or ل, off a half or a quarter: «والنص», «للربع», "nnos".
func articledFraction(norm string) (string, bool) {
	for _, prefix := range [...]string{"وال", "لل", "ال", "بال", "wn", "lln", "l", "n", "w"} {
		if rest, ok := strings.CutPrefix(norm, prefix); ok && len(rest) >= 3 {
			if n, ok := locales.ReadNumber(rest); ok && n < 1 && n > 0 {
				return rest, true
			}
		}
	}
	return norm, false
}

// scan cuts the tokens into parts.
func (t *text) scan() {
	t.parts = make([]part, 0, len(t.tok))
	brk := false
	for i := 0; i < len(t.tok); {
		p := t.partAt(i)
		p.from, p.to = i, max(p.to, i+1)
		p.brk = brk || t.brk[i]
		brk = false
		if p.kind == partMark && p.mean == 0 { // a sign
			if !separates(t.tok[i].Norm) {
				brk = p.brk
			} else {
				brk = true
			}
			i = p.to
			continue
		}
		if p.kind == partMark && p.mean&otherWord != 0 && len(t.parts) > 0 && !p.brk && enough(t.tok[i].Norm) && p.to == i+1 {
			// "that is all" in Darija opens what one says; behind goods it is the town, behind a count "only".
			last := len(t.parts) - 1
			if t.parts[last].kind == partWord || last > 0 && t.mean(last)&ofWord != 0 && t.parts[last-1].kind == partWord {
				p.kind, p.mean = partWord, 0
			} else {
				p.mean = fillWord
			}
		}
		t.parts = append(t.parts, p)
		i = p.to
	}
}

func enough(norm string) bool { return norm == "safi" || norm == "صافي" }

// separates tells the signs that end a clause.
func separates(sign string) bool {
	switch sign {
	case ",", "،", ";", "؛", "|", "•", "·", "…", "!", "(", ")", "[", "]", "?", "؟", "-", "–", "—", ".", "*", "_", "→", "⇒", "✓", ">", "»", "«\n":
		return true
	}
	r, _ := utf8.DecodeRuneInString(sign)
	return r >= 0x2190 && unicode.Is(unicode.So, r)
}

// partAt reads the part that begins at token i. to is set where it takes more than one token.
func (t *text) partAt(i int) part {
	token := t.tok[i]
	if token.Kind == locales.NumberToken || token.Norm == "+" {
		if e164, to := t.phoneAt(i); to > i {
			if t.phone == "" {
				t.phone = e164
			}
			return part{kind: partPhone, to: to}
		}
	}
	if token.Kind == locales.MarkToken {
		return t.signAt(i)
	}
	if to := t.notAnAmount(i); to > i {
		return part{kind: partSkip, to: to}
	}
	if p, ok := t.lotAt(i); ok {
		return p
	}
	if token.Norm == "x" && i+1 < len(t.tok) && t.tok[i+1].Kind == locales.NumberToken {
		if q, ok := t.timesAt(i); ok {
			return q
		}
	}
	if token.Norm == "l" && len(token.Text) > 1 && i+1 < len(t.tok) && (t.tok[i+1].Norm == "une" || t.tok[i+1].Norm == "un") && len(t.parts) > 0 && t.parts[len(t.parts)-1].kind == partMoney {
		return part{kind: partQty, n: 1, unit: locales.Piece, per: true, to: i + 2} // "25 dh l'une"
	}
	if m, ok := t.moneyAt(i); ok && token.Kind == locales.WordToken {
		return m
	}
	if f, ok := fractionOf(token); ok && i+1 < len(t.tok) && (t.tok[i+1].Norm == "b" || t.tok[i+1].Norm == "ب") {
		return part{kind: partNumber, n: f, said: true, word: true, fraction: true} // "nos b 210": half of what was said before
	}
	if token.Kind == locales.WordToken && !t.startsMoney(i) {
		if m, to := t.phraseAt(i); to > i {
			if !(t.goods[i] && (m&(fillWord|otherWord|adminWord|askWord|praise|craftWord|boxWord) != 0 || to-i == 1 && m&(lotWord|monthWord) == 0)) || to-i > 1 && !t.goods[i] {
				if m&(craftWord|boxWord) == 0 || m&^(craftWord|boxWord) != 0 {
					if q, ok := t.qtyAt(i); ok && m&(dirham|ryal|franc|million) == 0 && m&(priceWord|stockWord) == 0 && q.unit != "" {
						return q
					}
					return part{kind: partMark, mean: m, to: to}
				}
			}
		}
	}
	if p, ok := t.moneyAt(i); ok {
		return p
	}
	if p, ok := t.qtyAt(i); ok {
		return p
	}
	if token.Kind == locales.WordToken {
		if m, to := t.phraseAt(i); to > i && !t.goods[i] {
			return part{kind: partMark, mean: m, to: to}
		}
	}
	return part{kind: partWord}
}

// fractionOf reads a half or a quarter, in a word or as "1/4" and "½".
func fractionOf(token locales.Token) (float64, bool) {
	if token.Kind == locales.NumberToken {
		return token.Value, token.Value > 0 && token.Value < 1 && (strings.Contains(token.Norm, "/") || strings.Contains("½¼¾", token.Norm))
	}
	f, ok := locales.ReadNumber(token.Norm)
	return f, ok && f > 0 && f < 1
}

// startsMoney tells a currency that stands before its number: "DH 45".
func (t *text) startsMoney(i int) bool {
	m, to := t.phraseAt(i)
	if m&dirham == 0 || to >= len(t.tok) || t.tok[to].Kind != locales.NumberToken || t.brk[to] {
		return false
	}
	if _, after := t.currencyAt(to + 1); after > to+1 {
		return false
	}
	return len(t.parts) == 0 || t.parts[len(t.parts)-1].kind != partNumber
}

// signAt reads a sign: most only end a clause.
func (t *text) signAt(i int) part {
	next := i + 1
	glued := next < len(t.tok) && t.tok[next].Kind == locales.NumberToken && t.tok[next].Start == t.tok[i].End
	switch s := t.tok[i].Norm; s {
	case "/", "⁄":
		return part{kind: partMark, mean: perWord | andWord | toWord}
	case "-", "–", "—":
		return part{kind: partMark, mean: toWord}
	case "@":
		return part{kind: partMark, mean: atWord}
	case ":", "=":
		return part{kind: partMark, mean: atWord | ofWord}
	case "&":
		return part{kind: partMark, mean: andWord}
	case "→", "⇒", "➡", "➜", "👉", ">":
		if i > 0 && t.tok[i-1].Kind == locales.NumberToken || s != "👉" && i > 0 {
			return part{kind: partMark, mean: nowWord}
		}
	case "~":
		if glued {
			return part{kind: partMark, mean: wasWord | aboutWord}
		}
	case "+":
		if glued {
			return part{kind: partMark, mean: fromWord}
		}
		return part{kind: partMark, mean: andWord}
	case "×", "*", "✕", "✖", "х":
		if next < len(t.tok) && t.tok[next].Kind == locales.NumberToken {
			if q, ok := t.timesAt(i); ok {
				return q
			}
		}
	case "#":
		if next < len(t.tok) && t.tok[next].Kind == locales.WordToken && t.tok[next].Start == t.tok[i].End {
			to := next + 1
			for to < len(t.tok) && t.tok[to].Start == t.tok[to-1].End && (t.tok[to].Norm == "_" || t.tok[to-1].Norm == "_" || t.tok[to].Kind != locales.MarkToken) {
				to++
			}
			return part{kind: partSkip, to: to}
		}
	}
	return part{kind: partMark}
}

// timesAt reads "x30", "× 30", "*36" at the sign.
func (t *text) timesAt(i int) (part, bool) {
	n, used := locales.Number(t.tok, i+1)
	if used == 0 || n < 1 || n > 1e6 || n != math.Trunc(n) {
		return part{}, false
	}
	to := i + 1 + used
	if to < len(t.tok) && t.tok[to].Kind == locales.WordToken {
		if m, ok := locales.ReadUnit(t.tok[to].Norm); ok && (m.Unit == locales.Piece || m.Container) {
			to++
		} else if ok {
			return part{}, false
		}
	}
	return part{kind: partQty, n: n, unit: locales.Piece, said: true, times: true, to: to}, true
}

// phraseAt finds the longest entry of the lexicon that begins at token i.
func (t *text) phraseAt(i int) (meaning, int) {
	if i >= len(t.tok) {
		return 0, i
	}
	if t.phrases == nil {
		t.phrases = make([]phrase, len(t.tok))
	}
	p := &t.phrases[i]
	if p.to == 0 {
		p.mean, p.to = t.phraseIn(theLexicon(), i)
		p.to++ // so that 0 stays "not yet"
	}
	return p.mean, p.to - 1
}

func (t *text) phraseIn(l *lexicon, i int) (meaning, int) {
	var best meaning
	to := i
	joined := ""
	words := 0
	for j := i; j < len(t.tok) && words < l.longest; j++ {
		if t.tok[j].Kind == locales.MarkToken && t.tok[j].Norm != "+" && t.tok[j].Norm != "-" || j > i && t.brk[j] {
			break
		}
		if t.tok[j].Norm == "-" {
			continue
		}
		k := key(t.tok[j].Norm)
		words++
		if joined == "" {
			joined = k
		} else {
			joined += " " + k
		}
		if m, ok := l.words[joined]; ok {
			best, to = m, j+1
		} else if j == i {
			if m, ok := l.inflected(k); ok {
				best, to = m, j+1
			}
		}
	}
	return best, to
}

// inflected looks a word up without its article, a glued و, or the indefinite ending.
func (l *lexicon) inflected(word string) (meaning, bool) {
	if stripped := locales.StripArticle(word); stripped != word {
		if m, ok := l.words[stripped]; ok && m&(atWord|perWord|ofWord|andWord|toWord|betweenWord) == 0 {
			return m, true
		}
	}
	if rest, ok := strings.CutPrefix(word, "و"); ok && utf8.RuneCountInString(rest) >= 3 {
		if m, ok := l.words[rest]; ok {
			return m, true
		}
		if m, ok := l.words[locales.StripArticle(rest)]; ok {
			return m, true
		}
	}
	return 0, false
}

// phoneAt reads a phone number that begins at token i: digits in groups, with or without its country.
func (t *text) phoneAt(i int) (e164 string, to int) {
	first := t.tok[i].Norm
	if first != "+" && first[0] != '0' && !strings.HasPrefix(first, "212") {
		return "", i
	}
	if first == "+" && (i+1 >= len(t.tok) || t.tok[i+1].Kind != locales.NumberToken || t.tok[i+1].Start != t.tok[i].End) {
		return "", i
	}
	digits := 0
	best := i
	for j := i; j < len(t.tok) && j < i+12; j++ {
		switch {
		case t.tok[j].Kind == locales.NumberToken && !(j > i && t.brk[j]):
			for _, c := range t.tok[j].Norm {
				if c >= '0' && c <= '9' {
					digits++
				}
			}
		case j == i, strings.Contains(".-/()", t.tok[j].Norm) && t.tok[j].Kind == locales.MarkToken:
			continue
		default:
			j = len(t.tok)
			continue
		}
		if digits > 15 {
			break
		}
		if digits >= 9 {
			if number, ok := locales.ReadPhone(t.raw[t.tok[i].Start:t.tok[j].End]); ok {
				e164, best = number, j+1
			} else if best == i && digits == 10 && first[0] == '0' {
				best = j + 1 // shaped like one: at least no price
			}
		}
	}
	return e164, best
}
