package listing

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"souk/locales"
)

// sane checks what every reading promises, whatever was typed.
func sane(t interface{ Errorf(string, ...any) }, text string) {
	c, ok := Read(text)
	if !ok && (c.Title != "" || c.Packs != nil) {
		t.Errorf("%q: no listing, but %+v", text, c)
	}
	if !utf8.ValidString(c.Title) || strings.ContainsAny(c.Title, "\x00\n\u202e\u200b") || utf8.RuneCountInString(c.Title) > maxTitle {
		t.Errorf("%q: title %q", text, c.Title)
	}
	if len(c.Packs) > maxPacks {
		t.Errorf("%q: %d packs", text, len(c.Packs))
	}
	for _, p := range c.Packs {
		if (p.Amount == "") != (p.Unit == locales.NoUnit) || p.Amount != "" && strings.TrimLeft(p.Amount, "0123456789.") != "" {
			t.Errorf("%q: pack %+v", text, p)
		}
		if p.PriceCentimes != nil && (*p.PriceCentimes < 1 || *p.PriceCentimes > maxCentimes) || p.Stock != nil && (*p.Stock < 0 || *p.Stock > 1e10) {
			t.Errorf("%q: pack %+v", text, p)
		}
	}
	if c, ok := ReadCorrection(text); ok && (c.PriceCentimes < 0 || c.PriceCentimes > maxCentimes || c.Stock > 1e7 || c.Stock < -1e7 || !utf8.ValidString(c.Title)) {
		t.Errorf("%q: correction %+v", text, c)
	}
	if c, ok := ReadShopLine(text); ok && (c.PriceCentimes < 0 || c.PriceCentimes > maxCentimes || c.Stock > 1e7 || c.Stock < -1e7 || !utf8.ValidString(c.Product)) {
		t.Errorf("%q: shop line %+v", text, c)
	}
}

func TestNothingBreaksIt(t *testing.T) {
	t.Parallel()
	all := append(records(t, "testdata/batch1.jsonl"), records(t, "testdata/batch2.jsonl")...)
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.SampledFrom(all).Draw(t, "a").Text
		b := rapid.SampledFrom(all).Draw(t, "b").Text
		noise := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"\x00", "\xff\xfe", "9223372036854775808 dh", "1e309 kg", "99999999999999999999 g", "½½½", "x99999999", "0 dh", "0 kg",
			"-1 dh", "//", "1/0", "12/13/2026", "++5", "\u202e", "×××", "2 x 3 x 4 x 5 kg", "lot de 0", "lot de 999999999999", "à partir de", "من", "ب"})).Draw(t, "noise")
		cut := rapid.IntRange(0, len(a)).Draw(t, "cut")
		sane(t, a[:cut]+noise+b+a[cut:])
	})
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{"Miel 500 g 80 dh", "عسل نص كيلو ب 80 درهم", "\x00", "9223372036854775808 dh", "\xff", "+20 miel", "lot de 6 x 250 g", "1/0 kg", "absent jusqu'au 99/99"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { sane(t, s) })
}

func TestStreamBoundsHostileLines(t *testing.T) {
	t.Parallel()
	var in bytes.Buffer
	for _, line := range []string{
		strings.Repeat("عسل 2 كيلو ب 80 درهم ", 100_000), strings.Repeat("9", 2<<20), strings.Repeat("dh ", 1<<19), "\x00\xff\xfe 2 kg \x00 miel 80 dh", strings.Repeat("\u202e\u200b", 1<<19),
		strings.Repeat("1 ", 1<<19), `"` + strings.Repeat(`\u0000`, 1000) + `"`, strings.Repeat("½", 1<<18), strings.Repeat("lot de 6 ", 1<<17), strings.Repeat("06 ", 1<<18), strings.Repeat("à partir de ", 1<<17),
		strings.Repeat("1x", 1<<18), strings.Repeat("من 1 ", 1<<17), strings.Repeat("x9 ", 1<<18), strings.Repeat("(", 1<<20),
	} {
		in.WriteString(line)
		in.WriteByte('\n')
	}
	var out bytes.Buffer
	began := time.Now()
	if err := Stream(&in, &out); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), "\n"); n != 15 {
		t.Errorf("%d lines answered", n)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("took %s", took)
	}
	if !utf8.Valid(out.Bytes()) {
		t.Error("answered invalid UTF-8")
	}
}

// What surrounds a caption changes nothing: bidi marks, case of letters, signs.
func TestSurroundingsChangeNothing(t *testing.T) {
	t.Parallel()
	for _, r := range records(t, "testdata/batch1.jsonl") {
		if _, ok := r.matches(); !ok {
			continue
		}
		for _, around := range []string{"\u202b" + r.Text + "\u202c", "  " + r.Text + "\n", r.Text + " 🙏", "\u200f" + r.Text, r.Text + "."} {
			again := r
			again.Text = around
			if got, ok := again.matches(); !ok {
				t.Errorf("%q reads otherwise than %q: %+v", around, r.Text, got)
			}
		}
	}
}

func BenchmarkRead(b *testing.B) {
	for name, text := range map[string]string{
		"plain":    "Miel d'oranger 500 g 80 dh, 12 pots",
		"arabic":   "عسل الأوكالبتوس: 250 غ بـ 45 درهم، 500 غ بـ 85 درهم، 1 كغ بـ 160 درهم",
		"talk":     "Bonjour, quand est-ce que vous payez les ventes du mois dernier ?",
		"long":     strings.Repeat("du bon miel de thym de chez nous ", 60),
		"shopline": "argan 250 +20",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if name == "shopline" {
					ReadShopLine(text)
				} else {
					Read(text)
				}
			}
		})
	}
}
