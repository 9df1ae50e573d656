package flows

import (
	"context"

	"souk/catalog"
	"souk/internal/rows"
	"souk/locales"
)

// invitedVars remember an invitation that was opened and is meant for a number.
type invitedVars struct {
	Invitation int64  `json:"invitation,omitempty"` // also the notice's argument, where Souk asks
	Generation int    `json:"generation,omitempty"`
	Outcome    string `json:"outcome,omitempty"`
}

// invitedFlow lets in who brings a code, typed or through a link, and asks for the number where the code is meant for one.
func invitedFlow() Flow {
	return Flow{
		Name: "invited", Start: "opening", Vars: func() any { return &invitedVars{} },
		States: []State{
			{Name: "opening", Ask: askCode,
				Answers: []Row{
					on(goBack(), sayComeBack, "over"),
					on(cancelWord(), sayComeBack, "over"),
					on(opensDoor(), openDoor, "sorting"),
				}},
			{Name: "sorting", Read: readInvited,
				Given: []Row{on(numberWanted(), nil, "phoning"), on(always(), nil, "over")}},
			{Name: "phoning", Read: readNumber, Ask: askInvitedPhone,
				Answers: []Row{
					on(goBack(), sayComeBack, "over"),
					on(cancelWord(), sayComeBack, "over"),
					on(aNumber(), openWithNumber, "sorting"),
					on(noNumber(), sayNoNumber, ""),
				}},
			{Name: "over", End: true},
		},
	}
}

// broughtCode is the invitation's code in what was heard.
func broughtCode(h *Heard) (catalog.InvitationCode, bool) {
	if h.Command == "join" {
		return catalog.ReadInvitationCode(h.Argument)
	}
	if typed := h.Typed(); typed != "" {
		return catalog.ReadInvitationCode(typed)
	}
	return catalog.InvitationCode{}, false
}

// bringsCode fits an invitation's code, typed or in a link, anywhere.
func bringsCode() When {
	return word("bringsCode", func(h *Heard) bool { _, ok := broughtCode(h); return ok || h.Command == "join" })
}

func opensDoor() When {
	w := bringsCode()
	return fact("opensDoor", func(h *Heard, _ any) bool { return w.Fits(h, nil) })
}

func askCode(_ context.Context, t *Turn) error {
	t.Ask(Question{Text: t.Text("invited.ask_code", nil)})
	return nil
}

func readInvited(_ context.Context, t *Turn, _ *Heard) (any, error) {
	v, _ := t.Vars.(*invitedVars)
	return *v, nil
}

func numberWanted() When {
	return fact("numberWanted", func(_ *Heard, v invitedVars) bool { return v.Outcome == string(catalog.NeedsPhone) })
}

// provenNumber is the number that the channel itself vouches for: WhatsApp and SMS do, Telegram does not.
func provenNumber(t *Turn) string { return t.In.Event.Profile.Phone }

func openDoor(ctx context.Context, t *Turn) (Result, error) {
	code, ok := broughtCode(t.Heard)
	if !ok { // a link that was cut
		t.Say("invited.unread", nil)
		return Done()
	}
	return comeIn(ctx, t, code, provenNumber(t))
}

func openWithNumber(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(numberHeard)
	v, _ := t.Vars.(*invitedVars)
	return comeIn(ctx, t, t.e.codes.Again(v.Invitation, v.Generation), f.number)
}

// comeIn tries the code and says what came of it. Whatever that is, it is kept.
func comeIn(ctx context.Context, t *Turn, code catalog.InvitationCode, phone string) (Result, error) {
	j, err := t.e.codes.JoinByCode(ctx, t.Tx, t.PersonID(), code, phone, t.Now)
	if err != nil {
		return Result{}, err
	}
	v, _ := t.Vars.(*invitedVars)
	v.Invitation, v.Generation, v.Outcome = j.Invitation, j.Generation, string(j.Outcome)
	if j.Outcome == catalog.WrongPhone && provenNumber(t) == "" { // who was asked may say another one
		v.Outcome = string(catalog.NeedsPhone)
	}
	return Result{}, sayJoin(ctx, t, j)
}

// sayJoin says what became of a try to come in, and what can be done next.
func sayJoin(ctx context.Context, t *Turn, j catalog.Join) error {
	name := j.Cooperative.In(string(t.lang))
	switch j.Outcome {
	case catalog.NeedsPhone:
		return nil // the question says it
	case catalog.Joined:
		t.notices = true
		t.Say("invited.joined", locales.Args{"name": name, "role": roleWord(t, j.Role)})
		sayNextStep(t, j.Role)
	case catalog.IsMember:
		t.Say("invited.is_member", locales.Args{"name": name})
	case catalog.WrongCode:
		if j.TriesLeft < 0 {
			t.Say("invited.unread", nil)
		} else {
			t.Say("invited.wrong_code", locales.Args{"Count": j.TriesLeft})
		}
	case catalog.WrongPhone:
		t.Say("invited.wrong_phone", locales.Args{"Count": j.TriesLeft})
	case catalog.TriesOver:
		t.Say("invited.tries_over", nil)
		t.Offer("talk:code", t.Text("menu.human", nil))
	case catalog.InviteExpired:
		t.Say("invited.expired", nil)
		return offerNewCode(ctx, t, j)
	case catalog.InviteUsed:
		t.Say("invited.used", nil)
		return offerNewCode(ctx, t, j)
	case catalog.NoLongerOpen:
		t.Say("invited.not_open", locales.Args{"name": name})
		t.Offer("talk:code", t.Text("menu.human", nil))
	}
	return nil
}

