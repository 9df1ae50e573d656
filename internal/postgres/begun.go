package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Begun is the transaction that is open on conn because a batch began it: pgx's own Begin costs a round trip, and here BEGIN
// travels with the first statements. The caller commits in a batch too, or by Commit.
//
// Rollback may be called after a commit; it then does nothing.
func Begun(conn *pgx.Conn) pgx.Tx { return &begun{conn: conn, savepoints: new(int)} }

type begun struct {
	conn   *pgx.Conn
	name   string // of the savepoint, "" for the transaction itself
	closed bool
	unsaid bool // a savepoint that the server has not heard of
	// savepoints counts those of the whole transaction: each has a name of its own, so that none is taken for another that still stands.
	savepoints *int
}

// Begin makes a savepoint. It is said to the server together with the first statement under it, so it costs no round trip of its own,
// and one that nothing is said under costs nothing.
func (t *begun) Begin(ctx context.Context) (pgx.Tx, error) {
	if err := t.open(ctx); err != nil {
		return nil, err
	}
	*t.savepoints++
	return &begun{conn: t.conn, name: fmt.Sprintf("begun_%d", *t.savepoints), unsaid: true, savepoints: t.savepoints}, nil
}

// open says a savepoint that is still to be said, by itself.
func (t *begun) open(ctx context.Context) error {
	if !t.unsaid {
		return nil
	}
	t.unsaid = false
	_, err := t.conn.Exec(ctx, "savepoint "+t.name)
	return err
}

// Commit of a savepoint says nothing to the server: its work is the transaction's own once nobody rolls back to it.
func (t *begun) Commit(ctx context.Context) error {
	if t.closed {
		return pgx.ErrTxClosed
	}
	t.closed = true
	if t.name != "" {
		if t.conn.PgConn().TxStatus() == 'E' {
			return pgx.ErrTxCommitRollback
		}
		return nil
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
	if t.unsaid {
		return nil
	}
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
	if !t.unsaid {
		return t.conn.Exec(ctx, sql, args...)
	}
	results := t.first(ctx, sql, args)
	tag, err := results.Exec()
	if closing := results.Close(); err == nil {
		err = closing
	}
	return tag, err
}

func (t *begun) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if !t.unsaid {
		return t.conn.Query(ctx, sql, args...)
	}
	results := t.first(ctx, sql, args)
	rows, err := results.Query()
	if err != nil {
		_ = results.Close() // it says the same
		return rows, err
	}
	return &firstRows{Rows: rows, results: results}, nil
}

func (t *begun) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	if !t.unsaid {
		return t.conn.QueryRow(ctx, sql, args...)
	}
	rows, err := t.Query(ctx, sql, args...)
	return firstRow{rows, err}
}

func (t *begun) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	if !t.unsaid {
		return t.conn.SendBatch(ctx, b)
	}
	t.unsaid = false
	var both pgx.Batch
	both.Queue("savepoint " + t.name)
	both.QueuedQueries = append(both.QueuedQueries, b.QueuedQueries...)
	results := t.conn.SendBatch(ctx, &both)
	// Whoever closes the results without reading them has the queued functions called, in order; whoever reads them begins at their own.
	return &firstBatch{BatchResults: results}
}

// first sends the savepoint and one statement, and returns the results from the statement's on.
func (t *begun) first(ctx context.Context, sql string, args []any) pgx.BatchResults {
	var one pgx.Batch
	one.Queue(sql, args...)
	return t.SendBatch(ctx, &one)
}

// firstBatch skips the result of the savepoint before the first one that is read.
type firstBatch struct {
	pgx.BatchResults
	skipped bool
}

func (b *firstBatch) skip() error {
	if b.skipped {
		return nil
	}
	b.skipped = true
	_, err := b.BatchResults.Exec()
	return err
}

func (b *firstBatch) Exec() (pgconn.CommandTag, error) {
	if err := b.skip(); err != nil {
		return pgconn.CommandTag{}, err
	}
	return b.BatchResults.Exec()
}

func (b *firstBatch) Query() (pgx.Rows, error) {
	err := b.skip()
	rows, queried := b.BatchResults.Query()
	if err != nil {
		queried = err
	}
	return rows, queried
}

func (b *firstBatch) QueryRow() pgx.Row {
	rows, err := b.Query()
	return firstRow{rows, err}
}

// firstRows ends the batch that they came with when they end.
type firstRows struct {
	pgx.Rows
	results pgx.BatchResults
	err     error
	closed  bool
}

func (r *firstRows) Next() bool {
	if r.Rows.Next() {
		return true
	}
	r.Close()
	return false
}

func (r *firstRows) Close() {
	r.Rows.Close()
	if !r.closed {
		r.closed = true
		r.err = r.results.Close()
	}
}

func (r *firstRows) Err() error {
	if err := r.Rows.Err(); err != nil {
		return err
	}
	return r.err
}

// firstRow is the one row of Rows, as pgx's own QueryRow reads it.
type firstRow struct {
	rows pgx.Rows
	err  error
}

func (r firstRow) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	defer r.rows.Close()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return pgx.ErrNoRows
	}
	if err := r.rows.Scan(dest...); err != nil {
		return err
	}
	r.rows.Close()
	return r.rows.Err()
}

func (t *begun) CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, source pgx.CopyFromSource) (int64, error) {
	if err := t.open(ctx); err != nil {
		return 0, err
	}
	return t.conn.CopyFrom(ctx, table, columns, source)
}

func (t *begun) Prepare(ctx context.Context, name, sql string) (*pgconn.StatementDescription, error) {
	return t.conn.Prepare(ctx, name, sql)
}

// LargeObjects is there because pgx.Tx asks for it: Souk keeps none, and pgx offers no way to make one for this transaction.
func (t *begun) LargeObjects() pgx.LargeObjects { panic("postgres: Begun has no large objects") }

func (t *begun) Conn() *pgx.Conn { return t.conn }
