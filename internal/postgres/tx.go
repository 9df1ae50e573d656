package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// undoTimeout bounds a rollback. It runs even when the caller's context is over: else pgx closes the connection,
// and a burst of cancelled requests becomes a burst of new backends.
const undoTimeout = 2 * time.Second

// Beginner begins transactions: a pool, a connection, or a transaction (which then makes a savepoint).
type Beginner interface {
	Begin(ctx context.Context) (pgx.Tx, error)
}

// Tx runs do in one transaction and commits it when do returns nil. Any error or panic of do rolls back; the error is
// returned as it is. An error of the commit itself leaves the outcome unknown: what do wrote must be safe to meet again.
func Tx(ctx context.Context, db Beginner, do func(pgx.Tx) error) error {
	return within(ctx, db, "transaction", do)
}

// Savepoint runs do under a savepoint of tx. When do fails or panics, what it wrote is undone and tx goes on.
func Savepoint(ctx context.Context, tx pgx.Tx, do func(pgx.Tx) error) error {
	return within(ctx, tx, "savepoint", do)
}

func within(ctx context.Context, db Beginner, what string, do func(pgx.Tx) error) error {
	tx, err := db.Begin(ctx)
	if err != nil {
		return fmt.Errorf("begin %s: %w", what, err)
	}
	finished := false
	defer func() {
		if !finished { // do panicked, or called runtime.Goexit
			undo(ctx, tx)
		}
	}()
	err = do(tx)
	finished = true
	if err != nil {
		undo(ctx, tx)
		return err
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("commit %s: %w", what, err)
	}
	return nil
}

// undo has no error to return: a rollback that fails closes the connection, and the server rolls back by itself.
func undo(ctx context.Context, tx pgx.Tx) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTimeout)
	defer cancel()
	_ = tx.Rollback(ctx)
}
