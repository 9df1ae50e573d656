package photos

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/semaphore"

	"souk/catalog"
)

// What a photo may be. Phones make 12 to 50 megapixels and 3 to 12 MB.
const (
	MaxBytes  = 15 << 20
	MaxPixels = 50_000_000
	// Memory is what all photos that are being decoded at one moment may take together, in bytes.
	Memory = 256 << 20
)

// The longest sides of what comes out, in pixels.
const (
	LargeSide = 1280
	SmallSide = 320
)

const (
	quality = 82
	atOnce  = 4 // photos in hand: each holds at most MaxBytes beside what decoding takes
	// decodeFor bounds one photo's decoding: a file can be made so that it is slow.
	decodeFor = 30 * time.Second
	// muchMemory is what is swept up at once when a photo is done: the next would come on top of it.
	muchMemory = 32 << 20
)

// Workshop makes photos within bounds. One serves the whole process, any number of goroutines at once.
type Workshop struct {
	hands  *semaphore.Weighted
	memory *semaphore.Weighted
}

// NewWorkshop returns an idle one.
func NewWorkshop() *Workshop {
	return &Workshop{semaphore.NewWeighted(atOnce), semaphore.NewWeighted(Memory)}
}

// Made is a photo in both its sizes, JPEG without anything beside the picture.
type Made struct {
	Large, Small  []byte
	Width, Height int    // of Large
	Hash          []byte // SHA-256 of what was sent
}

// Make reads a photo and makes it anew. size is what it is said to have, -1 where nobody says. What is wrong with the photo is a
// *Refusal (see Refused); other errors are about reading it, and may be over at the next try.
func (w *Workshop) Make(ctx context.Context, r io.Reader, size int64) (*Made, error) {
	if size > MaxBytes {
		return nil, refuse(TooLarge, "it says so itself")
	}
	if err := w.hands.Acquire(ctx, 1); err != nil {
		return nil, fmt.Errorf("wait for a hand: %w", err)
	}
	defer w.hands.Release(1)
	var b bytes.Buffer
	b.Grow(int(max(size, 0)) + bytes.MinRead)
	if _, err := b.ReadFrom(io.LimitReader(r, MaxBytes+1)); err != nil {
		return nil, fmt.Errorf("read a photo: %w", err)
	}
	if b.Len() > MaxBytes {
		return nil, refuse(TooLarge, "more than it may have")
	}
	data := b.Bytes()
	h, refused := look(data)
	if refused != nil {
		return nil, refused
	}
	if err := w.memory.Acquire(ctx, h.memory); err != nil {
		return nil, fmt.Errorf("wait for memory: %w", err)
	}
	defer w.memory.Release(h.memory)
	if h.memory > muchMemory {
		defer runtime.GC()
	}
	return unpack(ctx, h, data)
}

func unpack(ctx context.Context, h head, data []byte) (*Made, error) {
	bounded, cancel := context.WithTimeout(ctx, decodeFor)
	defer cancel()
	picture, err := decode(h.format, &untilDone{bounded, bytes.NewReader(data)})
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("decode a photo: %w", ctx.Err())
	case err != nil && bounded.Err() != nil:
		return nil, refuse(TooManyPixels, "decoding takes too long")
	case err != nil:
		return nil, refuse(Broken, err.Error())
	}
	// A GIF's first picture may be smaller than its screen.
	seen := picture.Bounds()
	if refused := form(seen.Dx(), seen.Dy()); refused != nil {
		return nil, refused
	}
	width, height := fit(seen.Dx(), seen.Dy(), LargeSide)
	large := h.turn.upright(shrink(picture, width, height))
	picture = nil //nolint:wastedassign // what was decoded may go while the rest is made
	m := &Made{Width: large.Rect.Dx(), Height: large.Rect.Dy()}
	width, height = fit(m.Width, m.Height, SmallSide)
	if m.Large, err = encode(large); err != nil {
		return nil, err
	}
	if m.Small, err = encode(shrink(large, width, height)); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	m.Hash = sum[:]
	return m, nil
}

// decode contains a decoder's panic: it is the file's fault.
func decode(f format, r io.Reader) (picture image.Image, err error) {
	defer func() {
		if thrown := recover(); thrown != nil {
			err = errors.New("the decoder stumbled")
		}
	}()
	return decoders(f).decode(r)
}

func encode(picture image.Image) ([]byte, error) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture, &jpeg.Options{Quality: quality}); err != nil {
		return nil, fmt.Errorf("encode a photo: %w", err)
	}
	return b.Bytes(), nil
}

type untilDone struct {
	ctx context.Context
	r   io.Reader
}

func (u *untilDone) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(p)
}

// Keep puts both sizes into the store under names made of their content and of whose they are (a catalog.SentPhoto's id): the same
// photo of the same owner has the same names, so that a job which is run twice leaves nothing behind, and nobody else's has: each may
// be thrown away without asking whose it is besides.
func (m *Made) Keep(ctx context.Context, store catalog.PhotoStore, owner int64) (catalog.Photo, error) {
	sum := sha256.New()
	sum.Write([]byte(strconv.FormatInt(owner, 10) + "\x00"))
	sum.Write(m.Large)
	name := hex.EncodeToString(sum.Sum(nil)[:16])
	key := "photos/" + name[:2] + "/" + name + largeEnding
	if err := store.Put(ctx, Small(key), bytes.NewReader(m.Small)); err != nil {
		return catalog.Photo{}, fmt.Errorf("keep a photo: %w", err)
	}
	if err := store.Put(ctx, key, bytes.NewReader(m.Large)); err != nil {
		return catalog.Photo{}, fmt.Errorf("keep a photo: %w", err)
	}
	return catalog.Photo{Key: key, Width: m.Width, Height: m.Height}, nil
}

const largeEnding, smallEnding = "-1280.jpg", "-320.jpg"

// Small is the key of a photo's small size; a picture that has none (a sample) is its own.
func Small(key string) string {
	if name, ok := strings.CutSuffix(key, largeEnding); ok {
		return name + smallEnding
	}
	return key
}
