package telegram

import (
	"encoding/json"
	"flag"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"souk/bot/markup"
	"souk/bot/replytest"
	"souk/flows"
)

var _ = flag.Bool("update", false, "rewrite the golden files")

func TestGolden(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, named := range replytest.Rich() {
		fmt.Fprintf(&b, "== %s\n", named.Name)
		for i, said := range render(named.Reply) {
			fmt.Fprintf(&b, "-- %d: %d units\n", i, markup.Units(markup.Plain(said.words)))
			if said.photo != "" {
				fmt.Fprintf(&b, "[photo %s]\n", said.photo)
			}
			fmt.Fprintf(&b, "%s\n", html(said.words))
			if said.keyboard != nil {
				fmt.Fprintf(&b, "%s\n", shown(t, said.keyboard))
			}
		}
	}
	replytest.Golden(t, "telegram.golden", b.String())
}

// shown is a keyboard, a line for each row.
func shown(t *testing.T, keyboard any) string {
	t.Helper()
	raw, err := json.Marshal(keyboard)
	if err != nil {
		t.Fatal(err)
	}
	type button struct {
		Text     string `json:"text"`
		Data     string `json:"callback_data"`
		Contact  bool   `json:"request_contact"`
		Location bool   `json:"request_location"`
	}
	var read struct {
		Inline [][]button `json:"inline_keyboard"`
		Keys   [][]button `json:"keyboard"`
		Remove bool       `json:"remove_keyboard"`
	}
	if err := json.Unmarshal(raw, &read); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, row := range append(read.Inline, read.Keys...) {
		line := ""
		for _, b := range row {
			line += "[" + b.Text
			switch {
			case b.Data != "":
				line += " → " + b.Data
			case b.Contact:
				line += " → shares the number"
			case b.Location:
				line += " → shares the place"
			}
			line += "] "
		}
		lines = append(lines, strings.TrimSpace(line))
	}
	if read.Remove {
		lines = append(lines, "(no keyboard)")
	}
	return strings.Join(lines, "\n")
}

// TestWhateverIsSaidTelegramTakesIt: no message is longer than the limits, no tag is left open or foreign, no payload is too long.
func TestWhateverIsSaidTelegramTakesIt(t *testing.T) {
	t.Parallel()
	piece := rapid.SampledFrom([]string{"miel ", "**", "<b>", "&amp;", "👩‍🌾", "العسل ", "\n\n", "\n", " ", "e\u0301", strings.Repeat("x", 900), strings.Repeat("كلمة ", 300), "\x00", "\xff"})
	rapid.Check(t, func(t *rapid.T) {
		reply := flows.Reply{Text: "à" + strings.Join(rapid.SliceOfN(piece, 0, 40).Draw(t, "text"), "")}
		if rapid.Bool().Draw(t, "photo") {
			reply.Photo = "p/x.jpg"
		}
		for i := range rapid.IntRange(0, 5).Draw(t, "options") {
			reply.Options = append(reply.Options, flows.Option{
				Payload: strings.Repeat("p", rapid.IntRange(0, 70).Draw(t, "payload")),
				Label:   "l" + piece.Draw(t, "label"), Detail: piece.Draw(t, "detail"), Number: i + 1})
		}
		messages := render(reply)
		for i, said := range messages {
			limit := maxText
			if said.photo != "" {
				limit = maxCaption
			}
			if n := markup.Units(markup.Plain(said.words)); n > limit || n == 0 && said.photo == "" {
				t.Fatalf("message %d has %d units", i, n)
			}
			rest := strings.NewReplacer("<b>", "", "</b>", "", "&lt;", "", "&gt;", "", "&amp;", "").Replace(html(said.words))
			if strings.ContainsAny(rest, "<>&\x00") || strings.Count(html(said.words), "<b>") != strings.Count(html(said.words), "</b>") {
				t.Fatalf("message %d: %q", i, html(said.words))
			}
			if said.keyboard != nil && i != len(messages)-1 {
				t.Fatalf("message %d has the keyboard", i)
			}
		}
	})
}
