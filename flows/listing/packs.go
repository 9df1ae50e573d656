package listing

import (
	"math"

	"souk/locales"
)

// event is an amount or a price on the way through the caption.
type event struct {
	at    int // part
	pack  bool
	n     float64
	unit  locales.Unit
	per   bool // the price before is for this
	cents int64
}

// packs pairs amounts with prices, in the order of the text, and gives them their stock.
func (t *text) packs(c *Caption) {
	events := t.events(c)
	var out []Pack
	var places []int // the part of each pack
	add := func(p Pack, at int) {
		if len(out) < maxPacks {
			out, places = append(out, p), append(places, at)
		}
	}
	price := func(cents int64) *int64 { v := cents; return &v }
	for k := 0; k < len(events); {
		e := events[k]
		switch {
		case e.pack:
			// As many packs as prices, in two lists: "250 g et 500 g, 40 dh et 75 dh".
			packs := k
			for packs < len(events) && events[packs].pack && !events[packs].per {
				packs++
			}
			prices := packs
			for prices < len(events) && !events[prices].pack {
				prices++
			}
			if n := packs - k; n >= 2 && prices-packs == n && !(prices < len(events) && events[prices].per) {
				for j := range n {
					add(Pack{Amount: decimal(events[k+j].n), Unit: events[k+j].unit, PriceCentimes: price(events[packs+j].cents)}, events[k+j].at)
				}
				k = prices
				continue
			}
			p := Pack{Amount: decimal(e.n), Unit: e.unit}
			at := e.at
			k++
			if k < len(events) && !events[k].pack {
				cents := events[k].cents
				bound := k+1 < len(events) && events[k+1].pack && events[k+1].per
				if bound && k+2 < len(events) && !events[k+2].pack && !sameFamily(e.unit, events[k+1].unit) {
					bound = false
				}
				if bound {
					if per := events[k+1]; t.offered(e, per) { // "40 kg d'orge, 5 dh le kg": so much is there
						t.stockPart(e.at)
						p.Amount, p.Unit = decimal(per.n), per.unit
					} else {
						cents = forPack(cents, e, per)
					}
					k++
				}
				p.PriceCentimes = price(cents)
				k++
				// Of two prices for one pack the later is the newer.
				for k < len(events) && !events[k].pack && !(k+1 < len(events) && events[k+1].pack) && !t.labelled(events[k].at) {
					p.PriceCentimes = price(events[k].cents)
					k++
				}
			}
			add(p, at)
		default:
			p := Pack{PriceCentimes: price(e.cents)}
			at := e.at
			k++
			if k < len(events) && events[k].pack && (events[k].per || !(k+1 < len(events) && !events[k+1].pack) || len(out) > 0 && k+2 >= len(events)) {
				p.Amount, p.Unit = decimal(events[k].n), events[k].unit
				k++
			} else if len(out) > 0 && t.labelled(e.at) { // the same pack in another grade
				p.Amount, p.Unit = out[0].Amount, out[0].Unit
			} else if len(out) > 0 {
				continue
			}
			add(p, at)
		}
	}
	if len(out) >= 2 {
		for k := range out {
			out[k].Label = t.label(places[k])
		}
	}
	if t.basket(out, places) {
		out, places = []Pack{{PriceCentimes: out[len(out)-1].PriceCentimes}}, places[len(places)-1:]
	}
	c.Packs = merge(out)
	t.giveStock(c, places)
}

// maxPacks bounds the packs of one caption: a person lists a handful.
const maxPacks = 12

func sameFamily(a, b locales.Unit) bool {
	_, x := (locales.Quantity{Amount: 1, Unit: a}).Base()
	_, y := (locales.Quantity{Amount: 1, Unit: b}).Base()
	return x == y
}

// offered tells an amount that is the stock and no pack: ten and more of what the price is for, in no box.
func (t *text) offered(pack, per event) bool {
	a, unitA := (locales.Quantity{Amount: pack.n, Unit: pack.unit}).Base()
	b, unitB := (locales.Quantity{Amount: per.n, Unit: per.unit}).Base()
	if unitA != unitB || a < 10*b || t.anyStock() {
		return false
	}
	for j := pack.at - 1; j >= 0 && j >= pack.at-2; j-- {
		if t.parts[j].kind == partQty && t.parts[j].container || t.mean(j)&(boxWord|craftWord|lotWord) != 0 {
			return false
		}
	}
	return true
}

