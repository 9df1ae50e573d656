package flows

import (
	"context"

	"souk/catalog"
	"souk/locales"
	"souk/people"
)

// joiningFlow lets a person ask that their cooperative may sell: a question at a time, each of which can be left to the person who
// helps. What was answered is kept at once, so that it can be gone on with on any channel.
func joiningFlow() Flow {
	return Flow{
		Name: "joining", Start: "opening", Vars: func() any { return &joiningVars{} },
		States: []State{
			{Name: "opening", Read: readJoining,
				Given: []Row{
					on(applicationWaits(), sayWaiting, "over"),
					on(sellsAlready(), saySellsAlready, "over"),
					on(always(), beginApplication, "next"),
				}},
			{Name: "next", Read: readJoining,
				Given: []Row{
					on(misses(catalog.AppName), nil, "name"),
					on(misses(catalog.AppOtherName), nil, "other_name"),
					on(misses(catalog.AppTown), nil, "town"),
					on(misses(catalog.AppRegister), nil, "register"),
					on(misses(catalog.AppPhone), nil, "phone"),
					on(misses(catalog.AppProducts), nil, "products"),
					on(misses(catalog.AppDocuments), nil, "documents"),
					on(always(), nil, "reviewing"),
				}},
			{Name: "name", Verbatim: true, Read: readJoining, Ask: askCooperativeName,
				Answers: []Row{
					on(skips(), skipPart(catalog.AppName), "next"),
					on(plainWords("aName"), keepName, "next"),
				}},
			{Name: "other_name", Verbatim: true, Read: readJoining, Ask: askOtherName,
				Answers: []Row{
					on(skips(), skipPart(catalog.AppOtherName), "next"),
					on(plainWords("aName"), keepOtherName, "next"),
				}},
			{Name: "town", Numbered: true, Read: readTown, Ask: askTown,
				Answers: []Row{
					on(skips(), skipPart(catalog.AppTown), "next"),
					on(aListedTown(), keepHomeTown, "next"),
					on(theTown(), keepHomeTown, "next"),
					on(severalTowns(), offerTowns, "town"),
					on(noSuchTown(), sayNoSuchTown, ""),
				}},
			{Name: "register", Read: readJoining, Ask: askRegister,
				Answers: []Row{
					on(skips(), skipPart(catalog.AppRegister), "next"),
					on(aRegister(), keepRegister, "next"),
					on(plainWords("noRegister"), sayNoRegister, ""),
				}},
			{Name: "phone", Read: readNumber, Ask: askJoiningPhone,
				Given: []Row{on(numberProven(), keepProvenNumber, "next")},
				Answers: []Row{
					on(skips(), skipPart(catalog.AppPhone), "next"),
					on(aNumber(), keepNumber, "next"),
					on(noNumber(), sayNoNumber, ""),
				}},
			{Name: "products", Read: readJoining, Ask: askProducts,
				Answers: []Row{
					on(skips(), skipPart(catalog.AppProducts), "next"),
					on(plainWords("someProducts"), keepProducts, "next"),
				}},
			{Name: "documents", Read: readJoining, Ask: askDocuments,
				Given: []Row{on(noPhotosHere(), skipPart(catalog.AppDocuments), "next")},
				Answers: []Row{
					on(skips(), skipPart(catalog.AppDocuments), "next"),
					on(sendsPhoto(), keepDocument, "documents"),
				}},
			{Name: "reviewing", Numbered: true, Read: readJoining, Ask: askJoiningReview,
				Answers: []Row{
					on(yes(), submitApplication, "over"),
					on(chosen("changes", "change"), nil, "correcting"),
					on(chosen("later", "later"), pauseApplication, "over"),
				}},
			{Name: "correcting", Numbered: true, Read: readJoining, Ask: askWhatToCorrect,
				Answers: []Row{
					on(backToReview(), nil, "reviewing"),
					on(aPart(), forgetPart, "next"),
				}},
			{Name: "over", End: true},
		},
		Always: []Row{
			on(goBack(), stepBack, "next").or("over"),
			on(cancelWord(), pauseApplication, "over"),
			on(sendsPhoto(), keepStrayDocument, ""),
		},
	}
}

type joiningVars struct {
	Towns []string `json:"towns,omitempty"` // between which the person is asked
	Other bool     `json:"other,omitempty"` // a second cooperative is meant
}

// applied are what the states look at.
type applied struct {
	catalog.Application
	found  bool
	member []catalog.Membership
	other  bool
	chosen string // a part that is to be corrected
	plain  bool   // nothing but words can be sent here
}

func application(ctx context.Context, t *Turn) (catalog.Application, bool, error) {
	type known struct {
		a     catalog.Application
		found bool
	}
	k, err := once(ctx, t, "application", func(ctx context.Context) (known, error) {
		a, found, err := catalog.ApplicationOf(ctx, t.Tx, t.PersonID())
		return known{a, found}, err
	})
	return k.a, k.found, err
}

func readJoining(ctx context.Context, t *Turn, h *Heard) (any, error) {
	f := applied{plain: t.In.Medium == locales.Plain}
	var err error
	if f.Application, f.found, err = application(ctx, t); err != nil {
		return nil, err
	}
	f.member, err = actsFor(ctx, t)
	f.other = h.Argument == "other"
	f.chosen = keyed(h.Choice, "part:")
	return f, err
}

