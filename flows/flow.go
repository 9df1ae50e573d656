package flows

import (
	"context"

	"souk/locales"
)

// Flow is one conversation: its states, and rows of when → do → to. It is data, compiled once by New; nothing in it changes.
type Flow struct {
	Name   string
	Start  string     // the state of a fresh frame
	Vars   func() any // makes a pointer to the flow's empty variables; nil for a flow that keeps none
	States []State
	Always []Row // rows of every state that is not an end
}

// State is a place in a flow. On arrival Read runs without an event, the Given rows are tried, and what remains is asked. An
// event is read and the Answers are tried in order.
type State struct {
	Name string
	// Ask says the question (or, in an end, the last word). It may say less when Turn.Again tells that it was asked before.
	Ask func(context.Context, *Turn) error
	// Read loads the facts that the rows' whens look at. On arrival the event heard is Nothing.
	Read func(context.Context, *Turn, *Heard) (any, error)
	// Given rows are tried on arrival, without an event, at most MaxHops of them in one turn; never after a Back row.
	Given   []Row
	Answers []Row
	// Numbered says that the question offers choices to be typed by number. Such a state can have no row that reads a number.
	Numbered bool
	// Verbatim says that what is typed here is kept as it is, a name or an address: it does not tell which language to answer in.
	Verbatim bool
	// Captive says that what is typed here is this state's own, whatever it looks like: no line about the speaker's shop.
	Captive bool
	// End pops the frame; the question that waits below is asked again.
	End bool
}

// Row is one way on: when → do → to.
type Row struct {
	When      When
	Do        Action // nil: there is nothing to do
	To        string // "" keeps the state and does not ask again by itself
	Otherwise string // the second target, for an action that returns Otherwise
	// Enter pushes a frame, "flow" or "flow:state", after To was reached. A flow that stands in the stack already is unwound to.
	Enter string
	// Again lets the state that was reached hear the same event.
	Again bool
	// Back marks a way back: Given rows are not tried there.
	Back bool
	// Lasting marks a given row that is tried whenever the question is asked again too: what it asks about may have ended elsewhere.
	Lasting bool
}

// When is the condition of a row. It is a value, so that it can be checked and drawn, and its Fits is pure.
type When struct {
	Name string
	// ReadsNumber names what a bare number means to it ("quantity", "phone"), "" where it reads none.
	ReadsNumber string
	// Word marks what fits only a whole message, a choice or a command. Such rows go before all that read free text.
	Word bool
	Fits func(h *Heard, facts any) bool
}

// Action does what a row is for, under a savepoint of the turn's transaction. An error made by sorry.New undoes it, keeps the
// state and says why; any other error fails the turn.
type Action func(context.Context, *Turn) (Result, error)

// Result says how an action ended.
type Result struct {
	kind resultKind
	key  string
	args locales.Args
}

type resultKind uint8

const (
	done resultKind = iota
	stays
	otherwise
)

// Done lets the machine go to the row's target.
func Done() (Result, error) { return Result{kind: done}, nil }

// Stay commits what the action did and keeps the state: a refusal that must be remembered, such as a wrong code.
func Stay() (Result, error) { return Result{kind: stays}, nil }

// Otherwise undoes what the action did and sends the machine to the row's second target, saying key (where it is not "").
func Otherwise(key string, args locales.Args) (Result, error) {
	return Result{kind: otherwise, key: key, args: args}, nil
}

// MaxHops is how many Given rows may follow each other in one turn.
const MaxHops = 5

// on is a row in the shorthand of the tables.
func on(when When, do Action, to string) Row { return Row{When: when, Do: do, To: to} }

// or gives a row its second target.
func (r Row) or(state string) Row {
	r.Otherwise = state
	return r
}

// enter lets a row push a frame.
func (r Row) enter(target string) Row {
	r.Enter = target
	return r
}

// again lets what was reached hear the same event.
func (r Row) again() Row {
	r.Again = true
	return r
}

// back marks a row as a way back.
func (r Row) back() Row {
	r.Back = true
	return r
}

// lasting lets a given row be tried whenever its question is asked again.
func (r Row) lasting() Row {
	r.Lasting = true
	return r
}

// fact is a when that looks at typed facts. Where a state has read none, they are the zero value.
func fact[F any](name string, fits func(h *Heard, f F) bool) When {
	return When{Name: name, Fits: func(h *Heard, facts any) bool {
		f, _ := facts.(F)
		return fits(h, f)
	}}
}

// number is a fact that reads a bare number as the thing it names.
func number[F any](name, thing string, fits func(h *Heard, f F) bool) When {
	w := fact(name, fits)
	w.ReadsNumber = thing
	return w
}

// word is a when that fits a whole message, a choice or a command, whatever the facts.
func word(name string, fits func(h *Heard) bool) When {
	return When{Name: name, Word: true, Fits: func(h *Heard, _ any) bool { return fits(h) }}
}

// chosen fits the option of the open question with this key.
func chosen(name, key string) When {
	return word(name, func(h *Heard) bool { return h.Choice == key })
}

// always fits on arrival.
func always() When { return When{Name: "always", Fits: func(*Heard, any) bool { return true }} }
