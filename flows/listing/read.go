package listing

import (
	"math"
	"strconv"

	"souk/locales"
)

// Read reads a caption. ok is false where the text is no listing: thanks, a question, an order, a message about money.
func Read(s string) (c Caption, ok bool) {
	t := newText(s)
	if len(t.tok) == 0 {
		return Caption{}, false
	}
	c.Phone = t.phone
	t.extras(&c)
	t.asides(&c)
	t.stocks()
	t.soldOut()
	t.packs(&c)
	t.title(&c)
	c.Locale = t.locale()
	if !t.isListing(&c) {
		return Caption{}, false
	}
	return c, true
}

// before gives the nearest part before i that is more than a filler, in the same clause unless far.
func (t *text) before(i int) (j int, p *part) {
	for j = i - 1; j >= 0; j-- {
		p := &t.parts[j]
		if p.kind == partMark && p.mean&(fillWord|ofWord) != 0 && p.mean&(perWord|atWord|stockWord|haveWord|toWord|betweenWord) == 0 {
			if t.parts[j+1].brk {
				return -1, nil
			}
			continue
		}
		return j, p
	}
	return -1, nil
}

// mean is the meaning of part i, 0 where there is none.
func (t *text) mean(i int) meaning {
	if i < 0 || i >= len(t.parts) || t.parts[i].kind != partMark {
		return 0
	}
	return t.parts[i].mean
}

// isAmount tells parts that a price or a count may be.
func (p *part) isNumber() bool { return p.kind == partNumber && !p.fraction }

// cents is what the part is as a price: its sum, or its number in dirhams.
func (t *text) cents(p *part) int64 {
	if p.kind == partMoney {
		return p.centimes
	}
	norm := ""
	if p.to-p.from == 1 {
		norm = t.tok[p.from].Norm
	}
	m, ok := t.money(p.n, norm, 100, p.to)
	if !ok {
		return 0
	}
	return m.centimes
}

// asides takes what is a price or an amount and not one of this listing's: freight, older prices, spans, tiers, least orders.
func (t *text) asides(c *Caption) {
	for i := range t.parts {
		p := &t.parts[i]
		if p.used {
			continue
		}
		switch {
		case p.kind == partMoney || p.isNumber():
			if t.freight(i) || t.least(i) {
				p.used = true
				continue
			}
		case p.kind == partQty && t.least(i):
			p.used = true
			continue
		}
	}
	t.tiers(c)
	t.spans(c)
	t.older(c)
}

// freight tells that the sum at part i is what the way costs.
func (t *text) freight(i int) bool {
	if t.parts[i].kind != partMoney && t.mean(i-1)&(atWord|priceWord) == 0 && t.mean(i-1)&freightWord == 0 {
		return false
	}
	for j := i; j >= 0 && j > i-6; j-- {
		if t.mean(j)&freightWord != 0 {
			return true
		}
		if j < i && (t.parts[j].kind == partMoney || t.parts[j].kind == partQty) || j < i && t.parts[j].kind == partWord && t.goods[t.parts[j].from] {
			return false
		}
		if t.parts[j].brk && j < i {
			return false
		}
		if t.parts[j].brk && t.mean(j-1)&freightWord == 0 {
			return false
		}
	}
	return false
}

// least tells that the amount at part i is the least that may be ordered.
func (t *text) least(i int) bool {
	_, b := t.before(i)
	return b != nil && b.kind == partMark && b.mean&leastWord != 0
}

