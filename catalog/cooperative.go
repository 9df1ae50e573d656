package catalog

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/rows"
	"souk/internal/sorry"
	"souk/people"
)

// Cooperative is a group of producers that sells through Souk.
type Cooperative struct {
	ID     int64
	Code   string // C12
	Name   Words
	TownID string
	Phone  string // "" while unknown
	Status string // invited, active, suspended, closed
}

const cooperativeColumns = `id, code, name, town_id, COALESCE(phone, '') AS phone, status`

// LoadCooperative returns a cooperative; pgx.ErrNoRows, wrapped, where there is none.
func LoadCooperative(ctx context.Context, tx pgx.Tx, id int64) (Cooperative, error) {
	return rows.One[Cooperative](ctx, tx, "load a cooperative", `SELECT `+cooperativeColumns+` FROM cooperative WHERE id = @id`, rows.Args{"id": id})
}

// CooperativeByCode returns the cooperative that people call by a code; pgx.ErrNoRows, wrapped, where there is none.
func CooperativeByCode(ctx context.Context, tx pgx.Tx, code string) (Cooperative, error) {
	return rows.One[Cooperative](ctx, tx, "find a cooperative", `SELECT `+cooperativeColumns+` FROM cooperative WHERE code = @code`, rows.Args{"code": code})
}

// NewCooperative is what a cooperative begins with.
type NewCooperative struct {
	Name           Words  // in both alphabets
	TownID         string // its region follows
	Phone          string // E.164, "" while unknown
	RegisterNumber string // "" while unknown
}

// Create writes a cooperative that is invited, under the next free code. A name that is missing in either alphabet is refused with
// "cooperative.name", a town that is not there with "catalog.no_such_town".
func (n NewCooperative) Create(ctx context.Context, tx pgx.Tx, actor int64, now time.Time) (Cooperative, error) {
	if n.Name["fr"] == "" || n.Name["ar"] == "" {
		return Cooperative{}, sorry.New("cooperative.name", nil)
	}
	if _, err := LoadTown(ctx, tx, n.TownID); err != nil {
		return Cooperative{}, err
	}
	// Codes are numbered without gaps that anybody could mind: one writer at a time.
	if _, err := rows.Exec(ctx, tx, "take the next cooperative's code", `SELECT pg_advisory_xact_lock(hashtextextended('souk/cooperative/code', 0))`, rows.Args{}); err != nil {
		return Cooperative{}, err
	}
	c, err := rows.One[Cooperative](ctx, tx, "create a cooperative", createCooperative,
		rows.Args{"name": n.Name, "town": n.TownID, "phone": n.Phone, "register": n.RegisterNumber, "now": now})
	if err != nil {
		return Cooperative{}, err
	}
	return c, people.Append(ctx, tx, people.Event{Name: "cooperative.invited", Subject: fmt.Sprintf("cooperative/%d", c.ID), ActorID: actor, At: now})
}

const createCooperative = `INSERT INTO cooperative (code, name, region_code, town_id, phone, register_number, status, created_at)
	SELECT 'C' || (SELECT COALESCE(max(substr(code, 2)::bigint), 0) + 1 FROM cooperative WHERE code ~ '^C[0-9]{1,12}$'),
		@name, t.region_code, t.id, NULLIF(@phone::text, ''), NULLIF(@register::text, ''), 'invited', @now
	FROM town t WHERE t.id = @town RETURNING ` + cooperativeColumns

// Begin makes an invited cooperative active, with its first member, and plans how it will be asked how it does.
func Begin(ctx context.Context, tx pgx.Tx, cooperativeID, actor int64, now time.Time) error {
	if err := SetCooperativeStatus(ctx, tx, cooperativeID, Active, actor, now); err != nil {
		return err
	}
	return planBaseline(ctx, tx, cooperativeID, now)
}

// Pause, reopen or close a cooperative, and tell its members why. reason is in words for them.
func (c Cooperative) Move(ctx context.Context, tx pgx.Tx, to, reason string, now time.Time) error {
	if c.Status == to {
		return nil
	}
	if err := SetCooperativeStatus(ctx, tx, c.ID, to, 0, now); err != nil {
		return err
	}
	name := "cooperative." + to
	members, err := Members(ctx, tx, c.ID)
	if err != nil {
		return err
	}
	for _, m := range members {
		err := people.Notify(ctx, tx, people.Notice{PersonID: m.PersonID, Name: name, Timing: people.AllowedHours,
			Args:   map[string]any{"cooperative": c.ID, "reason": reason},
			Dedupe: fmt.Sprintf("%s/%d/%d/%d", name, c.ID, m.PersonID, now.UnixNano())}, now)
		if err != nil {
			return err
		}
	}
	return nil
}
