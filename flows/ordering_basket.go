package flows

import (
	"context"
	"errors"
	"strconv"

	"souk/catalog"
	"souk/internal/sorry"
	"souk/locales"
	"souk/orders"
)

// basket is what the cart's states look at.
type basket struct {
	cart    orders.Cart
	line    int64 // the variant of the line that was chosen
	towns   []catalog.Town
	only    int64 // the relay of the town that was named, where it has just one
	pending bool
	around  []orders.NearRelay // the place that was shared
	// counted is the line that a number of packs means: the one that was just picked, or the only one.
	counted *orders.CartLine
	// count is how many of it was typed: "3 pots", "2 x 500 g"; a bare number chooses from the list.
	count int64
}

func loadCart(ctx context.Context, t *Turn) (orders.Cart, error) {
	return once(ctx, t, "cart", func(ctx context.Context) (orders.Cart, error) {
		return orders.LoadCart(ctx, t.Tx, t.PersonID(), t.Now)
	})
}

// loadPlace is where the cart goes, without its lines.
func loadPlace(ctx context.Context, t *Turn) (orders.Place, error) {
	if cart, ok := t.seen["cart"].(orders.Cart); ok {
		return cart.Place, nil
	}
	return once(ctx, t, "place", func(ctx context.Context) (orders.Place, error) {
		return orders.LoadPlace(ctx, t.Tx, t.PersonID())
	})
}

func readBasket(ctx context.Context, t *Turn, h *Heard) (any, error) {
	cart, err := loadCart(ctx, t)
	if err != nil {
		return nil, err
	}
	f := basket{cart: cart, pending: len(vars(t).Pending) > 0}
	f.line, _ = keyedID(h.Choice, "l:")
	for i, l := range cart.Lines {
		if l.VariantID == vars(t).One || len(cart.Lines) == 1 {
			f.counted = &cart.Lines[i]
		}
	}
	if f.counted != nil && !isBareNumber(h.Typed()) {
		f.count = countOf(h.Typed(), catalog.Variant{PackAmount: f.counted.PackAmount, PackUnit: f.counted.PackUnit})
	}
	if f.around, err = relaysNear(ctx, t, sharedSpot(h)); err != nil {
		return nil, err
	}
	if f.towns, err = townsIn(ctx, t, h); err != nil || len(f.towns) == 0 {
		return f, err
	}
	relays, err := relaysIn(ctx, t, f.towns[0].ID)
	if err != nil {
		return nil, err
	}
	if len(relays) == 1 {
		f.only = relays[0].ID
	}
	return f, nil
}

// townsIn are the towns that a short message names, and that no product is called.
func townsIn(ctx context.Context, t *Turn, h *Heard) ([]catalog.Town, error) {
	typed := h.Typed()
	if !searchable(typed) || !isShort(typed) {
		return nil, nil
	}
	switch r := h.Says(); r.Intent {
	case Unknown, Search:
	case Order:
		if len(r.Items) != 1 || r.Items[0].Quantity != nil {
			return nil, nil
		}
	default:
		return nil, nil
	}
	towns, err := townsNamed(ctx, t, typed)
	if err != nil || len(towns) == 0 {
		return nil, err
	}
	if h.Says().Intent != Unknown {
		hits, err := catalog.Find(ctx, t.Tx, typed, catalog.Scope{}, 1, t.Now)
		if err != nil || len(hits) > 0 {
			return nil, err
		}
	}
	return towns, nil
}

func emptyCart() When {
	return fact("emptyCart", func(_ *Heard, f basket) bool { return len(f.cart.Lines) == 0 })
}

// sayEmpty says so where nothing was said that explains it.
func sayEmpty(_ context.Context, t *Turn) (Result, error) {
	if len(t.said) == 0 {
		t.Say("sorry.order.cart_empty", nil)
	}
	return Done()
}

func stillWanted() When {
	return fact("stillWanted", func(_ *Heard, f basket) bool { return f.pending })
}

// nextWanted goes on with the next thing that was named and must be chosen among several.
func nextWanted(_ context.Context, t *Turn) (Result, error) {
	v := vars(t)
	w := v.Pending[0]
	v.Pending = v.Pending[1:]
	v.Query, v.Want, v.Page, v.Region, v.Category, v.Maker = w.Query, &w, 0, "", "", ""
	t.Say("choose.next_wanted", locales.Args{"query": w.Query})
	return Done()
}

