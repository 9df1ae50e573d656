package flows

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"souk/catalog"
	"souk/flows/intent"
	"souk/internal/sorry"
	"souk/locales"
)

// goods are what choosing looks at: the list that is shown, or what somebody named.
type goods struct {
	list  []catalog.Card // what the list shows
	total int
	named []named
	card  *catalog.Card // the one product that was pointed at
	pack  int64         // the variant that was pointed at with it
	typed bool
}

// named is one thing that was named and what it may be.
type named struct {
	want want
	hits int           // how many products it may be
	one  *catalog.Card // the product where there is one
}

// clear tells that a want is one product of which it is known how many packs: nothing needs to be asked.
func (n named) clear() bool { return len(n.picks()) > 0 }

// picks are the packs that make up what was asked for, where that can be said without asking.
func (n named) picks() []catalog.Pick {
	if n.one == nil {
		return nil
	}
	return picksOf(*n.one, &n.want)
}

// picksOf is the fewest packs that match exactly. A bare count counts packs where there is one kind.
func picksOf(card catalog.Card, w *want) []catalog.Pick {
	if w == nil || w.Amount <= 0 {
		return nil
	}
	if w.Unit == "" || w.Unit == string(locales.Piece) {
		if len(card.Variants) == 1 && w.Amount == float64(int64(w.Amount)) && int64(w.Amount) <= card.Variants[0].Available {
			return []catalog.Pick{{Variant: card.Variants[0], Count: int64(w.Amount)}}
		}
	}
	picks, exact := catalog.Fit(card.Variants, strconv.FormatFloat(w.Amount, 'f', -1, 64), w.Unit)
	if !exact {
		return nil
	}
	return picks
}

const (
	goodsPage = 7  // products on a page, with room for "next", "back" and the shelves within WhatsApp's ten
	mostHits  = 40 // products that a search brings, in pages
)

func readGoods(ctx context.Context, t *Turn, h *Heard) (any, error) {
	switch {
	case h.Command == "see" || h.Command == "add":
		return pointedAt(ctx, t, h.Argument)
	case isBareNumber(h.Typed()): // it is no name: the list has no such number
	case h.Typed() != "":
		if code := productCode(h.Typed()); code != "" {
			return pointedAt(ctx, t, code)
		}
		switch h.Says().Intent {
		case Order, Search, Price, Unknown:
			return readNamed(ctx, t, wantsOf(h))
		}
	}
	return readList(ctx, t)
}

// openMaker shows what one cooperative sells.
func openMaker(_ context.Context, t *Turn) (Result, error) {
	v := vars(t)
	v.Maker, v.Query, v.Category, v.Region, v.Page = t.Heard.Argument, "", "", "", 0
	return Done()
}

// pointedAt is the product of a button, a link or a code; one that is no longer for sale is no product.
func pointedAt(ctx context.Context, t *Turn, argument string) (any, error) {
	code, position, _ := strings.Cut(argument, packMark)
	card, err := cardOf(ctx, t, code)
	if _, refused := sorry.As(err); refused {
		return goods{typed: true, named: []named{{want: want{Query: code}}}}, nil
	}
	if err != nil {
		return nil, err
	}
	f := goods{card: &card, typed: true}
	for _, v := range card.Variants {
		if strconv.Itoa(v.Position) == position {
			f.pack = v.ID
		}
	}
	return f, nil
}

// cardOf is the card of a product's code.
func cardOf(ctx context.Context, t *Turn, code string) (catalog.Card, error) {
	return once(ctx, t, "card "+code, func(ctx context.Context) (catalog.Card, error) {
		return catalog.ByCode(ctx, t.Tx, code, t.Now)
	})
}

// found are the products that fit a query, best first.
func found(ctx context.Context, t *Turn, query string, scope catalog.Scope) ([]int64, error) {
	return once(ctx, t, fmt.Sprintf("found %q %q", query, scope), func(ctx context.Context) ([]int64, error) {
		return catalog.Find(ctx, t.Tx, query, scope, mostHits, t.Now)
	})
}

// namesGoods tells that a few words of which nothing else is known are the name of something on the shelves.
func namesGoods(ctx context.Context, t *Turn, h *Heard) (bool, error) {
	if !h.Means(Unknown) || h.Says().Cart || !searchable(h.Text) || !isShort(h.Text) {
		return false, nil
	}
	ids, err := found(ctx, t, h.Typed(), catalog.Scope{})
	return len(ids) > 0, err
}

// readAsGoods reads what fitted nothing as a search, where the shelves know it.
func readAsGoods(ctx context.Context, t *Turn, h *Heard) (bool, error) {
	goods, err := namesGoods(ctx, t, h)
	if goods {
		h.reading = &Reading{Intent: Search, Items: []intent.Item{{Query: h.Typed()}}}
	}
	return goods, err
}

