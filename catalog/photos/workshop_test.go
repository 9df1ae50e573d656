package photos_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"image/jpeg"
	"io"
	"os"
	"strings"
	"testing"

	"souk/catalog"
	"souk/catalog/photos"
)

func make_(t testing.TB, data []byte) (*photos.Made, error) {
	t.Helper()
	return photos.NewWorkshop().Make(t.Context(), bytes.NewReader(data), int64(len(data)))
}

// look decodes a JPEG that was made, and sees that nothing stands beside the picture.
func look(t testing.TB, data []byte) image.Image {
	t.Helper()
	m, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for _, trace := range []string{"Exif", "GPS", "http", "PK\x05\x06", "<"} {
		if len(trace) > 1 && bytes.Contains(data, []byte(trace)) {
			t.Errorf("%q is left in what was made", trace)
		}
	}
	return m
}

func TestSizes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ w, h, lw, lh, sw, sh int }{
		{2000, 1500, 1280, 960, 320, 240},
		{1500, 2000, 960, 1280, 240, 320},
		{1281, 1281, 1280, 1280, 320, 320},
		{640, 480, 640, 480, 320, 240}, // nothing grows
		{200, 100, 200, 100, 200, 100},
		{2000, 101, 1280, 65, 320, 16},
		{16, 16, 16, 16, 16, 16},
	} {
		made, err := make_(t, asJPEG(t, quarters(c.w, c.h)))
		if err != nil {
			t.Errorf("%d × %d: %v", c.w, c.h, err)
			continue
		}
		large, small := look(t, made.Large).Bounds(), look(t, made.Small).Bounds()
		if large.Dx() != c.lw || large.Dy() != c.lh || small.Dx() != c.sw || small.Dy() != c.sh || made.Width != c.lw || made.Height != c.lh {
			t.Errorf("%d × %d became %v and %v, said to be %d × %d", c.w, c.h, large, small, made.Width, made.Height)
		}
		sees(t, look(t, made.Large), "RGBW")
		if c.sw > 32 && c.sh > 32 {
			sees(t, look(t, made.Small), "RGBW")
		}
	}
}

// sees says what colours the middles of the four quarters have.
func sees(t testing.TB, m image.Image, want string) {
	t.Helper()
	b := m.Bounds()
	got := ""
	for i := range 4 {
		r, g, bl, _ := m.At(b.Min.X+b.Dx()*(1+2*(i%2))/4, b.Min.Y+b.Dy()*(1+2*(i/2))/4).RGBA()
		switch {
		case r > 50000 && g > 50000:
			got += "W"
		case r > max(g, bl):
			got += "R"
		case g > max(r, bl):
			got += "G"
		default:
			got += "B"
		}
	}
	if got != want {
		t.Errorf("the quarters are %s, want %s", got, want)
	}
}

func TestPhonesNoteHowTheyWereHeld(t *testing.T) {
	t.Parallel()
	plain := asJPEG(t, quarters(400, 240))
	for turn, want := range []string{"RGBW", "RGBW", "GRWB", "WBGR", "BWRG", "RBGW", "BRWG", "WGBR", "GWRB", "RGBW"} {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			block := exif(order, uint16(turn))
			made, err := make_(t, segment(plain, 0xe1, append([]byte("Exif\x00\x00"), block...)))
			if err != nil {
				t.Fatal(err)
			}
			m := look(t, made.Large)
			sees(t, m, want)
			if wide := m.Bounds().Dx() > m.Bounds().Dy(); wide == (turn >= 5 && turn <= 8) {
				t.Errorf("turn %d: %v", turn, m.Bounds())
			}
		}
	}
	// A PNG notes it in a chunk of its own.
	png := asPNG(t, quarters(400, 240))
	var note bytes.Buffer
	chunk(&note, "eXIf", exif(binary.BigEndian, 6))
	made, err := make_(t, append(append(append([]byte{}, png[:33]...), note.Bytes()...), png[33:]...))
	if err != nil {
		t.Fatal(err)
	}
	sees(t, look(t, made.Large), "BRWG")
}

