package flows

import (
	"context"
	"strconv"
	"strings"

	"souk/catalog"
	"souk/internal/sorry"
	"souk/locales"
	"souk/orders"
)

// packFacts are what counting and editing look at.
type packFacts struct {
	card     catalog.Card
	pack     catalog.Variant
	found    bool
	said     int64 // packs that were asked for together with the product
	quantity int64 // what was typed now; -1 where nothing was
	inCart   int64
	// mine is how many packs this person can have, their own hold and cart included.
	mine  int64
	towns []catalog.Town // that were typed instead
}

func readPack(ctx context.Context, t *Turn, h *Heard) (any, error) {
	v := vars(t)
	f := packFacts{quantity: -1}
	var err error
	if f.towns, err = townsIn(ctx, t, h); err != nil {
		return nil, err
	}
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

// packChosen fits a pack that was picked among several: the pick was an answer already, so one of it goes into the cart at once and
// the cart tells how to have more.
func packChosen() When {
	return fact("packChosen", func(_ *Heard, f packFacts) bool { return f.found && len(f.card.Variants) > 1 && f.said == 0 })
}

func addOne(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(packFacts)
	v := vars(t)
	if !v.Shown { // it was picked from a list: this is its card
		showCard(t, f.card)
		v.Shown = true
	}
	if err := addPicks(ctx, t, []catalog.Pick{{Variant: f.pack, Count: 1}}); err != nil {
		return Result{}, err
	}
	v.Want, v.One = nil, f.pack.ID
	return Done()
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
func askCount(ctx context.Context, t *Turn) error {
	f, _ := t.Facts.(packFacts)
	if !f.found {
		return nil
	}
	args := locales.Args{"title": f.card.Title.In(string(t.lang)), "pack": packOf(f.pack.PackAmount, f.pack.PackUnit), "price": locales.Dirhams(f.pack.Price), "n": f.mine - f.inCart}
	if !t.Again {
		if !vars(t).Shown {
			showCard(t, f.card)
			if err := sayAnswers(ctx, t, f.card.ProductID); err != nil {
				return err
			}
			vars(t).Shown = true
		}
		if f.said > 0 {
			t.Say("sorry.order.only_left", locales.Args{"n": f.mine - f.inCart})
		}
		t.Say("count.pack", args)
		sayTiers(t, f.pack)
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