// forPack turns a price that is said for another amount into the pack's: a 5 kg box at 30 a kilo costs 150.
func forPack(cents int64, pack, per event) int64 {
	a, unitA := (locales.Quantity{Amount: pack.n, Unit: pack.unit}).Base()
	b, unitB := (locales.Quantity{Amount: per.n, Unit: per.unit}).Base()
	if unitA != unitB || b == 0 || a == b {
		return cents
	}
	total := math.Round(float64(cents) * float64(a) / float64(b))
	if total > maxCentimes {
		return cents
	}
	return int64(total)
}

// events lists amounts and prices, stock and asides left out.
func (t *text) events(c *Caption) []event {
	var events []event
	var lastUnit locales.Unit
	prices := 0
	for i := range t.parts {
		p := &t.parts[i]
		if p.used {
			continue
		}
		switch {
		case p.kind == partMoney:
			events = append(events, event{at: i, cents: p.centimes})
			prices++
		case p.kind == partQty && p.container && !p.lot && (!p.said || p.n == 1 || t.sizeFollows(i)):
			// a container: its size, if any, is an amount of its own
		case p.kind == partQty:
			per := p.per || t.mean(i-1)&perWord != 0 && t.mean(i-1)&ofWord == 0 && !p.lot || i > 1 && t.mean(i-1)&fillWord != 0 && t.mean(i-2)&perWord != 0
			if !p.said && len(events) > 0 && !events[len(events)-1].pack && !t.pricedNext(i) {
				per = true
			}
			if len(events) == 0 || events[len(events)-1].pack || i > 0 && t.tok[t.parts[i-1].from].Norm == "/" && t.spaced(t.parts[i-1].from) && t.pricedNext(i) {
				per = false
			}
			if k := len(events) - 1; k >= 0 && events[k].pack && events[k].unit == locales.Piece && p.unit != locales.Piece && events[k].at >= i-8 {
				last := &t.parts[events[k].at]
				if last.lot || last.said && last.n > 1 { // "lot de 3 savons 100 g": how big each is
					continue
				}
				if !last.said { // «القطعة 100 غ»: what the piece weighs is the pack
					events = events[:k]
				}
			}
			if k := len(events) - 1; k >= 0 && events[k].pack && !p.said && p.unit == locales.Piece && events[k].unit != locales.Piece && t.mean(i-1)&priceWord != 0 {
				continue // «200 غ، ثمن الحبة 18»: the piece is the pack
			}
			if per && t.parts[i].brk && t.pricedNext(i) && !p.per && t.mean(i-1)&perWord == 0 {
				per = false
			}
			events = append(events, event{at: i, pack: true, n: p.n, unit: p.unit, per: per})
			lastUnit = p.unit
		case p.fraction && (lastUnit == locales.Kilogram || lastUnit == locales.Litre || lastUnit == locales.NoUnit && t.pricedNext(i)):
			unit := lastUnit
			if unit == locales.NoUnit {
				unit = locales.Kilogram
			}
			events = append(events, event{at: i, pack: true, n: p.n, unit: unit})
		case prices > 0 && t.severalFor(i, events):
			unit := locales.Piece
			for _, e := range events {
				if e.pack {
					unit = e.unit
					break
				}
			}
			events = append(events, event{at: i, pack: true, n: p.n, unit: unit})
		case p.isNumber() && (t.isPriceNumber(i) || len(events) > 0 && events[len(events)-1].at == i-1 && !events[len(events)-1].per && t.standsForPrice(i)):
			if cents := t.cents(p); cents > 0 {
				events = append(events, event{at: i, cents: cents})
				prices++
				p.centimes = cents
			}
		}
	}
	if prices == 0 && c.Range == nil && len(events) > 0 {
		// "miel 500 g 80": what is left beside a pack is its price.
		for k := 0; k < len(events); k++ {
			if i := events[k].at + 1; i < len(t.parts) && t.parts[i].isNumber() && !t.parts[i].used && !t.parts[i].word && t.parts[i].n >= 1 && !t.countsWords(i) {
				if cents := t.cents(&t.parts[i]); cents > 0 {
					t.parts[i].centimes = cents
					events = append(events[:k+1], append([]event{{at: i, cents: cents}}, events[k+1:]...)...)
					k++
				}
			}
		}
	}
	if e, ok := t.bundle(events); ok {
		events = append([]event{e}, events...)
	}
	// One piece is what a price is for where crafts are counted and nothing else is said.
	if t.anyStock() && len(events) == 1 && !events[0].pack {
		for i := range t.parts {
			if p := &t.parts[i]; p.isStock() && p.kind == partQty && !p.times {
				switch {
				case p.unit == locales.Kilogram || p.unit == locales.Litre:
					events = append([]event{{at: i, pack: true, n: 1, unit: p.unit}}, events...)
				case p.unit == locales.Piece && !p.container && t.piecesSaid(i):
					events = append([]event{{at: i, pack: true, n: 1, unit: locales.Piece}}, events...)
				}
				break
			}
		}
	}
	return events
}

