package flows

import (
	"context"
	"errors"
	"strings"

	"souk/catalog"
	"souk/flows/listing"
	"souk/locales"
)

// newPack is what adding a pack looks at.
type newPack struct {
	ownGoods
	pack  catalog.NewPack
	whole bool // size and price were said
	typed bool
}

func askPacks(_ context.Context, t *Turn) error {
	f, _ := t.Facts.(ownGoods)
	q := Question{Text: t.Text("shop.ask_packs", nil), List: t.Text("size.list", nil), Choices: packChoices(t, *f.good)}
	if len(f.good.Variants) < catalog.MaxPacks {
		q.Choices = append(q.Choices, Choice{Key: "add", Label: t.Text("shop.do_add_pack", nil)})
	}
	q.Choices = append(q.Choices, Choice{Key: "back", Label: t.Text("list.back", nil)})
	t.Ask(q)
	return nil
}

func askPackDo(_ context.Context, t *Turn) error {
	f, _ := t.Facts.(ownGoods)
	p, _ := f.pack(shopping(t).Variant)
	q := Question{Text: t.Text("shop.ask_pack_do", locales.Args{"what": whatOf(t, f.good.Title, p.PackAmount, p.PackUnit), "price": locales.Dirhams(p.Price),
		"stock": locales.Rendered(stockWords(t, p.Available, *f.good))})}
	for _, c := range [...][2]string{{"price", "shop.do_price"}, {"stock", "shop.do_stock"}, {"remove", "shop.do_remove_pack"}, {"back", "list.back"}} {
		q.Choices = append(q.Choices, Choice{Key: c[0], Label: t.Text(c[1], nil)})
	}
	t.Ask(q)
	return nil
}

func removePack(ctx context.Context, t *Turn) (Result, error) {
	f, err := theGood(ctx, t)
	if err != nil {
		return Result{}, err
	}
	p, _ := f.pack(shopping(t).Variant)
	actor, err := actingOn(ctx, t, f.good.ProductID)
	if err != nil {
		return Result{}, err
	}
	if err := catalog.RemovePack(ctx, t.Tx, f.good.ProductID, p.ID, actor, t.Now); err != nil {
		return Result{}, err
	}
	t.Say("shop.pack_removed", locales.Args{"what": whatOf(t, f.good.Title, p.PackAmount, p.PackUnit)})
	return Done()
}

func askAddPack(_ context.Context, t *Turn) error {
	t.Ask(Question{Text: t.Text("shop.ask_add_pack", nil), Choices: []Choice{{Key: "back", Label: t.Text("list.back", nil)}}})
	return nil
}

// readNewPack reads a size, a price and a stock: "1 kg 220 dh x10".
func readNewPack(ctx context.Context, t *Turn, h *Heard) (any, error) {
	facts, err := readSheet(ctx, t, h)
	if err != nil {
		return nil, err
	}
	f := newPack{ownGoods: facts.(ownGoods), typed: strings.TrimSpace(h.Typed()) != ""}
	c, ok := listing.Read(h.Typed())
	if !ok || len(c.Packs) != 1 || c.Packs[0].Amount == "" || c.Packs[0].PriceCentimes == nil {
		return f, nil
	}
	p := c.Packs[0]
	f.whole, f.pack = true, catalog.NewPack{Amount: p.Amount, Unit: string(p.Unit), Price: *p.PriceCentimes}
	if p.Stock != nil {
		f.pack.Stock = *p.Stock
	}
	return f, nil
}

func aNewPack() When {
	return fact("aNewPack", func(_ *Heard, f newPack) bool { return !f.gone && f.whole })
}

func noPack() When {
	return fact("noPack", func(_ *Heard, f newPack) bool { return !f.gone && f.typed })
}

func sayNoPack(_ context.Context, t *Turn) (Result, error) {
	t.Say("sorry.shop.pack_unclear", nil)
	return Done()
}

func addPack(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(newPack)
	actor, err := actingOn(ctx, t, f.good.ProductID)
	if err != nil {
		return Result{}, err
	}
	if _, err := catalog.AddPack(ctx, t.Tx, f.good.ProductID, f.pack, actor, t.Now); err != nil {
		return Result{}, err
	}
	t.Say("shop.pack_added", locales.Args{"what": whatOf(t, f.good.Title, f.pack.Amount, f.pack.Unit), "price": locales.Dirhams(f.pack.Price), "Count": f.pack.Stock})
	return Done()
}

// a new picture

func askPicture(_ context.Context, t *Turn) error {
	if shopping(t).Photo != 0 { // it is on its way
		return nil
	}
	t.Ask(Question{Text: t.Text("shop.ask_photo", nil), Choices: []Choice{{Key: "back", Label: t.Text("list.back", nil)}}})
	return nil
}

// takePicture remembers the photo that was sent last: the one of an album that came last counts.
func takePicture(ctx context.Context, t *Turn) (Result, error) {
	v := shopping(t)
	for _, m := range t.Heard.Media {
		if m.Photo != 0 {
			v.Photo = m.Photo
		}
	}
	if v.Photo == 0 {
		t.Say("shop.no_photo", nil)
		return Stay()
	}
	t.Say("shop.photo_coming", nil)
	return Done()
}

func forgetPicture(_ context.Context, t *Turn) (Result, error) {
	shopping(t).Photo = 0
	return Done()
}

// pictureReady fits the photo that was taken, once it stands in the store.
func pictureReady() When {
	return fact("pictureReady", func(h *Heard, f ownGoods) bool { return !f.gone && h.Kind == PhotoReady && h.Picture != nil })
}

// usePicture shows the new photo in place of the old ones.
func usePicture(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(ownGoods)
	v := shopping(t)
	if t.Heard.Picture.Photo != v.Photo { // an older one of an album
		return Stay()
	}
	actor, err := actingOn(ctx, t, f.good.ProductID)
	if err != nil {
		return Result{}, err
	}
	err = catalog.ReplacePhoto(ctx, t.Tx, f.good.ProductID, v.Photo, t.In.Conversation, actor, t.Now)
	if errors.Is(err, catalog.ErrNoSuchPhoto) || errors.Is(err, catalog.ErrPhotoNotReady) {
		v.Photo = 0
		t.Say("shop.no_photo", nil)
		return Stay()
	}
	if err != nil {
		return Result{}, err
	}
	v.Photo, v.Shown = 0, false
	t.Say("shop.photo_new", nil)
	return Done()
}
