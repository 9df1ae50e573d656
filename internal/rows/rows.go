// Package rows runs one statement with named arguments and collects what it returns into structs, by column name. A missing
// argument is an error (pgx.NamedArgs would pass NULL), and every error says what was being done.
package rows

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Args are the statement's arguments by name, without the @.
type Args = pgx.StrictNamedArgs

// Querier is a transaction, a connection or a pool.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// All returns every row of the statement; what it was doing stands in the error.
func All[T any](ctx context.Context, q Querier, doing, sql string, args Args) ([]T, error) {
	found, err := collect(ctx, q, sql, args, pgx.RowToStructByName[T])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	return found, nil
}

// One returns the only row. No row is pgx.ErrNoRows, wrapped.
func One[T any](ctx context.Context, q Querier, doing, sql string, args Args) (T, error) {
	row, found, err := Maybe[T](ctx, q, doing, sql, args)
	if err == nil && !found {
		err = fmt.Errorf("%s: %w", doing, pgx.ErrNoRows)
	}
	return row, err
}

// Maybe returns the only row, and whether there is one.
func Maybe[T any](ctx context.Context, q Querier, doing, sql string, args Args) (row T, found bool, err error) {
	result, err := q.Query(ctx, sql, args)
	if err == nil {
		row, err = pgx.CollectExactlyOneRow(result, pgx.RowToStructByName[T])
	}
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return row, false, nil
	case err != nil:
		return row, false, fmt.Errorf("%s: %w", doing, err)
	}
	return row, true, nil
}

// Values returns the statement's only column.
func Values[T any](ctx context.Context, q Querier, doing, sql string, args Args) ([]T, error) {
	found, err := collect(ctx, q, sql, args, pgx.RowTo[T])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	return found, nil
}

// Value returns the only column of the only row, and whether there is one.
func Value[T any](ctx context.Context, q Querier, doing, sql string, args Args) (value T, found bool, err error) {
	result, err := q.Query(ctx, sql, args)
	if err == nil {
		value, err = pgx.CollectExactlyOneRow(result, pgx.RowTo[T])
	}
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return value, false, nil
	case err != nil:
		return value, false, fmt.Errorf("%s: %w", doing, err)
	}
	return value, true, nil
}

// Exec runs the statement and returns how many rows it touched.
func Exec(ctx context.Context, q Querier, doing, sql string, args Args) (int64, error) {
	tag, err := q.Exec(ctx, sql, args)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", doing, err)
	}
	return tag.RowsAffected(), nil
}

func collect[T any](ctx context.Context, q Querier, sql string, args Args, scan pgx.RowToFunc[T]) ([]T, error) {
	result, err := q.Query(ctx, sql, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(result, scan)
}
