package bot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"souk/catalog"
	"souk/catalog/photos"
	"souk/flows"
	"souk/internal/clock"
	"souk/internal/postgres"
	"souk/internal/rows"
)

// FetchPhoto is the job that fetches one photo that somebody sent, and makes it ready.
type FetchPhoto struct {
	Photo int64 `json:"photo"` // catalog.SentPhoto
}

// Kind names the job in River's table.
func (FetchPhoto) Kind() string { return "photo_fetch" }

// InsertOpts bounds the tries: with River's pauses (the fourth power of the try, in seconds) they last eleven hours.
func (FetchPhoto) InsertOpts() river.InsertOpts { return river.InsertOpts{MaxAttempts: fetchTries} }

const (
	fetchTries = 12
	fetchFor   = 2 * time.Minute // one try, from the first byte asked for to the last one kept
)

// Fetch opens a file at a provider by the provider's own id. size is -1 where the provider does not say. ErrMediaGone says that the
// provider has it no more; any other error is worth another try.
type Fetch func(ctx context.Context, ref string) (content io.ReadCloser, size int64, err error)

// ErrMediaGone says that a provider has a file no more, or would never give it to us.
var ErrMediaGone = errors.New("the provider has this file no more")

// keepPhotos keeps the references to the photos of a message and has them fetched, in the turn's own transaction.
func (g *Gateway) keepPhotos(ctx context.Context, c *claim, event *flows.Event) error {
	if g.FetchPhoto == nil || event.Kind != flows.Photo {
		return nil
	}
	for i := range event.Media {
		m := &event.Media[i]
		if m.Kind != flows.Photo {
			continue
		}
		id, err := catalog.KeepSentPhoto(ctx, c.tx, catalog.SentPhoto{AddressID: c.conversation, ProviderRef: m.ID, MIME: m.MIME, Bytes: m.Bytes,
			Caption: event.Text, Album: event.Album, ReceivedAt: c.row.ReceivedAt})
		if err != nil {
			return err
		}
		if err := g.FetchPhoto(ctx, c.tx, id); err != nil {
			return fmt.Errorf("have photo %d fetched: %w", id, err)
		}
		m.Photo = id
	}
	return nil
}

// photoEvent is what a conversation hears of its photo. One that was forgotten meanwhile is said to be gone.
func photoEvent(ctx context.Context, tx pgx.Tx, id int64) (flows.Event, error) {
	p, err := catalog.FindSentPhoto(ctx, tx, id)
	if errors.Is(err, catalog.ErrNoSuchPhoto) {
		return flows.Event{Kind: flows.PhotoRefused, Picture: &flows.Picture{Photo: id, Reason: catalog.PhotoGone}}, nil
	}
	kind := flows.PhotoReady
	if p.Status == catalog.PhotoIsRefused {
		kind = flows.PhotoRefused
	}
	return flows.Event{Kind: kind, Picture: &flows.Picture{Photo: p.ID, Key: p.Key, Width: p.Width, Height: p.Height, Reason: p.Reason,
		Album: p.Album, Caption: p.Caption, SentAt: p.ReceivedAt}}, err
}

// PhotoWorker runs FetchPhoto: it fetches, makes the photo anew, keeps it, and tells the conversation. It never sends.
type PhotoWorker struct {
	river.WorkerDefaults[FetchPhoto]
	Pool     *pgxpool.Pool
	Clock    clock.Clock
	Store    catalog.PhotoStore
	Workshop *photos.Workshop
	Fetch    map[string]Fetch         // by Channel.Account
	Wake     func(conversation int64) // Gateway.Wake, so that the conversation hears of it at once; nil: the sweep finds it
}

// Timeout bounds one try.
func (w *PhotoWorker) Timeout(*river.Job[FetchPhoto]) time.Duration { return fetchFor }

