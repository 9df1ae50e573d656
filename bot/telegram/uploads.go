package telegram

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const findUpload = `SELECT media_id FROM photo_upload WHERE photo_key = $1 AND account = $2`

const keepUpload = `
INSERT INTO photo_upload (photo_key, account, media_id, created_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (photo_key, account) DO UPDATE SET media_id = excluded.media_id, created_at = excluded.created_at`

// PhotosIn takes pictures from a photo store and keeps their file_ids in the table photo_upload.
func PhotosIn(pool *pgxpool.Pool, now func() time.Time, open func(ctx context.Context, key string) (io.ReadCloser, int64, error)) Photos {
	return Photos{
		Open: open,
		Uploaded: func(ctx context.Context, account, key string) (mediaID string, err error) {
			err = pool.QueryRow(ctx, findUpload, key, account).Scan(&mediaID)
			if errors.Is(err, pgx.ErrNoRows) {
				return "", nil
			}
			return mediaID, err
		},
		Remember: func(ctx context.Context, account, key, mediaID string) error {
			_, err := pool.Exec(ctx, keepUpload, key, account, mediaID, now())
			return err
		},
	}
}
