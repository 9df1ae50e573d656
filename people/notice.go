package people

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/rows"
)

// Mode says whether a notice may interrupt.
type Mode string

// The modes of a notice.
const (
	Tell Mode = "tell" // said at once; keeps state and prompt
	Ask  Mode = "ask"  // waits until the conversation rests
)

// Timing says when a notice may be said.
type Timing string

// The timings of a notice.
const (
	Now          Timing = "now"
	AllowedHours Timing = "allowed_hours" // nights and Friday noon wait, in the person's own time zone
)

// Notice is what a domain wants somebody to hear. The words are made in flows, from Name and Args.
type Notice struct {
	PersonID  int64
	Name      string         // "order.new"
	Args      map[string]any // ids, codes and numbers, as JSON keeps them
	Mode      Mode           // Tell where empty
	Timing    Timing         // Now where empty
	Dedupe    string         // one notice per value, for ever: "order.new/17/3"
	DueAt     time.Time      // not before; zero: now
	ExpiresAt time.Time      // of no use after; zero: never
}

// Notify writes a notice in the domain's own transaction; a notice whose Dedupe stands already is left as it is. The gateway
// routes it once it is due. A notice for allowed hours is due at the first allowed instant.
func Notify(ctx context.Context, tx pgx.Tx, notice Notice, now time.Time) error {
	if notice.Dedupe == "" || notice.Name == "" {
		return fmt.Errorf("notify person %d: a notice needs a name and a dedupe key", notice.PersonID)
	}
	if notice.Mode == "" {
		notice.Mode = Tell
	}
	if notice.Timing == "" {
		notice.Timing = Now
	}
	if notice.Args == nil {
		notice.Args = map[string]any{}
	}
	if notice.DueAt.IsZero() {
		notice.DueAt = now
	}
	if notice.Timing == AllowedHours {
		person, err := Load(ctx, tx, notice.PersonID)
		if err != nil {
			return fmt.Errorf("notify: %w", err)
		}
		notice.DueAt = AllowedAt(notice.DueAt, person.TimeZone)
	}
	var expires *time.Time
	if !notice.ExpiresAt.IsZero() {
		expires = &notice.ExpiresAt
	}
	_, err := rows.Exec(ctx, tx, "notify", writeNotice, rows.Args{"person": notice.PersonID, "name": notice.Name, "args": notice.Args,
		"mode": string(notice.Mode), "timing": string(notice.Timing), "dedupe": notice.Dedupe, "due": notice.DueAt, "expires": expires, "now": now})
	return err
}

const writeNotice = `INSERT INTO notice (person_id, name, args, mode, timing, dedupe, due_at, expires_at, created_at)
	VALUES (@person, @name, @args, @mode, @timing, @dedupe, @due, @expires, @now) ON CONFLICT (dedupe) DO NOTHING`
