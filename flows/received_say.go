package flows

import (
	"context"
	"time"

	"souk/catalog"
	"souk/locales"
	"souk/orders"
	"souk/people"
)

// receivedNotices are the words for what members and buyers hear of an order.
func receivedNotices() map[string]Notice {
	return map[string]Notice{
		"order.new":              {Say: tellNewOrder("seller.new")},
		"order.reminder":         {Say: tellNewOrder("seller.reminder")},
		"order.cancelled":        {Say: tellMember("notice.order_cancelled")},
		"order.partial_agreed":   {Say: tellMemberAnswer("seller.partial_agreed", true)},
		"order.partial_declined": {Say: tellMemberAnswer("seller.partial_declined", true)},
		"order.partial_expired":  {Say: tellMemberAnswer("seller.partial_silent", true)},
		"order.weight_agreed":    {Say: tellMemberAnswer("seller.weight_agreed", false)},
		"order.weight_declined":  {Say: tellMemberAnswer("seller.weight_declined", false)},
		"order.weight_expired":   {Say: tellMemberAnswer("seller.weight_silent", false)},
		"order.summary":          {Say: tellSummary},
		"amendment":              {Say: func(context.Context, *Turn, NoticeArgs) error { return nil }, Enter: "amending"},
		"part.rejected":          {Say: tellRejected},
		"part.weighed":           {Say: tellBuyer("notice.weighed")},
		"part.waiting":           {Say: tellUnanswered},
		"part.partial_silent":    {Say: tellBuyer("notice.partial_silent")},
		"part.weight_silent":     {Say: tellBuyer("notice.weight_silent")},
	}
}

// tellNewOrder says an order as picture, number and words: what, where, when; its buttons work however old they become.
func tellNewOrder(head string) func(context.Context, *Turn, NoticeArgs) error {
	return func(ctx context.Context, t *Turn, args NoticeArgs) error {
		p, part, err := orders.LoadPart(ctx, t.Tx, args.Int("part"))
		if err != nil {
			return err
		}
		if part.Status != orders.Placed { // answered before it could be said
			t.Say("seller.answered", locales.Args{"code": part.Code, "status": statusWord(t, part.Status)})
			return nil
		}
		photo, err := orders.PartPhoto(ctx, t.Tx, part.ID)
		if err != nil {
			return err
		}
		t.Show(photo)
		t.Say(head, locales.Args{"code": part.Code, "n": part.Pieces(), "maker": catalog.Words(part.CooperativeName).In(string(t.lang))})
		sayPartLines(t, part)
		if err := sayWhere(ctx, t, p, part); err != nil {
			return err
		}
		if err := sayWhen(ctx, t, p, part); err != nil {
			return err
		}
		t.Say("seller.total", locales.Args{"total": locales.Dirhams(part.GoodsTotal)})
		t.Say("seller.how", locales.Args{"code": part.Code}) // SMS has no buttons
		for _, c := range answersTo(t, part) {
			t.Offer(c.Key, c.Label)
		}
		return nil
	}
}

// answersTo are the buttons of an order by how it stands. WhatsApp shows three beside a picture; "later" is typed there.
func answersTo(t *Turn, part orders.Part) []Choice {
	var verbs []string
	switch part.Status {
	case orders.Placed:
		verbs = []string{"accept", "part", "refuse"}
		if t.In.Channel != "whatsapp" {
			verbs = append(verbs, "later")
		}
	case orders.Accepted:
		verbs = []string{"packed", "part", "refuse"}
	}
	var choices []Choice
	for _, verb := range verbs {
		choices = append(choices, Choice{Key: verb + ":" + part.Code, Command: true, Label: t.Text("received.do."+verb, nil)})
	}
	return choices
}

// sayWhere says where an order goes. The buyer's own address and number are shown only where the cooperative brings it home, and only
// once it was accepted.
func sayWhere(ctx context.Context, t *Turn, p orders.Purchase, part orders.Part) error {
	lang := string(t.lang)
	if p.Delivery == orders.ToHome {
		town, err := townOf(ctx, t, p.TownID)
		if err != nil {
			return err
		}
		switch part.Status {
		case orders.Accepted, orders.Packed, orders.Dispatched:
			t.Say("seller.home_address", locales.Args{"address": p.HomeAddress, "town": town.Name.In(lang)})
			if p.ReceiverName == "" {
				t.Say("review.phone", locales.Args{"phone": locales.Phone(p.ReceiverPhone)})
			} else {
				t.Say("review.phone_of", locales.Args{"phone": locales.Phone(p.ReceiverPhone), "name": p.ReceiverName})
			}
		default:
			t.Say("seller.home", locales.Args{"town": town.Name.In(lang)})
		}
		return nil
	}
	r, err := orders.FindRelay(ctx, t.Tx, p.RelayID)
	if err != nil {
		return err
	}
	t.Say("seller.relay", locales.Args{"town": catalog.Words(r.Town).In(lang), "place": catalog.Words(r.Name).In(lang)})
	return nil
}

func sayWhen(ctx context.Context, t *Turn, p orders.Purchase, part orders.Part) error {
	person, err := t.Person(ctx)
	if err != nil {
		return err
	}
	if p.PlacedAt != nil {
		t.Say("seller.when", locales.Args{"at": locales.Date{Time: t.local(*p.PlacedAt, person.TimeZone), Style: locales.DayTime}})
	}
	if ready := readyOn(part); !ready.IsZero() {
		t.Say("seller.ready", locales.Args{"day": ready})
	}
	return nil
}

