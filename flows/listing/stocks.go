package listing

import (
	"math"

	"souk/locales"
)

// stockPart marks part i as a count of what is there.
func (t *text) stockPart(i int) {
	t.parts[i].mean |= stockWord
	t.parts[i].used = true
}

// counts tells parts that can count what is there.
func (p *part) counts() bool {
	return !p.used && (p.isNumber() || p.kind == partQty && !p.lot && (p.said || p.times)) && p.n >= 1 && p.n <= 1e7
}

// stocks finds the counts: after "stock", before "disponibles", "x30", and pieces that stand behind a price.
func (t *text) stocks() {
	priced := false
	packed := false
	for i := range t.parts {
		p := &t.parts[i]
		if p.kind == partMoney && !p.used || p.isNumber() && !p.used && t.mean(i-1)&(priceWord|atWord) != 0 && t.mean(i-1)&ofWord == 0 {
			priced = true
			continue
		}
		if p.kind == partQty && !p.said && p.unit == locales.Piece && t.mean(i-1)&stockWord != 0 { // «آخر قطعة»
			p.n, p.said = 1, true
			t.stockPart(i)
			continue
		}
		if p.lot && p.n >= 1 && !p.used && p.unit == locales.Piece && packed && priced && t.leftBehind(i) { // "lot de 80 sachets dispo"
			t.stockPart(i)
			continue
		}
		if !p.counts() {
			if p.kind == partQty && p.lot || p.kind == partQty && !p.used && !p.container && p.unit != locales.NoUnit {
				packed = true
			}
			continue
		}
		switch {
		case p.times:
			t.stockPart(i)
		case p.kind == partNumber && t.mean(i-1)&(haveWord|fillWord) != 0 && t.mean(i+1)&toWord != 0 && i+2 < len(t.parts) && t.parts[i+2].isNumber():
			p.used, t.parts[i+2].used = true, true // "kayn 38 - 44": sizes
		case p.kind == partNumber && priced && !p.word && t.countsWords(i) && t.mean(i+1) == 0 && t.clauseEnds(i+2) && t.mean(i-1)&(priceWord|atWord) == 0:
			t.stockPart(i) // "2 dh pièce, 300 oeufs"
		case t.stockBefore(i, priced):
			t.stockPart(i)
			t.sacksOf(i, priced)
		case t.leftBehind(i) && (p.kind == partNumber || p.unit == locales.Piece || packed || priced):
			t.stockPart(i)
		case p.kind == partQty && p.unit == locales.Piece && t.mean(i+1)&uniqueWord != 0:
			t.stockPart(i)
		case p.kind == partQty && p.unit == locales.Piece && p.container && p.n == 1:
			p.said = false
		case p.kind == partQty && p.unit == locales.Piece && t.piecesAreStock(i, priced, packed):
			t.stockPart(i)
			t.sacksOf(i, priced)
		case p.kind == partQty && p.unit != locales.Piece && priced && packed && !t.pricedNext(i) && t.mean(i-1)&perWord == 0 && t.bulk(i):
			t.stockPart(i)
		case p.kind == partQty:
			packed = true
		}
	}
	for i := range t.parts {
		if t.mean(i)&uniqueWord != 0 && !t.anyStock() {
			t.parts = append(t.parts, part{kind: partQty, from: t.parts[i].to, to: t.parts[i].to, n: 1, unit: locales.Piece, said: true, used: true, mean: stockWord})
			break
		}
	}
}

func (t *text) anyStock() bool {
	for i := range t.parts {
		if t.parts[i].isStock() {
			return true
		}
	}
	return false
}

func (p *part) isStock() bool { return p.kind != partMark && p.used && p.mean&stockWord != 0 }

// stockBefore tells that a word for stock stands before part i and means it.
func (t *text) stockBefore(i int, priced bool) bool {
	p := &t.parts[i]
	if p.kind == partNumber && t.mean(i+1)&partsWord != 0 && !t.parts[i+1].brk && !t.goods[t.parts[i+1].from] {
		return false // "reste 2 couleurs"
	}
	words := 0
	for j := i - 1; j >= 0 && j >= i-5; j-- {
		q := &t.parts[j]
		switch {
		case q.kind == partWord && words < 1 && !t.goods[q.from]:
			words++
		case q.kind != partMark:
			return false
		case q.mean&stockWord != 0 && !(q.mean&(haveWord|wasWord) != 0 && q.mean&stockWord == 0):
			return !t.pricedNext(i) || p.kind == partNumber || p.unit == locales.Piece
		case q.mean&(haveWord|leftWord) != 0 && q.mean&praise == 0:
			if words > 0 || t.parts[i].brk && j < i-1 {
				return false
			}
			// "3andi kilo b 80" names a pack, "3andi 8 kilo" a stock.
			if p.kind == partQty && p.unit != locales.Piece && t.pricedNext(i) && !t.hasPackElsewhere(i) && (p.n <= 5 || p.unit == locales.Gram || p.unit == locales.Millilitre) {
				return false
			}
			if p.kind == partQty && !priced && !t.hasPackElsewhere(i) && (p.unit == locales.Gram || p.unit == locales.Millilitre || p.n <= 2 && p.unit != locales.Piece) {
				return false
			}
			return true
		case q.mean&(ofWord|fillWord|atWord|andWord|leftWord|greetWord) != 0 && q.mean&(priceWord|perWord) == 0 || q.mean&ofWord != 0:
			if q.mean&atWord != 0 && q.mean&ofWord == 0 {
				return false
			}
		default:
			return false
		}
		if q.brk && words > 0 {
			return false
		}
	}
	return false
}

