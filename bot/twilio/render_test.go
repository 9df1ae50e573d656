package twilio

import (
	"flag"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"souk/bot/markup"
	"souk/bot/replytest"
	"souk/flows"
)

var _ = flag.Bool("update", false, "rewrite the golden files")

func every(string) bool { return true }
func none(string) bool  { return false }

func TestGolden(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, named := range replytest.Rich() {
		fmt.Fprintf(&b, "== %s\n", named.Name)
		for i, said := range render(named.Reply, every) {
			fmt.Fprintf(&b, "-- %d\n%s", i, shown(said))
		}
	}
	replytest.Golden(t, "whatsapp.golden", b.String())
	b.Reset()
	for _, named := range replytest.Rich() {
		fmt.Fprintf(&b, "== %s\n", named.Name)
		for i, said := range render(named.Reply, none) {
			fmt.Fprintf(&b, "-- %d\n%s", i, shown(said))
		}
	}
	replytest.Golden(t, "whatsapp_numbered.golden", b.String())
}

func shown(said outgoing) string {
	var b strings.Builder
	if said.picture != "" {
		fmt.Fprintf(&b, "[picture %s]\n", said.picture)
	}
	if said.content == nil {
		return b.String() + said.body + "\n"
	}
	fmt.Fprintf(&b, "[%s]\n", said.content.shape.name())
	for i := range len(said.content.variables) {
		fmt.Fprintf(&b, "{{%d}} %s\n", i+1, said.content.variables[strconv.Itoa(i+1)])
	}
	return b.String()
}

// TestWhateverIsSaidTwilioTakesIt: bodies, captions, titles and descriptions keep their limits, and no variable is one that
// Twilio refuses.
func TestWhateverIsSaidTwilioTakesIt(t *testing.T) {
	t.Parallel()
	piece := rapid.SampledFrom([]string{"miel ", "**gras**", "👩‍🌾", "العسل ", "\n\n", "\n", "\t", "        ", "{{1}}", strings.Repeat("x", 700), strings.Repeat("كلمة ", 90), "\x00"})
	rapid.Check(t, func(t *rapid.T) {
		reply := flows.Reply{Text: "à" + strings.Join(rapid.SliceOfN(piece, 0, 30).Draw(t, "text"), ""), Lang: "fr"}
		if rapid.Bool().Draw(t, "photo") {
			reply.Photo = "p"
		}
		for i := range rapid.IntRange(0, 12).Draw(t, "options") {
			reply.Options = append(reply.Options, flows.Option{
				Payload: "q:" + strconv.Itoa(i), Label: "l" + piece.Draw(t, "label"), Detail: piece.Draw(t, "detail"), Number: i + 1})
		}
		has := every
		if rapid.Bool().Draw(t, "nothing made yet") {
			has = none
		}
		for _, said := range render(reply, has) {
			limit := maxBody
			if said.picture != "" {
				limit = maxCaption
			}
			if markup.Units(said.body) > limit || said.body == "" && said.picture == "" && said.content == nil {
				t.Fatalf("%+v", said)
			}
			if said.content == nil {
				continue
			}
			if n := utf8.RuneCountInString(said.content.body()); n == 0 || n > 1024 {
				t.Fatalf("a body of %d", n)
			}
			for name, value := range said.content.variables {
				if value == "" || strings.ContainsAny(value, "\n\t\r\x00") || strings.Contains(value, "    ") {
					t.Fatalf("{{%s}} %q", name, value)
				}
			}
		}
	})
}

// TestEveryShapeThatIsAskedForIsMade: the renderer never asks for a Content resource that Sync would not make.
func TestEveryShapeThatIsAskedForIsMade(t *testing.T) {
	t.Parallel()
	made := map[string]bool{}
	for _, lang := range []string{"fr", "ar"} {
		for _, s := range shapes(lang) {
			if made[s.name()] {
				t.Errorf("%s stands for two shapes", s.name())
			}
			made[s.name()] = true
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		reply := flows.Reply{Text: strings.Repeat("Ligne\n", rapid.IntRange(1, 20).Draw(t, "lines")), Lang: rapid.SampledFrom([]string{"fr", "ar", ""}).Draw(t, "lang")}
		if rapid.Bool().Draw(t, "photo") {
			reply.Photo = "p"
		}
		for i := range rapid.IntRange(0, 12).Draw(t, "options") {
			reply.Options = append(reply.Options, flows.Option{Payload: "q", Label: "l" + strconv.Itoa(i), Detail: rapid.SampledFrom([]string{"", "", "d"}).Draw(t, "detail")})
		}
		render(reply, func(name string) bool {
			if !made[name] {
				t.Fatalf("%s is never made", name)
			}
			return true
		})
	})
}

func TestFormatted(t *testing.T) {
	t.Parallel()
	runs := []markup.Run{{Text: "a "}, {Text: " b ", Bold: true}, {Text: "c"}}
	if got := formatted(runs); got != "a  *b* c" {
		t.Errorf("%q", got)
	}
}
