package flows

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"souk/catalog"
	"souk/flows/listing"
	"souk/internal/sorry"
	"souk/locales"
)

// shopHeard is what a member's message means for their shop. Nobody else's means anything of the kind: who is no member may well
// type "miel rupture" or "mes produits", and is a buyer.
type shopHeard struct {
	wish  shopWish
	line  *listing.ShopLine
	coops []catalog.Membership
	aim   catalog.Aim // of a line that names a product
}

// hearShop looks whether what was typed is about the speaker's own shop. Only what reads so costs a look into the database.
func (t *Turn) hearShop(ctx context.Context) error {
	h := t.Heard
	typed := h.Typed()
	if typed == "" || t.captive() {
		return nil
	}
	wish := readWish(typed)
	line, isLine, caption := readShopLine(typed)
	if wish == "" && !isLine {
		return nil
	}
	coops, err := actsFor(ctx, t)
	if err != nil || len(coops) == 0 {
		return err
	}
	if wish != "" {
		h.shop = &shopHeard{wish: wish, coops: coops}
		return nil
	}
	s := &shopHeard{line: &line, coops: coops}
	lists := t.top().Flow == "listing"
	if lists && (caption || line.Product == "") { // of what is being listed
		return nil
	}
	if line.Product != "" {
		if s.aim, err = catalog.AimAt(ctx, t.Tx, coopIDs(coops), line.Product, t.Now); err != nil {
			return err
		}
		priced := line.Change == listing.ChangePrice || line.Change == listing.ChangeStock
		if len(s.aim.Goods) == 0 && (caption || priced && (lists || h.captioned)) { // of something new
			return nil
		}
	}
	h.shop = s
	return nil
}

// captive tells that what is typed where the conversation stands is that state's own, whatever it looks like.
func (t *Turn) captive() bool {
	_, st := t.where()
	return st.Captive || st.Verbatim
}

// aShopLine fits a member's line about their shop.
func aShopLine() When {
	return word("aShopLine", func(h *Heard) bool { return h.shop != nil && h.shop.line != nil })
}

// lineFacts are what a line's states look at.
type lineFacts struct {
	ownGoods
	line    *listing.ShopLine
	targets []target
	near    []catalog.Good
	noPack  bool
	until   bool // a day was said
}

// target is one pack, or one whole product, that a line may mean.
type target struct {
	good catalog.Good
	pack *catalog.Variant // nil where the line is about the product, or about all of its packs
}

func readLine(ctx context.Context, t *Turn, h *Heard) (any, error) {
	f := lineFacts{}
	if h.Command == "good" {
		return f, f.point(ctx, t, h.Argument)
	}
	if h.shop == nil || h.shop.line == nil {
		return f, nil
	}
	f.take(h.shop, t)
	return f, nil
}

// point finds the product of a notice's button, where it is one of the person's own.
func (f *lineFacts) point(ctx context.Context, t *Turn, code string) error {
	var err error
	if f.coops, err = actsFor(ctx, t); err != nil {
		return err
	}
	g, err := catalog.GoodByCode(ctx, t.Tx, code, t.Now)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err == nil {
		f.good, err = goodOf(ctx, t, f.coops, g.ProductID)
	}
	return err
}

// take lays out what a line may mean: prices and numbers are a pack's, all else is the product's.
func (f *lineFacts) take(s *shopHeard, t *Turn) {
	f.coops, f.line, f.near, f.noPack = s.coops, s.line, s.aim.Near, s.aim.NoSuchPack
	_, f.until = s.line.Until.On(t.local(t.Now, ""))
	for _, g := range s.aim.Goods {
		if !ofPack(s.line.Change) || s.line.Change == listing.ChangeSoldOut && !s.aim.Sized {
			f.targets = append(f.targets, target{good: g})
			continue
		}
		for _, p := range g.Variants {
			f.targets = append(f.targets, target{good: g, pack: &p})
		}
	}
}

func ofPack(c listing.Change) bool {
	return slices.Contains([]listing.Change{listing.ChangePrice, listing.ChangeStock, listing.ChangeDelta, listing.ChangeSoldOut}, c)
}

// restLine is asked where a line is no longer heard: it says nothing, and the shop is shown.
func restLine(_ context.Context, t *Turn) error {
	t.Say("shop.say_again", nil)
	return nil
}

func lineFact(name string, fits func(f lineFacts) bool) When {
	return fact(name, func(_ *Heard, f lineFacts) bool { return fits(f) })
}

