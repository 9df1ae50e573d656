package locales

import "testing"

func TestLinesRunTheirLanguagesWay(t *testing.T) {
	const rlm, lrm = "\u200f", "\u200e"
	for _, c := range []struct {
		name     string
		lang     Lang
		in, want string
	}{
		{"Arabic words first", Arabic, "المجموع: \u2068251 درهما\u2069", "المجموع: \u2068251 درهما\u2069"},
		{"a pictogram and values only", Arabic, "📍 \u2068بقالة حسن\u2069، \u20688:00\u2069", rlm + "📍 \u2068بقالة حسن\u2069، \u20688:00\u2069"},
		{"a Latin word first", Arabic, "STOP للتوقف", rlm + "STOP للتوقف"},
		{"a Latin word alone", Arabic, "Français", "Français"},
		{"only the line that needs it", Arabic, "نعم\n\u20682\u2069 × \u2068تمر\u2069\n1", "نعم\n" + rlm + "\u20682\u2069 × \u2068تمر\u2069\n1"},
		{"nothing to run", Arabic, "1 · 2", "1 · 2"},
		{"French words", French, "Total : \u2068251 dh\u2069", "Total : \u2068251 dh\u2069"},
		{"a value that may be Arabic", French, "📍 \u2068بقالة حسن\u2069", lrm + "📍 \u2068بقالة حسن\u2069"},
		{"the other language's name", French, "العربية", "العربية"},
		{"bold is known by its first sign", Arabic, "**\u2068عسل\u2069**\n1", "**" + rlm + "\u2068عسل\u2069**\n1"},
		{"a mark already there", Arabic, rlm + "📍 \u2068بقالة\u2069", rlm + "📍 \u2068بقالة\u2069"},
	} {
		if got := direct(c.lang, c.in); got != c.want {
			t.Errorf("%s: %q; want %q", c.name, got, c.want)
		}
	}
}
