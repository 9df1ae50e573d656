package flows

import (
	"context"
	"errors"

	"souk/internal/sorry"
	"souk/locales"
	"souk/orders"
)

// packsByWeight fits "it is packed" of an order of which something must be weighed first.
func packsByWeight() When {
	return fact("packsByWeight", func(_ *Heard, f opening) bool {
		return f.found && f.verb == "packed" && !f.asking && f.order.open() && nextWeighed(f.part, 0) < len(f.part.Lines)
	})
}

func beginPacking(_ context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(opening)
	*rvars(t) = receivedVars{Part: f.part.ID, Line: nextWeighed(f.part, 0)}
	return Done()
}

func nextWeighed(part orders.Part, from int) int {
	for i := from; i < len(part.Lines); i++ {
		if part.Lines[i].ByWeight && part.Lines[i].Kept > 0 {
			return i
		}
	}
	return len(part.Lines)
}

func packOrder(ctx context.Context, t *Turn) (Result, error) {
	v := rvars(t)
	o, err := loadOrder(ctx, t, v.Part)
	if err != nil {
		return Result{}, err
	}
	var m orders.Move
	actor, err := acting(ctx, t, o.part)
	if err == nil {
		m, err = orders.Pack(ctx, t.Tx, v.Part, actor, v.Given, t.Now)
	}
	if refusal, ok := sorry.As(err); ok {
		t.Say("sorry."+refusal.Key, locales.Args(refusal.Args))
		return Done()
	}
	var missing *orders.Unweighed
	if errors.As(err, &missing) { // the order changed while it was being weighed
		t.Say("received.unknown", nil)
		return Done()
	}
	if err != nil {
		return Result{}, err
	}
	t.notices = true
	args := locales.Args{"code": m.Part.Code, "total": locales.Dirhams(m.Part.GoodsTotal)}
	switch {
	case m.Already:
		return Result{}, sayAlready(ctx, t, m)
	case m.Asked != nil:
		args["total"], args["more"], args["until"] = locales.Dirhams(m.Asked.Total()), locales.Dirhams(m.Asked.Total()-m.Part.GoodsTotal), until(m)
		t.Say("weigh.asked", args)
	default:
		t.Say("received.packed", args)
	}
	return Done()
}

type weighing struct {
	order
	line  orders.Line
	last  bool
	grams int64
}

func readWeight(ctx context.Context, t *Turn, h *Heard) (any, error) {
	v := rvars(t)
	o, err := loadOrder(ctx, t, v.Part)
	f := weighing{order: o}
	if err != nil || !o.found || v.Line >= len(o.part.Lines) {
		return f, err
	}
	f.line, f.last = o.part.Lines[v.Line], nextWeighed(o.part, v.Line+1) >= len(o.part.Lines)
	f.grams, _ = f.line.ReadGrams(h.Typed())
	return f, nil
}

func askWeight(_ context.Context, t *Turn) error {
	f, _ := t.Facts.(weighing)
	t.Ask(Question{Text: t.Text("weigh.ask", locales.Args{"n": f.line.Kept, "what": whatOf(t, f.line.Title, f.line.PackAmount, f.line.PackUnit),
		"announced": weightOf(f.line.AnnouncedGrams())}), Choices: []Choice{{Key: "back", Label: t.Text("list.back", nil)}}})
	return nil
}

// weightOf is a weight in the unit in which it is said.
func weightOf(grams int64) locales.Quantity {
	if grams >= 1000 {
		return locales.Quantity{Amount: float64(grams) / 1000, Unit: locales.Kilogram}
	}
	return locales.Quantity{Amount: float64(grams), Unit: locales.Gram}
}

func weighsMore() When {
	return number("weighsSome", "weight", func(_ *Heard, f weighing) bool { return f.grams > 0 && !f.last })
}

func weighsLast() When {
	return number("weighsLast", "weight", func(_ *Heard, f weighing) bool { return f.grams > 0 && f.last })
}

func weighLine(ctx context.Context, t *Turn) (Result, error) {
	r, err := weighLast(ctx, t)
	f, _ := t.Facts.(weighing)
	rvars(t).Line = nextWeighed(f.part, rvars(t).Line+1)
	return r, err
}

func weighLast(_ context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(weighing)
	if !f.line.Plausible(f.grams) {
		return Result{}, sorry.New("part.weight_far", map[string]any{"Weight": weightOf(f.grams), "Announced": weightOf(f.line.AnnouncedGrams())})
	}
	rvars(t).Given = withLine(rvars(t).Given, f.line.ID, f.grams)
	return Done()
}

func noWeight() When {
	return fact("noWeight", func(h *Heard, _ weighing) bool { return isBareNumber(h.Typed()) || h.Typed() != "" && h.Means(Unknown) })
}

func sayNoWeight(_ context.Context, t *Turn) (Result, error) {
	return Result{}, sorry.New("part.weight_unread", nil)
}
