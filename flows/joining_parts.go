package flows

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"souk/catalog"
	"souk/locales"
	"souk/people"
)

// plainWords fits whatever is typed that is no global word: a name, a list of products. It goes before the words that are
// understood everywhere: a cooperative may well be called by a product.
func plainWords(name string) When {
	return word(name, func(h *Heard) bool { return h.Typed() != "" && strings.TrimSpace(h.Text) != "" && !isGlobalWord(h) })
}

// isGlobalWord tells a short message that asks for the menu, help, a person, a language, or to stop or go back.
func isGlobalWord(h *Heard) bool {
	if !isShort(h.Text) {
		return false
	}
	if _, ok := languageOf(h); ok {
		return true
	}
	switch h.Says().Intent {
	case Menu, Help, Human, Language, Cancel, Back, Stop, Start, Greeting, Learn:
		return true
	}
	return false
}

// skips fits what leaves a question to the person who helps.
func skips() When {
	return word("skips", func(h *Heard) bool { return h.Choice == "skip" || h.Means(No) && isShort(h.Text) || isSkip(h.Typed()) })
}

func isSkip(typed string) bool {
	if typed == "" || !isShort(typed) {
		return false
	}
	return slices.Contains(skipWords(), locales.Normalise(typed))
}

func skipWords() []string {
	words := []string{"passer", "passe", "je passe", "sauter", "skip", "suivant", "pas encore", "pas maintenant", "je ne sais pas", "je sais pas", "aucun",
		"c'est tout", "cest tout", "fini", "termine", "terminé", "ok", "تخطي", "التالي", "ليس بعد", "لا أعرف", "لا اعرف", "هذا كل شيء", "انتهى", "مازال", "باقي",
		"ما عرفتش", "معرفتش", "صافي", "mazal", "baqi", "ma3reftch", "makaynch", "safi", "zid", "dowez", "doz"}
	for i, w := range words {
		words[i] = locales.Normalise(w)
	}
	return words
}

func skipChoice(t *Turn) Choice { return Choice{Key: "skip", Label: t.Text("join.skip", nil)} }

// name

func askCooperativeName(_ context.Context, t *Turn) error {
	t.Ask(Question{Text: t.Text("join.ask_name", nil), Choices: []Choice{skipChoice(t)}})
	return nil
}

// alphabet tells in which alphabet a name is written: "ar", "fr", or "" where it holds no letters.
func alphabet(text string) string {
	arabic, latin := 0, 0
	for _, r := range text {
		switch {
		case unicode.Is(unicode.Arabic, r):
			arabic++
		case unicode.IsLetter(r):
			latin++
		}
	}
	switch {
	case arabic == 0 && latin == 0:
		return ""
	case arabic > latin:
		return "ar"
	}
	return "fr"
}

// bothAlphabets cuts a name that is given twice in one line ("Tifaouine / تيفاوين", "Tifaouine تيفاوين") into its two.
func bothAlphabets(text string) (fr, ar string) {
	fields := strings.Fields(strings.NewReplacer("/", " ", "|", " ", "(", " ", ")", " ", "،", " ", " - ", " ", " – ", " ").Replace(text))
	var latin, arabic []string
	for _, w := range fields {
		switch alphabet(w) {
		case "ar":
			arabic = append(arabic, w)
		case "fr":
			latin = append(latin, w)
		}
	}
	return strings.Join(latin, " "), strings.Join(arabic, " ")
}

// keepName keeps the name in the alphabet in which it is typed, or in both.
func keepName(ctx context.Context, t *Turn) (Result, error) {
	typed := people.CleanName(t.Heard.Typed())
	lang := alphabet(typed)
	if lang == "" {
		t.Say("join.name_unread", nil)
		return Stay()
	}
	fr, ar := bothAlphabets(typed)
	return saved(ctx, t, func(a *catalog.Application) {
		if fr != "" && ar != "" {
			a.AnswerName("fr", fr)
			a.AnswerName("ar", ar)
			return
		}
		a.AnswerName(lang, typed)
	})
}

// otherAlphabet is the one in which the name is missing.
func otherAlphabet(a catalog.Application) string {
	if a.Name["fr"] == "" {
		return "fr"
	}
	return "ar"
}

func askOtherName(_ context.Context, t *Turn) error {
	f, _ := t.Facts.(applied)
	key := "join.ask_name_ar"
	if otherAlphabet(f.Application) == "fr" {
		key = "join.ask_name_fr"
	}
	t.Ask(Question{Text: t.Text(key, nil), Choices: []Choice{skipChoice(t)}})
	return nil
}

// keepOtherName keeps the name in the other alphabet; typed in the first one again, it corrects that one.
func keepOtherName(ctx context.Context, t *Turn) (Result, error) {
	typed := people.CleanName(t.Heard.Typed())
	lang := alphabet(typed)
	if lang == "" {
		t.Say("join.name_unread", nil)
		return Stay()
	}
	_, err := saved(ctx, t, func(a *catalog.Application) { a.AnswerName(lang, typed) })
	if err != nil {
		return Result{}, err
	}
	a, _, err := application(ctx, t)
	if err == nil && a.Next() == catalog.AppOtherName {
		t.Say("join.name_corrected", locales.Args{"name": typed})
	}
	return Result{}, err
}

// town

type townsHeard struct {
	applied
	towns  []catalog.Town
	chosen string
	typed  bool
}

