package flows

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"souk/catalog"
	"souk/internal/sorry"
	"souk/locales"
)

// askingVars is what is asked about, reported or answered.
type askingVars struct {
	Product  string `json:"product,omitempty"` // its code
	Question int64  `json:"question,omitempty"`
}

func askingVarsOf(t *Turn) *askingVars {
	v, _ := t.Vars.(*askingVars)
	return v
}

// askingFlow is where a buyer asks the sellers of a product something.
func askingFlow() Flow {
	return Flow{
		Name: "asking", Start: "writing", Vars: func() any { return &askingVars{} },
		States: []State{
			{Name: "writing", Verbatim: true, Ask: askWhatToAsk,
				Answers: []Row{
					on(leavesTalk(), nil, "over"),
					on(plainWords("theQuestion"), sendQuestion, "over"),
				}},
			{Name: "over", End: true},
		},
	}
}

// answeringFlow is where a seller answers, and says whether the answer stays on the card.
func answeringFlow() Flow {
	return Flow{
		Name: "answering", Start: "writing", Vars: func() any { return &askingVars{} },
		States: []State{
			{Name: "writing", Verbatim: true, Ask: askForAnswer,
				Answers: []Row{
					on(leavesTalk(), nil, "over"),
					on(plainWords("theAnswer"), sendAnswer, "keeping"),
				}},
			{Name: "keeping", Numbered: true, Ask: askToKeep,
				Answers: []Row{
					on(yes(), keepAnswer, "over"),
					on(no(), leaveAnswer, "over"),
					on(goBack(), nil, "over"),
				}},
			{Name: "over", End: true},
		},
	}
}

// askingEverywhere are the buttons and words by which one asks, answers, reports and shares from anywhere.
func askingEverywhere() []Row {
	return []Row{
		on(asksSeller(), beginAsking, "").enter("asking"),
		on(commanded("answersBuyer", "reply"), beginAnswering, "").enter("answering"),
		on(answersByNumber(), answerByNumber, "").enter("answering:keeping"),
		on(reports(), beginReporting, "").enter("reporting"),
		on(shares(), share, ""),
		on(forwardsProduct(), nil, "").enter("ordering:choosing").again(),
	}
}

// askingNotices are what questions and reports have to tell.
func askingNotices() map[string]Notice {
	return map[string]Notice{
		"question.asked":     {Say: tellQuestion},
		"question.answered":  {Say: tellAnswer},
		"question.late":      {Say: tellLate},
		"reporter.published": {Say: tellReporter("report.told_published")},
		"reporter.refused":   {Say: tellReporter("report.told_refused")},
	}
}

// What people write to ask, to report and to pass on what they look at, normalised.
const (
	questionWords = `question|une question|poser une question|j'ai une question|so2al|3endi so2al|3ndi so2al|سؤال|عندي سؤال|لدي سؤال|طرح سؤال`
	reportWords   = `signaler|signaler l'annonce|signaler ce produit|tabligh|تبليغ|بلاغ|التبليغ`
	shareWords    = `partager|partage|partager ce produit|mecharaka|مشاركه|شارك|المشاركه|مشاركة المنتوج`
)

// isOneOf tells a message that is one of these sayings and nothing else.
func isOneOf(typed, sayings string) bool {
	norm := locales.Normalise(strings.TrimSpace(typed))
	return norm != "" && slices.ContainsFunc(strings.Split(sayings, "|"), func(s string) bool { return locales.Normalise(strings.TrimSpace(s)) == norm })
}

func asksSeller() When {
	return word("asksSeller", func(h *Heard) bool { return h.Command == "ask" || isOneOf(h.Typed(), questionWords) })
}

func reports() When {
	return word("reports", func(h *Heard) bool { return h.Command == "report" || isOneOf(h.Typed(), reportWords) })
}

func shares() When {
	return word("shares", func(h *Heard) bool { return h.Command == "share" || isOneOf(h.Typed(), shareWords) })
}

// lookedAt is the code of the product that a button names, or that the person looks at.
func lookedAt(t *Turn) (string, error) {
	if t.Heard.Argument != "" {
		return t.Heard.Argument, nil
	}
	if v, ok := t.Vars.(*orderVars); ok && v.Product != "" {
		return v.Product, nil
	}
	return "", sorry.New("asking.which", nil)
}

