package people_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"souk/people"
)

func TestWorkingHours(t *testing.T) {
	t.Parallel()
	const form = "2006-01-02 15:04 Mon"
	casablanca := people.Zone("Africa/Casablanca")
	for _, test := range []struct {
		from  string
		hours int
		want  string
	}{
		{"2026-12-03 10:00 Thu", 0, "2026-12-03 10:00 Thu"},
		{"2026-12-03 10:00 Thu", 4, "2026-12-03 14:00 Thu"},
		{"2026-12-03 14:00 Thu", 4, "2026-12-03 18:00 Thu"},
		{"2026-12-03 17:30 Thu", 1, "2026-12-04 09:30 Fri"},
		{"2026-12-03 23:00 Thu", 2, "2026-12-04 11:00 Fri"},
		{"2026-12-04 11:00 Fri", 2, "2026-12-04 15:30 Fri"}, // noon on Friday is left out
		{"2026-12-04 13:00 Fri", 1, "2026-12-04 15:30 Fri"},
		{"2026-12-05 17:00 Sat", 4, "2026-12-07 12:00 Mon"}, // nobody works on Sunday
		{"2026-12-06 11:00 Sun", 0, "2026-12-07 09:00 Mon"},
		{"2026-12-06 11:00 Sun", 9, "2026-12-07 18:00 Mon"},
		{"2026-12-31 08:00 Thu", 12, "2027-01-01 12:00 Fri"},
		{"2026-12-31 08:00 Thu", 13, "2027-01-01 15:30 Fri"},
	} {
		from, err := time.ParseInLocation(form, test.from, casablanca)
		if err != nil {
			t.Fatal(err)
		}
		if got := people.WorkingHours(from, test.hours, "Africa/Casablanca").In(casablanca).Format(form); got != test.want {
			t.Errorf("%d hours from %s: %s, want %s", test.hours, test.from, got, test.want)
		}
	}
}

// Whenever it begins: a promise is not in the past, lies within working hours, and one of more hours is not kept sooner.
func TestWorkingHoursAreWorked(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		zone := rapid.SampledFrom([]string{"Africa/Casablanca", "Europe/Paris", "America/Montreal"}).Draw(r, "zone")
		from := time.Unix(rapid.Int64Range(1_750_000_000, 1_900_000_000).Draw(r, "from"), 0)
		hours := rapid.IntRange(0, 60).Draw(r, "hours")
		got := people.WorkingHours(from, hours, zone)
		if got.Before(from.Add(time.Duration(hours) * time.Hour)) {
			r.Fatalf("%d hours from %v: %v is too soon", hours, from, got)
		}
		if more := people.WorkingHours(from, hours+1, zone); more.Sub(got) < time.Hour {
			r.Fatalf("%d hours end at %v, one more at %v", hours, got, more)
		}
		local := got.In(people.Zone(zone))
		if clock := local.Hour()*60 + local.Minute(); local.Weekday() == time.Sunday || clock < 9*60 || clock > 18*60 {
			r.Fatalf("promised for %v", local)
		}
	})
}
