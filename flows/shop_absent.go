package flows

import (
	"context"
	"strings"
	"time"

	"souk/catalog"
	"souk/flows/listing"
	"souk/internal/sorry"
	"souk/locales"
)

// returnFacts are what absence looks at.
type returnFacts struct {
	ownGoods
	until time.Time // the day of return that was said
	typed bool
}

func readReturn(ctx context.Context, t *Turn, h *Heard) (any, error) {
	f := returnFacts{typed: strings.TrimSpace(h.Typed()) != ""}
	var err error
	if f.coops, err = actsFor(ctx, t); err != nil {
		return nil, err
	}
	if f.typed {
		f.until, _ = readDay(h.Typed(), t.local(t.Now, ""))
	}
	return f, nil
}

// askReturn asks until when nobody packs. Of several cooperatives it says which.
func askReturn(ctx context.Context, t *Turn) error {
	f, _ := t.Facts.(returnFacts)
	q := Question{Text: t.Text("shop.ask_return", nil)}
	away := false
	for _, m := range f.coops {
		until, err := catalog.AbsentUntil(ctx, t.Tx, m.CooperativeID, t.Now)
		if err != nil {
			return err
		}
		away = away || !until.IsZero()
	}
	if away {
		q.Choices = append(q.Choices, Choice{Key: "back-now", Label: t.Text("shop.do_back", nil)})
	}
	q.Choices = append(q.Choices, Choice{Key: "back", Label: t.Text("list.back", nil)})
	t.Ask(q)
	return nil
}

func aReturnDay() When {
	return fact("aReturnDay", func(_ *Heard, f returnFacts) bool { return !f.until.IsZero() })
}

func noDay() When {
	return fact("noDay", func(_ *Heard, f returnFacts) bool { return f.typed })
}

func sayNoDay(_ context.Context, t *Turn) (Result, error) {
	t.Say("shop.no_day", nil)
	return Done()
}

// goAway says until when a cooperative packs nothing.
func goAway(ctx context.Context, t *Turn) (Result, error) {
	var until time.Time
	switch f := t.Facts.(type) {
	case returnFacts:
		until = f.until
	case lineFacts:
		until, _ = f.line.Until.On(t.local(t.Now, ""))
		*shopping(t) = shopVars{Lined: true}
	}
	return Result{}, setAbsence(ctx, t, until)
}

func comeBack(ctx context.Context, t *Turn) (Result, error) {
	return Result{}, setAbsence(ctx, t, time.Time{})
}

// setAbsence is for all the cooperatives that the person acts for: she is away from each of them.
func setAbsence(ctx context.Context, t *Turn, until time.Time) error {
	coops, err := actsFor(ctx, t)
	if err != nil {
		return err
	}
	if len(coops) == 0 {
		return sorry.New("member.not_allowed", nil)
	}
	for _, m := range coops {
		actor, err := catalog.MayAct(ctx, t.Tx, t.PersonID(), m.CooperativeID)
		if err != nil {
			return err
		}
		if err := catalog.SetAbsent(ctx, t.Tx, m.CooperativeID, until, actor, t.Now); err != nil {
			return err
		}
		args := locales.Args{"maker": m.Name.In(string(t.lang)), "day": dayOf(until)}
		if until.IsZero() {
			t.Say("shop.back", args)
		} else {
			t.Say("shop.away", args)
		}
	}
	return nil
}

// dayOf is a date as a value for words.
func dayOf(day time.Time) locales.Date { return locales.Date{Time: day, Style: locales.Day} }

// sayAbsences reminds a member of who is away.
func sayAbsences(ctx context.Context, t *Turn, coops []catalog.Membership) error {
	for _, m := range coops {
		until, err := catalog.AbsentUntil(ctx, t.Tx, m.CooperativeID, t.Now)
		if err != nil {
			return err
		}
		if !until.IsZero() {
			t.Say("shop.away", locales.Args{"maker": m.Name.In(string(t.lang)), "day": dayOf(until)})
		}
	}
	return nil
}

// askClose makes sure before a whole shop leaves the shelves, and names the gentler way.
func askClose(_ context.Context, t *Turn) error {
	t.Ask(Question{Text: t.Text("shop.ask_close", nil), Choices: []Choice{
		{Key: "yes", Label: t.Text("shop.close_yes", nil)}, {Key: "absent", Label: t.Text("shop.absence", nil)}, {Key: "no", Label: t.Text("shop.sure_no", nil)}}})
	return nil
}

func closeShop(ctx context.Context, t *Turn) (Result, error) {
	return turnShop(ctx, t, listing.ChangePause)
}

func openShop(ctx context.Context, t *Turn) (Result, error) {
	return turnShop(ctx, t, listing.ChangeResume)
}

// turnShop takes all that the person's cooperatives sell off the shelves, or puts it back; who opens again is back, too.
func turnShop(ctx context.Context, t *Turn, change listing.Change) (Result, error) {
	coops, err := actsFor(ctx, t)
	if err != nil {
		return Result{}, err
	}
	if len(coops) == 0 {
		return Result{}, sorry.New("member.not_allowed", nil)
	}
	turned := 0
	for _, m := range coops {
		actor, err := catalog.MayAct(ctx, t.Tx, t.PersonID(), m.CooperativeID)
		if err != nil {
			return Result{}, err
		}
		do := catalog.PauseAll
		if change == listing.ChangeResume {
			do = catalog.ResumeAll
			if err := catalog.SetAbsent(ctx, t.Tx, m.CooperativeID, time.Time{}, actor, t.Now); err != nil {
				return Result{}, err
			}
		}
		changes, err := do(ctx, t.Tx, m.CooperativeID, actor, t.Now)
		if err != nil {
			return Result{}, err
		}
		turned += len(changes)
	}
	if change == listing.ChangeResume {
		t.notices = true
		t.Say("shop.opened", locales.Args{"Count": turned})
		return Done()
	}
	t.Say("shop.closed", locales.Args{"Count": turned})
	return Done()
}
