package photos_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"image"
	"io"
	"runtime"
	"sync"
	"testing"
	"time"

	"souk/catalog/photos"
)

// What people with bad intentions send. None of it may take more memory than itself; the figures are all that was ever allocated, so
// no sweep of the heap can hide a peak. This test runs alone.
func TestHostileFiles(t *testing.T) {
	good := asJPEG(t, quarters(800, 600))
	var archive bytes.Buffer
	z := zip.NewWriter(&archive)
	if w, err := z.Create("payload.js"); err != nil {
		t.Fatal(err)
	} else if _, err := w.Write([]byte("alert(1)")); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	scans := append([]byte{}, good[:len(good)-2]...)
	for range 5000 {
		scans = append(scans, 0xff, 0xda, 0x00, 0x08, 1, 1, 0, 0, 63, 0, 0xff, 0x00)
	}
	scans = append(scans, 0xff, 0xd9)
	huge := append([]byte{}, good...)
	at := bytes.Index(huge, []byte{0xff, 0xc0})
	copy(huge[at+5:], []byte{0xff, 0xff, 0xff, 0xff})
	gifSize := asGIF(t, 100, 100, 1)
	copy(gifSize[6:], []byte{0xff, 0xff, 0xff, 0xff})

	for _, c := range []struct {
		name string
		data []byte
		want photos.Reason // "" where it becomes a photo, in bounds
	}{
		{"a bomb: 30,000² pixels in 109 KB", bombPNG(t, 30_000, 30_000, 1, 0), photos.TooManyPixels},
		{"a bomb in colours", bombPNG(t, 8_000, 100, 8, 6), photos.TooManyPixels},
		{"a bomb within the pixels, 16 bits deep", bombPNG(t, 6_500, 100, 16, 6), photos.TooManyPixels},
		{"a JPEG that says 65,535²", huge, photos.TooManyPixels},
		{"a GIF that says 65,535²", gifSize, photos.TooManyPixels},
		{"a JPEG of 5,000 scans", scans, photos.TooManyPixels},
		{"a GIF of 10,000 frames", asGIF(t, 400, 300, 10_000), ""},
		{"an SVG named .jpg", []byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), photos.NotAPhoto},
		{"a page", []byte("<!DOCTYPE html><html><body>hello</body></html>"), photos.NotAPhoto},
		{"a PDF", []byte("%PDF-1.7\n1 0 obj\n"), photos.NotAPhoto},
		{"an archive", archive.Bytes(), photos.NotAPhoto},
		{"a film", []byte("\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2"), photos.NotAPhoto},
		{"an iPhone's own format", []byte("\x00\x00\x00\x24ftypheic\x00\x00\x00\x00mif1heic"), photos.HEIC},
		{"words", []byte("miel de thym 250 g 60 dh"), photos.NotAPhoto},
		{"nothing", nil, photos.Broken},
		{"a photo that is an archive too", append(append([]byte{}, good...), archive.Bytes()...), photos.NotAPhoto},
		{"a photo that is a page too", segment(good, 0xfe, []byte("<html><script>alert(1)</script>")), photos.NotAPhoto},
		{"a photo that is a program too", append(append([]byte{}, good...), "<?php system($_GET['c']); ?>"...), photos.NotAPhoto},
		{"a GIF that is a program too", append([]byte("GIF89a/*\x00\x00\x00\x00\x00*/=1;<script src=x></script>"), make([]byte, 50)...), photos.NotAPhoto},
		{"a PDF that is a photo too", segment(good, 0xfe, []byte("%PDF-1.4\n")), photos.NotAPhoto},
		{"a photo with a film behind it, as phones write", append(append([]byte{}, good...), "\x00\x00\x00\x20ftypmp42 moving"...), ""},
		{"half a JPEG", good[:len(good)/2], photos.Broken},
		{"half a PNG", asPNG(t, quarters(400, 400))[:800], photos.Broken},
		{"half a GIF", asGIF(t, 200, 200, 1)[:5_000], photos.Broken},
		{"half a WebP", file(t, "yellow_rose.lossy.webp")[:6_000], photos.Broken},
		{"a head without a body", good[:20], photos.Broken},
		{"one pixel", asPNG(t, image.NewGray(image.Rect(0, 0, 1, 1))), photos.NotAPhoto},
		{"a line", asPNG(t, image.NewGray(image.Rect(0, 0, 4000, 20))), photos.NotAPhoto},
		{"a GIF whose first picture is a dot on a wide screen", smallFirst(asGIF(t, 1, 1, 1)), photos.NotAPhoto},
	} {
		workshop := photos.NewWorkshop()
		var made *photos.Made
		var err error
		grew := allocated(func() { made, err = workshop.Make(t.Context(), bytes.NewReader(c.data), int64(len(c.data))) })
		reason := photos.Reason("")
		if refused := photos.Refused(err); refused != nil {
			reason = refused.Reason
		} else if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if reason != c.want {
			t.Errorf("%s: %q (%v), want %q", c.name, reason, err, c.want)
		}
		bound := uint64(2*len(c.data) + 512<<10)
		if c.want == "" || c.want == photos.Broken {
			bound += 12 << 20 // small pictures: decoded as far as they go
		}
		if grew > bound {
			t.Errorf("%s: %d KB of file took %d KB of memory, want at most %d", c.name, len(c.data)>>10, grew>>10, bound>>10)
		}
		if made != nil {
			look(t, made.Large)
		}
		t.Logf("%-55s %6d KB of file %6d KB of memory  %s", c.name, len(c.data)>>10, grew>>10, reason)
	}
}

