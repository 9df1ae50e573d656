package flows

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/catalog"
	"souk/internal/sorry"
	"souk/locales"
)

// newValue is what the states look at in which a price or a number of packs is typed.
type newValue struct {
	ownGoods
	pack  *catalog.Variant
	price int64 // centimes, 0 where none was typed
	stock int64 // packs, or what is added
	delta bool
	said  bool // a number was typed
	typed bool
}

// readPackOf loads the pack that is priced or counted.
func readPackOf(ctx context.Context, t *Turn, h *Heard) (newValue, error) {
	facts, err := readSheet(ctx, t, h)
	if err != nil {
		return newValue{}, err
	}
	f := newValue{ownGoods: facts.(ownGoods), typed: strings.TrimSpace(h.Typed()) != ""}
	if p, ok := f.ownGoods.pack(shopping(t).Variant); ok {
		f.pack = &p
	}
	f.gone = f.pack == nil
	return f, nil
}

// thePack is the pack that is priced or counted, for an action whose row looks at no facts.
func thePack(ctx context.Context, t *Turn) (newValue, error) {
	f, err := readPackOf(ctx, t, nothing())
	if err == nil && f.pack == nil {
		err = sorry.New("catalog.gone", nil)
	}
	return f, err
}

func readNewPrice(ctx context.Context, t *Turn, h *Heard) (any, error) {
	f, err := readPackOf(ctx, t, h)
	if err != nil {
		return nil, err
	}
	f.price = readPrice(h.Typed())
	return f, nil
}

func readNewStock(ctx context.Context, t *Turn, h *Heard) (any, error) {
	f, err := readPackOf(ctx, t, h)
	if err != nil {
		return nil, err
	}
	f.stock, f.delta, f.said = readPacks(h.Typed())
	return f, nil
}

func askNewPrice(_ context.Context, t *Turn) error {
	f, _ := t.Facts.(newValue)
	t.Ask(Question{Text: t.Text("shop.ask_price", locales.Args{"what": whatOf(t, f.good.Title, f.pack.PackAmount, f.pack.PackUnit), "price": locales.Dirhams(f.pack.Price)}),
		Choices: []Choice{{Key: "back", Label: t.Text("list.back", nil)}}})
	return nil
}

func aNewPrice() When {
	return number("aNewPrice", "price", func(_ *Heard, f newValue) bool { return !f.gone && f.price > 0 })
}

// strangeTimes is how many times more or less a price must be to look like a slip of the finger.
const strangeTimes = 4

func strange(old, price int64) bool { return price >= old*strangeTimes || price*strangeTimes <= old }

func strangePrice() When {
	return fact("strangePrice", func(_ *Heard, f newValue) bool {
		return f.pack != nil && f.price > 0 && strange(f.pack.Price, f.price)
	})
}

func noPrice() When {
	return fact("noPrice", func(_ *Heard, f newValue) bool { return !f.gone && f.typed })
}

func sayNoPrice(_ context.Context, t *Turn) (Result, error) {
	t.Say("shop.no_price", nil)
	return Done()
}

func keepPrice(_ context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(newValue)
	shopping(t).Price = f.price
	return Done()
}

func askSure(_ context.Context, t *Turn) error {
	f, _ := t.Facts.(newValue)
	t.Ask(Question{Text: t.Text("shop.ask_sure", locales.Args{"what": whatOf(t, f.good.Title, f.pack.PackAmount, f.pack.PackUnit),
		"old": locales.Dirhams(f.pack.Price), "new": locales.Dirhams(shopping(t).Price)}), Choices: []Choice{
		{Key: "yes", Label: t.Text("shop.sure_yes", locales.Args{"new": locales.Dirhams(shopping(t).Price)})},
		{Key: "no", Label: t.Text("shop.sure_no", nil)}}})
	return nil
}

func sayAsBefore(_ context.Context, t *Turn) (Result, error) {
	t.Say("shop.as_before", nil)
	return Done()
}

func setKeptPrice(ctx context.Context, t *Turn) (Result, error) {
	f, err := thePack(ctx, t)
	if err != nil {
		return Result{}, err
	}
	return Result{}, setPrice(ctx, t, f.good.Card, *f.pack, shopping(t).Price)
}

func setNewPrice(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(newValue)
	return Result{}, setPrice(ctx, t, f.good.Card, *f.pack, f.price)
}

func setPrice(ctx context.Context, t *Turn, c catalog.Card, p catalog.Variant, price int64) error {
	actor, err := actingOn(ctx, t, c.ProductID)
	if err != nil {
		return err
	}
	change, err := catalog.SetPrice(ctx, t.Tx, p.ID, price, actor, t.Now)
	if err != nil {
		return err
	}
	sayChange(t, change, c.Title, &p)
	return nil
}

