package flows

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"souk/internal/sorry"
	"souk/locales"
)

// The engine's own tests talk in a flow about a picnic: it needs no database, and what it says is plain to see.

type picnicVars struct {
	Plates int    `json:"plates,omitempty"`
	Dish   string `json:"dish,omitempty"`
}

type picnicFacts struct {
	n   int
	has bool
}

var someDay = time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC)

func picnicBook() Book {
	vars := func(t *Turn) *picnicVars { return t.Vars.(*picnicVars) }
	ask := func(text string, choices ...Choice) func(context.Context, *Turn) error {
		return func(_ context.Context, t *Turn) error {
			if t.Again {
				text = "(" + text + ")"
			}
			t.Ask(Question{Text: text, Choices: choices})
			return nil
		}
	}
	read := func(_ context.Context, _ *Turn, h *Heard) (any, error) {
		n, ok := bareNumber(h.Typed())
		return picnicFacts{n, ok}, nil
	}
	tooMany := number("tooMany", "plates", func(_ *Heard, f picnicFacts) bool { return f.has && f.n > 9 })
	plates := number("plates", "plates", func(_ *Heard, f picnicFacts) bool { return f.has })
	setPlates := func(_ context.Context, t *Turn) (Result, error) {
		vars(t).Plates = t.Facts.(picnicFacts).n
		t.SayLine(fmt.Sprint(vars(t).Plates, " plates."))
		return Done()
	}
	refuse := func(_ context.Context, t *Turn) (Result, error) {
		vars(t).Plates = 99
		t.SayLine("never said")
		return Result{}, sorry.New("picnic.too_many", nil)
	}
	remember := func(_ context.Context, t *Turn) (Result, error) {
		vars(t).Dish = "wrong code"
		t.SayLine("wrong")
		return Stay()
	}
	elsewhere := func(_ context.Context, t *Turn) (Result, error) {
		vars(t).Dish = "undone"
		t.SayLine("never said")
		return Otherwise("engine.stale", nil)
	}
	say := func(text string) Action {
		return func(_ context.Context, t *Turn) (Result, error) { t.SayLine(text); return Done() }
	}
	return Book{
		Base: "meadow",
		Flows: []Flow{
			{Name: "meadow", Start: "resting", States: []State{
				{Name: "resting", Ask: ask("meadow?"), Answers: []Row{on(word("picnic", func(h *Heard) bool { return h.Typed() == "picnic" }), nil, "resting").enter("picnic")}},
			}},
			{Name: "picnic", Start: "setting", Vars: func() any { return &picnicVars{} },
				States: []State{
					{Name: "setting", Ask: ask("plates?"), Read: read, Answers: []Row{on(tooMany, refuse, "setting"), on(plates, setPlates, "choosing")}},
					{Name: "choosing", Numbered: true, Ask: ask("dish?", Choice{Key: "tajine", Label: "Tajine"}, Choice{Key: "seksu", Label: "Séksu"}, Choice{Key: "see:P1", Command: true, Label: "Card"}),
						Given: []Row{on(fact("never", func(*Heard, any) bool { return false }), nil, "setting")},
						Answers: []Row{
							on(chosen("tajine", "tajine"), say("Tajine it is."), "eaten"),
							on(chosen("seksu", "seksu"), elsewhere, "eaten").or("setting"),
							on(word("code", func(h *Heard) bool { return h.Typed() == "code" }), remember, "eaten"),
							on(word("back", func(h *Heard) bool { return h.Typed() == "back" }), nil, "setting").back(),
						}},
					{Name: "eaten", End: true, Ask: func(_ context.Context, t *Turn) error { t.SayLine("Bismillah."); return nil }},
				}},
			{Name: "help", Start: "helping", States: []State{{Name: "helping", End: true, Ask: func(_ context.Context, t *Turn) error { t.SayLine("Help!"); return nil }}}},
			{Name: "asking", Start: "asking", States: []State{{Name: "asking", Ask: ask("rain?"), Answers: []Row{on(word("fine", func(h *Heard) bool { return h.Typed() == "fine" }), nil, "over")}}, {Name: "over", End: true}}},
		},
		Everywhere: []Row{
			on(word("help", func(h *Heard) bool { return h.Typed() == "help" }), nil, "").enter("help"),
			on(word("see", func(h *Heard) bool { return h.Command == "see" }), say("A card."), ""),
		},
		Notices: map[string]Notice{
			"sun": {Say: func(_ context.Context, t *Turn, a NoticeArgs) error {
				t.SayLine("Sun until " + a.Text("until"))
				return nil
			}},
			"rain": {Say: func(_ context.Context, t *Turn, _ NoticeArgs) error { t.SayLine("Rain."); return nil }, Enter: "asking"},
		},
	}
}

