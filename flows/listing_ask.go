package flows

import (
	"context"
	"strconv"
	"strings"
	"time"

	"souk/catalog"
	"souk/locales"
)

// later is the way out of every question of a listing; the draft is kept.
func later(t *Turn) Choice { return Choice{Key: "later", Label: t.Text("listing.later", nil)} }

func askGoodsToSell(_ context.Context, t *Turn) error {
	key := "listing.tell"
	if t.In.Channel == "sms" {
		key = "listing.tell_sms"
	}
	if !t.Again && t.Heard.Means(Sell) { // who sells already may mean another cooperative
		t.Offer("apply:other", t.Text("join.another", nil))
	}
	t.Ask(Question{Text: t.Text(key, nil), Choices: []Choice{later(t)}})
	return nil
}

func askName(_ context.Context, t *Turn) error {
	t.Ask(Question{Text: t.Text("listing.ask_name", nil), Choices: []Choice{later(t)}})
	return nil
}

// packName is the pack that a question is about, "" where it has no size yet or is the only one of many words.
func packName(t *Turn, p catalog.Pack) string {
	if p.Amount == "" {
		return ""
	}
	return t.e.words.Quantity(t.lang, packOf(p.Amount, p.Unit))
}

// askedPack is the pack that is asked about.
func askedPack(t *Turn) (catalog.Content, catalog.Pack) {
	f, _ := t.Facts.(draftFacts)
	c := f.draft.Content
	return c, *packAt(&c, listingVarsOf(t).Pack)
}

func askListingPrice(_ context.Context, t *Turn) error {
	c, p := askedPack(t)
	v := listingVarsOf(t)
	q := Question{}
	switch of := packName(t, p); {
	case len(v.Prices) > 0:
		q.Text = t.Text("listing.which_price", nil)
		for _, price := range v.Prices {
			q.Choices = append(q.Choices, Choice{Key: "p:" + itoa(price), Label: t.e.words.Money(t.lang, locales.Dirhams(price))})
		}
	case of != "" && len(c.Packs) > 1:
		q.Text = t.Text("listing.ask_price_of", locales.Args{"pack": of})
	case p.Price != 0:
		q.Text = t.Text("listing.new_price", locales.Args{"price": locales.Dirhams(p.Price)})
	default:
		q.Text = t.Text("listing.ask_price", nil)
	}
	q.Choices = append(q.Choices, later(t))
	t.Ask(q)
	return nil
}

func askListingPack(_ context.Context, t *Turn) error {
	_, p := askedPack(t)
	q := Question{Text: t.Text("listing.ask_pack", nil)}
	if p.Price != 0 {
		q.Text = t.Text("listing.ask_pack_of", locales.Args{"price": locales.Dirhams(p.Price)})
	}
	for i, u := range usualPacks {
		label := t.e.words.Quantity(t.lang, packOf(u.amount, string(u.unit)))
		q.Choices = append(q.Choices, Choice{Key: "u:" + strconv.Itoa(i), Label: label})
	}
	q.Choices = append(q.Choices, later(t))
	t.Ask(q)
	return nil
}

func askStock(_ context.Context, t *Turn) error {
	c, p := askedPack(t)
	q := Question{Choices: []Choice{later(t)}}
	switch of := packName(t, p); {
	case c.LeadDays > 0:
		q.Text = t.Text("listing.ask_can_make", nil)
	case of != "" && (len(c.Packs) > 1 || p.Unit != string(locales.Piece)):
		q.Text = t.Text("listing.ask_stock_of", locales.Args{"pack": of})
	default:
		q.Text = t.Text("listing.ask_stock", nil)
	}
	t.Ask(q)
	return nil
}

// sortPage is how many shelves one list shows, with room for "next" and "later" within WhatsApp's ten.
const sortPage = 7

