package intent

import (
	"strings"

	"souk/locales"
)

// rule is one way to understand a message. Rules are tried in order: what would do harm if missed (stop) and what is said with
// other intents' words ("comment annuler", "apprendre à vendre") come first.
type rule struct {
	intent Intent
	fits   func(*message) bool
}

// both tells that a word of each set stands in the message.
func (m *message) both(a, b sense) bool { return m.has(a) && m.has(b) }

// not is a "no" of any kind.
const not = no | neg | enough

// goodsNamed tells that something for sale is named.
func (m *message) goodsNamed() bool { return m.has(product) }

var rules = []rule{
	{Stop, func(m *message) bool {
		switch {
		case m.has(unsubscribe) && !m.has(resume):
			return true
		case m.has(messages) && m.has(stopWord|cancelWord|remove|enough):
			return true
		case m.has(messages) && m.has(neg|no) && m.has(want|send|arrive):
			return true
		case m.has(messages) && m.says("plus") && !m.has(again|resume):
			return true
		case m.has(send) && m.has(neg|enough) && !m.has(orderNoun|product|cart|arrive):
			return true
		case m.has(subscribe) && m.has(stopWord|cancelWord|remove|enough|neg|no):
			return true
		case m.has(orderNoun | cart | product | learnWord | take | price | howMuch):
			return false
		case m.has(stopWord):
			return m.content <= 2
		}
		return m.has(enough) && m.only(enough|yes|no|neg)
	}},
	{Start, func(m *message) bool {
		switch {
		case m.has(again|backWord) && m.has(messages|subscribe):
			return !m.has(neg | no)
		case m.has(learnWord | sellWord | orderNoun | coop | product | take | vendor | publish):
			return false
		case m.has(resume):
			return true
		case m.has(again|startWord|backWord) && m.has(messages|subscribe):
			return true
		case m.has(again) && m.has(send|register):
			return true
		case m.has(subscribe | register):
			return true
		case m.has(want|arrive) && m.has(messages) && !m.has(neg|no):
			return true
		}
		return m.has(startWord) && m.content <= 1 && !m.has(menuWord|goods|cart|helpWord|how|cancelWord|backWord)
	}},
	{Learn, func(m *message) bool {
		return m.has(learnWord) && !m.has(orderNoun|cancelWord) && !(m.has(neg) && m.has(french|arabic)) && !(m.has(product) && m.amount)
	}},
	{Language, func(m *message) bool {
		if m.has(human | orderNoun | product | goods | sellWord | cancelWord | cart) {
			return false
		}
		if m.has(french | arabic) {
			return m.content <= 1
		}
		return m.has(tongue) && m.content <= 1
	}},
	{Human, func(m *message) bool {
		if m.goodsNamed() && m.amount {
			return false
		}
		switch {
		case m.has(human) && !m.has(coop|sellWord|product):
			return true
		case m.has(callMe):
			return true
		case m.both(person, talk|helpWord), m.both(have, person) && !m.goodsNamed():
			return true
		}
		return m.has(talk) && !m.has(orderNoun|product|howMuch|price|goods|cart)
	}},
	{Cancel, func(m *message) bool {
		switch {
		case m.has(cancelWord):
			return true
		case m.has(remove):
			return !m.has(price | howMuch)
		case m.has(orderNoun|cart) && m.has(stopWord):
			return true
		case m.has(orderNoun) && m.has(want) && m.says("plus") && !m.has(take|product):
			return true // "je veux plus ma commande"
		}
		return m.has(orderNoun) && m.has(neg|no) && m.has(want) && !m.has(arrive|late|where|when)
	}},
	{Yes, func(m *message) bool { return m.has(yes) && m.has(orderNoun) && m.only(yes|orderNoun|mine|want) }},
	{Sell, (*message).states},
	{Sell, (*message).keepsStock},
	{Track, func(m *message) bool {
		if m.has(trackWord) {
			return !m.has(sellWord | product)
		}
		if m.has(orderNoun) {
			switch {
			case m.has(sellWord | publish | helpWord):
				return false
			case m.has(where | when | late | arrive):
				return !m.has(how) || m.has(late|neg)
			case m.has(mine|show) && !m.has(how|take|want|product|price|howMuch|yes|change|no):
				return true
			}
		}
		if m.goodsNamed() && !m.has(mine) {
			return false
		}
		switch {
		case m.has(arrive) && m.has(where|when|neg|no|late):
			return !m.has(want) || m.has(neg|late)
		case m.has(where) && m.has(mine):
			return true
		case m.both(where|late, goods) && m.has(mine|late):
			return true
		}
		return m.has(late) && m.has(arrive|mine)
	}},
	{Sell, func(m *message) bool {
		switch {
		case m.has(have|seek) && !m.has(mine|register|want|how) && (m.has(have) || !m.says("vendre")):
			return false
		case m.has(sellWord):
			return true
		case m.has(publish):
			return !m.has(cart) && !m.amount
		case m.has(coop):
			return m.has(register|mine|want|how|publish) || !m.has(show|what|have|goods|list|seek|where)
		case m.has(vendor):
			return !m.has(price | howMuch | have | seek | take)
		}
		if m.both(goods, adding) && !m.has(product|cart) && !m.amount {
			return true
		}
		return m.both(goods, mine) && m.has(show|want|register|how)
	}},
	{Unknown, func(m *message) bool {
		return m.has(odd) && !m.has(product|orderNoun|price|menuWord|goods|take|helpWord|backWord)
	}},
	{Help, func(m *message) bool { return m.has(price|howMuch) && m.delivery() && !m.goodsNamed() && !m.amount }},
	{Track, func(m *message) bool {
		return m.has(orderNoun) && m.number() && m.all&^(orderNoun|mine|filler|greet) == 0 && m.content == 0
	}},
	{Help, func(m *message) bool { return m.both(how, take|orderNoun|pay|work) && !m.has(price|howMuch) }},
	{Price, func(m *message) bool {
		return m.has(price|howMuch) && !(m.both(howMuch, have) && m.has(goods) && !m.has(price))
	}},
	{Menu, func(m *message) bool { return m.has(menuWord) && !m.has(product|orderNoun) && m.content <= 2 }},
	{Back, func(m *message) bool {
		return m.has(backWord) && !m.has(product|messages|take|orderNoun|goods) && m.content <= 2
	}},
	{Help, func(m *message) bool {
		switch {
		case m.goodsNamed() && m.amount:
			return false
		case m.has(helpWord):
			return true
		case m.has(understand) && m.has(neg|no), m.both(know, neg) && m.has(how|what):
			return true
		case m.has(how):
			return !m.goodsNamed() || m.has(work)
		case m.has(pay):
			return !m.goodsNamed()
		}
		return m.has(understand) && m.has(want) && !m.goodsNamed()
	}},
	{No, func(m *message) bool {
		return m.has(neg|no) && m.has(want|take) && !m.goodsNamed() && m.content == 0 && !m.amount
	}},
	{Browse, func(m *message) bool {
		switch {
		case m.amount && m.goodsNamed():
			return false
		case m.has(goods | coop):
			if m.goodsNamed() || m.content > 1 {
				return m.has(show|what|list) && !m.goodsNamed() && m.content <= 2
			}
			return !m.has(take) || m.has(show|what)
		case m.has(what) && m.has(have|sellWord) && !m.goodsNamed():
			return m.content == 0
		}
		return m.has(show) && m.has(list|have|what) && m.content == 0
	}},
	{Order, func(m *message) bool {
		if m.has(have|seek) && !m.has(take) && !(m.has(want) && m.amount) {
			return false
		}
		switch {
		case m.both(where, take) && m.goodsNamed() && !m.amount:
			return false // where to buy it
		case m.has(take) && !(m.has(show|know) && !m.amount):
			return true
		case m.has(want|orderNoun|send|cart) && !m.has(show|know|seek|where|what):
			return m.goodsNamed() || m.amount || m.content > 0 && m.has(want) && !m.unknownVerb()
		}
		if m.one && m.goodsNamed() && m.all&^(product|filler|greet|thanks) == 0 {
			return true // "un tapis svp"
		}
		return m.amount && (m.goodsNamed() || m.content > 0) && !m.has(have|seek|show|know|where|odd)
	}},
	{Search, func(m *message) bool {
		switch {
		case m.has(have | seek):
			return m.content > 0 || m.has(what|seek)
		case m.goodsNamed():
			return !m.has(not) || m.has(where)
		}
		return m.has(show) && m.content > 0 || m.named()
	}},
	{Track, func(m *message) bool { return m.has(orderNoun) && m.content <= 2 && !m.has(want|take|yes|not|how) }},
	{No, func(m *message) bool {
		switch {
		case m.has(yes) && m.firstIs(yes, no):
			return false
		case m.has(no | later):
			return m.content == 0 || m.content <= 2 && m.firstIs(no, ^(no|filler|greet))
		}
		return m.has(neg) && m.only(neg|now|want)
	}},
	{Yes, func(m *message) bool {
		return m.has(yes) && !m.has(neg) && (m.content == 0 || m.content == 1 && m.words >= 3 && m.firstIs(yes, ^(yes|filler|greet)))
	}},
	{Greeting, func(m *message) bool {
		return m.has(greet) && m.all&^(greet|filler|thanks|what|have|know|list) == 0 && m.content <= 2
	}},
	{Help, func(m *message) bool { return m.has(work) && m.content == 0 }},
}

