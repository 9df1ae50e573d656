package flows

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/catalog"
	"souk/internal/sorry"
	"souk/locales"
	"souk/orders"
)

// trackVars is the purchase that is shown or cancelled.
type trackVars struct {
	Purchase int64 `json:"purchase,omitempty"`
}

// tracked is what tracking and cancelling look at.
type tracked struct {
	list  []orders.Purchase
	one   *orders.Purchase // that was chosen, or named by its code
	named bool             // a code was given
}

// recentList is how many purchases one list shows.
const recentList = 8

func trackingFlow() Flow {
	return Flow{
		Name: "tracking", Start: "finding", Vars: func() any { return &trackVars{} },
		States: []State{
			{Name: "finding", Numbered: true, Read: readTracked, Ask: askWhich,
				Given: []Row{
					on(noneYet(), sayNone, "over"),
					on(onlyOne(), takePurchase, "shown"),
				},
				Answers: []Row{
					on(goBack(), nil, "over"),
					on(aPurchase(), takePurchase, "shown"),
					on(notTheirs(), unknownCode, "over"),
				}},
			{Name: "shown", End: true, Ask: sayStatus},
			{Name: "over", End: true},
		},
	}
}

// recent are the person's last purchases.
func recent(ctx context.Context, t *Turn, limit int) ([]orders.Purchase, error) {
	return once(ctx, t, "recent "+strconv.Itoa(limit), func(ctx context.Context) ([]orders.Purchase, error) {
		list, err := orders.Recent(ctx, t.Tx, t.PersonID(), limit)
		for _, p := range list {
			keepPurchase(t, p)
		}
		return list, err
	})
}

func readTracked(ctx context.Context, t *Turn, h *Heard) (any, error) {
	list, err := recent(ctx, t, recentList)
	if err != nil {
		return nil, err
	}
	f := tracked{list: list}
	return f, f.find(ctx, t, h)
}

// find reads the purchase that was chosen or named. Another person's is unknown.
func (f *tracked) find(ctx context.Context, t *Turn, h *Heard) error {
	code, named := orders.ReadCode(h.Typed())
	if h.Command == "track" || h.Command == "cancel" {
		code, named = h.Argument, true
		if read, ok := orders.ReadCode(code); ok {
			code = read
		}
	}
	if id, ok := keyedID(h.Choice, "o:"); ok {
		for i := range f.list {
			if f.list[i].ID == id {
				f.one = &f.list[i]
			}
		}
	}
	if f.named = named; !named {
		return nil
	}
	p, err := orders.ByCode(ctx, t.Tx, code)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err == nil && p.PersonID == t.PersonID() {
		f.one = &p
	}
	return err
}

func noneYet() When {
	return fact("noneYet", func(_ *Heard, f tracked) bool { return len(f.list) == 0 })
}

func onlyOne() When {
	return fact("onlyOne", func(_ *Heard, f tracked) bool { return len(f.list) == 1 })
}

func aPurchase() When {
	return fact("aPurchase", func(_ *Heard, f tracked) bool { return f.one != nil })
}

func notTheirs() When {
	return fact("notTheirs", func(_ *Heard, f tracked) bool { return f.named && f.one == nil })
}

func sayNone(_ context.Context, t *Turn) (Result, error) {
	t.Say("track.none", nil)
	return Done()
}

func unknownCode(_ context.Context, t *Turn) (Result, error) {
	t.Say("track.unknown_code", nil)
	return Done()
}

func takePurchase(_ context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(tracked)
	p := f.one
	if p == nil {
		p = &f.list[0]
	}
	t.Vars.(*trackVars).Purchase = p.ID
	return Done()
}

func askWhich(ctx context.Context, t *Turn) error {
	f, _ := t.Facts.(tracked)
	person, err := t.Person(ctx)
	if err != nil {
		return err
	}
	q := Question{Text: t.Text("track.which", nil), List: t.Text("track.list", nil)}
	for _, p := range f.list {
		q.Choices = append(q.Choices, purchaseChoice(t, p, person.TimeZone))
	}
	t.Ask(q)
	return nil
}

func purchaseChoice(t *Turn, p orders.Purchase, zone string) Choice {
	label := t.Text("track.choice", locales.Args{"code": p.Code, "total": locales.Dirhams(p.Total())})
	if p.Status == orders.Cancelled {
		label = t.Text("track.choice_cancelled", locales.Args{"code": p.Code})
	}
	detail := ""
	if p.PlacedAt != nil {
		detail = t.Text("track.detail", locales.Args{"day": t.local(*p.PlacedAt, zone), "what": catalog.Words(p.Parts[0].Lines[0].Title).In(string(t.lang))})
	}
	return Choice{Key: "o:" + itoa(p.ID), Label: label, Detail: detail}
}

// sayStatus says where a purchase stands: each part's word and pictogram, what is to be paid and where.
func sayStatus(ctx context.Context, t *Turn) error {
	return sayPurchase(ctx, t, t.Vars.(*trackVars).Purchase)
}