// basket tells a coffret or a basket whose amounts are what is in it: several goods with their sizes, and one price behind the last.
func (t *text) basket(packs []Pack, places []int) bool {
	first := t.firstWord()
	for i := range t.parts {
		if m, _ := t.phraseAt(t.parts[i].from); t.parts[i].kind != partWord && m&(craftWord|boxWord|lotWord) != 0 {
			first = t.parts[i].from
		}
		if t.parts[i].kind == partQty || t.parts[i].kind == partMoney {
			break
		}
	}
	if len(packs) < 2 || first < 0 || packs[len(packs)-1].PriceCentimes == nil {
		return false
	}
	if m, _ := t.phraseAt(first); m&(craftWord|boxWord|lotWord) == 0 {
		return false
	}
	for k, p := range packs[:len(packs)-1] {
		if p.PriceCentimes != nil || p.Amount == "" || t.parts[places[k+1]-1].kind != partWord {
			return false
		}
	}
	return true
}

// bundle reads some goods for one price: "3 savons pour 60 dh". The count opens the caption, and the price is for all of them.
func (t *text) bundle(events []event) (event, bool) {
	if len(events) != 1 || events[0].pack || t.anyStock() {
		return event{}, false
	}
	first := 0
	for first < len(t.parts) && t.mean(first)&(greetWord|haveWord|sellWord|fillWord) != 0 {
		first++
	}
	if first+1 >= len(t.parts) {
		return event{}, false
	}
	at := events[0].at
	if at >= 2 && t.parts[at-2].isNumber() && at-2 > first && !t.parts[at-2].brk && t.parts[at-3].kind == partWord { // "pain 4 b 12 dh"
		first = at - 2
	} else if t.parts[first+1].kind != partWord || t.parts[first+1].brk {
		return event{}, false
	}
	p := &t.parts[first]
	if !p.isNumber() || p.used || p.n < 2 || p.n > 24 || p.n != math.Trunc(p.n) || at < first+2 {
		return event{}, false
	}
	switch t.tok[t.parts[at-1].from].Norm {
	case "pour", "b", "ب":
	default:
		return event{}, false
	}
	for i := at + 1; i < len(t.parts); i++ {
		if t.mean(i)&perWord != 0 || t.parts[i].kind == partQty {
			return event{}, false
		}
	}
	p.used = true
	return event{at: first, pack: true, n: p.n, unit: locales.Piece}, true
}

// severalFor tells a count of what was priced before, with a price of its own: "130 dh la pièce, 2 pour 240".
func (t *text) severalFor(i int, events []event) bool {
	p := &t.parts[i]
	if !p.isNumber() || p.n < 2 || p.n > 24 || p.n != math.Trunc(p.n) || i+2 >= len(t.parts) || t.mean(i-1)&(atWord|priceWord|toWord|betweenWord|fromWord) != 0 && !p.brk && t.tok[t.parts[i-1].from].Norm != "/" {
		return false
	}
	switch t.tok[t.parts[i+1].from].Norm {
	case "pour", "b", "ب":
	default:
		return false
	}
	if q := &t.parts[i+2]; q.used || q.kind != partMoney && !q.isNumber() {
		return false
	}
	for _, e := range events {
		if e.pack {
			return e.n == 1
		}
	}
	return true
}

// piecesSaid tells that the stock at part i names pieces by a word, not by a count alone.
func (t *text) piecesSaid(i int) bool { return t.parts[i].to > t.parts[i].from || t.parts[i].n == 1 }

// countsWords tells a number that counts the word behind it.
func (t *text) countsWords(i int) bool {
	return i+1 < len(t.parts) && (t.parts[i+1].kind == partWord || t.mean(i+1)&partsWord != 0) && !t.parts[i+1].brk
}

// sizeFollows tells that a container's size stands right behind it: "3 pots de 500 g".
func (t *text) sizeFollows(i int) bool {
	for j := i + 1; j < len(t.parts) && j <= i+3; j++ {
		p := &t.parts[j]
		if p.kind == partQty && p.unit != locales.Piece && !p.brk {
			return true
		}
		if t.mean(j)&ofWord == 0 {
			return false
		}
	}
	return false
}

