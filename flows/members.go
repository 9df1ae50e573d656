package flows

import (
	"context"
	"strings"
	"unicode"

	"souk/catalog"
	"souk/internal/sorry"
	"souk/locales"
	"souk/people"
)

type memberVars struct {
	Person int64  `json:"person,omitempty"` // the member that is looked at
	Role   string `json:"role,omitempty"`   // of who is being invited
}

// membersFlow lists who acts for a cooperative, and lets a manager invite, change roles and remove.
func membersFlow() Flow {
	return Flow{
		Name: "members", Start: "which", Vars: func() any { return &memberVars{} },
		States: []State{
			whichState("listing"),
			{Name: "listing", Numbered: true, Read: readCrew, Ask: askCrew,
				Answers: []Row{
					on(goBack(), nil, "over"),
					on(chosen("adds", "add"), nil, "role"),
					on(chosen("leaves", "leave"), nil, "leaving"),
					on(aColleague(), pickColleague, "one"),
				}},
			{Name: "role", Numbered: true, Ask: askRole,
				Answers: []Row{
					on(goBack(), nil, "listing").back(),
					on(aRole(), pickRole, "whom"),
				}},
			{Name: "whom", Verbatim: true, Read: readNumber, Ask: askWhom,
				Answers: []Row{
					on(goBack(), nil, "role").back(),
					on(cancelWord(), sayNothingChanged, "over"),
					on(aNumber(), inviteNumber, "over"),
					on(onlyAName(), inviteName, "over"),
					on(noNumber(), sayNoNumber, ""),
				}},
			{Name: "one", Numbered: true, Read: readColleague, Ask: askColleague,
				Given: []Row{on(colleagueGone(), nil, "listing")},
				Answers: []Row{
					on(goBack(), nil, "listing").back(),
					on(chosen("changesRole", "role"), nil, "newrole"),
					on(chosen("removes", "remove"), nil, "removing"),
				}},
			{Name: "newrole", Numbered: true, Read: readColleague, Ask: askNewRole,
				Answers: []Row{
					on(goBack(), nil, "one").back(),
					on(aRole(), changeRole, "listing").or("listing"),
				}},
			{Name: "removing", Numbered: true, Read: readColleague, Ask: askRemove,
				Answers: []Row{
					on(yes(), removeColleague, "listing").or("listing"),
					on(no(), sayNothingChanged, "listing"),
					on(goBack(), nil, "one").back(),
				}},
			{Name: "leaving", Numbered: true, Read: readCrew, Ask: askLeave,
				Answers: []Row{
					on(yes(), leaveCooperative, "over").or("over"),
					on(no(), sayNothingChanged, "over"),
					on(goBack(), nil, "listing").back(),
				}},
			{Name: "over", End: true},
		},
		Always: []Row{on(cancelWord(), sayNothingChanged, "over")},
	}
}

// crew is what the list of members looks at.
type crew struct {
	catalog.Membership
	list   []catalog.Colleague
	chosen int64
}

func (c crew) manages() bool { return c.Role == catalog.Manager }

func readCrew(ctx context.Context, t *Turn, h *Heard) (any, error) {
	m, ok, err := theCooperative(ctx, t)
	if err != nil || !ok {
		return crew{}, err
	}
	f := crew{Membership: m}
	f.chosen, _ = keyedID(h.Choice, "m:")
	f.list, err = once(ctx, t, "crew "+itoa(m.CooperativeID), func(ctx context.Context) ([]catalog.Colleague, error) {
		return catalog.Colleagues(ctx, t.Tx, m.CooperativeID)
	})
	return f, err
}

// calls is how a colleague is called.
func calls(t *Turn, c catalog.Colleague) string {
	switch {
	case c.Name != "":
		return c.Name
	case c.Phone != "":
		return locales.ShowPhone(c.Phone)
	}
	return t.Text("members.nobody", nil)
}

// longestCrew is how many members one list shows.
const longestCrew = 20

func askCrew(_ context.Context, t *Turn) error {
	f, _ := t.Facts.(crew)
	name := f.Name.In(string(t.lang))
	q := Question{Text: t.Text("members.ask", locales.Args{"name": name}), List: t.Text("members.list", nil)}
	if !f.manages() { // there is nothing to choose among the others: they are named
		q.Text = t.Text("members.are", locales.Args{"name": name})
		for _, c := range f.list[:min(len(f.list), longestCrew)] {
			q.Text += "\n" + t.Text("members.line", locales.Args{"name": calls(t, c), "role": roleWord(t, c.Role)})
		}
		q.Choices = append(q.Choices, Choice{Key: "leave", Label: t.Text("members.leave", nil)})
	} else {
		for _, c := range f.list[:min(len(f.list), longestCrew)] {
			label := calls(t, c)
			if c.PersonID == t.PersonID() {
				label = t.Text("members.you", locales.Args{"name": label})
			}
			q.Choices = append(q.Choices, Choice{Key: "m:" + itoa(c.PersonID), Label: label, Detail: roleWord(t, c.Role)})
		}
		q.Choices = append(q.Choices, Choice{Key: "add", Label: t.Text("members.add", nil)})
	}
	q.Choices = append(q.Choices, Choice{Key: "back", Label: t.Text("list.back", nil)})
	t.Ask(q)
	return nil
}

