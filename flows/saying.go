package flows

import (
	"context"
	"encoding/base32"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"souk/locales"
)

// reply joins what was said in the turn: result first, one question, last. At first contact the notice stands beneath.
func (t *Turn) reply() (Reply, error) {
	between, beneath := "\n\n", "\n\n"
	if t.In.Medium == locales.Plain {
		between, beneath = "\n", "\n"
	}
	r := Reply{Text: strings.Join(t.said, "\n"), Photo: t.photo, Lang: string(t.lang), Class: t.class}
	if t.asked != nil {
		if err := t.question(&r, between); err != nil {
			return r, err
		}
	}
	for _, c := range t.offers {
		if slices.ContainsFunc(r.Options, func(o Option) bool { return o.Label == c.Label }) {
			continue // the question offers the same
		}
		if err := fitsButton(c.Key); err != nil {
			return r, err
		}
		r.Options = append(r.Options, Option{Payload: c.Key, Label: c.Label})
	}
	if t.First && r.Text != "" && !t.session.Stopped {
		notice := t.Text("first.notice", nil)
		if t.In.Medium == locales.Plain && r.ListButton != "" { // the numbered choices belong to the question
			r.Hint = notice
		} else {
			r.Text += beneath + notice
		}
		other := locales.Arabic
		if t.lang == locales.Arabic {
			other = locales.French
		}
		if t.In.Medium != locales.Plain {
			r.Options = append(r.Options, Option{Payload: "lang:" + string(other), Label: t.e.words.Text(other, t.In.Medium, "lang.name", nil)})
		}
	}
	if t.In.Medium == locales.Plain {
		r.MoreHint = t.Text("engine.more", nil)
	}
	return r, nil
}

// question adds the question and opens its prompt. A question that is only asked again keeps its prompt's id: older copies of
// its buttons mean the same.
func (t *Turn) question(r *Reply, between string) error {
	q := t.asked
	if r.Text != "" && q.Text != "" {
		r.Text += between
	}
	r.Text += q.Text
	f := t.top()
	_, st := t.where()
	p := Prompt{Flow: f.Flow, State: f.State, AskedAt: t.Now}
	switch old := t.session.Prompt; {
	case old != nil && old.Flow == f.Flow && old.State == f.State:
		p.ID, p.AskedAt = old.ID, old.AskedAt
	case f.Waiting != "":
		p.ID = f.Waiting
	default:
		p.ID = promptID(t.In.Random)
	}
	shown := f.Offered
	if t.session.Prompt != nil && p.ID == t.session.Prompt.ID {
		shown = t.session.Prompt.offered()
	}
	f.Waiting, f.Offered = "", ""
	options := make([]Option, 0, len(q.Choices))
	for i, c := range q.Choices {
		o := Option{Label: c.Label, Detail: c.Detail, Payload: payload(p.ID, c.Key)}
		key := c.Key
		if c.Command {
			o.Payload, key = c.Key, commandKey+c.Key
		}
		if err := fitsButton(o.Payload); err != nil {
			return err
		}
		if st.Numbered {
			o.Number = i + 1
		}
		options = append(options, o)
		p.Options = append(p.Options, PromptOption{Key: key, Label: locales.Normalise(c.Label), Number: o.Number})
	}
	if t.inShort(len(options)) && st.Numbered && p.offered() == shown {
		stands := t.Text("engine.list_stands", locales.Args{"n": len(options)})
		r.Text = strings.TrimSuffix(r.Text, q.Text) + stands + " " + q.Text
		options = []Option{{Payload: "choices:", Label: t.Text("engine.see_list", nil)}}
	} else if st.Numbered && len(q.Choices) > 0 {
		if t.In.Medium != locales.Plain { // there the numbers stand before the choices, and a hint costs a segment
			r.Hint = t.Text("engine.hint", nil)
		}
		r.ListButton = q.List
		if r.ListButton == "" {
			r.ListButton = t.Text("engine.list", nil)
		}
	}
	r.Options = append(r.Options, options...)
	r.Prompt, r.Ask, r.AskLabel = p.ID, q.Invite, q.InviteLabel
	t.session.Prompt = &p
	return nil
}

// longList is how many choices are listed again after an interruption. More still stand above, by their numbers and their buttons:
// the question is recalled, and a button lists them again for who wants to see them.
const longList = 4

// inShort tells that a question is only recalled: something else was said in between, and nobody asked to come back to it.
func (t *Turn) inShort(choices int) bool {
	if !t.Again || t.whole || choices <= longList || t.lang != t.came {
		return false
	}
	h := t.Heard
	return h == nil || h.Choice != "back" && !h.Means(Back) && !h.Means(No) && !h.Means(Cancel)
}

// offered is a digest of what a question offers, in its order.
func (p Prompt) offered() string {
	digest := fnv.New32a()
	for _, o := range p.Options {
		fmt.Fprintf(digest, "%d %s %s\n", o.Number, o.Key, o.Label)
	}
	return strconv.FormatUint(uint64(digest.Sum32()), 36)
}

// showChoices lists what the open question offers.
func showChoices(_ context.Context, t *Turn) (Result, error) {
	t.whole = true
	return Done()
}

func fitsButton(payload string) error {
	if payload == "" || len(payload) > maxPayload {
		return fmt.Errorf("a button's payload has %d bytes, of 1 to %d: %q", len(payload), maxPayload, payload)
	}
	return nil
}

// promptID is short enough to leave room for a choice's key within a button's 64 bytes.
func promptID(random func(int) []byte) string {
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(random(5)))
}
