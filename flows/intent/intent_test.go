package intent

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"souk/locales"
)

// record is one message of testdata with the reading that a person expects. Tokens are normalised parts that the query must hold;
// no quantity may be read as one, and a bare count as pieces.
type record struct {
	Text string `json:"text"`
	Lang string `json:"lang"`
	Want struct {
		Intent Intent `json:"intent"`
		Items  []struct {
			Tokens   []string `json:"query_tokens"`
			Quantity *float64 `json:"quantity"`
			Unit     *string  `json:"unit"`
		} `json:"items"`
		Language *string `json:"language"`
	} `json:"want"`
}

func (r record) matches(got Reading) bool {
	if got.Intent != r.Want.Intent || len(got.Items) != len(r.Want.Items) {
		return false
	}
	language := ""
	if r.Want.Language != nil {
		language = *r.Want.Language
	}
	if string(got.Language) != language {
		return false
	}
	for i, want := range r.Want.Items {
		item := got.Items[i]
		query := locales.Normalise(item.Query)
		for _, token := range want.Tokens {
			if !strings.Contains(query, locales.Normalise(token)) {
				return false
			}
		}
		wantN, gotN := 1.0, 1.0
		if want.Quantity != nil {
			wantN = *want.Quantity
		}
		if item.Quantity != nil {
			gotN = *item.Quantity
		}
		wantUnit := locales.Piece
		if want.Unit != nil {
			wantUnit = locales.Unit(*want.Unit)
		}
		gotUnit := item.Unit
		if gotUnit == locales.NoUnit {
			gotUnit = locales.Piece
		}
		if wantN != gotN || wantUnit != gotUnit {
			return false
		}
	}
	return true
}

func records(t testing.TB, name string) []record {
	t.Helper()
	file, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var all []record
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var r record
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all = append(all, r)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// The rules are worked on with messages.jsonl; hands.jsonl is what buyers and members wrote side by side, read before the rules were
// tried on it and mended since; heldout.jsonl is only counted, so that it says what an unseen set of
// the same kind would.
func TestWholeRecordsRight(t *testing.T) {
	t.Parallel()
	for name, least := range map[string]float64{"messages.jsonl": 0.98, "hands.jsonl": 0.97, "heldout.jsonl": 0.95} {
		right := 0
		all := records(t, name)
		for _, r := range all {
			got := Parse(r.Text)
			if r.matches(got) {
				right++
				continue
			}
			if name != "heldout.jsonl" {
				reading, _ := json.Marshal(got)
				t.Logf("%s: %s\n\twant %+v\n\tgot  %s", name, r.Text, r.Want, reading)
			}
		}
		share := float64(right) / float64(len(all))
		t.Logf("%s: %d of %d (%.1f %%)", name, right, len(all), 100*share)
		if share < least {
			t.Errorf("%s: %.1f %% right, at least %.0f %% wanted", name, 100*share, 100*least)
		}
	}
}

// The queries keep the person's own words, cleanly cut.
func TestQueriesAsTyped(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"bghit 3 litro zit zitoun":                      "zit zitoun",
		"je voudrais 2 pots de Miel de Montagne svp":    "Miel de Montagne",
		"بغيت الحليب ديال الناقة":                       "حليب ديال الناقة",
		"3afak 1kg dattes":                              "dattes",
		"de l'huile d'argan, 2 litres":                  "huile d'argan",
		"il me faut 2 pots de con\u200bfiture de coing": "confiture de coing",
		"واش عندكم الزبيب؟":                             "زبيب",
		"bghit 3 9ra3i dyal lben":                       "lben",
	} {
		got := Parse(text)
		if len(got.Items) != 1 || got.Items[0].Query != want {
			t.Errorf("%q: %+v, want %q", text, got.Items, want)
		}
	}
}

// The cart is asked for by its name alone; a basket that is sought or counted is goods.
func TestCart(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"panier", "Mon panier", "voir mon panier svp", "le panier", "السلة", "سلتي", "وريني السلة", "السلة ديالي عافاك", "lpanier dyali", "fin lpanier", "cart"} {
		if got := Parse(text); !got.Cart || got.Intent != Unknown || got.Items != nil {
			t.Errorf("%q: %+v", text, got)
		}
	}
	for text, want := range map[string]Intent{
		"2 paniers": Order, "panier en osier": Search, "je cherche un panier": Search, "vider mon panier": Cancel, "ajoutez 2 kg de dattes au panier": Order,
		"mes commandes": Track, "طلباتي": Track, "commandes": Track, "produits": Browse, "menu": Menu,
	} {
		if got := Parse(text); got.Cart || got.Intent != want {
			t.Errorf("%q: %+v, want %s", text, got, want)
		}
	}
}

