package flows

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"

	"souk/catalog"
	"souk/locales"
	"souk/orders"
)

// receivedVars are what a member is doing with an order.
type receivedVars struct {
	Part  int64           `json:"part,omitempty"`
	Line  int             `json:"line,omitempty"`  // of the part, that is being asked about
	Given map[int64]int64 `json:"given,omitempty"` // by line: packs that can be sent, or grams
	Page  int             `json:"page,omitempty"`
	Past  bool            `json:"past,omitempty"` // the list shows what has gone its way
}

// receivedPage is how many orders one page lists, with room for what else can be chosen within WhatsApp's ten.
const receivedPage = 6

// receivedFlow is where a cooperative's members answer what was ordered from them.
func receivedFlow() Flow {
	return Flow{
		Name: "received", Start: "listing", Vars: func() any { return &receivedVars{} },
		States: []State{
			{Name: "whose", Read: readWhose, Ask: askWhose,
				Answers: []Row{
					on(isMember(), nil, "listing"),
					on(isBuyer(), nil, "over").enter("tracking"),
				}},
			{Name: "opening", Read: readOpening, Given: []Row{on(always(), nil, "listing")},
				Answers: []Row{
					on(answersQuestion(), answerQuestion, "over"),
					on(ownPurchase(), sayOwn, "over"),
					on(noSuchOrder(), sayNoSuchOrder, "over"),
					on(severalWait(), saySeveral, "listing"),
					on(nothingWaits(), sayNothingWaits, "over"),
					on(wants("acceptsAll", "accept"), acceptOrder, "over"),
					on(wants("acceptsPart", "part"), beginPart, "keeping").or("over"),
					on(wants("refuses", "refuse"), beginRefusal, "refusing").or("over"),
					on(packsByWeight(), beginPacking, "weighing"),
					on(wants("packs", "packed"), takeOrder, "packing"),
					on(wants("putsOff", "later"), putOff, "over"),
					on(wants("counts", "count"), beginCount, "recounting"),
					on(wants("seesOrder", "order"), takeOrder, "shown"),
				}},
			{Name: "listing", Numbered: true, Read: readReceived, Ask: askReceived,
				Given: []Row{on(noneReceived(), sayNoneReceived, "over")},
				Answers: []Row{
					on(goBack(), nil, "over"),
					on(nextPage(), nextReceived, "listing"),
					on(chosen("pastOnes", "past"), showPast, "listing"),
					on(chosen("openOnes", "open"), showOpen, "listing"),
					on(anOrder(), takeListed, "shown"),
				}},
			{Name: "shown", Numbered: true, Read: readPart, Ask: askSheet,
				Answers: []Row{
					on(goBack(), nil, "listing"),
				}},
			{Name: "keeping", Read: readKept, Ask: askKept,
				Answers: []Row{
					on(goBack(), nil, "shown").back(),
					on(keepsTooMany(), sayTooMany, "keeping"),
					on(keepsMore(), keepLine, "keeping"),
					on(keepsLast(), keepAll, "over").or("refusing"),
				}},
			{Name: "refusing", Numbered: true, Read: readPart, Ask: askReason,
				Answers: []Row{
					on(goBack(), nil, "shown").back(),
					on(chosen("otherReason", "other"), nil, "telling"),
					on(chosen("outOfStock", "out"), refuseFor(orders.OutOfStock), "recounting").or("over"),
					on(aReason(), refuseAsChosen, "over"),
				}},
			{Name: "telling", Verbatim: true, Read: readPart, Ask: askWords,
				Answers: []Row{
					on(goBack(), nil, "refusing").back(),
					on(someWords(), refuseInWords, "over"),
				}},
			{Name: "recounting", Read: readCount, Ask: askRealCount,
				Given: []Row{on(allCounted(), nil, "over")},
				Answers: []Row{
					on(countsLater(), sayCountLater, "over"),
					on(aRealCount(), setRealCount, "recounting"),
				}},
			{Name: "weighing", Read: readWeight, Ask: askWeight,
				Answers: []Row{
					on(goBack(), nil, "shown").back(),
					on(weighsMore(), weighLine, "weighing"),
					on(weighsLast(), weighLast, "packing"),
					on(noWeight(), sayNoWeight, "weighing"),
				}},
			{Name: "packing", Given: []Row{on(always(), packOrder, "over")}},
			{Name: "over", End: true},
		},
	}
}

// receivedEverywhere are the rows by which members reach an order from anywhere: its buttons, its code, words about the one that waits.
func receivedEverywhere() []Row {
	return []Row{
		on(goes("toReceived", "received"), nil, "").enter("received"),
		on(actsOnOrder(), nil, "").enter("received:opening").again(),
		on(speaksOfOrder(), nil, "").enter("received:opening").again(),
		on(saysReceived(), nil, "").enter("received"),
		on(saysOrders(), nil, "").enter("received:whose").again(),
		on(commanded("setsSummary", "summary"), setSummaryHour, ""),
		on(saysSummary(), setSummaryHour, ""),
	}
}

