package flows

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"souk/catalog"
	"souk/flows/listing"
	"souk/internal/sorry"
	"souk/locales"
)

// changeDraft applies something to the draft that is being asked about, and keeps it.
func changeDraft(ctx context.Context, t *Turn, do func(c *catalog.Content) error) (Result, error) {
	v := listingVarsOf(t)
	d := catalog.Listing{PersonID: t.PersonID()}
	var err error
	if v.Draft != 0 {
		d, err = catalog.LoadDraft(ctx, t.Tx, v.Draft)
	} else { // nothing was begun yet
		var coops []catalog.Membership
		coops, err = catalog.MemberOf(ctx, t.Tx, t.PersonID())
		d.CooperativeID = coopFor(v, coops)
	}
	if err != nil {
		return Result{}, err
	}
	if err := do(&d.Content); err != nil {
		return Result{}, err
	}
	if err := keepDraft(ctx, t, &d); err != nil {
		return Result{}, err
	}
	v.Draft = d.ID
	return Done()
}

// packAt is the pack that is asked about, made where there is none yet.
func packAt(c *catalog.Content, at int) *catalog.Pack {
	if len(c.Packs) == 0 {
		c.Packs = []catalog.Pack{{}}
	}
	if at < 0 || at >= len(c.Packs) {
		at = 0
	}
	return &c.Packs[at]
}

// choosePack remembers which pack lacks what is missing.
func choosePack(_ context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(draftFacts)
	listingVarsOf(t).Pack = max(0, f.draft.Content.Lacking(f.missing))
	return Done()
}

// aName fits words that may be what goods are called.
func aName() When {
	return fact("aName", func(h *Heard, f draftFacts) bool {
		typed := strings.TrimSpace(h.Typed())
		if typed == "" || !strings.ContainsFunc(typed, isLetter) || utf8.RuneCountInString(typed) > catalog.MaxTitle {
			return false
		}
		switch h.Says().Intent {
		case Unknown, Order, Search, Price, Sell:
			return true
		}
		return f.said.listed && f.said.caption.Title != ""
	})
}

func takeName(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(draftFacts)
	name := f.said.caption.Title
	if !f.said.listed || name == "" {
		name = t.Heard.Typed()
	}
	return changeDraft(ctx, t, func(c *catalog.Content) error { return nameDraft(ctx, t, c, name) })
}

// aNameInScript fits the goods' name in the other language's own letters.
func aNameInScript() When {
	return fact("aNameInScript", func(h *Heard, f draftFacts) bool {
		typed := strings.TrimSpace(h.Typed())
		if !strings.ContainsFunc(typed, isLetter) || utf8.RuneCountInString(typed) > catalog.MaxTitle {
			return false
		}
		return hasArabic(typed) == (otherLang(f.draft.Content) == string(locales.Arabic))
	})
}

// otherLang is the language in which the goods have no name yet.
func otherLang(c catalog.Content) string {
	if c.Title[string(locales.Arabic)] == "" {
		return string(locales.Arabic)
	}
	return string(locales.French)
}

func takeOtherName(ctx context.Context, t *Turn) (Result, error) {
	return changeDraft(ctx, t, func(c *catalog.Content) error {
		c.Title[otherLang(*c)] = cutTitle(capital(strings.TrimSpace(locales.StripControls(t.Heard.Typed()))))
		return nil
	})
}

func skipsName() When {
	return word("skips", func(h *Heard) bool {
		if h.Choice == "skip" || isShort(h.Text) && h.Means(No) {
			return true
		}
		switch locales.Normalise(h.Typed()) {
		case "passer", "je ne sais pas", "sais pas", "ma3rftch", "ma3raftch", "ما عرفت", "معرفتش", "لا اعرف", "تخطي":
			return true
		}
		return false
	})
}

func skipName(ctx context.Context, t *Turn) (Result, error) {
	return changeDraft(ctx, t, func(c *catalog.Content) error {
		c.Skipped = append(c.Skipped, noOtherTitle)
		c.Unreviewed = append(c.Unreviewed, otherLang(*c))
		return nil
	})
}

