package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Begun is the transaction that is open on conn because a batch began it: pgx's own Begin costs a round trip, and here BEGIN
// travels with the first statements. The caller commits in a batch too, or by Commit. Begin makes a savepoint.
//
// Rollback may be called after a commit; it then does nothing.
func Begun(conn *pgx.Conn) pgx.Tx { return &begun{conn: conn} }

type begun struct {
	conn   *pgx.Conn
	name   string // of the savepoint, "" for the transaction itself
	depth  int
	closed bool
}

func (t *begun) Begin(ctx context.Context) (pgx.Tx, error) {
	inner := &begun{conn: t.conn, depth: t.depth + 1, name: fmt.Sprintf("begun_%d", t.depth+1)}
	if _, err := t.conn.Exec(ctx, "savepoint "+inner.name); err != nil {
		return nil, err
	}
	return inner, nil
}

func (t *begun) Commit(ctx context.Context) error {
	if t.closed {
		return pgx.ErrTxClosed
	}
	t.closed = true
	if t.name != "" {
		_, err := t.conn.Exec(ctx, "release savepoint "+t.name)
		return err
	}
	tag, err := t.conn.Exec(ctx, "commit")
	if err == nil && tag.String() == "ROLLBACK" {
		err = pgx.ErrTxCommitRollback
	}
	return err
}

func (t *begun) Rollback(ctx context.Context) error {
	if t.closed {
		return pgx.ErrTxClosed
	}
	t.closed = true
	if t.name != "" {
		_, err := t.conn.Exec(ctx, "rollback to savepoint "+t.name+"; release savepoint "+t.name)
		return err
	}
	if t.conn.IsClosed() || t.conn.PgConn().TxStatus() == 'I' {
		return nil
	}
	_, err := t.conn.Exec(ctx, "rollback")
	return err
}

func (t *begun) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	return t.conn.Exec(ctx, sql, args...)
}

func (t *begun) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return t.conn.Query(ctx, sql, args...)
}

func (t *begun) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return t.conn.QueryRow(ctx, sql, args...)
}

func (t *begun) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	return t.conn.SendBatch(ctx, b)
}

func (t *begun) CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, source pgx.CopyFromSource) (int64, error) {
	return t.conn.CopyFrom(ctx, table, columns, source)
}

func (t *begun) Prepare(ctx context.Context, name, sql string) (*pgconn.StatementDescription, error) {
	return t.conn.Prepare(ctx, name, sql)
}

// LargeObjects is there because pgx.Tx asks for it: Souk keeps none, and pgx offers no way to make one for this transaction.
func (t *begun) LargeObjects() pgx.LargeObjects { panic("postgres: Begun has no large objects") }

func (t *begun) Conn() *pgx.Conn { return t.conn }
