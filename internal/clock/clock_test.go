package clock_test

import (
	"testing"
	"time"

	"souk/internal/clock"
)

func TestManualWakesWhoseInstantHasCome(t *testing.T) {
	start := time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC)
	c := clock.NewManual(start)
	soon, late := c.After(time.Minute), c.After(time.Hour)
	if got := <-c.After(0); !got.Equal(start) {
		t.Errorf("After(0) = %v; want %v at once", got, start)
	}
	c.Advance(time.Minute)
	if got := <-soon; !got.Equal(start.Add(time.Minute)) {
		t.Errorf("woken at %v", got)
	}
	c.Set(start.Add(-time.Hour)) // a clock that jumps back
	select {
	case <-late:
		t.Error("woken before its hour")
	default:
	}
	c.Advance(3 * time.Hour)
	<-late
}