func askSort(_ context.Context, t *Turn) error {
	f, _ := t.Facts.(draftFacts)
	q := Question{Text: t.Text("listing.ask_shelf", nil), List: t.Text("listing.shelves", nil)}
	from, to, more := pageOf(len(f.shelves), listingVarsOf(t).Page, sortPage)
	for _, s := range f.shelves[from:to] {
		q.Choices = append(q.Choices, Choice{Key: "k:" + s.ID, Label: labelled(t, s.Icon, s.Name.In(string(t.lang)))})
	}
	if more {
		q.Choices = append(q.Choices, Choice{Key: "next", Label: t.Text("list.next", nil)})
	}
	q.Choices = append(q.Choices, later(t))
	t.Ask(q)
	return nil
}

func askOtherTitle(_ context.Context, t *Turn) error {
	f, _ := t.Facts.(draftFacts)
	key := "listing.ask_arabic"
	if otherLang(f.draft.Content) == string(locales.French) {
		key = "listing.ask_french"
	}
	t.Ask(Question{Text: t.Text(key, nil), Choices: []Choice{{Key: "skip", Label: t.Text("listing.skip", nil)}, later(t)}})
	return nil
}

func askDouble(ctx context.Context, t *Turn) error {
	f, _ := t.Facts.(draftFacts)
	own, err := catalog.LoadOwn(ctx, t.Tx, f.twin)
	if err != nil {
		return err
	}
	packs := make([]string, 0, len(own.Packs))
	for _, p := range own.Packs {
		packs = append(packs, t.Text("listing.own_pack", locales.Args{"pack": packOf(p.PackAmount, p.PackUnit), "price": locales.Dirhams(p.Price), "n": p.OnHand}))
	}
	t.Ask(Question{Text: t.Text("listing.double", locales.Args{"title": own.Title.In(string(t.lang)), "code": own.Code,
		"packs": locales.Rendered(strings.Join(packs, "\n"))}), Choices: []Choice{
		{Key: "update", Label: t.Text("listing.update", nil)},
		{Key: "another", Label: t.Text("listing.another", nil)},
		{Key: "drop-this", Label: t.Text("listing.drop", nil)},
	}})
	return nil
}

func askWhichPack(_ context.Context, t *Turn) error {
	f, _ := t.Facts.(draftFacts)
	q := Question{Text: t.Text("listing.which_pack", nil)}
	for i, p := range f.draft.Content.Packs {
		label := packName(t, p)
		if label == "" {
			label = t.e.words.Money(t.lang, locales.Dirhams(p.Price))
		}
		q.Choices = append(q.Choices, Choice{Key: "i:" + strconv.Itoa(i), Label: label})
	}
	q.Choices = append(q.Choices, later(t))
	t.Ask(q)
	return nil
}

// askPublish shows the card of the draft as it was understood, and asks whether that is it.
func askPublish(ctx context.Context, t *Turn) error {
	f, _ := t.Facts.(draftFacts)
	c := f.draft.Content
	if !t.Again {
		if err := showDraft(ctx, t, f.draft); err != nil {
			return err
		}
	}
	q := Question{Text: t.Text("listing.ask_publish", nil), List: t.Text("listing.change", nil)}
	add := func(key, words string) { q.Choices = append(q.Choices, Choice{Key: key, Label: t.Text(words, nil)}) }
	if c.Update {
		q.Text = t.Text("listing.ask_update", nil)
		add("publish", "listing.do_update")
	} else {
		add("publish", "listing.publish")
	}
	add("fix-price", "listing.fix_price")
	add("fix-stock", "listing.fix_stock")
	if !c.Update {
		add("fix-name", "listing.fix_name")
		add("fix-pack", "listing.fix_pack")
		add("fix-shelf", "listing.fix_shelf")
	}
	add("later", "listing.later")
	add("drop-this", "listing.drop")
	t.Ask(q)
	return nil
}

