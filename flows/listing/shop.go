package listing

import (
	"strconv"
	"strings"
	"time"

	"souk/locales"
)

// Change is what a one-line command does to the shop.
type Change string

// The changes that one line can ask for.
const (
	ChangePrice   Change = "price"
	ChangeStock   Change = "stock"
	ChangeDelta   Change = "delta"
	ChangeSoldOut Change = "sold_out"
	ChangePause   Change = "pause"
	ChangeResume  Change = "resume"
	ChangeArchive Change = "archive"
	ChangeAbsent  Change = "absent"
)

// ShopLine is one command about the own shop: "argan 250 +20", "miel rupture", "pause savon".
type ShopLine struct {
	// Product is what to look for among the own products, as typed ("argan 250"); empty for ChangeAbsent, and for ChangePause or
	// ChangeResume of the whole shop.
	Product string
	Change  Change
	// PriceCentimes is the new price of ChangePrice.
	PriceCentimes int64
	// Stock is the new stock of ChangeStock, or what ChangeDelta adds (negative: takes off), in packs.
	Stock int64
	// Until is the end of ChangeAbsent. Its zero value means that none was said.
	Until Until
}

// Until is a day as people say it: a weekday, a day of a month, or some days from now. The zero value is none.
type Until struct {
	Weekday time.Weekday // where HasWeekday
	Day     int          // of Month; 1 where only the month was said
	Month   time.Month   // 0: the next such Day
	Days    int          // from today

	HasWeekday bool
}

// On gives the first day after today that u means, at midnight of now's zone. It is the day of return: the absence ends as it
// begins. ok is false for the zero Until and a day that does not exist.
func (u Until) On(now time.Time) (day time.Time, ok bool) {
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	switch {
	case u.Days > 0:
		return today.AddDate(0, 0, u.Days), true
	case u.HasWeekday:
		ahead := (int(u.Weekday) - int(today.Weekday()) + 7) % 7
		if ahead == 0 {
			ahead = 7
		}
		return today.AddDate(0, 0, ahead), true
	case u.Day > 0 && u.Month > 0:
		for year := today.Year(); year <= today.Year()+4; year++ { // 29 February
			d := time.Date(year, u.Month, u.Day, 0, 0, 0, 0, now.Location())
			if d.Day() == u.Day && d.After(today) {
				return d, true
			}
		}
	case u.Day > 0 && u.Day <= 31:
		for months := 0; months <= 2; months++ {
			d := time.Date(today.Year(), today.Month()+time.Month(months), u.Day, 0, 0, 0, 0, now.Location())
			if d.Day() == u.Day && d.After(today) {
				return d, true
			}
		}
	}
	return time.Time{}, false
}

// ReadShopLine reads a command about the own shop in one line: "argan 250 +20", "miel rupture", «العسل تقادا», "amlou prix 90", "huile
// stock 12", "pause savon", "absent jusqu'à lundi". ok is false for everything else, a buyer's "2 miel" and "prix miel 500 g" among it.
func ReadShopLine(s string) (ShopLine, bool) {
	l, ok := newLine(s)
	if !ok {
		return ShopLine{}, false
	}
	if c, ok := l.absence(); ok {
		return c, true
	}
	if delta, ok := l.signed(l.saysStock()); ok {
		l.takeMarks(stockWord | fillWord)
		return l.change(ShopLine{Change: ChangeDelta, Stock: delta})
	}
	m, _, found := l.find(soldOutWord | pauseWord | resumeWord | archiveWord)
	if found {
		_, _, whole := l.find(shopWord)
		l.takeAll(setWord)
		l.takeMarks(fillWord | stockWord | nowWord)
		switch {
		case whole && m&(pauseWord|resumeWord) == 0:
			return ShopLine{}, false
		case m&soldOutWord != 0:
			l.takeAll(soldOutWord)
			return l.change(ShopLine{Change: ChangeSoldOut})
		case m&archiveWord != 0:
			return l.change(ShopLine{Change: ChangeArchive})
		}
		c := ShopLine{Change: ChangePause}
		if m&resumeWord != 0 {
			c.Change = ChangeResume
		}
		if whole {
			_, bare := l.rest()
			return c, bare && !l.talk()
		}
		return l.change(c)
	}
	if c, ok := l.priceOrStock(); ok {
		return l.change(c)
	}
	return ShopLine{}, false
}