func beginAsking(ctx context.Context, t *Turn) (Result, error) {
	return beginAbout(ctx, t, "question.own")
}

// beginAbout goes on to ask about a product that is not of the person's own cooperative; own is how that is refused.
func beginAbout(ctx context.Context, t *Turn, own string) (Result, error) {
	code, err := lookedAt(t)
	if err != nil {
		return Result{}, err
	}
	card, err := cardOf(ctx, t, code)
	if err != nil {
		return Result{}, err
	}
	mine, err := actsFor(ctx, t)
	if err != nil {
		return Result{}, err
	}
	if slices.ContainsFunc(mine, func(m catalog.Membership) bool { return m.CooperativeID == card.Cooperative.ID }) {
		return Result{}, sorry.New(own, nil)
	}
	t.hand(&askingVars{Product: card.Code})
	return Done()
}

func askWhatToAsk(ctx context.Context, t *Turn) error {
	card, err := cardOf(ctx, t, askingVarsOf(t).Product)
	if _, refused := sorry.As(err); refused {
		return nil
	}
	if err != nil {
		return err
	}
	t.Ask(Question{Text: t.Text("question.ask", locales.Args{"title": card.Title.In(string(t.lang)), "maker": card.Cooperative.Name.In(string(t.lang))}),
		Choices: []Choice{{Key: "back", Label: t.Text("list.back", nil)}}})
	return nil
}

func sendQuestion(ctx context.Context, t *Turn) (Result, error) {
	card, err := cardOf(ctx, t, askingVarsOf(t).Product)
	if err != nil {
		return Result{}, err
	}
	_, hidden := catalog.HideContacts(t.Heard.Typed())
	if _, err := catalog.Ask(ctx, t.Tx, t.PersonID(), card.ProductID, t.Heard.Typed(), t.Now); err != nil {
		return Result{}, err
	}
	t.notices = true
	t.Say("question.sent", locales.Args{"maker": card.Cooperative.Name.In(string(t.lang))})
	if hidden {
		t.Say("question.hidden", nil)
	}
	return Done()
}

// tellQuestion brings a question to those who sell, with the product.
func tellQuestion(ctx context.Context, t *Turn, args NoticeArgs) error {
	q, err := catalog.LoadQuestion(ctx, t.Tx, args.Int("question"))
	if err != nil {
		return err
	}
	if q.Status != "asked" && q.Status != "escalated" {
		return nil // a colleague was faster
	}
	if err := showPhotoOf(ctx, t, q.ProductID); err != nil {
		return err
	}
	t.Say("question.told", locales.Args{"title": q.Title.In(string(t.lang)), "code": q.Code, "question": q.Body, "id": q.ID})
	t.Offer("reply:"+itoa(q.ID), t.Text("question.reply", nil))
	return nil
}

// showPhotoOf puts a product's picture above what is said.
func showPhotoOf(ctx context.Context, t *Turn, productID int64) error {
	photos, err := catalog.Photos(ctx, t.Tx, productID)
	if err == nil && len(photos) > 0 {
		t.Show(photos[0].Key)
	}
	return err
}

func beginAnswering(ctx context.Context, t *Turn) (Result, error) {
	id, ok := keyedID("q:"+strings.TrimPrefix(strings.ToUpper(t.Heard.Argument), "Q"), "q:")
	if !ok {
		return Result{}, sorry.New("question.unknown", nil)
	}
	q, err := openQuestion(ctx, t, id)
	if err != nil {
		return Result{}, err
	}
	t.hand(&askingVars{Product: q.Code, Question: q.ID})
	return Done()
}

// openQuestion is a question that this person may answer and nobody has.
func openQuestion(ctx context.Context, t *Turn, id int64) (catalog.Question, error) {
	q, err := catalog.LoadQuestion(ctx, t.Tx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return q, sorry.New("question.unknown", nil)
	}
	if err != nil {
		return q, err
	}
	if _, err := catalog.MayAct(ctx, t.Tx, t.PersonID(), q.CooperativeID); err != nil {
		return q, err
	}
	if q.Status == "answered" || q.Status == "closed" {
		return q, sorry.New("question.answered", nil)
	}
	return q, nil
}