func aColleague() When {
	return fact("aColleague", func(_ *Heard, f crew) bool { return f.chosen != 0 })
}

func pickColleague(_ context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(crew)
	v, _ := t.Vars.(*memberVars)
	v.Person = f.chosen
	return Done()
}

// roles

func askRole(_ context.Context, t *Turn) error {
	t.Ask(Question{Text: t.Text("members.ask_role", nil), List: t.Text("members.roles", nil), Choices: roleChoices(t)})
	return nil
}

func roleChoices(t *Turn) []Choice {
	var choices []Choice
	for _, r := range []catalog.MemberRole{catalog.Seller, catalog.Helper, catalog.Manager} {
		choices = append(choices, Choice{Key: "role:" + string(r), Label: roleWord(t, r), Detail: t.Text("role.may."+string(r), nil)})
	}
	return append(choices, Choice{Key: "back", Label: t.Text("list.back", nil)})
}

func aRole() When {
	return word("aRole", func(h *Heard) bool { return keyed(h.Choice, "role:") != "" })
}

func pickRole(_ context.Context, t *Turn) (Result, error) {
	v, _ := t.Vars.(*memberVars)
	v.Role = keyed(t.Heard.Choice, "role:")
	return Done()
}

// whom

func askWhom(_ context.Context, t *Turn) error {
	t.Ask(Question{Text: t.Text("members.ask_whom", nil), Choices: []Choice{{Key: "back", Label: t.Text("list.back", nil)}}})
	return nil
}

// onlyAName fits a name without a number.
func onlyAName() When {
	w := plainWords("onlyAName")
	return number(w.Name, "phone", func(h *Heard, f numberHeard) bool {
		return f.number == "" && w.Fits(h, nil) && strings.ContainsFunc(h.Typed(), isLetter) && !strings.ContainsFunc(locales.Digits(h.Typed()), unicode.IsDigit)
	})
}

// inviteNumber asks who is known by the number, and gives a code to pass on for who is not.
func inviteNumber(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(numberHeard)
	known, err := catalog.FindPerson(ctx, t.Tx, f.number)
	if err != nil {
		return Result{}, err
	}
	return invite(ctx, t, catalog.Invitation{Name: people.CleanName(f.name), Phone: f.number, PersonID: known})
}

// inviteName makes a code for somebody of whom only the name is known.
func inviteName(ctx context.Context, t *Turn) (Result, error) {
	return invite(ctx, t, catalog.Invitation{Name: people.CleanName(t.Heard.Typed())})
}

func invite(ctx context.Context, t *Turn, i catalog.Invitation) (Result, error) {
	m, err := mustCooperative(ctx, t)
	if err != nil {
		return Result{}, err
	}
	actor, err := catalog.MayManage(ctx, t.Tx, t.PersonID(), m.CooperativeID)
	if err != nil {
		return Result{}, err
	}
	v, _ := t.Vars.(*memberVars)
	i.CooperativeID, i.InvitedBy, i.Role = m.CooperativeID, actor.PersonID, catalog.MemberRole(v.Role)
	list, err := catalog.Colleagues(ctx, t.Tx, m.CooperativeID)
	if err != nil {
		return Result{}, err
	}
	for _, c := range list {
		if i.PersonID != 0 && c.PersonID == i.PersonID {
			t.Say("members.is_already", locales.Args{"name": calls(t, c), "role": roleWord(t, c.Role)})
			return Done()
		}
	}
	if i, err = catalog.Invite(ctx, t.Tx, i, t.Now); err != nil {
		return Result{}, err
	}
	name := i.Name
	if name == "" && i.Phone != "" {
		name = locales.ShowPhone(i.Phone)
	}
	if i.PersonID != 0 {
		t.notices = true
		t.Say("members.asked", locales.Args{"name": name})
		return Done()
	}
	sayCode(t, i, name, m.Name.In(string(t.lang)))
	return Done()
}

// sayCode gives the code to whoever passes it on, with the ways that lead to Souk. The code itself is filled in when this leaves.
func sayCode(t *Turn, i catalog.Invitation, name, cooperative string) {
	mark := t.e.codes.Mark(i)
	t.Say("members.pass_on", locales.Args{"name": name})
	t.Say("members.code", locales.Args{"cooperative": cooperative, "code": locales.Rendered(mark)})
	if link := t.e.doors.TelegramLink("j_" + mark); link != "" {
		t.Say("members.by_telegram", locales.Args{"link": locales.Rendered(link)})
	}
	if link := t.e.doors.WhatsAppLink(""); link != "" {
		t.Say("members.by_whatsapp", locales.Args{"link": locales.Rendered(link + mark)})
	}
	if number := t.e.doors.SMS; number != "" {
		t.Say("members.by_sms", locales.Args{"number": locales.Phone(number)})
	}
}

