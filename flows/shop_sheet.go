package flows

import (
	"context"

	"souk/catalog"
	"souk/internal/sorry"
	"souk/locales"
)

// readSheet loads the product that is looked at, where the person may still look at it.
func readSheet(ctx context.Context, t *Turn, h *Heard) (any, error) {
	f := ownGoods{field: shopping(t).Field}
	var err error
	if f.coops, err = actsFor(ctx, t); err != nil {
		return f, err
	}
	f.variant, _ = keyedID(h.Choice, "v:")
	f.good, err = goodOf(ctx, t, f.coops, shopping(t).Product)
	f.gone = f.good == nil
	return f, err
}

// theGood is the product on the sheet, for an action whose row looks at no facts.
func theGood(ctx context.Context, t *Turn) (ownGoods, error) {
	facts, err := readSheet(ctx, t, nothing())
	if err != nil {
		return ownGoods{}, err
	}
	f, _ := facts.(ownGoods)
	if f.good == nil {
		return f, sorry.New("catalog.gone", nil)
	}
	return f, nil
}

// leaveGone goes back to the shop; who has no shop any longer hears that there.
func leaveGone(ctx context.Context, t *Turn) (Result, error) {
	coops, err := actsFor(ctx, t)
	if err == nil && len(coops) > 0 {
		t.Say("shop.gone", nil)
	}
	return Result{}, err
}

func sayGoodGone(ctx context.Context, t *Turn) (Result, error) {
	coops, err := actsFor(ctx, t)
	if err != nil || len(coops) == 0 {
		t.Say("sorry.member.not_allowed", nil)
		return Result{}, err
	}
	t.Say("shop.gone", nil)
	return Done()
}

// ofGood asks a question about the product on the sheet; where that is gone meanwhile, it says so.
func ofGood(ask func(context.Context, *Turn) error) func(context.Context, *Turn) error {
	return func(ctx context.Context, t *Turn) error {
		if f, ok := t.Facts.(ofShop); ok && f.shop().good != nil {
			return ask(ctx, t)
		}
		_, err := sayGoodGone(ctx, t)
		return err
	}
}

// ofPackOnSheet is ofGood for the pack that is priced or counted.
func ofPackOnSheet(ask func(context.Context, *Turn) error) func(context.Context, *Turn) error {
	return ofGood(func(ctx context.Context, t *Turn) error {
		if f, ok := t.Facts.(newValue); ok && f.pack != nil {
			return ask(ctx, t)
		}
		_, err := sayGoodGone(ctx, t)
		return err
	})
}

// goodOf is one of the cooperatives' own products, nil for another's, for one that is archived, and for none.
func goodOf(ctx context.Context, t *Turn, coops []catalog.Membership, id int64) (*catalog.Good, error) {
	return once(ctx, t, "good "+itoa(id), func(ctx context.Context) (*catalog.Good, error) {
		goods, err := catalog.GoodsByID(ctx, t.Tx, []int64{id}, t.Now)
		if err != nil || len(goods) == 0 || goods[0].Status == catalog.Archived {
			return nil, err
		}
		for _, m := range coops {
			if m.CooperativeID == goods[0].Cooperative.ID {
				return &goods[0], nil
			}
		}
		return nil, nil
	})
}

func goodGone() When {
	return ofTheShop("goodGone", func(_ *Heard, f ownGoods) bool { return f.gone })
}

// askGoodSheet shows a product as buyers see it, then where it stands, what is left of each pack, and what waits.
func askGoodSheet(_ context.Context, t *Turn) error {
	f, _ := t.Facts.(ownGoods)
	g, v := *f.good, shopping(t)
	if !v.Shown || len(t.said) == 0 { // a change has said what is new
		sayGood(t, g, !v.Shown)
		v.Shown = true
	}
	q := Question{Text: t.Text("shop.ask_change", nil), List: t.Text("shop.list_change", nil)}
	add := func(key, words string) { q.Choices = append(q.Choices, Choice{Key: key, Label: t.Text(words, nil)}) }
	add("price", "shop.do_price")
	add("stock", "shop.do_stock")
	switch g.Status {
	case catalog.Published:
		add("pause", "shop.do_pause")
	case catalog.Paused:
		add("resume", "shop.do_resume")
	}
	if t.In.Medium != locales.Plain { // no picture can be sent there
		add("photo", "shop.do_photo")
	}
	add("packs", "shop.do_packs")
	add("archive", "shop.do_archive")
	add("back", "list.back")
	t.Ask(q)
	return nil
}

// sayGood says where a product stands; whole shows its card first, and says what it lacks to sell better.
func sayGood(t *Turn, g catalog.Good, whole bool) {
	if whole {
		showCard(t, g.Card)
	} else {
		t.Say("card.title", locales.Args{"title": g.Title.In(string(t.lang))})
	}
	for _, p := range g.Variants {
		s := g.Shelf(p.ID)
		args := locales.Args{"pack": packOf(p.PackAmount, p.PackUnit), "price": locales.Dirhams(p.Price),
			"stock": locales.Rendered(stockWords(t, p.Available, g)), "Count": s.Allocated}
		if s.Allocated > 0 {
			t.Say("shop.pack_promised", args)
		} else {
			t.Say("shop.pack", args)
		}
	}
	if g.Sells() {
		t.Say("shop.sells", locales.Args{"code": g.Code})
	}
	for _, want := range g.Wants() {
		switch want {
		case catalog.WantsStock: // each pack has said so
		case catalog.WantsPhoto, catalog.WantsWords:
			if whole {
				sayWant(t, g, want)
			}
		default:
			sayWant(t, g, want)
		}
	}
	if g.Waiting > 0 {
		t.Say("shop.waiting", locales.Args{"Count": g.Waiting})
	}
}

