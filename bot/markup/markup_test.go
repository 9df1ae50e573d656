package markup

import (
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]Run{
		"":                 nil,
		"miel":             {{Text: "miel"}},
		"**miel**":         {{Text: "miel", Bold: true}},
		"a **b** c":        {{Text: "a "}, {Text: "b", Bold: true}, {Text: " c"}},
		"a ** b ** c":      {{Text: "a ** b ** c"}},
		"**a":              {{Text: "**a"}},
		"**a\nb**":         {{Text: "**a\nb**"}},
		"****":             {{Text: "****"}},
		"2 ** 3 **4**":     {{Text: "2 ** 3 "}, {Text: "4", Bold: true}},
		"a\x00b\r\nc\x1b[": {{Text: "ab\nc["}},
		"a\xffb":           {{Text: "a\uFFFDb"}},
	} {
		if got := Parse(text); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v, not %+v", text, got, want)
		}
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text  string
		limit int
		want  string
	}{
		{"miel", 4, "miel"}, {"miels", 4, "mie…"}, {"miel de thym", 6, "miel…"}, {"👩‍🌾👩‍🌾", 6, "👩‍🌾…"}, {"ae\u0301o", 3, "a…"}, {"عسل الزعتر", 5, "عسل…"},
	} {
		if got := Cut(c.text, c.limit); got != c.want {
			t.Errorf("%q at %d: %q, not %q", c.text, c.limit, got, c.want)
		}
	}
}

func TestName(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		" Amina \n El Fassi ": "Amina El Fassi", "\u202eanimA\u2069": "animA", "a\x00b\xff": "ab", "👩‍🌾 Rosa": "👩‍🌾 Rosa", "\u200b": "",
		strings.Repeat("é", 99): strings.Repeat("é", 64),
	} {
		if got := Name(raw); got != want {
			t.Errorf("%q: %q, not %q", raw, got, want)
		}
	}
}

// TestSplitLosesNothingButSpace: the parts say the same letters in the same weight, and each fits.
func TestSplitLosesNothingButSpace(t *testing.T) {
	t.Parallel()
	piece := rapid.SampledFrom([]string{"miel ", "**x y**", "**", "👩‍🌾", "العسل", "\n\n", "\n", " ", "e\u0301", strings.Repeat("z", 70)})
	letters := func(runs []Run) (all []letter) {
		for _, l := range flatten(runs) {
			if !strings.ContainsRune(" \n\t", l.r) {
				all = append(all, l)
			}
		}
		return all
	}
	rapid.Check(t, func(t *rapid.T) {
		runs := Parse("a" + strings.Join(rapid.SliceOfN(piece, 0, 60).Draw(t, "pieces"), ""))
		limit := rapid.IntRange(8, 120).Draw(t, "limit")
		var said []letter
		parts := Split(runs, limit, 2)
		for _, part := range parts {
			if n := cost(part, 2); n > limit || len(part) == 0 {
				t.Fatalf("%+v costs %d of %d", part, n, limit)
			}
			if !utf8.ValidString(Plain(part)) {
				t.Fatalf("%+v", part)
			}
			said = append(said, letters(part)...)
		}
		if !reflect.DeepEqual(said, letters(runs)) {
			t.Fatalf("%+v became %+v", runs, parts)
		}
	})
}

func TestSpareGivesUpMarksBeforeWords(t *testing.T) {
	const label = "\u200f\u20681 كلغ\u2069: \u2068280 درهما\u2069"
	if got := Spare(label, 40); got != label {
		t.Errorf("with room: %q", got)
	}
	if got := Spare(label, 20); got != "1 كلغ: 280 درهما" {
		t.Errorf("without room: %q", got)
	}
}
