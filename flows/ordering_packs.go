package flows

import (
	"context"
	"errors"
	"slices"

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
	amount  *amountSaid
	towns   []catalog.Town // that were typed instead
}

// amountSaid is an amount of goods that was typed where packs are shown, and the packs that make it up exactly, none where none do.
type amountSaid struct {
	text  string
	picks []catalog.Pick
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
		if f.pack = packOfSize(card, a.Quantity).ID; f.pack == 0 {
			picks, _ := catalog.Fit(card.Variants, a.Decimal(), string(a.Unit))
			f.amount = &amountSaid{h.Typed(), picks}
		}
	} else if p, ok := locales.ReadPacks(h.Typed()); ok {
		f.amount = &amountSaid{text: h.Typed()}
		if v := packOfSize(card, p.Size); v.ID != 0 && p.Count == float64(int64(p.Count)) && p.Count <= orders.MaxQuantity {
			f.amount.picks = []catalog.Pick{{Variant: v, Count: int64(p.Count)}}
		}
	} else if f.towns, err = townsIn(ctx, t, h); err != nil {
		return nil, err
	}
	return f, nil
}

// packOfSize is the pack of this size, the zero Variant where there is none.
func packOfSize(card catalog.Card, size locales.Quantity) catalog.Variant {
	base, unit := size.Base()
	for _, v := range card.Variants {
		if b, u := packOf(v.PackAmount, v.PackUnit).Base(); b == base && u == unit {
			return v
		}
	}
	return catalog.Variant{}
}

// anAmount fits how much somebody wants, typed where the packs are shown: "2 x 500 g", "1,5 kg".
func anAmount() When {
	return fact("anAmount", func(_ *Heard, f product) bool { return f.card != nil && f.amount != nil })
}

func addAmount(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(product)
	if len(f.amount.picks) == 0 {
		return Result{}, sorry.New("order.no_such_packs", map[string]any{"amount": f.amount.text})
	}
	if err := addPicks(ctx, t, f.amount.picks); err != nil {
		return Result{}, err
	}
	v := vars(t)
	v.Want, v.Query = nil, ""
	return Done()
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
func askPack(ctx context.Context, t *Turn) error {
	f, _ := t.Facts.(product)
	if f.card == nil {
		return nil
	}
	c := *f.card
	if !t.Again {
		showCard(t, c)
		if err := sayAnswers(ctx, t, c.ProductID); err != nil {
			return err
		}
		vars(t).Shown = true
	}
	text := t.Text("size.ask", locales.Args{"pack": packOf(c.Variants[0].PackAmount, c.Variants[0].PackUnit)})
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
	if !c.ReadyOn.IsZero() {
		t.Say("ready.card", locales.Args{"day": c.ReadyOn})
	}
	if slices.ContainsFunc(c.Variants, func(v catalog.Variant) bool { return v.ByWeight }) {
		t.Say("weight.card", nil)
	}
}

// sayTiers says what many of a pack cost: "from 10: 95".
func sayTiers(t *Turn, v catalog.Variant) {
	for _, tier := range v.Tiers {
		t.Say("tier.from", locales.Args{"n": tier.From, "price": locales.Dirhams(tier.Price)})
	}
}
