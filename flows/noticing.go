package flows

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"souk/locales"
)

// idleEnough is how long a question may stay unanswered before an ask may take its place; waitBeforeAsk is how often we look.
const (
	idleEnough    = 10 * time.Minute
	waitBeforeAsk = time.Minute
)

// notice says what a domain has to tell, and keeps state and prompt. An ask waits until the conversation rests, or until its
// question has been left alone for ten minutes: then the question is asked again afterwards.
func (t *Turn) notice(ctx context.Context) error {
	n := t.In.Event.Notice
	if n == nil {
		return fmt.Errorf("a notice event without a notice")
	}
	spec, ok := t.e.notices[n.Name]
	if !ok {
		return fmt.Errorf("notice %q has no words", n.Name)
	}
	if t.session.Stopped {
		t.silent = true
		return nil
	}
	if n.Ask && !t.resting() && !t.leftAlone() {
		t.silent = true
		t.requeue = waitBeforeAsk
		if !slices.Contains(t.session.Asks, n.ID) {
			t.session.Asks = append(t.session.Asks, n.ID)
		}
		return nil
	}
	t.session.Asks = slices.DeleteFunc(t.session.Asks, func(id int64) bool { return id == n.ID })
	t.class = ClassNotice
	if err := spec.Say(ctx, t, NoticeArgs(n.Args)); err != nil {
		return fmt.Errorf("say notice %s: %w", n.Name, err)
	}
	if spec.Enter == "" {
		return nil
	}
	if err := t.enter(spec.Enter); err != nil {
		return err
	}
	raw, err := json.Marshal(n.Args)
	if err != nil {
		return fmt.Errorf("keep the arguments of notice %s: %w", n.Name, err)
	}
	t.top().Vars = raw
	t.loadVars()
	return t.arrive(ctx, false)
}

func (t *Turn) leftAlone() bool {
	p := t.session.Prompt
	return p == nil || t.Now.Sub(p.AskedAt) >= idleEnough
}

// NoticeArgs are a notice's arguments as JSON kept them: numbers are float64.
type NoticeArgs map[string]any

// Text is an argument in words, "" where it is none.
func (a NoticeArgs) Text(name string) string {
	s, _ := a[name].(string)
	return s
}

// Int is a whole number, 0 where it is none.
func (a NoticeArgs) Int(name string) int64 {
	switch v := a[name].(type) {
	case float64:
		return int64(v)
	case int64:
		return v
	case int:
		return int64(v)
	case json.Number:
		n, err := v.Int64()
		if err == nil {
			return n
		}
	}
	return 0
}

// Money is an amount in centimes.
func (a NoticeArgs) Money(name string) locales.Money { return locales.Dirhams(a.Int(name)) }

// In is the word for this language of an argument kept as {"fr": …, "ar": …}.
func (a NoticeArgs) In(name string, lang locales.Lang) string {
	switch m := a[name].(type) {
	case map[string]any:
		if s, ok := m[string(lang)].(string); ok && s != "" {
			return s
		}
		s, _ := m[string(locales.French)].(string)
		return s
	case string:
		return m
	}
	return ""
}
