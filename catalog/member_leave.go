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

// SetRole changes what a member does, as a manager wants it. The only manager stays one: "member.last_manager".
func SetRole(ctx context.Context, tx pgx.Tx, managerID, cooperativeID, personID int64, role MemberRole, now time.Time) error {
	if err := lockCrew(ctx, tx, cooperativeID); err != nil {
		return err
	}
	actor, err := MayManage(ctx, tx, managerID, cooperativeID)
	if err != nil {
		return err
	}
	was, err := memberBefore(ctx, tx, cooperativeID, personID, role == Manager)
	if err != nil || was == role {
		return err
	}
	if err := endActing(ctx, tx, cooperativeID, personID, now); err != nil {
		return err
	}
	if err := AddMember(ctx, tx, cooperativeID, personID, role, actor.PersonID, now); err != nil {
		return err
	}
	if personID == managerID {
		return nil
	}
	return people.Notify(ctx, tx, people.Notice{PersonID: personID, Name: "member.role", Timing: people.AllowedHours,
		Args:   map[string]any{"cooperative": cooperativeID, "role": string(role)},
		Dedupe: fmt.Sprintf("member.role/%d/%d/%d", cooperativeID, personID, now.UnixNano())}, now)
}

// Dismiss ends a membership: a manager removes somebody, or somebody leaves. Who is removed is told. The only manager cannot go:
// "member.last_manager". Who is no member (any longer) is refused with "member.gone".
func Dismiss(ctx context.Context, tx pgx.Tx, byID, cooperativeID, personID int64, now time.Time) error {
	if err := lockCrew(ctx, tx, cooperativeID); err != nil {
		return err
	}
	if byID != personID {
		if _, err := MayManage(ctx, tx, byID, cooperativeID); err != nil {
			return err
		}
	}
	if _, err := memberBefore(ctx, tx, cooperativeID, personID, false); err != nil {
		return err
	}
	if err := endActing(ctx, tx, cooperativeID, personID, now); err != nil {
		return err
	}
	if err := RemoveMember(ctx, tx, cooperativeID, personID, byID, now); err != nil || byID == personID {
		return err
	}
	return people.Notify(ctx, tx, people.Notice{PersonID: personID, Name: "member.removed", Timing: people.AllowedHours,
		Args:   map[string]any{"cooperative": cooperativeID},
		Dedupe: fmt.Sprintf("member.removed/%d/%d/%d", cooperativeID, personID, now.UnixNano())}, now)
}

// lockCrew holds the cooperative, before any membership: two managers who remove each other do so one after the other.
func lockCrew(ctx context.Context, tx pgx.Tx, cooperativeID int64) error {
	_, err := rows.Exec(ctx, tx, "lock a cooperative", `SELECT 1 FROM cooperative WHERE id = @id FOR NO KEY UPDATE`, rows.Args{"id": cooperativeID})
	return err
}

// memberBefore returns the role of a member who is about to change. Unless they stay a manager, another one must be there.
func memberBefore(ctx context.Context, tx pgx.Tx, cooperativeID, personID int64, stays bool) (MemberRole, error) {
	members, err := Members(ctx, tx, cooperativeID)
	if err != nil {
		return "", err
	}
	role, managers := MemberRole(""), 0
	for _, m := range members {
		if m.PersonID == personID {
			role = m.Role
		}
		if m.Role == Manager {
			managers++
		}
	}
	switch {
	case role == "":
		return "", sorry.New("member.gone", nil)
	case role == Manager && managers == 1 && !stays:
		return "", sorry.New("member.last_manager", nil)
	}
	return role, nil
}

// FindPerson returns who writes from a number, 0 where nobody does. A number that somebody only said is theirs does not count: whoever
// is found is asked to act for a cooperative.
func FindPerson(ctx context.Context, tx pgx.Tx, phone string) (int64, error) {
	id, _, err := rows.Value[int64](ctx, tx, "find a person by number", findPerson, rows.Args{"phone": phone})
	return id, err
}

const findPerson = `SELECT person_id FROM address WHERE external_id = @phone AND external_id LIKE '+%' AND person_id IS NOT NULL ORDER BY id LIMIT 1`
