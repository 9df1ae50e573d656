// Package chart makes one picture of a few figures, for a small screen: thick bars, large digits, nothing to read but numbers and short
// labels. What they are about stands in the caption.
package chart

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"

	"golang.org/x/image/vector"

	"souk/catalog/drawing"
)

// Bar is one figure. Label stands beneath it and Said above it, ready to be read: "23", "1 240".
type Bar struct {
	Value float64 // 0 or more
	Label string
	Said  string // "" where the value is not to be written
}

// The picture's size, in pixels, and how many bars can be told apart in it.
const (
	Width, Height = 800, 600
	MaxBars       = 14
)

var (
	paper = color.RGBA{255, 255, 255, 255}
	line  = color.RGBA{190, 180, 168, 255}
	ink   = color.RGBA{40, 30, 24, 255}
	fill  = color.RGBA{196, 110, 40, 255}
	last  = color.RGBA{150, 58, 20, 255} // the newest: today
)

const (
	edge = 30 // around everything
	foot = 74 // of the labels
	head = 64 // of the figure above the highest bar
)

// Draw makes the picture, a PNG of some 10 KB. The bars run as one reads: from the left, or from the right where rtl is set; the last
// one, today's, is darker.
func Draw(fonts *drawing.Fonts, bars []Bar, rtl bool) ([]byte, error) {
	if len(bars) == 0 || len(bars) > MaxBars {
		return nil, fmt.Errorf("draw a chart: %d bars, and it has room for 1 to %d", len(bars), MaxBars)
	}
	most := 0.0
	for _, b := range bars {
		if b.Value < 0 || math.IsNaN(b.Value) || math.IsInf(b.Value, 0) {
			return nil, errors.New("draw a chart: a bar stands for 0 or more")
		}
		most = max(most, b.Value)
	}
	canvas := image.NewRGBA(image.Rect(0, 0, Width, Height))
	draw.Draw(canvas, canvas.Rect, image.NewUniform(paper), image.Point{}, draw.Src)
	field := image.Rect(edge, edge+head, Width-edge, Height-edge-foot)
	slot := float64(field.Dx()) / float64(len(bars))
	figure := drawing.Style{Weight: drawing.Bold, Size: 38, Color: ink, Align: drawing.Middle}
	label := drawing.Style{Size: 30, Color: ink, Align: drawing.Middle, RTL: rtl}
	for _, b := range bars { // all of them as large as the widest may be
		figure.Size = fitting(fonts, b.Said, figure, int(slot)-4)
		label.Size = fitting(fonts, b.Label, label, int(slot)-8)
	}
	for i, b := range bars {
		place := i
		if rtl {
			place = len(bars) - 1 - i
		}
		from := float64(field.Min.X) + slot*float64(place)
		height := 0.0
		if most > 0 {
			height = b.Value / most * float64(field.Dy())
		}
		if b.Value > 0 {
			height = max(height, 4) // what is there is seen
		}
		colour := fill
		if i == len(bars)-1 {
			colour = last
		}
		gap := min(slot*0.14, 24)
		bar(canvas, from+gap, float64(field.Max.Y)-height, from+slot-gap, float64(field.Max.Y), colour)
		x0, x1 := int(from)-20, int(from+slot)+20
		fonts.Write(canvas, image.Rect(x0, field.Max.Y-int(height)-figure.Height(1)-4, x1, field.Max.Y), b.Said, figure)
		fonts.Write(canvas, image.Rect(x0, field.Max.Y+12, x1, Height), b.Label, label)
	}
	draw.Draw(canvas, image.Rect(field.Min.X, field.Max.Y, field.Max.X, field.Max.Y+4), image.NewUniform(line), image.Point{}, draw.Src)
	var b bytes.Buffer
	if err := png.Encode(&b, canvas); err != nil {
		return nil, fmt.Errorf("encode a chart: %w", err)
	}
	return b.Bytes(), nil
}

// fitting is the largest size, up to the style's, at which words are no wider than a slot; 14 at least.
func fitting(fonts *drawing.Fonts, words string, s drawing.Style, slot int) int {
	for s.Size > 14 && fonts.Width(words, s) > slot {
		s.Size--
	}
	return s.Size
}

// bar fills a rectangle whose upper corners are round, where it is high enough to have any.
func bar(canvas draw.Image, x0, y0, x1, y1 float64, c color.Color) {
	r := min((x1-x0)/4, 12, (y1 - y0))
	left := int(x0) - 1
	raster := vector.NewRasterizer(int(x1)-left+2, Height)
	at := func(x, y float64) (float32, float32) { return float32(x - float64(left)), float32(y) }
	raster.MoveTo(at(x0, y1))
	raster.LineTo(at(x0, y0+r))
	ax, ay := at(x0, y0)
	bx, by := at(x0+r, y0)
	raster.QuadTo(ax, ay, bx, by)
	raster.LineTo(at(x1-r, y0))
	ax, ay = at(x1, y0)
	bx, by = at(x1, y0+r)
	raster.QuadTo(ax, ay, bx, by)
	raster.LineTo(at(x1, y1))
	raster.ClosePath()
	raster.Draw(canvas, image.Rect(left, 0, int(x1)+2, Height), image.NewUniform(c), image.Point{})
}
