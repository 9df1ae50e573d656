package listing

import (
	"strings"

	"souk/locales"
)

// Field names the part of a draft that a correction is about.
type Field string

// The fields of a draft that can be corrected by typing.
const (
	FieldTitle Field = "title"
	FieldPack  Field = "pack"
	FieldPrice Field = "price"
	FieldStock Field = "stock"
)

// Correction is one field of a draft, said anew.
type Correction struct {
	Field         Field
	Title         string       // of FieldTitle, as typed
	Amount        string       // of FieldPack: a decimal as in Pack
	Unit          locales.Unit // of FieldPack
	PriceCentimes int64        // of FieldPrice
	// Stock is, for FieldStock, the new stock in packs, or with Delta what is added to it (negative: taken off). Sold out is 0.
	Stock int64
	Delta bool
}

// ReadCorrection reads a line that says one field of a draft anew: "prix 110", «الثمن 110», "stock 20", "+20", "titre Miel de thym",
// "500 g", "rupture". ok is false where the line says something else, something more, or leaves open which field it means ("110").
func ReadCorrection(s string) (c Correction, ok bool) {
	l, ok := newLine(s)
	if !ok {
		return Correction{}, false
	}
	if title, ok := l.newTitle(); ok {
		return Correction{Field: FieldTitle, Title: title}, true
	}
	if l.talk() {
		return Correction{}, false
	}
	if delta, ok := l.signed(true); ok {
		l.takeMarks(stockWord | haveWord | leftWord | fillWord)
		l.takeAll(setWord)
		if _, bare := l.rest(); bare {
			return Correction{Field: FieldStock, Stock: delta, Delta: true}, true
		}
		return Correction{}, false
	}
	if _, _, out := l.find(soldOutWord); out {
		l.takeMarks(stockWord | haveWord | fillWord | otherWord)
		l.takeAll(setWord | soldOutWord)
		if _, bare := l.rest(); bare {
			return Correction{Field: FieldStock}, true
		}
		return Correction{}, false
	}
	return l.newValue()
}

// newTitle reads "titre: Miel de thym".
func (l *line) newTitle() (string, bool) {
	start := 0
	for start < len(l.tok) {
		m, to := l.phraseIn(commandLexicon(), start)
		if m&titleWord != 0 {
			rest := l.raw[min(l.tok[to-1].End, len(l.raw)):]
			rest = trimTitle(rest)
			return rest, rest != "" && len(rest) <= 4*maxTitle
		}
		if m&setWord == 0 && !locales.IsLittle(l.tok[start].Norm) {
			return "", false
		}
		start = max(to, start+1)
	}
	return "", false
}

// takeAll takes every phrase of a meaning.
func (l *line) takeAll(m meaning) {
	for {
		if _, _, ok := l.find(m); !ok {
			return
		}
	}
}

// newValue reads a price, a stock or a pack, where the line says nothing else.
func (l *line) newValue() (Correction, bool) {
	var value *part
	var price, stock, pack bool
	for i := range l.parts {
		p := &l.parts[i]
		switch p.kind {
		case partMoney, partNumber, partQty:
			if p.fraction || value != nil {
				return Correction{}, false
			}
			value = p
			for j := p.from; j < p.to; j++ {
				l.taken[j] = true
			}
		case partMark:
			price = price || p.mean&(priceWord|nowWord) != 0 && p.mean&fillWord == 0 || l.atPrice(p)
			stock = stock || p.mean&(stockWord|haveWord|leftWord) != 0 && p.mean&(wasWord|ofWord) == 0
		case partWord, partSkip, partPhone:
		}
	}
	if value == nil {
		return Correction{}, false
	}
	if _, _, ok := l.find(packWord); ok {
		pack = true
	}
	l.takeMarks(priceWord | atWord | nowWord | stockWord | haveWord | leftWord | fillWord | perWord | ofWord | toWord | lotWord | boxWord)
	l.takeAll(setWord | packWord)
	if _, bare := l.rest(); !bare {
		return Correction{}, false
	}
	measured := value.kind == partQty && value.unit != locales.Piece
	switch {
	case value.kind == partMoney && !stock && !pack:
		return Correction{Field: FieldPrice, PriceCentimes: value.centimes}, true
	case value.kind == partMoney:
		return Correction{}, false
	case price && !stock && value.kind == partNumber:
		cents := l.cents(value)
		return Correction{Field: FieldPrice, PriceCentimes: cents}, cents > 0
	case price:
		return Correction{}, false
	case value.n < 0.001 && !stock || value.n > 1e6:
		return Correction{}, false
	case stock && !pack, value.times, value.kind == partQty && value.unit == locales.Piece && !value.lot && !pack && value.said && (value.n > 1 || value.container):
		if value.n != float64(int64(value.n)) {
			return Correction{}, false
		}
		return Correction{Field: FieldStock, Stock: int64(value.n)}, true
	case measured, value.kind == partQty && value.lot, value.kind == partQty && value.unit == locales.Piece:
		return Correction{Field: FieldPack, Amount: decimal(value.n), Unit: value.unit}, true
	}
	return Correction{}, false
}

// atPrice tells the words between a field's name and its value that make it a price: "b 110".
func (l *line) atPrice(p *part) bool {
	switch l.tok[p.from].Norm {
	case "b", "ب", "a":
		return p.mean&atWord != 0
	}
	return false
}

func trimTitle(s string) string {
	return strings.Trim(strings.Join(strings.Fields(s), " "), " :=-–\"'«»،,.")
}
