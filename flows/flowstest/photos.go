package flowstest

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"io/fs"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"souk/catalog"
	"souk/catalog/photos"
	"souk/flows"
	"souk/internal/postgres"
)

// Sent is what a phone sends as a photo, and its content type: "" is a good one; broken, large, page and heic are not. A good one is a
// photo, the others are files.
func Sent(t testing.TB, name string) (data []byte, mime string) {
	t.Helper()
	var b bytes.Buffer
	m := image.NewRGBA(image.Rect(0, 0, 400, 300))
	for i := range m.Pix {
		m.Pix[i] = [4]uint8{214, 150, 34, 255}[i%4]
	}
	m.Set(10, 10, color.White)
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	switch name {
	case "":
		return b.Bytes(), "image/jpeg"
	case "broken":
		return b.Bytes()[:b.Len()/2], "image/jpeg"
	case "large":
		return append(b.Bytes(), make([]byte, photos.MaxBytes)...), "image/jpeg"
	case "page":
		return []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), "image/jpeg"
	case "heic":
		return []byte("\x00\x00\x00\x24ftypheic\x00\x00\x00\x00mif1heic"), "image/heic"
	}
	t.Fatalf("no phone sends a photo called %q", name)
	return nil, ""
}

// shownPhoto is how a transcript shows a picture: one that somebody sent has a name that nobody reads.
func shownPhoto(key string) string {
	if strings.HasPrefix(key, "photos/") {
		return "sent"
	}
	return key
}

// NoPhotos is a store that takes everything and gives nothing back.
type NoPhotos struct{}

// Put implements catalog.PhotoStore.
func (NoPhotos) Put(_ context.Context, _ string, r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	return err
}

// Open implements catalog.PhotoStore.
func (NoPhotos) Open(context.Context, string) (io.ReadCloser, int64, error) {
	return nil, 0, fs.ErrNotExist
}

// Remove implements catalog.PhotoStore.
func (NoPhotos) Remove(context.Context, string) error { return nil }

// photos takes a turn for each photo that is sent, as each is a message of its own.
func (d *Direct) photos(t testing.TB, p *Person, e flows.Event, g Gesture) {
	t.Helper()
	if len(g.Photos) > 1 && p.Channel == "telegram" {
		d.albums++
		e.Album = "album" + strconv.Itoa(d.albums)
	}
	for _, name := range g.Photos {
		data, mime := Sent(t, name)
		e.Media = []flows.Media{{ID: name, Kind: flows.Photo, MIME: mime, Bytes: int64(len(data))}}
		err := postgres.Tx(t.Context(), d.stage.Pool, func(tx pgx.Tx) (err error) {
			e.Media[0].Photo, err = catalog.KeepSentPhoto(t.Context(), tx, catalog.SentPhoto{AddressID: p.Address, ProviderRef: "photo/" + name, MIME: mime, Bytes: int64(len(data)),
				Caption: e.Text, Album: e.Album, ReceivedAt: d.stage.Clock.Now()})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		d.turn(t, p.Address, p.Channel, e)
		e.Text = ""
	}
	d.Settle(t)
}

// Photos makes every photo that was sent, and lets its conversation hear of it.
func (d *Direct) Photos(t testing.TB) {
	t.Helper()
	ctx, now := t.Context(), d.stage.Clock.Now()
	rows, err := d.stage.Pool.Query(ctx, `SELECT s.id, s.address_id, s.provider_ref, s.album, s.caption, a.channel FROM sent_photo s JOIN address a ON a.id = s.address_id
		WHERE s.status = 'fetching' ORDER BY s.id`)
	if err != nil {
		t.Fatal(err)
	}
	type waiting struct {
		ID, Address                  int64
		Ref, Album, Caption, Channel string
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[waiting])
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range all {
		data, _ := Sent(t, strings.TrimPrefix(w.Ref, "photo/"))
		event := flows.Event{Kind: flows.PhotoReady, At: now, Picture: &flows.Picture{Photo: w.ID, Album: w.Album, Caption: w.Caption, SentAt: now}}
		made, err := photos.NewWorkshop().Make(ctx, bytes.NewReader(data), int64(len(data)))
		refused := photos.Refused(err)
		if err != nil && refused == nil {
			t.Fatal(err)
		}
		err = postgres.Tx(ctx, d.stage.Pool, func(tx pgx.Tx) error {
			if refused != nil {
				event.Kind, event.Picture.Reason = flows.PhotoRefused, string(refused.Reason)
				_, err := catalog.RefuseSentPhoto(ctx, tx, w.ID, event.Picture.Reason, now)
				return err
			}
			kept, err := made.Keep(ctx, NoPhotos{}, w.ID)
			if err != nil {
				return err
			}
			event.Picture.Key, event.Picture.Width, event.Picture.Height = kept.Key, kept.Width, kept.Height
			_, err = catalog.SentPhotoReady(ctx, tx, w.ID, kept, made.Hash, now)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		d.turn(t, w.Address, w.Channel, event)
	}
	d.Settle(t)
}