// sayWant says what a product lacks, and what happens next or is to be done.
func sayWant(t *Turn, g catalog.Good, want catalog.Want) {
	args := locales.Args{}
	key := "shop.wants." + string(want)
	switch {
	case want == catalog.WantsReview && !g.PromisedAt.IsZero():
		key, args = "shop.wants.review_by", locales.Args{"when": locales.Date{Time: t.local(g.PromisedAt, ""), Style: locales.DayTime}}
	case want == catalog.WantsChange && g.RefusedNote != "":
		key, args = "shop.wants.change_for", locales.Args{"note": g.RefusedNote}
	case want == catalog.WantsPhoto && t.In.Medium == locales.Plain:
		return // nobody can send one there
	}
	t.Say(key, args)
}

// chosenOf fits a button of the sheet, where the product has several packs or just one.
func chosenOf(name, key string, several bool) When {
	return ofTheShop(name, func(h *Heard, f ownGoods) bool {
		return h.Choice == key && f.good != nil && len(f.good.Variants) > 0 && len(f.good.Variants) > 1 == several
	})
}

func takeOnlyPack(_ context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(ownGoods)
	shopping(t).Variant = f.good.Variants[0].ID
	return Done()
}

func fieldOf(field string) Action {
	return func(_ context.Context, t *Turn) (Result, error) {
		shopping(t).Field = field
		return Done()
	}
}

func askPackOf(_ context.Context, t *Turn) error {
	f, _ := t.Facts.(ownGoods)
	q := Question{Text: t.Text("shop.ask_pack", nil), List: t.Text("size.list", nil)}
	q.Choices = append(packChoices(t, *f.good), Choice{Key: "back", Label: t.Text("list.back", nil)})
	t.Ask(q)
	return nil
}

func packChoices(t *Turn, g catalog.Good) []Choice {
	choices := make([]Choice, 0, len(g.Variants)+2)
	for _, p := range g.Variants {
		choices = append(choices, Choice{Key: variantKey(p.ID), Detail: stockWords(t, p.Available, g),
			Label: t.Text("size.pack", locales.Args{"pack": packOf(p.PackAmount, p.PackUnit), "price": locales.Dirhams(p.Price)})})
	}
	return choices
}

// packOfGood fits one of the packs that were listed.
func packOfGood() When {
	return ofTheShop("packOfGood", func(_ *Heard, f ownGoods) bool { return f.hasPack(f.variant) })
}

func packToPrice() When {
	return ofTheShop("packToPrice", func(_ *Heard, f ownGoods) bool { return f.hasPack(f.variant) && f.field == "price" })
}

func packToCount() When {
	return ofTheShop("packToCount", func(_ *Heard, f ownGoods) bool { return f.hasPack(f.variant) && f.field == "stock" })
}

func (f ownGoods) hasPack(id int64) bool {
	_, ok := f.pack(id)
	return ok
}

// pack is one of the packs of the product that is looked at.
func (f ownGoods) pack(id int64) (catalog.Variant, bool) {
	if f.good != nil {
		for _, p := range f.good.Variants {
			if p.ID == id {
				return p, true
			}
		}
	}
	return catalog.Variant{}, false
}

func takeShopPack(_ context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(ownGoods)
	shopping(t).Variant = f.variant
	return Done()
}

// actingOn is whether and as whom the person may change a product, looked up in the action that does.
func actingOn(ctx context.Context, t *Turn, product int64) (catalog.Actor, error) {
	return catalog.ActOn(ctx, t.Tx, t.PersonID(), product)
}

func pauseGood(ctx context.Context, t *Turn) (Result, error) {
	return turnGood(ctx, t, catalog.Pause)
}

func resumeGood(ctx context.Context, t *Turn) (Result, error) {
	return turnGood(ctx, t, catalog.Resume)
}

func archiveGood(ctx context.Context, t *Turn) (Result, error) {
	return turnGood(ctx, t, catalog.Archive)
}

func turnGood(ctx context.Context, t *Turn, how turning) (Result, error) {
	f, err := theGood(ctx, t)
	if err != nil {
		return Result{}, err
	}
	return Result{}, turnProduct(ctx, t, f.good.ProductID, f.good.Title, how)
}

func askArchive(_ context.Context, t *Turn) error {
	f, _ := t.Facts.(ownGoods)
	q := Question{Text: t.Text("shop.ask_archive", locales.Args{"title": f.good.Title.In(string(t.lang))}), Choices: []Choice{
		{Key: "yes", Label: t.Text("shop.archive_yes", nil)}, {Key: "no", Label: t.Text("shop.archive_no", nil)}}}
	t.Ask(q)
	return nil
}

func sayKeptGood(_ context.Context, t *Turn) (Result, error) {
	t.Say("shop.kept", nil)
	return Done()
}

// ending is what a change's end looks at.
type ending struct{ lined, sheet bool }

func readEnd(_ context.Context, t *Turn, _ *Heard) (any, error) {
	v := shopping(t)
	return ending{lined: v.Lined, sheet: v.Product != 0}, nil
}

func cameByLine() When {
	return fact("cameByLine", func(_ *Heard, f ending) bool { return f.lined })
}

func onSheet() When {
	return fact("onSheet", func(_ *Heard, f ending) bool { return f.sheet })
}
