package catalog

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/rows"
	"souk/people"
)

// MemberRole says what a member does in a cooperative.
type MemberRole string

// The roles of members.
const (
	Manager MemberRole = "manager"
	Seller  MemberRole = "seller"
	Helper  MemberRole = "helper"
)

// Member is a person who acts for a cooperative.
type Member struct {
	PersonID int64
	Role     MemberRole
}

// Membership is a cooperative that a person acts for.
type Membership struct {
	CooperativeID int64
	Code          string // C12
	Name          Words
	Role          MemberRole
}

// Members returns who acts for a cooperative, managers first.
func Members(ctx context.Context, tx pgx.Tx, cooperativeID int64) ([]Member, error) {
	return rows.All[Member](ctx, tx, "list members", listMembers, rows.Args{"cooperative": cooperativeID})
}

const listMembers = `SELECT person_id, role FROM member WHERE cooperative_id = @cooperative AND removed_at IS NULL
	ORDER BY array_position(ARRAY['manager', 'seller', 'helper'], role), person_id`

// MemberOf returns the cooperatives that a person acts for, closed ones left out.
func MemberOf(ctx context.Context, tx pgx.Tx, personID int64) ([]Membership, error) {
	return rows.All[Membership](ctx, tx, "list memberships", listMemberships, rows.Args{"person": personID})
}

const listMemberships = `SELECT c.id AS cooperative_id, c.code, c.name, m.role
	FROM member m JOIN cooperative c ON c.id = m.cooperative_id
	WHERE m.person_id = @person AND m.removed_at IS NULL AND c.status <> 'closed' ORDER BY c.id`

// AddMember lets a person act for a cooperative, or changes what they do there. As it is already: nothing happens.
func AddMember(ctx context.Context, tx pgx.Tx, cooperativeID, personID int64, role MemberRole, actor int64, now time.Time) error {
	changed, err := rows.Exec(ctx, tx, "add member", addMember, rows.Args{"cooperative": cooperativeID, "person": personID, "role": string(role), "now": now})
	return recordMember(ctx, tx, "member.added", changed, err, cooperativeID, personID, role, actor, now)
}

const addMember = `INSERT INTO member AS m (cooperative_id, person_id, role, created_at) VALUES (@cooperative, @person, @role, @now)
	ON CONFLICT (cooperative_id, person_id) DO UPDATE SET role = excluded.role, removed_at = NULL
	WHERE m.role <> excluded.role OR m.removed_at IS NOT NULL`

// RemoveMember ends that. Who acts no longer: nothing happens.
func RemoveMember(ctx context.Context, tx pgx.Tx, cooperativeID, personID, actor int64, now time.Time) error {
	changed, err := rows.Exec(ctx, tx, "remove member", removeMember, rows.Args{"cooperative": cooperativeID, "person": personID, "now": now})
	return recordMember(ctx, tx, "member.removed", changed, err, cooperativeID, personID, "", actor, now)
}

const removeMember = `UPDATE member SET removed_at = @now WHERE cooperative_id = @cooperative AND person_id = @person AND removed_at IS NULL`

func recordMember(ctx context.Context, tx pgx.Tx, name string, changed int64, err error, cooperativeID, personID int64, role MemberRole,
	actor int64, now time.Time,
) error {
	if err != nil || changed == 0 {
		return err
	}
	data := map[string]any{"person": personID}
	if role != "" {
		data["role"] = string(role)
	}
	return people.Append(ctx, tx, people.Event{Name: name, Subject: fmt.Sprintf("cooperative/%d", cooperativeID), ActorID: actor, Data: data, At: now})
}
