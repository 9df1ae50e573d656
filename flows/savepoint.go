package flows

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// savepoint is a transaction within the turn's own that begins at its first statement: an action that touches no row costs no
// round trip.
type savepoint struct {
	pgx.Tx         // the turn's
	inner   pgx.Tx // nil until something was said to it
	touched func() // hears of each statement
}

func (s *savepoint) begin(ctx context.Context) (pgx.Tx, error) {
	s.touched()
	if s.inner == nil {
		inner, err := s.Tx.Begin(ctx)
		if err != nil {
			return nil, fmt.Errorf("begin an action's savepoint: %w", err)
		}
		s.inner = inner
	}
	return s.inner, nil
}

func (s *savepoint) keep(ctx context.Context) error {
	if s == nil || s.inner == nil {
		return nil
	}
	if err := s.inner.Commit(ctx); err != nil {
		return fmt.Errorf("release an action's savepoint: %w", err)
	}
	return nil
}

func (s *savepoint) undo(ctx context.Context) error {
	if s == nil || s.inner == nil {
		return nil
	}
	if err := s.inner.Rollback(ctx); err != nil {
		return fmt.Errorf("undo an action: %w", err)
	}
	return nil
}

func (s *savepoint) Begin(ctx context.Context) (pgx.Tx, error) {
	tx, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	return tx.Begin(ctx)
}

func (s *savepoint) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	tx, err := s.begin(ctx)
	if err != nil {
		return pgconn.CommandTag{}, err
	}
	return tx.Exec(ctx, sql, args...)
}

func (s *savepoint) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	tx, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	return tx.Query(ctx, sql, args...)
}

func (s *savepoint) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	tx, err := s.begin(ctx)
	if err != nil {
		return failedRow{err}
	}
	return tx.QueryRow(ctx, sql, args...)
}

func (s *savepoint) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	tx, err := s.begin(ctx)
	if err != nil {
		return failedBatch{err}
	}
	return tx.SendBatch(ctx, b)
}

func (s *savepoint) CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error) {
	tx, err := s.begin(ctx)
	if err != nil {
		return 0, err
	}
	return tx.CopyFrom(ctx, table, columns, rows)
}

type failedRow struct{ err error }

func (r failedRow) Scan(...any) error { return r.err }

type failedBatch struct{ err error }

func (b failedBatch) Exec() (pgconn.CommandTag, error) { return pgconn.CommandTag{}, b.err }
func (b failedBatch) Query() (pgx.Rows, error)         { return nil, b.err }
func (b failedBatch) QueryRow() pgx.Row                { return failedRow(b) }
func (b failedBatch) Close() error                     { return b.err }

func (b failedBatch) Tx() pgx.Tx { return nil }
