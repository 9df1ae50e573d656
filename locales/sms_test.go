package locales

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"

	"pgregory.net/rapid"
)

func TestSegments(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text     string
		n        int
		encoding Encoding
	}{
		{"", 0, GSM7},
		{"Bonjour", 1, GSM7},
		{strings.Repeat("a", 160), 1, GSM7},
		{strings.Repeat("a", 161), 2, GSM7},
		{strings.Repeat("a", 306), 2, GSM7},
		{strings.Repeat("a", 307), 3, GSM7},
		{strings.Repeat("€", 80), 1, GSM7},
		{strings.Repeat("€", 81), 2, GSM7},
		{strings.Repeat("a", 152) + "€" + strings.Repeat("a", 152), 3, GSM7}, // the escape would straddle
		{"é è à ù ì ò É Ç", 1, GSM7},
		{"prêt", 1, UCS2},
		{strings.Repeat("ع", 70), 1, UCS2},
		{strings.Repeat("ع", 71), 2, UCS2},
		{strings.Repeat("ع", 135), 3, UCS2},
		{strings.Repeat("😀", 35), 1, UCS2},
		{strings.Repeat("😀", 36), 2, UCS2},
		{strings.Repeat("😀", 67), 3, UCS2}, // 33 pairs a part: a pair is never cut
	} {
		if n, e := Segments(c.text); n != c.n || e != c.encoding {
			t.Errorf("%.20q (%d): %d %s, want %d %s", c.text, len(c.text), n, e, c.n, c.encoding)
		}
	}
}

// naive packs characters one by one into parts, the plain way.
func naive(text string) (int, Encoding) {
	var costs []int
	encoding, single, part := GSM7, 160, 153
	for _, r := range text {
		switch {
		case strings.ContainsRune(gsmExtended, r):
			costs = append(costs, 2)
		case strings.ContainsRune(gsmBasic, r):
			costs = append(costs, 1)
		default:
			encoding, single, part = UCS2, 70, 67
		}
	}
	if encoding == UCS2 {
		costs = costs[:0]
		for _, r := range text {
			costs = append(costs, len(utf16.Encode([]rune{r})))
		}
	}
	sum := 0
	for _, c := range costs {
		sum += c
	}
	if sum == 0 {
		return 0, encoding
	}
	if sum <= single {
		return 1, encoding
	}
	parts := []int{0}
	for _, c := range costs {
		if parts[len(parts)-1]+c > part {
			parts = append(parts, 0)
		}
		parts[len(parts)-1] += c
	}
	return len(parts), encoding
}

func TestSegmentsAgreesWithANaiveCounter(t *testing.T) {
	t.Parallel()
	alphabet := []rune("abc éèù€{}[]\\~|^ê’عسل😀\n")
	rapid.Check(t, func(t *rapid.T) {
		runes := rapid.SliceOfN(rapid.SampledFrom(alphabet[:rapid.IntRange(5, len(alphabet)).Draw(t, "letters")]), 0, 400).Draw(t, "text")
		n, e := Segments(string(runes))
		if wantN, wantE := naive(string(runes)); n != wantN || e != wantE {
			t.Fatalf("%q: %d %s, want %d %s", string(runes), n, e, wantN, wantE)
		}
	})
}

func TestPlainText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"C’est « prêt » – à 10 h…":      `C'est " pret " - à 10 h...`,
		"ça, œuf, Çà, naïf":             "ca, oeuf, Çà, naif",
		"📦 Prête":                       "Prete",
		"\u20681\u202f250\u2069 dh":     "1 250 dh",
		"الثمن: \u2068240\u2069 درهما…": "الثمن: 240 درهما...",
		"3 × تمر = 1\u202f440 درهما":    "3 × تمر = 1\u00a0440 درهما",
		"a\nb":                          "a\nb",
	} {
		if got := PlainText(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		p := PlainText(s)
		if !IsGSM7(p) && !strings.ContainsFunc(s, isArabicLetter) {
			t.Fatalf("%q: %q is not GSM-7", s, p)
		}
		if PlainText(p) != p {
			t.Fatalf("%q: not idempotent: %q", s, p)
		}
	})
}

// In right-to-left text an ordinary space would show the groups of a number backwards.
func TestArabicTextMessagesKeepNumbersInOrder(t *testing.T) {
	t.Parallel()
	w, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		key  string
		args Args
		want string
	}{
		{"review.phone", Args{"phone": Phone("+212612340001")}, "0612340001"},
		{"basket.total", Args{"total": Dirhams(144000)}, "1\u00a0440 درهما"},
	} {
		if got := PlainText(w.Text(Arabic, Plain, c.key, c.args)); !strings.Contains(got, c.want) {
			t.Errorf("%s: %q lacks %q", c.key, got, c.want)
		}
	}
	for key, m := range w.messages[Arabic] {
		if loosePhone.MatchString(m.Other) {
			t.Errorf("ar.toml: %s shows a number in groups that would stand backwards: %s", key, m.Other)
		}
	}
}

var loosePhone = regexp.MustCompile(`\d \d`)
