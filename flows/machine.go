package flows

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/looplab/fsm"
)

// compiled is a flow made ready: its states by name, each state's rows in the order in which they are tried, and a pool of
// looplab machines. Building a machine costs thirty times what an event does, so they are kept.
type compiled struct {
	Flow
	states map[string]*compiledState
	pool   sync.Pool
}

type compiledState struct {
	State
	rows  []compiledRow // those that need a word first, then those that read
	given []compiledRow
}

type compiledRow struct {
	Row
	event      string // the looplab event: state/row
	name       string // as Rows names it
	everywhere bool   // comes from the book, not from the flow: it answers no question
}

// compile lays out a flow's rows. What Check refuses it leaves to Check.
func compile(f Flow, everywhere []Row) *compiled {
	c := &compiled{Flow: f, states: make(map[string]*compiledState, len(f.States))}
	var events []fsm.EventDesc
	add := func(state string, prefix string, row Row, everywhere bool) compiledRow {
		r := compiledRow{Row: row, event: state + "/" + prefix + row.When.Name, everywhere: everywhere}
		switch {
		case everywhere:
			r.name = prefix + row.When.Name
		case prefix == "always.":
			r.name = f.Name + "/" + prefix + row.When.Name
		default:
			r.name = f.Name + "/" + r.event
		}
		to := row.To
		if to == "" {
			to = state
		}
		events = append(events, fsm.EventDesc{Name: r.event, Src: []string{state}, Dst: to})
		if row.Otherwise != "" {
			events = append(events, fsm.EventDesc{Name: r.event + "!", Src: []string{state}, Dst: row.Otherwise})
		}
		return r
	}
	for _, s := range f.States {
		cs := &compiledState{State: s}
		var words, reads []compiledRow
		sort := func(r compiledRow) {
			if r.When.Word {
				words = append(words, r)
			} else {
				reads = append(reads, r)
			}
		}
		for _, row := range s.Given {
			cs.given = append(cs.given, add(s.Name, "given.", row, false))
		}
		for _, row := range s.Answers {
			sort(add(s.Name, "", row, false))
		}
		if !s.End {
			for _, row := range f.Always {
				sort(add(s.Name, "always.", row, false))
			}
			for _, row := range everywhere {
				sort(add(s.Name, "everywhere.", row, true))
			}
		}
		cs.rows = append(words, reads...)
		c.states[s.Name] = cs
	}
	// Callbacks are matched by name and a misspelt one is ignored: "before_event" is the only one we need.
	callbacks := fsm.Callbacks{"before_event": runAction}
	c.pool.New = func() any { return fsm.NewFSM(f.Start, events, callbacks) }
	return c
}

// step is one firing of a row: the argument that the machine hands to runAction.
type step struct {
	ctx    context.Context
	turn   *Turn
	row    *compiledRow
	result Result
	err    error // a fault, or a refusal
}

var errNotDone = errors.New("the action was not done")

// runAction is the machine's callback: the row's action decides whether the event goes through.
func runAction(_ context.Context, e *fsm.Event) {
	s, _ := e.Args[0].(*step)
	if s.row == nil { // the second target of a row: its action has spoken already
		return
	}
	s.result, s.err = s.turn.act(s.ctx, s.row.Do)
	if s.err != nil || s.result.kind != done {
		e.Cancel(errNotDone)
	}
}

// fire takes a row from a state and returns where the machine stands then. refused is a sorry.Error's outcome: the state is kept.
func (c *compiled) fire(ctx context.Context, t *Turn, state string, row *compiledRow) (string, step, error) {
	m, _ := c.pool.Get().(*fsm.FSM)
	m.SetState(state)
	s := step{ctx: ctx, turn: t, row: row}
	// A cancelled context in the middle of a transition would poison the machine for good; the action gets the real one.
	safe := context.WithoutCancel(ctx)
	err := m.Event(safe, row.event, &s)
	if _, cancelled := err.(fsm.CanceledError); cancelled && s.err == nil && s.result.kind == otherwise { //nolint:errorlint // as below
		if row.Otherwise == "" {
			return state, s, fmt.Errorf("flow %s: %s returned Otherwise and has no second target", c.Name, row.event)
		}
		err = m.Event(safe, row.event+"!", &step{ctx: ctx, turn: t})
	}
	now := m.Current()
	switch err.(type) { //nolint:errorlint // looplab returns these as they are
	case nil, fsm.NoTransitionError, fsm.CanceledError:
		c.pool.Put(m)
		return now, s, nil
	}
	return state, s, fmt.Errorf("flow %s: fire %s: %w", c.Name, row.event, err) // this machine is not used again
}