// change completes a command with the product that is left.
func (l *line) change(c ShopLine) (ShopLine, bool) {
	product, bare := l.rest()
	if bare || product == "" || l.talk() || len(strings.Fields(product)) > 8 {
		return ShopLine{}, false
	}
	for i := range l.parts {
		p := &l.parts[i]
		if p.kind == partMoney && !l.taken[p.from] || p.kind == partMark && p.mean&(thanksWord|greetWord) != 0 && (i == 0 || !l.taken[p.from]) && !l.goods[p.from] {
			return ShopLine{}, false
		}
	}
	c.Product = product
	return c, true
}

func (l *line) saysStock() bool {
	for i := range l.parts {
		if l.mean(i)&stockWord != 0 {
			return true
		}
	}
	return false
}

// priceOrStock reads "prix 90", "stock 12" and what stands for them.
func (l *line) priceOrStock() (ShopLine, bool) {
	for i := len(l.parts) - 1; i >= 0; i-- {
		p := &l.parts[i]
		if p.kind != partMoney && !p.isNumber() && !(p.kind == partQty && p.unit == locales.Piece && p.said && !p.lot && !p.times) || l.taken[p.from] {
			continue
		}
		var word meaning
		named, apart := false, false
		for j := i - 1; j >= 0 && word == 0; j-- {
			m := l.mean(j)
			switch {
			case m&(priceWord|stockWord) != 0:
				word = m
			case m&nowWord != 0 && m&(fillWord|greetWord) == 0:
				word = priceWord
			case m&haveWord != 0 && j == i-1 && l.namesGoods():
				word = stockWord
			case m&(fillWord|perWord|andWord) != 0, m&atWord != 0:
				apart = apart || m&atWord != 0
			case m&ofWord != 0:
			default:
				named = true
			}
		}
		if i+1 < len(l.parts) && l.mean(i+1)&leftWord != 0 && word == 0 && p.kind != partMoney {
			word, named = stockWord, false
			l.taken[l.parts[i+1].from] = true
		}
		switch {
		case word&priceWord != 0 && (p.kind == partMoney || p.isNumber() && (!named || apart)):
			cents := l.cents(p)
			if cents <= 0 {
				return ShopLine{}, false
			}
			l.take(p)
			l.takeMarks(priceWord | nowWord | fillWord | atWord)
			l.takeAll(setWord)
			return ShopLine{Change: ChangePrice, PriceCentimes: cents}, true
		case word&stockWord != 0 && p.kind != partMoney && (p.n == float64(int64(p.n))) && p.n <= 1e6 && (!named || apart || i == len(l.parts)-1):
			l.take(p)
			l.takeMarks(stockWord | leftWord | haveWord | fillWord)
			l.takeAll(setWord)
			return ShopLine{Change: ChangeStock, Stock: int64(p.n)}, true
		}
	}
	return ShopLine{}, false
}

func (l *line) take(p *part) {
	for j := p.from; j < p.to; j++ {
		l.taken[j] = true
	}
}

func (l *line) namesGoods() bool {
	for _, goods := range l.goods {
		if goods {
			return true
		}
	}
	return false
}

