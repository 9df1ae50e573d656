package bot

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"souk/flows"
	"souk/internal/clock"
)

// memory is what Redis holds of the conversations that are going on. It may vanish whole or come back from an old dump: a session
// counts only where its version and stamp equal those of the conversation's row.
type memory struct {
	redis   redis.UniversalClient
	prefix  string
	clock   clock.Clock
	metrics *metrics
	// closedUntil is when Redis may be asked again, in Unix nanoseconds. After a failure nobody waits for it for a while, else
	// its absence would cost every turn a timeout.
	closedUntil atomic.Int64
}

const (
	rememberFor = 24 * time.Hour
	// An answer of Redis that takes longer than this is not worth its wait: the checkpoint is as near.
	recallFor = 200 * time.Millisecond
	breakFor  = time.Second
)

func newMemory(client redis.UniversalClient, prefix string, c clock.Clock, m *metrics) *memory {
	return &memory{redis: client, prefix: prefix, clock: c, metrics: m}
}

// recall returns the session of exactly that version and stamp, nil where Redis does not have it.
func (m *memory) recall(ctx context.Context, conversation, version, stamp int64) *flows.Session {
	if !m.open() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, recallFor)
	defer cancel()
	fields, err := m.redis.HMGet(ctx, m.key(conversation), "version", "stamp", "session").Result()
	if m.failed(err) {
		return nil
	}
	if fields[0] != strconv.FormatInt(version, 10) || fields[1] != strconv.FormatInt(stamp, 10) {
		return nil
	}
	body, _ := fields[2].(string)
	var session flows.Session
	if json.Unmarshal([]byte(body), &session) != nil {
		return nil
	}
	return &session
}

// remember keeps a session unless a newer one of the same stamp is there. It may be repeated, late, or lost.
func (m *memory) remember(ctx context.Context, conversation, version, stamp int64, session flows.Session) {
	if !m.open() {
		return
	}
	body, err := json.Marshal(session)
	if err != nil {
		return // the engine made it from JSON values; without it the next turn reads the checkpoint
	}
	ctx, cancel := context.WithTimeout(ctx, recallFor)
	defer cancel()
	m.failed(remember.Run(ctx, m.redis, []string{m.key(conversation)}, version, stamp, body, rememberFor.Milliseconds()).Err())
}

// A stamp is drawn anew whenever a session was rebuilt, so two sessions of one version can be told apart.
var remember = redis.NewScript(`
local kept = redis.call('HMGET', KEYS[1], 'version', 'stamp')
if kept[2] == ARGV[2] and kept[1] and tonumber(kept[1]) >= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[1], 'stamp', ARGV[2], 'session', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1`)

// key has the conversation as its hash tag: one slot of a cluster holds all about it.
func (m *memory) key(conversation int64) string {
	return m.prefix + "{conv:" + strconv.FormatInt(conversation, 10) + "}"
}

// open says whether Redis may be asked now.
func (m *memory) open() bool {
	if m.redis == nil {
		return false
	}
	left := m.closedUntil.Load() - m.clock.Now().UnixNano()
	return left <= 0 || left > int64(breakFor) // more is left only when the clock was set back
}

// failed notes whether a command failed and closes Redis for a while if so.
func (m *memory) failed(err error) bool {
	if err == nil || errors.Is(err, redis.Nil) {
		return false
	}
	m.closedUntil.Store(m.clock.Now().Add(breakFor).UnixNano())
	m.metrics.redisErrors.Inc()
	return true
}
