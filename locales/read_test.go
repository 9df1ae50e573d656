package locales

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestNormalise(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                        "",
		"Crème BRÛLÉE":            "creme brulee",
		"  a \t b\n":              "a b",
		"العُسْلُ":                "العسل",
		"أإآٱا":                   "ااااا",
		"مصطفى":                   "مصطفي",
		"قهوة":                    "قهوه",
		"عــسل":                   "عسل",
		"con\u200bfiture":         "confiture",
		"\u202bفين\u202c":         "فين",
		"٣ كيلو ۴۵ ３":             "3 كيلو 45 3",
		"L’huile":                 "l'huile",
		"cœur":                    "coeur",
		"ﻋﺴﻞ":                     "عسل",
		"\x00a\x01b\xffc":         "a b c",
		"سؤال شيء بئر":            "سؤال شيء بئر",
		"e\u0301te\u0301":         "ete",
		"ÉPICERIE\u00a0\u202fBio": "epicerie bio",
	} {
		if got := Normalise(in); got != want {
			t.Errorf("Normalise(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestNormaliseIsIdempotentAndValid(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
			rapid.StringMatching(`[أإآةىءئؤا-ي\x{064B}-\x{0652}٠-٩a-zA-Z0-9é’ ]{0,30}`)).Draw(t, "s")
		once := Normalise(s)
		if twice := Normalise(once); twice != once {
			t.Fatalf("%q → %q → %q", s, once, twice)
		}
		if !utf8.ValidString(once) {
			t.Fatalf("%q → invalid %q", s, once)
		}
		if strings.TrimSpace(once) != once {
			t.Fatalf("%q keeps space at its ends: %q", s, once)
		}
	})
}

func TestGuess(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]Lang{"bonjour": French, "3afak l3sel": French, "سلام": Arabic, "": French, "12 👍": French, "سلام ok": Arabic, "bonjour كم": French} {
		if got := Guess(in); got != want {
			t.Errorf("Guess(%q) = %s", in, got)
		}
	}
}

func TestSearchKeyMeetsAcrossAlphabets(t *testing.T) {
	t.Parallel()
	for _, same := range [][]string{
		{"3sel", "l3sel", "العسل", "عسل", "3asal", "el3sel", "asel"},
		{"9ahwa", "قهوة", "9ehwa", "القهوة"},
		{"zit l3oud", "زيت العود", "zite el3oud", "zit 3oud"},
		{"argan", "أركان", "أرݣان"},
		{"amlou", "أملو", "l'amlou", "amelou"},
		{"couscous", "كسكس", "kouskous"},
		{"za3fran", "زعفران", "zaafrane", "الزعفران"},
		{"ghassoul", "غاسول", "ghasoul"},
		{"tmer", "تمر", "tmar", "ttmer", "التمر"},
		{"zaytoun", "زيتون", "zitoun", "zitoune"},
		{"dattes", "datte"},
		{"lward", "الورد", "ward"},
		{"khol", "خل", "5al"},
	} {
		want := SearchKey(same[0])
		for _, s := range same[1:] {
			if got := SearchKey(s); got != want {
				t.Errorf("%s: %q, but %s: %q", same[0], want, s, got)
			}
		}
	}
	if a, b := SearchKey("miel"), SearchKey("amlou"); a == b {
		t.Errorf("miel and amlou share %q", a)
	}
	if got := SearchKey("huile de figue de barbarie"); got != "hl fk brbr" {
		t.Errorf("%q", got)
	}
}

func TestDigitsOfEveryScript(t *testing.T) {
	t.Parallel()
	if got := Digits("a٠١٢٩ ۴۵ ３ ९ 𝟗"); got != "a0129 45 3 9 9" {
		t.Errorf("%q", got)
	}
}

