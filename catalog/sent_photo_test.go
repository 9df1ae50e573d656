package catalog_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"souk/catalog"
	"souk/internal/clock"
)

// sentBy keeps a photo of an address (made where it is new), ready under the key, or still on its way where the key is "".
func (m *market) sentBy(address int64, key, album string, at time.Time) (id int64) {
	m.t.Helper()
	ctx := context.Background()
	m.do(func(_ context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO address (id, channel, account, external_id, created_at) OVERRIDING SYSTEM VALUE VALUES ($1, 'telegram', 'telegram:1', $3, $2) ON CONFLICT DO NOTHING`, address, at, fmt.Sprint(address)); err != nil {
			return err
		}
		var err error
		id, err = catalog.KeepSentPhoto(ctx, tx, catalog.SentPhoto{AddressID: address, ProviderRef: "ref", MIME: "image/jpeg", Caption: "miel", Album: album, ReceivedAt: at})
		if err == nil && key != "" {
			_, err = catalog.SentPhotoReady(ctx, tx, id, catalog.Photo{Key: key, Width: 1280, Height: 960}, []byte("hash"), at)
		}
		return err
	})
	return id
}

func TestSentPhotosAreClaimedByTheirConversation(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	one, waiting := m.sentBy(501, "photos/aa/one-1280.jpg", "a", noon), m.sentBy(501, "", "a", noon)
	refused, other := m.sentBy(501, "", "", noon.Add(time.Hour)), m.sentBy(502, "photos/bb/two-1280.jpg", "", noon)
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		if changed, err := catalog.RefuseSentPhoto(ctx, tx, refused, "broken", noon); !changed || err != nil {
			t.Errorf("refused: %v, %v", changed, err)
		}
		if changed, err := catalog.SentPhotoReady(ctx, tx, refused, catalog.Photo{Key: "k", Width: 1, Height: 1}, nil, noon); changed || err != nil {
			t.Errorf("what was refused stays so: %v, %v", changed, err)
		}
		for _, c := range []struct {
			id, address int64
			want        error
		}{{waiting, 501, catalog.ErrPhotoNotReady}, {refused, 501, catalog.ErrNoSuchPhoto}, {other, 501, catalog.ErrNoSuchPhoto}, {waiting, 502, catalog.ErrNoSuchPhoto}, {99_999, 501, catalog.ErrNoSuchPhoto}} {
			if _, err := catalog.ClaimSentPhoto(ctx, tx, c.id, c.address); !errors.Is(err, c.want) {
				t.Errorf("photo %d in %d: %v, want %v", c.id, c.address, err, c.want)
			}
		}
		album, err := catalog.Album(ctx, tx, 501, "a")
		if err != nil || len(album) != 2 || album[0].ID != one || album[1].ID != waiting {
			t.Errorf("the album is %+v, %v", album, err)
		}
		if lone, err := catalog.Album(ctx, tx, 501, ""); err != nil || len(lone) != 0 {
			t.Errorf("photos that were sent alone are no album: %+v, %v", lone, err)
		}
		product := m.number(`SELECT id FROM product ORDER BY id LIMIT 1`)
		for range 2 {
			if err := catalog.UseSentPhoto(ctx, tx, one, 501, product, noon); err != nil {
				return err
			}
		}
		shown, err := catalog.Photos(ctx, tx, product)
		count := 0
		for _, p := range shown {
			if p.Key == "photos/aa/one-1280.jpg" && p.Width == 1280 && p.Height == 960 {
				count++
			}
		}
		if count != 1 || err != nil {
			t.Errorf("the product shows %+v, %v", shown, err)
		}
		left, err := catalog.SentPhotos(ctx, tx, 501, noon.Add(-time.Minute))
		if err != nil || len(left) != 2 || left[0].ID != waiting || left[1].Reason != "broken" {
			t.Errorf("nothing was made yet of %+v, %v", left, err)
		}
		return nil
	})
}

func TestPicturesThatBelongToNothingGo(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	store, err := catalog.OpenDiskPhotos(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	key := func(name string) string { return "photos/aa/" + name + "-1280.jpg" }
	small := func(key string) string { return strings.Replace(key, "-1280", "-320", 1) }
	ids := map[string]int64{}
	for i, name := range []string{"old", "used", "young", "removed", "replaced", "shared", "erased"} {
		at := noon
		if name == "young" {
			at = noon.Add(20 * 24 * time.Hour)
		}
		address := int64(600)
		if name == "erased" {
			address = 601
		}
		ids[name] = m.sentBy(address, key(name), "", at.Add(time.Duration(i)*time.Second))
		for _, k := range []string{key(name), small(key(name))} {
			if err := store.Put(t.Context(), k, strings.NewReader(name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	m.sentBy(600, "", "", noon) // never came
	one, two := m.number(`SELECT id FROM product ORDER BY id LIMIT 1`), m.number(`SELECT id FROM product ORDER BY id LIMIT 1 OFFSET 1`)
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		for _, use := range []struct {
			name    string
			product int64
		}{{"removed", one}, {"replaced", two}, {"used", two}, {"shared", one}, {"shared", two}} {
			if err := catalog.UseSentPhoto(ctx, tx, ids[use.name], 600, use.product, noon); err != nil {
				return err
			}
		}
		if err := catalog.RemovePhotos(ctx, tx, one, noon); err != nil {
			return err
		}
		if err := catalog.RemovePhotos(ctx, tx, two, noon, key("used"), key("shared")); err != nil {
			return err
		}
		if _, err := catalog.ClaimSentPhoto(ctx, tx, ids["removed"], 600); !errors.Is(err, catalog.ErrNoSuchPhoto) {
			t.Errorf("what was thrown away is claimed: %v", err)
		}
		return catalog.ForgetSentPhotos(ctx, tx, 601, noon)
	})
	at := clock.NewManual(noon.Add(time.Minute))
	sweep := &catalog.PhotoSweepWorker{Pool: m.pool, Clock: at, Store: store, Small: small}
	left := func() string {
		all := ""
		for _, name := range []string{"old", "used", "young", "removed", "replaced", "shared", "erased"} {
			for i, k := range []string{key(name), small(key(name))} {
				content, _, err := store.Open(t.Context(), k)
				if errors.Is(err, fs.ErrNotExist) {
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				content.Close()
				all += fmt.Sprintf("%s%d ", name, i)
			}
		}
		return all
	}
	step := func(want string) {
		t.Helper()
		for range 2 {
			if err := sweep.Work(t.Context(), &river.Job[catalog.PhotoSweep]{}); err != nil {
				t.Fatal(err)
			}
		}
		if got := left(); got != want {
			t.Errorf("at %v the store holds %s, want %s", at.Now(), got, want)
		}
	}
	step("old0 old1 used0 used1 young0 young1 removed0 removed1 replaced0 replaced1 shared0 shared1 erased0 erased1 ") // replies that show them may be on their way
	at.Advance(time.Hour)
	step("old0 old1 used0 used1 young0 young1 shared0 shared1 ")
	at.Advance(catalog.SentPhotoLife)
	step("old0 old1 used0 used1 young0 young1 shared0 shared1 ") // thrown away only now
	at.Advance(2 * time.Hour)
	step("used0 used1 young0 young1 shared0 shared1 ")
	var rows, trash int
	if err := m.pool.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM sent_photo), (SELECT count(*) FROM photo_trash)`).Scan(&rows, &trash); err != nil || rows != 1 || trash != 0 {
		t.Errorf("%d photos and %d thrown away are remembered (%v), want the young one", rows, trash, err)
	}
}
