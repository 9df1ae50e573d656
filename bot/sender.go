package bot

import (
	"context"
	"fmt"
	"sync"
	"time"

	"souk/flows"
)

// sender holds what leaves on one channel. Each channel has its own, so that one whose provider hangs delays no other.
type sender struct {
	channel Channel
	cap     Cap
	size    int
	wakes   *wakes // conversations whose lane may have something due

	mu      sync.Mutex
	replies []job // go first
	others  []job
	busy    int // jobs being sent
	closed  bool
	ready   chan struct{} // holds a token while there may be a job
	roomy   chan struct{} // holds a token while there may be room for more
}

func newSender(channel Channel, limit Cap, size int) *sender {
	return &sender{channel: channel, cap: limit, size: size, wakes: newWakes(), ready: make(chan struct{}, 1), roomy: make(chan struct{}, 1)}
}

// give queues a job whose lane is taken.
func (s *sender) give(jobs ...job) {
	s.mu.Lock()
	for _, j := range jobs {
		if j.class == flows.ClassReply {
			s.replies = append(s.replies, j)
		} else {
			s.others = append(s.others, j)
		}
	}
	s.mu.Unlock()
	signal(s.ready)
}

// next removes the first job, a reply where there is one.
func (s *sender) next() (j job, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, queue := range []*[]job{&s.replies, &s.others} {
		if len(*queue) > 0 {
			j, ok = (*queue)[0], true
			*queue = (*queue)[1:]
			break
		}
	}
	if ok {
		s.busy++
	}
	if len(s.replies)+len(s.others) > 0 || s.closed {
		signal(s.ready)
	}
	return j, ok
}

// room is how many more lanes may be taken: leases run while their jobs queue.
func (s *sender) room() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return 2*s.size - len(s.replies) - len(s.others) - s.busy
}

// takesDirect says whether a turn's own commit may take the lane for its first reply. A channel with caps looks each time.
func (s *sender) takesDirect(now, spoke time.Time) bool {
	if s.cap.limits() {
		return false
	}
	if w := s.channel.Window(); w > 0 && now.Sub(spoke) >= w {
		return false
	}
	return s.room() > 0
}

func (s *sender) done() {
	s.mu.Lock()
	s.busy--
	s.mu.Unlock()
	signal(s.roomy)
}

// close lets the loops end once nothing is left.
func (s *sender) close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.wakes.close()
	signal(s.ready)
	signal(s.roomy)
}

func (s *sender) over() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed && len(s.replies)+len(s.others) == 0
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// claimLoop takes lanes that were woken, as many as there is room for.
func (g *Gateway) claimLoop(ctx context.Context, s *sender) {
	for {
		for s.room() <= 0 && ctx.Err() == nil {
			select {
			case <-ctx.Done():
			case <-s.roomy:
			}
		}
		id, _, ok := either(ctx, s.wakes, nil)
		if !ok || g.draining.Load() {
			return // what is queued stays queued, for the next process
		}
		ids := append(s.wakes.take(max(0, s.room()-1)), id)
		if err := g.claim(ctx, s, ids); err != nil && ctx.Err() == nil {
			g.report("claim lanes", err)
			time.AfterFunc(backOff, func() { s.wakes.add(ids...) })
			pause(ctx, lookAgain)
		}
	}
}

func (g *Gateway) claim(ctx context.Context, s *sender, ids []int64) error {
	jobs, due, err := g.claimLanes(ctx, ids)
	if err != nil {
		return err
	}
	s.give(jobs...)
	g.wakeLater(s, due)
	return nil
}

// wakeLater looks at lanes again when they are due. Later than a minute is the sweep's.
func (g *Gateway) wakeLater(s *sender, due map[int64]time.Time) {
	now := g.Clock.Now()
	for id, at := range due {
		if wait := at.Sub(now); wait < time.Minute {
			time.AfterFunc(wait, func() { s.wakes.add(id) })
		}
	}
}

func (g *Gateway) sendLoop(ctx context.Context, s *sender) {
	for {
		j, ok := s.next()
		if ok {
			g.marks <- g.deliver(ctx, s, j)
			s.done()
			continue
		}
		if s.over() || ctx.Err() != nil {
			return
		}
		select {
		case <-ctx.Done():
		case <-s.ready:
		}
	}
}

// SendStep sends one message that is due on any channel, if there is one, and marks it. Between gateways that are stepped by one
// hand it does what claimLoop, sendLoop and markLoop do together.
func (g *Gateway) SendStep(ctx context.Context) (bool, error) {
	worked := false
	for _, s := range g.senders {
		if ids := s.wakes.take(max(0, s.room())); len(ids) > 0 {
			worked = true
			if err := g.claim(ctx, s, ids); err != nil {
				s.wakes.add(ids...)
				return worked, err
			}
		}
		if j, ok := s.next(); ok {
			r := g.deliver(ctx, s, j)
			s.done()
			if err := g.mark(ctx, []result{r}); err != nil {
				return true, fmt.Errorf("mark what was sent: %w", err)
			}
			return true, nil
		}
	}
	return worked, nil
}
