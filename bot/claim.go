package bot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/postgres"
)

// claim is a conversation that this transaction holds, with what it has to hear next. The transaction is the lock: there is no
// lease to outlive, and a process that dies lets go.
type claim struct {
	tx           pgx.Tx
	conversation int64
	version      int64
	stamp        int64
	flowsVersion int
	checkpoint   []byte
	channel      string
	account      string
	externalID   string
	blocked      *time.Time // when the address was last found to be blocked
	row          inboxRow
	more         bool // another row waits behind this one
	since        time.Time
}

// inboxRow is the oldest thing that a conversation has not heard yet.
type inboxRow struct {
	ID         int64
	ProviderID string
	Source     string
	Internal   bool
	Body       []byte
	ReceivedAt time.Time
	Tries      int
}

// errLocked says that somebody else has the conversation just now; errNothing that nothing waits there.
var (
	errLocked  = errors.New("the conversation is held elsewhere")
	errNothing = errors.New("nothing is pending")
)

// Two statements, not one: the second must see what was committed before the lock was had. FOR NO KEY UPDATE lets webhooks go on
// inserting rows that refer to the conversation.
const (
	lockConversation = `
SELECT c.version, c.stamp, c.flows_version, c.checkpoint, a.channel, a.account, a.external_id, a.blocked_at
FROM conversation c JOIN address a ON a.id = c.id
WHERE c.id = $1 FOR NO KEY UPDATE OF c SKIP LOCKED`

	// What people say comes before what Souk tells itself. The second row only says that there is one.
	readPending = `
SELECT id, provider_id, source, internal, body, received_at, tries
FROM inbox WHERE conversation_id = $1 AND done_at IS NULL AND parked_at IS NULL
ORDER BY internal, id LIMIT 2`
)

// take begins a transaction on conn and claims the conversation in it, in one round trip. On any error the transaction is over.
func take(ctx context.Context, conn *pgx.Conn, conversation int64) (_ *claim, err error) {
	c := &claim{tx: postgres.Begun(conn), conversation: conversation, since: time.Now()}
	defer func() {
		if err != nil {
			c.undo(ctx)
		}
	}()
	locked := false
	var batch pgx.Batch
	batch.Queue("begin")
	batch.Queue(lockConversation, conversation).QueryRow(func(row pgx.Row) error {
		err := row.Scan(&c.version, &c.stamp, &c.flowsVersion, &c.checkpoint, &c.channel, &c.account, &c.externalID, &c.blocked)
		locked = err == nil
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return err
	})
	var pending []inboxRow
	batch.Queue(readPending, conversation).Query(func(found pgx.Rows) error {
		pending, err = pgx.CollectRows(found, pgx.RowToStructByPos[inboxRow])
		return err
	})
	if err := conn.SendBatch(ctx, &batch).Close(); err != nil {
		return nil, fmt.Errorf("claim conversation %d: %w", conversation, err)
	}
	switch {
	case !locked:
		return nil, errLocked
	case len(pending) == 0:
		return nil, errNothing
	}
	c.row, c.more = pending[0], len(pending) > 1
	return c, nil
}

// undo rolls the claim back, whatever became of ctx: a connection given back in a transaction would be thrown away.
func (c *claim) undo(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	_ = c.tx.Rollback(ctx) // the server rolls back by itself when the connection is gone
}

// heldFor is how long the conversation has been held, by the monotonic clock.
func (c *claim) heldFor() time.Duration { return time.Since(c.since) }
