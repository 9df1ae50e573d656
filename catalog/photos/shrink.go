package photos

import (
	"image"
	"image/color"
	"image/draw"
)

// fit is the size of a picture whose longest side is at most side. It never grows.
func fit(width, height, side int) (int, int) {
	longest := max(width, height)
	if longest <= side {
		return width, height
	}
	scale := func(n int) int { return max(1, (n*side+longest/2)/longest) }
	return scale(width), scale(height)
}

// shrink averages the area that each pixel of the smaller picture covers. It unpacks one row of the source at a time: a library's
// scaler keeps the whole height in floating point, which for a large photo is more than the photo. What is transparent becomes white.
func shrink(from image.Image, width, height int) *image.RGBA {
	bounds := from.Bounds()
	w, h := bounds.Dx(), bounds.Dy()
	to := image.NewRGBA(image.Rect(0, 0, width, height))
	row := image.NewRGBA(image.Rect(0, 0, w, 1))
	sums := make([]float32, 4*width) // of the row of the target that is being filled
	narrow := make([]float32, 4*width)
	white, op := image.NewUniform(color.White), draw.Over
	if o, ok := from.(interface{ Opaque() bool }); ok && o.Opaque() {
		white, op = nil, draw.Src
	}
	perRow := float64(h) / float64(height) // rows of the source in one of the target
	target, filled := 0, 0.0
	for y := range h {
		if white != nil {
			draw.Draw(row, row.Rect, white, image.Point{}, draw.Src)
		}
		draw.Draw(row, row.Rect, from, image.Pt(bounds.Min.X, bounds.Min.Y+y), op)
		squeeze(narrow, row.Pix, w, width)
		left := 1.0 // of this row, still to be given out
		for left > 1e-9 && target < height {
			part := min(left, perRow-filled)
			for i, v := range narrow {
				sums[i] += v * float32(part)
			}
			filled += part
			left -= part
			if perRow-filled < 1e-6 {
				put(to, target, sums, perRow)
				clear(sums)
				target, filled = target+1, 0
			}
		}
	}
	if target < height { // rounding left the last row a hair short
		put(to, target, sums, max(filled, 1e-6))
	}
	return to
}

// squeeze averages one row of w pixels into width of them.
func squeeze(to []float32, from []byte, w, width int) {
	clear(to)
	perPixel := float32(w) / float32(width)
	for x := range width {
		first, last := float32(x)*perPixel, float32(x+1)*perPixel
		begin, end := int(first), min(w, int(last)+1)
		var r, g, b float32
		var all float32
		for i := begin; i < end; i++ {
			part := min(last, float32(i+1)) - max(first, float32(i))
			if part <= 0 {
				continue
			}
			p := from[4*i : 4*i+3]
			r, g, b, all = r+part*float32(p[0]), g+part*float32(p[1]), b+part*float32(p[2]), all+part
		}
		to[4*x], to[4*x+1], to[4*x+2] = r/all, g/all, b/all
	}
}

func put(to *image.RGBA, y int, sums []float32, rows float64) {
	line := to.Pix[y*to.Stride:]
	for i := 0; i < len(sums); i += 4 {
		for c := range 3 {
			line[i+c] = uint8(min(255, sums[i+c]/float32(rows)+0.5))
		}
		line[i+3] = 255
	}
}