func cartChanged() When {
	return fact("cartChanged", func(_ *Heard, f basket) bool {
		for _, l := range f.cart.Lines {
			if l.SeenPrice != l.Price || l.Available < l.Quantity {
				return true
			}
		}
		return false
	})
}

// settle brings the cart in line with what is there, and says what changed.
func settle(ctx context.Context, t *Turn) (Result, error) {
	return Result{}, settleCart(ctx, t)
}

func settleCart(ctx context.Context, t *Turn) error {
	changes, err := orders.Settle(ctx, t.Tx, t.PersonID(), t.Now)
	if err != nil {
		return err
	}
	for _, c := range changes {
		title := catalog.Words(c.Title).In(string(t.lang))
		switch {
		case c.NewQuantity == 0:
			t.Say("basket.gone", locales.Args{"title": title})
			continue
		case c.NewQuantity != c.OldQuantity:
			t.Say("basket.fewer", locales.Args{"title": title, "n": c.NewQuantity})
		}
		if c.NewPrice != c.OldPrice {
			t.Say("basket.price", locales.Args{"title": title, "old": locales.Dirhams(c.OldPrice), "new": locales.Dirhams(c.NewPrice)})
		}
	}
	return nil
}

// basketLines is how many lines of the cart can be chosen from the list, with room for the rest within WhatsApp's ten.
const basketLines = 7

func askBasket(_ context.Context, t *Turn) error {
	f, _ := t.Facts.(basket)
	for _, l := range f.cart.Lines {
		t.Say("basket.line", lineArgs(t, l.Title, l.PackAmount, l.PackUnit, l.Quantity, l.Total()))
	}
	if len(f.cart.Lines) > 1 {
		t.Say("basket.total", locales.Args{"total": locales.Dirhams(f.cart.Total())})
	}
	ask := "basket.ask"
	if f.cart.Place.Known() || vars(t).Town != "" {
		ask = "basket.ask_known"
	}
	if f.counted != nil && f.counted.VariantID == vars(t).One && f.counted.Quantity == 1 {
		t.Say("basket.how_many", nil)
	}
	q := Question{Text: t.Text(ask, nil), List: t.Text("basket.list", nil), Choices: []Choice{
		{Key: "checkout", Label: t.Text("basket.checkout", nil)},
		{Key: "more", Label: t.Text("basket.more", nil)},
	}}
	for _, l := range f.cart.Lines[:min(len(f.cart.Lines), basketLines)] {
		label := t.Text("basket.edit_one", nil)
		if len(f.cart.Lines) > 1 {
			label = t.Text("basket.edit", locales.Args{"title": catalog.Words(l.Title).In(string(t.lang))})
		}
		q.Choices = append(q.Choices, Choice{Key: "l:" + strconv.FormatInt(l.VariantID, 10), Label: label})
	}
	t.Ask(q)
	return nil
}

// lineArgs are the values of "2 × Miel de thym 500 g = 240 dh".
func lineArgs(t *Turn, title map[string]string, amount, unit string, quantity, total int64) locales.Args {
	return locales.Args{"n": quantity, "what": whatOf(t, title, amount, unit), "total": locales.Dirhams(total)}
}

// whatOf is a product with the size of its pack: "Miel de thym 500 g"; one piece is just its name.
func whatOf(t *Turn, title map[string]string, amount, unit string) string {
	name := catalog.Words(title).In(string(t.lang))
	if unit == string(locales.Piece) && amount == "1" {
		return name
	}
	return name + " " + t.e.words.Quantity(t.lang, packOf(amount, unit))
}

func checkout() When {
	return word("checkout", func(h *Heard) bool {
		return h.Choice == "checkout" || isShort(h.Text) && (h.Means(Yes) || h.Means(Order) && len(h.Says().Items) == 0)
	})
}

// anotherCount fits how many packs of the only line are wanted.
func anotherCount() When {
	return fact("anotherCount", func(_ *Heard, f basket) bool { return f.count > 0 })
}

