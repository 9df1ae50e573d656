package flows

import (
	"context"
	"errors"
	"maps"

	"github.com/jackc/pgx/v5"

	"souk/catalog"
	"souk/internal/sorry"
	"souk/locales"
	"souk/orders"
)

// notices are the words for what the domains have to tell.
func notices() map[string]Notice {
	all := map[string]Notice{
		"part.accepted":    {Say: tellBuyer("notice.accepted")},
		"part.dispatched":  {Say: tellBuyer("notice.dispatched")},
		"part.at_relay":    {Say: tellBuyer("notice.at_relay")},
		"part.handed_over": {Say: tellBuyer("notice.handed_over")},
		"part.unclaimed":   {Say: tellBuyer("notice.unclaimed")},
		"part.cancelled":   {Say: tellBuyer("notice.cancelled")},
		"back_in_stock":    {Say: tellBack},
	}
	maps.Copy(all, joiningNotices())
	maps.Copy(all, listingNotices())
	maps.Copy(all, receivedNotices())
	maps.Copy(all, askingNotices())
	maps.Copy(all, shopNotices())
	return all
}

// tellMember tells a cooperative's member of an order, with what it is made of.
func tellMember(key string) func(context.Context, *Turn, NoticeArgs) error {
	return func(ctx context.Context, t *Turn, args NoticeArgs) error {
		_, part, err := orders.LoadPart(ctx, t.Tx, args.Int("part"))
		if err != nil {
			return err
		}
		t.Say(key, locales.Args{"code": part.Code, "maker": catalog.Words(part.CooperativeName).In(string(t.lang))})
		sayPartLines(t, part)
		t.Say("notice.part_total", locales.Args{"total": locales.Dirhams(part.Agreed())})
		return nil
	}
}

// tellBuyer tells where one part of a purchase stands, and what is to be done about it.
func tellBuyer(key string) func(context.Context, *Turn, NoticeArgs) error {
	return func(ctx context.Context, t *Turn, args NoticeArgs) error {
		p, part, err := orders.LoadPart(ctx, t.Tx, args.Int("part"))
		if err != nil {
			return err
		}
		values := locales.Args{"code": p.Code, "maker": catalog.Words(part.CooperativeName).In(string(t.lang)), "goods": args.Money("goods"), "less": args.Money("less"), "total": locales.Dirhams(p.Total())}
		if part.Status == orders.AtRelay || part.Status == orders.Unclaimed {
			r, err := orders.FindRelay(ctx, t.Tx, p.RelayID)
			if err != nil && !errors.Is(err, pgx.ErrNoRows) {
				return err
			}
			values["place"], values["hours"] = catalog.Words(r.Name).In(string(t.lang)), catalog.Words(r.Hours).In(string(t.lang))
		}
		says := key
		if part.Status == orders.Rejected && p.Status == orders.Cancelled { // nothing of the purchase is left
			says = "notice.rejected_all"
		}
		t.Say(says, values)
		t.Offer("track:"+p.Code, t.Text("receipt.track", nil))
		return nil
	}
}

// tellBack keeps the promise to say when something is back.
func tellBack(ctx context.Context, t *Turn, args NoticeArgs) error {
	card, pack, err := catalog.CardOfVariant(ctx, t.Tx, args.Int("variant"), t.Now)
	if _, refused := sorry.As(err); refused {
		return nil // gone again: there is nothing to tell
	}
	if err != nil {
		return err
	}
	t.Say("notice.back_in_stock", locales.Args{"what": whatOf(t, card.Title, pack.PackAmount, pack.PackUnit),
		"price": locales.Dirhams(pack.Price), "code": card.Code})
	t.Offer("add:"+card.Code, t.Text("notice.order_it", nil))
	return nil
}

func sayPartLines(t *Turn, part orders.Part) {
	for _, l := range part.Lines {
		sayPartLine(t, part, l)
	}
}

// sayPartLine says what is sent of a line: of a part of which nothing is, what was ordered.
func sayPartLine(t *Turn, part orders.Part, l orders.Line) {
	args := locales.Args{"n": l.Kept, "of": l.Quantity, "what": whatOf(t, l.Title, l.PackAmount, l.PackUnit)}
	switch {
	case part.Status == orders.Rejected || part.Status == orders.Cancelled:
		args["n"] = l.Quantity
		t.Say("track.line", args)
	case l.Kept < l.Quantity:
		t.Say("weight.fewer", args)
	case l.Grams > 0:
		args["weight"] = weightOf(l.Grams)
		t.Say("weight.said", args)
	default:
		t.Say("track.line", args)
	}
}
