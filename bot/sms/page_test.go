package sms

import (
	"flag"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"souk/bot/replytest"
	"souk/flows"
	"souk/locales"
)

var _ = flag.Bool("update", false, "rewrite the golden files")

func TestGolden(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, named := range replytest.Plain() {
		fmt.Fprintf(&b, "== %s\n", named.Name)
		for i, page := range DefaultBudget().Pages(named.Reply) {
			n, encoding := locales.Segments(page)
			fmt.Fprintf(&b, "-- %d: %d %s\n%s\n", i, n, encoding, page)
		}
	}
	replytest.Golden(t, "sms.golden", b.String())
}

func TestPageFollowsPages(t *testing.T) {
	t.Parallel()
	for _, named := range replytest.Plain() {
		pages := DefaultBudget().Pages(named.Reply)
		for i, want := range pages {
			got, more := DefaultBudget().Page(named.Reply, i)
			if got != want || more != (i < len(pages)-1) {
				t.Errorf("%s, page %d: %q, more %v", named.Name, i, got, more)
			}
		}
		if got, more := DefaultBudget().Page(named.Reply, 99); got != pages[len(pages)-1] || more {
			t.Errorf("%s: past the end there is %q", named.Name, got)
		}
		if got, _ := DefaultBudget().Page(named.Reply, -1); got != pages[0] {
			t.Errorf("%s: before the start there is %q", named.Name, got)
		}
	}
}

// TestEveryPageKeepsTheBudget: whatever is said, each page costs no more than its budget, every option is said once and whole
// with its number, and every page but the last says how to go on.
func TestEveryPageKeepsTheBudget(t *testing.T) {
	t.Parallel()
	word := rapid.SampledFrom([]string{"miel", "d’euphorbe", "زيت", "العود", "**fort**", "€", "[", "🍯", "1 kg", "\n", "Coopérative", "ê"})
	sentence := func(t *rapid.T, name string, most int) string {
		return strings.Join(rapid.SliceOfN(word, 0, most).Draw(t, name), " ")
	}
	rapid.Check(t, func(t *rapid.T) {
		reply := flows.Reply{Text: sentence(t, "text", 120), MoreHint: "Suite : PLUS", Hint: sentence(t, "hint", 5)}
		for i := range rapid.IntRange(0, 12).Draw(t, "options") {
			reply.Options = append(reply.Options, flows.Option{Label: "n" + sentence(t, "label", 6), Detail: sentence(t, "detail", 4), Number: i + 1})
		}
		budget := DefaultBudget()
		pages := budget.Pages(reply)
		for i, page := range pages {
			if !budget.holds(page) {
				t.Fatalf("page %d costs too much: %q", i, page)
			}
			if i < len(pages)-1 && !strings.HasSuffix(page, "\nSuite : PLUS") {
				t.Fatalf("page %d does not say how to go on: %q", i, page)
			}
			if !utf8.ValidString(page) || strings.ContainsAny(page, "\u2066\u2067\u2068\u2069") {
				t.Fatalf("page %d: %q", i, page)
			}
		}
		for _, option := range reply.Options {
			line := budget.option(option, "\nSuite : PLUS")
			if n := strings.Count("\n"+strings.Join(pages, "\n")+"\n", "\n"+line+"\n"); n < 1 {
				t.Fatalf("option %d (%q) is said %d times", option.Number, line, n)
			}
		}
	})
}

func TestAnotherBudget(t *testing.T) {
	t.Parallel()
	reply := replytest.Plain()[4].Reply
	few, many := len(Budget{GSM7: 4, UCS2: 6}.Pages(reply)), len(Budget{GSM7: 1, UCS2: 1}.Pages(reply))
	if few >= many {
		t.Errorf("%d pages in four segments, %d in one", few, many)
	}
}