// one

type colleague struct {
	catalog.Colleague
	found bool
}

func readColleague(ctx context.Context, t *Turn, h *Heard) (any, error) {
	return theColleague(ctx, t, h)
}

// theColleague is the member that is looked at.
func theColleague(ctx context.Context, t *Turn, h *Heard) (colleague, error) {
	facts, err := readCrew(ctx, t, h)
	if err != nil {
		return colleague{}, err
	}
	f, _ := facts.(crew)
	v, _ := t.Vars.(*memberVars)
	for _, c := range f.list {
		if c.PersonID == v.Person {
			return colleague{c, true}, nil
		}
	}
	return colleague{}, nil
}

func colleagueGone() When {
	return fact("colleagueGone", func(_ *Heard, f colleague) bool { return !f.found })
}

func askColleague(_ context.Context, t *Turn) error {
	f, _ := t.Facts.(colleague)
	t.Ask(Question{Text: t.Text("members.ask_what", locales.Args{"name": calls(t, f.Colleague), "role": roleWord(t, f.Role)}), Choices: []Choice{
		{Key: "role", Label: t.Text("members.change_role", nil)},
		{Key: "remove", Label: t.Text("members.remove", nil)},
		{Key: "back", Label: t.Text("list.back", nil)},
	}})
	return nil
}

func askNewRole(_ context.Context, t *Turn) error {
	f, _ := t.Facts.(colleague)
	t.Ask(Question{Text: t.Text("members.ask_new_role", locales.Args{"name": calls(t, f.Colleague)}), List: t.Text("members.roles", nil), Choices: roleChoices(t)})
	return nil
}

func changeRole(ctx context.Context, t *Turn) (Result, error) {
	f, err := theColleague(ctx, t, t.Heard)
	if err != nil {
		return Result{}, err
	}
	m, err := mustCooperative(ctx, t)
	if err != nil {
		return Result{}, err
	}
	v, _ := t.Vars.(*memberVars)
	role := catalog.MemberRole(keyed(t.Heard.Choice, "role:"))
	if err := catalog.SetRole(ctx, t.Tx, t.PersonID(), m.CooperativeID, v.Person, role, t.Now); err != nil {
		return refusedElsewhere(err)
	}
	t.notices = true
	t.Say("members.role_changed", locales.Args{"name": calls(t, f.Colleague), "role": roleWord(t, role)})
	return Done()
}

// refusedElsewhere says why, and goes where there is something else to choose: to ask the same again would help nobody.
func refusedElsewhere(err error) (Result, error) {
	if refusal, ok := sorry.As(err); ok {
		return Otherwise("sorry."+refusal.Key, locales.Args(refusal.Args))
	}
	return Result{}, err
}

func askRemove(_ context.Context, t *Turn) error {
	f, _ := t.Facts.(colleague)
	t.Ask(Question{Text: t.Text("members.ask_remove", locales.Args{"name": calls(t, f.Colleague)}), Choices: []Choice{
		{Key: "yes", Label: t.Text("members.yes_remove", nil)}, {Key: "no", Label: t.Text("answer.no", nil)}}})
	return nil
}

func removeColleague(ctx context.Context, t *Turn) (Result, error) {
	f, err := theColleague(ctx, t, t.Heard)
	if err != nil {
		return Result{}, err
	}
	m, err := mustCooperative(ctx, t)
	if err != nil {
		return Result{}, err
	}
	v, _ := t.Vars.(*memberVars)
	if err := catalog.Dismiss(ctx, t.Tx, t.PersonID(), m.CooperativeID, v.Person, t.Now); err != nil {
		return refusedElsewhere(err)
	}
	t.notices = true
	t.Say("members.removed", locales.Args{"name": calls(t, f.Colleague)})
	return Done()
}

func askLeave(_ context.Context, t *Turn) error {
	f, _ := t.Facts.(crew)
	t.Ask(Question{Text: t.Text("members.ask_leave", locales.Args{"name": f.Name.In(string(t.lang))}), Choices: []Choice{
		{Key: "yes", Label: t.Text("members.yes_leave", nil)}, {Key: "no", Label: t.Text("answer.no", nil)}}})
	return nil
}

func leaveCooperative(ctx context.Context, t *Turn) (Result, error) {
	m, err := mustCooperative(ctx, t)
	if err != nil {
		return Result{}, err
	}
	if err := catalog.Dismiss(ctx, t.Tx, t.PersonID(), m.CooperativeID, t.PersonID(), t.Now); err != nil {
		return refusedElsewhere(err)
	}
	t.Say("members.left", locales.Args{"name": m.Name.In(string(t.lang))})
	return Done()
}

func sayNothingChanged(_ context.Context, t *Turn) (Result, error) {
	t.Say("members.unchanged", nil)
	return Done()
}
