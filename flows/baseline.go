package flows

import (
	"context"
	"slices"

	"souk/catalog"
	"souk/locales"
)

// baselineVars are the notice's arguments, and what was answered so far.
type baselineVars struct {
	Cooperative int64    `json:"cooperative"`
	Month       int      `json:"month"`
	Members     *int     `json:"members,omitempty"`
	Women       *int     `json:"women,omitempty"`
	Band        string   `json:"band,omitempty"`
	Ways        []string `json:"ways,omitempty"`
	ONSSA       *bool    `json:"onssa,omitempty"`
}

// baselineFlow asks how a cooperative does, after its manager's yes; every question can be skipped, and what was said until one
// stops is kept.
func baselineFlow() Flow {
	return Flow{
		Name: "baseline", Start: "consenting", Vars: func() any { return &baselineVars{} },
		States: []State{
			{Name: "consenting", Numbered: true, Read: readBaseline, Ask: askConsent,
				Given: []Row{on(baselineGone(), sayBaselineGone, "over")},
				Answers: []Row{
					on(yes(), consent, "members"),
					on(no(), decline, "over"),
					on(goBack(), sayBaselineLater, "over"),
					on(cancelWord(), sayBaselineLater, "over"),
				}},
			{Name: "members", Read: readBaseline, Ask: askHowMany("baseline.ask_members"),
				Answers: []Row{
					on(skips(), nil, "women"),
					on(aCount(), keepMembers, "women"),
					on(noCount(), sayNoCount, ""),
				}},
			{Name: "women", Read: readBaseline, Ask: askHowMany("baseline.ask_women"),
				Answers: []Row{
					on(goBack(), nil, "members"),
					on(skips(), nil, "sales"),
					on(moreThanMembers(), sayMoreThanMembers, ""),
					on(aCount(), keepWomen, "sales"),
					on(noCount(), sayNoCount, ""),
				}},
			{Name: "sales", Numbered: true, Read: readBaseline, Ask: askSales,
				Answers: []Row{
					on(goBack(), nil, "women"),
					on(skips(), nil, "ways"),
					on(aBand(), keepBand, "ways"),
				}},
			{Name: "ways", Numbered: true, Read: readBaseline, Ask: askWays,
				Answers: []Row{
					on(goBack(), nil, "sales"),
					on(skips(), nil, "onssa"),
					on(aWay(), keepWay, "ways"),
				}},
			{Name: "onssa", Numbered: true, Read: readBaseline, Ask: askONSSA,
				Answers: []Row{
					on(yes(), finishBaseline(true), "over"),
					on(no(), finishBaseline(false), "over"),
					on(goBack(), nil, "ways"),
					on(chosen("skipsLast", "skip"), finishUnknown, "over"),
				}},
			{Name: "over", End: true},
		},
		Always: []Row{on(cancelWord(), finishUnknown, "over")},
	}
}

func answers(t *Turn) *baselineVars {
	v, _ := t.Vars.(*baselineVars)
	return v
}

// baselineFacts are what its states look at.
type baselineFacts struct {
	open    bool
	name    string
	month   int
	count   int // that was typed, -1 where none was
	members *int
	typed   bool
}

func readBaseline(ctx context.Context, t *Turn, h *Heard) (any, error) {
	v := answers(t)
	f := baselineFacts{month: v.Month, count: -1, members: v.Members, typed: h.Typed() != ""}
	if n, ok := bareNumber(h.Typed()); ok {
		f.count = n
	}
	var err error
	if f.open, err = catalog.BaselineOpen(ctx, t.Tx, t.PersonID(), v.Cooperative, v.Month); err != nil || !f.open {
		return f, err
	}
	c, err := catalog.LoadCooperative(ctx, t.Tx, v.Cooperative)
	f.name = c.Name.In(string(t.lang))
	return f, err
}

func baselineGone() When {
	return fact("baselineGone", func(_ *Heard, f baselineFacts) bool { return !f.open })
}

func sayBaselineGone(_ context.Context, t *Turn) (Result, error) {
	t.Say("baseline.gone", nil)
	return Done()
}

func askConsent(_ context.Context, t *Turn) error {
	f, _ := t.Facts.(baselineFacts)
	key := "baseline.ask"
	if f.month > 0 {
		key = "baseline.ask_again"
	}
	t.Ask(Question{Text: t.Text(key, locales.Args{"name": f.name}), Choices: []Choice{
		{Key: "yes", Label: t.Text("answer.yes", nil)}, {Key: "no", Label: t.Text("baseline.no", nil)}}})
	return nil
}

func consent(ctx context.Context, t *Turn) (Result, error) {
	v := answers(t)
	return Result{}, catalog.ConsentBaseline(ctx, t.Tx, t.PersonID(), v.Cooperative, v.Month, t.Now)
}

