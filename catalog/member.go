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
	Status        string // the cooperative's: invited, active, suspended
	Chosen        bool   // of several, the one that was chosen last
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

const listMemberships = `SELECT c.id AS cooperative_id, c.code, c.name, m.role, c.status,
		m.chosen_at IS NOT NULL AND m.chosen_at = max(m.chosen_at) OVER () AS chosen
	FROM member m JOIN cooperative c ON c.id = m.cooperative_id
	WHERE m.person_id = @person AND m.removed_at IS NULL AND c.status <> 'closed' ORDER BY c.id`

// Choose keeps for which of their cooperatives a person acts from here on; refused with "member.not_allowed" where they are no member.
func Choose(ctx context.Context, tx pgx.Tx, personID, cooperativeID int64, now time.Time) error {
	changed, err := rows.Exec(ctx, tx, "choose a cooperative", chooseCooperative, rows.Args{"person": personID, "cooperative": cooperativeID, "now": now})
	if err == nil && changed == 0 {
		err = sorry.New("member.not_allowed", nil)
	}
	return err
}

const chooseCooperative = `UPDATE member SET chosen_at = @now WHERE cooperative_id = @cooperative AND person_id = @person AND removed_at IS NULL`

// Colleague is a member as the others see them.
type Colleague struct {
	PersonID int64
	Name     string // "" while unknown
	Phone    string // E.164, "" while unknown
	Role     MemberRole
}

// Colleagues returns a cooperative's members by name, managers first.
func Colleagues(ctx context.Context, tx pgx.Tx, cooperativeID int64) ([]Colleague, error) {
	return rows.All[Colleague](ctx, tx, "list colleagues", listColleagues, rows.Args{"cooperative": cooperativeID})
}

const listColleagues = `SELECT m.person_id, COALESCE(p.name, '') AS name, COALESCE(p.phone, '') AS phone, m.role
	FROM member m JOIN person p ON p.id = m.person_id WHERE m.cooperative_id = @cooperative AND m.removed_at IS NULL
	ORDER BY array_position(ARRAY['manager', 'seller', 'helper'], m.role), p.name, m.person_id`

// AddMember lets a person act for a cooperative, or changes what they do there. As it is already: nothing happens.
func AddMember(ctx context.Context, tx pgx.Tx, cooperativeID, personID int64, role MemberRole, actor int64, now time.Time) error {
	changed, err := rows.Exec(ctx, tx, "add member", addMember, rows.Args{"cooperative": cooperativeID, "person": personID, "role": string(role), "now": now})
	return recordMember(ctx, tx, "member.added", changed, err, cooperativeID, personID, role, actor, now)
}

const addMember = `INSERT INTO member AS m (cooperative_id, person_id, role, created_at) VALUES (@cooperative, @person, @role, @now)
	ON CONFLICT (cooperative_id, person_id) DO UPDATE SET role = excluded.role, removed_at = NULL, chosen_at = NULL
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