func askNewStock(_ context.Context, t *Turn) error {
	f, _ := t.Facts.(newValue)
	s := f.good.Shelf(f.pack.ID)
	key := "shop.ask_stock"
	if s.Allocated > 0 {
		key = "shop.ask_stock_promised"
	}
	t.Ask(Question{Text: t.Text(key, locales.Args{"what": whatOf(t, f.good.Title, f.pack.PackAmount, f.pack.PackUnit), "n": s.OnHand, "Count": s.Allocated}),
		Choices: []Choice{{Key: "out", Label: t.Text("shop.do_sold_out", nil)}, {Key: "back", Label: t.Text("list.back", nil)}}})
	return nil
}

func aNewStock() When {
	return number("aNewStock", "stock", func(_ *Heard, f newValue) bool { return !f.gone && f.said })
}

func noStock() When {
	return fact("noStock", func(_ *Heard, f newValue) bool { return !f.gone && f.typed })
}

func sayNoStock(_ context.Context, t *Turn) (Result, error) {
	t.Say("shop.no_stock", nil)
	return Done()
}

func setNewStock(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(newValue)
	return Result{}, changeStock(ctx, t, f.good.Card, *f.pack, func(actor catalog.Actor) (catalog.Change, error) {
		if f.delta {
			return catalog.AddStock(ctx, t.Tx, f.pack.ID, f.stock, "", actor, t.Now)
		}
		return catalog.SetStock(ctx, t.Tx, f.pack.ID, f.stock, actor, t.Now)
	})
}

func setSoldOut(ctx context.Context, t *Turn) (Result, error) {
	f, err := thePack(ctx, t)
	if err != nil {
		return Result{}, err
	}
	return Result{}, changeStock(ctx, t, f.good.Card, *f.pack, func(actor catalog.Actor) (catalog.Change, error) {
		return catalog.SellOut(ctx, t.Tx, f.pack.ID, actor, t.Now)
	})
}

// changeStock does one thing to a pack's stock and says what came of it.
func changeStock(ctx context.Context, t *Turn, c catalog.Card, p catalog.Variant, do func(catalog.Actor) (catalog.Change, error)) error {
	actor, err := actingOn(ctx, t, c.ProductID)
	if err != nil {
		return err
	}
	change, err := do(actor)
	if err != nil {
		return err
	}
	t.notices = t.notices || change.New > change.Old // somebody may have waited for it
	sayChange(t, change, c.Title, &p)
	return nil
}

// turning is one of catalog's steps of a product's life.
type turning func(ctx context.Context, tx pgx.Tx, product int64, actor catalog.Actor, now time.Time) (catalog.Change, error)

func turnProduct(ctx context.Context, t *Turn, product int64, title catalog.Words, how turning) error {
	actor, err := actingOn(ctx, t, product)
	if err != nil {
		return err
	}
	change, err := how(ctx, t.Tx, product, actor, t.Now)
	if err != nil {
		return err
	}
	t.notices = t.notices || change.Is == catalog.Published
	sayChange(t, change, title, nil)
	return nil
}

// sayChange says old and new, and how to take it back. A change that changed nothing says how it is.
func sayChange(t *Turn, c catalog.Change, title catalog.Words, p *catalog.Variant) {
	sayWhat(t, c, title, p)
	if c.Changed() && c.Is != catalog.Archived {
		if t.In.Medium == locales.Plain {
			t.Say("shop.to_undo", nil)
		} else {
			t.Offer("undo:"+itoa(c.Event), t.Text("shop.undo", nil))
		}
	}
}

func sayWhat(t *Turn, c catalog.Change, title catalog.Words, p *catalog.Variant) {
	args := locales.Args{"what": title.In(string(t.lang)), "Count": c.Promised}
	if p != nil {
		args["what"] = whatOf(t, title, p.PackAmount, p.PackUnit)
	}
	key := ""
	switch c.What {
	case catalog.ThePrice:
		key, args["old"], args["new"] = "shop.price", locales.Dirhams(c.Old), locales.Dirhams(c.New)
		if !c.Changed() {
			key = "shop.price_same"
		}
	case catalog.TheStock:
		key, args["old"], args["new"] = "shop.stock", c.Old, c.New
		switch {
		case c.New == c.Promised && c.New <= c.Old: // nothing is left that could be ordered
			key = "shop.sold_out"
		case !c.Changed():
			key = "shop.stock_same"
		}
	case catalog.TheStatus:
		key = "shop.turned." + c.Is
	}
	t.Say(key, args)
	if c.What == catalog.TheStock && c.Promised > 0 {
		t.Say("shop.promised", args)
	}
}

// undoes fits the button beneath a change, and the word for the last one.
func undoes() When {
	return word("undoes", func(h *Heard) bool { return h.Command == "undo" || h.shop != nil && h.shop.wish == wishUndo })
}

