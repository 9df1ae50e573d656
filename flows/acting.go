package flows

import (
	"context"

	"souk/catalog"
	"souk/locales"
)

type actingVars struct {
	Acting int64 `json:"acting,omitempty"` // also the notice's argument
}

// actingFlow is where a helper asks a member for leave to act for them, and where either of them ends it.
func actingFlow() Flow {
	return Flow{
		Name: "acting", Start: "which", Vars: func() any { return &actingVars{} },
		States: []State{
			whichState("listing"),
			{Name: "listing", Numbered: true, Read: readActing, Ask: askActing,
				Given: []Row{on(nobodyHelps(), sayNobodyHelps, "over")},
				Answers: []Row{
					on(goBack(), nil, "over"),
					on(cancelWord(), nil, "over"),
					on(asksMember(), askMember, "over"),
					on(endsActing(), endActing, "over"),
				}},
			{Name: "over", End: true},
		},
	}
}

// actingFacts are who acts for whom around the person who speaks.
type actingFacts struct {
	crew
	acting []catalog.Acting
	asks   int64 // the member that a helper asks
	ends   int64
}

func readActing(ctx context.Context, t *Turn, h *Heard) (any, error) {
	facts, err := readCrew(ctx, t, h)
	if err != nil {
		return nil, err
	}
	f := actingFacts{}
	f.crew, _ = facts.(crew)
	f.asks, _ = keyedID(h.Choice, "ask:")
	f.ends, _ = keyedID(h.Choice, "end:")
	f.acting, err = catalog.ActingOf(ctx, t.Tx, t.PersonID(), f.CooperativeID)
	return f, err
}

// with is what stands between the person and a colleague.
func (f actingFacts) with(personID int64) (catalog.Acting, bool) {
	for _, a := range f.acting {
		if a.HelperID == personID || a.MemberID == personID {
			return a, true
		}
	}
	return catalog.Acting{}, false
}

// nobodyHelps fits a member for whom nobody acts nor asks to.
func nobodyHelps() When {
	return fact("nobodyHelps", func(_ *Heard, f actingFacts) bool { return f.Role != catalog.Helper && len(f.acting) == 0 })
}

func sayNobodyHelps(_ context.Context, t *Turn) (Result, error) {
	t.Say("acting.nobody", nil)
	return Done()
}

func askActing(_ context.Context, t *Turn) error {
	f, _ := t.Facts.(actingFacts)
	key := "acting.ask_member"
	if f.Role == catalog.Helper {
		key = "acting.ask_helper"
	}
	q := Question{Text: t.Text(key, nil), List: t.Text("members.list", nil)}
	for _, c := range f.list[:min(len(f.list), longestCrew)] {
		if c.PersonID == t.PersonID() {
			continue
		}
		a, is := f.with(c.PersonID)
		switch {
		case is && a.AgreedAt != nil:
			q.Choices = append(q.Choices, Choice{Key: "end:" + itoa(a.ID), Label: t.Text("acting.end", locales.Args{"name": calls(t, c)})})
		case is:
			q.Choices = append(q.Choices, Choice{Key: "end:" + itoa(a.ID), Label: t.Text("acting.take_back", locales.Args{"name": calls(t, c)})})
		case f.Role == catalog.Helper && c.Role != catalog.Helper:
			q.Choices = append(q.Choices, Choice{Key: "ask:" + itoa(c.PersonID), Label: calls(t, c), Detail: roleWord(t, c.Role)})
		}
	}
	q.Choices = append(q.Choices, Choice{Key: "back", Label: t.Text("list.back", nil)})
	t.Ask(q)
	return nil
}

func asksMember() When {
	return fact("asksMember", func(_ *Heard, f actingFacts) bool { return f.asks != 0 })
}

func askMember(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(actingFacts)
	if _, err := catalog.AskToAct(ctx, t.Tx, t.PersonID(), f.CooperativeID, f.asks, t.Now); err != nil {
		return Result{}, err
	}
	name, err := calledName(ctx, t, f.asks)
	if err != nil {
		return Result{}, err
	}
	t.notices = true
	t.Say("acting.asked", locales.Args{"name": name})
	return Done()
}

func endsActing() When {
	return fact("endsActing", func(_ *Heard, f actingFacts) bool { return f.ends != 0 })
}

func endActing(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(actingFacts)
	return endThat(ctx, t, f.ends)
}