func opensGood() When {
	return fact("opensGood", func(h *Heard, _ lineFacts) bool { return h.Command == "good" })
}

func openGood(_ context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(lineFacts)
	if f.good == nil {
		return Result{}, sorry.New("member.not_allowed", nil)
	}
	v := shopping(t)
	*v = shopVars{Product: f.good.ProductID}
	return Done()
}

// is says whether the line is of a kind, about the shop as a whole or about something in it.
func (f lineFacts) is(c listing.Change, whole bool) bool {
	return f.line != nil && f.line.Change == c && (f.line.Product == "") == whole
}

func lineAway() When {
	return lineFact("lineAway", func(f lineFacts) bool {
		return f.is(listing.ChangeAbsent, true) && f.until && len(f.coops) == 1
	})
}

// orOver ends a line that is refused: it is said why, and what was going on before goes on.
func orOver(do Action) Action {
	return func(ctx context.Context, t *Turn) (Result, error) {
		result, err := do(ctx, t)
		if refusal, ok := sorry.As(err); ok {
			return Otherwise("sorry."+refusal.Key, locales.Args(refusal.Args))
		}
		return result, err
	}
}

// lineGone fits a choice of which nothing is left.
func lineGone() When {
	return fact("lineGone", func(h *Heard, f lineFacts) bool { return len(f.targets) == 0 && h.Choice != "" })
}

func lineUntilWhen() When {
	return lineFact("lineUntilWhen", func(f lineFacts) bool { return f.is(listing.ChangeAbsent, true) })
}

func lineCloses() When {
	return lineFact("lineCloses", func(f lineFacts) bool { return f.is(listing.ChangePause, true) })
}

func lineOpens() When {
	return lineFact("lineOpens", func(f lineFacts) bool { return f.is(listing.ChangeResume, true) })
}

func lined(_ context.Context, t *Turn) (Result, error) {
	v := shopping(t)
	*v = shopVars{Lined: true}
	return Done()
}

func lineUnclear() When {
	return lineFact("lineUnclear", func(f lineFacts) bool { return len(f.targets) > 1 })
}

func lineArchives() When {
	return lineFact("lineArchives", func(f lineFacts) bool {
		return len(f.targets) == 1 && f.line.Change == listing.ChangeArchive
	})
}

func lineStrange() When {
	return lineFact("lineStrange", func(f lineFacts) bool {
		return len(f.targets) == 1 && f.line.Change == listing.ChangePrice && strange(f.targets[0].pack.Price, f.line.PriceCentimes)
	})
}

func lineFits() When {
	return lineFact("lineFits", func(f lineFacts) bool { return len(f.targets) == 1 })
}

func lineMisses() When {
	return lineFact("lineMisses", func(f lineFacts) bool { return f.line != nil })
}

// takeLine keeps what a line means for a second yes.
func takeLine(_ context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(lineFacts)
	v := shopping(t)
	*v = shopVars{Product: f.targets[0].good.ProductID, Shown: true, Price: f.line.PriceCentimes, Lined: true}
	if p := f.targets[0].pack; p != nil {
		v.Variant = p.ID
	}
	return Done()
}

// applyLine does what a line says.
func applyLine(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(lineFacts)
	g, pack := f.targets[0].good, f.targets[0].pack
	switch f.line.Change {
	case listing.ChangePause:
		return Result{}, turnProduct(ctx, t, g.ProductID, g.Title, catalog.Pause)
	case listing.ChangeResume:
		return Result{}, turnProduct(ctx, t, g.ProductID, g.Title, catalog.Resume)
	case listing.ChangePrice:
		return Result{}, setPrice(ctx, t, g.Card, *pack, f.line.PriceCentimes)
	case listing.ChangeStock, listing.ChangeDelta:
		return Result{}, changeStock(ctx, t, g.Card, *pack, func(actor catalog.Actor) (catalog.Change, error) {
			if f.line.Change == listing.ChangeDelta {
				return catalog.AddStock(ctx, t.Tx, pack.ID, f.line.Stock, "", actor, t.Now)
			}
			return catalog.SetStock(ctx, t.Tx, pack.ID, f.line.Stock, actor, t.Now)
		})
	case listing.ChangeSoldOut:
		if pack != nil {
			g.Variants = []catalog.Variant{*pack}
		}
		return Result{}, sellOutAll(ctx, t, g)
	}
	return Result{}, fmt.Errorf("a line asks for %q", f.line.Change)
}

