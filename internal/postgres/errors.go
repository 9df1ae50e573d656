package postgres

import (
	"errors"
	"io"
	"net"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
)

// SQLSTATEs that the code asks about by name.
const (
	codeUniqueViolation  = "23505"
	codeLockNotAvailable = "55P03"
	codeQueryCanceled    = "57014"
)

// Code returns the SQLSTATE of err, or "" when the server did not say one.
func Code(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code
	}
	return ""
}

// Unique reports whether err is a violation of the unique constraint or index of that name.
func Unique(err error, constraint string) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == codeUniqueViolation && pg.ConstraintName == constraint
}

// Retryable reports whether err says something about the moment and not about the work: the server is away or going
// away, it lacks room, or another transaction was in the way. Whoever meets one backs off and counts it for nothing.
//
// These are SQLSTATE classes 08 (connection), 40 (rolled back: serialization, deadlock), 53 (resources), 57 (operator)
// except 57014, the code 55P03 (lock not available), and the loss of the connection. A statement that ran into its
// timeout (57014) or a transaction left idle (25P03) is a fault of the work, and so is a context that is over.
func Retryable(err error) bool {
	if code := Code(err); len(code) == 5 {
		switch code[:2] {
		case "08", "40", "53":
			return true
		case "57":
			return code != codeQueryCanceled
		}
		return code == codeLockNotAvailable
	}
	return lost(err)
}

// lost reports whether the connection could not be made or broke.
func lost(err error) bool {
	var connect *pgconn.ConnectError
	var network *net.OpError
	return errors.As(err, &connect) ||
		errors.As(err, &network) ||
		errors.Is(err, pgconn.ErrConnClosed) ||
		errors.Is(err, io.EOF) ||
		errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, syscall.EPIPE)
}
