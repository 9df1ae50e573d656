package people

import (
	"time"
	_ "time/tzdata" // a bare machine has no zones of its own; Morocco's change at every Ramadan
)

// DefaultZone is where people are unless they say otherwise.
const DefaultZone = "Africa/Casablanca"

// Nobody is told anything unasked from NightFrom to NightTo, nor on Fridays from NoonFrom to NoonTo: hours and minutes since
// midnight, local.
const (
	NightFrom = 21 * time.Hour
	NightTo   = 8 * time.Hour
	NoonFrom  = 12 * time.Hour
	NoonTo    = 14*time.Hour + 30*time.Minute
)

// AllowedAt returns the first instant, now or later, at which a person in a time zone may be told something unasked. A zone that
// is not known counts as DefaultZone.
func AllowedAt(now time.Time, zone string) time.Time {
	local := now.In(Zone(zone))
	// The wall clock, not the time since midnight: in the night of a change the two differ.
	clock := time.Duration(local.Hour())*time.Hour + time.Duration(local.Minute())*time.Minute
	switch {
	case clock >= NightFrom:
		return at(local.AddDate(0, 0, 1), NightTo)
	case clock < NightTo:
		return at(local, NightTo)
	case local.Weekday() == time.Friday && clock >= NoonFrom && clock < NoonTo:
		return at(local, NoonTo)
	}
	return now
}

// Zone returns a time zone by its IANA name, DefaultZone for one that is not known.
func Zone(name string) *time.Location {
	if zone, err := time.LoadLocation(name); err == nil && name != "" {
		return zone
	}
	zone, err := time.LoadLocation(DefaultZone)
	if err != nil { // the embedded data has it
		panic(err)
	}
	return zone
}

func at(day time.Time, clock time.Duration) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), int(clock/time.Hour), int(clock%time.Hour/time.Minute), 0, 0, day.Location())
}

// AtHour is a moment whose clock shows this hour, for saying the hour alone.
func AtHour(hour int) time.Time { return time.Date(2000, 1, 1, hour, 0, 0, 0, time.UTC) }
