package bot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// WaitingWord is something that could not be said yet. It carries no personal data: operators look a person up by its ids.
type WaitingWord struct {
	Name    string // the notice's name, or "reply"
	ID      int64  // of the notice, or of the outbox row
	Channel string // where it is held; "" for a notice that has no way at all
	Reason  string
	Since   time.Time
}

// Waiting lists what waits to be said, the longest waiting first: notices without a way, and what is held until its person
// writes again, a day's cap or the night ends.
func Waiting(ctx context.Context, tx pgx.Tx, limit int) ([]WaitingWord, error) {
	rows, err := tx.Query(ctx, waitingWords, limit)
	if err != nil {
		return nil, fmt.Errorf("list what waits to be said: %w", err)
	}
	words, err := pgx.CollectRows(rows, pgx.RowToStructByName[WaitingWord])
	if err != nil {
		return nil, fmt.Errorf("list what waits to be said: %w", err)
	}
	return words, nil
}

const waitingWords = `
SELECT name, id, '' AS channel, reason, created_at AS since FROM notice WHERE status = 'waiting'
UNION ALL
SELECT coalesce(n.name, 'reply'), o.id, a.channel, coalesce(nullif(o.error_code, ''), 'until they write again'), o.created_at
  FROM outbox o JOIN address a ON a.id = o.conversation_id LEFT JOIN notice n ON n.id = o.notice_id
 WHERE o.status = 'held'
 ORDER BY since, id LIMIT $1`

// ParkedMessage is an inbox row that was given up on.
type ParkedMessage struct {
	ID             int64
	Account        string
	ConversationID int64 // 0 for an update that could not be decoded
	Error          string
	At             time.Time
}

// ParkedMessages lists what was given up on, the newest first.
func ParkedMessages(ctx context.Context, tx pgx.Tx, limit int) ([]ParkedMessage, error) {
	rows, err := tx.Query(ctx, parkedMessages, limit)
	if err != nil {
		return nil, fmt.Errorf("list parked messages: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[ParkedMessage])
	if err != nil {
		return nil, fmt.Errorf("list parked messages: %w", err)
	}
	return list, nil
}

const parkedMessages = `
SELECT id, account, coalesce(conversation_id, 0) AS conversation_id, coalesce(error, '') AS error, parked_at AS at
  FROM inbox WHERE parked_at IS NOT NULL ORDER BY parked_at DESC, id DESC LIMIT $1`

// ErrNotParked says that there is no parked message with that id that could be tried again.
var ErrNotParked = errors.New("no parked message has that number, or it belongs to no conversation")

// Unpark lets a parked message be tried again, after whatever broke it was mended: the sweep finds it within a second or two.
// Its sender has meanwhile gone on, so it takes effect where the conversation stands then.
func Unpark(ctx context.Context, tx pgx.Tx, inboxID int64) error {
	tag, err := tx.Exec(ctx, `
UPDATE inbox SET parked_at = NULL, tries = 0, error = NULL
 WHERE id = $1 AND parked_at IS NOT NULL AND done_at IS NULL AND conversation_id IS NOT NULL`, inboxID)
	if err != nil {
		return fmt.Errorf("unpark message %d: %w", inboxID, err)
	}
	if tag.RowsAffected() == 0 {
		return fmt.Errorf("message %d: %w", inboxID, ErrNotParked)
	}
	return nil
}
