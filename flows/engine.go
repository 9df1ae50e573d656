package flows

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/jackc/pgx/v5"

	"souk/catalog"
	"souk/internal/sorry"
	"souk/locales"
	"souk/people"
)

// Book is everything that can be talked about.
type Book struct {
	Base       string // the flow at the bottom of every stack; its start is where a conversation rests
	Flows      []Flow
	Everywhere []Row // global words, commands on cards, free text from anywhere: tried after a state's own rows of the same rank
	Notices    map[string]Notice
	// Reread may read what fits nothing in another way, and tells whether it did: it is tried once more then. Nil: it is not.
	Reread func(context.Context, *Turn, *Heard) (bool, error)
	// Puzzled is done when nothing fits what was said.
	Puzzled Action
}

// Notice says what a domain's notice has to tell.
type Notice struct {
	Say func(ctx context.Context, t *Turn, args NoticeArgs) error
	// Enter is the flow that an "ask" goes on in, its variables being the notice's arguments; "" where it only tells.
	Enter string
}

// Engine answers. It holds no state of any conversation and may be used by any number of goroutines.
type Engine struct {
	flows   map[string]*compiled
	base    string
	notices map[string]Notice
	puzzled Action
	reread  func(context.Context, *Turn, *Heard) (bool, error)
	words   *locales.Words
	read    func(string) Reading
	walked  func(event string)
	codes   catalog.Codes
	doors   Doors
}

// Options are what an engine may be given besides its book.
type Options struct {
	// Read understands a whole message.
	Read func(string) Reading
	// Codes makes and checks the codes of invitations; without a secret nobody can be invited by one.
	Codes catalog.Codes
	// Doors are where Souk is written to: what a code or a link that is passed on leads to.
	Doors Doors
	// Walked hears of every row that was taken, as flow/state/row: for tests that name the rows nobody walked.
	Walked func(event string)
}

// New compiles a book and checks it; the error names every fault.
func New(book Book, words *locales.Words, o Options) (*Engine, error) {
	if faults := Check(book); len(faults) > 0 {
		return nil, fmt.Errorf("flows: %s", strings.Join(faults, "; "))
	}
	e := &Engine{flows: make(map[string]*compiled, len(book.Flows)), base: book.Base, notices: book.Notices, puzzled: book.Puzzled, reread: book.Reread,
		words: words, read: o.Read, walked: o.Walked, codes: o.Codes, doors: o.Doors}
	for _, f := range book.Flows {
		e.flows[f.Name] = compile(f, book.Everywhere)
	}
	return e, nil
}

// Turn answers one event. It is a function of the session, the event, the time and what the transaction reads: it sends nothing.
// An error fails the turn as a whole, and its transaction with it.
func (e *Engine) Turn(ctx context.Context, tx pgx.Tx, in Input) (Output, error) {
	t := &Turn{Tx: tx, Now: in.Now, In: &in, e: e}
	if in.Event.Kind == Group { // nobody in particular speaks there
		return t.decline()
	}
	if err := t.begin(ctx); err != nil {
		return Output{}, err
	}
	if err := t.answer(ctx); err != nil {
		return Output{}, err
	}
	return t.finish()
}

// decline answers in a group, politely, and remembers nothing of it.
func (t *Turn) decline() (Output, error) {
	out := Output{}
	if t.In.Session != nil {
		out.Session = *t.In.Session
	}
	said := strings.FieldsFunc(t.In.Event.Text, unicode.IsSpace)
	said = slices.DeleteFunc(said, func(w string) bool { return strings.HasPrefix(w, "/") || strings.HasPrefix(w, "@") }) // our own name
	t.lang = guessLang(Event{Kind: Text, Text: strings.Join(said, " "), Profile: t.In.Event.Profile})
	t.Say("engine.group", nil)
	reply, err := t.reply()
	out.Replies = []Reply{reply}
	return out, err
}

// begin takes up the session, or makes one for somebody who writes for the first time.
func (t *Turn) begin(ctx context.Context) error {
	in := t.In
	if in.Session != nil {
		t.session = *in.Session
		t.session.Frames = append([]Frame(nil), in.Session.Frames...)
	}
	if t.session.Person == 0 {
		person, address, created, err := people.Identify(ctx, t.Tx, in.Conversation,
			people.Hint{Name: in.Event.Profile.Name, Phone: in.Event.Profile.Phone, Lang: string(guessLang(in.Event))}, in.Now)
		if err != nil {
			return fmt.Errorf("identify who speaks: %w", err)
		}
		t.session.Person, t.session.Lang, t.session.Stopped = person.ID, person.Lang, address.StoppedAt != nil
		t.person, t.First = &person, created
	}
	t.session.Format = Format
	t.lang = locales.Lang(t.session.Lang)
	if !t.lang.Valid() {
		t.speak(locales.French)
	}
	if err := t.follow(ctx); err != nil {
		return err
	}
	t.came = t.lang
	return t.resume()
}

// guessLang answers first and asks later: Arabic for Arabic letters, French for Latin ones, else what the app is set to.
func guessLang(e Event) locales.Lang {
	if e.Kind == Text && strings.ContainsFunc(e.Text, isLetter) && !strings.HasPrefix(e.Text, "/") {
		return locales.Guess(e.Text)
	}
	if strings.HasPrefix(strings.ToLower(e.Profile.Lang), "ar") {
		return locales.Arabic
	}
	return locales.French
}

