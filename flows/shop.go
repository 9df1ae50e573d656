package flows

import (
	"context"
	"strings"

	"souk/catalog"
	"souk/locales"
)

// shopVars are what a member looks at in their shop.
type shopVars struct {
	Page    int    `json:"page,omitempty"`
	Product int64  `json:"product,omitempty"` // on the sheet
	Shown   bool   `json:"shown,omitempty"`   // its card has been shown
	Variant int64  `json:"variant,omitempty"` // the pack that is priced or counted
	Field   string `json:"field,omitempty"`   // price or stock, while a pack is picked
	Price   int64  `json:"price,omitempty"`   // centimes that wait for a second yes
	Photo   int64  `json:"photo,omitempty"`   // a sent photo on its way
	Line    string `json:"line,omitempty"`    // a line of which several products fit
	Coop    int64  `json:"coop,omitempty"`    // the cooperative that closes or is absent
	Lined   bool   `json:"lined,omitempty"`   // begun by a line: done with, one goes back to where one was
}

// shopFlow is a cooperative's shop, day by day: what it has, and how each product is changed. What a member says in one line, from
// anywhere, begins at hearing.
func shopFlow() Flow {
	return Flow{
		Name: "shop", Start: "goods", Vars: func() any { return &shopVars{} },
		States: []State{
			{Name: "goods", Numbered: true, Read: readOwnGoods, Ask: askOwnGoods,
				Given: []Row{on(noMember(), sayNoMember, "over"), on(noGoods(), sayNoGoods, "over")},
				Answers: []Row{
					on(goBack(), nil, "over"),
					on(cancelWord(), nil, "over"),
					on(nextPage(), turnOwnPage, "goods"),
					on(chosen("absence", "absent"), nil, "returning"),
					on(aGood(), pickGood, "sheet"),
				}},
			{Name: "sheet", Numbered: true, Read: readSheet, Ask: ofGood(askGoodSheet),
				Given: []Row{on(noMember(), sayNoMember, "over"), on(goodGone(), nil, "goods")},
				Answers: []Row{
					on(goBack(), forgetGood, "goods"),
					on(cancelWord(), nil, "over"),
					on(chosenOf("pricesPack", "price", false), takeOnlyPack, "pricing"),
					on(chosenOf("pricesAPack", "price", true), fieldOf("price"), "picking"),
					on(chosenOf("countsPack", "stock", false), takeOnlyPack, "counting"),
					on(chosenOf("countsAPack", "stock", true), fieldOf("stock"), "picking"),
					on(chosen("pauses", "pause"), pauseGood, "sheet"),
					on(chosen("resumes", "resume"), resumeGood, "sheet"),
					on(chosen("archives", "archive"), nil, "archiving"),
					on(chosen("newPhoto", "photo"), nil, "picturing"),
					on(chosen("itsPacks", "packs"), nil, "packs"),
				}},
			{Name: "picking", Numbered: true, Read: readSheet, Ask: ofGood(askPackOf),
				Answers: []Row{
					on(goBack(), nil, "sheet"),
					on(packToPrice(), takeShopPack, "pricing"),
					on(packToCount(), takeShopPack, "counting"),
				}},
			{Name: "pricing", Read: readNewPrice, Ask: ofPackOnSheet(askNewPrice),
				Answers: []Row{
					on(goBack(), nil, "sheet"),
					on(strangePrice(), keepPrice, "sure"),
					on(aNewPrice(), setNewPrice, "sheet"),
					on(noPrice(), sayNoPrice, "pricing"),
				}},
			{Name: "sure", Numbered: true, Read: readNewPrice, Ask: ofPackOnSheet(askSure),
				Answers: []Row{
					on(yes(), setKeptPrice, "changed"),
					on(no(), sayAsBefore, "changed"),
					on(goBack(), sayAsBefore, "changed"),
				}},
			{Name: "counting", Read: readNewStock, Ask: ofPackOnSheet(askNewStock),
				Answers: []Row{
					on(goBack(), nil, "sheet"),
					on(chosen("allGone", "out"), setSoldOut, "sheet"),
					on(aNewStock(), setNewStock, "sheet"),
					on(noStock(), sayNoStock, "counting"),
				}},
			{Name: "archiving", Numbered: true, Read: readSheet, Ask: ofGood(askArchive),
				Answers: []Row{
					on(yes(), archiveGood, "archived"),
					on(no(), sayKeptGood, "changed"),
					on(goBack(), sayKeptGood, "changed"),
				}},
			{Name: "picturing", Read: readSheet, Ask: ofGood(askPicture),
				Answers: []Row{
					on(goBack(), forgetPicture, "sheet"),
					on(cancelWord(), forgetPicture, "sheet"),
					on(aPhoto(), takePicture, "picturing"),
					on(pictureReady(), usePicture, "sheet"),
				}},
			{Name: "packs", Numbered: true, Read: readSheet, Ask: ofGood(askPacks),
				Answers: []Row{
					on(goBack(), nil, "sheet"),
					on(chosen("addsPack", "add"), nil, "adding"),
					on(packOfGood(), takeShopPack, "pack"),
				}},
			{Name: "pack", Numbered: true, Read: readSheet, Ask: ofGood(askPackDo),
				Answers: []Row{
					on(goBack(), nil, "packs"),
					on(chosen("pricesIt", "price"), nil, "pricing"),
					on(chosen("countsIt", "stock"), nil, "counting"),
					on(chosen("removesIt", "remove"), removePack, "packs"),
				}},
			{Name: "adding", Captive: true, Read: readNewPack, Ask: ofGood(askAddPack),
				Answers: []Row{
					on(goBack(), nil, "packs"),
					on(cancelWord(), nil, "packs"),
					on(aNewPack(), addPack, "packs"),
					on(noPack(), sayNoPack, "adding"),
				}},
			{Name: "returning", Read: readReturn, Ask: askReturn,
				Answers: []Row{
					on(goBack(), nil, "goods"),
					on(cancelWord(), nil, "goods"),
					on(chosen("isBack", "back-now"), comeBack, "changed"),
					on(aReturnDay(), goAway, "changed"),
					on(noDay(), sayNoDay, "returning"),
				}},
			{Name: "closing", Numbered: true, Read: readReturn, Ask: askClose,
				Answers: []Row{
					on(yes(), closeShop, "over"),
					on(chosen("absentInstead", "absent"), nil, "returning"),
					on(no(), sayAsBefore, "over"),
					on(goBack(), sayAsBefore, "over"),
				}},
			// What was said in one line.
			{Name: "hearing", Read: readLine, Ask: restLine,
				Answers: []Row{
					on(opensGood(), orOver(openGood), "sheet").or("over"),
					on(lineAway(), orOver(goAway), "changed").or("over"),
					on(lineUntilWhen(), lined, "returning"),
					on(lineCloses(), lined, "closing"),
					on(lineOpens(), orOver(openShop), "over").or("over"),
					on(lineUnclear(), keepShopLine, "meaning"),
					on(lineArchives(), takeLine, "archiving"),
					on(lineStrange(), takeLine, "sure"),
					on(lineFits(), orOver(applyLine), "over").or("over"),
					on(lineMisses(), sayNearest, "over"),
				}},
			{Name: "meaning", Numbered: true, Read: readMeaning, Ask: askMeaning,
				Answers: []Row{
					on(goBack(), nil, "over"),
					on(cancelWord(), nil, "over"),
					on(lineGone(), sayGoodGone, "over"),
					on(lineArchives(), takeLine, "archiving"),
					on(lineStrange(), takeLine, "sure"),
					on(lineFits(), orOver(applyLine), "over").or("over"),
				}},
			// Where a change ends: a line's goes back to what was going on, one of the shop to the shop.
			{Name: "changed", Read: readEnd,
				Given: []Row{on(cameByLine(), nil, "over"), on(onSheet(), nil, "sheet"), on(always(), nil, "goods")}},
			{Name: "archived", Read: readEnd,
				Given: []Row{on(cameByLine(), nil, "over"), on(always(), forgetGood, "goods")}},
			{Name: "over", End: true},
		},
		Always: []Row{on(goodGone(), leaveGone, "goods")},
	}
}

