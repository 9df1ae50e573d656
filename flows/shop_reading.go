package flows

import (
	"math"
	"strings"
	"time"

	"souk/flows/listing"
	"souk/locales"
)

// shopWish is what a member says to get somewhere in their shop.
type shopWish string

const (
	wishGoods shopWish = "goods"
	wishSales shopWish = "sales"
	wishUndo  shopWish = "undo"
)

// shopWishes are whole messages, normalised: what people type for their products, their sales, and to take a change back.
var shopWishes = func() map[string]shopWish {
	all := map[string]shopWish{}
	for wish, phrases := range map[shopWish]string{
		wishGoods: `mes produits|ma boutique|mon magasin|mes articles|voir mes produits|liste de mes produits|mon stock|mes stocks|منتجاتي|منتوجاتي|سلعتي|متجري|محلي|
			السلعة ديالي|المنتوجات ديالي|المنتوج ديالي|عرض منتجاتي|slo3ti|sel3ti|sl3ti|sla3ti|sel3a dyali|sl3a dyali|lmntojat dyali|lmontojat dyali|montojat dyali|7anouti|hanouti|حانوتي`,
		wishSales: `mes ventes|ventes|mes chiffres|mon chiffre|mon chiffre d'affaires|combien j'ai vendu|j'ai vendu combien|مبيعاتي|المبيعات|مبيعات|المبيعات ديالي|البيع ديالي|شحال بعت|
			شحال بعنا|mabi3ati|mabi3at|lmabi3at|lbi3 dyali|bi3 dyali|ch7al b3t|chhal b3t|chhal b3na|ch7al b3na`,
		wishUndo: `defaire|defais|undo|تراجع|رجعها كيف كانت|rje3ha|rj3ha|rje3ha kif kant`,
	} {
		for phrase := range strings.SplitSeq(phrases, "|") {
			all[locales.Normalise(strings.TrimSpace(phrase))] = wish
		}
	}
	return all
}()

func readWish(typed string) shopWish {
	return shopWishes[strings.TrimSpace(strings.TrimRight(locales.Normalise(typed), " ?!."))]
}

// readPrice reads a price that was asked for: "110", "110 dh", "110,50", «مئة درهم», "2200 ryal". 0 where there is none.
func readPrice(typed string) int64 {
	tokens := locales.Tokens(locales.StripControls(typed))
	for i := range tokens {
		n, used := locales.Number(tokens, i)
		if used == 0 {
			continue
		}
		centimes := n * 100
		if next := i + used; next < len(tokens) {
			switch word := tokens[next].Norm; {
			case strings.HasPrefix(word, "ryal") || strings.HasPrefix(word, "rial") || strings.HasPrefix(word, "ريال"):
				centimes = n * 5
			case strings.HasPrefix(word, "centime") || strings.HasPrefix(word, "سنتيم"):
				centimes = n
			}
		}
		if centimes >= 1 && centimes < math.MaxInt32*100 {
			return int64(math.Round(centimes))
		}
		return 0
	}
	return 0
}

// readPacks reads a number of packs, or with a sign or a word for more what is added: "50", "+20", "- 3", "zid 10".
func readPacks(typed string) (n int64, delta, ok bool) {
	tokens := locales.Tokens(locales.StripControls(typed))
	sign := int64(1)
	for i := 0; i < len(tokens); i++ {
		switch t := tokens[i]; t.Norm {
		case "+", "zid", "زيد", "zidou", "ajouter", "ajoute", "plus", "اضافه", "اضف":
			delta = true
		case "-", "−", "na9es", "n9es", "نقص", "moins", "enlever":
			delta, sign = true, -1
		default:
			if v, used := locales.Number(tokens, i); used > 0 && v == math.Trunc(v) && v < 1e9 {
				return sign * int64(v), delta, true
			}
		}
	}
	return 0, false, false
}

// readShopLine reads one line about the own shop. "3sel 500g 120 dh" is one too: the price of a pack, where the cooperative has that
// pack; elsewhere it may be the caption of something new.
func readShopLine(typed string) (line listing.ShopLine, ok, caption bool) {
	if line, ok := listing.ReadShopLine(typed); ok {
		return line, true, false
	}
	c, ok := listing.Read(typed)
	if !ok || c.Title == "" || len(c.Packs) != 1 || len(c.Tiers) > 0 || c.Stock != nil || c.Packs[0].Stock != nil || c.Packs[0].Amount == "" || c.Packs[0].PriceCentimes == nil {
		return listing.ShopLine{}, false, false
	}
	pack := c.Packs[0]
	return listing.ShopLine{Product: c.Title + " " + pack.Amount + " " + string(pack.Unit), Change: listing.ChangePrice, PriceCentimes: *pack.PriceCentimes}, true, true
}

// readDay reads the day of return: "lundi", "jusqu'au 12 decembre", "3 jours", «حتى الاثنين».
func readDay(typed string, now time.Time) (time.Time, bool) {
	line, ok := listing.ReadShopLine("absente jusqu'à " + typed)
	if !ok || line.Change != listing.ChangeAbsent {
		if line, ok = listing.ReadShopLine(typed); !ok || line.Change != listing.ChangeAbsent {
			return time.Time{}, false
		}
	}
	return line.Until.On(now)
}
