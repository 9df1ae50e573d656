package flows

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"souk/catalog"
	"souk/internal/rows"
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
		t.Say("received.asked", locales.Args{"code": m.Part.Code, "total": locales.Dirhams(m.Asked.Total()), "until": until(t, m)})
	}
	return Done()
}

// until is when the buyer's time to answer ends.
func until(t *Turn, m orders.Move) locales.Date {
	return locales.Date{Time: m.Asked.ExpiresAt.In(people.Zone(people.DefaultZone)), Style: locales.DayTime}
}

// refusing

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
	return refuse(ctx, t, orders.OtherReason, hideNumbers(t.Heard.Text))
}

// hideNumbers leaves telephone numbers out of what a seller and a buyer say to each other: what goes past Souk is nobody's promise.
func hideNumbers(text string) string {
	var b strings.Builder
	var run []rune
	digits := 0
	flush := func() {
		if digits >= 8 {
			b.WriteString("…")
		} else {
			b.WriteString(string(run))
		}
		run, digits = nil, 0
	}
	for _, r := range text {
		plain := locales.Digits(string(r))
		switch {
		case plain >= "0" && plain <= "9" && len(plain) == 1:
			digits++
			run = append(run, r)
		case len(run) > 0 && strings.ContainsRune(" .-/+()", r):
			run = append(run, r)
		default:
			flush()
			b.WriteRune(r)
		}
	}
	flush()
	return strings.TrimSpace(b.String())
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
		args["total"], args["more"], args["until"] = locales.Dirhams(m.Asked.Total()), locales.Dirhams(m.Asked.Total()-m.Part.GoodsTotal), until(t, m)
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
