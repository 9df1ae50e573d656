package catalog

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/people"
)

// ReplacePhoto shows a product by a photo that was sent, in place of the ones it had. It fails with ErrPhotoNotReady or
// ErrNoSuchPhoto (see ClaimSentPhoto); the old ones stay then.
func ReplacePhoto(ctx context.Context, tx pgx.Tx, productID, photoID, addressID int64, actor Actor, now time.Time) error {
	if _, err := lockProduct(ctx, tx, productID); err != nil {
		return err
	}
	if err := UseSentPhoto(ctx, tx, photoID, addressID, productID, now); err != nil {
		return err
	}
	p, err := FindSentPhoto(ctx, tx, photoID)
	if err != nil {
		return err
	}
	if err := RemovePhotos(ctx, tx, productID, now, p.Key); err != nil {
		return err
	}
	return actor.Record(ctx, tx, people.Event{Name: "photo.replaced", Subject: productSubject(productID), Data: map[string]any{"photo": photoID}, At: now})
}
