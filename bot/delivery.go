package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/flows"
	"souk/internal/postgres"
)

// failedTries bounds how often a message is sent again that a carrier took and did not deliver.
const failedTries = 3

// ReceiveDelivery answers 200 to a delivery callback that is applied, or says nothing new; 403 where it is forged; 503 where
// Postgres is away.
func (g *Gateway) ReceiveDelivery(webhook Webhook) http.Handler {
	return g.guarded(func(ctx context.Context, w http.ResponseWriter, r *http.Request, body []byte) {
		d, err := webhook.Deliveries.ReceiveDelivery(r, body)
		if err != nil {
			g.refuse(w, webhook.Name, err)
			return
		}
		if err := g.Deliver(ctx, d); err != nil {
			g.busy(w, "apply a delivery status", err)
			return
		}
		answer(w, webhook)
	})
}

// deliveredRow is the outbox row that a callback is about.
type deliveredRow struct {
	Status    string
	Part      int
	MessageID string
	Class     int16
	Notice    int64
	Body      []byte
	Tries     int
	Account   string
	Leased    bool // its sender is waiting for the provider's answer just now
}

// Deliver applies what a provider says of a message that we sent. Callbacks come in any order, several times, and before the answer
// to the sending: a status only moves up in rank. One about a message whose fate was not known proves that it was taken.
func (g *Gateway) Deliver(ctx context.Context, d Delivery) error {
	if d.OutboxID == 0 || Rank(d.Status) < Rank("sent") {
		return nil
	}
	now := g.Clock.Now()
	var conversation int64
	var row deliveredRow
	err := postgres.Tx(ctx, g.Pool, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `SELECT conversation_id FROM outbox WHERE id = $1`, d.OutboxID).Scan(&conversation)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil // erased since, or never ours
		}
		if err != nil {
			return fmt.Errorf("look for outbox row %d: %w", d.OutboxID, err)
		}
		// The lane first, as everywhere: the row cannot be marked by its sender meanwhile.
		if err := lockLane(ctx, tx, conversation, d.Verdict); err != nil {
			return err
		}
		err = tx.QueryRow(ctx, readDelivered, d.OutboxID, now).Scan(&row.Status, &row.Part, &row.MessageID, &row.Class, &row.Notice,
			&row.Body, &row.Tries, &row.Account, &row.Leased)
		if err != nil {
			return fmt.Errorf("read outbox row %d: %w", d.OutboxID, err)
		}
		return g.applyDelivery(ctx, tx, conversation, row, d, now)
	})
	if err != nil {
		return err
	}
	if s := g.senders[row.Account]; s != nil {
		s.wakes.add(conversation)
	}
	if row.Notice != 0 {
		signal(g.noticed)
	}
	return nil
}

const readDelivered = `
SELECT o.status, o.part, COALESCE(o.provider_message_id, ''), o.class, COALESCE(o.notice_id, 0), o.body, o.tries, a.account,
	l.lease_until IS NOT NULL AND l.lease_until > $2 AND o.status IN ('sending', 'unknown')
FROM outbox o JOIN lane l ON l.conversation_id = o.conversation_id JOIN address a ON a.id = o.conversation_id
WHERE o.id = $1`

func (g *Gateway) applyDelivery(ctx context.Context, tx pgx.Tx, conversation int64, row deliveredRow, d Delivery, now time.Time) error {
	channel := g.channel(row.Account)
	if channel == nil {
		return nil
	}
	var reply flows.Reply
	if err := json.Unmarshal(row.Body, &reply); err != nil {
		return fmt.Errorf("read outbox row %d: %w", d.OutboxID, err)
	}
	g.fill(&reply)
	last := d.Part+1 >= channel.Parts(reply)
	failed := d.Status == "failed" || d.Status == "undelivered"
	open := row.Status == "sending" || row.Status == "unknown" || row.Status == "queued" && row.Part <= d.Part
	switch {
	case Rank(d.Status) <= Rank(row.Status):
		return nil
	case row.Part > d.Part+1, !open && row.MessageID != "" && d.ProviderMessageID != "" && row.MessageID != d.ProviderMessageID:
		return nil // an earlier part, or the other copy of a message that was sent twice
	case row.Leased && d.Status == "sent":
		return nil // its sender is about to say so itself
	case failed && (row.Status == "held" || open && row.Part <= d.Part && row.MessageID != "" && row.MessageID == d.ProviderMessageID):
		return nil // told before: that copy's failure was followed up, and the row waits or goes out anew
	}
	if s := g.senders[row.Account]; s.cap.limits() && !row.Leased && (row.Status == "sending" || row.Status == "unknown") {
		// Its sender never heard that it was taken, and so never counted it.
		if _, err := tx.Exec(ctx, countUsage, []int64{conversation}, now.UTC(), []int32{1}); err != nil {
			return fmt.Errorf("count a message: %w", err)
		}
	}
	next := delivered{id: d.OutboxID, status: d.Status, part: max(row.Part, d.Part+1), message: d.ProviderMessageID, code: d.Code, notBefore: now}
	switch {
	case failed && d.Verdict == RetryAfter && row.Tries <= failedTries && !row.Leased:
		next.status, next.part, next.message, next.notBefore = "queued", d.Part, "", now.Add(min(max(d.Pause, time.Second), longestPause))
		return next.write(ctx, tx, now)
	case failed && d.Verdict == Reroute:
		next.status, next.part = "held", d.Part // it has not been read: when it may leave, it leaves again
	case !failed && !last && row.Leased:
		return nil // its sender goes on with the other parts
	case !failed && !last:
		next.status = "queued"
	}
	if err := next.write(ctx, tx, now); err != nil || !failed {
		return err
	}
	return g.follow(ctx, tx, end{conversation: conversation, outbox: d.OutboxID, notice: row.Notice, class: flows.Class(row.Class),
		status: next.status, code: d.Code, verdict: d.Verdict}, now)
}

// delivered is what a callback makes of an outbox row.
type delivered struct {
	id                    int64
	status, message, code string
	part                  int
	notBefore             time.Time
}

func (d delivered) write(ctx context.Context, tx pgx.Tx, now time.Time) error {
	_, err := tx.Exec(ctx, `
		UPDATE outbox SET status = $2, part = $3, provider_message_id = COALESCE(NULLIF($4, ''), provider_message_id),
			error_code = NULLIF($5, ''), not_before = $6, sent_at = COALESCE(sent_at, $7)
		WHERE id = $1`, d.id, d.status, d.part, d.message, d.code, d.notBefore, now)
	if err != nil {
		return fmt.Errorf("apply a delivery status: %w", err)
	}
	return nil
}
