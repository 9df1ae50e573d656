package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"souk/flows"
	"souk/internal/failpoint"
	"souk/internal/postgres"
)

// committed is what the commit of a turn found out.
type committed struct {
	version, stamp int64
	said           int  // outbox rows
	released       bool // rows that were held may leave now
	waiting        bool // notices that waited for this person may be routed now
	direct         *job // the first reply, its lane already taken
}

// errTaken says that the inbox row was done by somebody else, so that all of this turn must be undone. The conversation's lock
// excludes it; only a hand at the database brings it about.
var errTaken = errors.New("the inbox row was done elsewhere")

// commit stores all that a turn leaves behind, in its one transaction and one round trip: this is where exactly once comes from.
func (g *Gateway) commit(ctx context.Context, c *claim, before *flows.Session, stamp int64, out flows.Output) (committed, error) {
	done := committed{version: c.version + 1, stamp: stamp}
	checkpoint, err := out.Session.Checkpoint()
	if err != nil {
		return done, fmt.Errorf("write the checkpoint: %w", err)
	}
	replies := out.Replies
	if before != nil && before.Stopped && out.Session.Stopped {
		replies = nil // after STOP nothing is said, whatever the turn meant to
	}
	classes, bodies, prompts, err := rowsOf(replies, c.row.Internal)
	if err != nil {
		return done, err
	}
	notice := c.notice()
	now := g.Clock.Now()
	var direct bool
	s := g.senders[c.account]
	if len(bodies) > 0 && !c.row.Internal {
		direct = s.takesDirect(now, c.row.ReceivedAt)
	}

	var lease *int64
	var first *int64
	var batch pgx.Batch
	batch.Queue(commitTurn,
		c.conversation, c.row.ID, done.version, stamp, out.Session.Format, checkpoint, !c.row.Internal, c.row.ReceivedAt, now,
		out.Session.Person, direct, now.Add(leaseFor), now.Add(longestPause), now.Add(2*leaseFor),
		classes, bodies, prompts, notice,
	).QueryRow(func(row pgx.Row) error {
		var one int
		return row.Scan(&one, &lease, &first, &done.said, &done.released, &done.waiting)
	})
	queueTimers(&batch, c.conversation, out.Timers)
	if notice != nil {
		queueNotice(&batch, *notice, out.Requeue, now)
	}
	batch.Queue("commit").Exec(func(tag pgconn.CommandTag) error {
		if tag.String() == "ROLLBACK" {
			return pgx.ErrTxCommitRollback
		}
		return nil
	})
	failpoint.Hit("turn.before_commit")
	if err := c.tx.SendBatch(ctx, &batch).Close(); err != nil {
		if postgres.Code(err) == divisionByZero {
			err = errTaken
		}
		return done, fmt.Errorf("commit the turn: %w", err)
	}
	if lease != nil && first != nil {
		done.direct = &job{
			conversation: c.conversation, account: c.account, lease: *lease, until: now.Add(leaseFor),
			out:   Outgoing{OutboxID: *first, ExternalID: c.externalID, Reply: replies[0], CreatedAt: now},
			class: flows.Class(classes[0]), tries: 1, direct: true,
		}
	}
	return done, nil
}

const divisionByZero = "22012"