func undo(ctx context.Context, t *Turn) (Result, error) {
	event, err := strconv.ParseInt(t.Heard.Argument, 10, 64)
	if t.Heard.Command == "" {
		event, err = catalog.LastChange(ctx, t.Tx, t.PersonID(), t.Now)
		if err != nil {
			return Result{}, err
		}
	}
	if err != nil || event == 0 {
		return Result{}, sorry.New("shop.cannot_undo", nil)
	}
	if mine, err := doneForMe(ctx, t, event); err != nil || mine {
		if err != nil {
			return Result{}, err
		}
		return undoAct(ctx, t, event)
	}
	c, err := catalog.TakeBack(ctx, t.Tx, event, t.PersonID(), t.Now)
	if err != nil {
		return Result{}, err
	}
	t.notices = true
	goods, err := catalog.GoodsByID(ctx, t.Tx, []int64{c.ProductID}, t.Now)
	if err != nil || len(goods) == 0 {
		return Result{}, err
	}
	if !c.Changed() {
		t.Say("shop.undone_before", nil)
	} else {
		t.Say("shop.undone", nil)
	}
	c.Event = 0 // an undo is not undone
	pack, _ := ownGoods{good: &goods[0]}.pack(c.VariantID)
	sayUndone(t, c, goods[0].Title, pack)
	return Done()
}

// sayUndone says how it is again.
func sayUndone(t *Turn, c catalog.Change, title catalog.Words, p catalog.Variant) {
	switch c.What {
	case catalog.ThePrice:
		t.Say("shop.price_is", locales.Args{"what": whatOf(t, title, p.PackAmount, p.PackUnit), "price": locales.Dirhams(c.New)})
	case catalog.TheStock:
		t.Say("shop.stock_is", locales.Args{"what": whatOf(t, title, p.PackAmount, p.PackUnit), "Count": c.New})
	case catalog.TheStatus:
		t.Say("shop.turned."+c.Is, locales.Args{"what": title.In(string(t.lang))})
	}
}

// moreOf is how many packs the button of a notice adds.
const moreOf = 10

// tellLow tells that little or nothing is left, as it is now: who has restocked since is not told.
func tellLow(ctx context.Context, t *Turn, args NoticeArgs) error {
	variant := args.Int("variant")
	g, err := catalog.GoodOfVariant(ctx, t.Tx, variant, t.Now)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	p, ok := ownGoods{good: &g}.pack(variant)
	s := g.Shelf(variant)
	if !ok || p.Available > s.LowMark || g.Status != catalog.Published {
		return nil
	}
	what := whatOf(t, g.Title, p.PackAmount, p.PackUnit)
	key := "shop.low"
	if p.Available <= 0 {
		key = "shop.out"
	}
	t.Say(key, locales.Args{"what": what, "Count": p.Available})
	if s.Allocated > 0 {
		t.Say("shop.promised", locales.Args{"Count": s.Allocated})
	}
	if t.In.Medium == locales.Plain {
		t.Say("shop.to_restock", locales.Args{"code": g.Code})
		return nil
	}
	t.Offer("more:"+itoa(variant)+"-"+itoa(args.Int("told")), t.Text("shop.do_more", locales.Args{"n": moreOf}))
	if p.Available > 0 {
		t.Offer("soldout:"+itoa(variant), t.Text("shop.do_sold_out", nil))
	}
	t.Offer("good:"+g.Code, t.Text("shop.do_other", nil))
	return nil
}

// restock is the button of a notice: however often it is tapped, and by whom, it counts once.
func restock(ctx context.Context, t *Turn) (Result, error) {
	id, _, _ := strings.Cut(t.Heard.Argument, "-")
	return stockByButton(ctx, t, id, func(actor catalog.Actor, variant int64) (catalog.Change, error) {
		return catalog.AddStock(ctx, t.Tx, variant, moreOf, "low/"+t.Heard.Argument, actor, t.Now)
	})
}

func sellOut(ctx context.Context, t *Turn) (Result, error) {
	return stockByButton(ctx, t, t.Heard.Argument, func(actor catalog.Actor, variant int64) (catalog.Change, error) {
		return catalog.SellOut(ctx, t.Tx, variant, actor, t.Now)
	})
}

func stockByButton(ctx context.Context, t *Turn, id string, do func(actor catalog.Actor, variant int64) (catalog.Change, error)) (Result, error) {
	variant, _ := strconv.ParseInt(id, 10, 64)
	g, err := catalog.GoodOfVariant(ctx, t.Tx, variant, t.Now)
	if errors.Is(err, pgx.ErrNoRows) {
		return Result{}, sorry.New("catalog.gone", nil)
	}
	if err != nil {
		return Result{}, err
	}
	p, ok := ownGoods{good: &g}.pack(variant)
	if !ok {
		return Result{}, sorry.New("catalog.gone", nil)
	}
	return Result{}, changeStock(ctx, t, g.Card, p, func(actor catalog.Actor) (catalog.Change, error) { return do(actor, variant) })
}