// offerNewCode says who can give another code.
func offerNewCode(ctx context.Context, t *Turn, j catalog.Join) error {
	if j.InvitedBy == 0 {
		t.Say("invited.ask_operator", nil)
		t.Offer("talk:code", t.Text("menu.human", nil))
		return nil
	}
	name, err := calledName(ctx, t, j.InvitedBy)
	if err == nil {
		t.Say("invited.ask_member", locales.Args{"who": name})
	}
	return err
}

// sayNextStep says what a new member can do now.
func sayNextStep(t *Turn, role catalog.MemberRole) {
	if role != catalog.Helper {
		t.Say("invited.next", nil)
		return
	}
	t.Say("invited.next_helper", nil)
	t.Offer("go:acting", t.Text("acting.begin", nil))
}

// calledName is how a person is called, or a word for somebody without a name.
func calledName(ctx context.Context, t *Turn, personID int64) (string, error) {
	name, _, err := rows.Value[string](ctx, t.Tx, "look up a name", `SELECT COALESCE(name, phone, '') FROM person WHERE id = @id`, rows.Args{"id": personID})
	if name == "" && err == nil {
		name = t.Text("members.nobody", nil)
	}
	return name, err
}

// numberHeard is a phone number in what was heard.
type numberHeard struct {
	number string
	name   string // beside it
	typed  bool
	proven string // that the channel vouches for
}

func readNumber(_ context.Context, t *Turn, h *Heard) (any, error) {
	f := numberHeard{typed: h.Typed() != "", proven: provenNumber(t)}
	switch {
	case h.Kind == Contact:
		f.number, f.name = h.Phone, h.Text
	case f.typed:
		f.number, _ = locales.ReadPhone(h.Typed())
		f.name = nameBeside(h.Typed())
	}
	return f, nil
}

func aNumber() When {
	return number("aNumber", "phone", func(_ *Heard, f numberHeard) bool { return f.number != "" })
}

func noNumber() When {
	return number("noNumber", "phone", func(h *Heard, f numberHeard) bool { return f.number == "" && (f.typed || h.Kind == Contact) })
}

func sayNoNumber(_ context.Context, t *Turn) (Result, error) {
	t.Say("sorry.person.phone", nil)
	return Stay()
}

func askInvitedPhone(_ context.Context, t *Turn) error {
	t.Ask(Question{Text: t.Text("invited.ask_phone", nil), Invite: AskContact, InviteLabel: t.Text("phone.share", nil)})
	return nil
}

func sayComeBack(_ context.Context, t *Turn) (Result, error) {
	t.Say("invited.come_back", nil)
	return Done()
}

// decidingFlow asks somebody whom Souk knows whether they will act for a cooperative.
func decidingFlow() Flow {
	return Flow{
		Name: "deciding", Start: "asking", Vars: func() any { return &invitedVars{} },
		States: []State{
			{Name: "asking", Numbered: true, Read: readInvitation, Ask: askInvitation,
				Given: []Row{on(invitationGone(), sayInvitationGone, "over")},
				Answers: []Row{
					on(yes(), answerInvitation(true), "over"),
					on(no(), answerInvitation(false), "over"),
					on(goBack(), answerLater, "over"),
					on(cancelWord(), answerLater, "over"),
				}},
			{Name: "over", End: true},
		},
	}
}

// invitationFacts are an invitation with the words that a question about it needs.
type invitationFacts struct {
	catalog.Invitation
	cooperative string
	by          string
	open        bool
}

func readInvitation(ctx context.Context, t *Turn, _ *Heard) (any, error) {
	v, _ := t.Vars.(*invitedVars)
	i, err := catalog.LoadInvitation(ctx, t.Tx, v.Invitation)
	if err != nil {
		return nil, err
	}
	c, err := catalog.LoadCooperative(ctx, t.Tx, i.CooperativeID)
	if err != nil {
		return nil, err
	}
	f := invitationFacts{Invitation: i, cooperative: c.Name.In(string(t.lang)),
		open: i.ClosedAt == nil && i.ExpiresAt.After(t.Now) && i.PersonID == t.PersonID() && c.Status != catalog.Closed && c.Status != catalog.Suspended}
	f.by, err = calledName(ctx, t, i.InvitedBy)
	return f, err
}

func invitationGone() When {
	return fact("invitationGone", func(_ *Heard, f invitationFacts) bool { return !f.open })
}

func sayInvitationGone(_ context.Context, t *Turn) (Result, error) {
	t.Say("invited.gone", nil)
	return Done()
}

func askInvitation(_ context.Context, t *Turn) error {
	f, _ := t.Facts.(invitationFacts)
	t.Ask(Question{Text: t.Text("invited.ask", locales.Args{"who": f.by, "name": f.cooperative, "role": roleWord(t, f.Role)}), Choices: []Choice{
		{Key: "yes", Label: t.Text("answer.yes", nil)}, {Key: "no", Label: t.Text("answer.no", nil)}}})
	return nil
}

func answerInvitation(yes bool) Action {
	return func(ctx context.Context, t *Turn) (Result, error) {
		v, _ := t.Vars.(*invitedVars)
		j, err := catalog.AnswerInvitation(ctx, t.Tx, t.PersonID(), v.Invitation, yes, t.Now)
		if err != nil {
			return Result{}, err
		}
		t.notices = true
		if !yes && j.Outcome == catalog.InviteUsed {
			t.Say("invited.declined", nil)
			return Done()
		}
		return Result{}, sayJoin(ctx, t, j)
	}
}

// answerLater leaves the invitation open: the menu of who is invited reminds of it no more, but a manager can ask again.
func answerLater(_ context.Context, t *Turn) (Result, error) {
	t.Say("invited.later", nil)
	return Done()
}
