// Package clock is where time comes from: the system's in service, a test's own elsewhere.
package clock

import (
	"sync"
	"time"
)

// Clock tells the time and waits.
type Clock interface {
	Now() time.Time
	// After sends the time once, when d has passed; at once where d is not positive.
	After(d time.Duration) <-chan time.Time
}

// System is the machine's clock.
type System struct{}

// Now is time.Now.
func (System) Now() time.Time { return time.Now() }

// After is time.After.
func (System) After(d time.Duration) <-chan time.Time { return time.After(d) }

// Manual stands still until it is moved. It may be used by several goroutines.
type Manual struct {
	mu      sync.Mutex
	now     time.Time
	waiters []waiter
}

type waiter struct {
	at time.Time
	c  chan time.Time
}

// NewManual returns a clock that stands at now.
func NewManual(now time.Time) *Manual { return &Manual{now: now} }

// Now is where the clock stands.
func (m *Manual) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

// After waits for the clock to be moved by d.
func (m *Manual) After(d time.Duration) <-chan time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := make(chan time.Time, 1)
	if d <= 0 {
		c <- m.now
	} else {
		m.waiters = append(m.waiters, waiter{at: m.now.Add(d), c: c})
	}
	return c
}

// Advance moves the clock by d and wakes whoever waited for an instant that has come. Backwards, it wakes nobody.
func (m *Manual) Advance(d time.Duration) { m.Set(m.Now().Add(d)) }

// Set moves the clock to now, forwards or backwards.
func (m *Manual) Set(now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = now
	waiting := m.waiters[:0]
	for _, w := range m.waiters {
		if w.at.After(now) {
			waiting = append(waiting, w)
			continue
		}
		w.c <- now
	}
	m.waiters = waiting
}
