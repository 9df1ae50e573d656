package people

import "time"

// Souk's people and the cooperatives work from WorkFrom to WorkTo, Monday to Saturday, with the Friday prayer and its meal left out
// (NoonFrom to NoonTo): hours since midnight, local.
const (
	WorkFrom = 9 * time.Hour
	WorkTo   = 18 * time.Hour
)

// WorkingHours returns the instant at which so many working hours have passed since from, in a time zone. It is what a promise to
// look at something counts in: an hour promised on Saturday evening is kept on Monday morning. No hours give the first working
// instant, from or later. A zone that is not known counts as DefaultZone.
func WorkingHours(from time.Time, hours int, zone string) time.Time {
	left := time.Duration(hours) * time.Hour
	local := from.In(Zone(zone))
	for day := local; ; day = noonOf(day).AddDate(0, 0, 1) {
		for _, s := range shifts(day) {
			begins := s.begins
			if begins.Before(local) {
				begins = local
			}
			if !begins.Before(s.ends) {
				continue
			}
			if length := s.ends.Sub(begins); length < left {
				left -= length
				continue
			}
			return begins.Add(left)
		}
	}
}

type shift struct{ begins, ends time.Time }

// shifts are the working hours of a day, on its wall clock.
func shifts(day time.Time) []shift {
	switch day.Weekday() {
	case time.Sunday:
		return nil
	case time.Friday:
		return []shift{{at(day, WorkFrom), at(day, NoonFrom)}, {at(day, NoonTo), at(day, WorkTo)}}
	}
	return []shift{{at(day, WorkFrom), at(day, WorkTo)}}
}

// noonOf keeps a step of a day from meeting a night in which clocks change.
func noonOf(day time.Time) time.Time { return at(day, 12*time.Hour) }