// tiers reads "à partir de 10 : 95", «من 10 كيلو لفوق 95 درهم», "10 et plus 95 dh".
func (t *text) tiers(c *Caption) {
	t.firstTier()
	for i := range t.parts {
		p := &t.parts[i]
		if p.used || p.kind != partNumber && p.kind != partQty || p.n < 2 || p.n > 100_000 || p.fraction {
			continue
		}
		bulk := t.mean(i-1)&bulkWord != 0 || t.mean(i-1)&(betweenWord|fromWord|ofWord) != 0 && t.mean(i-2)&bulkWord != 0
		from := bulk || t.mean(i-1)&fromWord != 0 || t.mean(i-1)&betweenWord != 0 && t.mean(i+1)&moreWord != 0
		more := t.mean(i+1)&moreWord != 0
		// «100 غ 10 دراهم، من 20 ب 8»: a first price is known already.
		from = from || t.mean(i-1)&betweenWord != 0 && t.mean(i+1)&atWord != 0 && t.mean(i+1)&toWord == 0 && t.pricedBefore(i)
		from = from || t.mean(i-1)&betweenWord != 0 && p.kind == partQty && p.container && t.pricedBefore(i)
		if !from && !more {
			continue
		}
		j := i + 1
		for j < len(t.parts) && j < i+7 {
			q := &t.parts[j]
			if q.kind == partMark && q.mean&(dirham|ryal|franc|stockWord) == 0 || q.kind == partWord && j == i+1 {
				j++
				continue
			}
			break
		}
		if j >= len(t.parts) {
			continue
		}
		q := &t.parts[j]
		bare := j == i+1 && p.kind == partQty && p.container && t.pricedBefore(i) && t.clauseEnds(j+1) && !q.brk // "mn 10 cartons 470"
		if q.used || q.kind != partMoney && !(q.isNumber() && (bare || t.mean(j-1)&(atWord|priceWord|toWord) != 0)) {
			continue
		}
		c.Tiers = append(c.Tiers, Tier{From: int64(math.Round(p.n)), PriceCentimes: t.cents(q)})
		for k := i - 1; k <= j; k++ {
			if k >= i || k >= 0 && t.parts[k].kind == partMark { // a price before is another one's
				t.parts[k].used = true
			}
		}
	}
	for i := 1; i < len(c.Tiers); i++ { // few: insertion sort
		for j := i; j > 0 && c.Tiers[j].From < c.Tiers[j-1].From; j-- {
			c.Tiers[j], c.Tiers[j-1] = c.Tiers[j-1], c.Tiers[j]
		}
	}
}

// firstTier takes the counts of "1 à 4 : 30 dh": the price is the one for few, and the numbers are none.
func (t *text) firstTier() {
	for i := 0; i+4 < len(t.parts); i++ {
		low, high, colon := &t.parts[i], &t.parts[i+2], &t.parts[i+3]
		if low.kind == partNumber && low.n == 1 && !low.used && t.mean(i+1)&toWord != 0 && high.kind == partNumber && high.n > 1 && !high.used &&
			colon.kind == partMark && (t.tok[colon.from].Norm == ":" || t.tok[colon.from].Norm == "=") && t.parts[i+4].kind == partMoney {
			low.used, high.used = true, true
			low.kind, high.kind = partSkip, partSkip
		}
	}
}

// pricedBefore tells that a sum stands before part i.
func (t *text) pricedBefore(i int) bool {
	for j := range t.parts[:i] {
		if t.parts[j].kind == partMoney && !t.parts[j].used {
			return true
		}
	}
	return false
}