// packMark stands between a product's code and a pack's place on its card: "see:P12/2".
const packMark = "/"

// wantsOf is what a message names; a message that names nothing we know of may itself be a name.
func wantsOf(h *Heard) []want {
	r := h.Says()
	var wants []want
	for _, i := range r.Items {
		w := want{Query: i.Query, Unit: string(i.Unit)}
		if i.Quantity != nil && r.Intent != Price {
			w.Amount = *i.Quantity
		}
		wants = append(wants, w)
	}
	if len(wants) == 0 {
		wants = []want{{Query: h.Typed()}}
	}
	return wants[:min(len(wants), maxWants)]
}

// maxWants is how many things one message can name.
const maxWants = 8

func readNamed(ctx context.Context, t *Turn, wants []want) (any, error) {
	f := goods{typed: true}
	for _, w := range wants {
		ids, err := found(ctx, t, w.Query, catalog.Scope{})
		if err != nil {
			return nil, err
		}
		n := named{want: w, hits: len(ids)}
		if len(ids) == 1 {
			cards, err := catalog.Cards(ctx, t.Tx, ids, t.Now)
			if err != nil {
				return nil, err
			}
			if n.hits = len(cards); n.hits == 1 {
				n.one = &cards[0]
			}
		}
		f.named = append(f.named, n)
	}
	return f, nil
}

// readList loads the page of the shelf, or of the search, that the variables name.
func readList(ctx context.Context, t *Turn) (any, error) {
	v := vars(t)
	scope := catalog.Scope{Region: v.Region, Category: v.Category, Cooperative: v.Maker}
	if v.Query != "" {
		ids, err := found(ctx, t, v.Query, scope)
		if err != nil {
			return nil, err
		}
		from, to, _ := pageOf(len(ids), v.Page, goodsPage)
		list, err := catalog.Cards(ctx, t.Tx, ids[from:to], t.Now)
		return goods{list: list, total: len(ids)}, err
	}
	list, total, err := catalog.Browse(ctx, t.Tx, scope, catalog.Page{Limit: goodsPage, Offset: v.Page * goodsPage}, t.Now)
	if err == nil && len(list) == 0 && v.Page > 0 {
		v.Page = 0
		list, total, err = catalog.Browse(ctx, t.Tx, scope, catalog.Page{Limit: goodsPage}, t.Now)
	}
	return goods{list: list, total: total}, err
}

func askGoods(_ context.Context, t *Turn) error {
	f, _ := t.Facts.(goods)
	v := vars(t)
	q := Question{Text: t.Text("choose.ask", nil), List: t.Text("choose.list", nil)}
	if len(f.list) == 0 {
		q.Text = t.Text("choose.nothing", nil)
	}
	if v.SoldOut != 0 {
		q.Choices = append(q.Choices, Choice{Key: "remind", Label: t.Text("choose.remind", nil)})
	}
	for _, c := range f.list {
		if inPacks(f.list, v) {
			for _, p := range c.Variants {
				q.Choices = append(q.Choices, Choice{Key: "see:" + c.Code + packMark + strconv.Itoa(p.Position), Command: true,
					Label: whatOf(t, c.Title, p.PackAmount, p.PackUnit), Detail: packDetail(t, c, p)})
			}
			continue
		}
		q.Choices = append(q.Choices, Choice{Key: "see:" + c.Code, Command: true, Label: c.Title.In(string(t.lang)), Detail: detail(t, c)})
	}
	if f.total > goodsPage {
		q.Choices = append(q.Choices, Choice{Key: "next", Label: t.Text("list.next", nil)})
	}
	q.Choices = append(q.Choices, Choice{Key: "shelves", Label: t.Text("choose.shelves", nil)})
	t.Ask(q)
	return nil
}

// inPacks tells that each pack can stand in the list by itself: then the size needs no question of its own. What was asked for as an
// amount is made up of packs once the product is chosen.
func inPacks(list []catalog.Card, v *orderVars) bool {
	packs := 0
	for _, c := range list {
		packs += len(c.Variants)
	}
	return packs <= goodsPage && packs > len(list) && v.Query != "" && v.Want == nil
}

func packDetail(t *Turn, c catalog.Card, p catalog.Variant) string {
	town := c.Cooperative.Town.In(string(t.lang))
	if p.Available <= 0 {
		return t.Text("choose.sold_out", locales.Args{"town": town})
	}
	return t.Text("choose.pack_detail", locales.Args{"price": locales.Dirhams(p.Price), "town": town})
}

