package bot_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"souk/bot"
	"souk/catalog"
	"souk/catalog/photos"
	"souk/internal/clock"
	"souk/internal/postgres"
	"souk/internal/postgres/pgtest"
)

var sunday = time.Date(2026, 11, 29, 10, 0, 0, 0, time.UTC)

// darkroom is a conversation, a provider that answers as it is told, and the worker.
type darkroom struct {
	t     *testing.T
	pool  *pgxpool.Pool
	store *catalog.DiskPhotos
	now   *clock.Manual
	*bot.PhotoWorker
	answer  func(ref string) (io.ReadCloser, int64, error)
	fetched int
	woken   []int64
}

const homeAccount = "telegram:7"

func newDarkroom(t *testing.T) *darkroom {
	t.Helper()
	d := &darkroom{t: t, pool: pgtest.New(t), now: clock.NewManual(sunday)}
	var err error
	if d.store, err = catalog.OpenDiskPhotos(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.store.Close() })
	d.PhotoWorker = &bot.PhotoWorker{Pool: d.pool, Clock: d.now, Store: d.store, Workshop: photos.NewWorkshop(),
		Fetch: map[string]bot.Fetch{homeAccount: func(_ context.Context, ref string) (io.ReadCloser, int64, error) {
			d.fetched++
			return d.answer(ref)
		}},
		Wake: func(conversation int64) { d.woken = append(d.woken, conversation) },
	}
	d.exec(`WITH a AS (INSERT INTO address (channel, account, external_id, created_at) VALUES ('telegram', $1, '9', $2) RETURNING id) INSERT INTO conversation (id) SELECT id FROM a`, homeAccount, sunday)
	return d
}

func (d *darkroom) exec(sql string, args ...any) {
	d.t.Helper()
	if _, err := d.pool.Exec(context.Background(), sql, args...); err != nil {
		d.t.Fatal(err)
	}
}

func (d *darkroom) do(what func(tx pgx.Tx) error) {
	d.t.Helper()
	if err := postgres.Tx(context.Background(), d.pool, what); err != nil {
		d.t.Fatal(err)
	}
}

func (d *darkroom) sent(bytes int64) (id int64) {
	d.t.Helper()
	d.do(func(tx pgx.Tx) (err error) {
		id, err = catalog.KeepSentPhoto(context.Background(), tx, catalog.SentPhoto{AddressID: 1, ProviderRef: "AgAC", MIME: "image/jpeg", Bytes: bytes, Caption: "miel", Album: "a", ReceivedAt: d.now.Now()})
		return err
	})
	return id
}

func (d *darkroom) photo(id int64) (p catalog.SentPhoto) {
	d.t.Helper()
	d.do(func(tx pgx.Tx) (err error) {
		p, err = catalog.FindSentPhoto(context.Background(), tx, id)
		return err
	})
	return p
}

// posted are the rows that conversations will hear, as JSON.
func (d *darkroom) posted() []string {
	d.t.Helper()
	rows, err := d.pool.Query(context.Background(), `SELECT provider_id || ' ' || convert_from(body, 'UTF8') FROM inbox WHERE source = 'photo' AND internal AND conversation_id = 1 ORDER BY id`)
	if err != nil {
		d.t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		d.t.Fatal(err)
	}
	return all
}

func (d *darkroom) work(id int64, attempt int) error {
	return d.Work(d.t.Context(), &river.Job[bot.FetchPhoto]{JobRow: &rivertype.JobRow{Attempt: attempt, MaxAttempts: 3}, Args: bot.FetchPhoto{Photo: id}})
}

func body(data []byte) func(string) (io.ReadCloser, int64, error) {
	return func(string) (io.ReadCloser, int64, error) {
		return io.NopCloser(bytes.NewReader(data)), int64(len(data)), nil
	}
}