// states tells a pack of goods with its price, said and not asked for: what sellers write. Buyers ask for the price, or say that
// they want or take.
func (m *message) states() bool {
	if !m.unit || !m.goodsNamed() || !m.has(money) || m.says("moins") || m.says("max") || m.says("maximum") || m.says("اقل") || m.says("?") || m.says("؟") {
		return false
	}
	return !m.has(want | take | seek | howMuch | what | show | cart | orderNoun | remove | cancelWord | how | when | pay | talk | human)
}

// keepsStock tells a line about what is on one's own shelf: "stock huile 12", "miel rupture". Buyers ask, or say that they want.
func (m *message) keepsStock() bool {
	if !m.goodsNamed() || m.says("?") || m.says("؟") || m.has(want|take|seek|howMuch|price|what|show|where|when|cart|orderNoun|talk|human|how|messages) {
		return false
	}
	last := len(m.tokens) - 1
	for i, t := range m.tokens {
		switch t.Norm {
		case "rupture":
			return !m.amount
		case "stock", "stok", "ستوك", "الستوك":
			if i == 0 && m.amount || i < last && m.tokens[i+1].Kind == locales.NumberToken {
				return true
			}
		}
	}
	return false
}

// delivery tells that bringing the goods is spoken of.
func (m *message) delivery() bool {
	for _, t := range m.tokens {
		switch locales.StripArticle(t.Norm) {
		case "livraison", "livraisn", "livrizon", "livrezon", "livrer", "توصيل", "tawsil", "twsil", "tewsil", "tawssil", "ttawsil":
			return true
		}
	}
	return false
}

// number tells the number of an order, of three to eight digits: nobody orders so many.
func (m *message) number() bool {
	for _, t := range m.tokens {
		if t.Kind == locales.NumberToken && t.Value >= 100 && len(t.Norm) <= 8 && strings.Trim(t.Norm, "0123456789") == "" {
			return true
		}
	}
	return false
}

// read tries the rules.
func (m *message) read() Reading {
	for _, r := range rules {
		if r.fits(m) {
			reading := Reading{Intent: r.intent}
			if r.intent == Language {
				reading.Language = m.language()
			}
			return reading
		}
	}
	return Reading{Intent: Unknown}
}
