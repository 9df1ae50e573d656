package photos_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/color/palette"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"testing"
)

// quarters is a picture whose four quarters differ: red, green, blue, white from the top left as one reads.
func quarters(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	colors := [4]color.RGBA{{220, 30, 30, 255}, {30, 200, 30, 255}, {30, 30, 220, 255}, {250, 250, 250, 255}}
	for y := range h {
		for x := range w {
			c := colors[2*(2*y/h)+2*x/w]
			copy(m.Pix[m.PixOffset(x, y):], []byte{c.R, c.G, c.B, c.A})
		}
	}
	return m
}

func asJPEG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 90}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// asGIF is a GIF of so many frames, each but the first of one pixel.
func asGIF(t testing.TB, w, h, frames int) []byte {
	t.Helper()
	first := image.NewPaletted(image.Rect(0, 0, w, h), palette.Plan9)
	for y := range h {
		for x := range w {
			first.SetColorIndex(x, y, uint8(x+y))
		}
	}
	g := gif.GIF{Image: []*image.Paletted{first}, Delay: []int{1}}
	dot := image.NewPaletted(image.Rect(0, 0, 1, 1), color.Palette{color.Black, color.White})
	for range frames - 1 {
		g.Image, g.Delay = append(g.Image, dot), append(g.Delay, 1)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, &g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// bombPNG is a PNG of side² pixels that are all black, of which so many rows are there: zeros, packed.
func bombPNG(t testing.TB, side, rows int, depth, colour byte) []byte {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("\x89PNG\r\n\x1a\n")
	head := binary.BigEndian.AppendUint32(nil, uint32(side))
	head = binary.BigEndian.AppendUint32(head, uint32(side))
	chunk(&b, "IHDR", append(head, depth, colour, 0, 0, 0))
	var packed bytes.Buffer
	z, _ := zlib.NewWriterLevel(&packed, zlib.DefaultCompression)
	samples := map[byte]int{0: 1, 2: 3, 6: 4}[colour]
	row := make([]byte, 1+(side*int(depth)*samples+7)/8)
	for range rows {
		if _, err := z.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	chunk(&b, "IDAT", packed.Bytes())
	chunk(&b, "IEND", nil)
	return b.Bytes()
}

func chunk(w io.Writer, name string, content []byte) {
	sum := crc32.NewIEEE()
	_ = binary.Write(w, binary.BigEndian, uint32(len(content)))
	both := io.MultiWriter(w, sum)
	_, _ = both.Write([]byte(name))
	_, _ = both.Write(content)
	_ = binary.Write(w, binary.BigEndian, sum.Sum32())
}

// segment puts a marker segment behind a JPEG's first two bytes.
func segment(picture []byte, marker byte, content []byte) []byte {
	head := []byte{0xff, 0xd8, 0xff, marker, byte((len(content) + 2) >> 8), byte(len(content) + 2)}
	return append(append(head, content...), picture[2:]...)
}

// exif is a TIFF block with a place and an orientation.
func exif(order binary.AppendByteOrder, orientation uint16) []byte {
	b := []byte("II*\x00")
	if order.AppendUint16(nil, 1)[0] == 0 {
		b = []byte("MM\x00*")
	}
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 2)
	b = order.AppendUint16(b, 0x010f) // the maker, in four letters
	b = order.AppendUint16(b, 2)
	b = order.AppendUint32(b, 4)
	b = append(b, "GPS!"...)
	b = order.AppendUint16(b, 0x0112)
	b = order.AppendUint16(b, 3)
	b = order.AppendUint32(b, 1)
	b = order.AppendUint16(b, orientation)
	return order.AppendUint32(append(b, 0, 0), 0)
}