func sayPurchase(ctx context.Context, t *Turn, id int64) error {
	p, err := purchase(ctx, t, id)
	if err != nil {
		return err
	}
	person, err := t.Person(ctx)
	if err != nil {
		return err
	}
	at := time.Time{}
	if p.PlacedAt != nil {
		at = t.local(*p.PlacedAt, person.TimeZone)
	}
	t.Say("track.head", locales.Args{"code": p.Code, "day": at})
	for _, part := range p.Parts {
		t.Say("track.part", locales.Args{"maker": catalog.Words(part.CooperativeName).In(string(t.lang)), "status": statusWord(t, part.Status)})
		sayPartLines(t, part)
		if ready := readyOn(part); !ready.IsZero() && (part.Status == orders.Placed || part.Status == orders.Accepted) {
			t.Say("ready.line", locales.Args{"day": ready})
		}
		if err := offerAnswers(ctx, t, part); err != nil {
			return err
		}
	}
	if p.Status == orders.Placed {
		if err := saySum(ctx, t, p, "review.sum_home", "review.sum_relay"); err != nil {
			return err
		}
	}
	if p.CanCancel() {
		if t.In.Medium == locales.Plain {
			t.Say("track.to_cancel", nil)
		}
		t.Offer("cancel:"+p.Code, t.Text("track.cancel", nil))
	}
	return nil
}

// statusWord is one word and one pictogram per status.
func statusWord(t *Turn, s orders.Status) locales.Rendered {
	return locales.Rendered(t.Text("status."+string(s), nil))
}

// cancelling a purchase that was placed

func cancellingFlow() Flow {
	return Flow{
		Name: "cancelling", Start: "finding", Vars: func() any { return &trackVars{} },
		States: []State{
			{Name: "finding", Numbered: true, Read: readCancellable, Ask: askWhichToCancel,
				Given: []Row{
					on(noneYet(), sayNothingToCancel, "over"),
					on(onlyOne(), takePurchase, "checking"),
				},
				Answers: []Row{
					on(goBack(), nil, "over"),
					on(aPurchase(), takePurchase, "checking"),
					on(notTheirs(), unknownCode, "over"),
				}},
			{Name: "checking",
				Given: []Row{on(always(), mayCancel, "confirming").or("over")}},
			{Name: "confirming", Numbered: true, Ask: askCancel,
				Answers: []Row{
					on(yes(), cancelPurchase, "over").or("over"),
					on(no(), sayKept, "over"),
					on(goBack(), sayKept, "over"),
				}},
			{Name: "over", End: true},
		},
	}
}

// cancellable are the purchases that their buyer may still cancel.
func cancellable(ctx context.Context, t *Turn) ([]orders.Purchase, error) {
	list, err := recent(ctx, t, recentList)
	if err != nil {
		return nil, err
	}
	may := list[:0:0]
	for _, p := range list {
		if p.CanCancel() {
			may = append(may, p)
		}
	}
	return may, nil
}

func readCancellable(ctx context.Context, t *Turn, h *Heard) (any, error) {
	list, err := cancellable(ctx, t)
	if err != nil {
		return nil, err
	}
	f := tracked{list: list}
	return f, f.find(ctx, t, h)
}

// sayNothingToCancel says why: nothing was ordered, or it is too late and a person can help.
func sayNothingToCancel(ctx context.Context, t *Turn) (Result, error) {
	last, err := recent(ctx, t, 1)
	if err != nil {
		return Result{}, err
	}
	if len(last) > 0 && last[0].Status == orders.Placed {
		sayTooLate(t, last[0].Code)
		return Done()
	}
	t.Say("cancel.nothing", nil)
	return Done()
}

func sayTooLate(t *Turn, code string) {
	t.Say("sorry.order.too_late_to_cancel", locales.Args{"Code": code})
	t.Offer("talk:cancel", t.Text("menu.human", nil))
}

func askWhichToCancel(ctx context.Context, t *Turn) error {
	f, _ := t.Facts.(tracked)
	person, err := t.Person(ctx)
	if err != nil {
		return err
	}
	q := Question{Text: t.Text("cancel.which", nil), List: t.Text("track.list", nil)}
	for _, p := range f.list {
		q.Choices = append(q.Choices, purchaseChoice(t, p, person.TimeZone))
	}
	t.Ask(q)
	return nil
}

// mayCancel says at once what can no longer be cancelled, instead of asking first.
func mayCancel(ctx context.Context, t *Turn) (Result, error) {
	p, err := purchase(ctx, t, t.Vars.(*trackVars).Purchase)
	if err != nil {
		return Result{}, err
	}
	if p.CanCancel() {
		return Done()
	}
	if p.Status == orders.Cancelled {
		return Otherwise("cancel.already", locales.Args{"code": p.Code})
	}
	return Otherwise("sorry.order.too_late_to_cancel", locales.Args{"Code": p.Code})
}

func askCancel(ctx context.Context, t *Turn) error {
	p, err := purchase(ctx, t, t.Vars.(*trackVars).Purchase)
	if err != nil {
		return err
	}
	t.Ask(Question{Text: t.Text("cancel.ask", locales.Args{"code": p.Code, "total": locales.Dirhams(p.Total())}), Choices: []Choice{
		{Key: "yes", Label: t.Text("cancel.yes", nil)}, {Key: "no", Label: t.Text("cancel.no", nil)}}})
	return nil
}

func cancelPurchase(ctx context.Context, t *Turn) (Result, error) {
	p, err := orders.Cancel(ctx, t.Tx, t.Vars.(*trackVars).Purchase, t.PersonID(), t.Now)
	if refusal, ok := sorry.As(err); ok {
		return Otherwise("sorry."+refusal.Key, locales.Args(refusal.Args))
	}
	if err != nil {
		return Result{}, err
	}
	t.notices = true
	t.Say("cancel.done", locales.Args{"code": p.Code})
	return Done()
}

func sayKept(_ context.Context, t *Turn) (Result, error) {
	t.Say("cancel.kept", nil)
	return Done()
}