func shopping(t *Turn) *shopVars {
	v, _ := t.Vars.(*shopVars)
	return v
}

// shopEverywhere are the rows of the shop in every state: a member's lines and wishes, and the buttons of its notices.
func shopEverywhere() []Row {
	return []Row{
		on(commanded("opensGood", "good"), nil, "").enter("shop:hearing").again(),
		on(commanded("restocks", "more"), restock, ""),
		on(commanded("sellsOut", "soldout"), sellOut, ""),
		on(undoes(), undo, ""),
		on(wishes("toShop", "shop", wishGoods), nil, "").enter("shop"),
		on(wishes("toSales", "sales", wishSales), saySales, ""),
		on(aShopLine(), nil, "").enter("shop:hearing").again(),
	}
}

// shopNotices are what a shop has to tell its members.
func shopNotices() map[string]Notice {
	return map[string]Notice{
		"stock.low": {Say: tellLow},
		"stock.out": {Say: tellLow},
	}
}

// wishes fits a place of the menu, and what a member says to get there.
func wishes(name, place string, wish shopWish) When {
	return word(name, func(h *Heard) bool {
		return h.Command == "go" && h.Argument == place || h.Command == place || h.shop != nil && h.shop.wish == wish
	})
}

func coopIDs(list []catalog.Membership) []int64 {
	ids := make([]int64, len(list))
	for i, m := range list {
		ids[i] = m.CooperativeID
	}
	return ids
}

// ownGoods are what the shop's states look at.
type ownGoods struct {
	coops   []catalog.Membership
	list    []catalog.Good
	total   int
	chosen  int64         // a product that was chosen
	good    *catalog.Good // on the sheet
	variant int64         // a pack that was chosen
	field   string
	gone    bool // what the question is about is no longer there, or no longer theirs
}

// facts lets the whens of several states share what they look at.
func (f ownGoods) shop() ownGoods { return f }

type ofShop interface{ shop() ownGoods }