// aPrice fits a price, typed or chosen; a bare number is one, in dirhams.
func aPrice() When {
	return number("aPrice", "price", func(h *Heard, f draftFacts) bool {
		_, chosen := keyedID(h.Choice, "p:")
		return chosen || f.said.price() > 0 || len(f.said.prices) == 1 || f.said.isNumber && f.said.number > 0
	})
}

func takePrice(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(draftFacts)
	v := listingVarsOf(t)
	price := f.said.price()
	switch id, chosen := keyedID(t.Heard.Choice, "p:"); {
	case chosen:
		price = id
	case f.said.isNumber:
		price = int64(f.said.number) * 100
	case len(f.said.prices) == 1:
		price = f.said.prices[0]
	}
	return changeDraft(ctx, t, func(c *catalog.Content) error {
		p := packAt(c, v.Pack)
		if p.Amount == "" && f.said.sized() { // "120 dh les 500 g"
			fill(p, packSaidOf(f.said.caption.Packs[0], f.said.caption))
		}
		p.Price = price
		v.Prices = nil
		return nil
	})
}

// usualPacks are offered where no size was said.
var usualPacks = [...]struct {
	amount string
	unit   locales.Unit
}{{"1", locales.Piece}, {"250", locales.Gram}, {"500", locales.Gram}, {"1", locales.Kilogram}, {"500", locales.Millilitre}, {"1", locales.Litre}}

// listedPack fits a size, chosen or said.
func listedPack() When {
	return fact("aPack", func(h *Heard, f draftFacts) bool {
		id, ok := keyedID(h.Choice, "u:")
		return ok && id >= 0 && int(id) < len(usualPacks) || f.said.sized()
	})
}

func takePack(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(draftFacts)
	v := listingVarsOf(t)
	return changeDraft(ctx, t, func(c *catalog.Content) error {
		p := packAt(c, v.Pack)
		if id, ok := keyedID(t.Heard.Choice, "u:"); ok {
			p.Amount, p.Unit = usualPacks[id].amount, string(usualPacks[id].unit)
			return nil
		}
		fill(p, packSaidOf(f.said.caption.Packs[0], f.said.caption))
		return nil
	})
}

// aStock fits how many there are: a number, alone or in a few words.
func aStock() When {
	return number("aStock", "stock", func(_ *Heard, f draftFacts) bool {
		_, one := f.said.onlyNumber()
		return one || f.said.stock() != nil
	})
}

func takeStock(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(draftFacts)
	v := listingVarsOf(t)
	n, one := f.said.onlyNumber()
	if said := f.said.stock(); said != nil && !f.said.isNumber {
		n, one = *said, true
	}
	if !one {
		return Stay()
	}
	return changeDraft(ctx, t, func(c *catalog.Content) error {
		packAt(c, v.Pack).Stock = &n
		return nil
	})
}

func readShelvesToSort(ctx context.Context, t *Turn, h *Heard) (any, error) {
	read, err := readListing(ctx, t, h)
	f, _ := read.(draftFacts)
	if err == nil {
		f.shelves, err = catalog.AllShelves(ctx, t.Tx)
	}
	return f, err
}

func aShelfToSort() When {
	return fact("aShelfToSort", func(h *Heard, f draftFacts) bool {
		id, ok := strings.CutPrefix(h.Choice, "k:")
		return ok && slices.ContainsFunc(f.shelves, func(s catalog.Shelf) bool { return s.ID == id })
	})
}

func takeShelf(ctx context.Context, t *Turn) (Result, error) {
	id, _ := strings.CutPrefix(t.Heard.Choice, "k:")
	return changeDraft(ctx, t, func(c *catalog.Content) error { c.Category = id; return nil })
}

func turnListingPage(_ context.Context, t *Turn) (Result, error) {
	listingVarsOf(t).Page++ // past the end a list begins anew
	return Done()
}

func updatesIt() When {
	return fact("updatesIt", func(h *Heard, _ draftFacts) bool { return h.Choice == "update" || h.Means(Yes) && isShort(h.Text) })
}

// updateOwn lets the draft change the own product of the same name: what it does not say stays as it is there.
func updateOwn(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(draftFacts)
	own, err := catalog.LoadOwn(ctx, t.Tx, f.twin)
	if err != nil {
		return Result{}, err
	}
	d := f.draft
	d.ProductID, d.Content.Update = f.twin, true
	d.Content.Fill(own)
	return Result{}, catalog.SaveDraft(ctx, t.Tx, d, t.Now)
}