// showDraft is the draft's card: what buyers will see, and what is only ours to say.
func showDraft(ctx context.Context, t *Turn, d catalog.Listing) error {
	c := d.Content
	if c.Update {
		own, err := catalog.LoadOwn(ctx, t.Tx, d.ProductID)
		if err != nil {
			return err
		}
		t.Say("listing.card_own", locales.Args{"title": own.Title.In(string(t.lang)), "code": own.Code})
		sayPacks(t, c)
		sayPictures(t, c)
		return nil
	}
	for _, id := range c.Media { // a picture that is there already is shown
		if photo, err := catalog.FindSentPhoto(ctx, t.Tx, id); err == nil && photo.Key != "" {
			t.Show(photo.Key)
			break
		}
	}
	t.Say("listing.card", locales.Args{"title": c.Title.In(string(t.lang))})
	sayOtherTitle(t, c)
	sayPacks(t, c)
	shelves, err := catalog.AllShelves(ctx, t.Tx)
	if err != nil {
		return err
	}
	for _, s := range shelves {
		if s.ID == c.Category {
			t.Say("listing.card_shelf", locales.Args{"shelf": locales.Rendered(labelled(t, s.Icon, s.Name.In(string(t.lang))))})
		}
	}
	if c.LeadDays > 0 {
		t.Say("listing.card_lead", locales.Args{"Count": c.LeadDays})
	}
	if from, err := time.Parse(time.DateOnly, c.SeasonFrom); err == nil {
		t.Say("listing.card_season", locales.Args{"month": locales.Rendered(t.e.words.Month(t.lang, from.Month()))})
	}
	sayPictures(t, c)
	return nil
}

// sayOtherTitle shows the title in the other language, and whether somebody has still to read it.
func sayOtherTitle(t *Turn, c catalog.Content) {
	other := string(locales.Arabic)
	if t.lang == locales.Arabic {
		other = string(locales.French)
	}
	if c.Title[other] == "" || c.Title[string(t.lang)] == "" || t.In.Medium == locales.Plain { // the other script would double an SMS
		return
	}
	key := "listing.card_other"
	for _, lang := range c.Unreviewed {
		if lang == other {
			key = "listing.card_suggested"
		}
	}
	t.Say(key, locales.Args{"title": c.Title[other]})
}

func sayPacks(t *Turn, c catalog.Content) {
	for _, p := range c.Packs {
		stock := int64(0)
		if p.Stock != nil {
			stock = *p.Stock
		}
		key := "listing.card_pack"
		if p.ByWeight {
			key = "listing.card_weighed"
		}
		t.Say(key, locales.Args{"pack": packOf(p.Amount, p.Unit), "price": locales.Dirhams(p.Price), "n": stock})
		for _, tier := range p.Tiers {
			t.Say("listing.card_tier", locales.Args{"n": tier.From, "price": locales.Dirhams(tier.Price)})
		}
	}
}

func sayPictures(t *Turn, c catalog.Content) {
	if n := len(c.Media); n > 0 {
		t.Say("listing.card_photos", locales.Args{"Count": n})
	} else if t.In.Channel != "sms" && !c.Update {
		t.Say("listing.card_no_photo", nil)
	}
}

// sayUnderstood says in one line what was understood so far, before what is missing is asked for.
func sayUnderstood(t *Turn, c catalog.Content) {
	var parts []string
	if title := c.Title.In(string(t.lang)); title != "" {
		parts = append(parts, title)
	}
	for _, p := range c.Packs {
		var of []string
		if p.Amount != "" {
			of = append(of, packName(t, p))
		}
		if p.Price != 0 && len(listingVarsOf(t).Prices) == 0 {
			of = append(of, t.e.words.Money(t.lang, locales.Dirhams(p.Price)))
		}
		if p.Stock != nil {
			of = append(of, t.Text("listing.understood_stock", locales.Args{"n": *p.Stock}))
		}
		if len(of) > 0 {
			parts = append(parts, strings.Join(of, " "))
		}
	}
	n := len(c.Media)
	if len(parts) == 0 && n > 0 {
		t.Say("listing.photo_in", nil)
		return
	}
	if n > 0 {
		parts = append(parts, t.Text("listing.card_photos", locales.Args{"Count": n}))
	}
	if len(parts) > 0 {
		t.Say("listing.understood", locales.Args{"what": locales.Rendered(strings.Join(parts, " · "))})
	}
}
