package flows

import (
	"context"

	"souk/catalog"
	"souk/internal/sorry"
)

// actsFor are the cooperatives that the person who speaks acts for.
func actsFor(ctx context.Context, t *Turn) ([]catalog.Membership, error) {
	return once(ctx, t, "acts for", func(ctx context.Context) ([]catalog.Membership, error) {
		return catalog.MemberOf(ctx, t.Tx, t.PersonID())
	})
}

// theCooperative is the one that the person acts for: their only one, or of several the one they chose last. ok is false where they
// act for none, or have yet to choose: a flow that begins with whichState has asked before.
func theCooperative(ctx context.Context, t *Turn) (m catalog.Membership, ok bool, err error) {
	list, err := actsFor(ctx, t)
	if err != nil {
		return m, false, err
	}
	m, ok = settledOn(list)
	return m, ok, nil
}

// mustCooperative is theCooperative for an action: who acts for none is refused with "member.not_allowed".
func mustCooperative(ctx context.Context, t *Turn) (catalog.Membership, error) {
	m, ok, err := theCooperative(ctx, t)
	if err == nil && !ok {
		err = sorry.New("member.not_allowed", nil)
	}
	return m, err
}

func settledOn(list []catalog.Membership) (catalog.Membership, bool) {
	if len(list) == 1 {
		return list[0], true
	}
	for _, m := range list {
		if m.Chosen {
			return m, true
		}
	}
	return catalog.Membership{}, false
}

// memberships are what whichState looks at.
type memberships struct {
	list   []catalog.Membership
	chosen int64
}

// whichState is the state with which a flow for members begins: who acts for several cooperatives is asked once which one, who acts
// for none hears how to join. It is called "which"; next is the state that follows, "over" the flow's end.
func whichState(next string) State {
	return State{Name: "which", Numbered: true, Read: readMemberships, Ask: askCooperative,
		Given: []Row{
			on(actsForNone(), sayHowToJoin, "over"),
			on(actsForOne(), nil, next),
		},
		Answers: []Row{
			on(goBack(), nil, "over"),
			on(cancelWord(), nil, "over"),
			on(aCooperative(), chooseCooperative, next),
		}}
}

func readMemberships(ctx context.Context, t *Turn, h *Heard) (any, error) {
	list, err := actsFor(ctx, t)
	f := memberships{list: list}
	f.chosen, _ = keyedID(h.Choice, "coop:")
	return f, err
}

func actsForNone() When {
	return fact("actsForNone", func(_ *Heard, f memberships) bool { return len(f.list) == 0 })
}

func actsForOne() When {
	return fact("actsForOne", func(_ *Heard, f memberships) bool { _, ok := settledOn(f.list); return ok })
}

func sayHowToJoin(_ context.Context, t *Turn) (Result, error) {
	t.Say("which.none", nil)
	t.Offer("go:join", t.Text("join.begin", nil))
	return Done()
}

func askCooperative(_ context.Context, t *Turn) error {
	f, _ := t.Facts.(memberships)
	q := Question{Text: t.Text("which.ask", nil), List: t.Text("which.list", nil)}
	for _, m := range f.list {
		q.Choices = append(q.Choices, Choice{Key: "coop:" + itoa(m.CooperativeID), Label: m.Name.In(string(t.lang)), Detail: roleWord(t, m.Role)})
	}
	t.Ask(q)
	return nil
}

func aCooperative() When {
	return fact("aCooperative", func(_ *Heard, f memberships) bool { return f.chosen != 0 })
}

func chooseCooperative(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(memberships)
	return Result{}, catalog.Choose(ctx, t.Tx, t.PersonID(), f.chosen, t.Now)
}

// roleWord is what a member does, in a word.
func roleWord(t *Turn, role catalog.MemberRole) string { return t.Text("role."+string(role), nil) }

// changingFlow lets who acts for several cooperatives choose another one.
func changingFlow() Flow {
	return Flow{
		Name: "changing", Start: "which",
		States: []State{
			{Name: "which", Numbered: true, Read: readMemberships, Ask: askCooperative,
				Given: []Row{on(actsForNone(), sayHowToJoin, "over")},
				Answers: []Row{
					on(goBack(), nil, "over"),
					on(cancelWord(), nil, "over"),
					on(aCooperative(), changeCooperative, "over"),
				}},
			{Name: "over", End: true},
		},
	}
}

func changeCooperative(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(memberships)
	for _, m := range f.list {
		if m.CooperativeID == f.chosen {
			t.Say("which.chosen", map[string]any{"name": m.Name.In(string(t.lang))})
		}
	}
	return chooseCooperative(ctx, t)
}