// talk keeps a conversation through its stored form, as the gateway does.
type talk struct {
	t       testing.TB
	engine  *Engine
	session Session
	now     time.Time
	random  byte
	out     Output
}

func newTalk(t testing.TB) *talk {
	t.Helper()
	words, err := locales.Load()
	if err != nil {
		t.Fatal(err)
	}
	engine, err := New(picnicBook(), words, Options{Read: func(text string) Reading {
		if strings.EqualFold(text, "stop") || strings.EqualFold(text, "start") {
			return Reading{Intent: Intent(strings.ToLower(text))}
		}
		return Reading{Intent: "unknown"}
	}})
	if err != nil {
		t.Fatal(err)
	}
	return &talk{t: t, engine: engine, session: Session{Person: 1, Lang: "fr"}, now: someDay}
}

func (k *talk) hear(ev Event) string {
	k.t.Helper()
	stored, err := json.Marshal(k.session)
	if err != nil {
		k.t.Fatal(err)
	}
	var session Session
	if err := json.Unmarshal(stored, &session); err != nil {
		k.t.Fatal(err)
	}
	if ev.At.IsZero() {
		ev.At = k.now
	}
	k.out, err = k.engine.Turn(context.Background(), nil, Input{Medium: locales.Rich, Session: &session, Event: ev, Now: k.now,
		Random: func(n int) []byte { k.random++; return slices.Repeat([]byte{k.random}, n) }})
	if err != nil {
		k.t.Fatal(err)
	}
	k.session = k.out.Session
	texts := []string{}
	for _, r := range k.out.Replies {
		texts = append(texts, r.Text)
	}
	return strings.Join(texts, "\n--\n")
}

func (k *talk) says(text string) string { return k.hear(Event{Kind: Text, Text: text}) }

func (k *talk) taps(payload string) string { return k.hear(Event{Kind: Tap, Payload: payload}) }

func (k *talk) expect(got, want string) {
	k.t.Helper()
	if got != want {
		k.t.Fatalf("said %q, want %q", got, want)
	}
}

func TestAFlowIsWalkedToItsEndAndTheBaseRests(t *testing.T) {
	t.Parallel()
	k := newTalk(t)
	k.expect(k.says("picnic"), "plates?")
	k.expect(k.says("٣"), "3 plates.\n\ndish?")
	if o := k.out.Replies[0].Options; len(o) != 3 || o[1].Number != 2 || o[2].Payload != "see:P1" {
		t.Fatalf("options: %+v", o)
	}
	k.expect(k.says("tajine"), "Tajine it is.\nBismillah.")
	if len(k.session.Frames) != 1 || k.session.Prompt != nil {
		t.Fatalf("not at rest: %+v", k.session)
	}
}

func TestARefusalUndoesKeepsTheStateAndAsksAgain(t *testing.T) {
	t.Parallel()
	k := newTalk(t)
	k.says("picnic")
	prompt := k.session.Prompt.ID
	k.expect(k.says("12"), "sorry.picnic.too_many\n\n(plates?)")
	if k.session.Prompt.ID != prompt || strings.Contains(string(k.session.Frames[1].Vars), "99") {
		t.Fatalf("the refusal left traces: %+v", k.session)
	}
}

func TestOtherwiseUndoesAndGoesToTheSecondTarget(t *testing.T) {
	t.Parallel()
	k := newTalk(t)
	k.says("picnic")
	k.says("3")
	k.expect(k.says("2"), "Nous avons avancé depuis cette question.\n\nplates?")
	if f := k.session.Frames[1]; f.State != "setting" || strings.Contains(string(f.Vars), "undone") {
		t.Fatalf("frame: %+v", f)
	}
}

