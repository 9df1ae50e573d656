package locales

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
)

func load(t testing.TB) *Words {
	t.Helper()
	w, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestWordsAreComplete(t *testing.T) {
	t.Parallel()
	for _, fault := range load(t).Check() {
		t.Error(fault)
	}
}

// The whole module's sources are read: a word that nobody says is dead, and a
// word that somebody says and nobody wrote is a hole in a conversation.
func TestEveryWordIsUsedAndEveryUsedWordIsThere(t *testing.T) {
	t.Parallel()
	w := load(t)
	usage, err := ReadUsage(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range w.Unused(usage) {
		t.Errorf("%s is used by no source", key)
	}
	for _, missing := range w.Missing(usage) {
		t.Error(missing)
	}
}

func TestCheckFindsFaults(t *testing.T) {
	t.Parallel()
	w := load(t)
	w.messages[French]["x.only_french"] = &i18n.Message{Other: "a"}
	w.messages[Arabic]["money.mad"] = &i18n.Message{One: "a", Other: "b {{.amount}}"}
	w.messages[French]["x.sms"] = &i18n.Message{Other: "ê"}
	w.messages[Arabic]["date.day.0"] = &i18n.Message{Other: "\u2068{{.who}} {{range .x}}"}
	all := strings.Join(w.Check(), "\n")
	for _, want := range []string{
		"ar.toml: x.only_french is missing", `ar.toml: money.mad has no form "few"`, "fr.toml: x.sms stands in for x",
		"fr.toml: x.sms (other) does not fit", "invisible mark", "no plain {{.value}}", "fr names {}, ar names {who}",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("not found: %s in\n%s", want, all)
		}
	}
}

func TestMoney(t *testing.T) {
	t.Parallel()
	w := load(t)
	for _, c := range []struct {
		centimes int64
		fr, ar   string
	}{
		{0, "0 dh", "0 درهم"},
		{100, "1 dh", "درهم واحد"},
		{200, "2 dh", "درهمان"},
		{300, "3 dh", "3 دراهم"},
		{1000, "10 dh", "10 دراهم"},
		{1100, "11 dh", "11 درهما"},
		{9900, "99 dh", "99 درهما"},
		{10000, "100 dh", "100 درهم"},
		{10200, "102 dh", "102 درهم"},
		{10300, "103 dh", "103 دراهم"},
		{24000, "240 dh", "240 درهما"},
		{1250, "12,50 dh", "12,50 درهم"},
		{5, "0,05 dh", "0,05 درهم"},
		{125050, "1 250,50 dh", "1\u00a0250,50 درهم"},
		{-2000, "-20 dh", "-20 درهما"},
		{123456700, "1 234 567 dh", "1\u00a0234\u00a0567 درهما"},
	} {
		m := Dirhams(c.centimes)
		if got := w.Money(French, m); got != c.fr {
			t.Errorf("%d in French: %q, want %q", c.centimes, got, c.fr)
		}
		if got := w.Money(Arabic, m); got != c.ar {
			t.Errorf("%d in Arabic: %q, want %q", c.centimes, got, c.ar)
		}
	}
	if got := w.Money(French, Money{Minor: 1999, Currency: "EUR"}); got != "19,99 EUR" {
		t.Errorf("euros: %q", got)
	}
}

func TestSixArabicForms(t *testing.T) {
	t.Parallel()
	w := load(t)
	for n, want := range map[string]string{
		"0": "0 قطعة", "1": "قطعة واحدة", "2": "قطعتان", "3": "3 قطع", "10": "10 قطع", "11": "11 قطعة", "26": "26 قطعة",
		"100": "100 قطعة", "101": "101 قطعة", "103": "103 قطع", "111": "111 قطعة",
	} {
		q := Quantity{Unit: Piece}
		q.Amount, _ = strconv.ParseFloat(n, 64)
		if got := w.Quantity(Arabic, q); got != want {
			t.Errorf("%s: %q, want %q", n, got, want)
		}
	}
	if got := w.Quantity(French, Quantity{1.5, Kilogram}); got != "1,5 kg" {
		t.Error(got)
	}
	if got := w.Quantity(Arabic, Quantity{0.5, Litre}); got != "0,5 لتر" {
		t.Error(got)
	}
}

func TestDates(t *testing.T) {
	t.Parallel()
	w := load(t)
	at := time.Date(2026, 12, 3, 10, 5, 0, 0, time.UTC)
	for _, c := range []struct {
		style  DateStyle
		fr, ar string
	}{
		{Day, "jeudi 3 décembre", "الخميس 3 دجنبر"},
		{DayTime, "jeudi 3 décembre, 10 h 05", "الخميس 3 دجنبر، 10:05"},
		{Clock, "10 h 05", "10:05"},
		{DayYear, "3 décembre 2026", "3 دجنبر 2026"},
	} {
		if got := w.Date(French, Date{at, c.style}); got != c.fr {
			t.Errorf("%q, want %q", got, c.fr)
		}
		if got := w.Date(Arabic, Date{at, c.style}); got != c.ar {
			t.Errorf("%q, want %q", got, c.ar)
		}
	}
	if got := w.Date(French, Date{time.Date(2027, 8, 1, 18, 0, 0, 0, time.UTC), DayTime}); got != "dimanche 1er août, 18 h" {
		t.Error(got)
	}
}

// fixture is a *Words with sentences of the test's own.
func fixture(t testing.TB) *Words {
	w, err := loadFrom(map[Lang]string{
		French: `
[t]
hello = "Bonjour {{.name}}, le prix est {{.price}}…"
"hello.sms" = "{{.name}}: {{.price}}"
jars = { one = "{{.Count}} pot", other = "{{.Count}} pots" }
list = "Voici :\n{{.lines}}"
noel = "C’est « prêt » – cœur ✅"
`,
		Arabic: `
[t]
hello = "السلام {{.name}}، الثمن {{.price}}"
jars = { zero = "لا برطمان", one = "برطمان واحد", two = "برطمانان", few = "{{.Count}} برطمانات", many = "{{.Count}} برطمانا", other = "{{.Count}} برطمان" }
list = "{{.lines}}"
noel = "جاهز ✅"
[money]
mad = "{{.amount}} درهم"
`,
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestTextIsolatesValuesOnlyWhereItCan(t *testing.T) {
	t.Parallel()
	w := fixture(t)
	args := Args{"name": "Ami\u202ena\x00", "price": Money{Minor: 300, Currency: "EUR"}}
	if got := w.Text(French, Rich, "t.hello", args); got != "Bonjour \u2068Amina\u2069, le prix est \u20683 EUR\u2069…" {
		t.Errorf("rich: %q", got)
	}
	if got := w.Text(French, Plain, "t.hello", args); got != "Amina: 3 EUR" {
		t.Errorf("plain: %q", got)
	}
	if got := w.Text(Arabic, Plain, "t.hello", args); got != "السلام Amina، الثمن 3 EUR" {
		t.Errorf("plain Arabic: %q", got)
	}
	if got := w.Text(French, Plain, "t.noel", nil); got != `C'est " prêt " - coeur` && got != `C'est " pret " - coeur` {
		t.Errorf("plain signs: %q", got)
	}
	list := Rendered(w.Text(French, Rich, "t.jars", Args{"Count": 2}))
	if got := w.Text(French, Rich, "t.list", Args{"lines": list}); got != "Voici :\n\u20682\u2069 pots" {
		t.Errorf("nested: %q", got)
	}
	for n, want := range map[int]string{0: "لا برطمان", 1: "برطمان واحد", 2: "برطمانان", 7: "\u20687\u2069 برطمانات", 12: "\u206812\u2069 برطمانا", 100: "\u2068100\u2069 برطمان"} {
		if got := w.Text(Arabic, Rich, "t.jars", Args{"Count": n}); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestFaultsAreErrorsAndNeverSilence(t *testing.T) {
	t.Parallel()
	w := fixture(t)
	for _, c := range []struct {
		lang Lang
		key  string
		args Args
	}{
		{French, "t.nowhere", nil},
		{French, "t.hello", Args{"name": "x"}},
		{French, "t.hello", Args{"name": "x", "price": struct{}{}}},
		{French, "money.mad", Args{"amount": "3"}},
		{"de", "t.hello", nil},
	} {
		if s, err := w.Lookup(c.lang, Rich, c.key, c.args); err == nil {
			t.Errorf("%s %s: %q without an error", c.lang, c.key, s)
		}
	}
	if got := w.Text(French, Rich, "t.nowhere", nil); got != "t.nowhere" {
		t.Errorf("unknown key: %q", got)
	}
	if got := w.Text(French, Plain, "money.mad", Args{"amount": "3"}); got != "3 درهم" {
		t.Errorf("fallback: %q", got)
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	if got := strings.Join(fixture(t).Keys("t.h"), " "); got != "t.hello" {
		t.Error(got)
	}
}

func BenchmarkText(b *testing.B) {
	w := fixture(b)
	args := Args{"name": "Amina", "price": Dirhams(24000)}
	b.ReportAllocs()
	for b.Loop() {
		w.Text(Arabic, Rich, "t.hello", args)
	}
}
