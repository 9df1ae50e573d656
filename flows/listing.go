package flows

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"souk/catalog"
	"souk/internal/sorry"
	"souk/locales"
)

// listingVars are what the flow needs to go on; what was understood belongs to the draft, in catalog.
type listingVars struct {
	Draft  int64      `json:"draft,omitempty"`
	Coop   int64      `json:"coop,omitempty"`   // for which the person lists, where they act for several
	Fix    string     `json:"fix,omitempty"`    // what is being corrected, though it is not missing
	Pack   int        `json:"pack,omitempty"`   // the pack that is asked about or corrected
	Picked bool       `json:"picked,omitempty"` // it was chosen among several
	Value  *int64     `json:"value,omitempty"`  // what it becomes, where that was said before the pack was
	Page   int        `json:"page,omitempty"`   // of the shelves
	Album  string     `json:"album,omitempty"`  // of the photo that came last
	Held   *heldWords `json:"held,omitempty"`   // what was sent before it was clear for whom
	// Prices are two that were said for one pack: which one is meant is asked.
	Prices []int64 `json:"prices,omitempty"`
}

// heldWords are a caption and photos that wait for an answer.
type heldWords struct {
	Caption string  `json:"caption,omitempty"`
	Photos  []int64 `json:"photos,omitempty"`
}

func listingVarsOf(t *Turn) *listingVars {
	v, _ := t.Vars.(*listingVars)
	return v
}

// draftFacts are what the states of a listing look at.
type draftFacts struct {
	coops   []catalog.Membership
	coop    int64 // for which the person lists: 0 where that must be asked
	held    bool  // something was sent before it was clear for whom
	refused error // the person may not act (any longer)
	draft   catalog.Listing
	open    bool              // the draft is there and open
	drafts  []catalog.Listing // of the person's, where none was chosen yet
	missing string            // what to ask for next, "" where nothing is missing
	twin    int64             // an own product of the same name
	shelves []catalog.Shelf   // where they are shown
	fix     string            // what is corrected, of a pack that is being chosen
	value   bool              // and what it becomes was said
	picked  bool              // and the pack was
	album   string            // of the photo that came last
	said    saidOfGoods
}