// spans reads "de 700 à 2000 dh", «بين 80 و 100 درهم», "60-80 dh", "à partir de 50 dh".
func (t *text) spans(c *Caption) {
	for i := range t.parts {
		p := &t.parts[i]
		if p.used || p.kind != partMoney {
			continue
		}
		if t.mean(i-1)&bulkWord != 0 || t.mean(i-1)&(atWord|priceWord|ofWord) != 0 && t.mean(i-2)&bulkWord != 0 {
			p.used = true // the price of many, of how many is not said
			continue
		}
		if t.mean(i-1)&fromWord != 0 {
			c.setRange(t.cents(p), 0)
			p.used = true
			continue
		}
		j := i - 1                                                    // the joint
		if j >= 1 && t.mean(j)&atWord != 0 && t.mean(j)&toWord == 0 { // "mn b 50 l b 80"
			j--
		}
		if j < 1 || t.mean(j)&(toWord|andWord) == 0 {
			continue
		}
		low := &t.parts[j-1]
		if low.used || low.kind != partMoney && !low.isNumber() || low.times {
			continue
		}
		opened := t.mean(j-2)&betweenWord != 0 || t.mean(j-3)&betweenWord != 0 && t.mean(j-2)&atWord != 0
		and := t.mean(j)&toWord == 0
		sign := t.tok[t.parts[j].from].Kind == locales.MarkToken
		switch {
		case and && !opened, sign && low.kind == partMoney && p.brk, t.parts[j].from > 0 && sign && t.parts[j].brk:
			continue
		case sign && low.kind == partNumber && t.spaced(t.parts[j].from) && t.mean(j-2)&(stockWord|haveWord) != 0:
			continue
		}
		lowCents := t.cents(low)
		if low.kind == partNumber && p.n > 0 { // "700 à 2000 ryal": one currency for both
			lowCents = int64(math.Round(low.n * float64(p.centimes) / p.n))
		}
		if lowCents <= 0 || lowCents >= p.centimes {
			continue
		}
		c.setRange(lowCents, p.centimes)
		for k := j - 1; k <= i; k++ {
			t.parts[k].used = true
		}
	}
	// Without any currency: "prix entre 80 et 120".
	for i := range t.parts {
		if i+2 < len(t.parts) && t.mean(i)&betweenWord != 0 && t.parts[i+1].isNumber() && !t.parts[i+1].used && t.mean(i+2)&(toWord|andWord) != 0 && i+3 < len(t.parts) &&
			t.parts[i+3].isNumber() && !t.parts[i+3].used && t.parts[i+3].n > t.parts[i+1].n {
			if t.mean(i-1)&priceWord != 0 || t.mean(i)&ofWord == 0 {
				c.setRange(t.cents(&t.parts[i+1]), t.cents(&t.parts[i+3]))
				t.parts[i+1].used, t.parts[i+3].used = true, true
			}
		}
	}
}

// spaced tells a sign with space on both its sides.
func (t *text) spaced(i int) bool {
	return i > 0 && i+1 < len(t.tok) && t.tok[i-1].End < t.tok[i].Start && t.tok[i].End < t.tok[i+1].Start
}

func (c *Caption) setRange(low, high int64) {
	if c.Range == nil {
		c.Range = &PriceRange{LowCentimes: low, HighCentimes: high}
	}
}

// older takes the older of two prices: "au lieu de 150", «كان ب 75», "150 → 120".
func (t *text) older(c *Caption) {
	for i := range t.parts {
		p := &t.parts[i]
		if p.used || p.kind != partMoney && !p.isNumber() {
			continue
		}
		j := i - 1
		for j >= 0 && j > i-3 && t.mean(j)&(atWord|priceWord|fillWord|ofWord|leftWord) != 0 && t.mean(j)&wasWord == 0 && !t.parts[j+1].brk {
			j--
		}
		if t.mean(j)&wasWord != 0 {
			c.WasCentimes = new(int64)
			*c.WasCentimes = t.cents(p)
			p.used = true
			continue
		}
		// The first price, where a word for "now" stands between it and the next one and no pack does.
		if p.kind != partMoney && t.mean(i-1)&(atWord|priceWord) == 0 {
			continue
		}
		now := false
		for k := i + 1; k < len(t.parts) && k < i+8; k++ {
			q := &t.parts[k]
			if q.kind == partQty && !q.per && !q.container || q.kind == partWord && t.goods[q.from] {
				break
			}
			if t.mean(k)&wasWord != 0 && t.mean(k)&nowWord == 0 {
				break // "28 dh en promo au lieu de 35"
			}
			if t.mean(k)&nowWord != 0 {
				now = true
			}
			if q.kind == partMoney || q.isNumber() && t.mean(k-1)&(atWord|priceWord|nowWord) != 0 {
				if now && !q.used {
					c.WasCentimes = new(int64)
					*c.WasCentimes = t.cents(p)
					p.used = true
				}
				break
			}
		}
	}
}

// decimal writes an amount as the contract wants it.
func decimal(n float64) string {
	return strconv.FormatFloat(math.Round(n*1000)/1000, 'f', -1, 64)
}
