package listing

import (
	"strings"

	"souk/locales"
)

// isListing weighs what was found: a price and a pack make a listing of nearly anything, known goods of most things; a question, a
// wish to buy, thanks and talk about money and parcels make none.
func (t *text) isListing(c *Caption) bool {
	var all meaning
	words, goods := 0, 0
	for i := range t.parts {
		p := &t.parts[i]
		switch p.kind {
		case partMark:
			all |= p.mean
		case partWord:
			words++
		}
		if t.goods[p.from%len(t.goods)] && p.kind == partWord {
			goods++
		}
	}
	pack, price := false, c.Range != nil
	for _, p := range c.Packs {
		pack = pack || p.Amount != ""
		price = price || p.PriceCentimes != nil
	}
	asked := all&askWord != 0 && t.asks(price && pack)
	question := strings.ContainsAny(t.raw, "?؟")
	wants := all&wantWord != 0 && all&sellWord == 0
	switch {
	case c.Title == "" && !price && !pack:
		return false
	case c.Title == "" && !(price && pack) && all&sellWord == 0:
		return price && words == 0 && all&(adminWord|askWord|wantWord|thanksWord) == 0 && len(t.parts) <= 4 || pack && words == 0 && len(t.parts) == 1
	case asked, wants:
		return false
	case question && t.endsAsking() && (!(price && pack) || goods == 0):
		return false
	case price && pack:
		return true
	case all&adminWord != 0:
		return false
	case price:
		return c.Title != "" && words <= 14 && all&(otherWord|thanksWord) == 0
	case all&(otherWord|thanksWord) != 0:
		return pack && goods > 0
	case pack:
		return goods > 0 || words <= 6
	case goods > 0:
		return words <= 14
	case c.Stock != nil:
		return words <= 8
	}
	return all&(sellWord|priceWord) != 0 && words > 0 && words <= 10
}

// asks tells that a word of asking stands where it asks: at the start of a clause, or after a greeting; anywhere, where nothing is
// priced ("fin" asks where, but is fine too).
func (t *text) asks(sells bool) bool {
	fresh := true
	for i := range t.parts {
		p := &t.parts[i]
		fresh = fresh || p.brk
		switch {
		case t.mean(i)&askWord != 0 && (fresh || strings.ContainsAny(t.raw, "?؟")):
			return true
		case t.mean(i)&(greetWord|fillWord|thanksWord|otherWord|contactWord|wantWord) != 0:
		default:
			if p.kind != partMark {
				fresh = false
			}
			if t.mean(i)&askWord != 0 && !sells {
				return true
			}
		}
	}
	return false
}

// endsAsking tells that a question mark ends the caption.
func (t *text) endsAsking() bool {
	at := strings.LastIndexAny(t.raw, "?؟")
	return at >= 0 && len(locales.Tokens(t.raw[at:])) <= 3
}

// locale names the language of the words.
func (t *text) locale() Locale {
	arabic, latin, french, darija, arabizi, letters := 0, 0, 0, 0, 0, 0
	for i, token := range t.tok {
		if token.Kind != locales.WordToken || token.Text == "" {
			continue
		}
		if _, unit := locales.ReadUnit(token.Norm); unit {
			if strings.Contains(" كيلو نص كرام ليترو بيدون قرعه ", " "+token.Norm+" ") {
				darija++
			}
			continue
		}
		if _, currency := t.currencyAt(i); currency > i {
			if token.Norm == "درهما" {
				letters += 2
			}
			continue
		}
		if token.Norm[0] >= 0x80 && locales.Guess(token.Norm) == locales.Arabic {
			arabic++
			switch {
			case darijaWord(token.Norm):
				darija += 2
			case standardWord(token.Norm):
				letters += 2
			}
			continue
		}
		if len(token.Norm) < 2 && token.Norm != "w" && token.Norm != "b" {
			continue
		}
		latin++
		switch {
		case arabiziWord(token.Norm):
			arabizi++
		case token.Norm != token.Text && !isASCII(token.Text) || frenchWord(token.Norm):
			french++
		}
	}
	switch {
	case arabic > 0 && latin > 0:
		return Mixed
	case arabic > 0 && darija > letters:
		return Darija
	case arabic > 0:
		return Arabic
	case arabizi > 0 && french > 0:
		return Mixed
	case arabizi > 0:
		return Arabizi
	}
	return French
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func darijaWord(norm string) bool {
	switch norm {
	case "ديال", "ديالي", "ديالنا", "ديالو", "ب", "بزاف", "كاين", "كاينه", "كاينين", "باقي", "نص", "ستوك", "الستوك", "كرام", "غير", "دابا", "جوج", "لي", "اللي", "واجد", "عندي", "مزيان", "مزيانه", "كيلو", "ليترو", "بيدون", "فيه", "هادي", "هادشي", "بقا", "بقاو", "حتي", "زوين", "زوينه", "كانت", "كان", "ريال", "فرنك", "لفوق", "وكاين":
		return true
	}
	return false
}

func standardWord(norm string) bool {
	switch norm {
	case "نصف", "لتر", "درهما", "غراما", "المتوفر", "متوفر", "متوفره", "لدينا", "لدي", "الثمن", "السعر", "بثمن", "الكميه", "كيلوغرام", "تتوفر", "يتوفر", "للتواصل", "عوض", "بين", "ابتداء":
		return true
	}
	return false
}

// arabiziWord tells Darija in Latin letters: digits for letters, and the words between the goods.
func arabiziWord(norm string) bool {
	if strings.ContainsAny(norm, "379") && strings.IndexFunc(norm, func(r rune) bool { return r >= 'a' && r <= 'z' }) >= 0 {
		return true
	}
	switch norm {
	case "b", "w", "dyal", "dial", "kayn", "nos", "kan", "daba", "bzaf", "taman", "ghir", "baqi", "dh3", "beldi", "beldiya", "mzyan", "mzyana", "zit", "tmer", "seksou", "saboun", "zerbiya", "louz", "lward", "ward", "ma", "hta", "kilo'", "litro", "ryal", "boufgous", "khal", "zitoun", "chri7a", "kamoun", "salam", "slm", "khouti", "wla", "mn", "f", "fih":
		return true
	}
	return false
}

func frenchWord(norm string) bool {
	switch norm {
	case "de", "du", "des", "d'", "l'", "la", "le", "les", "en", "et", "au", "aux", "miel", "huile", "savon", "prix", "stock", "couscous", "olive", "olives", "argan", "pot", "pots", "reste", "unite", "piece", "disponible", "dattes", "amandes", "eau", "poterie", "tapis", "panier", "fromage", "confiture", "bols", "pour", "sur", "sachet", "cosmetique", "tisane", "noix":
		return true
	}
	return false
}