// smallFirst widens a GIF's screen, not its picture.
func smallFirst(data []byte) []byte {
	copy(data[6:], []byte{0xff, 0x0f, 0xff, 0x0f})
	return data
}

// allocated is how many bytes were allocated meanwhile, whether or not they were given back.
func allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestTooLarge(t *testing.T) {
	workshop := photos.NewWorkshop()
	read := &endless{}
	_, err := workshop.Make(t.Context(), read, photos.MaxBytes+1)
	if refused := photos.Refused(err); refused == nil || refused.Reason != photos.TooLarge || read.n != 0 {
		t.Errorf("what says that it is too large is not read: %v after %d bytes", err, read.n)
	}
	grew := allocated(func() { _, err = workshop.Make(t.Context(), read, -1) })
	if refused := photos.Refused(err); refused == nil || refused.Reason != photos.TooLarge || read.n > photos.MaxBytes+1 {
		t.Errorf("what never ends is read so far: %v after %d bytes", err, read.n)
	}
	if grew > 5*photos.MaxBytes {
		t.Errorf("it took %d MB", grew>>20)
	}
}

// endless is a JPEG that never ends.
type endless struct{ n int }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 0xff
	}
	e.n += len(p)
	return len(p), nil
}

// Four large photos at once: the heap stays under the workshop's own bound and what is in hand, however many come.
func TestManyAtOnceStayWithinBounds(t *testing.T) {
	large := image.NewYCbCr(image.Rect(0, 0, 6000, 4000), image.YCbCrSubsampleRatio420) // 24 megapixels: 36 MB unpacked
	for i := range large.Y {
		large.Y[i] = uint8(i)
	}
	photo, flat := asJPEG(t, large), bombPNG(t, 6_900, 6_900, 8, 6) // and one of 190 MB
	large = nil                                                     //nolint:wastedassign // it is not to be counted
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	stop, peak := make(chan struct{}), make(chan uint64)
	go func() {
		var most uint64
		for {
			select {
			case <-stop:
				peak <- most
				return
			case <-time.After(5 * time.Millisecond):
				var now runtime.MemStats
				runtime.ReadMemStats(&now)
				most = max(most, now.HeapAlloc)
			}
		}
	}()
	workshop := photos.NewWorkshop()
	begun := time.Now()
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			data := photo
			if i%2 == 1 {
				data = flat
			}
			if _, err := workshop.Make(t.Context(), onlyReader{bytes.NewReader(data)}, int64(len(data))); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	close(stop)
	most := <-peak - min(before.HeapAlloc, 1<<40)
	t.Logf("two of 24 megapixels and two of 47: %d MB at most beyond the %d MB before, in %v", most>>20, before.HeapAlloc>>20, time.Since(begun))
	if bound := uint64(photos.Memory + 160<<20); most > bound {
		t.Errorf("the heap grew by %d MB, want at most %d", most>>20, bound>>20)
	}
}

type onlyReader struct{ io.Reader }

// Whatever comes, what is made can be shown, and nothing panics.
func FuzzMake(f *testing.F) {
	good := asJPEG(f, quarters(64, 48))
	for _, seed := range [][]byte{good, asPNG(f, quarters(40, 40)), asGIF(f, 40, 40, 3), file(f, "gopher-doc.with-alpha.lossless.webp"),
		segment(good, 0xe1, []byte("Exif\x00\x00II*\x00\xff\xff\xff\xff")), good[:30], []byte("RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00")} {
		f.Add(seed)
	}
	workshop := photos.NewWorkshop()
	f.Fuzz(func(t *testing.T, data []byte) {
		made, err := workshop.Make(t.Context(), bytes.NewReader(data), int64(len(data)))
		if err != nil {
			if photos.Refused(err) == nil {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		for side, content := range map[int][]byte{photos.LargeSide: made.Large, photos.SmallSide: made.Small} {
			if b := look(t, content).Bounds(); b.Dx() > side || b.Dy() > side || b.Empty() {
				t.Fatal(fmt.Sprint(b))
			}
		}
	})
}
