package simulator

import "time"

// bucket is a token bucket of one second's depth.
type bucket struct {
	tokens float64
	last   time.Time
}

// take spends one token of rate/s, or says how long to wait for one.
func (b *bucket) take(now time.Time, rate float64) (wait time.Duration, ok bool) {
	depth := max(rate, 1)
	if b.last.IsZero() {
		b.tokens = depth
	} else {
		b.tokens = min(depth, b.tokens+now.Sub(b.last).Seconds()*rate)
	}
	b.last = now
	if b.tokens >= 1 {
		b.tokens--
		return 0, true
	}
	return time.Duration((1 - b.tokens) / rate * float64(time.Second)), false
}