// sellOutAll says that nothing more can be ordered of a product, pack by pack: each is taken back by itself.
func sellOutAll(ctx context.Context, t *Turn, g catalog.Good) error {
	actor, err := actingOn(ctx, t, g.ProductID)
	if err != nil {
		return err
	}
	for _, p := range g.Variants {
		change, err := catalog.SellOut(ctx, t.Tx, p.ID, actor, t.Now)
		if err != nil {
			return err
		}
		if len(g.Variants) == 1 {
			sayChange(t, change, g.Title, &p)
			continue
		}
		sayWhat(t, change, g.Title, &p)
		if change.Changed() && t.In.Medium != locales.Plain {
			t.Offer("undo:"+itoa(change.Event), t.Text("shop.undo_of", locales.Args{"pack": packOf(p.PackAmount, p.PackUnit)}))
		}
	}
	return nil
}

// keepShopLine keeps a line that could mean several things, in its own words: it is read again when it is known which.
func keepShopLine(_ context.Context, t *Turn) (Result, error) {
	v := shopping(t)
	*v = shopVars{Line: t.Heard.Text, Lined: true}
	return Done()
}

// readMeaning reads a kept line again, with what was chosen of it.
func readMeaning(ctx context.Context, t *Turn, h *Heard) (any, error) {
	f := lineFacts{}
	coops, err := actsFor(ctx, t)
	line, ok, _ := readShopLine(shopping(t).Line)
	if err != nil || len(coops) == 0 || !ok {
		return f, err
	}
	s := &shopHeard{line: &line, coops: coops}
	if s.aim, err = catalog.AimAt(ctx, t.Tx, coopIDs(coops), line.Product, t.Now); err != nil {
		return nil, err
	}
	f.take(s, t)
	product, byProduct := keyedID(h.Choice, "p:")
	variant, byPack := keyedID(h.Choice, "v:")
	if byProduct || byPack {
		f.targets = slices.DeleteFunc(f.targets, func(x target) bool {
			return x.pack == nil && x.good.ProductID != product || x.pack != nil && x.pack.ID != variant
		})
	}
	return f, nil
}

// meanings is how many things a line may mean that are listed; who meant another says more of its name.
const meanings = 9

func askMeaning(_ context.Context, t *Turn) error {
	f, _ := t.Facts.(lineFacts)
	q := Question{Text: t.Text("shop.ask_which", nil), List: t.Text("choose.list", nil)}
	for _, x := range f.targets[:min(len(f.targets), meanings)] {
		if x.pack == nil {
			q.Choices = append(q.Choices, Choice{Key: "p:" + itoa(x.good.ProductID), Label: x.good.Title.In(string(t.lang)), Detail: standing(t, x.good)})
			continue
		}
		q.Choices = append(q.Choices, Choice{Key: variantKey(x.pack.ID), Label: whatOf(t, x.good.Title, x.pack.PackAmount, x.pack.PackUnit),
			Detail: t.e.words.Money(t.lang, locales.Dirhams(x.pack.Price)) + " · " + stockWords(t, x.pack.Available, x.good)})
	}
	q.Choices = append(q.Choices, Choice{Key: "back", Label: t.Text("list.back", nil)})
	t.Ask(q)
	return nil
}

// sayNearest says that no own product is called so, and which come near.
func sayNearest(_ context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(lineFacts)
	name, amount, unit := catalog.SplitPack(f.line.Product)
	var near []string
	if f.noPack {
		for _, g := range f.near {
			for _, p := range g.Variants {
				near = append(near, whatOf(t, g.Title, p.PackAmount, p.PackUnit))
			}
		}
		size := amount
		if unit != "" {
			size = t.e.words.Quantity(t.lang, packOf(amount, unit))
		}
		t.Say("shop.no_such_pack", locales.Args{"query": name, "pack": size, "near": wordsOf(t, near)})
		return Done()
	}
	for _, g := range f.near {
		near = append(near, g.Title.In(string(t.lang)))
	}
	if len(near) == 0 {
		t.Say("shop.none_so", locales.Args{"query": f.line.Product})
	} else {
		t.Say("shop.nearest", locales.Args{"query": f.line.Product, "near": wordsOf(t, near)})
	}
	t.Offer("go:shop", t.Text("shop.menu", nil))
	return Done()
}
