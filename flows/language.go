package flows

import (
	"context"

	"souk/locales"
)

// languageFlow asks which language, where only "language" was said. The name of one is understood everywhere.
func languageFlow() Flow {
	return Flow{
		Name: "language", Start: "asking",
		States: []State{
			{Name: "asking", Numbered: true, Ask: askLanguage,
				Answers: []Row{
					on(goBack(), nil, "over"),
					on(switchesLanguage(), switchLanguage, "over"),
				}},
			{Name: "over", End: true},
		},
	}
}

func askLanguage(_ context.Context, t *Turn) error {
	q := Question{Text: t.Text("lang.ask", nil)}
	for _, l := range locales.Langs() {
		q.Choices = append(q.Choices, Choice{Key: "lang-" + string(l), Label: t.e.words.Text(l, t.In.Medium, "lang.name", nil)})
	}
	t.Ask(q)
	return nil
}

// helpFlow says what can be done, and lets the question that was open come back.
func helpFlow() Flow {
	return Flow{
		Name: "help", Start: "helping",
		States: []State{{Name: "helping", End: true, Ask: sayHelp}},
	}
}

func sayHelp(_ context.Context, t *Turn) error {
	t.Say("help.text", nil)
	return nil
}
