// Package intent reads what a person asks for in one message, in French, Arabic, Darija (both alphabets) and any mixture. It
// knows no conversation and no catalogue: the flows decide what a reading means where the person stands.
//
// How it reads: the text is cut into tokens; every token gets the senses that the lexicon knows for it, through spelling folds
// and, last, one typing error; the rules, tried in order, look at which senses stand together; amounts and what is left over
// become items.
package intent

import (
	"souk/locales"
)

// Intent is what a message asks for.
type Intent string

// The intents, as `souk parse intent` prints them.
const (
	Order    Intent = "order"
	Browse   Intent = "browse"
	Search   Intent = "search"
	Track    Intent = "track"
	Cancel   Intent = "cancel"
	Help     Intent = "help"
	Human    Intent = "human"
	Language Intent = "language"
	Stop     Intent = "stop"
	Start    Intent = "start"
	Sell     Intent = "sell"
	Learn    Intent = "learn"
	Menu     Intent = "menu"
	Greeting Intent = "greeting"
	Yes      Intent = "yes"
	No       Intent = "no"
	Back     Intent = "back"
	Price    Intent = "price"
	Unknown  Intent = "unknown"
)

// Item is one thing that a message names.
type Item struct {
	// Query is what to search for, in the person's own words: no filler, amount or leading article.
	Query string
	// Quantity is nil where none was said. "le kilo" counts as one.
	Quantity *float64
	// Unit is locales.NoUnit for a bare count; pots, bottles and the like are pieces.
	Unit locales.Unit
}

// Reading is what one message was understood to be.
type Reading struct {
	Intent Intent
	// Items are named by order, search and price only.
	Items []Item
	// Language is the language asked for, with intent Language only; empty where the person only wants to change.
	Language locales.Lang
	// Cart tells that the person asks to see their cart. That is no intent of its own: Intent is Unknown then.
	Cart bool
}

// maxBytes bounds the work on one message: what comes after is cut. The longest message that a channel carries is shorter.
const maxBytes = 8 << 10

// Parse reads one message. It never fails: what it cannot read is Unknown. Hostile text (NUL, invalid UTF-8, megabytes) is cut
// and cleaned first, so that the time is bounded.
func Parse(text string) Reading {
	m := newMessage(text)
	if m.asksForCart() {
		return Reading{Intent: Unknown, Cart: true}
	}
	r := m.read()
	switch r.Intent {
	case Order, Search, Price:
		r.Items = m.items()
		return m.settle(r)
	}
	return r
}

// settle corrects an intent by the items that were found, or not found, for it.
func (m *message) settle(r Reading) Reading {
	if len(r.Items) > 0 {
		return r
	}
	switch {
	case r.Intent == Search && m.has(goods|what|show|list):
		r.Intent = Browse
	case r.Intent == Search:
		r.Intent = Unknown
	case r.Intent == Order && !m.has(take|orderNoun|cart) && !m.amount:
		r.Intent = Unknown
	}
	return r
}