func TestWhatMustBeRememberedCommitsAndKeepsTheState(t *testing.T) {
	t.Parallel()
	k := newTalk(t)
	k.says("picnic")
	k.says("3")
	k.expect(k.says("code"), "wrong\n\n(dish?)")
	if f := k.session.Frames[1]; f.State != "choosing" || !strings.Contains(string(f.Vars), "wrong code") {
		t.Fatalf("frame: %+v", f)
	}
}

func TestHelpGoesAndTheWaitingQuestionComesBackUnderItsId(t *testing.T) {
	t.Parallel()
	k := newTalk(t)
	k.says("picnic")
	k.says("3")
	prompt := k.session.Prompt.ID
	k.expect(k.says("help"), "Help!\n\n(dish?)")
	if k.session.Prompt == nil || k.session.Prompt.ID != prompt || len(k.session.Frames) != 2 {
		t.Fatalf("the question did not come back: %+v", k.session)
	}
	k.expect(k.taps("q:"+prompt+":tajine"), "Tajine it is.\nBismillah.")
}

func TestASecondTapRepeatsTheOutcomeAndAStaleOneIsAnsweredKindly(t *testing.T) {
	t.Parallel()
	k := newTalk(t)
	k.says("picnic")
	old := k.session.Prompt.ID
	k.says("3")
	prompt := k.session.Prompt.ID
	k.expect(k.taps("q:"+old+":whatever"), "3 plates.\n\ndish?")
	k.expect(k.taps("q:"+prompt+":tajine"), "Tajine it is.\nBismillah.")
	k.expect(k.taps("q:"+prompt+":tajine"), "Tajine it is.\nBismillah.")
	k.expect(k.taps("q:"+old+":whatever"), "Nous avons avancé depuis cette question.\n\nmeadow?")
	k.session.Last = nil // Redis was lost
	k.expect(k.taps("q:"+prompt+":tajine"), "Nous avons avancé depuis cette question.\n\n(meadow?)")
}

func TestCommandsWorkHoweverOldAndFromTheList(t *testing.T) {
	t.Parallel()
	k := newTalk(t)
	k.expect(k.taps("see:P1"), "A card.")
	k.says("picnic")
	k.expect(k.taps("see:P1"), "A card.\n\n(plates?)")
	k.says("3")
	k.expect(k.says("3"), "A card.") // the third of the list: it answered the question
}

func TestAQuoteBindsAnAnswerToItsQuestion(t *testing.T) {
	t.Parallel()
	k := newTalk(t)
	k.says("picnic")
	old := k.session.Prompt.ID
	k.says("3")
	k.expect(k.hear(Event{Kind: Text, Text: "2", Quoted: old}), "Nous avons avancé depuis cette question.\n\n(dish?)")
	k.expect(k.hear(Event{Kind: Text, Text: "1", Quoted: k.session.Prompt.ID}), "Tajine it is.\nBismillah.")
}

func TestAnEditIsACorrectionOnlyWhileItsQuestionIsOpen(t *testing.T) {
	t.Parallel()
	k := newTalk(t)
	k.says("picnic")
	k.says("12")
	k.expect(k.hear(Event{Kind: Edited, Text: "3", Original: k.now.Add(time.Second)}), "3 plates.\n\ndish?")
	k.now = k.now.Add(time.Minute)
	k.session.Prompt.AskedAt = k.now
	got := k.hear(Event{Kind: Edited, Text: "2", Original: k.now.Add(-time.Minute)})
	if !strings.HasPrefix(got, "Votre correction") || k.session.Frames[1].State != "choosing" {
		t.Fatalf("said %q in %+v", got, k.session.Frames)
	}
}

func TestStopIsObeyedAnywhereAndNothingIsSaidUntilStart(t *testing.T) {
	t.Parallel()
	k := newTalk(t)
	k.says("picnic")
	k.session.Stopped = true
	k.expect(k.says("3"), "")
	k.expect(k.hear(Event{Kind: NoticeDue, Notice: &NoticeEvent{ID: 1, Name: "sun"}}), "")
	k.expect(k.taps("see:P1"), "")
}