func listingFlow() Flow {
	return Flow{
		Name: "listing", Start: "starting", Vars: func() any { return &listingVars{} },
		States: []State{
			{Name: "starting", Read: readListing,
				Given: []Row{
					on(mayNotList(), sayMayNot, "over"),
					on(severalCoops(), nil, "forWhom"),
					on(heldFor(), takeHeld, "checking"),
					on(knowsDraft(), nil, "checking"),
					on(hasDrafts(), nil, "resuming"),
					on(always(), nil, "telling"),
				},
				Answers: []Row{
					on(draftCommanded(), pickDraft, "checking"),
					on(own(says("wishesToSell", Sell)), nil, "starting"),
				}},
			{Name: "forWhom", Numbered: true, Read: readListing, Ask: askForWhom,
				Answers: []Row{on(own(aCoop()), pickCoop, "starting")}},
			{Name: "resuming", Numbered: true, Read: readListing, Ask: askResume,
				Answers: []Row{
					on(own(aDraft()), pickDraft, "checking"),
					on(own(chosen("newOne", "new")), nil, "telling"),
					on(own(chosen("dropsAll", "drop")), dropDrafts, "telling"),
				}},
			{Name: "telling", Read: readListing, Ask: askGoodsToSell, Verbatim: true,
				Answers: []Row{on(own(aName()), takeName, "checking")}},
			{Name: "checking", Read: readListing,
				Given: []Row{
					on(lacks(catalog.NoTitle), nil, "naming"),
					on(resemblesOwn(), nil, "doubling"),
					on(lacks(catalog.NoPrice), choosePack, "pricing"),
					on(lacks(catalog.NoPack), choosePack, "packing"),
					on(lacks(catalog.NoStock), choosePack, "stocking"),
					on(lacks(catalog.NoCategory), nil, "sorting"),
					on(lacks(noOtherTitle), nil, "translating"),
					on(always(), nil, "reviewing"),
				}},
			{Name: "naming", Read: readListing, Ask: askName, Verbatim: true,
				Answers: []Row{on(own(aName()), takeName, "checking")}},
			{Name: "doubling", Numbered: true, Read: readListing, Ask: askDouble,
				Answers: []Row{
					on(own(updatesIt()), updateOwn, "checking"),
					on(own(chosen("anotherOne", "another")), notTheSame, "checking"),
				}},
			{Name: "pricing", Read: readListing, Ask: askListingPrice,
				Answers: []Row{on(own(aPrice()), takePrice, "checking")}},
			{Name: "packing", Numbered: true, Read: readListing, Ask: askListingPack,
				Answers: []Row{on(own(listedPack()), takePack, "checking")}},
			{Name: "stocking", Read: readListing, Ask: askStock,
				Answers: []Row{on(own(aStock()), takeStock, "checking")}},
			{Name: "sorting", Numbered: true, Read: readShelvesToSort, Ask: askSort,
				Answers: []Row{
					on(own(nextPage()), turnListingPage, "sorting"),
					on(own(aShelfToSort()), takeShelf, "checking"),
				}},
			{Name: "translating", Read: readListing, Ask: askOtherTitle, Verbatim: true,
				Answers: []Row{
					on(own(skipsName()), skipName, "checking"),
					on(own(aNameInScript()), takeOtherName, "checking"),
				}},
			{Name: "whichPack", Numbered: true, Read: readListing, Ask: askWhichPack,
				Given: []Row{
					on(toFix("price"), forgetFix, "pricing"),
					on(toFix("stock"), forgetFix, "stocking"),
					on(toFix("pack"), forgetFix, "packing"),
				},
				Answers: []Row{
					on(own(packOfValue()), correctPack, "checking"),
					on(own(aPackToFix()), pickPackToFix, "whichPack"),
				}},
			{Name: "reviewing", Numbered: true, Read: readListing, Ask: askPublish,
				Answers: []Row{
					on(own(publishes()), publish, "over"),
					on(own(fixesPack()), fixPack, "whichPack"),
					on(own(chosen("fixesName", "fix-name")), nil, "naming"),
					on(own(chosen("fixesShelf", "fix-shelf")), nil, "sorting"),
					on(correctsOneOf(), fixOnlySaid, "whichPack"),
				}},
			{Name: "over", End: true},
		},
		Always: []Row{
			on(leavesListing(), keepForLater, "over"),
			on(mayNotList(), sayMayNot, "over"),
			on(closedDraft(), sayClosed, "over"),
			on(chosen("dropsIt", "drop-this"), dropDraft, "over"),
			on(goodsForSeveral(), holdGoods, "forWhom"),
			on(morePhotos(), addPhotos, ""),
			on(someGoods(), takeGoods, "checking"),
			on(corrects(), correct, "checking"),
		},
	}
}

// own is an answer to a state's own question: not by who may not list, nor of a draft that is closed, nor a photo, a correction, or
// words that list something else, which mean the same in every state.
func own(w When) When {
	fits := w.Fits
	return When{Name: w.Name, ReadsNumber: w.ReadsNumber, Fits: func(h *Heard, facts any) bool {
		f, _ := facts.(draftFacts)
		if f.refused != nil || f.closed() || h.Kind == Photo || f.said.names() || f.open && f.said.corrects {
			return false
		}
		return fits(h, facts)
	}}
}

// noOtherTitle says that the goods have a name in one language only.
const noOtherTitle = "other"

