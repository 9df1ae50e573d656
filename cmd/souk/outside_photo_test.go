package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"souk/bot/simulator"
	"souk/catalog/bucket/buckettest"
	"souk/internal/postgres/pgtest"
)

// People send photos on two channels: the service fetches them from the providers, keeps them in a bucket, and says of what is no photo
// that it is none, unasked and at once.
func TestPhotosAreFetchedAndKeptInABucket(t *testing.T) {
	t.Parallel()
	s3 := buckettest.New(t)
	w := newWorld(t, built(t, release), pgtest.URL(t), "SOUK_PHOTOS="+s3.Address(), "SOUK_PHOTOS_KEY="+buckettest.Key, "SOUK_PHOTOS_SECRET="+buckettest.Secret)
	w.begin()
	w.introduced()
	for i, channel := range []simulator.Channel{simulator.Telegram, simulator.WhatsApp} {
		phone := w.sim.Phone(channel, simulator.Owner{Name: "Rosa", Number: "+21266612345" + string(rune('0'+i)), Language: "fr"})
		begun := time.Now()
		id, err := phone.Photo(nil, "miel 60 dh")
		if err != nil {
			t.Fatal(err)
		}
		eventually(t, "the photo is ready", patience, func() bool {
			return value[int](w, "SELECT count(*) FROM sent_photo WHERE status = 'ready' AND caption = 'miel 60 dh'") == i+1
		})
		t.Logf("%s: ready after %v", channel, time.Since(begun).Round(time.Millisecond))
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		if _, err := phone.Wait(ctx, id, "Photo bien reçue"); err != nil {
			t.Error(err)
		}
		id = phone.Document([]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), "image/jpeg", "")
		if _, err := phone.Wait(ctx, id, "n'est pas une photo"); err != nil {
			t.Error(err)
		}
	}
	if _, err := w.sim.Phone(simulator.Telegram, simulator.Owner{Number: "+212666123450"}).Album([][]byte{nil, nil, nil}, "tapis"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the album is ready", patience, func() bool {
		return value[int](w, "SELECT count(*) FROM sent_photo WHERE status = 'ready' AND album <> ''") == 3
	})
	w.is("albums", 1, "SELECT count(DISTINCT album) FROM sent_photo WHERE album <> ''")
	w.is("refused", 2, "SELECT count(*) FROM sent_photo WHERE status = 'refused' AND reason = 'not_a_photo'")
	sent, seeded := 0, 0
	for _, key := range s3.Keys() {
		if strings.HasPrefix(key, "photos/") {
			sent++
		} else if strings.HasPrefix(key, "sample/") {
			seeded++
		}
	}
	if sent != 2*5 || seeded == 0 {
		t.Errorf("the bucket holds %d pictures of photos that were sent, want two for each of five, and %d of the sample's", sent, seeded)
	}
	w.settled(patience)
	w.obedient()
	w.discreet("miel 60 dh", "tapis", buckettest.Secret)
}
