package bot

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/flows"
	"souk/internal/failpoint"
	"souk/internal/postgres"
	"souk/people"
)

// markAtOnce bounds a batch of results.
const markAtOnce = 200

// markLoop marks results in batches: while one batch is written the next gathers. It ends when marks is closed and empty.
func (g *Gateway) markLoop(ctx context.Context) {
	for first := range g.marks {
		batch := []result{first}
	gather:
		for len(batch) < markAtOnce {
			select {
			case r, open := <-g.marks:
				if !open {
					break gather
				}
				batch = append(batch, r)
			default:
				break gather
			}
		}
		for {
			err := g.mark(ctx, batch)
			if err == nil || ctx.Err() != nil {
				break
			}
			// Unmarked, a message would be looked for or sent again when its lease ends: try until then, and beyond.
			g.report("mark what was sent", err)
			if passing := postgres.Retryable(err) || postgres.Code(err) == queryCanceled; passing {
				pause(ctx, backOff) // a statement that ran out of time is no fault of the result's
				continue
			}
			if len(batch) > 1 {
				g.markSingly(ctx, batch)
			}
			break
		}
	}
}

const queryCanceled = "57014"

// markSingly keeps one bad result from losing the others.
func (g *Gateway) markSingly(ctx context.Context, batch []result) {
	for _, r := range batch {
		if err := g.mark(ctx, []result{r}); err != nil {
			g.report("mark what was sent", err)
		}
	}
}

// mark writes results and frees their lanes, then takes what is due next in the same lanes. Only the holder of a lane's lease
// marks: a sender that slept past its lease changes nothing.
func (g *Gateway) mark(ctx context.Context, results []result) error {
	var plain, grave []result
	for _, r := range results {
		if r.verdict != "" {
			grave = append(grave, r)
		} else {
			plain = append(plain, r)
		}
	}
	failpoint.Hit("send.before_mark")
	if len(plain) > 0 {
		if err := g.markPlain(ctx, plain); err != nil {
			return err
		}
	}
	for _, r := range grave {
		if err := g.settle(ctx, r); err != nil {
			return err
		}
	}
	failpoint.Hit("send.marked")
	for _, r := range results {
		g.metrics.outbox.WithLabelValues(r.status).Inc()
		if g.Marked != nil && r.status == "sent" {
			g.Marked(r.job.conversation)
		}
	}
	return nil
}

func (g *Gateway) markPlain(ctx context.Context, results []result) error {
	now := g.Clock.Now()
	var jobs []job
	var due map[int64]time.Time
	var batch pgx.Batch
	lanes := lanesOf(results)
	batch.Queue("begin")
	batch.Queue(lockLanes, lanes)
	queueMarks(&batch, results, now)
	if next := lanesOf(results); !g.draining.Load() {
		batch.Queue(claimLanes, claimArgs(next, now)...).Query(func(rows pgx.Rows) (err error) {
			jobs, due, err = jobsOf(rows, now)
			return err
		})
	}
	batch.Queue("commit")
	conn, err := g.Pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("acquire a connection: %w", err)
	}
	defer conn.Release()
	tx := postgres.Begun(conn.Conn())
	if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
		undo, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		_ = tx.Rollback(undo) // the server rolls back by itself when the connection is gone
		return fmt.Errorf("mark: %w", err)
	}
	g.handOut(results, jobs, due)
	return nil
}

// handOut gives what was taken in lanes to the senders of their channels.
func (g *Gateway) handOut(results []result, jobs []job, due map[int64]time.Time) {
	of := map[int64]*sender{}
	for _, r := range results {
		of[r.job.conversation] = g.senders[r.job.account]
	}
	for _, j := range jobs {
		of[j.conversation].give(j)
	}
	for id, at := range due {
		g.wakeLater(of[id], map[int64]time.Time{id: at})
	}
}

func lanesOf(results []result) []int64 {
	lanes := make([]int64, len(results))
	for i, r := range results {
		lanes[i] = r.job.conversation
	}
	return lanes
}

func queueMarks(batch *pgx.Batch, results []result, now time.Time) {
	n := len(results)
	outbox, leases, parts := make([]int64, n), make([]int64, n), make([]int32, n)
	statuses, ids, codes := make([]string, n), make([]string, n), make([]string, n)
	segments, untried := make([]int32, n), make([]int32, n)
	notBefore := make([]time.Time, n)
	var counted []int64
	var countedSegments []int32
	for i, r := range results {
		outbox[i], leases[i], parts[i] = r.job.out.OutboxID, r.job.lease, int32(r.part)
		statuses[i], ids[i], codes[i] = r.status, r.messageID, r.code
		segments[i], notBefore[i] = int32(r.segments), r.notBefore
		if !r.tried {
			untried[i] = 1
		}
		if r.counts {
			counted = append(counted, r.job.conversation)
			countedSegments = append(countedSegments, int32(r.segments))
		}
	}
	batch.Queue(markRows, lanesOf(results), leases, outbox, statuses, parts, ids, codes, segments, untried, notBefore, now)
	if len(counted) > 0 {
		batch.Queue(countUsage, counted, now.UTC(), countedSegments)
	}
}

