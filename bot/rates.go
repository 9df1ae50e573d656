package bot

import (
	"context"
	"math"
	"strconv"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"souk/flows"
)

// rates keeps each account within its messages per second, over all replicas: a token bucket per account in Redis. Without
// Redis each replica takes a quarter of the rate for itself.
type rates struct {
	memory *memory
	mu     sync.Mutex
	local  map[string]*bucket
}

// bucket is one account's rate as this process knows it.
type bucket struct {
	// granted tokens came from Redis in advance and are spent until they lapse: a high rate does not cost a round trip each.
	granted int
	lapses  time.Time
	// alone is the bucket that is used while Redis is away.
	alone   float64
	aloneAt time.Time
	// nothing leaves before, because the provider said so.
	pausedUntil time.Time
}

const (
	// A bucket holds this share of a second's messages, and fills with the rest in a second: no second ever sees more than the rate.
	burst = 0.1
	// Tokens are fetched for this time in advance, at least one, and lapse later.
	ahead  = 20 * time.Millisecond
	lapse  = 100 * time.Millisecond
	alone4 = 4 // a replica alone takes one part in so many
)

func newRates(m *memory) *rates {
	return &rates{memory: m, local: map[string]*bucket{}}
}

// take takes one message's right to leave on an account, or says how long to wait before asking again. Notices leave a quarter
// of the bucket to replies, and broadcasts half.
func (r *rates) take(ctx context.Context, account string, perSecond float64, class flows.Class) time.Duration {
	now := r.memory.clock.Now()
	r.mu.Lock()
	b := r.local[account]
	if b == nil {
		b = &bucket{alone: -1}
		r.local[account] = b
	}
	if wait := b.pausedUntil.Sub(now); wait > 0 && wait <= longestPause {
		r.mu.Unlock()
		return wait
	}
	if perSecond <= 0 || math.IsInf(perSecond, 1) {
		r.mu.Unlock()
		return 0
	}
	size, fill := max(1, perSecond*burst), perSecond*(1-burst)
	floor := size * []float64{flows.ClassReply: 0, flows.ClassNotice: 0.25, flows.ClassBroadcast: 0.5}[class]
	if size < 2 {
		floor = 0
	}
	if b.granted > 0 && now.Before(b.lapses) && class == flows.ClassReply {
		b.granted--
		r.mu.Unlock()
		return 0
	}
	r.mu.Unlock()

	if r.memory.open() {
		want := max(1, int(perSecond*ahead.Seconds()))
		if class != flows.ClassReply {
			want = 1
		}
		got, wait, ok := r.fetch(ctx, account, fill, size, floor, want)
		if ok {
			r.mu.Lock()
			defer r.mu.Unlock()
			if got > 1 {
				b.granted, b.lapses = got-1, now.Add(lapse)
			}
			return wait
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return b.takeAlone(now, fill/alone4, max(1, size/alone4), floor/alone4)
}

// pauseLonger sets the key for ARGV[1] milliseconds, and never takes from a pause that is longer.
var pauseLonger = redis.NewScript(`
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], '1', 'PX', math.max(1, tonumber(ARGV[1]))) end
return 1`)

// pause stops an account for a while, in this process at once and in the others through Redis. Of two pauses the longer holds.
func (r *rates) pause(ctx context.Context, account string, d time.Duration) {
	d = min(d, longestPause)
	r.mu.Lock()
	b := r.local[account]
	if b == nil {
		b = &bucket{alone: -1}
		r.local[account] = b
	}
	if until := r.memory.clock.Now().Add(d); until.After(b.pausedUntil) || b.pausedUntil.Sub(until) > longestPause {
		b.pausedUntil = until
	}
	b.granted = 0
	r.mu.Unlock()
	if r.memory.open() {
		ctx, cancel := context.WithTimeout(ctx, recallFor)
		defer cancel()
		r.memory.failed(pauseLonger.Run(ctx, r.memory.redis, []string{r.key(account) + ":pause"}, d.Milliseconds()).Err())
	}
}

func (r *rates) key(account string) string { return r.memory.prefix + "{rate:" + account + "}" }

func (r *rates) fetch(ctx context.Context, account string, perSecond, size, floor float64, want int) (got int, wait time.Duration, ok bool) {
	ctx, cancel := context.WithTimeout(ctx, recallFor)
	defer cancel()
	key := r.key(account)
	answer, err := takeTokens.Run(ctx, r.memory.redis, []string{key, key + ":pause"}, decimal(perSecond), decimal(size), decimal(floor), want).Int64Slice()
	if r.memory.failed(err) || len(answer) != 2 {
		return 0, 0, false
	}
	return int(answer[0]), time.Duration(answer[1]) * time.Microsecond, true
}

func decimal(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// takeTokens takes up to ARGV[4] tokens above the floor, by Redis's own clock. It returns how many, or 0 and the microseconds
// until the first. A repeated call may waste tokens and never makes any.
var takeTokens = redis.NewScript(`
local paused = redis.call('PTTL', KEYS[2])
if paused > 0 then return {0, paused * 1000} end
local rate, size, floor, want = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens, at = tonumber(kept[1]) or size, tonumber(kept[2]) or now
tokens = math.min(size, tokens + math.max(0, now - at) * rate / 1000000)
local got = math.min(want, math.floor(tokens - floor))
local wait = 0
if got < 1 then
  got = 0
  wait = math.ceil((1 + floor - tokens) * 1000000 / rate)
end
redis.call('HSET', KEYS[1], 'tokens', string.format('%.6f', tokens - got), 'at', string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil(size / rate * 1000) + 1000)
return {got, wait}`)

// takeAlone takes one token of the bucket that this process has for itself.
func (b *bucket) takeAlone(now time.Time, perSecond, size, floor float64) time.Duration {
	floor = min(floor, size-1)
	if b.alone < 0 {
		b.alone = size
	}
	if passed := now.Sub(b.aloneAt); passed > 0 {
		b.alone = min(size, b.alone+passed.Seconds()*perSecond)
	}
	b.aloneAt = now
	if b.alone-floor >= 1 {
		b.alone--
		return 0
	}
	return time.Duration((1 + floor - b.alone) / perSecond * float64(time.Second))
}
