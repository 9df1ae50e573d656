package flows

import (
	"context"
	"slices"
	"strings"

	"souk/catalog"
	"souk/locales"
	"souk/people"
)

// keyed is what stands behind a prefix in a choice's key.
func keyed(choice, prefix string) string {
	rest, ok := strings.CutPrefix(choice, prefix)
	if !ok {
		return ""
	}
	return rest
}

// applicationName is the cooperative's name as the person reads it.
func applicationName(t *Turn, a catalog.Application) string {
	if name := a.Name.In(string(t.lang)); name != "" {
		return name
	}
	return t.Text("join.nameless", nil)
}

// summary says what was answered, a line each; what was left open says so.
func summary(ctx context.Context, t *Turn, a catalog.Application) ([]string, error) {
	town := ""
	if a.TownID != "" {
		known, err := townOf(ctx, t, a.TownID)
		if err != nil {
			return nil, err
		}
		town = known.Name.In(string(t.lang))
	}
	open := t.Text("join.left_open", nil)
	say := func(key string, value any) string {
		if value == "" {
			value = locales.Rendered(open)
		}
		return t.Text(key, locales.Args{"value": value})
	}
	phone := any("")
	if a.Phone != "" {
		phone = locales.Phone(a.Phone)
	}
	lines := []string{say("join.line_name_fr", a.Name["fr"]), say("join.line_name_ar", a.Name["ar"]), say("join.line_town", town),
		say("join.line_register", a.RegisterNumber), say("join.line_phone", phone), say("join.line_products", a.Products)}
	if n := len(a.Documents); n > 0 {
		lines = append(lines, t.Text("join.line_documents", locales.Args{"Count": n}))
	}
	if t.In.Medium == locales.Plain { // there a name in the other alphabet would double the price of every sign
		lines = slices.Delete(lines, 0, 2)
		lines = slices.Insert(lines, 0, say("join.line_name_fr", a.Name.In(string(t.lang))))
		lines = slices.DeleteFunc(lines, func(line string) bool { return strings.Contains(line, open) })
	}
	return lines, nil
}

func askJoiningReview(ctx context.Context, t *Turn) error {
	f, _ := t.Facts.(applied)
	lines, err := summary(ctx, t, f.Application)
	if err != nil {
		return err
	}
	if !t.Again {
		t.Say("join.review", nil)
		t.SayLine(strings.Join(lines, "\n"))
	}
	t.Ask(Question{Text: t.Text("join.ask_send", nil), Choices: []Choice{
		{Key: "yes", Label: t.Text("join.send", nil)},
		{Key: "change", Label: t.Text("join.change", nil)},
		{Key: "later", Label: t.Text("join.later", nil)},
	}})
	return nil
}

func askWhatToCorrect(_ context.Context, t *Turn) error {
	q := Question{Text: t.Text("join.ask_what", nil), List: t.Text("join.what_list", nil)}
	for _, part := range catalog.ApplicationParts() {
		if part != catalog.AppOtherName && (part != catalog.AppPhone || provenNumber(t) == "") {
			q.Choices = append(q.Choices, Choice{Key: "part:" + string(part), Label: t.Text("join.part."+string(part), nil)})
		}
	}
	q.Choices = append(q.Choices, Choice{Key: "back", Label: t.Text("list.back", nil)})
	t.Ask(q)
	return nil
}

// backToReview is goBack, before the flow's own: nothing that was answered is taken back.
func backToReview() When { return goBack() }

func aPart() When {
	return fact("aPart", func(_ *Heard, f applied) bool { return f.chosen != "" })
}

func forgetPart(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(applied)
	return saved(ctx, t, func(a *catalog.Application) { a.Forget(catalog.ApplicationPart(f.chosen)) })
}

// submitApplication lays the wish before the operators, with everything in words, and says by when there is an answer.
func submitApplication(ctx context.Context, t *Turn) (Result, error) {
	a, err := catalog.Apply(ctx, t.Tx, t.PersonID(), t.Now)
	if err != nil {
		return Result{}, err
	}
	lines, err := summary(ctx, t, a)
	if err != nil {
		return Result{}, err
	}
	promised, err := a.Submit(ctx, t.Tx, people.Ticket{AddressID: t.In.Conversation, Body: strings.Join(lines, "\n")}, t.Now)
	if err != nil {
		return Result{}, err
	}
	a.PromisedAt = &promised
	when, err := promise(ctx, t, a)
	if err != nil {
		return Result{}, err
	}
	t.Say("join.sent", locales.Args{"when": when})
	return Done()
}