func aJPEG(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 2000, 1000)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAFetchedPhotoIsReadyOnce(t *testing.T) {
	t.Parallel()
	d := newDarkroom(t)
	id := d.sent(0)
	d.answer = body(aJPEG(t))
	for range 2 { // River may run a job twice
		if err := d.work(id, 1); err != nil {
			t.Fatal(err)
		}
	}
	p := d.photo(id)
	if p.Status != catalog.PhotoIsReady || p.Width != 1280 || p.Height != 640 || len(p.ContentHash) != 32 || d.fetched != 1 {
		t.Errorf("%+v after %d fetches", p, d.fetched)
	}
	for _, key := range []string{p.Key, photos.Small(p.Key)} {
		content, _, err := d.store.Open(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		content.Close()
	}
	if got := fmt.Sprint(d.posted(), d.woken); got != fmt.Sprintf(`[souk/photo/%d {"photo":%d}] [1]`, id, id) {
		t.Errorf("the conversation hears %s", got)
	}
}

func TestWhatIsRefusedIsRefusedOnceWithItsReason(t *testing.T) {
	t.Parallel()
	d := newDarkroom(t)
	jpg := aJPEG(t)
	for reason, c := range map[string]struct {
		answer func(string) (io.ReadCloser, int64, error)
		bytes  int64
	}{
		"broken":      {body(jpg[:len(jpg)/2]), 0},
		"not_a_photo": {body([]byte("<svg/>")), 0},
		"heic":        {body([]byte("\x00\x00\x00\x24ftypheic\x00\x00\x00\x00mif1heic")), 0},
		"gone":        {func(string) (io.ReadCloser, int64, error) { return nil, 0, fmt.Errorf("404: %w", bot.ErrMediaGone) }, 0},
		"too_large":   {nil, photos.MaxBytes + 1}, // by what the provider says: nobody is asked
	} {
		id := d.sent(c.bytes)
		d.answer, d.fetched = c.answer, 0
		for range 2 {
			if err := d.work(id, 1); err != nil {
				t.Fatal(err)
			}
		}
		if p := d.photo(id); p.Status != catalog.PhotoIsRefused || p.Reason != reason || d.fetched > 1 {
			t.Errorf("%s: %+v after %d fetches", reason, p, d.fetched)
		}
	}
	if n := len(d.posted()); n != 5 {
		t.Errorf("%d rows, want one for each", n)
	}
}

func TestAProviderThatStumblesIsTriedAgain(t *testing.T) {
	t.Parallel()
	d := newDarkroom(t)
	id := d.sent(0)
	jpg := aJPEG(t)
	d.answer = func(string) (io.ReadCloser, int64, error) { return nil, 0, errors.New("502") }
	if err := d.work(id, 1); err == nil {
		t.Error("a 502 is no answer")
	}
	d.answer = func(string) (io.ReadCloser, int64, error) { // a line that breaks half way
		return io.NopCloser(io.MultiReader(bytes.NewReader(jpg[:99]), brokenLine{})), int64(len(jpg)), nil
	}
	if err := d.work(id, 2); err == nil || d.photo(id).Status != catalog.PhotoFetching || len(d.posted()) > 0 {
		t.Errorf("half a photo is no answer (%v): %+v", err, d.photo(id))
	}
	d.answer = body(jpg)
	if err := d.work(id, 3); err != nil || d.photo(id).Status != catalog.PhotoIsReady {
		t.Errorf("%v: %+v", err, d.photo(id))
	}
	// And when no try is left, the person is told.
	late := d.sent(0)
	d.answer = func(string) (io.ReadCloser, int64, error) { return nil, 0, errors.New("502") }
	if err := d.work(late, 3); err != nil || d.photo(late).Reason != catalog.PhotoGone || len(d.posted()) != 2 {
		t.Errorf("%v: %+v", err, d.photo(late))
	}
	// A channel that is turned off here is another replica's, or comes back.
	d.PhotoWorker.Fetch = nil
	off := d.sent(0)
	if err := d.work(off, 1); err == nil || d.photo(off).Status != catalog.PhotoFetching {
		t.Errorf("%v: %+v", err, d.photo(off))
	}
}

type brokenLine struct{}

func (brokenLine) Read([]byte) (int, error) { return 0, errors.New("the line broke") }

func TestAPhotoThatIsForgottenMeanwhileLeavesNothing(t *testing.T) {
	t.Parallel()
	d := newDarkroom(t)
	id := d.sent(0)
	d.answer = func(ref string) (io.ReadCloser, int64, error) {
		d.do(func(tx pgx.Tx) error { return catalog.ForgetSentPhotos(context.Background(), tx, 1, sunday) })
		return body(aJPEG(t))(ref)
	}
	if err := d.work(id, 1); err != nil || len(d.posted()) > 0 {
		t.Errorf("%v, %v", err, d.posted())
	}
	var trash int
	if err := d.pool.QueryRow(t.Context(), `SELECT count(*) FROM photo_trash`).Scan(&trash); err != nil || trash != 1 {
		t.Errorf("%d pictures are thrown away, %v", trash, err)
	}
	if err := d.work(id, 1); err != nil || d.fetched != 1 {
		t.Errorf("nobody waits for it: %v", err)
	}
}
