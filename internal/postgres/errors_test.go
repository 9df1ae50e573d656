package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

func TestRetryable(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]bool{
		"08000": true, "08006": true, // connection
		"40001": true, "40P01": true, // serialization, deadlock
		"53100": true, "53300": true, // disk full, too many connections
		"55P03": true, "55006": false, // lock timeout, object in use
		"57P01": true, "57P02": true, "57P03": true, // shutting down, crashed, starting
		"57014": false, "25P03": false, // a statement or a transaction of ours took too long
		"23505": false, "22001": false, "42601": false, "28P01": false, "3D000": false, "P0001": false,
	} {
		err := fmt.Errorf("place the order: %w", &pgconn.PgError{Code: code})
		if got := Retryable(err); got != want {
			t.Errorf("%s: %v, want %v", code, got, want)
		}
		if got := Code(err); got != code {
			t.Errorf("%s: code %q", code, got)
		}
	}
	for _, err := range []error{
		io.EOF, io.ErrUnexpectedEOF, pgconn.ErrConnClosed, syscall.ECONNRESET,
		&net.OpError{Op: "read", Err: errors.New("broken")},
	} {
		if !Retryable(fmt.Errorf("read: %w", err)) {
			t.Errorf("%v: a lost connection is worth another try", err)
		}
	}
	for _, err := range []error{nil, context.Canceled, context.DeadlineExceeded, pgx.ErrNoRows, errors.New("a nil map")} {
		if Retryable(err) {
			t.Errorf("%v is not worth another try", err)
		}
	}
}

func TestTheHashOfTheMigrationsIsStable(t *testing.T) {
	t.Parallel()
	first, err := MigrationsHash()
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := MigrationsHash(); again != first || len(first) != 64 {
		t.Errorf("%s, then %s", first, again)
	}
}