func TestEveryFormatThatPeopleSend(t *testing.T) {
	t.Parallel()
	clear := image.NewNRGBA(image.Rect(0, 0, 100, 100)) // all transparent
	deep := image.NewNRGBA64(image.Rect(0, 0, 90, 60))
	for i := range deep.Pix {
		deep.Pix[i] = 0xff
	}
	for name, data := range map[string][]byte{
		"png": asPNG(t, quarters(300, 200)), "transparent png": asPNG(t, clear), "deep png": asPNG(t, deep), "gray jpeg": asJPEG(t, image.NewGray(image.Rect(0, 0, 50, 40))),
		"gif": asGIF(t, 200, 100, 1), "moving gif": asGIF(t, 200, 100, 12),
		"webp": file(t, "yellow_rose.lossy.webp"), "transparent webp": file(t, "gopher-doc.with-alpha.lossless.webp"),
	} {
		made, err := make_(t, data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		m := look(t, made.Large)
		if strings.Contains(name, "transparent") {
			if r, g, b, _ := m.At(1, 1).RGBA(); r < 0xf000 || g < 0xf000 || b < 0xf000 {
				t.Errorf("%s: what is transparent becomes %v, want white", name, m.At(1, 1))
			}
		}
	}
}

func file(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestAShrunkPhotoIsAnAverage(t *testing.T) {
	t.Parallel()
	// A fine chessboard seen from afar is grey, not black nor white nor stripes.
	board := image.NewGray(image.Rect(0, 0, 2560, 1280))
	for i := range board.Pix {
		board.Pix[i] = uint8(255 * ((i + i/2560) % 2))
	}
	made, err := make_(t, asPNG(t, board))
	if err != nil {
		t.Fatal(err)
	}
	m := look(t, made.Large)
	for _, at := range []image.Point{{3, 3}, {640, 300}, {1279, 639}} {
		if r, _, _, _ := m.At(at.X, at.Y).RGBA(); r < 0x7000 || r > 0x9000 {
			t.Errorf("at %v it is %v", at, m.At(at.X, at.Y))
		}
	}
}

func TestKeysAreOfContentAndOwner(t *testing.T) {
	t.Parallel()
	store, err := catalog.OpenDiskPhotos(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	data := asJPEG(t, quarters(1500, 900))
	keep := func(data []byte, owner int64) catalog.Photo {
		made, err := make_(t, data)
		if err != nil {
			t.Fatal(err)
		}
		kept, err := made.Keep(t.Context(), store, owner)
		if err != nil {
			t.Fatal(err)
		}
		return kept
	}
	one, again, other, elses := keep(data, 7), keep(data, 7), keep(asJPEG(t, quarters(900, 900)), 7), keep(data, 8)
	if one != again || one == other || one.Key == elses.Key || one.Width != 1280 || one.Height != 768 {
		t.Errorf("%+v, %+v, %+v, %+v", one, again, other, elses)
	}
	for _, key := range []string{one.Key, photos.Small(one.Key)} {
		content, size, err := store.Open(t.Context(), key)
		if err != nil || size == 0 {
			t.Fatalf("%s: %d bytes, %v", key, size, err)
		}
		content.Close()
	}
	if photos.Small("sample/miel.png") != "sample/miel.png" {
		t.Error("a sample has no small size of its own")
	}
}

func TestWhatBreaksOffIsTriedAgain(t *testing.T) {
	t.Parallel()
	data := asJPEG(t, quarters(100, 100))
	_, err := photos.NewWorkshop().Make(t.Context(), io.MultiReader(bytes.NewReader(data[:200]), broken{}), -1)
	if err == nil || photos.Refused(err) != nil {
		t.Errorf("a line that broke says nothing about the photo: %v", err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := photos.NewWorkshop().Make(over, bytes.NewReader(data), -1); !errors.Is(err, context.Canceled) || photos.Refused(err) != nil {
		t.Errorf("nor does a process that stops: %v", err)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("the line broke") }