func TestReadAmount(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"2 litro zit":        "2 l/2",
		"2kg":                "2 kg/2",
		"٢كيلو":              "2 kg/2",
		"500g":               "500 g/2",
		"0,5 l":              "0.5 l/2",
		"1.5 kg":             "1.5 kg/2",
		"1/2 kilo":           "0.5 kg/2",
		"½ kg":               "0.5 kg/2",
		"1½ kg":              "1.5 kg/2",
		"1 1/2 kg":           "1.5 kg/3",
		"75 cl":              "750 ml/2",
		"جوج كيلو":           "2 kg/2",
		"كيلو ونص":           "1.5 kg/2",
		"كيلو و نص":          "1.5 kg/3",
		"جوج كيلو ونص":       "2.5 kg/3",
		"2 kg et demi":       "2.5 kg/4",
		"un kilo et demi":    "1.5 kg/4",
		"kilo w nos":         "1.5 kg/3",
		"نص كيلو":            "0.5 kg/2",
		"نصف لتر":            "0.5 l/2",
		"ربع كيلو":           "0.25 kg/2",
		"rba3 kilo":          "0.25 kg/2",
		"كيلو الا ربع":       "0.75 kg/3",
		"demi-kilo":          "0.5 kg/3",
		"un demi kilo":       "0.5 kg/3",
		"un quart de litre":  "0.25 l/4",
		"zouj 9ra3i":         "2 piece/2",
		"لترين من الزيت":     "2 l/1",
		"كيلوين":             "2 kg/1",
		"علبتين":             "2 piece/1",
		"خمس علب":            "5 piece/2",
		"خمسة وعشرون كيلو":   "25 kg/3",
		"vingt-cinq pots":    "25 piece/4",
		"quatre-vingt kg":    "80 kg/4",
		"deux cents grammes": "200 g/3",
		"مائتين وخمسين غرام": "250 g/3",
		"3 pots":             "3 piece/2",
		"x3":                 "3 /2",
		"x3a":                "",
		"3x":                 "3 /2",
		"3 × 2":              "3 /2",
		"une douzaine":       "12 /2",
		"3 amlou":            "3 /1",
		"واحد 2 كيلو":        "2 kg/3",
		"kilo dattes":        "1 kg/1 unsaid",
		"l huile":            "",
		"miel":               "",
		"نص كيلو ونص لتر":    "0.5 kg/2",
	} {
		a := ReadAmount(Tokens(in), 0)
		got := ""
		if a.Used > 0 {
			if a.Amount == 0 {
				a.Amount = 1
			}
			got = fmt.Sprintf("%s %s/%d", a.Decimal(), a.Unit, a.Used)
			if !a.Said {
				got += " unsaid"
			}
		}
		if got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestReadersNeverFail(t *testing.T) {
	t.Parallel()
	words := []string{"2", "½", "1/0", "x", "نص", "ونص", "et", "demi", "kilo", "كيلو", "de", "واحد", "-", "99999999999999999999999", "mille", "cent", "l3sel", "w", "quatre", "vingt"}
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(words), rapid.String()), 0, 8).Draw(t, "words"), " ")
		tokens := Tokens(s)
		for i := range tokens {
			if s[tokens[i].Start:tokens[i].End] != tokens[i].Text {
				t.Fatalf("token %d of %q lies about its place", i, s)
			}
			a := ReadAmount(tokens, i)
			if a.Used < 0 || i+a.Used > len(tokens) || math.IsNaN(a.Amount) {
				t.Fatalf("%q at %d: %+v", s, i, a)
			}
		}
		SearchKey(s)
	})
}

func TestPhones(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"06 12 34 56 78":           "+212612345678",
		"0612345678":               "+212612345678",
		"+212 612-345678":          "+212612345678",
		"00212612345678":           "+212612345678",
		"٠٦١٢٣٤٥٦٧٨":               "+212612345678",
		"mon numéro 0712345678":    "+212712345678",
		"+33 6 12 34 56 78":        "+33612345678",
		"\u20680612345678\u2069":   "+212612345678",
		"12":                       "",
		"0612":                     "",
		"0612345678 ou 0712345678": "",
		"":                         "",
	} {
		got, ok := ReadPhone(in)
		if got != want || ok != (want != "") {
			t.Errorf("%q: %q %v", in, got, ok)
		}
	}
	for in, want := range map[string]string{"+212612345678": "06 12 34 56 78", "+33612345678": "+33 6 12 34 56 78", "x": "x"} {
		if got := ShowPhone(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func BenchmarkNormalise(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Normalise("بغيت جوج قراعي ديال العسل الحُرّ و 2 kg d’Amandes")
	}
}