// countOf is how many of a pack some words ask for, 0 where they do not say.
func countOf(typed string, pack catalog.Variant) int64 {
	if p, ok := locales.ReadPacks(typed); ok {
		size, unit := p.Size.Base()
		if base, of := packOf(pack.PackAmount, pack.PackUnit).Base(); base == size && of == unit && p.Count == float64(int64(p.Count)) {
			return int64(p.Count)
		}
		return 0
	}
	n, _ := packsOf(typed, pack)
	return n
}

func recount(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(basket)
	err := orders.SetQuantity(ctx, t.Tx, t.PersonID(), f.counted.VariantID, f.count, t.Now)
	var short *orders.Short
	if errors.As(err, &short) {
		return Result{}, sorry.New("order.only_left", map[string]any{"n": short.Lines[0].Available})
	}
	return Result{}, err
}

func moreGoods() When {
	return word("moreGoods", func(h *Heard) bool {
		return h.Choice == "more" || h.Means(Browse) && isShort(h.Text) || h.Means(Back) && isShort(h.Text)
	})
}

func aLine() When {
	return fact("aLine", func(_ *Heard, f basket) bool {
		for _, l := range f.cart.Lines {
			if f.line != 0 && l.VariantID == f.line {
				return true
			}
		}
		return false
	})
}

func pickLine(_ context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(basket)
	vars(t).Variant = f.line
	return Done()
}

// editing

func askNewCount(_ context.Context, t *Turn) error {
	f, _ := t.Facts.(packFacts)
	if !f.found {
		t.Ask(Question{Text: t.Text("edit.ask_gone", nil), Choices: []Choice{{Key: "n:0", Label: t.Text("edit.remove", nil)}}})
		return nil
	}
	t.Ask(Question{
		Text:    t.Text("edit.ask", locales.Args{"title": f.card.Title.In(string(t.lang)), "n": f.inCart, "left": f.mine}),
		Choices: []Choice{{Key: "n:0", Label: t.Text("edit.remove", nil)}, {Key: "back", Label: t.Text("list.back", nil)}},
	})
	return nil
}

// takeOut fits the button that works even when the product is gone.
func takeOut() When { return chosen("takeOut", "n:0") }

func takeLineOut(ctx context.Context, t *Turn) (Result, error) {
	if err := orders.RemoveLine(ctx, t.Tx, t.PersonID(), vars(t).Variant, t.Now); err != nil {
		return Result{}, err
	}
	t.Say("edit.removed", nil)
	return Done()
}

func aQuantityOrNone() When {
	return number("aQuantityOr0", "quantity", func(_ *Heard, f packFacts) bool { return f.quantity >= 0 })
}

func setLine(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(packFacts)
	err := orders.SetQuantity(ctx, t.Tx, t.PersonID(), vars(t).Variant, f.quantity, t.Now)
	var short *orders.Short
	if errors.As(err, &short) {
		return Result{}, sorry.New("order.only_left", map[string]any{"n": short.Lines[0].Available})
	}
	if err == nil && f.quantity == 0 {
		t.Say("edit.removed", nil)
	}
	return Result{}, err
}

// cancelling an order that was not placed

// dropCart ends what was begun: the hold is given back and the cart emptied.
func dropCart(ctx context.Context, t *Turn) (Result, error) {
	cart, err := loadCart(ctx, t)
	if err != nil {
		return Result{}, err
	}
	if err := releaseHold(ctx, t); err != nil {
		return Result{}, err
	}
	if len(cart.Lines) == 0 {
		t.Say("drop.nothing", nil)
		return Done()
	}
	if err := orders.ClearCart(ctx, t.Tx, t.PersonID()); err != nil {
		return Result{}, err
	}
	t.Say("drop.done", nil)
	return Done()
}

// sayDropped offers to cancel what was placed before, which "cancel" may also have meant.
func sayDropped(ctx context.Context, t *Turn) error {
	list, err := cancellable(ctx, t)
	if err != nil {
		return err
	}
	if len(list) > 0 {
		t.Say("drop.placed_before", locales.Args{"code": list[0].Code})
		t.Offer("cancel:"+list[0].Code, t.Text("drop.cancel_placed", nil))
	}
	return nil
}