// commitTurn does in one statement what a turn's end must do together. It fails when the inbox row was done already. The lane may
// be taken here when nothing else waits in it: whatever is added to a lane is added under the conversation's lock, which is held.
// What was held for the person leaves as if it were said now, however long they were away; a reply that was held answers nobody.
const commitTurn = `
WITH done AS (
	UPDATE inbox SET done_at = $9, error = NULL WHERE id = $2 AND num_nulls(done_at, parked_at) = 2 RETURNING 1
), remembered AS (
	UPDATE conversation SET version = $3, stamp = $4, flows_version = $5, checkpoint = $6,
		last_inbound_at = CASE WHEN $7 THEN greatest(last_inbound_at, $8) ELSE last_inbound_at END
	WHERE id = $1
), released AS (
	UPDATE outbox SET status = CASE class WHEN 0 THEN 'dropped' ELSE 'queued' END, class = 0, error_code = NULL, not_before = $9,
		created_at = CASE class WHEN 0 THEN created_at ELSE $9 END, tries = 0
	WHERE $7 AND conversation_id = $1 AND status = 'held' AND error_code IS DISTINCT FROM 'cap' RETURNING status
), waiting AS (
	UPDATE notice SET status = 'pending', due_at = least(due_at, $9) WHERE $7 AND person_id = $10 AND status = 'waiting' RETURNING 1
), taken AS (
	UPDATE lane SET lease = lease + 1, lease_until = $12
	WHERE $11 AND conversation_id = $1
	  AND (next_at <= $9 OR next_at > $13) AND (lease_until IS NULL OR lease_until <= $9 OR lease_until > $14)
	  AND NOT EXISTS (SELECT FROM outbox WHERE conversation_id = $1 AND status IN ('queued', 'sending', 'unknown'))
	  AND NOT EXISTS (SELECT FROM released WHERE status = 'queued')
	RETURNING lease
), said AS (
	INSERT INTO outbox (inbox_id, seq, conversation_id, class, body, prompt, notice_id, status, tries, not_before, created_at)
	SELECT $2, r.seq, $1, r.class, r.body::jsonb, r.prompt, $18,
		CASE WHEN r.seq = 1 AND taken.lease IS NOT NULL THEN 'sending' ELSE 'queued' END,
		CASE WHEN r.seq = 1 AND taken.lease IS NOT NULL THEN 1 ELSE 0 END, $9, $9
	FROM unnest($15::smallint[], $16::text[], $17::text[]) WITH ORDINALITY AS r (class, body, prompt, seq) LEFT JOIN taken ON true
	RETURNING id, seq
)
SELECT 1 / (SELECT count(*) FROM done)::int, (SELECT lease FROM taken), (SELECT id FROM said WHERE seq = 1), (SELECT count(*) FROM said)::int,
	EXISTS (SELECT FROM released WHERE status = 'queued'), EXISTS (SELECT FROM waiting)`

// rowsOf writes replies as outbox columns. What Souk says unasked is never ahead of an answer.
func rowsOf(replies []flows.Reply, unasked bool) (classes []int16, bodies, prompts []string, err error) {
	for _, reply := range replies {
		if unasked && reply.Class == flows.ClassReply {
			reply.Class = flows.ClassNotice
		}
		body, err := json.Marshal(reply)
		if err != nil {
			return nil, nil, nil, fmt.Errorf("write a reply: %w", err)
		}
		classes = append(classes, int16(reply.Class))
		bodies = append(bodies, string(body))
		prompts = append(prompts, reply.Prompt)
	}
	return classes, bodies, prompts, nil
}

// notice returns the id of the notice that the claimed row is about, nil for any other row.
func (c *claim) notice() *int64 {
	if !c.row.Internal || c.row.Source != fromNotice {
		return nil
	}
	var n note
	if json.Unmarshal(c.row.Body, &n) != nil || n.Notice == 0 {
		return nil
	}
	return &n.Notice
}

func queueTimers(batch *pgx.Batch, conversation int64, timers []flows.Timer) {
	for _, timer := range timers {
		if timer.DueAt.IsZero() {
			batch.Queue(`DELETE FROM timer WHERE conversation_id = $1 AND name = $2`, conversation, timer.Name)
			continue
		}
		batch.Queue(`INSERT INTO timer (conversation_id, name, due_at) VALUES ($1, $2, $3)
			ON CONFLICT (conversation_id, name) DO UPDATE SET due_at = excluded.due_at`, conversation, timer.Name, timer.DueAt)
	}
}

// queueNotice ends a notice that was said, or puts one back that found the conversation busy.
func queueNotice(batch *pgx.Batch, notice int64, requeue time.Duration, now time.Time) {
	if requeue > 0 {
		batch.Queue(`UPDATE notice SET status = 'pending', due_at = $2 WHERE id = $1 AND status = 'routed'`, notice, now.Add(requeue))
		return
	}
	batch.Queue(`UPDATE notice SET status = 'done' WHERE id = $1 AND status = 'routed'`, notice)
}
