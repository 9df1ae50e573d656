// Package sharecard makes the picture that a cooperative shares of a product: as a post, or as a status that fills a phone. Whoever gets
// it forwarded orders by the QR code, or by the code to type.
package sharecard

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	_ "image/png" // samples are

	ximage "golang.org/x/image/draw"
	"rsc.io/qr"

	"souk/catalog/drawing"
)

// Format is a picture's size.
type Format int

// The formats.
const (
	Post   Format = iota // 1080 × 1080
	Status               // 1080 × 1920
)

// Card is what a picture says. Every text is ready to be read: money, packs and codes as they are written in its language.
type Card struct {
	Photo  []byte // JPEG or PNG, of a photo that photos.Workshop made or a sample; nil where there is none
	Title  string
	Second string // the title in the other language, "" for none
	Price  string // "60 dh"
	Pack   string // "250 g", "" for none
	Maker  string // the cooperative and its town
	How    string // what to do: "Scannez, ou envoyez P12 par SMS au 05…"
	Code   string // "P12"
	Link   string // in the QR code: t.me/BOT?start=p_P12, or wa.me/…
	RTL    bool   // Title, Pack, Maker and How are read from the right; Second is the other way round
}

const (
	side   = 1080
	margin = 54
	qrSide = 300 // pixels, its quiet zone included
)

var (
	paper = color.RGBA{255, 250, 241, 255}
	ink   = color.RGBA{48, 32, 20, 255}
	soft  = color.RGBA{112, 92, 74, 255}
	brand = color.RGBA{176, 72, 28, 255}
)

// Draw makes the picture, a JPEG of 100 to 300 KB.
func Draw(fonts *drawing.Fonts, c Card, f Format) ([]byte, error) {
	height, photoHeight := side, 555
	if f == Status {
		height, photoHeight = 1920, 1240
	}
	canvas := image.NewRGBA(image.Rect(0, 0, side, height))
	draw.Draw(canvas, canvas.Rect, image.NewUniform(paper), image.Point{}, draw.Src)
	box := image.Rect(0, 0, side, photoHeight)
	if c.Photo == nil {
		c.banner(fonts, canvas, box)
	} else if err := c.photo(canvas, box); err != nil {
		return nil, err
	}
	if err := c.words(fonts, canvas, photoHeight, f); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, canvas, &jpeg.Options{Quality: 88}); err != nil {
		return nil, fmt.Errorf("encode a share card: %w", err)
	}
	return b.Bytes(), nil
}

// banner is what stands in a photo's place: the title, large.
func (c Card) banner(fonts *drawing.Fonts, canvas draw.Image, box image.Rectangle) {
	draw.Draw(canvas, box, image.NewUniform(brand), image.Point{}, draw.Src)
	style := drawing.Style{Weight: drawing.Bold, Size: 92, Color: paper, Align: drawing.Middle, RTL: c.RTL, Lines: 4}
	room := box.Inset(margin)
	if fonts.Count(room.Dx(), c.Title, style) > 3 {
		style.Size = 66
	}
	room.Min.Y += (room.Dy() - style.Height(fonts.Count(room.Dx(), c.Title, style))) / 2
	fonts.Write(canvas, room, c.Title, style)
}

// photo fills its box, cut to it from the middle.
func (c Card) photo(canvas draw.Image, box image.Rectangle) error {
	photo, _, err := image.Decode(bytes.NewReader(c.Photo))
	if err != nil {
		return fmt.Errorf("read the photo of a share card: %w", err)
	}
	from := photo.Bounds()
	if from.Dx()*box.Dy() > from.Dy()*box.Dx() { // too wide
		keep := from.Dy() * box.Dx() / box.Dy()
		from.Min.X += (from.Dx() - keep) / 2
		from.Max.X = from.Min.X + keep
	} else {
		keep := from.Dx() * box.Dy() / box.Dx()
		from.Min.Y += (from.Dy() - keep) / 2
		from.Max.Y = from.Min.Y + keep
	}
	ximage.CatmullRom.Scale(canvas, box, photo, from, draw.Over, nil)
	return nil
}