// ofTheShop is a fact of any of the shop's states.
func ofTheShop(name string, fits func(h *Heard, f ownGoods) bool) When {
	return When{Name: name, Fits: func(h *Heard, facts any) bool {
		f, ok := facts.(ofShop)
		return ok && fits(h, f.shop())
	}}
}

func noMember() When {
	return ofTheShop("noMember", func(_ *Heard, f ownGoods) bool { return len(f.coops) == 0 })
}

func sayNoMember(_ context.Context, t *Turn) (Result, error) {
	t.Say("sorry.member.not_allowed", nil)
	return Done()
}

// goodsShown is how many products one list shows, with room for what else can be done within WhatsApp's ten.
const goodsShown = 7

func readOwnGoods(ctx context.Context, t *Turn, h *Heard) (any, error) {
	f := ownGoods{}
	var err error
	if f.coops, err = actsFor(ctx, t); err != nil || len(f.coops) == 0 {
		return f, err
	}
	v := shopping(t)
	f.list, f.total, err = catalog.Goods(ctx, t.Tx, coopIDs(f.coops), catalog.Page{Limit: goodsShown, Offset: v.Page * goodsShown}, t.Now)
	if err == nil && len(f.list) == 0 && v.Page > 0 { // past the end a list begins anew
		v.Page = 0
		f.list, f.total, err = catalog.Goods(ctx, t.Tx, coopIDs(f.coops), catalog.Page{Limit: goodsShown}, t.Now)
	}
	f.chosen, _ = keyedID(h.Choice, "p:")
	return f, err
}

func noGoods() When {
	return ofTheShop("noGoods", func(_ *Heard, f ownGoods) bool { return f.total == 0 })
}

func sayNoGoods(_ context.Context, t *Turn) (Result, error) {
	t.Say("shop.nothing", nil)
	return Done()
}

func askOwnGoods(ctx context.Context, t *Turn) error {
	f, _ := t.Facts.(ownGoods)
	if !t.Again {
		t.Say("shop.head", locales.Args{"Count": f.total})
		if err := sayAbsences(ctx, t, f.coops); err != nil {
			return err
		}
	}
	q := Question{Text: t.Text("shop.ask", nil), List: t.Text("shop.list", nil)}
	for _, g := range f.list {
		detail := standing(t, g) + " · " + pricesOf(t, g)
		if len(f.coops) > 1 {
			detail += " · " + g.Cooperative.Name.In(string(t.lang))
		}
		q.Choices = append(q.Choices, Choice{Key: "p:" + itoa(g.ProductID), Label: g.Title.In(string(t.lang)), Detail: detail})
	}
	if f.total > goodsShown {
		q.Choices = append(q.Choices, Choice{Key: "next", Label: t.Text("list.next", nil)})
	}
	q.Choices = append(q.Choices,
		Choice{Key: "go:sales", Command: true, Label: t.Text("sales.menu", nil)},
		Choice{Key: "absent", Label: t.Text("shop.absence", nil)})
	t.Ask(q)
	return nil
}

// standing is where a product stands, in a word and a pictogram, stock included.
func standing(t *Turn, g catalog.Good) string {
	if !g.Sells() {
		return t.Text("shop.is."+string(g.Wants()[0]), nil)
	}
	return stockWords(t, g.Available(), g)
}

// stockWords is a number of packs that can be ordered, in words and a pictogram.
func stockWords(t *Turn, n int64, g catalog.Good) string {
	mark := int64(0)
	for _, s := range g.Shelves {
		mark = max(mark, s.LowMark)
	}
	switch {
	case n <= 0:
		return t.Text("shop.is.stock", nil)
	case n <= mark:
		return t.Text("shop.is.low", locales.Args{"Count": n})
	}
	return t.Text("shop.is.there", locales.Args{"Count": n})
}

func pricesOf(t *Turn, g catalog.Good) string {
	if len(g.Variants) == 0 {
		return t.Text("shop.no_pack", nil)
	}
	low := g.Variants[0].Price
	for _, v := range g.Variants {
		low = min(low, v.Price)
	}
	if len(g.Variants) > 1 {
		return t.Text("shop.from", locales.Args{"price": locales.Dirhams(low)})
	}
	return t.e.words.Money(t.lang, locales.Dirhams(low))
}

func turnOwnPage(_ context.Context, t *Turn) (Result, error) {
	shopping(t).Page++
	return Done()
}

func aGood() When {
	return ofTheShop("aGood", func(_ *Heard, f ownGoods) bool { return f.chosen != 0 })
}

func pickGood(_ context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(ownGoods)
	v := shopping(t)
	v.Product, v.Shown, v.Lined = f.chosen, false, false
	return Done()
}

func forgetGood(_ context.Context, t *Turn) (Result, error) {
	v := shopping(t)
	v.Product, v.Variant, v.Shown = 0, 0, false
	return Done()
}

// wordsOf joins words with commas, in the reader's writing.
func wordsOf(t *Turn, words []string) string {
	comma := ", "
	if t.lang == locales.Arabic {
		comma = "، "
	}
	return strings.Join(words, comma)
}
