package people

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/rows"
)

// Role is what a person may do for Souk as a whole. Who sells for which cooperative is catalog's.
type Role string

// The roles.
const (
	RoleOperator Role = "operator"
	RoleMentor   Role = "mentor"
	RoleRelay    Role = "relay"
)

// Grant gives a person a role; twice is once. actor is who gave it, 0 for Souk itself.
func Grant(ctx context.Context, tx pgx.Tx, personID int64, role Role, actor int64, now time.Time) error {
	granted, err := rows.Exec(ctx, tx, "grant role", grantRole, rows.Args{"person": personID, "role": string(role), "now": now})
	return recordRole(ctx, tx, "role.granted", granted, err, personID, role, actor, now)
}

const grantRole = `INSERT INTO role (person_id, name, created_at) VALUES (@person, @role, @now) ON CONFLICT DO NOTHING`

// Revoke takes a role away; a role that was not there stays away.
func Revoke(ctx context.Context, tx pgx.Tx, personID int64, role Role, actor int64, now time.Time) error {
	revoked, err := rows.Exec(ctx, tx, "revoke role", revokeRole, rows.Args{"person": personID, "role": string(role)})
	return recordRole(ctx, tx, "role.revoked", revoked, err, personID, role, actor, now)
}

const revokeRole = `DELETE FROM role WHERE person_id = @person AND name = @role`

func recordRole(ctx context.Context, tx pgx.Tx, name string, changed int64, err error, personID int64, role Role, actor int64, now time.Time) error {
	if err != nil || changed == 0 {
		return err
	}
	return Append(ctx, tx, Event{Name: name, Subject: fmt.Sprintf("person/%d", personID), ActorID: actor,
		Data: map[string]any{"role": string(role)}, At: now})
}

// Roles returns a person's roles, by name.
func Roles(ctx context.Context, tx pgx.Tx, personID int64) ([]Role, error) {
	return rows.Values[Role](ctx, tx, "list roles", `SELECT name FROM role WHERE person_id = @person ORDER BY name`, rows.Args{"person": personID})
}
