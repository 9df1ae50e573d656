package bot

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"souk/flows"
	"souk/internal/failpoint"
	"souk/internal/postgres"
	"souk/people"
)

const (
	// A wake that found its conversation held looks again after this.
	lookAgain = 10 * time.Millisecond
	// A worker stays with a busy conversation for so many turns before others get theirs.
	turnsInARow = 8
	// What Postgres was in no state to do is tried again after this.
	backOff = 250 * time.Millisecond
	// A row that was started so often has its next turns while no other such row has one.
	suspectAfter = 2
	// Starts of rows older than this are counted, whoever found them.
	countLate = 30 * time.Second
)

// workLoop takes turns until ctx is over or, in a drain, nothing is left. Half of the workers also serve what the sweep found.
func (g *Gateway) workLoop(ctx context.Context, sweeping bool) {
	first, second := g.wakes, (*wakes)(nil)
	if sweeping {
		first, second = g.swept, g.wakes
	}
	for {
		conversation, fromSecond, ok := either(ctx, first, second)
		if !ok {
			return
		}
		swept := sweeping && !fromSecond
		if err := g.serve(ctx, conversation, swept); err != nil && ctx.Err() == nil {
			g.report("turn", err)
			pause(ctx, lookAgain)
		}
	}
}

// TurnStep takes the turn of one conversation that waits, if there is one, and says so.
func (g *Gateway) TurnStep(ctx context.Context) (bool, error) {
	if ids := g.swept.take(1); len(ids) == 1 {
		return true, g.serve(ctx, ids[0], true)
	}
	if ids := g.wakes.take(1); len(ids) == 1 {
		return true, g.serve(ctx, ids[0], false)
	}
	return false, nil
}

// serve takes a conversation's turns until nothing is pending. A wake is never dropped: what cannot be served now is queued again.
func (g *Gateway) serve(ctx context.Context, conversation int64, swept bool) error {
	conn, err := g.Pool.Acquire(ctx)
	if err != nil {
		g.again(conversation, swept, backOff)
		return fmt.Errorf("acquire a connection: %w", err)
	}
	defer conn.Release()
	for range turnsInARow {
		more, err := g.turn(ctx, conn, conversation, swept)
		switch {
		case errors.Is(err, errNothing):
			return nil
		case errors.Is(err, errLocked):
			// Swept conversations that are held are being served: the next sweep looks again.
			if !swept {
				g.metrics.claimRetries.Inc()
				g.again(conversation, swept, lookAgain)
			}
			return nil
		case err != nil && postgres.Retryable(err):
			g.again(conversation, swept, backOff)
			return err
		case err != nil:
			return err // counted; the sweep finds it again
		case !more:
			return nil
		}
	}
	g.again(conversation, swept, 0)
	return nil
}

func (g *Gateway) again(conversation int64, swept bool, after time.Duration) {
	w := g.wakes
	if swept {
		w = g.swept
	}
	if after == 0 {
		w.add(conversation)
		return
	}
	time.AfterFunc(after, func() { w.add(conversation) })
}

// turn is one conversation's one turn: claim, recall, the engine, commit, remember, and its first reply handed to its sender.
func (g *Gateway) turn(ctx context.Context, conn *pgxpool.Conn, conversation int64, swept bool) (more bool, err error) {
	c, err := take(ctx, conn.Conn(), conversation)
	if err != nil {
		return false, err
	}
	defer c.undo(ctx)
	if c.flowsVersion > g.Format || g.channel(c.account) == nil {
		return false, errNothing // left to a newer replica, or to one whose settings have the channel
	}
	// A late row's earlier starts may have killed their processes before any sweep looked.
	swept = swept || g.Clock.Now().Sub(c.row.ReceivedAt) > countLate
	if swept && c.row.Tries >= suspectAfter {
		// Two rows that were there when processes died: only alone can each show which one it was.
		if !g.suspect.TryLock() {
			g.again(conversation, swept, lookAgain)
			return false, errNothing
		}
		defer g.suspect.Unlock()
	}
	if swept {
		parked, err := g.countStart(ctx, c)
		if err != nil || parked {
			return parked, err
		}
	}
	session, stamp, err := g.recall(ctx, c)
	var out flows.Output
	if err == nil {
		out, err = g.play(ctx, c, session)
	}
	var done committed
	if err == nil {
		done, err = g.commit(ctx, c, session, stamp, out)
	}
	if err != nil {
		c.undo(ctx)
		return false, g.failed(ctx, c, swept, err)
	}
	g.metrics.turns.Inc()
	g.metrics.turnSeconds.Observe(c.heldFor().Seconds())
	g.afterCommit(ctx, c, out, done)
	return c.more, nil
}

// recall returns the session of the conversation and the stamp to store it under. What Redis does not have is rebuilt from the
// checkpoint, under a new stamp.
func (g *Gateway) recall(ctx context.Context, c *claim) (*flows.Session, int64, error) {
	if c.version > 0 {
		if session := g.memory.recall(ctx, c.conversation, c.version, c.stamp); session != nil {
			g.metrics.redisHits.Inc()
			return session, c.stamp, nil
		}
		g.metrics.redisMisses.Inc()
	}
	stamp := int64(binary.LittleEndian.Uint64(g.Random(8)) >> 1)
	if c.checkpoint == nil {
		return nil, stamp, nil
	}
	session := new(flows.Session)
	if err := json.Unmarshal(c.checkpoint, session); err != nil {
		return nil, 0, fmt.Errorf("read the checkpoint: %w", err)
	}
	return session, stamp, nil
}

// play decodes the row and lets the engine answer it. A panic of either is an error of this row.
func (g *Gateway) play(ctx context.Context, c *claim, session *flows.Session) (out flows.Output, err error) {
	defer func() {
		if thrown := recover(); thrown != nil {
			err = panicked(thrown)
		}
	}()
	channel := g.channel(c.account)
	event, err := g.decode(ctx, c, channel)
	if err == nil {
		err = g.unblock(ctx, c, event)
	}
	if err == nil {
		err = g.keepPhotos(ctx, c, &event)
	}
	if err != nil {
		return out, err
	}
	return g.Turn(ctx, c.tx, flows.Input{
		Conversation: c.conversation,
		Channel:      c.channel,
		Medium:       channel.Medium(),
		Session:      session,
		Event:        event,
		InboxID:      c.row.ID,
		Now:          g.Clock.Now(),
		Random:       g.Random,
	})
}

// unblock opens an address again from which somebody wrote since it was found blocked: some providers report an opt-out and
// never its end.
func (g *Gateway) unblock(ctx context.Context, c *claim, event flows.Event) error {
	if c.blocked == nil || c.row.Internal || event.Kind == flows.Blocked || !c.row.ReceivedAt.After(*c.blocked) {
		return nil
	}
	_, err := people.Unblock(ctx, c.tx, c.conversation, g.Clock.Now())
	return err
}

// afterCommit does what need not be certain: the sweeps find whatever is left undone here.
func (g *Gateway) afterCommit(ctx context.Context, c *claim, out flows.Output, done committed) {
	failpoint.Hit("turn.committed")
	g.memory.remember(ctx, c.conversation, done.version, done.stamp, out.Session)
	failpoint.Hit("remembered")
	if s := g.senders[c.account]; s != nil {
		switch {
		case done.direct != nil:
			s.give(*done.direct)
		case done.said > 0 || done.released:
			s.wakes.add(c.conversation)
		}
	}
	if out.Notices || done.waiting {
		select {
		case g.noticed <- struct{}{}:
		default:
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
