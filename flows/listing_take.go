package flows

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"souk/catalog"
	"souk/flows/listing"
	"souk/locales"
)

// someGoods fits a photo, or words that name goods and how they are sold: wherever a listing stands, they are about goods.
func someGoods() When {
	return fact("someGoods", func(h *Heard, f draftFacts) bool {
		return (f.coop != 0 || f.open) && (h.Kind == Photo || f.said.names())
	})
}

func goodsForSeveral() When {
	return fact("goodsForSeveral", func(h *Heard, f draftFacts) bool {
		return f.coop == 0 && !f.open && (h.Kind == Photo || f.said.names())
	})
}

// morePhotos fits another photo of the album that came last, without words: the question stands as it is.
func morePhotos() When {
	return fact("morePhotos", func(h *Heard, f draftFacts) bool {
		return h.Kind == Photo && strings.TrimSpace(h.Text) == "" && h.Album != "" && f.album == h.Album && f.open
	})
}

// addPhotos puts another photo of an album to the draft, without a word: the others are on their way.
func addPhotos(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(draftFacts)
	d := f.draft
	d.Content.Media = append(d.Content.Media, f.said.photos...)
	t.silent = true
	if err := catalog.SaveDraft(ctx, t.Tx, d, t.Now); err != nil {
		return Result{}, err
	}
	return Stay()
}

// holdGoods keeps what was sent until it is clear for whom.
func holdGoods(_ context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(draftFacts)
	v := listingVarsOf(t)
	if v.Held == nil {
		v.Held = &heldWords{}
	}
	v.Held.Photos = append(v.Held.Photos, f.said.photos...)
	if v.Held.Caption == "" {
		v.Held.Caption = locales.StripControls(f.said.text)
	}
	return Done()
}

func heldFor() When {
	return fact("heldFor", func(_ *Heard, f draftFacts) bool { return f.held && f.coop != 0 })
}

func takeHeld(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(draftFacts)
	v := listingVarsOf(t)
	said := readSaid(&Heard{Event: Event{Kind: Text, Text: v.Held.Caption}})
	said.photos = v.Held.Photos
	v.Held = nil
	return Result{}, take(ctx, t, f, said)
}

// takeGoods begins a draft with what was sent, or adds it to the one it belongs to.
func takeGoods(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(draftFacts)
	listingVarsOf(t).Album = t.Heard.Album
	return Result{}, take(ctx, t, f, f.said)
}

// photoFollows is how long after its words a photo that says nothing is still theirs.
const photoFollows = time.Hour

// take finds the draft that the words and photos are about: the one that is being asked about, or one that waits for its photo or
// for its words; else a new one. A draft of other goods is kept for later.
func take(ctx context.Context, t *Turn, f draftFacts, said saidOfGoods) error {
	v := listingVarsOf(t)
	d, found := f.draft, f.open
	if !found {
		d, found = belongsTo(f.drafts, f.coop, said, t.Now)
	}
	if found && said.names() && len(d.Content.Title) > 0 && !isCalled(d.Content, said.caption.Title) {
		t.Say("listing.other_kept", locales.Args{"title": draftName(t, d.Content)})
		found = false
	}
	if !found {
		d = catalog.Listing{CooperativeID: f.coop, PersonID: t.PersonID()}
		if f.draft.ID != 0 {
			d.CooperativeID = f.draft.CooperativeID
		}
		album := v.Album
		*v = listingVars{Coop: v.Coop, Album: album}
	}
	if err := merge(ctx, t, &d.Content, said); err != nil {
		return err
	}
	split := splitSame(&d.Content, said.caption)
	if err := keepDraft(ctx, t, &d); err != nil {
		return err
	}
	v.Draft = d.ID
	for _, other := range split { // two qualities of one size: each is a listing of its own
		if _, err := catalog.OpenDraft(ctx, t.Tx, d.CooperativeID, t.PersonID(), other, t.Now); err != nil {
			return err
		}
		t.Say("listing.split", locales.Args{"title": draftName(t, other)})
	}
	if missingOf(d.Content, v) != "" {
		sayUnderstood(t, d.Content)
	}
	return nil
}

// belongsTo finds the draft that waits for what was sent.
func belongsTo(drafts []catalog.Listing, coop int64, said saidOfGoods, now time.Time) (catalog.Listing, bool) {
	for _, d := range drafts { // the one touched last first
		if d.CooperativeID != coop {
			continue
		}
		c := d.Content
		switch {
		case said.names() && len(c.Title) == 0, // a photo that waits for its words
			said.names() && isCalled(c, said.caption.Title),
			!said.names() && len(said.photos) > 0 && len(c.Media) == 0 && now.Sub(d.UpdatedAt) < photoFollows,
			!said.names() && len(said.photos) > 0 && len(c.Title) == 0:
			return d, true
		}
	}
	return catalog.Listing{}, false
}

