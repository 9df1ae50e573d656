package people

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/rows"
)

// Address is where people are reached on one channel. Its id is also its conversation's.
type Address struct {
	ID          int64
	PersonID    int64 // who speaks there by default; 0 before the first turn
	Channel     string
	Account     string // ours
	ExternalID  string // theirs: a chat's id, a number in E.164
	ProfileName string // as the channel shows it
	ConsentedAt *time.Time
	StoppedAt   *time.Time
	BlockedAt   *time.Time
	CreatedAt   time.Time
}

// Reachable says whether the address may be written to at all: somebody wrote to us there, or started again, and neither stopped
// nor blocked us since. Windows, caps and hours are the gateway's to check.
func (a Address) Reachable() bool {
	return a.ConsentedAt != nil && a.StoppedAt == nil && a.BlockedAt == nil
}

const addressColumns = `id, COALESCE(person_id, 0) AS person_id, channel, account, external_id, COALESCE(profile_name, '') AS profile_name,
	consented_at, stopped_at, blocked_at, created_at`

// LoadAddress returns an address; pgx.ErrNoRows, wrapped, where there is none.
func LoadAddress(ctx context.Context, tx pgx.Tx, addressID int64) (Address, error) {
	return rows.One[Address](ctx, tx, "load address", loadAddress, rows.Args{"id": addressID})
}

const loadAddress = `SELECT ` + addressColumns + ` FROM address WHERE id = @id`

// Addresses returns every address that a person speaks at, their own first.
func Addresses(ctx context.Context, tx pgx.Tx, personID int64) ([]Address, error) {
	return rows.All[Address](ctx, tx, "list addresses", listAddresses, rows.Args{"person": personID})
}

const listAddresses = `SELECT ` + addressColumns + ` FROM address
	WHERE person_id = @person OR id IN (SELECT address_id FROM address_person WHERE person_id = @person)
	ORDER BY person_id IS DISTINCT FROM @person, id`

// Share lets a second person be spoken to at an address (two sisters, one phone). Twice is once.
func Share(ctx context.Context, tx pgx.Tx, addressID, personID int64, now time.Time) error {
	_, err := rows.Exec(ctx, tx, "share address", shareAddress, rows.Args{"address": addressID, "person": personID, "now": now})
	return err
}

const shareAddress = `INSERT INTO address_person (address_id, person_id, created_at) VALUES (@address, @person, @now) ON CONFLICT DO NOTHING`

// Stop ends everything that is said to an address unasked, at once. It says whether this call was what stopped it.
func Stop(ctx context.Context, tx pgx.Tx, addressID int64, now time.Time) (bool, error) {
	return turn(ctx, tx, "stopped", `UPDATE address SET stopped_at = @now WHERE id = @id AND stopped_at IS NULL RETURNING COALESCE(person_id, 0)`, rows.Args{"id": addressID, "now": now}, now)
}

// Start takes a stop back and consents anew.
func Start(ctx context.Context, tx pgx.Tx, addressID int64, now time.Time) (bool, error) {
	return turn(ctx, tx, "started", `UPDATE address SET stopped_at = NULL, consented_at = @now
		WHERE id = @id AND (stopped_at IS NOT NULL OR consented_at IS NULL) RETURNING COALESCE(person_id, 0)`, rows.Args{"id": addressID, "now": now}, now)
}

// Block notes that the person blocked us on the channel, or that the channel says so.
func Block(ctx context.Context, tx pgx.Tx, addressID int64, now time.Time) (bool, error) {
	return turn(ctx, tx, "blocked", `UPDATE address SET blocked_at = @now WHERE id = @id AND blocked_at IS NULL RETURNING COALESCE(person_id, 0)`, rows.Args{"id": addressID, "now": now}, now)
}

// Unblock notes that the person can be written to again.
func Unblock(ctx context.Context, tx pgx.Tx, addressID int64, now time.Time) (bool, error) {
	return turn(ctx, tx, "unblocked", `UPDATE address SET blocked_at = NULL
		WHERE id = @id AND blocked_at IS NOT NULL RETURNING COALESCE(person_id, 0)`, rows.Args{"id": addressID}, now)
}

// turn is one conditional change of an address's state, with its event; a replay changes nothing and appends nothing.
func turn(ctx context.Context, tx pgx.Tx, what, sql string, args rows.Args, now time.Time) (bool, error) {
	personID, changed, err := rows.Value[int64](ctx, tx, "address "+what, sql, args)
	if err != nil || !changed {
		return false, err
	}
	return true, Append(ctx, tx, Event{Name: "address." + what, Subject: fmt.Sprintf("address/%d", args["id"]), ActorID: personID, At: now})
}