// Work fetches one photo. A photo that is no longer waited for is a no-op.
func (w *PhotoWorker) Work(ctx context.Context, job *river.Job[FetchPhoto]) error {
	p, account, err := w.find(ctx, job.Args.Photo)
	if err != nil || p.Status != catalog.PhotoFetching {
		return err
	}
	kept, made, reason, err := w.make(ctx, account, p)
	if err != nil && job.Attempt < job.MaxAttempts {
		return fmt.Errorf("fetch photo %d: %w", p.ID, err)
	}
	if err != nil {
		reason = catalog.PhotoGone // nothing more will be tried; the person is told to send it again
	}
	if done := w.finish(ctx, p, kept, made, reason); done != nil {
		return fmt.Errorf("finish photo %d: %w", p.ID, done)
	}
	if w.Wake != nil {
		w.Wake(p.AddressID)
	}
	return nil
}

func (w *PhotoWorker) find(ctx context.Context, id int64) (p catalog.SentPhoto, account string, err error) {
	err = postgres.Tx(ctx, w.Pool, func(tx pgx.Tx) error {
		if p, err = catalog.FindSentPhoto(ctx, tx, id); err != nil {
			return err
		}
		account, _, err = rows.Value[string](ctx, tx, "read whose photo it is", `SELECT account FROM address WHERE id = @id`, rows.Args{"id": p.AddressID})
		return err
	})
	if errors.Is(err, catalog.ErrNoSuchPhoto) {
		err = nil // forgotten: nobody waits for it
	}
	return p, account, err
}

// make fetches a photo and keeps it. reason is of a refusal; err is worth another try.
func (w *PhotoWorker) make(ctx context.Context, account string, p catalog.SentPhoto) (kept catalog.Photo, made *photos.Made, reason string, err error) {
	fetch := w.Fetch[account]
	if fetch == nil {
		return kept, nil, "", fmt.Errorf("the account %s is not turned on here", account)
	}
	if p.Bytes > photos.MaxBytes {
		return kept, nil, string(photos.TooLarge), nil
	}
	content, size, err := fetch(ctx, p.ProviderRef)
	if errors.Is(err, ErrMediaGone) {
		return kept, nil, catalog.PhotoGone, nil
	}
	if err == nil {
		made, err = w.Workshop.Make(ctx, content, size)
		_ = content.Close() // all that was wanted of it has been read
	}
	if refused := photos.Refused(err); refused != nil {
		return kept, nil, string(refused.Reason), nil //nolint:nilerr // a refusal is a result: it is written down
	}
	if err != nil {
		return kept, nil, "", err
	}
	kept, err = made.Keep(ctx, w.Store, p.ID)
	return kept, made, "", err
}

// finish writes what became of the photo and puts it into the inbox of the conversation that sent it, in one transaction. Whatever
// the end of the job's own time: what was fetched is not to be fetched again for want of a row.
func (w *PhotoWorker) finish(ctx context.Context, p catalog.SentPhoto, kept catalog.Photo, made *photos.Made, reason string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return postgres.Tx(ctx, w.Pool, func(tx pgx.Tx) error {
		now := w.Clock.Now()
		var changed bool
		var err error
		if reason == "" {
			changed, err = catalog.SentPhotoReady(ctx, tx, p.ID, kept, made.Hash, now)
		} else {
			changed, err = catalog.RefuseSentPhoto(ctx, tx, p.ID, reason, now)
		}
		if err != nil {
			return err
		}
		if !changed { // it was forgotten while it was fetched, or another try was quicker: that one's picture has the same name
			return catalog.TrashPhoto(ctx, tx, kept.Key, now)
		}
		_, err = tx.Exec(ctx, writeInternal, souk, fmt.Sprintf("souk/photo/%d", p.ID), p.AddressID, fromPhoto, note{Photo: p.ID}.body(), now)
		if err != nil {
			return fmt.Errorf("tell the conversation: %w", err)
		}
		return nil
	})
}

// Wake has conversations looked at now: something was put into their inboxes.
func (g *Gateway) Wake(conversations ...int64) { g.wakes.add(conversations...) }