// order is what the states about one order look at.
type order struct {
	purchase orders.Purchase
	part     orders.Part
	found    bool
}

func rvars(t *Turn) *receivedVars {
	v, _ := t.Vars.(*receivedVars)
	return v
}

// loadOrder reads a part of an order for one of its cooperative's members; anybody else's is not found.
func loadOrder(ctx context.Context, t *Turn, partID int64) (order, error) {
	return once(ctx, t, "order "+itoa(partID), func(ctx context.Context) (order, error) {
		if partID == 0 {
			return order{}, nil
		}
		p, part, err := orders.LoadPart(ctx, t.Tx, partID)
		if errors.Is(err, pgx.ErrNoRows) {
			return order{}, nil
		}
		if err != nil {
			return order{}, err
		}
		memberships, err := catalog.MemberOf(ctx, t.Tx, t.PersonID())
		if err != nil {
			return order{}, err
		}
		for _, m := range memberships {
			if m.CooperativeID == part.CooperativeID && p.PlacedAt != nil {
				return order{purchase: p, part: part, found: true}, nil
			}
		}
		return order{}, nil
	})
}

func readPart(ctx context.Context, t *Turn, _ *Heard) (any, error) {
	return loadOrder(ctx, t, rvars(t).Part)
}

// whose orders are meant by the bare word: who sells, what was ordered from them; who buys, what they ordered.

func readWhose(ctx context.Context, t *Turn, _ *Heard) (any, error) {
	return catalog.MemberOf(ctx, t.Tx, t.PersonID())
}

// askWhose is asked only of who comes back to where their word was heard.
func askWhose(_ context.Context, t *Turn) error {
	t.Ask(Question{Text: t.Text("received.next", nil), Choices: []Choice{
		{Key: "go:received", Command: true, Label: t.Text("menu.received", nil)},
		{Key: "go:orders", Command: true, Label: t.Text("menu.orders", nil)},
	}})
	return nil
}

func isMember() When {
	return fact("isMember", func(_ *Heard, f []catalog.Membership) bool { return len(f) > 0 })
}

func isBuyer() When {
	return fact("isBuyer", func(_ *Heard, f []catalog.Membership) bool { return len(f) == 0 })
}

// opening is what was asked of which order.
type opening struct {
	order
	verb     string
	several  bool
	asking   bool              // its buyer has a question to answer first
	bought   int64             // the purchase, where who speaks is its buyer
	question *orders.Amendment // the buyer's own, to which this may be the answer
}

func readOpening(ctx context.Context, t *Turn, h *Heard) (any, error) {
	f := opening{verb: h.Command}
	if f.verb == "" {
		var spoken bool
		if f.verb, spoken = orderWord(h.Text); !spoken {
			return f, nil
		}
		id, several, err := waitingOrder(ctx, t, f.verb)
		if err != nil || several || id == 0 {
			f.several = several
			return f, err
		}
		f.order, err = loadOrder(ctx, t, id)
		return f, err
	}
	code, _, _ := strings.Cut(h.Argument, packMark)
	_, id, err := orders.PartByCode(ctx, t.Tx, code)
	if errors.Is(err, pgx.ErrNoRows) {
		return f, nil
	}
	if err != nil {
		return nil, err
	}
	if f.order, err = loadOrder(ctx, t, id); err != nil {
		return f, err
	}
	if f.found && f.verb == "packed" {
		if _, f.asking, err = orders.OpenAmendment(ctx, t.Tx, id); err != nil {
			return f, err
		}
	}
	f.question, f.bought, err = questionAbout(ctx, t, id)
	if f.question != nil && f.found && f.question.Status != orders.Asked { // a member who buys from their own cooperative
		f.question = nil
	}
	return f, err
}

// waitingOrder is the one order that words without a code can be about.
func waitingOrder(ctx context.Context, t *Turn, verb string) (id int64, several bool, err error) {
	var ids []int64
	if verb == "packed" {
		page, _, err := orders.ListReceived(ctx, t.Tx, t.PersonID(), orders.OpenOrders, receivedPage, 0)
		if err != nil {
			return 0, false, err
		}
		for _, o := range page {
			if o.Status == orders.Accepted && !o.AsksBuyer {
				ids = append(ids, o.ID)
			}
		}
	} else if ids, err = orders.WaitingFor(ctx, t.Tx, t.PersonID(), 2); err != nil {
		return 0, false, err
	}
	if len(ids) == 0 {
		return 0, false, nil
	}
	return ids[0], len(ids) > 1, nil
}

// ownPurchase fits the code of what one bought oneself, where it is no answer.
func ownPurchase() When {
	return fact("ownPurchase", func(_ *Heard, f opening) bool { return f.bought != 0 && !f.found })
}

func sayOwn(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(opening)
	return Result{}, sayPurchase(ctx, t, f.bought)
}

func noSuchOrder() When {
	return fact("noSuchOrder", func(h *Heard, f opening) bool { return h.Command != "" && !f.found })
}

