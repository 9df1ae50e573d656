package flows

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/sorry"
	"souk/locales"
	"souk/people"
)

// Turn is what an action, a reader and a question are given: the open transaction, who speaks, what was heard, and a voice.
type Turn struct {
	Tx    pgx.Tx
	Now   time.Time
	In    *Input
	Heard *Heard
	Facts any // what the state's Read returned
	Vars  any // the flow's variables, a pointer as Flow.Vars made it
	// Again says that the question was asked before and is repeated: it may be shorter.
	Again bool
	// whole says that a question which is repeated lists its choices again, however many they are.
	whole bool
	// First says that this is the first turn of a person whom nobody knew.
	First bool

	e         *Engine
	session   Session
	lang      locales.Lang
	came      locales.Lang // the language in which the turn began
	person    *people.Person
	seen      seen
	said      []string
	photo     string
	offers    []Choice
	asked     *Question
	notices   bool
	class     Class
	silent    bool
	restarted bool
	repeat    []Reply
	requeue   time.Duration
	handed    any // the variables of the frame that is entered next
}

// Choice is one thing to choose.
type Choice struct {
	// Key is what the state hears as Heard.Choice. With Command it is a payload of its own ("add:P12") that works however old
	// its button becomes.
	Key     string
	Command bool
	Label   string
	Detail  string
}

// Question is what a state asks.
type Question struct {
	Text    string
	Choices []Choice
	// Invite asks for a contact or a place by the channel's own button, InviteLabel.
	Invite      Ask
	InviteLabel string
	// List names the words of the button that opens a long list, where a channel hides it behind one.
	List string
}

// PersonID is who speaks.
func (t *Turn) PersonID() int64 { return t.session.Person }

// Person is who speaks, loaded once a turn.
func (t *Turn) Person(ctx context.Context) (people.Person, error) {
	if t.person == nil {
		p, err := people.Load(ctx, t.Tx, t.session.Person)
		if err != nil {
			return people.Person{}, fmt.Errorf("load who speaks: %w", err)
		}
		t.person = &p
	}
	return *t.person, nil
}

// forgetPerson drops what is known of the person, after an action changed it.
func (t *Turn) forgetPerson() { t.person = nil }

// Lang is the language of the conversation.
func (t *Turn) Lang() locales.Lang { return t.lang }

// speak changes the language from here on, within the turn too.
func (t *Turn) speak(lang locales.Lang) {
	t.lang = lang
	t.session.Lang = string(lang)
}

// Text is the words of a key, for this person and medium.
func (t *Turn) Text(key string, args locales.Args) string {
	return t.e.words.Text(t.lang, t.In.Medium, key, args)
}

// Say adds a paragraph to what is said. The question, if one follows, comes last.
func (t *Turn) Say(key string, args locales.Args) { t.SayLine(t.Text(key, args)) }

// SayLine adds a paragraph that is in words already.
func (t *Turn) SayLine(text string) {
	if text = strings.TrimSpace(text); text != "" {
		t.said = append(t.said, text)
	}
}

// Show puts a photo above what is said.
func (t *Turn) Show(photo string) { t.photo = photo }

// Offer puts a command's button beneath what is said; it asks nothing and works however old it becomes.
func (t *Turn) Offer(payload, label string) {
	t.offers = append(t.offers, Choice{Key: payload, Command: true, Label: label})
}

// Ask says the question, last.
func (t *Turn) Ask(q Question) { t.asked = &q }

// local is a moment in the person's own time zone.
func (t *Turn) local(at time.Time, zone string) time.Time { return at.In(people.Zone(zone)) }

// hand gives the flow that the row enters its variables, of that flow's own kind.
func (t *Turn) hand(vars any) { t.handed = vars }

// spoken is how far a turn had got: what mark keeps and rewind goes back to.
type spoken struct {
	said    int
	offers  int
	photo   string
	vars    []byte
	notices bool
}

func (t *Turn) mark() (spoken, error) {
	m := spoken{said: len(t.said), offers: len(t.offers), photo: t.photo, notices: t.notices}
	if t.Vars != nil {
		var err error
		if m.vars, err = json.Marshal(t.Vars); err != nil {
			return m, fmt.Errorf("keep the flow's variables: %w", err)
		}
	}
	return m, nil
}

func (t *Turn) rewind(m spoken, f *compiled) error {
	t.said, t.offers, t.photo, t.notices = t.said[:m.said], t.offers[:m.offers], m.photo, m.notices
	t.forgetPerson()
	clear(t.seen)
	if t.Vars == nil {
		return nil
	}
	t.Vars = f.Flow.Vars()
	if err := json.Unmarshal(m.vars, t.Vars); err != nil {
		return fmt.Errorf("take back the flow's variables: %w", err)
	}
	return nil
}

// act runs an action under a savepoint. A refusal comes back as a *sorry.Error with what was done undone; so does Otherwise.
func (t *Turn) act(ctx context.Context, do Action) (Result, error) {
	if do == nil {
		return Result{}, nil
	}
	f := t.e.flows[t.top().Flow]
	before, err := t.mark()
	if err != nil {
		return Result{}, err
	}
	outer := t.Tx
	var save *savepoint
	if outer != nil {
		save = &savepoint{Tx: outer, touched: func() { clear(t.seen) }}
		t.Tx = save
	}
	result, err := do(ctx, t)
	t.Tx = outer
	_, refused := sorry.As(err)
	if err != nil && !refused {
		return result, err // the turn fails: the whole transaction goes
	}
	if err != nil || result.kind == otherwise {
		if undoing := save.undo(ctx); undoing != nil {
			return result, undoing
		}
		if undoing := t.rewind(before, f); undoing != nil {
			return result, undoing
		}
		if refused {
			return result, err
		}
		if result.key != "" {
			t.Say(result.key, result.args)
		}
		return result, nil
	}
	return result, save.keep(ctx)
}
