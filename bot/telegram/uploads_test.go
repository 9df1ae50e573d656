package telegram

import (
	"testing"
	"time"

	"souk/bot/simulator"
	"souk/flows"
	"souk/internal/postgres/pgtest"
)

func TestUploadsAreRemembered(t *testing.T) {
	t.Parallel()
	photos := PhotosIn(pgtest.New(t), func() time.Time { return time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC) }, nil)
	for _, id := range []string{"", "f1", "f2"} {
		if id != "" {
			if err := photos.Remember(t.Context(), "telegram:1", "p/miel.jpg", id); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := photos.Uploaded(t.Context(), "telegram:1", "p/miel.jpg"); err != nil || got != id {
			t.Errorf("%q, %v", got, err)
		}
		if got, err := photos.Uploaded(t.Context(), "telegram:2", "p/miel.jpg"); err != nil || got != "" {
			t.Errorf("another bot's: %q, %v", got, err)
		}
	}
}

func TestPhotoHooksAreOptional(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.TelegramOptions{})
	w.Channel.photos = Photos{Open: (&album{pictures: map[string][]byte{"p/miel.jpg": picture(t)}}).open}
	if _, err := w.say(t, flows.Reply{Text: "Miel", Photo: "p/miel.jpg"}); err != nil {
		t.Fatal(err)
	}
	if m := heard(w.amina); len(m) != 1 || m[0].Kind != "photo" {
		t.Errorf("%+v", m)
	}
}