func applicationWaits() When {
	return fact("applicationWaits", func(_ *Heard, f applied) bool { return f.found && f.SubmittedAt != nil })
}

func sayWaiting(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(applied)
	when, err := promise(ctx, t, f.Application)
	if err != nil {
		return Result{}, err
	}
	t.Say("join.waiting", locales.Args{"name": applicationName(t, f.Application), "when": when})
	t.Offer("talk:joining", t.Text("menu.human", nil))
	return Done()
}

func promise(ctx context.Context, t *Turn, a catalog.Application) (locales.Date, error) {
	person, err := t.Person(ctx)
	if err != nil || a.PromisedAt == nil {
		return locales.Date{Time: t.Now, Style: locales.DayTime}, err
	}
	return locales.Date{Time: t.local(*a.PromisedAt, person.TimeZone), Style: locales.DayTime}, nil
}

// sellsAlready fits a member who has not begun to ask for another cooperative.
func sellsAlready() When {
	return fact("sellsAlready", func(_ *Heard, f applied) bool { return len(f.member) > 0 && !f.found })
}

// saySellsAlready says how to sell, and how to join with a second cooperative.
func saySellsAlready(_ context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(applied)
	t.Say("join.sells_already", locales.Args{"name": f.member[0].Name.In(string(t.lang))})
	t.Offer("apply:other", t.Text("join.another", nil))
	return Done()
}

// beginApplication begins an application or goes on with one.
func beginApplication(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(applied)
	if f.found && f.Next() != catalog.AppName {
		t.Say("join.resumed", nil)
		return Done()
	}
	t.Say("join.welcome", nil)
	_, err := catalog.Apply(ctx, t.Tx, t.PersonID(), t.Now)
	return Result{}, err
}

// wantsOther fits the button that begins with a second cooperative.
func wantsOther() When { return commanded("wantsOther", "apply") }

// beginOther begins at once, whatever the person belongs to already.
func beginOther(ctx context.Context, t *Turn) (Result, error) {
	_, err := catalog.Apply(ctx, t.Tx, t.PersonID(), t.Now)
	return Result{}, err
}

func misses(part catalog.ApplicationPart) When {
	return fact("misses-"+string(part), func(_ *Heard, f applied) bool { return f.Next() == part })
}

// saved changes the application and keeps it.
func saved(ctx context.Context, t *Turn, change func(*catalog.Application)) (Result, error) {
	a, err := catalog.Apply(ctx, t.Tx, t.PersonID(), t.Now)
	if err != nil {
		return Result{}, err
	}
	change(&a)
	return Result{}, a.Save(ctx, t.Tx)
}

func skipPart(part catalog.ApplicationPart) Action {
	return func(ctx context.Context, t *Turn) (Result, error) {
		v, _ := t.Vars.(*joiningVars)
		v.Towns = nil
		return saved(ctx, t, func(a *catalog.Application) {
			a.Skip(part)
			if part == catalog.AppName { // without one name there is no other
				a.Skip(catalog.AppOtherName)
			}
		})
	}
}

// stepBack takes the answer before this question back; before the first one it leaves, with what was said kept.
func stepBack(ctx context.Context, t *Turn) (Result, error) {
	a, err := catalog.Apply(ctx, t.Tx, t.PersonID(), t.Now)
	if err != nil {
		return Result{}, err
	}
	part := catalog.ApplicationPart(t.top().State)
	if part == "reviewing" || part == "correcting" {
		part = ""
	}
	before := a.Before(part)
	if before == catalog.AppPhone && provenNumber(t) != "" { // that was not asked
		before = a.Before(catalog.AppPhone)
	}
	if before == "" {
		return Otherwise("join.paused", nil)
	}
	a.Forget(before)
	return Result{}, a.Save(ctx, t.Tx)
}

func pauseApplication(_ context.Context, t *Turn) (Result, error) {
	t.Say("join.paused", nil)
	return Done()
}

// sendsPhoto fits a photo, at any question: whoever is asked for words may answer with a picture of the paper.
func sendsPhoto() When {
	return fact("sendsPhoto", func(h *Heard, _ any) bool { return h.Kind == Photo })
}

// keepDocument keeps the photos as the cooperative's documents.
func keepDocument(ctx context.Context, t *Turn) (Result, error) {
	kept := 0
	r, err := saved(ctx, t, func(a *catalog.Application) {
		for _, m := range t.Heard.Media {
			if a.AddDocument(people.Media{ID: m.ID, Kind: string(m.Kind), MIME: m.MIME, Bytes: m.Bytes, Photo: m.Photo}) {
				kept++
			}
		}
	})
	if err == nil && len(t.Heard.Media) > kept {
		t.Say("join.documents_full", locales.Args{"n": catalog.MaxDocuments})
	}
	return r, err
}

// keepStrayDocument keeps a photo that came where words were asked, and asks again.
func keepStrayDocument(ctx context.Context, t *Turn) (Result, error) {
	if r, err := keepDocument(ctx, t); err != nil {
		return r, err
	}
	t.Say("join.document_kept", nil)
	return Stay()
}

// noPhotosHere fits a text message: papers are looked at together, later.
func noPhotosHere() When {
	return fact("noPhotosHere", func(_ *Heard, f applied) bool { return f.plain })
}
