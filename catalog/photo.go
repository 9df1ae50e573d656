package catalog

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"regexp"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/rows"
)

// PhotoStore keeps pictures by key. Keys are paths of lower-case letters, digits, - _ . and /; "products/12/1.jpg".
type PhotoStore interface {
	// Put keeps what r gives under a key, over what was there. A reader sees the old picture or the new one, never a piece.
	Put(ctx context.Context, key string, r io.Reader) error
	// Open returns a picture and its size in bytes. A key that is not there is fs.ErrNotExist, wrapped.
	Open(ctx context.Context, key string) (io.ReadCloser, int64, error)
	// Remove takes a picture away. One that is not there is no error.
	Remove(ctx context.Context, key string) error
}

// DiskPhotos is a PhotoStore in a folder.
type DiskPhotos struct{ root *os.Root }

// OpenDiskPhotos keeps pictures in dir, which it makes where it is missing. Close it when done.
func OpenDiskPhotos(dir string) (*DiskPhotos, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("open photos: %w", err)
	}
	root, err := os.OpenRoot(dir) // nothing outside dir can be reached through it, symbolic links included
	if err != nil {
		return nil, fmt.Errorf("open photos: %w", err)
	}
	return &DiskPhotos{root}, nil
}

// Close gives the folder back.
func (d *DiskPhotos) Close() error { return d.root.Close() }

// IsPhotoKey says whether a store takes a key.
func IsPhotoKey(key string) bool { return len(key) <= 200 && photoKey.MatchString(key) }

var photoKey = regexp.MustCompile(`^[a-z0-9][a-z0-9_.-]*(/[a-z0-9][a-z0-9_.-]*)*$`)

// Put implements PhotoStore.
func (d *DiskPhotos) Put(ctx context.Context, key string, r io.Reader) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("put photo %q: %w", key, err)
		}
	}()
	if !IsPhotoKey(key) {
		return errors.New("not a key")
	}
	if err := d.root.MkdirAll(path.Dir(key), 0o750); err != nil {
		return err
	}
	// The name cannot be a key's: two writers never share a file, and a piece that a crash left is never served.
	partial := fmt.Sprintf("%s/.%s.%s.partial", path.Dir(key), path.Base(key), rand.Text())
	file, err := d.root.OpenFile(partial, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.root.Remove(partial))
		}
	}()
	_, err = io.Copy(file, &readUntilDone{ctx, r})
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	return d.root.Rename(partial, key)
}

// Open implements PhotoStore.
func (d *DiskPhotos) Open(ctx context.Context, key string) (io.ReadCloser, int64, error) {
	if err := ctx.Err(); err != nil {
		return nil, 0, err
	}
	if !IsPhotoKey(key) {
		return nil, 0, fmt.Errorf("open photo %q: not a key: %w", key, fs.ErrNotExist)
	}
	file, err := d.root.Open(key)
	if err != nil {
		return nil, 0, fmt.Errorf("open photo: %w", err)
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, 0, fmt.Errorf("open photo %q: %w", key, errors.Join(err, file.Close()))
	}
	return file, info.Size(), nil
}

// Remove implements PhotoStore. The folders stay.
func (d *DiskPhotos) Remove(ctx context.Context, key string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !IsPhotoKey(key) {
		return fmt.Errorf("remove photo %q: not a key", key)
	}
	if err := d.root.Remove(key); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove photo: %w", err)
	}
	return nil
}

// readUntilDone stops reading when its context is over.
type readUntilDone struct {
	ctx context.Context
	r   io.Reader
}

func (r *readUntilDone) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// Photo is a picture of a product.
type Photo struct {
	Key           string
	Width, Height int // pixels
}

// AddPhoto puts a picture after a product's others.
func AddPhoto(ctx context.Context, tx pgx.Tx, productID int64, photo Photo, now time.Time) error {
	_, err := rows.Exec(ctx, tx, "add photo", addPhoto, rows.Args{"product": productID, "key": photo.Key, "width": photo.Width, "height": photo.Height, "now": now})
	return err
}

const addPhoto = `INSERT INTO photo (product_id, position, key, width, height, created_at)
	SELECT @product, COALESCE(max(position), 0) + 1, @key, @width, @height, @now FROM photo WHERE product_id = @product`

// Photos returns a product's pictures in their order.
func Photos(ctx context.Context, tx pgx.Tx, productID int64) ([]Photo, error) {
	return rows.All[Photo](ctx, tx, "list photos", `SELECT key, width, height FROM photo WHERE product_id = @product ORDER BY position`,
		rows.Args{"product": productID})
}

// UploadedPhoto returns the id under which a provider's account already has a picture, "" where it has not: sending it by that id
// costs no upload.
func UploadedPhoto(ctx context.Context, tx pgx.Tx, key, account string) (string, error) {
	id, _, err := rows.Value[string](ctx, tx, "look up uploaded photo", `SELECT media_id FROM photo_upload WHERE photo_key = @key AND account = @account`,
		rows.Args{"key": key, "account": account})
	return id, err
}

// KeepUploadedPhoto remembers that id; a newer one replaces it.
func KeepUploadedPhoto(ctx context.Context, tx pgx.Tx, key, account, mediaID string, now time.Time) error {
	_, err := rows.Exec(ctx, tx, "keep uploaded photo", keepUpload, rows.Args{"key": key, "account": account, "media": mediaID, "now": now})
	return err
}

const keepUpload = `INSERT INTO photo_upload (photo_key, account, media_id, created_at) VALUES (@key, @account, @media, @now)
	ON CONFLICT (photo_key, account) DO UPDATE SET media_id = excluded.media_id, created_at = excluded.created_at`