// absence reads "absent jusqu'à lundi", «غائبة حتى 15 مارس», "en congé 5 jours".
func (l *line) absence() (ShopLine, bool) {
	if _, _, ok := l.find(absentWord); !ok {
		return ShopLine{}, false
	}
	c := ShopLine{Change: ChangeAbsent}
	l.takeAll(absentWord | untilWord | setWord | shopWord)
	l.takeMarks(fillWord | toWord | ofWord | perWord | greetWord)
	for i := 0; i < len(l.tok); i++ {
		if l.taken[i] && l.tok[i].Kind != locales.NumberToken {
			continue
		}
		if day, ok := weekday(l.tok[i].Norm); ok {
			c.Until.Weekday, c.Until.HasWeekday = day, true
			l.taken[i] = true
			continue
		}
		if m, to := l.phraseIn(commandLexicon(), i); m&tomorrowWord != 0 {
			c.Until.Days = 1
			for j := i; j < to; j++ {
				l.taken[j] = true
			}
			continue
		}
		if m, _ := l.phraseAt(i); m&(dayWord|weekWord) != 0 {
			switch l.tok[i].Norm {
			case "يومين", "يومان":
				c.Until.Days = 2
			case "اسبوعين":
				c.Until.Days = 14
			case "semaine", "اسبوع", "simana", "سيمانه":
				c.Until.Days = 7
			}
			l.taken[i] = true
			continue
		}
		if month := monthOf(l.tok[i].Norm); month != 0 {
			c.Until.Month, c.Until.Day = month, max(1, c.Until.Day)
			l.taken[i] = true
			continue
		}
		n, used := l.number(i)
		if used == 0 || n < 1 {
			continue
		}
		if day, month, ok := slashed(l.tok[i].Norm); ok {
			c.Until.Day, c.Until.Month = day, month
			l.taken[i] = true
			for j := i + 1; j < len(l.tok) && j <= i+2; j++ { // the year
				l.taken[j] = true
			}
			break
		}
		m := meaning(0)
		if i+used < len(l.tok) {
			m, _ = l.phraseAt(i + used)
		}
		switch {
		case n != float64(int64(n)) || n > 365:
			return ShopLine{}, false
		case m&dayWord != 0:
			c.Until.Days = int(n)
			l.taken[i+used] = true
		case m&weekWord != 0:
			c.Until.Days = 7 * int(n)
			l.taken[i+used] = true
		case n <= 31:
			c.Until.Day = int(n)
		default:
			return ShopLine{}, false
		}
		for j := i; j < i+used; j++ {
			l.taken[j] = true
		}
		i += used - 1
	}
	if c.Until.Days > 0 {
		c.Until = Until{Days: c.Until.Days}
	}
	if c.Until.Day > 0 && c.Until.HasWeekday { // "lundi 7 décembre": the date says it all
		c.Until.HasWeekday, c.Until.Weekday = false, 0
	}
	if _, bare := l.rest(); !bare {
		return ShopLine{}, false
	}
	return c, true
}

// slashed reads a day of a month as "15/3".
func slashed(norm string) (day int, month time.Month, ok bool) {
	a, b, ok := strings.Cut(norm, "/")
	if !ok {
		return 0, 0, false
	}
	d, err := strconv.Atoi(a)
	m, err2 := strconv.Atoi(b)
	if err != nil || err2 != nil || d < 1 || d > 31 || m < 1 || m > 12 {
		return 0, 0, false
	}
	return d, time.Month(m), true
}

// weekday reads a day of the week in any language people mix here.
func weekday(norm string) (time.Weekday, bool) {
	switch strings.TrimPrefix(key(locales.StripArticle(norm)), "l") {
	case "undi", "lundi", "اثنين", "اتنين", "لاتنين", "tnin", "etnin", "itnin", "تنين":
		return time.Monday, true
	case "mardi", "ثلاثاء", "تلاتاء", "ثلاثا", "تلات", "tlat", "tlata", "تلاتا":
		return time.Tuesday, true
	case "mercredi", "اربعاء", "اربعا", "لاربع", "larb3", "arb3", "arbi3a2", "arba3":
		return time.Wednesday, true
	case "jeudi", "خميس", "khmis", "5mis":
		return time.Thursday, true
	case "vendredi", "جمعه", "jem3a", "jm3a", "jom3a", "joumou3a":
		return time.Friday, true
	case "samedi", "سبت", "sebt", "sbt":
		return time.Saturday, true
	case "dimanche", "احد", "حد", "7ed", "had", "7ad", "ahad":
		return time.Sunday, true
	}
	return 0, false
}
