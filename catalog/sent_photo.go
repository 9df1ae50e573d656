package catalog

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/rows"
)

// SentPhotoStatus says how far a photo is that somebody sent.
type SentPhotoStatus string

// fetching → ready → used; fetching → refused.
const (
	PhotoFetching  SentPhotoStatus = "fetching" // a job is on its way to it
	PhotoIsReady   SentPhotoStatus = "ready"    // it stands in the photo store
	PhotoIsRefused SentPhotoStatus = "refused"  // Reason says why
	PhotoIsUsed    SentPhotoStatus = "used"     // it belongs to a product, a lesson, a ticket
)

// PhotoGone is a refusal's reason beside those of package photos: the provider has the photo no more.
const PhotoGone = "gone"

// SentPhotoLife is how long a photo is kept that nothing was made of.
const SentPhotoLife = 30 * 24 * time.Hour

// SentPhoto is a photo that somebody sent in a conversation.
type SentPhoto struct {
	ID          int64
	AddressID   int64  // the conversation
	ProviderRef string // the provider's own id; never an address to fetch
	MIME        string // as the provider says
	Bytes       int64  // as the provider says, 0 where it does not
	Caption     string
	Album       string // the same for photos that were sent together, "" for one alone
	Status      SentPhotoStatus
	Reason      string // of a refusal: too_large, not_a_photo, heic, broken, too_many_pixels, gone
	Photo              // of a ready one: its key in the photo store and its size
	ContentHash []byte // SHA-256 of what was sent: equal for the same file sent again
	ReceivedAt  time.Time
}

// Errors of using a sent photo.
var (
	// ErrPhotoNotReady says that the photo has not been fetched yet: the conversation will hear when it is.
	ErrPhotoNotReady = errors.New("the photo is not there yet")
	// ErrNoSuchPhoto says that there is no such photo in this conversation: refused, or forgotten after SentPhotoLife.
	ErrNoSuchPhoto = errors.New("there is no such photo")
)

const sentPhotoColumns = `id, address_id, provider_ref, mime, bytes, caption, album, status, COALESCE(reason, '') AS reason,
	COALESCE(key, '') AS key, COALESCE(width, 0) AS width, COALESCE(height, 0) AS height, content_hash, received_at`

// KeepSentPhoto keeps the reference to a photo (AddressID, ProviderRef, MIME, Bytes, Caption, Album, ReceivedAt) and returns its id.
// The caller enqueues the job that fetches it in the same transaction.
func KeepSentPhoto(ctx context.Context, tx pgx.Tx, p SentPhoto) (id int64, err error) {
	id, _, err = rows.Value[int64](ctx, tx, "keep a sent photo", keepSentPhoto, rows.Args{"address": p.AddressID, "ref": p.ProviderRef,
		"mime": p.MIME, "bytes": p.Bytes, "caption": p.Caption, "album": p.Album, "at": p.ReceivedAt})
	return id, err
}

const keepSentPhoto = `INSERT INTO sent_photo (address_id, provider_ref, mime, bytes, caption, album, received_at)
	VALUES (@address, @ref, @mime, @bytes, @caption, @album, @at) RETURNING id`

// FindSentPhoto returns a photo by its id; none is ErrNoSuchPhoto.
func FindSentPhoto(ctx context.Context, tx pgx.Tx, id int64) (SentPhoto, error) {
	p, found, err := rows.Maybe[SentPhoto](ctx, tx, "read a sent photo", `SELECT `+sentPhotoColumns+` FROM sent_photo WHERE id = @id`, rows.Args{"id": id})
	if err == nil && !found {
		err = fmt.Errorf("read sent photo %d: %w", id, ErrNoSuchPhoto)
	}
	return p, err
}

// SentPhotos returns the photos of a conversation since an instant that nothing was made of yet (fetching, ready or refused), in the
// order in which they were sent.
func SentPhotos(ctx context.Context, tx pgx.Tx, addressID int64, since time.Time) ([]SentPhoto, error) {
	return rows.All[SentPhoto](ctx, tx, "list sent photos", `SELECT `+sentPhotoColumns+` FROM sent_photo
		WHERE address_id = @address AND received_at >= @since AND status <> 'used' ORDER BY id`, rows.Args{"address": addressID, "since": since})
}

