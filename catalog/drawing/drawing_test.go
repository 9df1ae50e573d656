package drawing_test

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"strings"
	"sync"
	"testing"

	"souk/catalog/drawing"
)

func fonts(t testing.TB) *drawing.Fonts {
	t.Helper()
	f, err := drawing.Load()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// written is words alone on white.
func written(f *drawing.Fonts, words string, s drawing.Style) *image.Gray {
	m := image.NewGray(image.Rect(0, 0, 500, 120))
	draw.Draw(m, m.Rect, image.White, image.Point{}, draw.Src)
	if s.Color == nil {
		s.Color = color.Black
	}
	f.Write(m, m.Rect, words, s)
	return m
}

// ink is the box of what is not white.
func ink(m *image.Gray) (box image.Rectangle) {
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			if m.GrayAt(x, y).Y < 128 {
				box = box.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return box
}

func TestArabicIsJoinedAndFromTheRight(t *testing.T) {
	t.Parallel()
	f := fonts(t)
	style := drawing.Style{Size: 60, RTL: true}
	apart := 0
	for _, letter := range []string{"ع", "س", "ل"} {
		apart += f.Width(letter, style)
	}
	if joined := f.Width("عسل", style); joined >= apart*9/10 {
		t.Errorf("joined letters take %d of the %d that they take apart", joined, apart)
	}
	if lam, alef := f.Width("لا", style), f.Width("ل", style)+f.Width("ا", style); lam >= alef {
		t.Errorf("lam and alef make one sign: %d, apart %d", lam, alef)
	}
	if box := ink(written(f, "عسل", style)); box.Max.X < 490 || box.Min.X < 250 {
		t.Errorf("it stands at %v of 500", box)
	}
	if box := ink(written(f, "Miel", drawing.Style{Size: 60})); box.Min.X > 10 {
		t.Errorf("it stands at %v of 500", box)
	}
	// What comes first stands right: the dot of ب lies beneath, ا has none.
	m := written(f, "با ا ا ا", style)
	right, left := image.Rect(450, 0, 500, 120), ink(m)
	left.Max.X = left.Min.X + 50
	if low := ink(m.SubImage(right).(*image.Gray)); low.Empty() && !left.Empty() {
		t.Error("the first word does not stand at the right")
	}
}

// A number among Arabic words is read as it is written, whatever spaces are in it.
func TestNumbersInArabicKeepTheirOrder(t *testing.T) {
	t.Parallel()
	f := fonts(t)
	style := drawing.Style{Size: 40, RTL: true}
	alone := written(f, "05 22 00 11 22", style)
	western := written(f, "05 22 00 11 22", drawing.Style{Size: 40, Align: drawing.End})
	if !bytes.Equal(alone.Pix, western.Pix) {
		t.Error("a number alone differs by the direction of its text")
	}
	after := written(f, "إلى 05 22 00 11 22", style)
	number := ink(alone)
	place := ink(after)
	cut := func(m *image.Gray, box image.Rectangle) []byte {
		var all []byte
		for y := box.Min.Y; y < box.Max.Y; y++ {
			for x := box.Min.X; x < box.Min.X+number.Dx(); x++ {
				all = append(all, m.GrayAt(x, y).Y/128)
			}
		}
		return all
	}
	whole := number
	whole.Min.X = place.Min.X
	if !bytes.Equal(cut(alone, number), cut(after, whole)) {
		t.Error("behind an Arabic word the number is written otherwise")
	}
	if f.Count(150, "05 22 00 11", style) < 1 || f.Count(10_000, "05 22 00 11", drawing.Style{Size: 40, Lines: 5}) != 1 {
		t.Error("lines")
	}
}

func TestEveryScriptHasItsLetters(t *testing.T) {
	t.Parallel()
	f := fonts(t)
	for _, words := range []string{"Œufs à l’ancienne ½ — « ça » €", "عسل الزعتر 100٪ گ پ ڤ ڭ أ إ آ ؤ ئ ة ى", "ⵣⵉⵜ ⵏ ⵡⴰⵔⴳⴰⵏ"} {
		for _, weight := range []drawing.Weight{drawing.Regular, drawing.Bold} {
			style := drawing.Style{Size: 30, Weight: weight}
			for _, word := range strings.Fields(words) {
				for _, r := range word {
					if f.Width(string(r), style) == 0 {
						t.Errorf("no font has %q", r)
					}
				}
			}
		}
	}
	for _, nothing := range []string{"", " ", "🍯", "\u2068\u2069", "\u200f\ufe0f"} {
		if w := f.Width(nothing, drawing.Style{Size: 30}); w != 0 {
			t.Errorf("%q takes %d pixels", nothing, w)
		}
	}
	style := drawing.Style{Size: 30}
	if f.Width("\u2068120\u2069 🍯dh", style) != f.Width("120 dh", style) {
		t.Error("marks and pictograms are left out")
	}
}

func TestLinesAreBrokenAndCut(t *testing.T) {
	t.Parallel()
	f := fonts(t)
	long := strings.Repeat("huile d'argan ", 20)
	for lines := 1; lines < 5; lines++ {
		if n := f.Count(400, long, drawing.Style{Size: 30, Lines: lines}); n != lines {
			t.Errorf("%d lines, want %d", n, lines)
		}
	}
	m := image.NewGray(image.Rect(0, 0, 800, 300))
	draw.Draw(m, m.Rect, image.White, image.Point{}, draw.Src)
	f.Write(m, image.Rect(100, 50, 500, 250), strings.Repeat("تعاونية ", 30), drawing.Style{Size: 30, Lines: 3, RTL: true, Color: color.Black})
	if box := ink(m); box.Min.X < 98 || box.Max.X > 502 || box.Min.Y < 50 {
		t.Errorf("it is written at %v, outside 100…500", box)
	}
}

func TestFontsServeManyAtOnce(t *testing.T) {
	t.Parallel()
	f := fonts(t)
	want := written(f, "عسل Miel", drawing.Style{Size: 40, RTL: true})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 5 {
				if got := written(f, "عسل Miel", drawing.Style{Size: 40, RTL: true}); !bytes.Equal(got.Pix, want.Pix) {
					t.Error("it is written otherwise")
				}
			}
		})
	}
	all.Wait()
}