// isPriceNumber tells a number without currency that a word makes a price: "prix 110", "b 110", «ب 110».
func (t *text) isPriceNumber(i int) bool {
	p := &t.parts[i]
	if p.n < 1 {
		return false
	}
	for j := i - 1; j >= 0 && j >= i-4; j-- {
		m := t.mean(j)
		switch {
		case m == 0:
			return false
		case m&priceWord != 0:
			return true
		case m&nowWord != 0 && m&fillWord == 0:
			return true
		case m&atWord != 0:
			if t.countsWords(i) && !(t.mean(i+1) != 0) && m&toWord != 0 {
				return false
			}
			if sign := t.tok[t.parts[j].from].Norm; j == i-1 && (sign == ":" || sign == "=") && t.mean(j-1)&(priceWord|atWord) == 0 {
				return j > 0 && t.parts[j-1].kind == partQty
			}
			return true
		case m&(fillWord|ofWord|perWord|andWord|praise) != 0:
		default:
			return false
		}
	}
	return false
}

// labelled tells that goods' words stand right before the price at part i: "calibre moyen 90 dh".
func (t *text) labelled(i int) bool { return t.label(i) != "" }

// label reads the words between the amount or price before part i and part i itself.
func (t *text) label(i int) string {
	var words []int
	for j := i - 1; j >= 0; j-- {
		p := &t.parts[j]
		if p.kind == partMoney || p.kind == partQty && !p.container || p.kind == partNumber {
			if p.isStock() && len(words) == 0 {
				continue
			}
			break
		}
		if p.kind == partWord {
			words = append([]int{p.from}, words...)
		}
		if p.brk {
			break
		}
	}
	if len(words) == 0 || words[0] == t.firstWord() {
		return ""
	}
	return t.write(words)
}

func (t *text) firstWord() int {
	for i := range t.parts {
		if t.parts[i].kind == partWord {
			return t.parts[i].from
		}
	}
	return -1
}

// merge drops a pack that repeats one before it.
func merge(packs []Pack) []Pack {
	var out []Pack
	for _, p := range packs {
		again := false
		for k := range out {
			if out[k].Amount == p.Amount && out[k].Unit == p.Unit && out[k].Label == p.Label && (p.PriceCentimes == nil || out[k].PriceCentimes == nil || *p.PriceCentimes == *out[k].PriceCentimes) {
				if out[k].PriceCentimes == nil {
					out[k].PriceCentimes = p.PriceCentimes
				}
				again = true
			}
		}
		if !again {
			out = append(out, p)
		}
	}
	return out
}

// giveStock hands the counts out: to the one pack; with several, each to the pack it stands behind where there are several counts,
// one count to nobody in particular.
func (t *text) giveStock(c *Caption, places []int) {
	type count struct {
		at int
		n  int64
	}
	var counts []count
	for i := range t.parts {
		if p := &t.parts[i]; p.isStock() {
			var pack *Pack
			if len(c.Packs) > 0 {
				pack = &c.Packs[0]
			}
			counts = append(counts, count{i, inPacks(p, pack)})
		}
	}
	if len(counts) == 0 {
		return
	}
	if len(c.Packs) == 0 {
		c.Stock = &counts[0].n
		return
	}
	if len(c.Packs) == 1 {
		n := counts[0].n
		c.Packs[0].Stock, c.Stock = &n, &n
		return
	}
	if len(counts) == 1 { // "stock 30 et 10"
		if i := counts[0].at + 2; i < len(t.parts) && t.mean(i-1)&andWord != 0 && t.parts[i].isNumber() && !t.parts[i].used && len(c.Packs) == 2 && t.clauseEnds(i+1) {
			t.stockPart(i)
			counts = append(counts, count{i, inPacks(&t.parts[i], &c.Packs[1])})
		}
	}
	if len(counts) == len(c.Packs) && len(places) == len(c.Packs) && counts[0].at > places[len(places)-1] {
		for k := range counts { // in the order of the packs
			n := counts[k].n
			c.Packs[k].Stock = &n
		}
		return
	}
	if len(counts) < 2 || len(places) != len(c.Packs) {
		c.Stock = &counts[0].n
		return
	}
	for _, count := range counts {
		owner := 0
		for k, at := range places {
			if at < count.at {
				owner = k
			}
		}
		if c.Packs[owner].Stock == nil {
			n := count.n
			c.Packs[owner].Stock = &n
		}
	}
}

// inPacks counts packs: 20 kg are 40 packs of 500 g.
func inPacks(p *part, pack *Pack) int64 {
	n := int64(math.Round(p.n))
	if p.kind != partQty || p.unit == locales.Piece || pack == nil || pack.Amount == "" || !sameFamily(p.unit, pack.Unit) {
		return n
	}
	all, _ := (locales.Quantity{Amount: p.n, Unit: p.unit}).Base()
	one, _ := (locales.Quantity{Amount: parse(pack.Amount), Unit: pack.Unit}).Base()
	if one <= 0 {
		return n
	}
	return all / one
}