func sayNoSuchOrder(_ context.Context, t *Turn) (Result, error) {
	t.Say("received.unknown", nil)
	return Done()
}

func severalWait() When {
	return fact("severalWait", func(_ *Heard, f opening) bool { return f.several })
}

func saySeveral(_ context.Context, t *Turn) (Result, error) {
	t.Say("received.several", nil)
	return Done()
}

func nothingWaits() When {
	return fact("nothingWaits", func(_ *Heard, f opening) bool { return !f.found })
}

// sayNothingWaits answers "I accept" where no order waits: of somebody who sells nothing it means something else.
func sayNothingWaits(ctx context.Context, t *Turn) (Result, error) {
	memberships, err := catalog.MemberOf(ctx, t.Tx, t.PersonID())
	if err != nil {
		return Result{}, err
	}
	if len(memberships) == 0 {
		return puzzled(ctx, t)
	}
	return sayNoneReceived(ctx, t)
}

// wants fits what was asked of an order that was found.
func wants(name, verb string) When {
	return fact(name, func(_ *Heard, f opening) bool { return f.found && f.verb == verb })
}

func takeOrder(_ context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(opening)
	*rvars(t) = receivedVars{Part: f.part.ID}
	return Done()
}

// the list

type receivedList struct {
	page  []orders.Received
	total int
	other int // how many stand on the other shelf
}

func shelfOf(past bool) orders.Shelf {
	if past {
		return orders.PastOrders
	}
	return orders.OpenOrders
}

func readReceived(ctx context.Context, t *Turn, _ *Heard) (any, error) {
	v := rvars(t)
	var f receivedList
	var err error
	if f.page, f.total, err = orders.ListReceived(ctx, t.Tx, t.PersonID(), shelfOf(v.Past), receivedPage, v.Page*receivedPage); err != nil {
		return nil, err
	}
	if len(f.page) == 0 && v.Page > 0 {
		v.Page = 0
		if f.page, f.total, err = orders.ListReceived(ctx, t.Tx, t.PersonID(), shelfOf(v.Past), receivedPage, 0); err != nil {
			return nil, err
		}
	}
	_, f.other, err = orders.ListReceived(ctx, t.Tx, t.PersonID(), shelfOf(!v.Past), 1, 0)
	return f, err
}

func noneReceived() When {
	return fact("noneReceived", func(_ *Heard, f receivedList) bool { return f.total+f.other == 0 })
}

func sayNoneReceived(_ context.Context, t *Turn) (Result, error) {
	t.Say("received.none", nil)
	return Done()
}

func askReceived(_ context.Context, t *Turn) error {
	f, _ := t.Facts.(receivedList)
	v := rvars(t)
	ask := "received.ask"
	if v.Past {
		ask = "received.ask_past"
	}
	q := Question{Text: t.Text(ask, locales.Args{"n": f.total}), List: t.Text("track.list", nil)}
	if f.total == 0 {
		q.Text = t.Text("received.none", nil)
	}
	for _, o := range f.page {
		args := locales.Args{"icon": t.Text("received.icon."+string(o.Status), nil), "code": o.Code, "n": o.Pieces, "total": locales.Dirhams(o.GoodsTotal),
			"what": catalog.Words(o.Title).In(string(t.lang))}
		if o.AsksBuyer {
			args["icon"] = t.Text("received.icon.asks", nil)
		}
		detail := "received.detail"
		if o.Lines > 1 {
			detail, args["more"] = "received.detail_more", o.Lines-1
		}
		q.Choices = append(q.Choices, Choice{Key: "o:" + itoa(o.ID), Label: t.Text("received.choice", args), Detail: t.Text(detail, args)})
	}
	if f.total > receivedPage {
		q.Choices = append(q.Choices, Choice{Key: "next", Label: t.Text("list.next", nil)})
	}
	if f.other > 0 {
		key := "past"
		if v.Past {
			key = "open"
		}
		q.Choices = append(q.Choices, Choice{Key: key, Label: t.Text("received."+key, nil)})
	}
	q.Choices = append(q.Choices, Choice{Key: "back", Label: t.Text("list.back", nil)})
	t.Ask(q)
	return nil
}

func nextReceived(_ context.Context, t *Turn) (Result, error) {
	rvars(t).Page++ // past the end the list begins anew
	return Done()
}

func showPast(_ context.Context, t *Turn) (Result, error) {
	*rvars(t) = receivedVars{Past: true}
	return Done()
}

func showOpen(_ context.Context, t *Turn) (Result, error) {
	*rvars(t) = receivedVars{}
	return Done()
}

func anOrder() When {
	return fact("anOrder", func(h *Heard, _ receivedList) bool { _, ok := keyedID(h.Choice, "o:"); return ok })
}

func takeListed(_ context.Context, t *Turn) (Result, error) {
	rvars(t).Part, _ = keyedID(t.Heard.Choice, "o:")
	return Done()
}
