package listing

import (
	"time"

	"souk/locales"
)

// extras reads what is sold beyond pack × price: made to order, in season, by weight.
func (t *text) extras(c *Caption) {
	for i := range t.parts {
		m := t.mean(i)
		switch {
		case m&orderMade != 0:
			days, at := t.daysNear(i)
			if t.tok[t.parts[i].from].Norm == "خلال" && days == 0 {
				continue
			}
			c.MadeToOrder = true
			if days > 0 {
				c.LeadDays = days
				t.parts[at].used = true
			}
		case m&preOrder != 0:
			c.season().PreOrder = true
		case m&seasonWord != 0:
			c.season()
		case m&weighed != 0:
			c.ByWeight = true
		case m&aboutWord != 0 && i+1 < len(t.parts) && t.parts[i+1].kind == partQty && t.parts[i+1].unit != locales.Piece:
			c.ByWeight = true
		}
	}
	for i := range t.tok {
		if m, _ := t.phraseAt(i); m&monthWord != 0 && (c.Season != nil || i > 0 && t.comesIn(i-1)) {
			if month := monthOf(t.tok[i].Norm); month != 0 && (i == 0 || t.tok[i-1].Kind != locales.NumberToken || c.Season != nil) {
				c.season().From = month
				break
			}
		}
	}
}

func (c *Caption) season() *Season {
	if c.Season == nil {
		c.Season = &Season{}
	}
	return c.Season
}

// comesIn tells the words that make the month behind them the goods' own: "à partir de", "dès", «ابتداء من».
func (t *text) comesIn(i int) bool {
	for j := max(0, i-2); j <= i; j++ {
		if m, to := t.phraseAt(j); m&fromWord != 0 && to == i+1 {
			return true
		}
	}
	return false
}

// daysNear reads a number of days around part i: "sur commande 3 jours", «خلال أسبوع».
func (t *text) daysNear(i int) (days, at int) {
	for j := i + 1; j < len(t.parts) && j <= i+4; j++ {
		p := &t.parts[j]
		if p.kind == partMoney || p.kind == partQty {
			break
		}
		m, _ := t.phraseAt(p.from)
		n := 1
		if p.kind == partNumber || p.kind == partSkip {
			value, used := t.number(p.from)
			if used == 0 || value < 1 || value > 365 {
				continue
			}
			n = int(value)
			m, _ = t.phraseAt(min(p.from+used, len(t.tok)-1))
		}
		norm := t.tok[p.from].Norm
		switch {
		case norm == "يومين" || norm == "يومان":
			return 2, j
		case norm == "اسبوعين":
			return 14, j
		case m&dayWord != 0:
			return n, j
		case m&weekWord != 0:
			return 7 * n, j
		}
	}
	return 0, 0
}

// monthOf reads a month as people here name it; 0 is none.
func monthOf(norm string) time.Month {
	for m, names := range monthNames() {
		for _, name := range names {
			if name == norm {
				return m
			}
		}
	}
	return 0
}

func monthNames() map[time.Month][]string {
	return map[time.Month][]string{
		time.January: {"janvier", "يناير", "yanayer"}, time.February: {"fevrier", "فبراير"}, time.March: {"mars", "مارس"}, time.April: {"avril", "ابريل", "abril"},
		time.May: {"mai", "ماي", "مايو"}, time.June: {"juin", "يونيو"}, time.July: {"juillet", "يوليوز", "يوليو", "yulyuz"}, time.August: {"aout", "غشت", "اغسطس", "ghocht"},
		time.September: {"septembre", "شتنبر", "سبتمبر", "chotanbir"}, time.October: {"octobre", "اكتوبر", "oktobr"}, time.November: {"novembre", "نونبر", "نوفمبر", "nuwanbir"},
		time.December: {"decembre", "دجنبر", "ديسمبر", "dujanbir"},
	}
}