// isCalled tells whether a draft's goods go by this name, in any language.
func isCalled(c catalog.Content, name string) bool {
	for _, title := range c.Title {
		if catalog.SameGoods(title, name) {
			return true
		}
	}
	return slices.ContainsFunc(c.Aliases, func(alias string) bool { return catalog.SameGoods(alias, name) })
}

// keepDraft saves a draft, or opens it where it is new.
func keepDraft(ctx context.Context, t *Turn, d *catalog.Listing) error {
	if d.ID != 0 {
		return catalog.SaveDraft(ctx, t.Tx, *d, t.Now)
	}
	opened, err := catalog.OpenDraft(ctx, t.Tx, d.CooperativeID, d.PersonID, d.Content, t.Now)
	d.ID = opened.ID
	return err
}

// merge takes what was said over into what a draft says already.
func merge(ctx context.Context, t *Turn, c *catalog.Content, said saidOfGoods) error {
	c.Media = append(c.Media, said.photos...)
	if !said.listed {
		return nil
	}
	caption := said.caption
	c.Caption = strings.TrimSpace(c.Caption + "\n" + locales.StripControls(said.text))
	if len(c.Title) == 0 && caption.Title != "" {
		if err := nameDraft(ctx, t, c, caption.Title); err != nil {
			return err
		}
	}
	mergePacks(c, caption)
	if caption.MadeToOrder && c.LeadDays == 0 {
		c.LeadDays = usualLead
	}
	if caption.LeadDays > 0 {
		c.LeadDays = min(caption.LeadDays, 365)
	}
	if s := caption.Season; s != nil && s.From != 0 {
		c.SeasonFrom = nextMonth(t.local(t.Now, ""), s.From).Format(time.DateOnly)
	}
	v := listingVarsOf(t)
	switch r := caption.Range; {
	case r != nil && r.HighCentimes > 0:
		v.Prices = []int64{r.LowCentimes, r.HighCentimes}
	case r != nil:
		v.Prices = []int64{r.LowCentimes}
	case len(said.prices) == 2 && len(caption.Packs) == 1 && len(caption.Tiers) == 0 && caption.WasCentimes == nil:
		v.Prices = said.prices
	}
	return nil
}

// usualLead is in how many days goods are made that are made to order, where that was not said.
const usualLead = 7

func nextMonth(now time.Time, month time.Month) time.Time {
	first := time.Date(now.Year(), month, 1, 0, 0, 0, 0, now.Location())
	if first.Before(now) {
		first = first.AddDate(1, 0, 0)
	}
	return first
}

// mergePacks lets packs of the same size be changed, fills what is missing, and adds the others.
func mergePacks(c *catalog.Content, caption listing.Caption) {
	before := len(c.Packs)
	for _, said := range caption.Packs {
		pack := packSaidOf(said, caption)
		at := slices.IndexFunc(c.Packs[:before], func(p catalog.Pack) bool { return p.Amount == pack.Amount && p.Unit == pack.Unit })
		if at < 0 && before > 0 && (pack.Amount == "" || before == 1 && c.Packs[0].Amount == "") {
			at = 0 // a price without a size is of the pack that is there
		}
		if at < 0 {
			c.Packs = append(c.Packs, pack)
			continue
		}
		fill(&c.Packs[at], pack)
	}
	if len(c.Packs) == 0 {
		return
	}
	for _, tier := range caption.Tiers {
		c.Packs[0].Tiers = append(c.Packs[0].Tiers, catalog.Tier{From: tier.From, Price: tier.PriceCentimes})
	}
}

func packSaidOf(said listing.Pack, caption listing.Caption) catalog.Pack {
	p := catalog.Pack{Amount: said.Amount, Unit: string(said.Unit), Stock: said.Stock, ByWeight: caption.ByWeight}
	if said.Amount == "" {
		p.Unit = ""
	}
	if said.PriceCentimes != nil {
		p.Price = *said.PriceCentimes
	}
	return p
}

func fill(p *catalog.Pack, said catalog.Pack) {
	if said.Amount != "" {
		p.Amount, p.Unit = said.Amount, said.Unit
	}
	if said.Price != 0 {
		p.Price = said.Price
	}
	if said.Stock != nil {
		p.Stock = said.Stock
	}
	p.ByWeight = p.ByWeight || said.ByWeight
}

