package people_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"souk/people"
)

func TestANoticeIsWrittenOnce(t *testing.T) {
	w := newTown(t)
	p, _, _ := w.identify(w.address("telegram", "1"), people.Hint{})
	for range 3 {
		w.do(func(ctx context.Context, tx pgx.Tx) error {
			return people.Notify(ctx, tx, people.Notice{PersonID: p.ID, Name: "order.new", Args: map[string]any{"part": 7}, Dedupe: "order.new/7"}, thursday)
		})
	}
	if n := w.number(`SELECT count(*) FROM notice WHERE mode = 'tell' AND timing = 'now' AND due_at = $1 AND expires_at IS NULL AND args = '{"part": 7}'`, thursday); n != 1 {
		t.Errorf("%d notices, want 1", n)
	}
	for _, incomplete := range []people.Notice{{PersonID: p.ID, Name: "x"}, {PersonID: p.ID, Dedupe: "x"}} {
		if err := w.try(func(ctx context.Context, tx pgx.Tx) error { return people.Notify(ctx, tx, incomplete, thursday) }); err == nil {
			t.Errorf("%+v was written", incomplete)
		}
	}
}

func TestANoticeForAllowedHoursWaitsForThem(t *testing.T) {
	w := newTown(t)
	p, _, _ := w.identify(w.address("telegram", "1"), people.Hint{})
	night := time.Date(2026, 12, 3, 22, 30, 0, 0, time.UTC)
	w.do(func(ctx context.Context, tx pgx.Tx) error {
		return people.Notify(ctx, tx, people.Notice{PersonID: p.ID, Name: "n", Dedupe: "n", Mode: people.Ask, Timing: people.AllowedHours,
			ExpiresAt: night.Add(24 * time.Hour)}, night)
	})
	if n := w.number(`SELECT count(*) FROM notice WHERE due_at = $1 AND created_at = $2 AND expires_at = $3 AND mode = 'ask'`,
		time.Date(2026, 12, 4, 7, 0, 0, 0, time.UTC), night, night.Add(24*time.Hour)); n != 1 {
		t.Error("it is due at eight in the morning in Morocco")
	}
}

func TestAllowedAt(t *testing.T) {
	t.Parallel()
	const form = "2006-01-02 15:04 Mon"
	casablanca := people.Zone("Africa/Casablanca")
	for now, want := range map[string]string{
		"2026-12-03 13:00 Thu": "2026-12-03 13:00 Thu",
		"2026-12-03 20:59 Thu": "2026-12-03 20:59 Thu",
		"2026-12-03 21:00 Thu": "2026-12-04 08:00 Fri",
		"2026-12-04 00:00 Fri": "2026-12-04 08:00 Fri",
		"2026-12-04 07:59 Fri": "2026-12-04 08:00 Fri",
		"2026-12-04 08:00 Fri": "2026-12-04 08:00 Fri",
		"2026-12-04 11:59 Fri": "2026-12-04 11:59 Fri",
		"2026-12-04 12:00 Fri": "2026-12-04 14:30 Fri",
		"2026-12-04 14:29 Fri": "2026-12-04 14:30 Fri",
		"2026-12-04 14:30 Fri": "2026-12-04 14:30 Fri",
		"2026-12-31 23:59 Thu": "2027-01-01 08:00 Fri",
	} {
		at, err := time.ParseInLocation(form, now, casablanca)
		if err != nil {
			t.Fatal(err)
		}
		if got := people.AllowedAt(at, "Africa/Casablanca").In(casablanca).Format(form); got != want {
			t.Errorf("at %s: %s, want %s", now, got, want)
		}
	}
}

// In Ramadan Morocco sets its clocks back an hour; eight in the morning stays eight in the morning.
func TestRamadanMovesTheHours(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ now, want time.Time }{
		{time.Date(2026, 2, 10, 5, 0, 0, 0, time.UTC), time.Date(2026, 2, 10, 7, 0, 0, 0, time.UTC)},   // before Ramadan 2026: UTC+1
		{time.Date(2026, 3, 1, 5, 0, 0, 0, time.UTC), time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)},     // in Ramadan: UTC
		{time.Date(2026, 3, 1, 20, 30, 0, 0, time.UTC), time.Date(2026, 3, 1, 20, 30, 0, 0, time.UTC)}, // half past eight, not half past nine
		{time.Date(2026, 4, 10, 20, 30, 0, 0, time.UTC), time.Date(2026, 4, 11, 7, 0, 0, 0, time.UTC)}, // after it: half past nine
		{time.Date(2026, 3, 21, 22, 0, 0, 0, time.UTC), time.Date(2026, 3, 22, 7, 0, 0, 0, time.UTC)},  // the night in which it ends
	} {
		if got := people.AllowedAt(test.now, "Africa/Casablanca"); !got.Equal(test.want) {
			t.Errorf("at %v: %v, want %v", test.now, got.UTC(), test.want)
		}
	}
	if got := people.AllowedAt(thursday, "Nowhere/Land"); !got.Equal(thursday) {
		t.Errorf("an unknown zone counts as Morocco's: %v", got)
	}
}

// Whenever and wherever: the answer is not in the past, at most a night away, itself allowed, and stays as it is.
func TestAllowedAtIsAllowed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		zone := rapid.SampledFrom([]string{"Africa/Casablanca", "Europe/Paris", "America/Montreal", "Asia/Riyadh", "Asia/Kolkata"}).Draw(r, "zone")
		now := time.Unix(rapid.Int64Range(1_750_000_000, 1_900_000_000).Draw(r, "now"), 0)
		at := people.AllowedAt(now, zone)
		if at.Before(now) || at.Sub(now) > 13*time.Hour {
			r.Fatalf("%v → %v", now, at)
		}
		if again := people.AllowedAt(at, zone); !again.Equal(at) {
			r.Fatalf("%v → %v → %v", now, at, again)
		}
		local := at.In(people.Zone(zone))
		if h := local.Hour(); h < 8 || h >= 21 {
			r.Fatalf("told at %v", local)
		}
	})
}