func readListing(ctx context.Context, t *Turn, h *Heard) (any, error) {
	v := listingVarsOf(t)
	f := draftFacts{said: readSaid(h)}
	var err error
	if f.coops, err = catalog.MemberOf(ctx, t.Tx, t.PersonID()); err != nil {
		return nil, err
	}
	f.coop, f.held, f.fix, f.value, f.picked, f.album = coopFor(v, f.coops), v.Held != nil, v.Fix, v.Value != nil, v.Picked, v.Album
	if len(f.coops) == 0 {
		f.refused = sorry.New("member.not_allowed", nil)
	}
	if v.Draft == 0 {
		f.drafts, err = catalog.OpenDrafts(ctx, t.Tx, t.PersonID(), t.Now)
		return f, err
	}
	f.draft, err = catalog.LoadDraft(ctx, t.Tx, v.Draft)
	if errors.Is(err, pgx.ErrNoRows) {
		return f, nil
	}
	if err != nil {
		return nil, err
	}
	f.open = f.draft.Status == "open"
	if _, err := catalog.MayAct(ctx, t.Tx, t.PersonID(), f.draft.CooperativeID); err != nil {
		if _, refused := sorry.As(err); !refused {
			return nil, err
		}
		f.refused = err
		return f, nil
	}
	f.missing = missingOf(f.draft.Content, v)
	c := f.draft.Content
	if len(c.Title) > 0 && !c.Update && !c.Another {
		f.twin, err = catalog.Twin(ctx, t.Tx, f.draft.CooperativeID, c.Title)
	}
	return f, err
}

// missingOf is what to ask for next.
func missingOf(c catalog.Content, v *listingVars) string {
	missing := c.Missing()
	if len(v.Prices) > 0 && !slices.Contains(missing, catalog.NoTitle) {
		return catalog.NoPrice
	}
	if len(missing) > 0 {
		return missing[0]
	}
	if !c.Update && (c.Title["fr"] == "" || c.Title["ar"] == "") && !slices.Contains(c.Skipped, noOtherTitle) {
		return noOtherTitle
	}
	return ""
}

func mayNotList() When {
	return fact("mayNotList", func(_ *Heard, f draftFacts) bool { return f.refused != nil })
}

// sayMayNot ends the listing of who was removed meanwhile; the draft stays, for whoever may.
func sayMayNot(_ context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(draftFacts)
	t.refuse(f.refused)
	return Done()
}

func (f draftFacts) closed() bool { return f.draft.ID != 0 && !f.open }

func closedDraft() When {
	return fact("closedDraft", func(_ *Heard, f draftFacts) bool { return f.closed() })
}

func sayClosed(_ context.Context, t *Turn) (Result, error) {
	t.Say("sorry.listing.closed", nil)
	return Done()
}

func lacks(what string) When {
	return fact("misses-"+what, func(_ *Heard, f draftFacts) bool { return f.missing == what })
}

func resemblesOwn() When {
	return fact("resemblesOwn", func(_ *Heard, f draftFacts) bool { return f.twin != 0 })
}

// leavesListing fits who stops here for now: the draft is kept.
func leavesListing() When {
	return word("leavesListing", func(h *Heard) bool {
		return h.Choice == "later" || isShort(h.Text) && (h.Means(Cancel) || h.Means(Back)) || isLater(h.Typed())
	})
}

func isLater(typed string) bool {
	switch locales.Normalise(typed) {
	case "plus tard", "apres", "mn b3d", "men ba3d", "من بعد", "لاحقا", "فيما بعد":
		return true
	}
	return false
}

func keepForLater(_ context.Context, t *Turn) (Result, error) {
	if listingVarsOf(t).Draft != 0 {
		t.Say("listing.kept", nil)
	} else {
		t.Say("listing.left", nil)
	}
	return Done()
}

func severalCoops() When {
	return fact("severalCoops", func(_ *Heard, f draftFacts) bool { return f.coop == 0 })
}

// knowsDraft fits where a notice brought the draft along.
func knowsDraft() When {
	return fact("knowsDraft", func(_ *Heard, f draftFacts) bool { return f.open })
}

func hasDrafts() When {
	return fact("hasDrafts", func(_ *Heard, f draftFacts) bool { return len(f.drafts) > 0 })
}