func askForAnswer(ctx context.Context, t *Turn) error {
	q, err := catalog.LoadQuestion(ctx, t.Tx, askingVarsOf(t).Question)
	if err != nil {
		return err
	}
	t.Ask(Question{Text: t.Text("question.answer", locales.Args{"question": q.Body}), Choices: []Choice{{Key: "back", Label: t.Text("list.back", nil)}}})
	return nil
}

func sendAnswer(ctx context.Context, t *Turn) (Result, error) {
	return answerWith(ctx, t, askingVarsOf(t).Question, t.Heard.Typed())
}

func answerWith(ctx context.Context, t *Turn, id int64, words string) (Result, error) {
	if _, err := catalog.Answer(ctx, t.Tx, t.PersonID(), id, words, t.Now); err != nil {
		return Result{}, err
	}
	t.notices = true
	t.Say("question.answer_sent", nil)
	if _, hidden := catalog.HideContacts(words); hidden {
		t.Say("question.hidden", nil)
	}
	return Done()
}

// numberedAnswer is how one answers where there is no button: "Q7 oui, sans sucre".
var numberedAnswer = regexp.MustCompile(`(?is)^\s*q\s?(\d{1,12})[\s:.,،-]+(\S.*)$`)

func answersByNumber() When {
	return word("answersByNumber", func(h *Heard) bool { return numberedAnswer.MatchString(locales.Digits(h.Typed())) })
}

func answerByNumber(ctx context.Context, t *Turn) (Result, error) {
	said := numberedAnswer.FindStringSubmatch(locales.Digits(t.Heard.Typed()))
	id, _ := keyedID("q:"+said[1], "q:")
	q, err := openQuestion(ctx, t, id)
	if err != nil {
		return Result{}, err
	}
	t.hand(&askingVars{Product: q.Code, Question: q.ID})
	return answerWith(ctx, t, q.ID, said[2])
}

func askToKeep(_ context.Context, t *Turn) error {
	t.Ask(Question{Text: t.Text("question.keep", nil), Choices: []Choice{
		{Key: "yes", Label: t.Text("question.keep_yes", nil)}, {Key: "no", Label: t.Text("question.keep_no", nil)}}})
	return nil
}

func keepAnswer(ctx context.Context, t *Turn) (Result, error) {
	if err := catalog.KeepAnswer(ctx, t.Tx, t.PersonID(), askingVarsOf(t).Question, true, t.Now); err != nil {
		return Result{}, err
	}
	t.Say("question.kept", nil)
	return Done()
}

func leaveAnswer(_ context.Context, t *Turn) (Result, error) {
	t.Say("question.not_kept", nil)
	return Done()
}

// tellAnswer brings the seller's answer to who asked.
func tellAnswer(ctx context.Context, t *Turn, args NoticeArgs) error {
	q, err := catalog.LoadQuestion(ctx, t.Tx, args.Int("question"))
	if err != nil {
		return err
	}
	t.Say("question.told_answer", locales.Args{"title": q.Title.In(string(t.lang)), "code": q.Code, "question": q.Body, "answer": q.Answer})
	t.Offer("add:"+q.Code, t.Text("notice.order_it", nil))
	t.Offer("ask:"+q.Code, t.Text("question.again", nil))
	return nil
}

func tellLate(ctx context.Context, t *Turn, args NoticeArgs) error {
	q, err := catalog.LoadQuestion(ctx, t.Tx, args.Int("question"))
	if err != nil || q.Status == "answered" {
		return err
	}
	t.Say("question.told_late", locales.Args{"title": q.Title.In(string(t.lang))})
	return nil
}

// sayAnswers shows what others asked of a product.
func sayAnswers(ctx context.Context, t *Turn, productID int64) error {
	if t.In.Medium == locales.Plain {
		return nil // every line costs
	}
	list, err := catalog.CardAnswers(ctx, t.Tx, productID, answersOnCard)
	for _, q := range list {
		t.Say("question.card", locales.Args{"question": q.Body, "answer": q.Answer})
	}
	return err
}

// answersOnCard is how many answers a card shows.
const answersOnCard = 2
