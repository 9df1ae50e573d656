package flows

import (
	"context"
	"fmt"
	"strings"

	"souk/internal/sorry"
)

// converse finds the row that fits what was heard, takes it, and asks what is to be asked then.
func (t *Turn) converse(ctx context.Context, h *Heard) error {
	for round := 0; ; round++ {
		c, st := t.where()
		row, err := t.match(ctx, st, h, round > 0)
		if err != nil {
			return err
		}
		if row == nil && round == 0 && t.e.reread != nil {
			reread, err := t.e.reread(ctx, t, h)
			if err != nil {
				return fmt.Errorf("read again what fits nothing: %w", err)
			}
			if reread {
				if row, err = t.match(ctx, st, h, false); err != nil {
					return err
				}
			}
		}
		if row == nil {
			if round > 0 { // it was heard already; what was reached speaks for itself
				return t.arrive(ctx, false)
			}
			return t.dontUnderstand(ctx, st, h)
		}
		stopped, err := t.take(ctx, c, st, row, h)
		if err != nil || stopped {
			return err
		}
		switch {
		case row.Again && round < MaxFrames:
		case row.To == "" && row.Enter == "":
			return t.askAgain(ctx)
		default:
			return t.arrive(ctx, row.Back)
		}
	}
}

// match tries a state's rows in order. What needs only words goes first; the rest looks at the facts, which are read once.
func (t *Turn) match(ctx context.Context, st *compiledState, h *Heard, again bool) (*compiledRow, error) {
	read := false
	t.Facts = nil
	for i := range st.rows {
		row := &st.rows[i]
		if row.Again && (again || row.Enter == "" && row.To == st.Name || row.Enter == t.top().Flow+":"+st.Name) {
			continue // it would lead here, where it is being heard
		}
		if !row.When.Word && !read {
			read = true
			if st.Read != nil {
				facts, err := st.Read(ctx, t, h)
				if err != nil {
					return nil, fmt.Errorf("read in %s: %w", st.Name, err)
				}
				t.Facts = facts
			}
		}
		if row.When.Fits(h, t.Facts) {
			return row, nil
		}
	}
	return nil, nil
}

// take fires a row. stopped means that the state was kept (a refusal, or Stay) and the question has been asked again.
func (t *Turn) take(ctx context.Context, c *compiled, st *compiledState, row *compiledRow, h *Heard) (stopped bool, err error) {
	if t.e.walked != nil {
		defer func() {
			if err == nil {
				t.e.walked(row.name)
			}
		}()
	}
	state, s, err := c.fire(ctx, t, st.Name, row)
	if err != nil {
		return false, err
	}
	if s.err != nil {
		if _, refused := sorry.As(s.err); !refused {
			return false, fmt.Errorf("%s/%s: %w", c.Name, row.event, s.err)
		}
		t.refuse(s.err)
		return true, t.askAgainOrRest(ctx)
	}
	if s.result.kind == stays {
		return true, t.askAgain(ctx)
	}
	if t.session.Prompt != nil && (!row.everywhere || h.offered) {
		t.session.Answered, t.session.Prompt = t.session.Prompt.ID, nil
	}
	t.top().State = state
	if row.Enter != "" && s.result.kind == done {
		return false, t.enter(row.Enter)
	}
	return false, nil
}

// arrive reads, follows the given rows, and asks. An end pops its frame and lets the question below be asked again.
func (t *Turn) arrive(ctx context.Context, back bool) error {
	hops := 0
	for {
		c, st := t.where()
		t.Facts = nil
		if st.Read != nil {
			facts, err := st.Read(ctx, t, nothing())
			if err != nil {
				return fmt.Errorf("read on arrival in %s: %w", st.Name, err)
			}
			t.Facts = facts
		}
		moved, err := t.given(ctx, c, st, back)
		if err != nil {
			return err
		}
		if moved {
			back = false
			if hops++; hops > MaxHops {
				return fmt.Errorf("flow %s at %s: %w", c.Name, st.Name, errTooManyHops)
			}
			continue
		}
		if st.Ask != nil {
			if err := st.Ask(ctx, t); err != nil {
				return fmt.Errorf("ask in %s: %w", st.Name, err)
			}
		}
		if !st.End {
			return nil
		}
		return t.pop(ctx)
	}
}

// given takes the first given row that fits, if any.
func (t *Turn) given(ctx context.Context, c *compiled, st *compiledState, back bool) (moved bool, err error) {
	if back {
		return false, nil
	}
	for i := range st.given {
		row := &st.given[i]
		if !row.When.Fits(nothing(), t.Facts) {
			continue
		}
		state, s, err := c.fire(ctx, t, st.Name, row)
		if err != nil {
			return false, err
		}
		if s.err != nil {
			if _, refused := sorry.As(s.err); !refused {
				return false, fmt.Errorf("%s/%s: %w", c.Name, row.event, s.err)
			}
			t.refuse(s.err)
			return false, nil
		}
		if t.e.walked != nil {
			t.e.walked(row.name)
		}
		if s.result.kind == stays {
			return false, nil
		}
		t.top().State = state
		return true, nil
	}
	return false, nil
}

