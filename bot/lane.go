package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/flows"
	"souk/internal/postgres"
)

// job is one message on its way: part of an outbox row, with the lane of its address leased to whoever holds the job. A lease is
// never held in a transaction, and only its holder may mark the row.
type job struct {
	conversation int64
	account      string
	lease        int64
	until        time.Time // the lease's end
	out          Outgoing
	part         int // messages of the row that left before
	class        flows.Class
	tries        int
	notice       int64 // 0: it belongs to no notice
	// maybeSent says that an earlier try may have been accepted: look before sending.
	maybeSent  bool
	unanswered bool // … because the provider did not answer, not because the sender died
	blind      bool // … and the provider offers no look-up
	direct     bool // taken by the turn's own commit, right after the person spoke: the address need not be looked at

	// What is known of the address, where not direct.
	lastInbound      *time.Time
	stopped, blocked *time.Time
	sentToday        int    // segments of SMS; where their number is not known, messages
	zone             string // of the person, for a notice that waits for allowed hours; "" for anything else
}

// laneRow is what claimLanes returns: the head of one lane.
type laneRow struct {
	Conversation int64
	Lease        *int64 // nil: not due yet
	DueAt        time.Time
	OutboxID     int64
	Class        int16
	Status       string
	Part         int
	Tries        int
	Code         string
	Notice       int64
	Body         []byte
	CreatedAt    time.Time
	Account      string
	ExternalID   string
	LastInbound  *time.Time
	Stopped      *time.Time
	Blocked      *time.Time
	SentToday    int
	Zone         string
}

const lockLanes = `SELECT conversation_id FROM lane WHERE conversation_id = ANY ($1) ORDER BY conversation_id FOR NO KEY UPDATE`

const lockFreeLanes = `
SELECT conversation_id FROM lane
WHERE conversation_id = ANY ($1) AND (lease_until IS NULL OR lease_until <= $2 OR lease_until > $3)
ORDER BY conversation_id FOR NO KEY UPDATE SKIP LOCKED`

// claimLanes takes the head of each lane that is free and due, and tells when the others are. The lanes must be locked by an
// earlier statement: this one then sees all that their last holders marked. A row of which a part has left goes first, then
// replies, then notices, then broadcasts. A row found as "sending" was its dead holder's: it may have been sent.
//
// $1 lanes, $2 now, $3 the lease's end, $4 the farthest believable pause, $5 the farthest believable lease, $6 today.
const claimLanes = `
WITH head AS (
	SELECT DISTINCT ON (o.conversation_id) o.id, o.conversation_id, o.class, o.status, o.part, o.tries, o.error_code, o.notice_id, o.body, o.created_at,
		greatest(CASE WHEN o.not_before <= $4 THEN o.not_before END, CASE WHEN l.next_at <= $4 THEN l.next_at END, o.created_at - interval '1 day') AS due_at
	FROM lane l JOIN outbox o ON o.conversation_id = l.conversation_id
	WHERE l.conversation_id = ANY ($1) AND (l.lease_until IS NULL OR l.lease_until <= $2 OR l.lease_until > $5)
	  AND o.status IN ('queued', 'sending', 'unknown')
	ORDER BY o.conversation_id, o.part = 0, o.class, o.id
), taken AS (
	UPDATE lane l SET lease = l.lease + 1, lease_until = $3
	FROM head h WHERE l.conversation_id = h.conversation_id AND h.due_at <= $2
	RETURNING l.conversation_id, l.lease
), marked AS (
	UPDATE outbox o SET status = CASE o.status WHEN 'queued' THEN 'sending' ELSE 'unknown' END, tries = o.tries + 1
	FROM head h JOIN taken t USING (conversation_id) WHERE o.id = h.id
)
SELECT h.conversation_id, t.lease, h.due_at, h.id, h.class, h.status, h.part, h.tries + 1, COALESCE(h.error_code, ''), COALESCE(h.notice_id, 0),
	h.body, h.created_at, a.account, a.external_id, c.last_inbound_at, a.stopped_at, a.blocked_at, COALESCE(greatest(u.messages, u.segments), 0),
	COALESCE(p.time_zone, '')
FROM head h JOIN address a ON a.id = h.conversation_id JOIN conversation c ON c.id = h.conversation_id
LEFT JOIN taken t ON t.conversation_id = h.conversation_id
LEFT JOIN sms_usage u ON u.conversation_id = h.conversation_id AND u.day = $6
LEFT JOIN notice n ON n.id = h.notice_id AND n.timing = 'allowed_hours' LEFT JOIN person p ON p.id = n.person_id
ORDER BY h.class, h.id`