// readyOn is the day on which all of a part can be ready, zero where it can be at once.
func readyOn(part orders.Part) (day time.Time) {
	for _, l := range part.Lines {
		if l.ReadyOn.After(day) {
			day = l.ReadyOn
		}
	}
	return day
}

// askSheet shows an order with what can be done about it.
func askSheet(ctx context.Context, t *Turn) error {
	f, _ := t.Facts.(order)
	q := Question{Text: t.Text("received.next", nil), List: t.Text("review.list", nil)}
	back := Choice{Key: "back", Label: t.Text("received.list", nil)}
	if !f.found {
		t.Say("received.unknown", nil)
		q.Choices = []Choice{back}
		t.Ask(q)
		return nil
	}
	if !t.Again {
		photo, err := orders.PartPhoto(ctx, t.Tx, f.part.ID)
		if err != nil {
			return err
		}
		t.Show(photo)
		pieces, sum := f.part.Pieces(), f.part.GoodsTotal
		if f.part.Status == orders.Rejected || f.part.Status == orders.Cancelled { // what it was about
			pieces, sum = f.part.Ordered(), f.part.Agreed()
		}
		t.Say("received.sheet", locales.Args{"code": f.part.Code, "status": statusWord(t, f.part.Status), "n": pieces,
			"maker": catalog.Words(f.part.CooperativeName).In(string(t.lang))})
		sayPartLines(t, f.part)
		if err := sayWhere(ctx, t, f.purchase, f.part); err != nil {
			return err
		}
		if err := sayWhen(ctx, t, f.purchase, f.part); err != nil {
			return err
		}
		t.Say("seller.total", locales.Args{"total": locales.Dirhams(sum)})
	}
	a, asked, err := orders.OpenAmendment(ctx, t.Tx, f.part.ID)
	if err != nil {
		return err
	}
	if asked {
		t.Say("received.buyer_asked", locales.Args{"until": locales.Date{Time: a.ExpiresAt.In(people.Zone(people.DefaultZone)), Style: locales.DayTime}})
	}
	q.Choices = append(answersTo(t, f.part), back)
	t.Ask(q)
	return nil
}

// tellMemberAnswer tells what a buyer answered. Where packs are missing, the stock may be set to what is really there.
func tellMemberAnswer(key string, recount bool) func(context.Context, *Turn, NoticeArgs) error {
	return func(ctx context.Context, t *Turn, args NoticeArgs) error {
		_, part, err := orders.LoadPart(ctx, t.Tx, args.Int("part"))
		if err != nil {
			return err
		}
		t.Say(key, locales.Args{"code": part.Code, "total": locales.Dirhams(part.GoodsTotal)})
		if part.Status == orders.Accepted || part.Status == orders.Packed {
			sayPartLines(t, part)
		}
		if part.Status == orders.Accepted {
			t.Offer("packed:"+part.Code, t.Text("received.do.packed", nil))
		}
		if recount {
			t.Offer("count:"+part.Code, t.Text("recount.button", nil))
		}
		return nil
	}
}

// alternatives is how many other products a buyer is shown whose order was refused.
const alternatives = 2

// tellRejected tells a buyer kindly that a cooperative cannot, why, and what else there is.
func tellRejected(ctx context.Context, t *Turn, args NoticeArgs) error {
	if err := tellBuyer("notice.rejected")(ctx, t, args); err != nil {
		return err
	}
	_, part, err := orders.LoadPart(ctx, t.Tx, args.Int("part"))
	if err != nil {
		return err
	}
	if reason := args.Text("reason"); reason != "" && reason != string(orders.OtherReason) {
		t.Say("refusal.because."+reason, nil)
	}
	if words := args.Text("words"); words != "" {
		t.Say("refusal.in_words", locales.Args{"words": words})
	}
	others, err := othersLike(ctx, t, part)
	if err != nil || len(others) == 0 {
		return err
	}
	t.Say("refusal.others", nil)
	for _, c := range others {
		t.Say("refusal.other_line", locales.Args{"title": c.Title.In(string(t.lang)), "detail": locales.Rendered(detail(t, c)), "code": c.Code})
		t.Offer("see:"+c.Code, c.Title.In(string(t.lang)))
	}
	return nil
}

// othersLike are products of the same shelf that another cooperative has in stock.
func othersLike(ctx context.Context, t *Turn, part orders.Part) ([]catalog.Card, error) {
	category, err := orders.CategoryOf(ctx, t.Tx, part.Lines[0].VariantID)
	if err != nil {
		return nil, err
	}
	page, _, err := catalog.Browse(ctx, t.Tx, catalog.Scope{Category: category}, catalog.Page{Limit: 8}, t.Now)
	var others []catalog.Card
	for _, c := range page {
		if c.InStock() && c.Cooperative.ID != part.CooperativeID && len(others) < alternatives {
			others = append(others, c)
		}
	}
	return others, err
}

// tellUnanswered tells a buyer honestly that the cooperative has not answered, and what they can do.
func tellUnanswered(ctx context.Context, t *Turn, args NoticeArgs) error {
	p, part, err := orders.LoadPart(ctx, t.Tx, args.Int("part"))
	if err != nil || part.Status != orders.Placed { // it answered meanwhile: that is told by itself
		return err
	}
	t.Say("notice.waiting", locales.Args{"code": p.Code, "maker": catalog.Words(part.CooperativeName).In(string(t.lang))})
	t.Offer("track:"+p.Code, t.Text("receipt.track", nil))
	if p.CanCancel() {
		t.Offer("cancel:"+p.Code, t.Text("track.cancel", nil))
	}
	return nil
}