// splitSame parts packs of one size that differ by quality only ("calibre jumbo 120 dh/kg, calibre moyen 90 dh/kg"): the first stays,
// the others are listings of their own, named after their quality.
func splitSame(c *catalog.Content, caption listing.Caption) (others []catalog.Content) {
	if len(caption.Packs) != len(c.Packs) || len(c.Packs) < 2 {
		return nil
	}
	kept := c.Packs[:1]
	for i, p := range c.Packs[1:] {
		if p.Amount == "" || p.Amount != c.Packs[0].Amount || p.Unit != c.Packs[0].Unit {
			kept = append(kept, p)
			continue
		}
		other := *c
		other.Media, other.Packs = nil, []catalog.Pack{p}
		other.Title = renamed(c.Title, caption.Packs[i+1].Label, i+2)
		others = append(others, other)
	}
	if len(others) > 0 {
		c.Packs = slices.Clone(kept)
		if label := caption.Packs[0].Label; label != "" {
			c.Title = renamed(c.Title, label, 1)
		}
	}
	return others
}

func renamed(title catalog.Words, label string, n int) catalog.Words {
	if label == "" {
		label = fmt.Sprint(n)
	}
	kind, _, _ := strings.Cut(label, " ") // "calibre moyen" takes the place of "calibre jumbo"
	longer := catalog.Words{}
	for lang, name := range title {
		name, _, _ = strings.Cut(name, " "+kind+" ")
		longer[lang] = name + " " + label
	}
	return longer
}

// nameDraft gives a draft its title in the language of the words, suggests the other one, and finds its shelf.
func nameDraft(ctx context.Context, t *Turn, c *catalog.Content, name string) error {
	name = cutTitle(capital(strings.TrimSpace(locales.StripControls(name))))
	suggested, shelf, err := suggestFor(ctx, t, name)
	if err != nil {
		return err
	}
	before := c.Title
	c.Title, c.Unreviewed = catalog.Words{}, nil
	own := string(locales.French)
	if hasArabic(name) {
		own = string(locales.Arabic)
	}
	c.Title[own] = name
	if isArabizi(name) && suggested["fr"] != "" && suggested["ar"] != "" { // nobody reads a shelf in chat letters: the goods' own names, theirs beside them
		c.Title = suggested
		c.Unreviewed = []string{string(locales.French), string(locales.Arabic)}
		c.Aliases = append(c.Aliases, name)
	}
	for _, lang := range []string{string(locales.French), string(locales.Arabic)} {
		other := suggested[lang]
		if other == "" { // of the name before: it may still do
			other = before[lang]
		}
		if c.Title[lang] == "" && other != "" {
			c.Title[lang] = other
			c.Unreviewed = append(c.Unreviewed, lang)
		}
	}
	if c.Category == "" {
		c.Category = shelf
	}
	return nil
}

// suggestFor looks for what goods of this name are called in both languages, and where they stand: by the book of goods, else by
// goods of that name that are sold already.
func suggestFor(ctx context.Context, t *Turn, name string) (catalog.Words, string, error) {
	titles := catalog.Words{}
	switch {
	case hasArabic(name):
		titles["fr"], _ = catalog.SuggestTitle(name, locales.Arabic, locales.French)
	case isArabizi(name):
		if titles["ar"], _ = catalog.SuggestTitle(name, locales.French, locales.Arabic); titles["ar"] != "" {
			titles["fr"], _ = catalog.SuggestTitle(titles["ar"], locales.Arabic, locales.French)
		}
	default:
		titles["ar"], _ = catalog.SuggestTitle(name, locales.French, locales.Arabic)
	}
	if titles["fr"] == "" && titles["ar"] == "" {
		like, err := catalog.TitleLike(ctx, t.Tx, name, t.Now)
		if err != nil {
			return nil, "", err
		}
		titles = like
	}
	shelf, err := shelfFor(ctx, t, name)
	return titles, shelf, err
}

// shelfFor is where goods of this name belong, "" where nobody knows.
func shelfFor(ctx context.Context, t *Turn, name string) (string, error) {
	shelves, err := catalog.AllShelves(ctx, t.Tx)
	if err != nil {
		return "", err
	}
	if id, _, ok := catalog.Classify(name); ok && slices.ContainsFunc(shelves, func(s catalog.Shelf) bool { return s.ID == id }) {
		return id, nil
	}
	return catalog.ShelfLike(ctx, t.Tx, name)
}

func hasArabic(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Arabic, r) })
}

// isArabizi tells Darija in Latin letters by the digits that stand for sounds.
func isArabizi(s string) bool {
	for _, token := range locales.Tokens(s) {
		if token.Kind == locales.WordToken && strings.ContainsAny(token.Text, "23579") && strings.ContainsFunc(token.Text, unicode.IsLetter) {
			return true
		}
	}
	return false
}

func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

func cutTitle(s string) string {
	if runes := []rune(s); len(runes) > catalog.MaxTitle {
		return strings.TrimSpace(string(runes[:catalog.MaxTitle]))
	}
	return s
}
