// Package drawing writes words of any of our languages into pictures: Arabic joined and from the right, Latin from the left, both in
// one line where they meet, and Tifinagh. Fonts are Noto's (SIL Open Font License 1.1, see fonts/OFL.txt).
package drawing

import (
	"bytes"
	"embed"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"slices"
	"strings"
	"unicode"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

//go:embed fonts/*.ttf
var files embed.FS

// Weight is how thick letters are.
type Weight int

// The weights there are.
const (
	Regular Weight = iota
	Bold
)

// Fonts are what words are written with. They may be used by any number of goroutines.
type Fonts struct{ families [2]family }

// family is one weight in every script, the first that has a letter being taken.
type family []*font.Font

// Load reads the fonts, which takes a few milliseconds.
func Load() (*Fonts, error) {
	f := &Fonts{}
	for weight, names := range [2][]string{
		Regular: {"NotoSans-Regular", "NotoSansArabic-Regular", "NotoSansTifinagh-Regular"},
		Bold:    {"NotoSans-Bold", "NotoSansArabic-Bold", "NotoSansTifinagh-Regular"},
	} {
		for _, name := range names {
			data, err := files.ReadFile("fonts/" + name + ".ttf")
			if err != nil {
				return nil, fmt.Errorf("read a font: %w", err)
			}
			face, err := font.ParseTTF(bytes.NewReader(data))
			if err != nil {
				return nil, fmt.Errorf("read font %s: %w", name, err)
			}
			f.families[weight] = append(f.families[weight], face.Font)
		}
	}
	return f, nil
}

// Align is where a line stands in its box.
type Align int

// Start is left for words that begin left and right for those that begin right.
const (
	Start Align = iota
	Middle
	End
)

// Style is how words are written.
type Style struct {
	Weight Weight
	Size   int // pixels from one line's top to the next's, over 1.35
	Color  color.Color
	Align  Align
	RTL    bool // the words belong to a text that is read from the right
	Lines  int  // at most; what does not fit ends in …; 0 is one
}

// lineHeight is the distance of two lines in sizes: Arabic reaches lower than Latin.
const lineHeight = 1.35

// Height is how many pixels a style's lines take.
func (s Style) Height(lines int) int { return int(float64(s.Size) * lineHeight * float64(lines)) }

// Write writes words into a box as wide as the style needs lines for, from its top, and returns how many lines there are. Signs that no
// font has (pictograms) are left out.
func (f *Fonts) Write(onto draw.Image, box image.Rectangle, words string, s Style) int {
	lines := f.lines(words, box.Dx(), s)
	for i, line := range lines {
		advance := 0
		for _, run := range line {
			advance += run.Advance.Ceil()
		}
		right := s.Align == End != s.RTL
		x := box.Min.X
		switch {
		case s.Align == Middle:
			x += (box.Dx() - advance) / 2
		case right:
			x = box.Max.X - advance
		}
		paint(onto, line, x, box.Min.Y+s.Height(i)+int(float64(s.Size)*1.05), s.Color)
	}
	return len(lines)
}

// Count is how many lines words take in a box so many pixels wide, at most the style's.
func (f *Fonts) Count(width int, words string, s Style) int { return len(f.lines(words, width, s)) }

// Width is how many pixels words take in one line.
func (f *Fonts) Width(words string, s Style) int {
	s.Lines = 1
	width := 0
	for _, line := range f.lines(words, 1<<20, s) {
		for _, run := range line {
			width += run.Advance.Ceil()
		}
	}
	return width
}

// lines shapes words and breaks them into lines no wider than width, each in the order in which it is seen from the left.
func (f *Fonts) lines(words string, width int, s Style) []shaping.Line {
	m := f.family(s.Weight)
	runes := m.known(words)
	if len(runes) == 0 {
		return nil
	}
	direction := di.DirectionLTR
	if s.RTL {
		direction = di.DirectionRTL
	}
	var segmenter shaping.Segmenter
	var shaper shaping.HarfbuzzShaper
	input := shaping.Input{Text: runes, RunEnd: len(runes), Direction: direction, Size: fixed.I(s.Size), Language: language.NewLanguage("ar")}
	var runs []shaping.Output
	for _, piece := range segmenter.Split(input, m) {
		runs = append(runs, shaper.Shape(piece))
	}
	dots := input
	dots.Text, dots.RunEnd, dots.Face, dots.Script = []rune("…"), 1, m.ResolveFace('…'), language.Latin
	var wrapper shaping.LineWrapper
	wrapped, _ := wrapper.WrapParagraph(shaping.WrapConfig{Direction: direction, TruncateAfterLines: max(1, s.Lines), Truncator: shaper.Shape(dots)},
		width, runes, shaping.NewSliceIterator(runs))
	for _, line := range wrapped {
		slices.SortStableFunc(line, func(a, b shaping.Output) int { return int(a.VisualIndex - b.VisualIndex) })
	}
	return wrapped
}

// faces are a family for one use: a face keeps a cache, a font does not.
type faces []*font.Face

func (f *Fonts) family(w Weight) faces {
	var all faces
	for _, one := range f.families[w] {
		all = append(all, font.NewFace(one))
	}
	return all
}

// ResolveFace implements shaping.Fontmap.
func (m faces) ResolveFace(r rune) *font.Face {
	for _, face := range m {
		if _, ok := face.NominalGlyph(r); ok {
			return face
		}
	}
	return m[0]
}

// known keeps the letters that some font has, and none of the marks that only direct others. A space between two digits is one of a
// number ("05 22 00 11 22"): it must neither be broken there nor, among Arabic words, be read from its end.
func (m faces) known(words string) []rune {
	runes := []rune(strings.Join(strings.Fields(words), " "))
	for i := 1; i < len(runes)-1; i++ {
		if (runes[i] == ' ' || runes[i] == 0x202f) && unicode.IsDigit(runes[i-1]) && unicode.IsDigit(runes[i+1]) {
			runes[i] = 0xa0
		}
	}
	return slices.DeleteFunc(runes, func(r rune) bool {
		if r >= 0x200b && r <= 0x200f && r != 0x200d && r != 0x200c || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0xfe0f {
			return true
		}
		return !slices.ContainsFunc(m, func(face *font.Face) bool { _, ok := face.NominalGlyph(r); return ok })
	})
}

// paint fills the outlines of a line's glyphs, its baseline beginning at x, y.
func paint(onto draw.Image, line shaping.Line, x, y int, c color.Color) {
	reach := 0 // above and below the baseline: no letter of these fonts goes further
	for _, run := range line {
		reach = max(reach, 2*run.Size.Ceil())
	}
	bounds := image.Rect(onto.Bounds().Min.X, y-reach, onto.Bounds().Max.X, y+reach).Intersect(onto.Bounds())
	if bounds.Empty() {
		return
	}
	raster := vector.NewRasterizer(bounds.Dx(), bounds.Dy())
	pen := float32(x - bounds.Min.X)
	base := float32(y - bounds.Min.Y)
	for _, run := range line {
		scale := float32(run.Size) / 64 / float32(run.Face.Upem())
		for _, g := range run.Glyphs {
			gx, gy := pen+float32(g.XOffset)/64, base-float32(g.YOffset)/64
			if outline, ok := run.Face.GlyphData(g.GlyphID).(font.GlyphOutline); ok {
				trace(raster, outline, func(p opentype.SegmentPoint) (float32, float32) { return gx + p.X*scale, gy - p.Y*scale })
			}
			pen += float32(g.Advance) / 64
		}
	}
	raster.Draw(onto, bounds, image.NewUniform(c), image.Point{})
}

func trace(raster *vector.Rasterizer, outline font.GlyphOutline, at func(opentype.SegmentPoint) (x, y float32)) {
	for _, s := range outline.Segments {
		ax, ay := at(s.Args[0])
		bx, by := at(s.Args[1])
		cx, cy := at(s.Args[2])
		switch s.Op {
		case opentype.SegmentOpMoveTo:
			raster.ClosePath()
			raster.MoveTo(ax, ay)
		case opentype.SegmentOpLineTo:
			raster.LineTo(ax, ay)
		case opentype.SegmentOpQuadTo:
			raster.QuadTo(ax, ay, bx, by)
		case opentype.SegmentOpCubeTo:
			raster.CubeTo(ax, ay, bx, by, cx, cy)
		}
	}
	raster.ClosePath()
}