// coopFor is for whom the person lists: 0 where that must be asked.
func coopFor(v *listingVars, coops []catalog.Membership) int64 {
	for _, c := range coops {
		if c.CooperativeID == v.Coop || len(coops) == 1 {
			return c.CooperativeID
		}
	}
	return 0
}

func askForWhom(_ context.Context, t *Turn) error {
	f, _ := t.Facts.(draftFacts)
	q := Question{Text: t.Text("listing.for_whom", nil)}
	for _, c := range f.coops[:min(len(f.coops), 8)] {
		q.Choices = append(q.Choices, Choice{Key: "c:" + itoa(c.CooperativeID), Label: c.Name.In(string(t.lang))})
	}
	q.Choices = append(q.Choices, Choice{Key: "later", Label: t.Text("listing.later", nil)})
	t.Ask(q)
	return nil
}

func aCoop() When {
	return fact("aCoop", func(h *Heard, f draftFacts) bool {
		id, ok := keyedID(h.Choice, "c:")
		return ok && slices.ContainsFunc(f.coops, func(c catalog.Membership) bool { return c.CooperativeID == id })
	})
}

func pickCoop(_ context.Context, t *Turn) (Result, error) {
	listingVarsOf(t).Coop, _ = keyedID(t.Heard.Choice, "c:")
	return Done()
}

func askResume(_ context.Context, t *Turn) error {
	f, _ := t.Facts.(draftFacts)
	q := Question{Text: t.Text("listing.resume", nil)}
	for _, d := range f.drafts {
		q.Choices = append(q.Choices, Choice{Key: "d:" + itoa(d.ID), Label: "📝 " + draftName(t, d.Content)})
	}
	q.Choices = append(q.Choices, Choice{Key: "new", Label: t.Text("listing.new", nil)}, Choice{Key: "drop", Label: t.Text("listing.drop", nil)},
		Choice{Key: "later", Label: t.Text("listing.later", nil)})
	t.Ask(q)
	return nil
}

// draftName is what a draft is called where it is offered again.
func draftName(t *Turn, c catalog.Content) string {
	if name := strings.TrimSpace(c.Title.In(string(t.lang))); name != "" {
		return name
	}
	return t.Text("listing.unnamed", nil)
}

// draftCommanded fits the button of a draft, wherever it stands.
func draftCommanded() When {
	return fact("draftCommanded", func(h *Heard, f draftFacts) bool {
		return h.Command == "draft" && slices.ContainsFunc(f.drafts, func(d catalog.Listing) bool { return itoa(d.ID) == h.Argument })
	})
}

func aDraft() When {
	return fact("aDraft", func(h *Heard, f draftFacts) bool {
		id, ok := keyedID(h.Choice, "d:")
		return ok && slices.ContainsFunc(f.drafts, func(d catalog.Listing) bool { return d.ID == id })
	})
}

func pickDraft(_ context.Context, t *Turn) (Result, error) {
	v := listingVarsOf(t)
	id, ok := keyedID(t.Heard.Choice, "d:")
	if !ok {
		id, _ = strconv.ParseInt(t.Heard.Argument, 10, 64) // one of the person's drafts: the row made sure
	}
	*v = listingVars{Draft: id}
	return Done()
}

func dropDrafts(ctx context.Context, t *Turn) (Result, error) {
	drafts, err := catalog.OpenDrafts(ctx, t.Tx, t.PersonID(), t.Now)
	for _, d := range drafts {
		if err := catalog.DropDraft(ctx, t.Tx, d.ID, t.Now); err != nil {
			return Result{}, err
		}
	}
	t.Say("listing.dropped", nil)
	return Result{}, err
}

func dropDraft(ctx context.Context, t *Turn) (Result, error) {
	if err := catalog.DropDraft(ctx, t.Tx, listingVarsOf(t).Draft, t.Now); err != nil {
		return Result{}, err
	}
	t.Say("listing.dropped", nil)
	return Done()
}