// Album returns the photos that were sent together, whatever became of them, in their order.
func Album(ctx context.Context, tx pgx.Tx, addressID int64, album string) ([]SentPhoto, error) {
	if album == "" {
		return nil, nil
	}
	return rows.All[SentPhoto](ctx, tx, "list an album", `SELECT `+sentPhotoColumns+` FROM sent_photo
		WHERE address_id = @address AND album = @album ORDER BY id`, rows.Args{"address": addressID, "album": album})
}

// ClaimSentPhoto keeps a ready photo of a conversation for good and returns it: it is no longer forgotten after SentPhotoLife.
// Claiming again is a no-op. It fails with ErrPhotoNotReady or ErrNoSuchPhoto.
func ClaimSentPhoto(ctx context.Context, tx pgx.Tx, id, addressID int64) (SentPhoto, error) {
	p, found, err := rows.Maybe[SentPhoto](ctx, tx, "claim a sent photo", `UPDATE sent_photo SET status = 'used'
		WHERE id = @id AND address_id = @address AND status IN ('ready', 'used') RETURNING `+sentPhotoColumns, rows.Args{"id": id, "address": addressID})
	if err != nil || found {
		return p, err
	}
	p, err = FindSentPhoto(ctx, tx, id)
	if err == nil && p.AddressID == addressID && p.Status == PhotoFetching {
		return SentPhoto{}, fmt.Errorf("claim sent photo %d: %w", id, ErrPhotoNotReady)
	}
	if err == nil {
		err = ErrNoSuchPhoto
	}
	return SentPhoto{}, fmt.Errorf("claim sent photo %d: %w", id, err)
}

// UseSentPhoto claims a photo for a product and puts it after the product's others. Used twice for the same product it stands there once.
func UseSentPhoto(ctx context.Context, tx pgx.Tx, id, addressID, productID int64, now time.Time) error {
	p, err := ClaimSentPhoto(ctx, tx, id, addressID)
	if err != nil {
		return err
	}
	there, _, err := rows.Value[bool](ctx, tx, "look for a product's photo", `SELECT EXISTS (SELECT FROM photo WHERE product_id = @product AND key = @key)`,
		rows.Args{"product": productID, "key": p.Key})
	if err != nil || there {
		return err
	}
	return AddPhoto(ctx, tx, productID, p.Photo, now)
}

// RemovePhotos takes a product's pictures away, but for the keys to keep. Those that no other product shows are thrown away.
func RemovePhotos(ctx context.Context, tx pgx.Tx, productID int64, now time.Time, keep ...string) error {
	_, err := rows.Exec(ctx, tx, "remove a product's photos", removePhotos, rows.Args{"product": productID, "now": now, "keep": append([]string{}, keep...)})
	return err
}

// Sample pictures are shared and put back by the next seed: they stay. What is thrown away cannot be claimed again.
const removePhotos = `
WITH gone AS (
	DELETE FROM photo WHERE product_id = @product AND key <> ALL (@keep::text[]) RETURNING key
), trash AS (
	SELECT DISTINCT key FROM gone g
	WHERE key NOT LIKE 'sample/%' AND NOT EXISTS (SELECT FROM photo p WHERE p.key = g.key AND p.product_id <> @product)
), forgotten AS (
	DELETE FROM sent_photo WHERE key IN (SELECT key FROM trash)
)
INSERT INTO photo_trash (key, created_at) SELECT key, @now::timestamptz FROM trash ON CONFLICT DO NOTHING`

// SentPhotoReady says that a photo which was being fetched stands in the store. changed is false where it no longer was: forgotten,
// or done by an earlier try.
func SentPhotoReady(ctx context.Context, tx pgx.Tx, id int64, photo Photo, contentHash []byte, now time.Time) (changed bool, err error) {
	n, err := rows.Exec(ctx, tx, "make a sent photo ready", `UPDATE sent_photo SET status = 'ready', key = @key, width = @width, height = @height,
		content_hash = @hash, done_at = @now WHERE id = @id AND status = 'fetching'`,
		rows.Args{"id": id, "key": photo.Key, "width": photo.Width, "height": photo.Height, "hash": contentHash, "now": now})
	return n == 1, err
}

// RefuseSentPhoto says why a photo which was being fetched will never be ready.
func RefuseSentPhoto(ctx context.Context, tx pgx.Tx, id int64, reason string, now time.Time) (changed bool, err error) {
	n, err := rows.Exec(ctx, tx, "refuse a sent photo", `UPDATE sent_photo SET status = 'refused', reason = @reason, done_at = @now
		WHERE id = @id AND status = 'fetching'`, rows.Args{"id": id, "reason": reason, "now": now})
	return n == 1, err
}
