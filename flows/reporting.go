package flows

import (
	"context"

	"souk/catalog"
	"souk/locales"
)

// reportingFlow is where somebody says what is wrong with a listing.
func reportingFlow() Flow {
	return Flow{
		Name: "reporting", Start: "choosing", Vars: func() any { return &askingVars{} },
		States: []State{
			{Name: "choosing", Numbered: true, Ask: askWhatIsWrong,
				Answers: []Row{
					on(leavesTalk(), nil, "over"),
					on(whatIsWrong(), reportIt, "over"),
					on(plainWords("inWords"), reportInWords, "over"),
				}},
			{Name: "over", End: true},
		},
	}
}

func beginReporting(ctx context.Context, t *Turn) (Result, error) {
	return beginAbout(ctx, t, "report.own")
}

func askWhatIsWrong(ctx context.Context, t *Turn) error {
	card, err := cardOf(ctx, t, askingVarsOf(t).Product)
	if err != nil {
		return err
	}
	q := Question{Text: t.Text("report.ask", locales.Args{"title": card.Title.In(string(t.lang))}), List: t.Text("report.list", nil)}
	for _, r := range catalog.ReportReasons() {
		q.Choices = append(q.Choices, Choice{Key: "why:" + string(r), Label: t.Text("report.why."+reportWord(r), nil)})
	}
	q.Choices = append(q.Choices, Choice{Key: "back", Label: t.Text("list.back", nil)})
	t.Ask(q)
	return nil
}

// reportWord is the key of a reason's words; "other" is the name of a plural form.
func reportWord(r catalog.ReportReason) string {
	if r == catalog.OtherReasons {
		return "else"
	}
	return string(r)
}

func reasonChosen(h *Heard) (catalog.ReportReason, bool) {
	for _, r := range catalog.ReportReasons() {
		if h.Choice == "why:"+string(r) {
			return r, true
		}
	}
	return "", false
}

func whatIsWrong() When {
	return word("whatIsWrong", func(h *Heard) bool { _, ok := reasonChosen(h); return ok })
}

func reportIt(ctx context.Context, t *Turn) (Result, error) {
	reason, _ := reasonChosen(t.Heard)
	return report(ctx, t, reason, "")
}

func reportInWords(ctx context.Context, t *Turn) (Result, error) {
	return report(ctx, t, catalog.OtherReasons, t.Heard.Typed())
}

func report(ctx context.Context, t *Turn, reason catalog.ReportReason, words string) (Result, error) {
	card, err := cardOf(ctx, t, askingVarsOf(t).Product)
	if err != nil {
		return Result{}, err
	}
	again, err := catalog.Report(ctx, t.Tx, t.PersonID(), card.ProductID, reason, words, t.Now)
	if err != nil {
		return Result{}, err
	}
	t.notices = true
	if again {
		t.Say("report.again", nil)
		return Done()
	}
	t.Say("report.thanks", nil)
	return Done()
}

// tellReporter tells who reported a listing what became of it.
func tellReporter(key string) func(context.Context, *Turn, NoticeArgs) error {
	return func(ctx context.Context, t *Turn, args NoticeArgs) error {
		own, err := catalog.LoadOwn(ctx, t.Tx, args.Int("product"))
		if err != nil {
			return err
		}
		t.Say(key, locales.Args{"title": own.Title.In(string(t.lang))})
		return nil
	}
}
