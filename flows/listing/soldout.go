package listing

import "souk/locales"

// soldOut reads a caption that says that nothing is left: "rupture de stock", «سالا». The words count where they make a clause of
// their own or stand behind a price, an amount or "stock", and end their clause: elsewhere they mean other things ("vendu au poids").
func (t *text) soldOut() {
	if t.anyStock() {
		return
	}
	for i := range t.parts {
		p := &t.parts[i]
		if p.used || p.from >= len(t.tok) || t.tok[p.from].Kind != locales.WordToken || t.goods[p.from] {
			continue
		}
		if i == 0 || !p.brk && t.parts[i-1].kind != partMoney && t.parts[i-1].kind != partQty && t.mean(i-1)&(stockWord|fillWord|otherWord|ofWord) == 0 {
			continue
		}
		m, to := t.phraseIn(commandLexicon(), p.from)
		if m&soldOutWord == 0 {
			continue
		}
		last := i
		for last+1 < len(t.parts) && t.parts[last+1].from < to {
			last++
		}
		if !t.clauseEnds(last + 1) {
			continue
		}
		for k := i; k <= last; k++ {
			t.parts[k].kind, t.parts[k].used = partSkip, true
		}
		p.n, p.mean = 0, stockWord
		return
	}
}
