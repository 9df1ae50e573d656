package flows

import (
	"slices"
	"strings"

	"souk/flows/listing"
	"souk/locales"
)

// saidOfGoods is what was heard, read as words about goods.
type saidOfGoods struct {
	photos     []int64 // catalog.SentPhoto
	text       string
	caption    listing.Caption
	listed     bool // caption says something of goods
	correction listing.Correction
	corrects   bool
	prices     []int64 // every price that was said, in centimes
	number     int     // a message that is a number and nothing else
	isNumber   bool
}

// readSaid reads a caption, or what was typed.
func readSaid(h *Heard) saidOfGoods {
	s := saidOfGoods{text: h.Typed()}
	if h.Kind == Photo {
		s.text = h.Text
		for _, m := range h.Media {
			if m.Photo != 0 {
				s.photos = append(s.photos, m.Photo)
			}
		}
	}
	if strings.TrimSpace(s.text) == "" {
		return s
	}
	s.number, s.isNumber = bareNumber(s.text)
	s.correction, s.corrects = listing.ReadCorrection(s.text)
	s.prices = pricesIn(s.text)
	if !s.isNumber {
		s.caption, s.listed = listing.Read(s.text)
		s.listed = s.listed && (s.caption.Title != "" || len(s.caption.Packs) > 0)
	}
	return s
}

// names tells that a name of goods was said together with something of how they are sold: what no answer to a question looks like.
func (s saidOfGoods) names() bool {
	return s.listed && s.caption.Title != "" && !s.corrects && (s.price() != 0 || s.caption.Range != nil || s.stock() != nil || s.sized())
}

// sells tells a caption that stands for itself, without a photo: a name and a price.
func (s saidOfGoods) sells() bool {
	return s.listed && s.caption.Title != "" && !s.corrects && (s.price() != 0 || s.caption.Range != nil)
}

func (s saidOfGoods) sized() bool {
	return slices.ContainsFunc(s.caption.Packs, func(p listing.Pack) bool { return p.Amount != "" })
}

// price is the one that was said, in centimes: 0 where there was none.
func (s saidOfGoods) price() int64 {
	for _, p := range s.caption.Packs {
		if p.PriceCentimes != nil {
			return *p.PriceCentimes
		}
	}
	return 0
}

func (s saidOfGoods) stock() *int64 {
	for _, p := range s.caption.Packs {
		if p.Stock != nil {
			return p.Stock
		}
	}
	return s.caption.Stock
}

// onlyNumber is the one number of a short message, however it is wrapped: "30", "j'en ai 30", «عندي 30».
func (s saidOfGoods) onlyNumber() (int64, bool) {
	if s.isNumber {
		return int64(s.number), true
	}
	var found []float64
	words := 0
	for _, token := range locales.Tokens(locales.StripControls(s.text)) {
		switch token.Kind {
		case locales.NumberToken:
			found = append(found, token.Value)
		case locales.WordToken:
			words++
		}
	}
	if len(found) != 1 || words > shortMessage || found[0] != float64(int64(found[0])) || found[0] < 0 || found[0] > 1e9 {
		return 0, false
	}
	return int64(found[0]), true
}

// pricesIn are the sums of dirhams that a text names, each once.
func pricesIn(text string) []int64 {
	tokens := locales.Tokens(locales.StripControls(text))
	var prices []int64
	for i, token := range tokens {
		if token.Kind != locales.NumberToken || i+1 == len(tokens) || !isDirham(tokens[i+1].Norm) {
			continue
		}
		if price := int64(token.Value*100 + 0.5); price > 0 && !slices.Contains(prices, price) {
			prices = append(prices, price)
		}
	}
	return prices
}

func isDirham(norm string) bool {
	switch norm {
	case "dh", "dhs", "mad", "dirham", "dirhams", "drhm", "درهم", "درهما", "دراهم", "درهمين":
		return true
	}
	return false
}
