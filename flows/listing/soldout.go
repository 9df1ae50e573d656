package listing

import (
	"strings"

	"souk/locales"
)

// soldOut reads a caption that says that nothing is left: "rupture de stock", «سالا». Words that mean other things elsewhere ("vendu
// au poids", "salat") count only where they make a clause of their own or stand behind a price, an amount or "stock", and end it.
func (t *text) soldOut() {
	if t.anyStock() {
		return
	}
	for i := range t.parts {
		p := &t.parts[i]
		if i == 0 || p.used || p.from >= len(t.tok) || t.tok[p.from].Kind != locales.WordToken || t.goods[p.from] {
			continue
		}
		behind := p.brk || t.parts[i-1].kind == partMoney || t.parts[i-1].kind == partQty || t.mean(i-1)&(stockWord|fillWord|otherWord|ofWord) != 0
		if !behind && !t.empties(p.from) && !t.empties(p.from+1) {
			continue
		}
		m, to := t.phraseIn(commandLexicon(), p.from)
		if m&soldOutWord == 0 {
			continue
		}
		sure := false
		for j := p.from; j < to; j++ {
			sure = sure || t.empties(j)
		}
		last := i
		for last+1 < len(t.parts) && t.parts[last+1].from < to {
			last++
		}
		if !sure && (!behind || !t.clauseEnds(last+1)) {
			continue
		}
		for k := i; k <= last; k++ {
			t.parts[k].kind, t.parts[k].used = partSkip, true
		}
		p.n, p.mean = 0, stockWord
		return
	}
}

// empties tells the words that say "none left" wherever they stand.
func (t *text) empties(i int) bool {
	if i >= len(t.tok) {
		return false
	}
	norm := t.tok[i].Norm
	if strings.HasPrefix(norm, "ruptur") || strings.HasPrefix(norm, "epuise") {
		return true
	}
	switch norm {
	case "سالا", "سالات", "سالاو", "تسالا", "تسالات", "تقادا", "تقادات", "نفد", "نفدت", "tsala", "tsalat", "t9ada", "t9adat", "nfed", "indisponible":
		return true
	}
	return false
}
