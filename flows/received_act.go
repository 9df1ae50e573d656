package flows

import (
	"context"

	"souk/catalog"
	"souk/internal/sorry"
	"souk/locales"
	"souk/orders"
	"souk/people"
)

// acting is who acts for an order's cooperative, checked inside the action: a member who was removed meanwhile is refused.
func acting(ctx context.Context, t *Turn, part orders.Part) (catalog.Actor, error) {
	return catalog.MayAct(ctx, t.Tx, t.PersonID(), part.CooperativeID)
}

func acceptOrder(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(opening)
	actor, err := acting(ctx, t, f.part)
	if err != nil {
		return Result{}, err
	}
	m, err := orders.Accept(ctx, t.Tx, f.part.ID, actor, t.Now)
	if err != nil {
		return Result{}, err
	}
	if m.Already {
		return Result{}, sayAlready(ctx, t, m)
	}
	t.notices = true
	t.Say("received.accepted", locales.Args{"code": m.Part.Code})
	if err := sayWhere(ctx, t, m.Purchase, m.Part); err != nil {
		return Result{}, err
	}
	offerPacked(t, m.Part)
	return Result{}, offerSummary(ctx, t)
}

// offerPacked is the button, and on SMS the words, for "it is packed".
func offerPacked(t *Turn, part orders.Part) {
	t.Say("received.when_packed", locales.Args{"code": part.Code})
	t.Offer("packed:"+part.Code, t.Text("received.do.packed", nil))
}

// sayAlready says kindly that an order has gone its way before, and who saw to it.
func sayAlready(ctx context.Context, t *Turn, m orders.Move) error {
	args := locales.Args{"code": m.Part.Code, "status": statusWord(t, m.Part.Status)}
	person, err := t.Person(ctx)
	if err != nil {
		return err
	}
	args["at"] = locales.Date{Time: t.local(m.At, person.TimeZone), Style: locales.DayTime}
	switch {
	case m.By == t.PersonID():
		t.Say("received.already_you", args)
	case m.By != 0 && m.By != m.Purchase.PersonID:
		by, err := people.Load(ctx, t.Tx, m.By)
		if err != nil {
			return err
		}
		if args["by"] = by.Name; by.Name == "" {
			args["by"] = locales.Rendered(t.Text("received.a_member", nil))
		}
		t.Say("received.already_by", args)
	default:
		t.Say("received.already", args)
	}
	if m.Part.Status == orders.Accepted {
		offerPacked(t, m.Part)
	}
	return nil
}

// a part of it

func beginPart(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(opening)
	if !f.open() {
		return over(ctx, t, f.order)
	}
	*rvars(t) = receivedVars{Part: f.part.ID, Given: map[int64]int64{}}
	return Done()
}

// open tells that a member can still change the order.
func (o order) open() bool { return o.part.Status == orders.Placed || o.part.Status == orders.Accepted }

// over sends to the end, where it is said why. What Otherwise says is one key; how an order stands needs more.
func over(ctx context.Context, t *Turn, f order) (Result, error) {
	m, err := orders.Standing(ctx, t.Tx, f.part.ID)
	if err != nil {
		return Result{}, err
	}
	person, err := t.Person(ctx)
	if err != nil {
		return Result{}, err
	}
	return Otherwise("received.already", locales.Args{"code": m.Part.Code, "status": statusWord(t, m.Part.Status),
		"at": locales.Date{Time: t.local(m.At, person.TimeZone), Style: locales.DayTime}})
}

// kept is what "how many can you send" looks at.
type kept struct {
	order
	line     orders.Line
	last     bool
	quantity int64 // -1: nothing was said
}

func readKept(ctx context.Context, t *Turn, h *Heard) (any, error) {
	v := rvars(t)
	o, err := loadOrder(ctx, t, v.Part)
	f := kept{order: o, quantity: -1}
	if err != nil || !o.found || v.Line >= len(o.part.Lines) {
		return f, err
	}
	f.line, f.last = o.part.Lines[v.Line], v.Line == len(o.part.Lines)-1
	if n, ok := keyedID(h.Choice, "n:"); ok {
		f.quantity = n
	} else if n, ok := packsOf(h.Typed(), catalog.Variant{PackAmount: f.line.PackAmount, PackUnit: f.line.PackUnit}); ok {
		f.quantity = n
	}
	return f, nil
}

func askKept(_ context.Context, t *Turn) error {
	f, _ := t.Facts.(kept)
	q := Question{Text: t.Text("received.how_many", locales.Args{"n": f.line.Kept, "what": whatOf(t, f.line.Title, f.line.PackAmount, f.line.PackUnit)})}
	for n := max(f.line.Kept-2, 0); n <= f.line.Kept; n++ {
		q.Choices = append(q.Choices, Choice{Key: "n:" + itoa(n), Label: itoa(n)})
	}
	t.Ask(q)
	return nil
}

func keepsTooMany() When {
	return number("keepsTooMany", "quantity", func(_ *Heard, f kept) bool { return f.quantity > f.line.Kept })
}

func sayTooMany(_ context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(kept)
	return Result{}, sorry.New("part.too_many", map[string]any{"Max": f.line.Kept})
}

func keepsMore() When {
	return number("keepsSome", "quantity", func(_ *Heard, f kept) bool { return f.quantity >= 0 && !f.last })
}

func keepLine(_ context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(kept)
	v := rvars(t)
	v.Given, v.Line = withLine(v.Given, f.line.ID, f.quantity), v.Line+1
	return Done()
}

func withLine(given map[int64]int64, line, n int64) map[int64]int64 {
	if given == nil {
		given = map[int64]int64{}
	}
	given[line] = n
	return given
}

func keepsLast() When {
	return number("keepsLast", "quantity", func(_ *Heard, f kept) bool { return f.quantity >= 0 && f.last })
}

// keepAll asks the buyer about what can be sent; where that is nothing, a reason is asked for.
func keepAll(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(kept)
	v := rvars(t)
	v.Given = withLine(v.Given, f.line.ID, f.quantity)
	actor, err := acting(ctx, t, f.part)
	if err != nil {
		return Result{}, err
	}
	m, err := orders.AcceptPart(ctx, t.Tx, v.Part, actor, v.Given, t.Now)
	if sorry.Is(err, "part.nothing_left") {
		return Otherwise("", nil)
	}
	if err != nil {
		return Result{}, err
	}
	t.notices = true
	switch {
	case m.Already:
		return Result{}, sayAlready(ctx, t, m)
	case m.Asked == nil:
		t.Say("received.accepted", locales.Args{"code": m.Part.Code})
		offerPacked(t, m.Part)
	default:
		t.Say("received.asked", locales.Args{"code": m.Part.Code, "total": locales.Dirhams(m.Asked.Total()), "until": until(m)})
	}
	return Done()
}

// until is when the buyer's time to answer ends.
func until(m orders.Move) locales.Date {
	return locales.Date{Time: m.Asked.ExpiresAt.In(people.Zone(people.DefaultZone)), Style: locales.DayTime}
}

func putOff(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(opening)
	actor, err := acting(ctx, t, f.part)
	if err != nil {
		return Result{}, err
	}
	m, at, err := orders.Later(ctx, t.Tx, f.part.ID, actor, t.Now)
	if err != nil {
		return Result{}, err
	}
	if m.Already {
		return Result{}, sayAlready(ctx, t, m)
	}
	person, err := t.Person(ctx)
	if err != nil {
		return Result{}, err
	}
	t.Say("received.later", locales.Args{"code": f.part.Code, "at": locales.Date{Time: t.local(at, person.TimeZone), Style: locales.DayTime}})
	return Done()
}

// packing