// A pack with its price is what sellers write; buyers ask, want or take.
func TestStatedPrices(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Intent{
		"Miel de romarin 500 g 80 dh, 12 pots": Sell, "زيت الزيتون 1 لتر ب 80 درهم": Sell, "amlou 250g b 45 dh": Sell, "Savon noir 200 g prix 25 dh stock 30": Sell, "عسل نصف كيلو الثمن 90 درهما": Sell,
		"je prends 2 kg de dattes à 80 dh": Order, "bghit 1 kg louz b 90 dh": Order, "combien 500 g de miel ? 80 dh ?": Price, "2 kg dattes": Order, "miel 500 g moins de 80 dh": Order, "prix 500 g de miel": Price,
	} {
		if got := Parse(text); got.Intent != want {
			t.Errorf("%q: %s, want %s", text, got.Intent, want)
		}
	}
}

func TestStream(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	in := "khassni 3 litro zit zitoun\n\"\\u202bتوقفوا\"\n\nparlons français\r\n\"broken\nوصلات الطلبية؟ <b>"
	if err := Stream(strings.NewReader(in), &out); err != nil {
		t.Fatal(err)
	}
	want := `{"intent":"order","items":[{"query":"zit zitoun","quantity":3,"unit":"l"}],"language":null}
{"intent":"stop","items":[],"language":null}
{"intent":"unknown","items":[],"language":null}
{"intent":"language","items":[],"language":"fr"}
{"intent":"unknown","items":[],"language":null}
{"intent":"track","items":[],"language":null}
`
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

func TestStreamBoundsHostileLines(t *testing.T) {
	t.Parallel()
	var in bytes.Buffer
	for _, line := range []string{
		strings.Repeat("بغيت 2 كيلو ", 200_000), strings.Repeat("9", 2<<20), strings.Repeat("ma", 1<<20), "\x00\xff\xfe 2 kg \x00 miel",
		strings.Repeat("\u202e\u200b", 1<<19), strings.Repeat("et ", 1<<19), `"` + strings.Repeat(`\u0000`, 1000) + `"`, strings.Repeat("½", 1<<18),
	} {
		in.WriteString(line)
		in.WriteByte('\n')
	}
	var out bytes.Buffer
	began := time.Now()
	if err := Stream(&in, &out); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), "\n"); n != 8 {
		t.Errorf("%d lines answered", n)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("took %s", took)
	}
	if !utf8.Valid(out.Bytes()) {
		t.Error("answered invalid UTF-8")
	}
}

func TestParseNeverFails(t *testing.T) {
	t.Parallel()
	all := records(t, "messages.jsonl")
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.SampledFrom(all).Draw(t, "a").Text
		b := rapid.SampledFrom(all).Draw(t, "b").Text
		noise := rapid.String().Draw(t, "noise")
		cut := rapid.IntRange(0, len(a)).Draw(t, "cut")
		text := a[:cut] + noise + b + a[cut:]
		r := Parse(text)
		if r.Intent == "" {
			t.Fatalf("%q: no intent", text)
		}
		if len(r.Items) > maxItems {
			t.Fatalf("%q: %d items", text, len(r.Items))
		}
		for _, item := range r.Items {
			if item.Query == "" || !utf8.ValidString(item.Query) || strings.ContainsRune(item.Query, 0) {
				t.Fatalf("%q: query %q", text, item.Query)
			}
		}
		if r.Language != "" && r.Intent != Language {
			t.Fatalf("%q: a language with %s", text, r.Intent)
		}
	})
}

// What surrounds a message changes nothing: case, politeness, invisible marks, signs.
func TestSurroundingsChangeNothing(t *testing.T) {
	t.Parallel()
	for _, r := range records(t, "messages.jsonl") {
		if !r.matches(Parse(r.Text)) || r.Want.Intent == Unknown || r.Want.Intent == Greeting {
			continue
		}
		for _, around := range []string{"\u202b" + r.Text + "\u202c", r.Text + " !!", "  " + r.Text + "\n", r.Text + " 🙏", "\u200f" + r.Text} {
			if !r.matches(Parse(around)) {
				t.Errorf("%q reads otherwise than %q", around, r.Text)
			}
		}
	}
}

func BenchmarkParse(b *testing.B) {
	for name, text := range map[string]string{
		"order":  "salam svp khassni 3 kg tmar w جوج علب ديال الشاي",
		"word":   "menu",
		"typo":   "je voudrias anuller la comandde svp",
		"long":   strings.Repeat("je voudrais savoir si vous avez du miel de thym ", 20),
		"random": "kdjf sdkfj weoiru sdfkjh xcvmn",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Parse(text)
			}
		})
	}
}
