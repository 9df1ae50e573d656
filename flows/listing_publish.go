package flows

import (
	"context"
	"strings"
	"time"

	"souk/catalog"
	"souk/locales"
	"souk/people"
)

// publishes fits a yes to the card of the draft.
func publishes() When {
	return word("publishes", func(h *Heard) bool {
		if h.Choice == "publish" || isShort(h.Text) && h.Means(Yes) {
			return true
		}
		switch locales.Normalise(h.Typed()) {
		case "publier", "publie", "publiez", "نشر", "انشر", "نشرها", "نشرو", "nchr", "nachr", "publi":
			return true
		}
		return false
	})
}

// publish puts the draft up for sale, and says first what is so now: on sale, or what it waits for and until when.
func publish(ctx context.Context, t *Turn) (Result, error) {
	d, err := catalog.LoadDraft(ctx, t.Tx, listingVarsOf(t).Draft)
	if err != nil {
		return Result{}, err
	}
	p, err := catalog.Publish(ctx, t.Tx, d.ID, catalog.Actor{PersonID: t.PersonID()}, t.Now)
	if err != nil {
		return Result{}, err
	}
	sayPublished(t, p, len(d.Content.Media) > 0)
	drafts, err := catalog.OpenDrafts(ctx, t.Tx, t.PersonID(), t.Now)
	for _, d := range drafts {
		t.Offer("draft:"+itoa(d.ID), "📝 "+draftName(t, d.Content))
	}
	return Result{}, err
}

func sayPublished(t *Turn, p catalog.Publication, photo bool) {
	args := locales.Args{"title": p.Title.In(string(t.lang)), "code": p.Code}
	switch {
	case p.Updated && p.OnSale():
		t.Say("listing.updated", args)
	case p.Updated:
		t.Say("listing.updated_off", args)
	case p.OnSale():
		t.Say("listing.on_sale", args)
	default:
		t.Say("listing.waits", args)
	}
	if !p.Updated {
		sayWhyWaits(t, p)
	}
	for _, l := range p.LeftOff {
		t.Say("listing.left_off", locales.Args{"word": l.Word})
	}
	if p.OnSale() {
		if !photo && !p.Updated && t.In.Channel != "sms" {
			t.Say("listing.photo_later", nil)
		}
		t.Offer("share:"+p.Code, t.Text("listing.share", nil))
		t.Offer("see:"+p.Code, t.Text("listing.see", nil))
		return
	}
	if p.NeedsONSSA {
		t.Offer("talk:onssa", t.Text("menu.human", nil))
	}
}

func sayWhyWaits(t *Turn, p catalog.Publication) {
	if p.NeedsONSSA {
		t.Say("listing.needs_onssa", nil)
	}
	until := locales.Args{"when": locales.Date{Time: t.local(p.Promised, ""), Style: locales.DayTime}}
	switch p.Review {
	case catalog.FirstListings:
		t.Say("listing.first_listings", until)
	case catalog.ForbiddenWords:
		for _, found := range p.Forbidden {
			t.Say("listing.forbidden."+found.Reason, locales.Args{"word": found.Word})
		}
		t.Say("listing.looked_at", until)
	case catalog.Reported, catalog.TitleReview:
		t.Say("listing.looked_at", until)
	}
}

// listingNotices are what the reviews of listings have to tell those who sell.
func listingNotices() map[string]Notice {
	return map[string]Notice{
		"listing.published": {Say: tellSeller("listing.told_published")},
		"listing.refused":   {Say: tellSeller("listing.told_refused")},
		"listing.reported":  {Say: tellSeller("listing.told_reported")},
		"listing.later":     {Say: tellSeller("listing.told_later")},
		"document.rejected": {Say: tellDocument},
		"draft.waiting":     {Say: tellWaiting, Enter: "listing"},
		"snapshot.waiting":  {Say: tellPhotoWaits, Enter: "photo"},
	}
}

// tellSeller tells one of those who sell of what became of a listing.
func tellSeller(key string) func(context.Context, *Turn, NoticeArgs) error {
	return func(ctx context.Context, t *Turn, args NoticeArgs) error {
		own, err := catalog.LoadOwn(ctx, t.Tx, args.Int("product"))
		if err != nil {
			return err
		}
		values := locales.Args{"title": own.Title.In(string(t.lang)), "code": own.Code}
		switch key {
		case "listing.told_refused":
			values["note"] = args.Text("note")
		case "listing.told_later", "listing.told_reported":
			values["when"] = locales.Date{Time: t.local(time.Unix(args.Int("promised"), 0), ""), Style: locales.DayTime}
		}
		t.Say(key, values)
		if key == "listing.told_published" {
			t.Offer("share:"+own.Code, t.Text("listing.share", nil))
			t.Offer("see:"+own.Code, t.Text("listing.see", nil))
		}
		return nil
	}
}