// markRows marks the rows whose lanes are still held under the lease they were taken with. A delivery callback may have been
// faster than the answer to the sending: what it said stands.
const markRows = `
WITH r AS (
	SELECT r.*
	FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::int[], $6::text[], $7::text[], $8::int[], $9::int[], $10::timestamptz[])
		AS r (conversation_id, held, outbox_id, status, part, message_id, code, segments, untried, not_before)
	JOIN lane l ON l.conversation_id = r.conversation_id AND l.lease = r.held AND l.lease_until IS NOT NULL
), marked AS (
	UPDATE outbox o SET
		status = CASE WHEN r.status = 'sent' AND o.status IN ('delivered', 'read', 'failed', 'undelivered') THEN o.status ELSE r.status END,
		part = r.part, tries = o.tries - r.untried, not_before = r.not_before,
		provider_message_id = COALESCE(NULLIF(r.message_id, ''), o.provider_message_id),
		error_code = CASE WHEN r.status = 'sent' AND o.status IN ('failed', 'undelivered') THEN o.error_code ELSE NULLIF(r.code, '') END,
		segments = CASE WHEN r.segments > 0 THEN COALESCE(o.segments, 0) + r.segments ELSE o.segments END,
		sent_at = CASE WHEN r.status = 'sent' THEN COALESCE(o.sent_at, $11) ELSE o.sent_at END
	FROM r WHERE o.id = r.outbox_id
)
UPDATE lane l SET lease_until = NULL, next_at = r.not_before FROM r WHERE l.conversation_id = r.conversation_id`

const countUsage = `
INSERT INTO sms_usage (conversation_id, day, messages, segments)
SELECT conversation_id, $2, count(*), sum(segments) FROM unnest($1::bigint[], $3::int[]) AS sent (conversation_id, segments) GROUP BY conversation_id
ON CONFLICT (conversation_id, day) DO UPDATE
SET messages = sms_usage.messages + excluded.messages, segments = sms_usage.segments + excluded.segments`

// lockLane locks a lane, and before it the address that a verdict will block: a turn that blocks one takes its lane later.
func lockLane(ctx context.Context, tx pgx.Tx, conversation int64, v Verdict) error {
	if v == Gone {
		if _, err := tx.Exec(ctx, `SELECT FROM address WHERE id = $1 FOR NO KEY UPDATE`, conversation); err != nil {
			return fmt.Errorf("lock the address: %w", err)
		}
	}
	if _, err := tx.Exec(ctx, lockLanes, []int64{conversation}); err != nil {
		return fmt.Errorf("lock the lane: %w", err)
	}
	return nil
}

// settle marks a row that ended badly, with all that follows from it, in one transaction.
func (g *Gateway) settle(ctx context.Context, r result) error {
	now := g.Clock.Now()
	j := r.job
	held := false
	err := postgres.Tx(ctx, g.Pool, func(tx pgx.Tx) error {
		if err := lockLane(ctx, tx, j.conversation, r.verdict); err != nil {
			return err
		}
		err := tx.QueryRow(ctx, `SELECT lease = $2 AND lease_until IS NOT NULL FROM lane WHERE conversation_id = $1`, j.conversation, j.lease).Scan(&held)
		if err != nil || !held {
			return err
		}
		var batch pgx.Batch
		queueMarks(&batch, []result{r}, now)
		if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
			return fmt.Errorf("mark: %w", err)
		}
		return g.follow(ctx, tx, end{conversation: j.conversation, outbox: j.out.OutboxID, notice: j.notice, class: j.class,
			status: r.status, code: r.code, verdict: r.verdict}, now)
	})
	if err != nil {
		return fmt.Errorf("settle outbox row %d: %w", j.out.OutboxID, err)
	}
	if s := g.senders[j.account]; held && s != nil {
		s.wakes.add(j.conversation)
	}
	if j.notice != 0 {
		signal(g.noticed)
	}
	return nil
}

// end is an outbox row that did not reach its address.
type end struct {
	conversation, outbox, notice int64
	class                        flows.Class
	status, code                 string
	verdict                      Verdict
}

// follow does what an outbox row's end asks for: an address that is gone hears nothing more, a notice looks for another way, and
// what nobody will hear is seen by an operator.
func (g *Gateway) follow(ctx context.Context, tx pgx.Tx, e end, now time.Time) error {
	if e.verdict == Gone {
		if _, err := people.Block(ctx, tx, e.conversation, now); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, dropLane, e.conversation); err != nil {
			return fmt.Errorf("drop what waits for a gone address: %w", err)
		}
	}
	if e.status == "held" {
		g.metrics.held.Inc()
	}
	if e.notice != 0 {
		_, err := tx.Exec(ctx, `UPDATE notice SET status = 'pending', reason = $2, due_at = least(due_at, $3) WHERE id = $1 AND status IN ('routed', 'done')`,
			e.notice, e.code, now)
		if err != nil {
			return fmt.Errorf("route the notice anew: %w", err)
		}
		return nil // its router opens the ticket when it finds no way
	}
	if e.verdict == Gone || e.code == codeStopped || e.code == codeBlocked || e.class == flows.ClassBroadcast {
		return nil // they want to hear nothing
	}
	return openTicket(ctx, tx, people.Undeliverable, e.conversation, fmt.Sprintf("outbox %d: %s (%s)", e.outbox, e.status, e.code), now)
}

// dropLane drops what waits for an address that is gone; notices among it look for another way.
const dropLane = `
WITH dropped AS (
	UPDATE outbox SET status = 'dropped', error_code = 'blocked' WHERE conversation_id = $1 AND status IN ('queued', 'held') RETURNING notice_id
)
UPDATE notice SET status = 'pending', reason = 'blocked' WHERE id IN (SELECT notice_id FROM dropped) AND status IN ('routed', 'done')`
