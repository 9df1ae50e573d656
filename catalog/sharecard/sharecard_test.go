package sharecard_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"souk/catalog/drawing"
	"souk/catalog/sharecard"
)

func fonts(t testing.TB) *drawing.Fonts {
	t.Helper()
	f, err := drawing.Load()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func photo(t testing.TB, w, h int) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range m.Pix {
		m.Pix[i] = [4]uint8{20, 160, 90, 255}[i%4]
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAPhoneReadsTheCodeBack(t *testing.T) {
	t.Parallel()
	f := fonts(t)
	fr := sharecard.Card{Title: "Miel de thym", Second: "عسل الزعتر", Price: "120 dh", Pack: "500 g", Maker: "Tifawin, Azilal",
		How: "Scannez, ou envoyez P12 par SMS au 05 22 00 11 22", Code: "P12", Link: "https://t.me/souk_maroc_bot?start=p_P12"}
	ar := sharecard.Card{Title: "عسل الزعتر", Second: "Miel de thym", Price: "120 درهما", Pack: "500 غ", Maker: "تيفاوين، أزيلال",
		How: "للطلب: امسحوا الرمز، أو أرسلوا P12", Code: "P12", Link: "https://wa.me/212522001122?text=P12", RTL: true}
	wordy := fr
	wordy.Title, wordy.Maker, wordy.How = strings.Repeat("Huile d'argan torréfiée ", 12), strings.Repeat("Coopérative ", 20), strings.Repeat("envoyez ", 60)
	wordy.Link = "https://souk.example/p/" + strings.Repeat("x", 60)
	bare := sharecard.Card{Title: "Miel", Price: "5 dh", Code: "P1", Link: "https://t.me/b?start=p_P1"}
	for name, c := range map[string]sharecard.Card{"fr": fr, "ar": ar, "wordy": wordy, "bare": bare} {
		for _, picture := range [][]byte{nil, photo(t, 1280, 400)} {
			for format, want := range map[sharecard.Format]image.Rectangle{sharecard.Post: image.Rect(0, 0, 1080, 1080), sharecard.Status: image.Rect(0, 0, 1080, 1920)} {
				c.Photo = picture
				data, err := sharecard.Draw(f, c, format)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				m, err := jpeg.Decode(bytes.NewReader(data))
				if err != nil || m.Bounds() != want || len(data) > 600_000 {
					t.Fatalf("%s: %v of %d bytes, %v", name, m.Bounds(), len(data), err)
				}
				if picture != nil {
					if r, g, _, _ := m.At(540, 100).RGBA(); g < 0x8000 || r > 0x4000 {
						t.Errorf("%s: the photo does not fill its place: %v", name, m.At(540, 100))
					}
				}
				if got := read(t, m); got != c.Link {
					t.Errorf("%s: a phone reads %q, want %q", name, got, c.Link)
				}
			}
		}
	}
}

func read(t *testing.T, m image.Image) string {
	t.Helper()
	bitmap, err := gozxing.NewBinaryBitmapFromImage(m)
	if err != nil {
		t.Fatal(err)
	}
	result, err := qrcode.NewQRCodeReader().Decode(bitmap, nil)
	if err != nil {
		return err.Error()
	}
	return result.GetText()
}

// Where an Arabic card is read from the right, its words stand there and its code at the left.
func TestAnArabicCardIsReadFromTheRight(t *testing.T) {
	t.Parallel()
	f := fonts(t)
	for rtl, title := range map[bool]string{false: "Miel", true: "عسل"} {
		data, err := sharecard.Draw(f, sharecard.Card{Photo: photo(t, 800, 800), Title: title, Price: "5", Code: "P1", Link: "https://t.me/b?start=p_P1", RTL: rtl}, sharecard.Post)
		if err != nil {
			t.Fatal(err)
		}
		m, err := jpeg.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		left, right := dark(m, image.Rect(40, 590, 300, 650)), dark(m, image.Rect(780, 590, 1040, 650))
		if rtl != (right > left) {
			t.Errorf("rtl %v: %d dark pixels left, %d right", rtl, left, right)
		}
	}
}

func dark(m image.Image, box image.Rectangle) (n int) {
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			if color.GrayModel.Convert(m.At(x, y)).(color.Gray).Y < 90 {
				n++
			}
		}
	}
	return n
}

func TestWhatCannotBeDrawn(t *testing.T) {
	t.Parallel()
	f := fonts(t)
	if _, err := sharecard.Draw(f, sharecard.Card{Photo: []byte("no photo"), Title: "x", Link: "https://t.me/b"}, sharecard.Post); err == nil {
		t.Error("words were taken for a photo")
	}
	if _, err := sharecard.Draw(f, sharecard.Card{Title: "x", Link: strings.Repeat("x", 5000)}, sharecard.Post); err == nil {
		t.Error("a link of 5,000 signs was put into a code")
	}
}
