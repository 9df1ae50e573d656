package bot

import (
	"context"
	"sync"
)

// wakes is a queue of conversations to look at. One that waits already is not queued twice; one that is being looked at is,
// since its rows may have been read before the new one came.
type wakes struct {
	mu      sync.Mutex
	queue   []int64
	waiting map[int64]struct{}
	closed  bool
	ready   chan struct{} // holds a token while there may be something to take
}

func newWakes() *wakes {
	return &wakes{waiting: map[int64]struct{}{}, ready: make(chan struct{}, 1)}
}

// add queues conversations and says how many were new.
func (w *wakes) add(ids ...int64) (added int) {
	w.mu.Lock()
	for _, id := range ids {
		if _, there := w.waiting[id]; !there {
			w.waiting[id] = struct{}{}
			w.queue = append(w.queue, id)
			added++
		}
	}
	w.mu.Unlock()
	if added > 0 {
		w.signal()
	}
	return added
}

// take removes up to n conversations, the longest waiting first.
func (w *wakes) take(n int) []int64 {
	w.mu.Lock()
	n = min(n, len(w.queue))
	ids := append([]int64(nil), w.queue[:n]...)
	w.queue = w.queue[n:]
	if len(w.queue) == 0 {
		w.queue = nil
	}
	for _, id := range ids {
		delete(w.waiting, id)
	}
	more := len(w.queue) > 0 || w.closed
	w.mu.Unlock()
	if more {
		w.signal()
	}
	return ids
}

// close lets those who wait go once the queue is empty. What is added afterwards is still taken.
func (w *wakes) close() {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.signal()
}

func (w *wakes) over() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.closed && len(w.queue) == 0
}

func (w *wakes) signal() {
	select {
	case w.ready <- struct{}{}:
	default:
	}
}

// either waits for one conversation of a or b, a first; b may be nil. fromB says which it was; ok is false when ctx is over, or
// both are closed and empty.
func either(ctx context.Context, a, b *wakes) (id int64, fromB, ok bool) {
	var readyB chan struct{}
	if b != nil {
		readyB = b.ready
	}
	for {
		if ids := a.take(1); len(ids) == 1 {
			return ids[0], false, true
		}
		if b != nil {
			if ids := b.take(1); len(ids) == 1 {
				return ids[0], true, true
			}
		}
		if ctx.Err() != nil || a.over() && (b == nil || b.over()) {
			return 0, false, false
		}
		select {
		case <-ctx.Done():
		case <-a.ready:
		case <-readyB:
		}
	}
}