func TestATellKeepsTheQuestionAndAnAskWaitsForIt(t *testing.T) {
	t.Parallel()
	k := newTalk(t)
	k.says("picnic")
	before := *k.session.Prompt
	k.expect(k.hear(Event{Kind: NoticeDue, Notice: &NoticeEvent{ID: 1, Name: "sun", Args: map[string]any{"until": "6"}}}), "Sun until 6")
	if k.out.Replies[0].Class != ClassNotice || k.session.Prompt.ID != before.ID {
		t.Fatalf("a notice ended the question: %+v", k.session.Prompt)
	}
	rain := Event{Kind: NoticeDue, Notice: &NoticeEvent{ID: 2, Name: "rain", Ask: true}}
	k.expect(k.hear(rain), "")
	if k.out.Requeue == 0 || !slices.Equal(k.session.Asks, []int64{2}) {
		t.Fatalf("the ask is not kept: %+v", k.out)
	}
	k.now = k.now.Add(11 * time.Minute)
	k.expect(k.hear(rain), "Rain.\n\nrain?")
	if len(k.session.Asks) != 0 || len(k.session.Frames) != 3 {
		t.Fatalf("after the ask: %+v", k.session)
	}
	k.expect(k.says("fine"), "(plates?)")
	if k.session.Prompt.ID != before.ID {
		t.Fatal("the question that waited came back under another id")
	}
}

func TestAnUnknownStateRestartsPolitely(t *testing.T) {
	t.Parallel()
	k := newTalk(t)
	k.says("picnic")
	k.session.Frames[1].State = "renamed"
	got := k.says("tajine")
	if !strings.HasPrefix(got, "Souk a été mis à jour") || !strings.HasSuffix(got, "meadow?") {
		t.Fatalf("said %q", got)
	}
}

func TestANumberThatIsNotInTheList(t *testing.T) {
	t.Parallel()
	k := newTalk(t)
	k.says("picnic")
	k.says("3")
	got := k.says("7")
	if !strings.Contains(got, "de 1 à") || !strings.HasSuffix(got, "(dish?)") {
		t.Fatalf("said %q", got)
	}
}

func TestGroupsAreDeclinedAndNothingIsRemembered(t *testing.T) {
	t.Parallel()
	k := newTalk(t)
	got := k.hear(Event{Kind: Group, Text: "سلام"})
	if !strings.Contains(got, "محادثة خاصة") {
		t.Fatalf("said %q", got)
	}
}

func TestCheckNamesEveryFault(t *testing.T) {
	t.Parallel()
	yes := func(*Heard) bool { return true }
	ask := func(context.Context, *Turn) error { return nil }
	book := Book{Base: "nowhere", Flows: []Flow{{Name: "a", Start: "one", States: []State{
		{Name: "one", Ask: ask, Numbered: true, Answers: []Row{on(word("x", yes), nil, "gone"), on(word("x", yes), nil, "one"),
			on(number("n", "quantity", func(*Heard, any) bool { return true }), nil, "one").enter("b:c")}},
		{Name: "island", Ask: ask},
		{Name: "mute"},
	}}}, Everywhere: []Row{on(word("w", yes), nil, "one")}}
	all := strings.Join(Check(book), "\n")
	for _, want := range []string{`base "nowhere"`, `a/one/x goes to "gone"`, "a/one/x stands twice", "a number could mean a choice or, to n, quantity",
		`enters "b:c"`, "a/island cannot be reached", "a/mute asks nothing", "everywhere/w"} {
		if !strings.Contains(all, want) {
			t.Errorf("not found: %s in\n%s", want, all)
		}
	}
	if faults := Check(picnicBook()); len(faults) > 0 {
		t.Error(faults)
	}
}

// One step without I/O: a typed answer, the machine, an action under its (unopened) savepoint, the next question, the session
// through its stored form.
func BenchmarkStep(b *testing.B) {
	k := newTalk(b)
	k.says("picnic")
	stored, err := json.Marshal(k.session)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		var session Session
		if err := json.Unmarshal(stored, &session); err != nil {
			b.Fatal(err)
		}
		out, err := k.engine.Turn(context.Background(), nil, Input{Medium: locales.Rich, Session: &session, Now: someDay,
			Event: Event{Kind: Text, Text: "3"}, Random: func(n int) []byte { return make([]byte, n) }})
		if err != nil || len(out.Replies) != 1 {
			b.Fatal(out, err)
		}
		if _, err := out.Session.Checkpoint(); err != nil {
			b.Fatal(err)
		}
	}
}
