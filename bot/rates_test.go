package bot

import (
	"testing"
	"time"

	"souk/flows"
	"souk/internal/clock"
	"souk/internal/redis/redistest"
)

// A provider that first asks for a minute and then, for another message, for a second means the minute.
func TestAShorterPauseTakesNothingFromALongerOne(t *testing.T) {
	t.Parallel()
	r := redistest.New(t)
	c := clock.NewManual(time.Date(2026, 12, 3, 9, 0, 0, 0, time.UTC))
	here := newRates(newMemory(r.Client, r.Prefix, c, newMetrics(&Gateway{})))
	there := newRates(newMemory(r.Client, r.Prefix, c, newMetrics(&Gateway{})))
	for _, d := range []time.Duration{time.Minute, time.Second} {
		here.pause(t.Context(), "telegram:7", d)
	}
	if wait := here.take(t.Context(), "telegram:7", 30, flows.ClassReply); wait != time.Minute {
		t.Errorf("here: %v", wait)
	}
	if wait := there.take(t.Context(), "telegram:7", 30, flows.ClassReply); wait < 50*time.Second {
		t.Errorf("in another process: %v", wait)
	}
	here.pause(t.Context(), "telegram:7", 2*time.Minute)
	if wait := here.take(t.Context(), "telegram:7", 30, flows.ClassReply); wait != 2*time.Minute {
		t.Errorf("here, longer: %v", wait)
	}
	if wait := there.take(t.Context(), "telegram:7", 30, flows.ClassReply); wait < 110*time.Second {
		t.Errorf("in another process, longer: %v", wait)
	}
	if wait := there.take(t.Context(), "telegram:8", 30, flows.ClassReply); wait != 0 {
		t.Errorf("another account: %v", wait)
	}
}