func decline(ctx context.Context, t *Turn) (Result, error) {
	v := answers(t)
	t.Say("baseline.declined", nil)
	return Result{}, catalog.DeclineBaseline(ctx, t.Tx, t.PersonID(), v.Cooperative, v.Month, t.Now)
}

func sayBaselineLater(_ context.Context, t *Turn) (Result, error) {
	t.Say("baseline.later", nil)
	return Done()
}

// askHowMany asks for a number that can be skipped.
func askHowMany(key string) func(context.Context, *Turn) error {
	return func(_ context.Context, t *Turn) error {
		t.Ask(Question{Text: t.Text(key, nil), Choices: []Choice{skipChoice(t)}})
		return nil
	}
}

// mostMembers is more than any cooperative has.
const mostMembers = 100000

func aCount() When {
	return number("aCount", "members", func(_ *Heard, f baselineFacts) bool { return f.count >= 0 && f.count <= mostMembers })
}

func noCount() When {
	return number("noCount", "members", func(h *Heard, f baselineFacts) bool { return f.typed && !isGlobalWord(h) })
}

func sayNoCount(_ context.Context, t *Turn) (Result, error) {
	t.Say("baseline.no_count", nil)
	return Stay()
}

func keepMembers(_ context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(baselineFacts)
	if f.count == 0 {
		return sayNoCount(context.Background(), t)
	}
	answers(t).Members = &f.count
	return Done()
}

func moreThanMembers() When {
	return number("moreThanMembers", "members", func(_ *Heard, f baselineFacts) bool { return f.members != nil && f.count > *f.members })
}

func sayMoreThanMembers(_ context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(baselineFacts)
	t.Say("baseline.more_than", locales.Args{"n": *f.members})
	return Stay()
}

func keepWomen(_ context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(baselineFacts)
	answers(t).Women = &f.count
	return Done()
}

func askSales(_ context.Context, t *Turn) error {
	q := Question{Text: t.Text("baseline.ask_sales", nil), List: t.Text("baseline.sales_list", nil)}
	for _, band := range catalog.SalesBands() {
		q.Choices = append(q.Choices, Choice{Key: "band:" + band, Label: t.Text("baseline.band."+band, nil)})
	}
	q.Choices = append(q.Choices, skipChoice(t))
	t.Ask(q)
	return nil
}

func aBand() When {
	return word("aBand", func(h *Heard) bool { return keyed(h.Choice, "band:") != "" })
}

func keepBand(_ context.Context, t *Turn) (Result, error) {
	answers(t).Band = keyed(t.Heard.Choice, "band:")
	return Done()
}

func askWays(_ context.Context, t *Turn) error {
	v := answers(t)
	q := Question{Text: t.Text("baseline.ask_ways", nil), List: t.Text("baseline.ways_list", nil)}
	for _, way := range catalog.SalesWays() {
		label := t.Text("baseline.way."+way, nil)
		if slices.Contains(v.Ways, way) {
			label = t.Text("baseline.marked", locales.Args{"way": locales.Rendered(label)})
		}
		q.Choices = append(q.Choices, Choice{Key: "way:" + way, Label: label})
	}
	done := "join.skip"
	if len(v.Ways) > 0 {
		done = "join.thats_all"
	}
	q.Choices = append(q.Choices, Choice{Key: "skip", Label: t.Text(done, nil)})
	t.Ask(q)
	return nil
}

func aWay() When {
	return word("aWay", func(h *Heard) bool { return keyed(h.Choice, "way:") != "" })
}

// keepWay marks a way of selling, and takes the mark away at the second time.
func keepWay(_ context.Context, t *Turn) (Result, error) {
	v, way := answers(t), keyed(t.Heard.Choice, "way:")
	if slices.Contains(v.Ways, way) {
		v.Ways = slices.DeleteFunc(v.Ways, func(w string) bool { return w == way })
		return Done()
	}
	v.Ways = append(v.Ways, way)
	return Done()
}

func askONSSA(_ context.Context, t *Turn) error {
	t.Ask(Question{Text: t.Text("baseline.ask_onssa", nil), Choices: []Choice{
		{Key: "yes", Label: t.Text("answer.yes", nil)}, {Key: "no", Label: t.Text("answer.no", nil)}, skipChoice(t)}})
	return nil
}

func finishBaseline(onssa bool) Action {
	return func(ctx context.Context, t *Turn) (Result, error) {
		answers(t).ONSSA = &onssa
		return finishUnknown(ctx, t)
	}
}

// finishUnknown keeps what was answered; what was not stays unknown.
func finishUnknown(ctx context.Context, t *Turn) (Result, error) {
	v := answers(t)
	t.Say("baseline.thanks", nil)
	return Result{}, catalog.AnswerBaseline(ctx, t.Tx, t.PersonID(), catalog.Baseline{CooperativeID: v.Cooperative, Month: v.Month, Members: v.Members,
		Women: v.Women, SalesBand: v.Band, SellsBy: v.Ways, ONSSA: v.ONSSA}, t.Now)
}
