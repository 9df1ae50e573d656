package listing

import (
	"math"
	"strings"

	"souk/locales"
)

// lotAt reads "lot de 6", "pack 4", «مجموعة من 6», "plateau de 30", "carton de 12 pots de 250 g".
func (t *text) lotAt(i int) (part, bool) {
	if t.tok[i].Kind != locales.WordToken {
		return part{}, false
	}
	m, to := t.phraseAt(i)
	if m&(lotWord|boxWord) == 0 || m&(stockWord|fillWord) != 0 || to >= len(t.tok) {
		return part{}, false
	}
	// «12 علبة», "9 lots": counted themselves.
	if i > 0 && len(t.parts) > 0 {
		if last := t.parts[len(t.parts)-1]; last.to == i && last.kind == partNumber && !last.word {
			return part{}, false
		}
	}
	j := to
	of := false
	for j < len(t.tok) && j < to+4 && !t.brk[j] {
		mean, after := t.phraseAt(j)
		if after == j || mean&ofWord == 0 {
			// "service à thé de 6": the goods may stand between.
			if m&lotWord != 0 && !of && t.tok[j].Kind == locales.WordToken && j < to+3 {
				if _, number := locales.ReadNumber(t.tok[j].Norm); !number {
					j++
					continue
				}
			}
			break
		}
		of = true
		j = after
	}
	if t.tok[min(j, len(t.tok)-1)].Norm == ":" || j >= len(t.tok) || t.brk[j] || m&boxWord != 0 && m&lotWord == 0 && !of && (strings.HasPrefix(t.tok[i].Norm, "coffret") || !t.countsGoods(j)) { // a coffret is goods itself
		return part{}, false
	}
	n, used := t.number(j)
	if used > 1 && t.tok[j].Kind == locales.NumberToken && threeDigits(t.tok[j+1]) { // "lot de 6 240 dh": no thousands
		n, used = t.tok[j].Value, 1
	}
	if used == 0 || n < 2 || n > 1000 || n != math.Trunc(n) {
		return part{}, false
	}
	if _, money := t.currencyAt(j + used); money > j+used {
		return part{}, false
	}
	k := j + used
	if unit, _, ok := t.unitAt(k); ok && !(t.goods[k] && t.craftIsGoods(k)) {
		if unit.Unit != locales.Piece {
			return part{}, false // "pack de 500 g" is an amount
		}
		k++
		if k < len(t.tok) && isOf(t.tok[k].Norm) {
			k++
		}
	}
	times := k < len(t.tok) && (t.tok[k].Norm == "x" || t.tok[k].Norm == "×" || t.tok[k].Norm == "*")
	if times {
		k++
	}
	if k > j+used || times {
		if size, u := t.number(k); u > 0 {
			if unit, _, ok := t.unitAt(k + u); ok && unit.Unit != locales.Piece {
				return part{kind: partQty, n: n * size * unit.Amount, unit: unit.Unit, said: true, lot: true, to: k + u + 1}, true
			}
		}
	}
	if times {
		return part{}, false
	}
	p := part{kind: partQty, n: n, unit: locales.Piece, said: true, lot: true, to: k}
	if j > to && !of || of && j > to+1 && t.wordsBetween(to, j) {
		// The goods stand between the lot and its number: keep them for the title.
		t.parts = append(t.parts, t.between(to, j)...)
	}
	return p, true
}

// countsGoods tells a number at token j with goods right behind it: "plateau 30 oeufs".
func (t *text) countsGoods(j int) bool {
	n, used := t.number(j)
	if k := j + used; used > 0 && n >= 2 && k < len(t.tok) && !t.brk[k] && t.goods[k] {
		_, _, unit := t.unitAt(k)
		return !unit
	}
	return false
}

func (t *text) wordsBetween(from, to int) bool {
	for i := from; i < to; i++ {
		if m, after := t.phraseAt(i); after == i || m&ofWord == 0 {
			return true
		}
	}
	return false
}

func (t *text) between(from, to int) []part {
	var words []part
	for i := from; i < to; i++ {
		words = append(words, part{kind: partWord, from: i, to: i + 1})
	}
	return words
}