// endsByButton fits the button beneath the words that somebody acts: it works however old it is.
func endsByButton() When { return commanded("endsActing", "unact") }

func endByButton(ctx context.Context, t *Turn) (Result, error) {
	id, _ := keyedID("a:"+t.Heard.Argument, "a:")
	return endThat(ctx, t, id)
}

func endThat(ctx context.Context, t *Turn, id int64) (Result, error) {
	ended, err := catalog.EndActing(ctx, t.Tx, t.PersonID(), id, t.Now)
	if err != nil {
		return Result{}, err
	}
	t.notices = true
	if !ended {
		t.Say("acting.over_already", nil)
		return Done()
	}
	t.Say("acting.ended_by_you", nil)
	return Done()
}

// agreeingFlow asks a member whether a helper may act for them.
func agreeingFlow() Flow {
	return Flow{
		Name: "agreeing", Start: "asking", Vars: func() any { return &actingVars{} },
		States: []State{
			{Name: "asking", Numbered: true, Read: readAgreeing, Ask: askAgree,
				Given: []Row{on(askedNoMore(), sayAskedNoMore, "over")},
				Answers: []Row{
					on(yes(), agree, "over"),
					on(no(), disagree, "over"),
					on(goBack(), sayAgreeLater, "over"),
					on(cancelWord(), sayAgreeLater, "over"),
				}},
			{Name: "over", End: true},
		},
	}
}

type agreeing struct {
	catalog.Acting
	helper, cooperative string
}

func readAgreeing(ctx context.Context, t *Turn, _ *Heard) (any, error) {
	v, _ := t.Vars.(*actingVars)
	return loadAgreeing(ctx, t, v.Acting)
}

func loadAgreeing(ctx context.Context, t *Turn, id int64) (agreeing, error) {
	a, err := catalog.LoadActing(ctx, t.Tx, id)
	if err != nil {
		return agreeing{}, err
	}
	f := agreeing{Acting: a}
	if f.helper, err = calledName(ctx, t, a.HelperID); err != nil {
		return f, err
	}
	c, err := catalog.LoadCooperative(ctx, t.Tx, a.CooperativeID)
	f.cooperative = c.Name.In(string(t.lang))
	return f, err
}

func askedNoMore() When {
	return fact("askedNoMore", func(_ *Heard, f agreeing) bool { return f.EndedAt != nil || f.AgreedAt != nil })
}

// sayAskedNoMore tells why a question that waited is not asked.
func sayAskedNoMore(ctx context.Context, t *Turn) (Result, error) {
	v, _ := t.Vars.(*actingVars)
	f, err := loadAgreeing(ctx, t, v.Acting)
	if err != nil {
		return Result{}, err
	}
	t.Say("acting.withdrawn", locales.Args{"name": f.helper})
	return Done()
}

func askAgree(_ context.Context, t *Turn) error {
	f, _ := t.Facts.(agreeing)
	t.Ask(Question{Text: t.Text("acting.ask", locales.Args{"name": f.helper, "cooperative": f.cooperative}), Choices: []Choice{
		{Key: "yes", Label: t.Text("answer.yes", nil)}, {Key: "no", Label: t.Text("answer.no", nil)}}})
	return nil
}

func agree(ctx context.Context, t *Turn) (Result, error) {
	v, _ := t.Vars.(*actingVars)
	f, err := loadAgreeing(ctx, t, v.Acting)
	if err != nil {
		return Result{}, err
	}
	agreed, err := catalog.AgreeToAct(ctx, t.Tx, t.PersonID(), f.ID, t.Now)
	if err != nil {
		return Result{}, err
	}
	if !agreed {
		return sayAskedNoMore(ctx, t)
	}
	t.notices = true
	t.Say("acting.agreed_by_you", locales.Args{"name": f.helper})
	t.Offer("unact:"+itoa(f.ID), t.Text("acting.stop", nil))
	return Done()
}

func disagree(ctx context.Context, t *Turn) (Result, error) {
	v, _ := t.Vars.(*actingVars)
	if _, err := catalog.EndActing(ctx, t.Tx, t.PersonID(), v.Acting, t.Now); err != nil {
		return Result{}, err
	}
	t.notices = true
	t.Say("acting.declined_by_you", nil)
	return Done()
}

func sayAgreeLater(_ context.Context, t *Turn) (Result, error) {
	t.Say("acting.later", nil)
	return Done()
}
