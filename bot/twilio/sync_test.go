package twilio

import (
	"errors"
	"strings"
	"testing"

	"souk/bot"
	"souk/bot/replytest"
	"souk/bot/simulator"
)

func TestSync(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	missing, err := w.chat.Recall(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var told []int
	first, err := w.chat.Sync(t.Context(), func(_ string, left int) { told = append(told, left) })
	if err != nil || first != (Synced{Made: missing}) {
		t.Fatalf("%+v of %d, %v", first, missing, err)
	}
	if len(told) != missing || told[missing-1] != 0 {
		t.Errorf("told %d times", len(told))
	}
	if again, err := w.chat.Sync(t.Context(), nil); err != nil || again != (Synced{Known: missing}) {
		t.Errorf("again: %+v, %v", again, err)
	}
	// The database forgot; the account did not.
	clear(w.shelf.known)
	if found, err := w.chat.Sync(t.Context(), nil); err != nil || found != (Synced{Found: missing}) {
		t.Errorf("found: %+v, %v", found, err)
	}
	// One reads otherwise now: it alone is made anew.
	old := w.shelf.known["souk_list_l1_n3_d_fr"]
	w.shelf.known[old.Name] = Resource{old.Name, "an older hash", old.SID}
	if changed, err := w.chat.Sync(t.Context(), nil); err != nil || changed != (Synced{Known: missing - 1, Found: 1}) {
		t.Errorf("changed: %+v, %v", changed, err)
	}
	w.clean(t)
}

func TestSyncGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.sim.Inject(simulator.Fault{Provider: "twilio", Method: "content", Kind: simulator.FaultTooMany, After: 5, RetryAfter: 3}); err != nil {
		t.Fatal(err)
	}
	_, err := w.chat.Sync(t.Context(), nil)
	var failed *bot.SendError
	if !errors.As(err, &failed) || failed.Verdict != bot.RetryAfter || failed.Pause != pauseBusy || len(w.shelf.known) == 0 {
		t.Fatalf("%v, %d known", err, len(w.shelf.known))
	}
	before := len(w.shelf.known)
	if synced, err := w.chat.Sync(t.Context(), nil); err != nil || synced.Known != before {
		t.Errorf("%+v, %v", synced, err)
	}
}

func TestADeletedResourceIsSaidInWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sync(t)
	menu := replytest.Rich()[1].Reply
	for name, resource := range w.shelf.known {
		w.shelf.known[name] = Resource{resource.Name, resource.Hash, "HX00000000000000000000000000000000"}
	}
	if _, err := w.chat.Recall(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.say(t, w.chat, w.amina, menu); err != nil {
		t.Fatal(err)
	}
	m := heard(w.amina)
	if len(m) != 1 || !strings.Contains(m[0].Text, "2. Suivre") || len(m[0].Buttons) != 0 {
		t.Errorf("%+v", m)
	}
}
