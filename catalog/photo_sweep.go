package catalog

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"souk/internal/clock"
	"souk/internal/postgres"
	"souk/internal/rows"
)

// ForgetSentPhotos forgets every photo that was sent from an address: what was used (a product's picture) stays where it is used, the
// rest is thrown away.
func ForgetSentPhotos(ctx context.Context, tx pgx.Tx, addressID int64, now time.Time) error {
	_, err := rows.Exec(ctx, tx, "forget sent photos", `
WITH gone AS (DELETE FROM sent_photo WHERE address_id = @address RETURNING key, status)
INSERT INTO photo_trash (key, created_at) SELECT key, @now::timestamptz FROM gone WHERE status = 'ready' ON CONFLICT DO NOTHING`,
		rows.Args{"address": addressID, "now": now})
	return err
}

// TrashPhoto has a picture taken out of the store, unless something shows it. "" is a no-op.
func TrashPhoto(ctx context.Context, tx pgx.Tx, key string, now time.Time) error {
	_, err := rows.Exec(ctx, tx, "throw a picture away", `INSERT INTO photo_trash (key, created_at) SELECT @key::text, @now::timestamptz
		WHERE @key <> '' AND NOT EXISTS (SELECT FROM photo WHERE key = @key) AND NOT EXISTS (SELECT FROM sent_photo WHERE key = @key)
		ON CONFLICT DO NOTHING`, rows.Args{"key": key, "now": now})
	return err
}

// PhotoSweep is the job that forgets photos which nothing was made of, and takes out of the store what was thrown away.
type PhotoSweep struct{}

// Kind names the job in River's table.
func (PhotoSweep) Kind() string { return "photo_sweep" }

// PhotoSweepEvery is how often it runs.
const PhotoSweepEvery = time.Hour

const (
	sweptAtOnce = 100
	// trashRests lets a reply that shows a picture leave before the picture does.
	trashRests = time.Hour
)

// PhotoSweepWorker runs PhotoSweep.
type PhotoSweepWorker struct {
	river.WorkerDefaults[PhotoSweep]
	Pool  *pgxpool.Pool
	Clock clock.Clock
	Store PhotoStore
	// Small names the small size of a picture's key (photos.Small).
	Small func(key string) string
}

// Work forgets and throws away, some at a time.
func (w *PhotoSweepWorker) Work(ctx context.Context, _ *river.Job[PhotoSweep]) error {
	now := w.Clock.Now()
	for {
		forgotten, err := rows.Exec(ctx, w.Pool, "forget old photos", forgetOldPhotos, rows.Args{"before": now.Add(-SentPhotoLife), "now": now, "most": sweptAtOnce})
		if err != nil {
			return err
		}
		if forgotten < sweptAtOnce {
			break
		}
	}
	return w.empty(ctx, now)
}

// What was used belongs to whatever it was used for: only its row goes.
const forgetOldPhotos = `
WITH old AS (
	SELECT id FROM sent_photo WHERE received_at < @before ORDER BY received_at LIMIT @most FOR UPDATE SKIP LOCKED
), gone AS (
	DELETE FROM sent_photo WHERE id IN (SELECT id FROM old) RETURNING key, status
), trash AS (
	INSERT INTO photo_trash (key, created_at) SELECT key, @now::timestamptz FROM gone WHERE status = 'ready' ON CONFLICT DO NOTHING
)
SELECT FROM gone`

// empty takes the trash out: first of the store, then of the table, so that nothing is left where the process dies in between.
func (w *PhotoSweepWorker) empty(ctx context.Context, now time.Time) error {
	for {
		keys, err := rows.Values[string](ctx, w.Pool, "list thrown away pictures", `SELECT key FROM photo_trash WHERE created_at <= @before ORDER BY created_at, key LIMIT @most`,
			rows.Args{"before": now.Add(-trashRests), "most": sweptAtOnce})
		if err != nil || len(keys) == 0 {
			return err
		}
		for _, key := range keys {
			if err := errors.Join(w.Store.Remove(ctx, w.Small(key)), w.Store.Remove(ctx, key)); err != nil {
				return fmt.Errorf("take out the trash: %w", err)
			}
		}
		err = postgres.Tx(ctx, w.Pool, func(tx pgx.Tx) error {
			_, err := rows.Exec(ctx, tx, "forget removed pictures", `WITH gone AS (DELETE FROM photo_trash WHERE key = ANY (@keys) RETURNING key)
				DELETE FROM photo_upload WHERE photo_key IN (SELECT key FROM gone)`, rows.Args{"keys": keys})
			return err
		})
		if err != nil {
			return err
		}
	}
}
