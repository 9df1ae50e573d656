package simulator

import (
	"context"
	"sync"
	"time"
)

// lanes run jobs: those of one key one after the other, in order, those of
// different keys side by side.
type lanes struct {
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu     sync.Mutex
	queues map[string][]func(context.Context)
	held   map[string]func(context.Context)
	open   int
	last   time.Time
}

func newLanes() *lanes {
	ctx, cancel := context.WithCancel(context.Background())
	return &lanes{ctx: ctx, cancel: cancel, queues: map[string][]func(context.Context){}, held: map[string]func(context.Context){}, last: time.Now()}
}

// put queues a job behind the others of its key.
func (l *lanes) put(key string, job func(context.Context)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ctx.Err() != nil {
		return
	}
	jobs := []func(context.Context){job}
	if held := l.held[key]; held != nil {
		delete(l.held, key)
		l.open--
		jobs = append(jobs, held)
	}
	l.open += len(jobs)
	l.last = time.Now()
	queue, running := l.queues[key]
	l.queues[key] = append(queue, jobs...)
	if !running {
		l.wg.Add(1)
		go l.run(key)
	}
}

// How long a held job waits for one to overtake it.
const holdFor = 2 * time.Second

// hold keeps a job back until another of its key has been put before it.
func (l *lanes) hold(key string, job func(context.Context)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held[key] != nil || l.ctx.Err() != nil {
		return
	}
	l.held[key] = job
	l.open++
	l.wg.Go(func() {
		pause(l.ctx, holdFor)
		l.mu.Lock()
		still := l.held[key] != nil
		l.mu.Unlock()
		if still {
			l.put(key, func(context.Context) {})
		}
	})
}

func (l *lanes) run(key string) {
	defer l.wg.Done()
	for {
		l.mu.Lock()
		queue := l.queues[key]
		if len(queue) == 0 {
			delete(l.queues, key)
			l.mu.Unlock()
			return
		}
		l.queues[key] = queue[1:]
		l.mu.Unlock()
		if l.ctx.Err() == nil {
			queue[0](l.ctx)
		}
		l.mu.Lock()
		l.open--
		l.last = time.Now()
		l.mu.Unlock()
	}
}

// touch notes that something happened outside the lanes.
func (l *lanes) touch() {
	l.mu.Lock()
	l.last = time.Now()
	l.mu.Unlock()
}

func (l *lanes) pending() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.open
}

func (l *lanes) sinceLast() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Since(l.last)
}

func (l *lanes) close() {
	l.cancel()
	l.wg.Wait()
}

// pause waits for d, or less if the lanes close.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