// words stand beneath the photo, beside the code.
func (c Card) words(fonts *drawing.Fonts, canvas draw.Image, top int, f Format) error {
	bounds := canvas.Bounds()
	foot := bounds.Max.Y - margin
	if f == Status {
		foot -= 120 // a phone's own buttons lie over the foot of a status
	}
	code := image.Rect(side-margin-qrSide, foot-qrSide-64, side-margin, foot-64)
	text := image.Rect(margin, top+34, code.Min.X-40, foot)
	if c.RTL {
		code = image.Rect(margin, code.Min.Y, margin+qrSide, code.Max.Y)
		text = image.Rect(code.Max.X+40, text.Min.Y, side-margin, foot)
	}
	if err := c.qr(canvas, code); err != nil {
		return err
	}
	fonts.Write(canvas, image.Rect(code.Min.X, code.Max.Y+4, code.Max.X, foot), c.Code, drawing.Style{Weight: drawing.Bold, Size: 48, Color: ink, Align: drawing.Middle})

	room := text
	line := func(words string, s drawing.Style) {
		if words == "" {
			return
		}
		n := fonts.Write(canvas, room, words, s)
		room.Min.Y += s.Height(n)
	}
	if c.Photo != nil { // else it stands above, large
		title := drawing.Style{Weight: drawing.Bold, Size: 58, Color: ink, RTL: c.RTL, Lines: 3}
		if fonts.Count(text.Dx(), c.Title, title) > 2 {
			title.Size = 44
		}
		title.Lines = 2
		line(c.Title, title)
		room.Min.Y += 10 // Arabic reaches below its line
	}
	second := drawing.Style{Size: 36, Color: soft, RTL: !c.RTL, Align: drawing.End} // on the side where the title begins
	line(c.Second, second)
	room.Min.Y += 6
	c.price(fonts, canvas, &room)
	line(c.Maker, drawing.Style{Size: 30, Color: soft, RTL: c.RTL, Lines: 2})

	how := drawing.Style{Size: 30, Color: ink, RTL: c.RTL, Lines: 3}
	at := max(room.Min.Y+6, foot-how.Height(fonts.Count(text.Dx(), c.How, how)))
	fonts.Write(canvas, image.Rect(text.Min.X, at, text.Max.X, foot), c.How, how)
	return nil
}

// price writes the price large and its pack beside it, smaller.
func (c Card) price(fonts *drawing.Fonts, canvas draw.Image, room *image.Rectangle) {
	large := drawing.Style{Weight: drawing.Bold, Size: 76, Color: brand, RTL: c.RTL}
	small := drawing.Style{Size: 44, Color: soft, RTL: c.RTL}
	fonts.Write(canvas, *room, c.Price, large)
	if c.Pack != "" {
		beside := *room
		gone := fonts.Width(c.Price, large) + 28
		if c.RTL {
			beside.Max.X -= gone
		} else {
			beside.Min.X += gone
		}
		beside.Min.Y += int(1.05 * float64(large.Size-small.Size)) // on one baseline
		fonts.Write(canvas, beside, c.Pack, small)
	}
	room.Min.Y += large.Height(1)
}

// qr draws the link with a quiet zone of four modules, in whole pixels.
func (c Card) qr(canvas draw.Image, box image.Rectangle) error {
	code, err := qr.Encode(c.Link, qr.M)
	if err != nil {
		return fmt.Errorf("encode the link of a share card: %w", err)
	}
	draw.Draw(canvas, box, image.White, image.Point{}, draw.Src)
	module := box.Dx() / (code.Size + 8)
	begin := box.Min.Add(image.Pt((box.Dx()-module*code.Size)/2, (box.Dy()-module*code.Size)/2))
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				at := begin.Add(image.Pt(x*module, y*module))
				draw.Draw(canvas, image.Rectangle{Min: at, Max: at.Add(image.Pt(module, module))}, image.NewUniform(ink), image.Point{}, draw.Src)
			}
		}
	}
	return nil
}