func readTown(ctx context.Context, t *Turn, h *Heard) (any, error) {
	f := townsHeard{chosen: keyed(h.Choice, "town:")}
	if typed := h.Typed(); searchable(typed) && !isGlobalWord(h) {
		f.typed = true
		var err error
		if f.towns, err = townsNamed(ctx, t, typed); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func askTown(ctx context.Context, t *Turn) error {
	v, _ := t.Vars.(*joiningVars)
	if len(v.Towns) == 0 {
		t.Ask(Question{Text: t.Text("join.ask_town", nil), Choices: []Choice{skipChoice(t)}})
		return nil
	}
	q := Question{Text: t.Text("join.which_town", nil), List: t.Text("join.towns", nil)}
	for _, id := range v.Towns {
		town, err := townOf(ctx, t, id)
		if err != nil {
			return err
		}
		q.Choices = append(q.Choices, Choice{Key: "town:" + id, Label: town.Name.In(string(t.lang))})
	}
	q.Choices = append(q.Choices, skipChoice(t))
	t.Ask(q)
	return nil
}

func aListedTown() When {
	return fact("aListedTown", func(_ *Heard, f townsHeard) bool { return f.chosen != "" })
}

func theTown() When {
	return fact("theTown", func(_ *Heard, f townsHeard) bool { return len(f.towns) == 1 })
}

func severalTowns() When {
	return fact("severalTowns", func(_ *Heard, f townsHeard) bool { return len(f.towns) > 1 })
}

func noSuchTown() When {
	return fact("noSuchTown", func(_ *Heard, f townsHeard) bool { return f.typed && len(f.towns) == 0 })
}

func keepHomeTown(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(townsHeard)
	id := f.chosen
	if id == "" {
		id = f.towns[0].ID
	}
	v, _ := t.Vars.(*joiningVars)
	v.Towns = nil
	return saved(ctx, t, func(a *catalog.Application) { a.Answer(catalog.AppTown, id) })
}

func offerTowns(_ context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(townsHeard)
	v, _ := t.Vars.(*joiningVars)
	v.Towns = nil
	for _, town := range f.towns {
		v.Towns = append(v.Towns, town.ID)
	}
	return Done()
}

func sayNoSuchTown(_ context.Context, t *Turn) (Result, error) {
	t.Say("join.no_such_town", locales.Args{"town": strings.TrimSpace(t.Heard.Typed())})
	return Stay()
}

// register

func askRegister(_ context.Context, t *Turn) error {
	t.Ask(Question{Text: t.Text("join.ask_register", nil), Choices: []Choice{{Key: "skip", Label: t.Text("join.not_yet", nil)}}})
	return nil
}

// aRegister fits a number, with whatever letters and signs stand in it.
func aRegister() When {
	w := number("aRegister", "register", func(h *Heard, _ any) bool {
		return strings.ContainsFunc(locales.Digits(h.Typed()), unicode.IsDigit)
	})
	w.Word = true
	return w
}

func keepRegister(ctx context.Context, t *Turn) (Result, error) {
	text := strings.Join(strings.Fields(locales.StripControls(locales.Digits(t.Heard.Typed()))), " ")
	return saved(ctx, t, func(a *catalog.Application) { a.Answer(catalog.AppRegister, text) })
}

func sayNoRegister(_ context.Context, t *Turn) (Result, error) {
	t.Say("join.no_register", nil)
	return Stay()
}

// phone

func askJoiningPhone(_ context.Context, t *Turn) error {
	t.Ask(Question{Text: t.Text("join.ask_phone", nil), Invite: AskContact, InviteLabel: t.Text("phone.share", nil), Choices: []Choice{skipChoice(t)}})
	return nil
}

// numberProven fits a channel that vouches for the number from which somebody writes: there is nothing to ask.
func numberProven() When {
	return fact("numberProven", func(_ *Heard, f numberHeard) bool { return f.proven != "" })
}

func keepProvenNumber(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(numberHeard)
	return saved(ctx, t, func(a *catalog.Application) { a.Answer(catalog.AppPhone, f.proven) })
}

// keepNumber keeps the number; the person's own becomes theirs.
func keepNumber(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(numberHeard)
	if t.Heard.Kind != Contact || t.Heard.OwnContact {
		if err := people.SetPhone(ctx, t.Tx, t.PersonID(), f.number); err != nil {
			return Result{}, err
		}
		t.forgetPerson()
	}
	return saved(ctx, t, func(a *catalog.Application) { a.Answer(catalog.AppPhone, f.number) })
}

// products and documents

func askProducts(_ context.Context, t *Turn) error {
	t.Ask(Question{Text: t.Text("join.ask_products", nil), Choices: []Choice{skipChoice(t)}})
	return nil
}

func keepProducts(ctx context.Context, t *Turn) (Result, error) {
	text := strings.Join(strings.Fields(locales.StripControls(t.Heard.Typed())), " ")
	return saved(ctx, t, func(a *catalog.Application) { a.Answer(catalog.AppProducts, text) })
}

func askDocuments(_ context.Context, t *Turn) error {
	f, _ := t.Facts.(applied)
	if n := len(f.Documents); n > 0 {
		t.Ask(Question{Text: t.Text("join.more_documents", locales.Args{"Count": n}), Choices: []Choice{{Key: "skip", Label: t.Text("join.thats_all", nil)}}})
		return nil
	}
	t.Ask(Question{Text: t.Text("join.ask_documents", nil), Choices: []Choice{{Key: "skip", Label: t.Text("join.not_yet", nil)}}})
	return nil
}
