package main

import (
	"context"
	"io"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"souk/bot"
	"souk/catalog"
	"souk/catalog/bucket"
	"souk/catalog/photos"
)

// photosDir is the folder that pictures are kept in where SOUK_PHOTOS names none.
func (s Settings) photosDir() string {
	if s.Photos.Place != "" {
		return s.Photos.Place
	}
	return filepath.Join(s.DataDir, "photos")
}

// inBucket says whether pictures are kept in an S3-compatible store.
func (s Settings) inBucket() bool { return strings.HasPrefix(s.Photos.Place, "s3:") }

// photoStore is where pictures are kept, to be closed at the end.
type photoStore interface {
	catalog.PhotoStore
	io.Closer
}

// openPhotos opens the store of the settings. A bucket is not asked yet.
func (s Settings) openPhotos() (photoStore, error) {
	if !s.inBucket() {
		return catalog.OpenDiskPhotos(s.photosDir())
	}
	b, err := s.openBucket()
	if err != nil {
		return nil, err
	}
	return distant{b}, nil
}

func (s Settings) openBucket() (*bucket.Photos, error) {
	place, err := bucket.Read(s.Photos.Place)
	if err != nil {
		return nil, settingError{"SOUK_PHOTOS", err.Error()}
	}
	return bucket.Open(place, s.Photos.Key, s.Photos.Secret, nil)
}

// distant is a store that has nothing to close.
type distant struct{ *bucket.Photos }

func (distant) Close() error { return nil }

func photosFault(value string) string {
	if !strings.HasPrefix(value, "s3:") {
		if strings.Contains(value, "://") {
			return "must be a folder, or read s3://bucket?endpoint=https://…&region=…"
		}
		return ""
	}
	if _, err := bucket.Read(value); err != nil {
		return err.Error()
	}
	return ""
}

// addPhotoJobs makes what fetches sent photos and what forgets old ones. The gateway is there when the first job runs.
func (k *house) addPhotoJobs(workers *river.Workers) {
	river.AddWorker(workers, &bot.PhotoWorker{
		Pool: k.pool, Clock: k.clock, Store: k.photos, Workshop: photos.NewWorkshop(), Fetch: k.channels.fetch,
		Wake: func(conversation int64) { k.gateway.Wake(conversation) },
	})
	river.AddWorker(workers, &catalog.PhotoSweepWorker{Pool: k.pool, Clock: k.clock, Store: k.photos, Small: photos.Small})
}

// fetchPhoto has a photo fetched, in the transaction of the turn that heard of it.
func (k *house) fetchPhoto(ctx context.Context, tx pgx.Tx, photo int64) error {
	_, err := k.jobs.InsertTx(ctx, tx, bot.FetchPhoto{Photo: photo}, nil)
	return err
}

// photoStoreOf says where pictures are kept, and tries it.
func (e *examination) photoStoreOf(ctx context.Context) {
	const what = "SOUK_PHOTOS"
	if !e.s.inBucket() {
		e.writable(what, e.s.photosDir())
		return
	}
	b, err := e.s.openBucket()
	if err == nil {
		err = b.Check(ctx)
	}
	if err != nil {
		e.say(markFault, what, "cannot be used: "+err.Error())
		return
	}
	address, _, _ := strings.Cut(e.s.Photos.Place, "?")
	e.say(markGood, what, address+" takes pictures and gives them back")
}
