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

// Invitation lets somebody act for a cooperative: whoever brings its code, or the person whom Souk asks.
type Invitation struct {
	ID            int64
	CooperativeID int64
	Role          MemberRole
	Name          string // whom it is meant for, as the inviter calls them; "" where that was not said
	Phone         string // E.164; "" where anybody with the code may come
	PersonID      int64  // whom Souk asks in chat; 0: nobody, the code is passed on by the inviter
	InvitedBy     int64  // 0: an operator
	Generation    int
	Tries         int // that failed
	ExpiresAt     time.Time
	AcceptedBy    int64
	ClosedAt      *time.Time // accepted, declined or revoked
}

// InvitationLife is how long an invitation stands; InvitationTries how many wrong codes or numbers it bears.
const (
	InvitationLife  = 14 * 24 * time.Hour
	InvitationTries = 5
)

// MaxInvitations is how many of a cooperative's invitations may stand open at once; who said no is left in peace for invitationRest.
const (
	MaxInvitations = 20
	invitationRest = 30 * 24 * time.Hour
)

const invitationColumns = `id, cooperative_id, role, name, COALESCE(phone, '') AS phone, COALESCE(person_id, 0) AS person_id,
	COALESCE(invited_by, 0) AS invited_by, generation, tries, expires_at, COALESCE(accepted_by, 0) AS accepted_by,
	COALESCE(accepted_at, declined_at, revoked_at) AS closed_at`

// Invite writes an invitation: CooperativeID, Role, and where known Name, Phone, PersonID, InvitedBy. Who asks again for the same
// phone or person gets the open one anew, with a fresh code, all its tries and its whole life. The person to be asked is asked. A
// member's invitation is refused with "invitation.too_many", and with "invitation.declined" where that person said no not long ago.
func Invite(ctx context.Context, tx pgx.Tx, i Invitation, now time.Time) (Invitation, error) {
	if err := mayInvite(ctx, tx, i, now); err != nil {
		return Invitation{}, err
	}
	args := rows.Args{"cooperative": i.CooperativeID, "role": string(i.Role), "name": people.CleanName(i.Name), "phone": i.Phone,
		"person": i.PersonID, "by": i.InvitedBy, "expires": now.Add(InvitationLife), "now": now}
	invitation, renewed, err := rows.Maybe[Invitation](ctx, tx, "renew an invitation", renewInvitation, args)
	if err == nil && !renewed {
		invitation, err = rows.One[Invitation](ctx, tx, "write an invitation", writeInvitation, args)
	}
	if err != nil {
		return Invitation{}, err
	}
	err = people.Append(ctx, tx, people.Event{Name: "invitation.made", Subject: invitation.subject(), ActorID: i.InvitedBy,
		Data: map[string]any{"cooperative": i.CooperativeID, "role": string(i.Role)}, At: now})
	if err != nil || i.PersonID == 0 {
		return invitation, err
	}
	return invitation, people.Notify(ctx, tx, people.Notice{PersonID: i.PersonID, Name: "invitation.asked", Mode: people.Ask, Timing: people.AllowedHours,
		Args:   map[string]any{"invitation": invitation.ID},
		Dedupe: fmt.Sprintf("invitation.asked/%d/%d", invitation.ID, invitation.Generation), ExpiresAt: invitation.ExpiresAt}, now)
}

// mayInvite bounds what a member can make Souk say to others.
func mayInvite(ctx context.Context, tx pgx.Tx, i Invitation, now time.Time) error {
	if i.InvitedBy == 0 {
		return nil
	}
	declined, _, err := rows.Value[bool](ctx, tx, "look for a no", saidNo,
		rows.Args{"cooperative": i.CooperativeID, "person": i.PersonID, "since": now.Add(-invitationRest)})
	if err != nil {
		return err
	}
	if declined {
		return sorry.New("invitation.declined", nil)
	}
	open, err := OpenInvitations(ctx, tx, i.CooperativeID, now)
	if err == nil && len(open) >= MaxInvitations {
		err = sorry.New("invitation.too_many", map[string]any{"n": MaxInvitations})
	}
	return err
}

const saidNo = `SELECT EXISTS (SELECT FROM invitation WHERE cooperative_id = @cooperative AND person_id = NULLIF(@person::bigint, 0) AND declined_at > @since)`

// Only who is known by a phone or as a person can be meant again.
const renewInvitation = `UPDATE invitation SET generation = generation + 1, tries = 0, expires_at = @expires, role = @role,
		name = COALESCE(NULLIF(@name::text, ''), name), invited_by = NULLIF(@by::bigint, 0), person_id = NULLIF(@person::bigint, 0)
	WHERE id = (SELECT id FROM invitation WHERE cooperative_id = @cooperative AND accepted_at IS NULL AND declined_at IS NULL AND revoked_at IS NULL
			AND (phone = NULLIF(@phone::text, '') OR person_id = NULLIF(@person::bigint, 0)) ORDER BY id DESC LIMIT 1 FOR UPDATE)
		AND @now::timestamptz IS NOT NULL
	RETURNING ` + invitationColumns

const writeInvitation = `INSERT INTO invitation (cooperative_id, role, name, phone, person_id, invited_by, expires_at, created_at)
	VALUES (@cooperative, @role, @name, NULLIF(@phone::text, ''), NULLIF(@person::bigint, 0), NULLIF(@by::bigint, 0), @expires, @now)
	RETURNING ` + invitationColumns

func (i Invitation) subject() string { return fmt.Sprintf("invitation/%d", i.ID) }

// LoadInvitation returns an invitation; pgx.ErrNoRows, wrapped, where there is none.
func LoadInvitation(ctx context.Context, tx pgx.Tx, id int64) (Invitation, error) {
	return rows.One[Invitation](ctx, tx, "load an invitation", `SELECT `+invitationColumns+` FROM invitation WHERE id = @id`, rows.Args{"id": id})
}

// OpenInvitations returns a cooperative's invitations that nobody has answered, the newest first.
func OpenInvitations(ctx context.Context, tx pgx.Tx, cooperativeID int64, now time.Time) ([]Invitation, error) {
	return rows.All[Invitation](ctx, tx, "list open invitations", openInvitations, rows.Args{"cooperative": cooperativeID, "now": now})
}

const openInvitations = `SELECT ` + invitationColumns + ` FROM invitation WHERE cooperative_id = @cooperative
	AND accepted_at IS NULL AND declined_at IS NULL AND revoked_at IS NULL AND expires_at > @now ORDER BY id DESC LIMIT 20`

// RevokeInvitation takes an invitation back; one that was answered stays as it is.
func RevokeInvitation(ctx context.Context, tx pgx.Tx, id int64, actor Actor, now time.Time) error {
	changed, err := rows.Exec(ctx, tx, "revoke an invitation", revokeInvitation, rows.Args{"id": id, "now": now})
	if err != nil || changed == 0 {
		return err
	}
	return actor.Record(ctx, tx, people.Event{Name: "invitation.revoked", Subject: Invitation{ID: id}.subject(), At: now})
}

const revokeInvitation = `UPDATE invitation SET revoked_at = @now WHERE id = @id AND accepted_at IS NULL AND declined_at IS NULL AND revoked_at IS NULL`