// enter pushes a frame, "flow" or "flow:state", and keeps the question that was open beneath it. A flow that stands in the stack
// already is unwound to; where the stack is full, the top gives way.
func (t *Turn) enter(target string) error {
	name, state, _ := strings.Cut(target, ":")
	c := t.e.flows[name]
	if c == nil {
		return fmt.Errorf("enter %s: there is no such flow", target)
	}
	if state == "" {
		state = c.Start
	}
	if err := t.storeVars(); err != nil {
		return err
	}
	frames := t.session.Frames
	for i, f := range frames {
		if f.Flow == name {
			frames = frames[:i]
			break
		}
	}
	if len(frames) == len(t.session.Frames) {
		if p := t.session.Prompt; p != nil && len(frames) > 1 { // the menu of the base waits for nobody
			frames[len(frames)-1].Waiting, frames[len(frames)-1].Offered = p.ID, p.offered()
		}
		if len(frames) == MaxFrames {
			frames = frames[:MaxFrames-1]
		}
	}
	t.session.Frames = append(frames, Frame{Flow: name, State: state})
	t.session.Prompt = nil
	t.loadVars()
	if t.handed != nil {
		t.Vars, t.handed = t.handed, nil
	}
	return nil
}

// pop ends the top frame. What waits below is asked again; the base, where nothing waits, rests.
func (t *Turn) pop(ctx context.Context) error {
	if len(t.session.Frames) == 1 {
		base := t.e.flows[t.e.base]
		t.session.Frames = []Frame{{Flow: base.Name, State: base.Start}}
		t.session.Prompt = nil
		t.loadVars()
		return nil
	}
	t.session.Frames = t.session.Frames[:len(t.session.Frames)-1]
	t.session.Prompt = nil
	t.asked = nil // an end has no question
	t.loadVars()
	if t.top().Waiting == "" && len(t.session.Frames) == 1 {
		if len(t.said) == 0 { // nobody is left without an answer
			return t.arrive(ctx, false)
		}
		return nil
	}
	return t.ask(ctx)
}

// askAgain repeats the open question, more briefly; where none is open it says nothing.
func (t *Turn) askAgain(ctx context.Context) error {
	if t.session.Prompt == nil {
		return nil
	}
	return t.ask(ctx)
}

// askAgainOrRest repeats the open question, or shows what can be done where none is open.
func (t *Turn) askAgainOrRest(ctx context.Context) error {
	t.whole = true
	if t.session.Prompt != nil || len(t.session.Frames) > 1 {
		return t.ask(ctx)
	}
	return t.arrive(ctx, false)
}

// ask reads and asks in the state where the conversation stands, as a repetition.
func (t *Turn) ask(ctx context.Context) error {
	c, st := t.where()
	if st.Ask == nil {
		return t.arrive(ctx, false)
	}
	t.Facts = nil
	if st.Read != nil {
		facts, err := st.Read(ctx, t, nothing())
		if err != nil {
			return fmt.Errorf("read again in %s: %w", st.Name, err)
		}
		t.Facts = facts
	}
	for _, row := range st.given {
		if row.Lasting && row.When.Fits(nothing(), t.Facts) {
			if _, err := t.given(ctx, c, st, false); err != nil {
				return err
			}
			return t.arrive(ctx, false)
		}
	}
	t.Again = true
	if err := st.Ask(ctx, t); err != nil {
		return fmt.Errorf("ask again in %s: %w", st.Name, err)
	}
	return nil
}

// dontUnderstand answers what fits nothing: kindly, with the question that is open or with what can be done.
func (t *Turn) dontUnderstand(ctx context.Context, st *compiledState, h *Heard) error {
	switch h.Kind {
	case TimerDue, PhotoReady: // whoever waits for it has a row
		t.silent = true
		return nil
	case PhotoRefused:
		t.Say("photo.refused."+h.Picture.Reason, nil)
		return t.askAgain(ctx)
	}
	if _, isNumber := bareNumber(h.Typed()); isNumber && st.Numbered && t.session.Prompt != nil {
		t.Say("engine.not_in_list", map[string]any{"Count": len(t.session.Prompt.Options)})
		t.whole = true
		return t.askAgain(ctx)
	}
	if t.e.puzzled != nil && !t.restarted {
		result, err := t.act(ctx, t.e.puzzled)
		if err != nil {
			return fmt.Errorf("when nothing fits: %w", err)
		}
		if result.kind == stays { // it has said what there is to say
			return t.askAgain(ctx)
		}
	}
	return t.askAgainOrRest(ctx)
}