// claimLanes takes what is due in the lanes of these conversations. due says when the heads of the other lanes are.
func (g *Gateway) claimLanes(ctx context.Context, conversations []int64) (jobs []job, due map[int64]time.Time, err error) {
	now := g.Clock.Now()
	err = postgres.Tx(ctx, g.Pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, lockFreeLanes, conversations, now, now.Add(2*leaseFor))
		if err != nil {
			return fmt.Errorf("lock lanes: %w", err)
		}
		free, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil {
			return fmt.Errorf("lock lanes: %w", err)
		}
		if len(free) == 0 {
			return nil
		}
		rows, err = tx.Query(ctx, claimLanes, claimArgs(free, now)...)
		if err != nil {
			return fmt.Errorf("claim lanes: %w", err)
		}
		jobs, due, err = jobsOf(rows, now)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return jobs, due, nil
}

func claimArgs(lanes []int64, now time.Time) []any {
	return []any{lanes, now, now.Add(leaseFor), now.Add(longestPause), now.Add(2 * leaseFor), now.UTC()}
}

// jobsOf reads the rows of claimLanes.
func jobsOf(rows pgx.Rows, now time.Time) ([]job, map[int64]time.Time, error) {
	heads, err := pgx.CollectRows(rows, pgx.RowToStructByPos[laneRow])
	if err != nil {
		return nil, nil, fmt.Errorf("claim lanes: %w", err)
	}
	var jobs []job
	due := map[int64]time.Time{}
	for _, h := range heads {
		if h.Lease == nil {
			due[h.Conversation] = h.DueAt
			continue
		}
		var reply flows.Reply
		if err := json.Unmarshal(h.Body, &reply); err != nil {
			return nil, nil, fmt.Errorf("read outbox row %d: %w", h.OutboxID, err)
		}
		jobs = append(jobs, job{
			conversation: h.Conversation, account: h.Account, lease: *h.Lease, until: now.Add(leaseFor),
			out:  Outgoing{OutboxID: h.OutboxID, ExternalID: h.ExternalID, Reply: reply, CreatedAt: h.CreatedAt},
			part: h.Part, class: flows.Class(h.Class), tries: h.Tries, notice: h.Notice,
			maybeSent: h.Status != "queued", unanswered: h.Code == codeUnanswered,
			lastInbound: h.LastInbound, stopped: h.Stopped, blocked: h.Blocked, sentToday: h.SentToday, zone: h.Zone,
		})
	}
	return jobs, due, nil
}

// LaneStep wakes the lanes in which something is due and that nobody holds: what a process left behind, and pauses that ended.
func (g *Gateway) LaneStep(ctx context.Context) error {
	return g.sweepLanes(ctx, g.Clock.Now().Add(-sweepAfter))
}

func (g *Gateway) sweepLanes(ctx context.Context, before time.Time) error {
	now := g.Clock.Now()
	rows, err := g.Pool.Query(ctx, sweepOutbox, before, now, now.Add(longestPause), now.Add(2*leaseFor), g.accounts(), sweepLimit)
	if err != nil {
		return fmt.Errorf("look for lanes that are due: %w", err)
	}
	type lane struct {
		Account      string
		Conversation int64
	}
	lanes, err := pgx.CollectRows(rows, pgx.RowToStructByPos[lane])
	if err != nil {
		return fmt.Errorf("look for lanes that are due: %w", err)
	}
	for _, l := range lanes {
		g.senders[l.Account].wakes.add(l.Conversation)
	}
	return nil
}

// The first condition is word for word that of the index by age.
const sweepOutbox = `
SELECT account, conversation_id FROM (
	SELECT a.account, o.conversation_id, o.class, o.id FROM outbox o
	JOIN lane l ON l.conversation_id = o.conversation_id JOIN address a ON a.id = o.conversation_id
	WHERE CASE o.status WHEN 'queued' THEN true WHEN 'sending' THEN true WHEN 'unknown' THEN true ELSE false END AND (o.not_before <= $1 OR o.not_before > $3)
	  AND (l.next_at <= $2 OR l.next_at > $3) AND (l.lease_until IS NULL OR l.lease_until <= $2 OR l.lease_until > $4)
	  AND a.account = ANY ($5)
	ORDER BY o.class, o.not_before LIMIT $6
) AS due GROUP BY account, conversation_id ORDER BY min(class), min(id)`