// resume looks up where the conversation stands. State names are stored data: one that is not known (a flow was rebuilt since)
// restarts politely. The cart belongs to the person and is not touched.
func (t *Turn) resume() error {
	lost := false
	for _, f := range t.session.Frames {
		c := t.e.flows[f.Flow]
		if c == nil || c.states[f.State] == nil {
			lost = true
		}
	}
	if lost {
		t.session.Frames, t.session.Prompt = nil, nil
		t.restarted = true
		t.Say("engine.restarted", nil)
	}
	if len(t.session.Frames) == 0 {
		base := t.e.flows[t.e.base]
		t.session.Frames = []Frame{{Flow: base.Name, State: base.Start}}
	}
	if p := t.session.Prompt; p != nil && (p.Flow != t.top().Flow || p.State != t.top().State) {
		t.session.Prompt = nil
	}
	t.loadVars()
	return nil
}

// answer does what the kind of event asks for.
func (t *Turn) answer(ctx context.Context) error {
	ev := t.In.Event
	switch ev.Kind {
	case Blocked:
		t.silent = true
		_, err := people.Block(ctx, t.Tx, t.In.Conversation, t.Now)
		return err
	case Unblock:
		t.silent = true
		_, err := people.Unblock(ctx, t.Tx, t.In.Conversation, t.Now)
		return err
	}
	t.Heard = t.hear()
	if stop, err := t.stopOrStart(ctx); stop || err != nil {
		return err
	}
	if err := t.hearSeller(ctx); err != nil {
		return err
	}
	switch ev.Kind {
	case Operator:
		t.SayLine("👤 " + locales.StripControls(ev.Text))
		return nil
	case Parked:
		t.Say("engine.parked", nil)
		return t.askAgain(ctx)
	case NoticeDue:
		return t.notice(ctx)
	case Edited:
		return t.edited(ctx)
	}
	if t.repeat != nil {
		return nil
	}
	if err := t.hearShop(ctx); err != nil {
		return fmt.Errorf("hear of the speaker's shop: %w", err)
	}
	t.greetBefore()
	if t.Heard.stale {
		t.Say("engine.stale", nil)
		return t.askAgainOrRest(ctx)
	}
	return t.converse(ctx, t.Heard)
}

// stopOrStart obeys STOP before anything else, in any language and in the middle of anything. While stopped nothing is said.
func (t *Turn) stopOrStart(ctx context.Context) (bool, error) {
	h := t.Heard
	switch {
	case h.Choice == "" && h.Means(Stop) && !endsSummary(h):
		t.silent = t.session.Stopped
		return true, t.stop(ctx)
	case !t.session.Stopped:
		return false, nil
	case h.Means(Start) || h.Kind == DeepLink:
		t.session.Stopped = false
		t.Say("engine.started", nil)
		_, err := people.Start(ctx, t.Tx, t.In.Conversation, t.Now)
		return false, err
	}
	t.silent = true
	return true, nil
}

// stop says nothing more from here on.
func (t *Turn) stop(ctx context.Context) error {
	t.session.Stopped, t.session.Prompt = true, nil
	t.Say("engine.stopped", nil)
	_, err := people.Stop(ctx, t.Tx, t.In.Conversation, t.Now)
	return err
}

// edited takes a changed message for a correction only where it was an answer to the question that is still open.
func (t *Turn) edited(ctx context.Context) error {
	p := t.session.Prompt
	h := t.Heard
	if p != nil && h.Original.After(p.AskedAt) {
		return t.converse(ctx, h)
	}
	t.Say("engine.edited", nil)
	return t.askAgain(ctx)
}

// finish puts what was said into one reply, question last, and the session into the form in which it is kept.
func (t *Turn) finish() (Output, error) {
	if t.silent {
		t.said, t.asked, t.offers = nil, nil, nil
	}
	if err := t.storeVars(); err != nil {
		return Output{}, err
	}
	out := Output{Notices: t.notices, Requeue: t.requeue}
	if t.repeat != nil {
		out.Replies = t.repeat
	} else {
		reply, err := t.reply()
		if err != nil {
			return Output{}, err
		}
		if reply.Text != "" || reply.Photo != "" {
			out.Replies = []Reply{reply}
			if reply.Class == ClassReply {
				t.session.Last = out.Replies
			}
		}
	}
	out.Session = t.session
	return out, nil
}

func (t *Turn) top() *Frame { return &t.session.Frames[len(t.session.Frames)-1] }

func (t *Turn) where() (*compiled, *compiledState) {
	c := t.e.flows[t.top().Flow]
	return c, c.states[t.top().State]
}

// resting tells that nothing is open: only the base stands on the stack, without a question.
func (t *Turn) resting() bool { return len(t.session.Frames) == 1 && t.session.Prompt == nil }

// loadVars opens the top frame's variables; ones that no longer fit begin empty.
func (t *Turn) loadVars() {
	t.Vars = nil
	c := t.e.flows[t.top().Flow]
	if c.Flow.Vars == nil {
		return
	}
	t.Vars = c.Flow.Vars()
	if raw := t.top().Vars; len(raw) > 0 {
		if err := json.Unmarshal(raw, t.Vars); err != nil {
			t.Vars = c.Flow.Vars()
		}
	}
}

func (t *Turn) storeVars() error {
	if t.Vars == nil {
		return nil
	}
	raw, err := json.Marshal(t.Vars)
	if err != nil {
		return fmt.Errorf("keep the variables of %s: %w", t.top().Flow, err)
	}
	t.top().Vars = raw
	return nil
}

// refuse says why something was refused.
func (t *Turn) refuse(err error) {
	if s, ok := sorry.As(err); ok {
		t.Say("sorry."+s.Key, locales.Args(s.Args))
	}
}

var errTooManyHops = errors.New("given rows go round in a circle")