func tellDocument(_ context.Context, t *Turn, args NoticeArgs) error {
	t.Say("listing.document_rejected", locales.Args{"number": args.Text("number"), "note": args.Text("note")})
	t.Offer("talk:onssa", t.Text("menu.human", nil))
	return nil
}

// tellWaiting comes back to a listing that was sent in the middle of something else.
func tellWaiting(_ context.Context, t *Turn, _ NoticeArgs) error {
	t.Say("listing.as_promised", nil)
	return nil
}

func tellPhotoWaits(_ context.Context, t *Turn, _ NoticeArgs) error {
	t.Say("photo.as_promised", nil)
	return nil
}

// opensDraft fits a draft's button, and the menu's for selling.
func opensDraft() When {
	return word("opensDraft", func(h *Heard) bool {
		return h.Command == "draft" || h.Command == "go" && h.Argument == "sell"
	})
}

// sellsHere fits what a member sends to sell: a caption with its photo or with its price, the photo that a draft waits for, or a wish
// to sell something. In the middle of something else a photo waits: see photoMeanwhile.
func sellsHere() When {
	return fact("sellsHere", func(h *Heard, _ any) bool {
		return h.seller && (h.Kind != Photo || !h.busy) && (h.captioned || h.waitsFor || h.Means(Sell))
	})
}

// hearSeller finds out whether a member sells, where what was heard looks like it: a photo, a caption, a wish to sell. Everybody
// else's turns read nothing for it.
func (t *Turn) hearSeller(ctx context.Context) error {
	h := t.Heard
	h.busy = len(t.session.Frames) > 1
	var said saidOfGoods
	switch typed := h.Typed(); {
	case h.Choice == "sell" && t.top().Flow == "photo":
	case h.Kind == Photo:
		said = readSaid(h)
		h.captioned = said.listed && said.caption.Title != ""
	case typed == "" || h.isBare():
		return nil
	case strings.ContainsFunc(locales.Digits(typed), isDigit):
		said = readSaid(h)
		h.captioned = said.sells()
		if !h.captioned && !h.Means(Sell) {
			return nil
		}
	case !h.Means(Sell):
		return nil
	}
	coops, err := catalog.MemberOf(ctx, t.Tx, t.PersonID())
	if err != nil || len(coops) == 0 {
		return err
	}
	h.seller = true
	if h.Kind != Photo || h.captioned {
		return nil
	}
	drafts, err := catalog.OpenDrafts(ctx, t.Tx, t.PersonID(), t.Now)
	for _, c := range coops {
		if _, waits := belongsTo(drafts, c.CooperativeID, said, t.Now); waits {
			h.waitsFor = true
		}
	}
	return err
}

// isBare tells a message that is a number and nothing else.
func (h *Heard) isBare() bool { return isBareNumber(h.Text) }

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// photoMeanwhile fits a photo in the middle of something else.
func photoMeanwhile() When {
	return fact("photoMeanwhile", func(h *Heard, _ any) bool { return h.Kind == Photo && h.busy })
}

// keepMeanwhile keeps a photo that came in the middle of something else: what is being asked goes on, and the photo is offered
// afterwards. One with words to sell is a draft already.
func keepMeanwhile(ctx context.Context, t *Turn) (Result, error) {
	h := t.Heard
	question := "rest"
	if p := t.session.Prompt; p != nil {
		question = p.ID
	}
	notice := people.Notice{PersonID: t.PersonID(), Mode: people.Ask, DueAt: t.Now.Add(waitBeforeAsk), ExpiresAt: t.Now.Add(24 * time.Hour)}
	coops, err := catalog.MemberOf(ctx, t.Tx, t.PersonID())
	if err != nil {
		return Result{}, err
	}
	if said := readSaid(h); h.captioned && h.seller && len(coops) == 1 {
		d, err := newDraft(ctx, t, coops[0].CooperativeID, said)
		if err != nil {
			return Result{}, err
		}
		notice.Name, notice.Args, notice.Dedupe = "draft.waiting", map[string]any{"draft": d.ID}, "draft.waiting/"+itoa(d.ID)
		t.Say("listing.kept_meanwhile", locales.Args{"title": draftName(t, d.Content)})
	} else {
		notice.Name, notice.Args = "snapshot.waiting", map[string]any{"since": t.Now.Unix()}
		notice.Dedupe = "snapshot.waiting/" + itoa(t.In.Conversation) + "/" + question
		t.Say("photo.kept_meanwhile", nil)
	}
	return Result{}, people.Notify(ctx, t.Tx, notice, t.Now)
}

// newDraft opens a draft of what was sent, without going into it.
func newDraft(ctx context.Context, t *Turn, coop int64, said saidOfGoods) (catalog.Listing, error) {
	d := catalog.Listing{CooperativeID: coop, PersonID: t.PersonID()}
	outer := t.Vars
	t.Vars = &listingVars{}
	err := merge(ctx, t, &d.Content, said)
	t.Vars = outer
	if err == nil {
		err = keepDraft(ctx, t, &d)
	}
	return d, err
}
