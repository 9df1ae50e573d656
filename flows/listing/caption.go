// Package listing reads what members of a cooperative type about what they sell, in French, Arabic, Darija (both alphabets) and any
// mixture: captions of a photo (Read), a correction of one field of a draft (ReadCorrection) and one-line commands about the own
// shop (ReadShopLine). It knows no conversation and no catalogue's rows, reads no clock, and never fails: hostile text is cut and
// cleaned first, so that time and memory are bounded.
package listing

import (
	"time"

	"souk/locales"
)

// Caption is what one caption was understood to say. Whatever it does not say is nil, zero or empty; nothing is guessed.
type Caption struct {
	// Title is the goods' name in the person's own words, without greeting, amounts, prices and the like. Empty where none was said.
	Title string
	// Locale is the language of the words: fr, ar, ary (Darija), arabizi (Darija in Latin letters) or mixed.
	Locale Locale
	// Packs are the packs for sale in the order of the text. Empty where neither a pack nor a price nor a stock was said; one with an
	// empty Amount where only a price or a container without its size was ("le pot à 35 dh").
	Packs []Pack
	// Stock counts packs, where one number was said for the whole caption. With a single pack it is that pack's Stock too; with
	// several it belongs to none of them.
	Stock *int64
	// Phone is the first phone number of the caption in E.164.
	Phone string
	// Tiers are prices from a number of packs on, ascending.
	Tiers []Tier
	// Range is set where a span of prices was said ("de 700 à 2000 dh"); the pack's price is nil then.
	Range *PriceRange
	// WasCentimes is the older of two prices ("120 au lieu de 150"), which is no price of this listing.
	WasCentimes *int64
	// ByWeight tells goods that are weighed at packing: the pack's amount is about right.
	ByWeight bool
	// MadeToOrder tells goods that are made when ordered; LeadDays says in how many days, 0 where that was not said.
	MadeToOrder bool
	LeadDays    int
	// Season is set for goods that are sold before or only in their season.
	Season *Season
}

// Pack is one thing that can be bought.
type Pack struct {
	// Amount is a decimal with a point and no trailing zeros, "0.5"; empty with locales.NoUnit where the size was not said.
	Amount string
	Unit   locales.Unit
	// PriceCentimes is the price of one pack.
	PriceCentimes *int64
	// Stock counts packs of this size.
	Stock *int64
	// Label is what tells this pack from its sisters beyond the size ("calibre jumbo"). Mostly empty.
	Label string
}

// Tier is a price per pack from a number of packs on: "à partir de 10 : 95".
type Tier struct {
	From          int64 // packs, at least 2
	PriceCentimes int64
}

// PriceRange is a span of prices. High is 0 where only the lower end was said ("à partir de 50 dh").
type PriceRange struct {
	LowCentimes, HighCentimes int64
}

// Season tells when goods are there.
type Season struct {
	// PreOrder tells that they may be ordered before.
	PreOrder bool
	// From is the month in which they come; 0 where it was not said.
	From time.Month
}

// Locale names the language of a caption as the samples do.
type Locale string

// The locales of a caption.
const (
	French  Locale = "fr"
	Arabic  Locale = "ar"
	Darija  Locale = "ary"
	Arabizi Locale = "arabizi"
	Mixed   Locale = "mixed"
)