func notTheSame(ctx context.Context, t *Turn) (Result, error) {
	return changeDraft(ctx, t, func(c *catalog.Content) error { c.Another = true; return nil })
}

// corrects fits one field said anew: "prix 110".
func corrects() When {
	return fact("corrects", func(_ *Heard, f draftFacts) bool { return f.open && f.said.corrects })
}

// correctsOneOf fits a price or a stock said anew, of several packs.
func correctsOneOf() When {
	return fact("correctsOneOf", func(_ *Heard, f draftFacts) bool {
		return f.said.corrects && len(f.draft.Content.Packs) > 1 && f.said.correction.Field != listing.FieldTitle
	})
}

func correct(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(draftFacts)
	v := listingVarsOf(t)
	said := f.said.correction
	return changeDraft(ctx, t, func(c *catalog.Content) error {
		p := packAt(c, v.Pack)
		switch said.Field {
		case listing.FieldTitle:
			c.Unreviewed = nil
			return nameDraft(ctx, t, c, said.Title)
		case listing.FieldPack:
			p.Amount, p.Unit = said.Amount, string(said.Unit)
		case listing.FieldPrice:
			p.Price, v.Prices = said.PriceCentimes, nil
		case listing.FieldStock:
			n := said.Stock
			if said.Delta && p.Stock != nil {
				n += *p.Stock
			}
			if n < 0 {
				return sorry.New("stock.range", map[string]any{"Max": catalog.MaxStock})
			}
			p.Stock = &n
		}
		return nil
	})
}

// fixesPack fits the button of a field of a pack.
func fixesPack() When {
	return fact("fixesPack", func(h *Heard, _ draftFacts) bool {
		return h.Choice == "fix-price" || h.Choice == "fix-stock" || h.Choice == "fix-pack"
	})
}

func fixPack(_ context.Context, t *Turn) (Result, error) {
	v := listingVarsOf(t)
	v.Fix, _ = strings.CutPrefix(t.Heard.Choice, "fix-")
	v.Pack, v.Picked, v.Value = 0, false, nil
	return Done()
}

// toFix fits on arrival where it is clear of which pack a field is corrected.
func toFix(field string) When {
	return fact("toFix-"+field, func(_ *Heard, f draftFacts) bool {
		return f.fix == field && !f.value && (f.picked || len(f.draft.Content.Packs) < 2)
	})
}

func forgetFix(_ context.Context, t *Turn) (Result, error) {
	v := listingVarsOf(t)
	v.Fix, v.Picked = "", false
	return Done()
}

// fixOnlySaid keeps what a field becomes until it is clear of which pack.
func fixOnlySaid(_ context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(draftFacts)
	v := listingVarsOf(t)
	said := f.said.correction
	v.Fix, v.Pack, v.Picked = string(said.Field), 0, false
	n := said.PriceCentimes
	switch said.Field {
	case listing.FieldStock:
		n = said.Stock
	case listing.FieldPack: // a new size must be said of the pack that is chosen
		v.Value = nil
		return Done()
	}
	v.Value = &n
	return Done()
}

func aPackToFix() When {
	return fact("aPackToFix", func(h *Heard, _ draftFacts) bool {
		_, ok := keyedID(h.Choice, "i:")
		return ok
	})
}

func packOfValue() When {
	return fact("packOfValue", func(h *Heard, f draftFacts) bool {
		_, ok := keyedID(h.Choice, "i:")
		return ok && f.value
	})
}

func pickPackToFix(_ context.Context, t *Turn) (Result, error) {
	at, _ := keyedID(t.Heard.Choice, "i:")
	v := listingVarsOf(t)
	v.Pack, v.Picked = int(at), true
	return Done()
}

func correctPack(ctx context.Context, t *Turn) (Result, error) {
	v := listingVarsOf(t)
	at, _ := keyedID(t.Heard.Choice, "i:")
	return changeDraft(ctx, t, func(c *catalog.Content) error {
		p := packAt(c, int(at))
		if v.Fix == string(listing.FieldStock) {
			n := *v.Value
			p.Stock = &n
		} else {
			p.Price = *v.Value
		}
		v.Value, v.Fix = nil, ""
		return nil
	})
}
