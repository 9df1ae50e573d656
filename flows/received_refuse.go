package flows

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"souk/catalog"
	"souk/internal/rows"
	"souk/locales"
	"souk/orders"
)

func beginRefusal(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(opening)
	if !f.open() {
		return over(ctx, t, f.order)
	}
	*rvars(t) = receivedVars{Part: f.part.ID}
	return Done()
}

var reasons = []orders.Reason{orders.OutOfStock, orders.ClosedNow, orders.TooFar, orders.PriceError, orders.OtherReason}

func askReason(_ context.Context, t *Turn) error {
	f, _ := t.Facts.(order)
	q := Question{Text: t.Text("refusal.ask", locales.Args{"code": f.part.Code}), List: t.Text("review.list", nil)}
	for _, r := range reasons {
		q.Choices = append(q.Choices, Choice{Key: string(r), Label: t.Text("refusal.why."+reasonWord(r), nil)})
	}
	q.Choices = append(q.Choices, Choice{Key: "back", Label: t.Text("list.back", nil)})
	t.Ask(q)
	return nil
}

// reasonWord names a reason among the words.
func reasonWord(r orders.Reason) string {
	if r == orders.OtherReason { // a plural's name, which words keep for themselves
		return "mine"
	}
	return string(r)
}

func aReason() When {
	return word("aReason", func(h *Heard) bool { return slices.Contains(reasons, orders.Reason(h.Choice)) })
}

func refuseAsChosen(ctx context.Context, t *Turn) (Result, error) {
	return refuse(ctx, t, orders.Reason(t.Heard.Choice), "")
}

func refuseFor(reason orders.Reason) Action {
	return func(ctx context.Context, t *Turn) (Result, error) { return refuse(ctx, t, reason, "") }
}

func someWords() When {
	return fact("someWords", func(h *Heard, _ order) bool { return strings.TrimSpace(h.Typed()) != "" })
}

func askWords(_ context.Context, t *Turn) error {
	t.Ask(Question{Text: t.Text("refusal.words", nil), Choices: []Choice{{Key: "back", Label: t.Text("list.back", nil)}}})
	return nil
}

func refuseInWords(ctx context.Context, t *Turn) (Result, error) {
	words, _ := catalog.HideContacts(t.Heard.Text)
	return refuse(ctx, t, orders.OtherReason, strings.TrimSpace(words))
}

func refuse(ctx context.Context, t *Turn, reason orders.Reason, words string) (Result, error) {
	o, err := loadOrder(ctx, t, rvars(t).Part)
	if err != nil {
		return Result{}, err
	}
	actor, err := acting(ctx, t, o.part)
	if err != nil {
		return Result{}, err
	}
	m, err := orders.Refuse(ctx, t.Tx, o.part.ID, actor, reason, words, t.Now)
	if err != nil {
		return Result{}, err
	}
	if m.Already {
		if reason == orders.OutOfStock {
			return over(ctx, t, o)
		}
		return Result{}, sayAlready(ctx, t, m)
	}
	t.notices = true
	t.Say("refusal.done", locales.Args{"code": m.Part.Code})
	rvars(t).Line = 0
	return Done()
}

// counting what is really there

type counting struct {
	order
	line     orders.Line
	over     bool
	onHand   int64
	promised int64
	quantity int64
}

func readCount(ctx context.Context, t *Turn, h *Heard) (any, error) {
	v := rvars(t)
	o, err := loadOrder(ctx, t, v.Part)
	f := counting{order: o, quantity: -1}
	if err != nil {
		return nil, err
	}
	if f.over = !o.found || v.Line >= len(o.part.Lines); f.over {
		return f, nil
	}
	f.line = o.part.Lines[v.Line]
	type shelf struct{ OnHand, Allocated int64 }
	s, err := rows.One[shelf](ctx, t.Tx, "look at the shelf", `SELECT on_hand, allocated FROM stock WHERE variant_id = @variant`, rows.Args{"variant": f.line.VariantID})
	f.onHand, f.promised = s.OnHand, s.Allocated
	if n, ok := keyedID(h.Choice, "n:"); ok {
		f.quantity = n
	} else if n, ok := packsOf(h.Typed(), catalog.Variant{PackAmount: f.line.PackAmount, PackUnit: f.line.PackUnit}); ok {
		f.quantity = n
	}
	return f, err
}

func beginCount(_ context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(opening)
	*rvars(t) = receivedVars{Part: f.part.ID}
	return Done()
}

func allCounted() When {
	return fact("allCounted", func(_ *Heard, f counting) bool { return f.over })
}

func askRealCount(_ context.Context, t *Turn) error {
	f, _ := t.Facts.(counting)
	args := locales.Args{"what": whatOf(t, f.line.Title, f.line.PackAmount, f.line.PackUnit), "n": f.onHand, "promised": f.promised}
	key := "recount.ask"
	if f.promised > 0 {
		key = "recount.ask_promised"
	}
	t.Ask(Question{Text: t.Text(key, args), Choices: []Choice{
		{Key: "n:" + strconv.FormatInt(f.promised, 10), Label: strconv.FormatInt(f.promised, 10)},
		{Key: "later", Label: t.Text("recount.later", nil)}}})
	return nil
}

func countsLater() When {
	return word("countsLater", func(h *Heard) bool {
		return h.Choice == "later" || isShort(h.Text) && (h.Means(Back) || h.Means(No) || h.Means(Cancel))
	})
}

func sayCountLater(_ context.Context, t *Turn) (Result, error) {
	t.Say("recount.left", nil)
	return Done()
}

func aRealCount() When {
	return number("aRealCount", "quantity", func(_ *Heard, f counting) bool { return f.quantity >= 0 })
}

func setRealCount(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(counting)
	actor, err := acting(ctx, t, f.part)
	if err != nil {
		return Result{}, err
	}
	if err := catalog.Correct(ctx, t.Tx, f.line.VariantID, f.quantity-f.onHand, catalog.Correction, "", actor.PersonID, t.Now); err != nil {
		return Result{}, err
	}
	t.notices = true
	t.Say("recount.done", locales.Args{"what": whatOf(t, f.line.Title, f.line.PackAmount, f.line.PackUnit), "n": f.quantity - f.promised})
	rvars(t).Line++
	return Done()
}

// putting off
