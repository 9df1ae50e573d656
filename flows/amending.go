package flows

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"

	"souk/catalog"
	"souk/internal/sorry"
	"souk/locales"
	"souk/orders"
	"souk/people"
)

// amendVars are the arguments of the notice that asks.
type amendVars struct {
	Amendment int64 `json:"amendment,omitempty"`
	Part      int64 `json:"part,omitempty"`
}

// question is what a buyer is asked about an order of theirs.
type question struct {
	amendment orders.Amendment
	purchase  orders.Purchase
	part      orders.Part
}

func (q question) open() bool { return q.amendment.Status == orders.Asked }

// amendingFlow asks a buyer who ordered more than there is, or whose order weighs more than was announced.
func amendingFlow() Flow {
	return Flow{
		Name: "amending", Start: "asking", Vars: func() any { return &amendVars{} },
		States: []State{
			{Name: "asking", Numbered: true, Read: readQuestion, Ask: askAmendment,
				Given: []Row{on(questionOver(), nil, "over").lasting()},
				Answers: []Row{
					on(yes(), decides(true), "over").or("over"),
					on(no(), decides(false), "over").or("over"),
				}},
			{Name: "over", End: true},
		},
	}
}

func readQuestion(ctx context.Context, t *Turn, _ *Heard) (any, error) {
	v, _ := t.Vars.(*amendVars)
	return loadQuestion(ctx, t, v.Amendment)
}

func loadQuestion(ctx context.Context, t *Turn, id int64) (question, error) {
	return once(ctx, t, "amendment "+itoa(id), func(ctx context.Context) (q question, err error) {
		if q.amendment, err = orders.LoadAmendment(ctx, t.Tx, id); err != nil {
			if errors.Is(err, pgx.ErrNoRows) {
				err = nil
			}
			return q, err
		}
		q.purchase, q.part, err = orders.LoadPart(ctx, t.Tx, q.amendment.CoopOrderID)
		return q, err
	})
}

// questionOver fits a question that was answered elsewhere, taken back, or left alone too long.
func questionOver() When {
	return fact("questionOver", func(_ *Heard, f question) bool { return !f.open() })
}

// askAmendment asks whether the buyer agrees.
func askAmendment(_ context.Context, t *Turn) error {
	f, _ := t.Facts.(question)
	a := f.amendment
	t.Say("amend."+string(a.Kind), locales.Args{"code": f.purchase.Code, "maker": catalog.Words(f.part.CooperativeName).In(string(t.lang))})
	args := sayAmendment(t, f)
	t.Ask(Question{Text: t.Text("amend."+string(a.Kind)+"_ask", args), Choices: []Choice{
		{Key: "accept:" + f.part.Code, Command: true, Label: t.Text("amend."+string(a.Kind)+"_yes", args)},
		{Key: "refuse:" + f.part.Code, Command: true, Label: t.Text("amend."+string(a.Kind)+"_no", args)},
		{Key: "talk:amend", Command: true, Label: t.Text("menu.human", nil)},
	}})
	return nil
}

// sayAmendment says what there is, the new sum, and what silence means; it returns the sums for the words that ask.
func sayAmendment(t *Turn, f question) locales.Args {
	a := f.amendment
	for _, l := range f.part.Lines {
		c := a.Of(l.ID)
		what := whatOf(t, l.Title, l.PackAmount, l.PackUnit)
		switch {
		case a.Kind == orders.Partial:
			t.Say("amend.line", locales.Args{"n": c.Kept, "of": l.Kept, "what": what})
		case l.ByWeight && l.Kept > 0:
			t.Say("amend.weighed", locales.Args{"n": l.Kept, "what": what, "weight": weightOf(c.Grams), "announced": weightOf(l.AnnouncedGrams())})
		}
	}
	args := locales.Args{"old": locales.Dirhams(f.purchase.Total()), "new": locales.Dirhams(f.purchase.Total() + a.Total() - f.part.GoodsTotal),
		"until": locales.Date{Time: a.ExpiresAt.In(people.Zone(people.DefaultZone)), Style: locales.DayTime}}
	t.Say("amend."+string(a.Kind)+"_sum", args)
	return args
}

// decides is the buyer's yes or no in words.
func decides(yes bool) Action {
	return func(ctx context.Context, t *Turn) (Result, error) {
		v, _ := t.Vars.(*amendVars)
		return decideAmendment(ctx, t, v.Amendment, yes)
	}
}

func decideAmendment(ctx context.Context, t *Turn, id int64, yes bool) (Result, error) {
	a, m, err := orders.Answer(ctx, t.Tx, id, t.PersonID(), yes, t.Now)
	if refusal, ok := sorry.As(err); ok {
		return Otherwise("sorry."+refusal.Key, locales.Args(refusal.Args))
	}
	if err != nil {
		return Result{}, err
	}
	t.notices = true
	t.Say("amend."+string(a.Kind)+"_"+a.Status, locales.Args{"code": m.Purchase.Code, "total": locales.Dirhams(m.Purchase.Total()),
		"maker": catalog.Words(m.Part.CooperativeName).In(string(t.lang))})
	if m.Purchase.Status == orders.Placed {
		t.Offer("track:"+m.Purchase.Code, t.Text("receipt.track", nil))
	}
	return Done()
}

// questionAbout is what this person, who bought it, is or was asked last about a part of an order; nil where it was nothing. bought is
// the purchase, 0 of somebody else's.
func questionAbout(ctx context.Context, t *Turn, partID int64) (asked *orders.Amendment, bought int64, err error) {
	p, _, err := orders.LoadPart(ctx, t.Tx, partID)
	if err != nil || p.PersonID != t.PersonID() {
		return nil, 0, err
	}
	a, ok, err := orders.LastAmendment(ctx, t.Tx, partID)
	if err != nil || !ok {
		return nil, p.ID, err
	}
	return &a, p.ID, nil
}

// answersQuestion fits a buyer's yes or no to what they are asked about an order: its button, or "OUI" with its code.
func answersQuestion() When {
	return fact("answersQuestion", func(_ *Heard, f opening) bool {
		return f.question != nil && (f.verb == "accept" || f.verb == "refuse")
	})
}

func answerQuestion(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(opening)
	r, err := decideAmendment(ctx, t, f.question.ID, f.verb == "accept")
	if r.kind == otherwise { // the row has one way on: what was refused is said
		t.Say(r.key, r.args)
		return Done()
	}
	return r, err
}

// offerAnswers shows a buyer who follows their order what they are being asked about it.
func offerAnswers(ctx context.Context, t *Turn, part orders.Part) error {
	if part.Status != orders.Placed && part.Status != orders.Accepted {
		return nil
	}
	if slices.ContainsFunc(t.session.Frames, func(f Frame) bool { return f.Flow == "amending" }) { // it is asked right beneath
		return nil
	}
	a, open, err := orders.OpenAmendment(ctx, t.Tx, part.ID)
	if err != nil || !open {
		return err
	}
	q, err := loadQuestion(ctx, t, a.ID)
	if err != nil {
		return err
	}
	t.Say("amend.waiting", locales.Args{"maker": catalog.Words(part.CooperativeName).In(string(t.lang))})
	args := sayAmendment(t, q)
	t.Offer("accept:"+part.Code, t.Text("amend."+string(a.Kind)+"_yes", args))
	t.Offer("refuse:"+part.Code, t.Text("amend."+string(a.Kind)+"_no", args))
	return nil
}
