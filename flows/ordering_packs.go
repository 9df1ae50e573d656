package flows

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"souk/catalog"
	"souk/internal/sorry"
	"souk/locales"
	"souk/orders"
)

// product is what sizing looks at.
type product struct {
	card    *catalog.Card // nil: it is no longer for sale
	want    *want
	pack    int64 // the variant that was chosen
	pointed int64 // the variant whose own line of a list was chosen
}

func readProduct(ctx context.Context, t *Turn, h *Heard) (any, error) {
	v := vars(t)
	f := product{want: v.Want}
	card, err := cardOf(ctx, t, v.Product)
	if _, refused := sorry.As(err); refused {
		return f, nil
	}
	if err != nil {
		return nil, err
	}
	f.card = &card
	if h.Kind == "" { // on arrival: a pack may have been pointed at already
		f.pointed = v.Variant
	}
	if id, ok := keyedID(h.Choice, "v:"); ok {
		f.pack = id
	} else if a, ok := wholeAmount(h.Typed()); ok && a.Unit != locales.NoUnit && !a.Container {
		base, unit := a.Base()
		for _, v := range card.Variants {
			if b, u := packOf(v.PackAmount, v.PackUnit).Base(); b == base && u == unit {
				f.pack = v.ID
			}
		}
	}
	return f, nil
}

func gone() When {
	return fact("gone", func(h *Heard, f product) bool {
		return (f.card == nil || len(f.card.Variants) == 0) && (h.Typed() == "" || !h.Means(Order) && !h.Means(Search))
	})
}

// packGone fits an answer about a pack that is no longer for sale.
func packGone() When {
	return number("gone", "quantity", func(h *Heard, f packFacts) bool {
		_, isAmount := packsOf(h.Typed(), f.pack)
		return !f.found && (h.Choice != "" || isAmount)
	})
}

func sayGone(_ context.Context, t *Turn) (Result, error) {
	t.Say("choose.gone", nil)
	v := vars(t)
	v.Product, v.Want, v.Query = "", nil, ""
	return Done()
}

func wantFits() When {
	return fact("wantFits", func(_ *Heard, f product) bool { return f.card != nil && len(picksOf(*f.card, f.want)) > 0 })
}

func packPointedAt() When {
	return fact("packPointedAt", func(_ *Heard, f product) bool {
		return f.card != nil && slices.ContainsFunc(f.card.Variants, func(v catalog.Variant) bool { return v.ID == f.pointed })
	})
}

func onePack() When {
	return fact("onePack", func(_ *Heard, f product) bool { return len(f.card.Variants) == 1 })
}

func aPack() When {
	return fact("aPack", func(_ *Heard, f product) bool { return f.pack != 0 })
}

func pickPack(_ context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(product)
	v := vars(t)
	if v.Variant = f.pack; v.Variant == 0 {
		v.Variant = f.pointed
	}
	if v.Variant == 0 {
		v.Variant = f.card.Variants[0].ID
	}
	return Done()
}

// addWanted adds what was said together with the product.
func addWanted(ctx context.Context, t *Turn) (Result, error) {
	v := vars(t)
	var picks []catalog.Pick
	switch f := t.Facts.(type) {
	case product:
		picks = picksOf(*f.card, f.want)
	case packFacts:
		picks = []catalog.Pick{{Variant: f.pack, Count: f.said}}
	}
	if err := addPicks(ctx, t, picks); err != nil {
		return Result{}, err
	}
	v.Want, v.Query = nil, ""
	return Done()
}