// detail is a product's second line in a list: packs, prices, place.
func detail(t *Turn, c catalog.Card) string {
	if !c.InStock() {
		return t.Text("choose.sold_out", locales.Args{"town": c.Cooperative.Town.In(string(t.lang))})
	}
	low := c.Variants[0]
	for _, v := range c.Variants {
		if v.Price < low.Price {
			low = v
		}
	}
	key := "choose.detail"
	if len(c.Variants) > 1 {
		key = "choose.detail_from"
	}
	return t.Text(key, locales.Args{"pack": packOf(low.PackAmount, low.PackUnit), "price": locales.Dirhams(low.Price), "town": c.Cooperative.Town.In(string(t.lang))})
}

// packOf is a pack's size as a value for words.
func packOf(amount, unit string) locales.Quantity {
	n, _ := strconv.ParseFloat(amount, 64)
	return locales.Quantity{Amount: n, Unit: locales.Unit(unit)}
}

func wholeCart() When {
	return fact("wholeCart", func(_ *Heard, f goods) bool {
		some := false
		for _, n := range f.named {
			if n.clear() {
				some = true
			} else if n.hits > 0 {
				return false // something must be asked first
			}
		}
		return some
	})
}

func aProduct() When {
	return fact("aProduct", func(_ *Heard, f goods) bool { return f.card != nil })
}

func oneHit() When {
	return fact("oneHit", func(_ *Heard, f goods) bool { return len(f.named) == 1 && f.named[0].one != nil })
}

func someHits() When {
	return fact("someHits", func(_ *Heard, f goods) bool {
		for _, n := range f.named {
			if n.hits > 0 {
				return true
			}
		}
		return false
	})
}

func noHit() When {
	return fact("noHit", func(_ *Heard, f goods) bool { return f.typed })
}

// addAll puts everything that was named into the cart. What is not here is said; the rest is not lost for it.
func addAll(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(goods)
	return Result{}, addClear(ctx, t, f.named)
}

func addClear(ctx context.Context, t *Turn, all []named) error {
	for _, n := range all {
		if !n.clear() {
			if n.hits == 0 {
				t.Say("choose.not_found", locales.Args{"query": n.want.Query})
			}
			continue
		}
		if err := addPicks(ctx, t, n.picks()); err != nil {
			return err
		}
	}
	return nil
}

// pick takes the one product that was named or pointed at, and remembers how much of it was asked for.
func pick(_ context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(goods)
	v := vars(t)
	v.Variant, v.SoldOut, v.Shown = f.pack, 0, false
	if f.card != nil {
		v.Product = f.card.Code
		if t.Heard.Command == "" {
			v.Want = nil
		}
		return Done()
	}
	v.Product, v.Want = f.named[0].one.Code, &f.named[0].want
	return Done()
}

// keepHits shows what one of the named things may be, puts what is clear into the cart at once, and keeps the others for after.
func keepHits(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(goods)
	v := vars(t)
	v.Region, v.Category, v.Maker, v.Page, v.SoldOut = "", "", "", 0, 0
	v.Pending = nil
	var unclear []want
	for _, n := range f.named {
		if n.hits > 0 && !n.clear() {
			unclear = append(unclear, n.want)
		}
	}
	if len(f.named) > 1 {
		if err := addClear(ctx, t, f.named); err != nil {
			return Result{}, err
		}
	}
	v.Query, v.Want, v.Pending = unclear[0].Query, &unclear[0], unclear[1:]
	if unclear[0].Amount == 0 {
		v.Want = nil
	}
	return Done()
}

// suggest says that there is no such thing, and what comes nearest.
func suggest(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(goods)
	query := t.Heard.Typed()
	if len(f.named) > 0 {
		query = f.named[0].want.Query
	}
	s, err := catalog.Suggest(ctx, t.Tx, query, goodsPage, t.Now)
	if err != nil {
		return Result{}, err
	}
	if t.Heard.Command != "" { // a button or a link of something that is no longer for sale
		return Otherwise("choose.gone", nil)
	}
	if len(s.Cards) == 0 {
		return Otherwise("choose.not_found", locales.Args{"query": query})
	}
	v := vars(t)
	v.Region, v.Category, v.Maker, v.Page, v.Query, v.SoldOut, v.Want, v.Pending = "", s.Cards[0].Category, "", 0, "", 0, nil, nil
	t.Say("choose.not_found", locales.Args{"query": query})
	t.Say("choose.nearest", nil)
	return Done()
}

// remind promises to write when the variant that was sold out is back.
func remind(ctx context.Context, t *Turn) (Result, error) {
	v := vars(t)
	if v.SoldOut != 0 {
		if err := catalog.RemindBack(ctx, t.Tx, v.SoldOut, t.PersonID(), t.Now); err != nil {
			return Result{}, err
		}
	}
	v.SoldOut = 0
	t.Say("choose.will_remind", nil)
	return Done()
}
