package flows

import (
	"context"
	"errors"
	"strconv"

	"souk/catalog"
	"souk/internal/sorry"
	"souk/locales"
	"souk/orders"
)

// hold keeps the goods for half an hour before the review is shown. What changed since the buyer saw it is said first; what cannot
// be held sends back to the cart, which says why.
func (o ordering) hold(ctx context.Context, t *Turn) (Result, error) {
	if err := settleCart(ctx, t); err != nil {
		return Result{}, err
	}
	p, err := o.shop.Hold(ctx, t.Tx, t.PersonID(), t.Now)
	var short *orders.Short
	if errors.As(err, &short) {
		return Otherwise("", nil)
	}
	if sorry.Is(err, "order.cart_empty") {
		return Otherwise("", nil) // the cart says what left it
	}
	if refusal, ok := sorry.As(err); ok {
		return Otherwise("sorry."+refusal.Key, locales.Args(refusal.Args))
	}
	if err != nil {
		return Result{}, err
	}
	vars(t).Purchase = p.ID
	keepPurchase(t, p)
	return Done()
}

// purchase is one by its id.
func purchase(ctx context.Context, t *Turn, id int64) (orders.Purchase, error) {
	return once(ctx, t, purchaseKey(id), func(ctx context.Context) (orders.Purchase, error) {
		return orders.Load(ctx, t.Tx, id)
	})
}

func keepPurchase(t *Turn, p orders.Purchase) { keep(t, purchaseKey(p.ID), p) }

func purchaseKey(id int64) string { return "purchase " + strconv.FormatInt(id, 10) }

// askReview shows the whole sum before the yes.
func askReview(ctx context.Context, t *Turn) error {
	p, err := purchase(ctx, t, vars(t).Purchase)
	if err != nil {
		return err
	}
	if !t.Again {
		sayLines(t, p)
	}
	if err := saySum(ctx, t, p, "review.sum_home", "review.sum_relay"); err != nil {
		return err
	}
	t.Ask(Question{Text: t.Text("review.ask", nil), List: t.Text("review.list", nil), Choices: []Choice{
		{Key: "yes", Label: t.Text("review.yes", nil)},
		{Key: "change", Label: t.Text("review.change", nil)},
		{Key: "place", Label: t.Text("review.place", nil)},
		{Key: "another", Label: t.Text("review.another", nil)},
	}})
	return nil
}

func sayLines(t *Turn, p orders.Purchase) {
	for _, part := range p.Parts {
		for _, l := range part.Lines {
			t.Say("basket.line", lineArgs(t, l.Title, l.PackAmount, l.PackUnit, l.Kept, l.Total()))
			if !l.ReadyOn.IsZero() {
				t.Say("ready.line", locales.Args{"day": l.ReadyOn})
			}
		}
	}
}

// saySum says goods + delivery = total and where: "240 + 20 livraison = 260 dh au retrait, Épicerie Hassan".
func saySum(ctx context.Context, t *Turn, p orders.Purchase, home, relay string) error {
	phone := t.Text("review.phone", locales.Args{"phone": locales.Phone(p.ReceiverPhone)})
	if p.ReceiverName != "" {
		phone = t.Text("review.phone_of", locales.Args{"name": p.ReceiverName, "phone": locales.Phone(p.ReceiverPhone)})
	}
	args := locales.Args{"call": locales.Rendered(phone), "code": p.Code, "goods": bareMoney(t, p.GoodsTotal), "fee": bareMoney(t, p.DeliveryFee), "total": locales.Dirhams(p.Total())}
	if p.Delivery == orders.ToHome {
		town, err := townOf(ctx, t, p.TownID)
		if err != nil {
			return err
		}
		args["place"] = locales.Rendered(t.Text("place.at_home", locales.Args{"address": p.HomeAddress, "town": town.Name.In(string(t.lang))}))
		t.Say(home, args)
		return nil
	}
	r, err := orders.FindRelay(ctx, t.Tx, p.RelayID)
	if err != nil {
		return err
	}
	lang := string(t.lang)
	args["place"], args["address"], args["hours"] = catalog.Words(r.Name).In(lang), catalog.Words(r.Address).In(lang), catalog.Words(r.Hours).In(lang)
	t.Say(relay, args)
	return nil
}

// bareMoney is a number of dirhams without the currency, which stands once, at the end of the sum.
func bareMoney(t *Turn, centimes int64) string {
	return t.e.words.BareMoney(t.lang, locales.Dirhams(centimes))
}

// place turns the yes into an order. Where it can no longer be had as agreed, holding says what changed and shows the review anew.
func (o ordering) place(ctx context.Context, t *Turn) (Result, error) {
	p, err := o.shop.Place(ctx, t.Tx, vars(t).Purchase, t.Now)
	var changed *orders.Changed
	if errors.As(err, &changed) {
		return Otherwise("review.changed", nil)
	}
	if err != nil {
		return Result{}, err
	}
	t.notices = true
	// Who receives was said for this purchase; the next one is the buyer's own again.
	if err := orders.SetReceiver(ctx, t.Tx, t.PersonID(), "", "", t.Now); err != nil {
		return Result{}, err
	}
	keepPurchase(t, p)
	return Done()
}

func change() When {
	return word("change", func(h *Heard) bool { return h.Choice == "change" || h.Means(No) && isShort(h.Text) })
}

// release gives the goods back to the shelf; the cart stays as it is.
func release(ctx context.Context, t *Turn) (Result, error) { return Result{}, releaseHold(ctx, t) }

func releaseHold(ctx context.Context, t *Turn) error {
	held, ok, err := orders.HeldBy(ctx, t.Tx, t.PersonID())
	if err != nil || !ok {
		return err
	}
	vars(t).Purchase = 0
	return orders.Release(ctx, t.Tx, held.ID, t.Now)
}

func forgetPlace(ctx context.Context, t *Turn) (Result, error) {
	v := vars(t)
	v.Town, v.Elsewhere, v.Near = "", true, nil
	if err := releaseHold(ctx, t); err != nil {
		return Result{}, err
	}
	return Result{}, orders.ForgetPlace(ctx, t.Tx, t.PersonID(), t.Now)
}

// sayReceipt is what the buyer keeps.
func sayReceipt(ctx context.Context, t *Turn) error {
	p, err := purchase(ctx, t, vars(t).Purchase)
	if err != nil {
		return err
	}
	t.Say("receipt.placed", locales.Args{"code": p.Code})
	if t.In.Medium != locales.Plain {
		sayLines(t, p)
	} else {
		for _, part := range p.Parts { // the lines cost too much; the day is a promise
			if ready := readyOn(part); !ready.IsZero() {
				t.Say("ready.line", locales.Args{"day": ready})
			}
		}
	}
	if err := saySum(ctx, t, p, "receipt.sum_home", "receipt.sum_relay"); err != nil {
		return err
	}
	if len(p.Parts) > 1 {
		t.Say("receipt.parts", locales.Args{"Count": len(p.Parts)})
	}
	t.Say("receipt.next", locales.Args{"code": p.Code})
	t.Offer("track:"+p.Code, t.Text("receipt.track", nil))
	return nil
}