// addPicks puts packs into the cart. What was there a moment ago may be gone: that is said, and the rest is added.
func addPicks(ctx context.Context, t *Turn, picks []catalog.Pick) error {
	for _, p := range picks {
		err := orders.AddToCart(ctx, t.Tx, t.PersonID(), p.Variant.ID, p.Count, t.Now)
		var short *orders.Short
		if errors.As(err, &short) {
			return sorry.New("order.only_left", onlyLeft(short.Lines[0]))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// onlyLeft are the values of "only so many are left".
func onlyLeft(l orders.ShortLine) map[string]any {
	return map[string]any{"n": max(l.Available-l.InCart, 0)}
}

// forgetProduct goes back to the list that the product came from; where it came from none, to its own shelf.
func forgetProduct(_ context.Context, t *Turn) (Result, error) {
	v := vars(t)
	v.Product, v.Variant, v.Want = "", 0, nil
	if v.Query != "" || v.Category != "" || v.Region != "" || v.Maker != "" {
		return Done()
	}
	switch f := t.Facts.(type) {
	case product:
		if f.card != nil {
			v.Category = f.card.Category
		}
	case packFacts:
		v.Category = f.card.Category
	}
	return Done()
}

// askPack shows the product and its packs.
func askPack(_ context.Context, t *Turn) error {
	f, _ := t.Facts.(product)
	if f.card == nil {
		return nil
	}
	c := *f.card
	if !t.Again {
		showCard(t, c)
		vars(t).Shown = true
	}
	text := t.Text("size.ask", nil)
	if f.want != nil && f.want.Amount > 0 && f.want.Unit != "" && f.want.Unit != string(locales.Piece) {
		text = t.Text("size.ask_not_exact", locales.Args{"amount": locales.Quantity{Amount: f.want.Amount, Unit: locales.Unit(f.want.Unit)}})
	}
	q := Question{Text: text, List: t.Text("size.list", nil)}
	for _, v := range c.Variants {
		key := "size.pack"
		if v.Available <= 0 {
			key = "size.pack_sold_out"
		}
		q.Choices = append(q.Choices, Choice{Key: variantKey(v.ID), Label: t.Text(key, locales.Args{"pack": packOf(v.PackAmount, v.PackUnit), "price": locales.Dirhams(v.Price)})})
	}
	t.Ask(q)
	return nil
}

// showCard says what a product is: name, maker, place, label; and shows it.
func showCard(t *Turn, c catalog.Card) {
	lang := string(t.lang)
	t.Show(c.Photo)
	t.Say("card.title", locales.Args{"title": c.Title.In(lang)})
	if text := c.Description.In(lang); text != "" && t.In.Medium != locales.Plain {
		t.Say("card.text", locales.Args{"text": text})
	}
	t.Say("card.maker", locales.Args{"maker": c.Cooperative.Name.In(lang), "town": c.Cooperative.Town.In(lang)})
	if c.Label != nil {
		title := c.Label.Title.In(lang)
		if title == "" {
			title = c.Label.Number
		}
		t.Say("card.label", locales.Args{"label": title})
	}
}

// packFacts are what counting and editing look at.
type packFacts struct {
	card     catalog.Card
	pack     catalog.Variant
	found    bool
	said     int64 // packs that were asked for together with the product
	quantity int64 // what was typed now; -1 where nothing was
	inCart   int64
	// mine is how many packs this person can have, their own hold and cart included.
	mine int64
}

func readPack(ctx context.Context, t *Turn, h *Heard) (any, error) {
	v := vars(t)
	f := packFacts{quantity: -1}
	if n, ok := bareNumber(h.Typed()); ok { // "0" takes a line out even when the product is gone
		f.quantity = int64(n)
	}
	card, pack, err := catalog.CardOfVariant(ctx, t.Tx, v.Variant, t.Now)
	if _, refused := sorry.As(err); refused {
		return f, nil
	}
	if err != nil {
		return nil, err
	}
	f.card, f.pack, f.found, f.mine = card, pack, true, pack.Available
	cart, err := loadCart(ctx, t)
	if err != nil {
		return nil, err
	}
	for _, l := range cart.Lines {
		if l.VariantID == v.Variant {
			f.inCart, f.mine = l.Quantity, l.Available
		}
	}
	if v.Want != nil && v.Want.Amount == float64(int64(v.Want.Amount)) && (v.Want.Unit == "" || v.Want.Unit == string(locales.Piece)) {
		f.said = int64(v.Want.Amount)
	}
	if id, ok := keyedID(h.Choice, "n:"); ok {
		f.quantity = id
	} else if n, ok := packsOf(h.Typed(), pack); ok {
		f.quantity = n
	}
	return f, nil
}

// packsOf reads how many packs somebody wants: "3", "trois", "٣", "3 pots", or an amount that packs make up: "2 kg".
func packsOf(typed string, pack catalog.Variant) (int64, bool) {
	if n, ok := bareNumber(typed); ok {
		return int64(n), true
	}
	a, ok := wholeAmount(typed)
	if !ok || !a.Said || a.Amount < 0 || a.Amount > 1e9 {
		return 0, false
	}
	if a.Container || a.Unit == locales.NoUnit || a.Unit == locales.Piece {
		return int64(a.Amount), a.Amount == float64(int64(a.Amount))
	}
	base, unit := a.Base()
	size, of := packOf(pack.PackAmount, pack.PackUnit).Base()
	if unit != of || size == 0 || base%size != 0 {
		return 0, false
	}
	return base / size, true
}

// wholeAmount reads a message that is an amount and nothing else.
func wholeAmount(typed string) (locales.Amount, bool) {
	if typed == "" || len(typed) > 60 || strings.Contains(typed, "-") {
		return locales.Amount{}, false
	}
	tokens := locales.Tokens(locales.StripControls(typed))
	a := locales.ReadAmount(tokens, 0)
	return a, a.Used > 0 && a.Used == len(tokens)
}

func soldOut() When {
	return fact("soldOut", func(_ *Heard, f packFacts) bool { return !f.found || f.mine <= f.inCart })
}

// tellWhenBack says that it is sold out; the list that follows offers a reminder.
func tellWhenBack(_ context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(packFacts)
	v := vars(t)
	v.Product, v.Want, v.Query, v.Page = "", nil, "", 0
	switch {
	case !f.found:
		t.Say("choose.gone", nil)
	case f.inCart > 0:
		t.Say("count.all_in_cart", locales.Args{"title": f.card.Title.In(string(t.lang)), "n": f.inCart})
	default:
		t.Say("count.sold_out", locales.Args{"title": f.card.Title.In(string(t.lang))})
		v.SoldOut, v.Category, v.Region, v.Maker = f.pack.ID, f.card.Category, "", ""
	}
	return Done()
}

func countSaid() When {
	return fact("countSaid", func(_ *Heard, f packFacts) bool { return f.said > 0 && f.said+f.inCart <= f.mine })
}

func moreThanThere() When {
	return number("moreThanThere", "quantity", func(_ *Heard, f packFacts) bool { return f.found && f.quantity > f.mine })
}

func offerRest(_ context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(packFacts)
	return Result{}, sorry.New("order.only_left", map[string]any{"n": f.mine})
}

func aQuantity() When {
	return number("aQuantity", "quantity", func(_ *Heard, f packFacts) bool { return f.quantity >= 0 })
}

func addToCart(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(packFacts)
	if f.quantity == 0 {
		return Result{}, sorry.New("order.quantity_range", map[string]any{"Max": orders.MaxQuantity})
	}
	if err := addPicks(ctx, t, []catalog.Pick{{Variant: f.pack, Count: f.quantity}}); err != nil {
		return Result{}, err
	}
	vars(t).Want = nil
	return Done()
}

// askCount shows the product with the pack's price and what is left, and asks how many.
func askCount(_ context.Context, t *Turn) error {
	f, _ := t.Facts.(packFacts)
	if !f.found {
		return nil
	}
	args := locales.Args{"title": f.card.Title.In(string(t.lang)), "pack": packOf(f.pack.PackAmount, f.pack.PackUnit), "price": locales.Dirhams(f.pack.Price), "n": f.mine - f.inCart}
	if !t.Again {
		if !vars(t).Shown {
			showCard(t, f.card)
			vars(t).Shown = true
		}
		if f.said > 0 {
			t.Say("sorry.order.only_left", locales.Args{"n": f.mine - f.inCart})
		}
		t.Say("count.pack", args)
	}
	q := Question{Text: t.Text("count.ask", nil)}
	most := int64(3)
	if t.First { // the language has a button beneath, and WhatsApp shows three beside a photo
		most = 2
	}
	for n := int64(1); n <= min(most, f.mine-f.inCart); n++ {
		q.Choices = append(q.Choices, Choice{Key: "n:" + strconv.FormatInt(n, 10), Label: strconv.FormatInt(n, 10)})
	}
	t.Ask(q)
	return nil
}