// leftBehind tells that a word like "disponibles" follows the count at part i.
func (t *text) leftBehind(i int) bool {
	j := i + 1
	if j < len(t.parts) && t.parts[j].kind == partWord && !t.parts[j].brk { // "12 tapis disponibles"
		j++
	}
	if j >= len(t.parts) || t.parts[j].brk || t.mean(j)&leftWord == 0 || t.pricedNext(i) {
		return false
	}
	// "disponible 12": the word belongs to the number behind it.
	next := j + 1
	for next < len(t.parts) && t.mean(next)&(atWord|ofWord|fillWord) != 0 {
		next++
	}
	return next >= len(t.parts) || !t.parts[next].counts() || t.parts[next].brk
}

// piecesAreStock tells a count of pots or pieces from a pack of so many.
func (t *text) piecesAreStock(i int, priced, packed bool) bool {
	p := &t.parts[i]
	if p.n != math.Trunc(p.n) || t.mean(i-1)&perWord != 0 && t.mean(i-1)&(atWord|toWord) == 0 {
		return false
	}
	if t.perPiece() {
		return true
	}
	if t.pricedNext(i) && !priced && !packed && !p.container {
		return false
	}
	if priced || packed || p.container {
		return !(t.pricedNext(i) && !packed && !p.container) || priced
	}
	return t.hasPackElsewhere(i)
}

// sacksOf turns a stock of containers whose size is said into that much: "3 sacs de 25 kg" of what is sold by the kilo.
func (t *text) sacksOf(i int, priced bool) {
	p := &t.parts[i]
	if !priced {
		return
	}
	for j := i + 1; j < len(t.parts) && j <= i+2; j++ {
		size := &t.parts[j]
		if size.kind == partQty && size.said && size.unit != locales.Piece && !size.used && !size.brk && p.container && !t.pricedNext(j) && t.sameAsPack(i, size) {
			p.n, p.unit = p.n*size.n, size.unit
			size.used = true
			return
		}
		if t.mean(j)&ofWord == 0 {
			return
		}
	}
}

// sameAsPack tells that the first amount before part i is measured as size is.
func (t *text) sameAsPack(i int, size *part) bool {
	for j := range t.parts[:i] {
		if q := &t.parts[j]; q.kind == partQty && !q.used && !q.container {
			return sameFamily(q.unit, size.unit)
		}
	}
	return false
}

// perPiece tells that a price is said for one piece.
func (t *text) perPiece() bool {
	for i := range t.parts {
		p := &t.parts[i]
		if p.kind == partQty && !p.said && p.unit == locales.Piece && !p.container && !p.used {
			return true
		}
	}
	return false
}

// hasPackElsewhere tells that another part is an amount that may be the pack.
func (t *text) hasPackElsewhere(i int) bool {
	for j := range t.parts {
		p := &t.parts[j]
		if j != i && p.kind == partQty && !p.used && (p.unit != locales.Piece || p.lot || !p.said && !p.container) {
			return true
		}
	}
	return false
}

// bulk tells an amount that is many of the first pack.
func (t *text) bulk(i int) bool {
	p := &t.parts[i]
	for j := range t.parts[:i] {
		q := &t.parts[j]
		if q.kind == partQty && !q.used && !q.container {
			a, unitA := (locales.Quantity{Amount: q.n, Unit: q.unit}).Base()
			b, unitB := (locales.Quantity{Amount: p.n, Unit: p.unit}).Base()
			return unitA != unitB || b >= 3*a
		}
	}
	return false
}

// pricedNext tells that a price follows part i before another amount does.
func (t *text) pricedNext(i int) bool {
	for j := i + 1; j < len(t.parts) && j < i+6; j++ {
		p := &t.parts[j]
		switch {
		case p.kind == partMoney && !p.used:
			return true
		case p.isNumber() && !p.used:
			return t.mean(j-1)&(priceWord|atWord) != 0 && t.mean(j-1)&(stockWord|haveWord) == 0 || j == i+1 && t.standsForPrice(j)
		case p.kind == partQty && !p.container, p.brk && j > i+1, p.kind == partMark && p.mean&(stockWord|haveWord) != 0 && p.mean&perWord == 0:
			return false
		}
	}
	return false
}

// standsForPrice tells a number right behind an amount that can only be its price: "kilo 75".
func (t *text) standsForPrice(i int) bool {
	p, before := &t.parts[i], &t.parts[i-1]
	if p.brk || p.word || p.n < 1 || t.countsWords(i) || before.kind != partQty || before.used || before.container || before.unit == locales.Piece || t.mean(i-2)&perWord != 0 && t.mean(i-2)&ofWord == 0 {
		return false
	}
	for j := i + 1; j < len(t.parts) && j < i+4; j++ {
		if q := &t.parts[j]; q.kind == partMoney || t.mean(j)&leftWord != 0 && j == i+1 {
			return false
		} else if q.kind == partQty {
			break
		}
	}
	return true
}

// clauseEnds tells that nothing more is said in the clause from part i on.
func (t *text) clauseEnds(i int) bool { return i >= len(t.parts) || t.parts[i].brk }
