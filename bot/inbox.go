package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"souk/internal/failpoint"
)

// outcome says what became of an update.
type outcome int

const (
	stored     outcome = iota
	duplicate          // it stands in the inbox already
	unreadable         // stored without a conversation, and parked
)

// births bounds how often an update waits for its conversation to be born by somebody else.
const births = 20

// store writes one update to the inbox. When the sender is new, their address, conversation and lane are born first; an
// existing conversation is never changed here.
func (g *Gateway) store(ctx context.Context, in Incoming) (conversation int64, _ outcome, err error) {
	now := g.Clock.Now()
	if !storable(in.ProviderID) {
		sum := sha256.Sum256(in.Body)
		in.ProviderID = "sha256/" + hex.EncodeToString(sum[:])
	}
	if !storable(in.ExternalID) || g.channel(in.Account) == nil {
		return 0, unreadable, g.storeUnreadable(ctx, in, now)
	}
	for try := range births {
		failpoint.Hit("inbox.before_commit")
		err := g.Pool.QueryRow(ctx, insertInbox, in.Account, in.ExternalID, in.ProviderID, in.Channel, in.Body, now).Scan(&conversation)
		if err == nil {
			return conversation, stored, nil
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			return 0, 0, fmt.Errorf("insert into inbox: %w", err)
		}
		// No row: it is there already, or the conversation is not.
		var there bool
		if err := g.Pool.QueryRow(ctx, findInbox, in.Account, in.ProviderID).Scan(&there); err != nil {
			return 0, 0, fmt.Errorf("look for a duplicate: %w", err)
		}
		if there {
			return 0, duplicate, nil
		}
		if try > 0 {
			g.metrics.births.Inc()
		}
		if _, err := g.Pool.Exec(ctx, bear, in.Channel, in.Account, in.ExternalID, now); err != nil {
			return 0, 0, fmt.Errorf("begin a conversation: %w", err)
		}
	}
	return 0, 0, errors.New("the conversation is not there, however often it is begun")
}

// One statement, committed by itself: the row is durable when it returns.
const insertInbox = `
INSERT INTO inbox (account, provider_id, conversation_id, source, body, received_at)
SELECT $1, $3, c.id, $4, $5, $6
FROM address a JOIN conversation c ON c.id = a.id
WHERE a.account = $1 AND a.external_id = $2
ON CONFLICT (account, provider_id) DO NOTHING
RETURNING conversation_id`

const findInbox = `SELECT EXISTS (SELECT FROM inbox WHERE account = $1 AND provider_id = $2)`

// bear makes what is missing of an address, its conversation and its lane. Of several at once, one makes each; the others see
// it at their next try.
const bear = `
WITH made AS (
	INSERT INTO address (channel, account, external_id, created_at) VALUES ($1, $2, $3, $4)
	ON CONFLICT (account, external_id) DO NOTHING RETURNING id
), found AS (
	SELECT id FROM made UNION SELECT id FROM address WHERE account = $2 AND external_id = $3
), conversing AS (
	INSERT INTO conversation (id) SELECT id FROM found ON CONFLICT DO NOTHING
)
INSERT INTO lane (conversation_id) SELECT id FROM found ON CONFLICT DO NOTHING`

// storeUnreadable keeps what nobody can be made out of: an operator may look at it, and the provider stops repeating it.
func (g *Gateway) storeUnreadable(ctx context.Context, in Incoming, now time.Time) error {
	if !storable(in.Account) {
		in.Account = "unknown"
	}
	if !storable(in.Channel) {
		in.Channel = "unknown"
	}
	if _, err := g.Pool.Exec(ctx, parkUnreadable, in.Account, in.ProviderID, in.Channel, in.Body, now); err != nil {
		return fmt.Errorf("park an unreadable update: %w", err)
	}
	return nil
}

const parkUnreadable = `
INSERT INTO inbox (account, provider_id, source, body, received_at, parked_at, error)
VALUES ($1, $2, $3, $4, $5, $5, 'unreadable')
ON CONFLICT (account, provider_id) DO NOTHING`

// storable says whether a provider's id fits a column.
func storable(id string) bool {
	return id != "" && len(id) <= 80 && utf8.ValidString(id) && !strings.ContainsRune(id, 0)
}
