package catalog

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/rows"
	"souk/people"
)

// JoinOutcome says what became of a try to come in with a code, or of a yes to an invitation. It is no error: a wrong code must be
// remembered, so the transaction commits.
type JoinOutcome string

// The outcomes.
const (
	Joined        JoinOutcome = "joined"
	IsMember      JoinOutcome = "is_member"  // and stays what they are there
	WrongCode     JoinOutcome = "wrong_code" // TriesLeft says how many more; a code of no invitation counts nowhere
	WrongPhone    JoinOutcome = "wrong_phone"
	NeedsPhone    JoinOutcome = "needs_phone" // the code is right; the invitation is meant for a number
	TriesOver     JoinOutcome = "tries_over"
	InviteExpired JoinOutcome = "expired"
	InviteUsed    JoinOutcome = "used"
	NoLongerOpen  JoinOutcome = "not_open" // the cooperative is suspended or closed
)

// Join is what became of it.
type Join struct {
	Outcome       JoinOutcome
	CooperativeID int64
	Cooperative   Words
	Role          MemberRole
	TriesLeft     int
	First         bool // the cooperative began with it
	InvitedBy     int64
	Invitation    int64
	Generation    int // of its code
}

// JoinByCode lets a person act for the cooperative of an invitation. phone is the number that the person is known to write from, or
// said, "" where none is known.
func (c Codes) JoinByCode(ctx context.Context, tx pgx.Tx, personID int64, code InvitationCode, phone string, now time.Time) (Join, error) {
	i, house, err := lockInvitation(ctx, tx, code.ID)
	if errors.Is(err, pgx.ErrNoRows) {
		return Join{Outcome: WrongCode, TriesLeft: -1}, nil
	}
	if err != nil {
		return Join{}, err
	}
	j := Join{CooperativeID: i.CooperativeID, Cooperative: house.Name, Role: i.Role, TriesLeft: InvitationTries - i.Tries, InvitedBy: i.InvitedBy,
		Invitation: i.ID, Generation: i.Generation}
	right := c.opens(i, code.guard)
	switch {
	case !right && i.ClosedAt != nil: // nothing can be tried here any more
		return Join{Outcome: WrongCode, TriesLeft: -1}, nil
	case i.Tries >= InvitationTries:
		return Join{Outcome: TriesOver}, nil
	case !right:
		return j.failed(ctx, tx, i, WrongCode, personID, now)
	case i.AcceptedBy == personID:
		j.Outcome = IsMember
		return j.still(ctx, tx, personID)
	case i.ClosedAt != nil:
		j.Outcome = InviteUsed
		return j, nil
	case !i.ExpiresAt.After(now):
		j.Outcome = InviteExpired
		return j, nil
	case i.Phone != "" && phone == "":
		j.Outcome = NeedsPhone
		return j, nil
	case i.Phone != "" && phone != i.Phone:
		return j.failed(ctx, tx, i, WrongPhone, personID, now)
	}
	return j.enter(ctx, tx, i, house, personID, now)
}

// still corrects IsMember for who was removed since: the code has served.
func (j Join) still(ctx context.Context, tx pgx.Tx, personID int64) (Join, error) {
	_, is, err := rows.Value[string](ctx, tx, "look up a membership", roleOf, rows.Args{"cooperative": j.CooperativeID, "person": personID})
	if !is {
		j.Outcome = InviteUsed
	}
	return j, err
}

const roleOf = `SELECT role FROM member WHERE cooperative_id = @cooperative AND person_id = @person AND removed_at IS NULL`

// failed remembers a wrong code or number.
func (j Join) failed(ctx context.Context, tx pgx.Tx, i Invitation, outcome JoinOutcome, personID int64, now time.Time) (Join, error) {
	if _, err := rows.Exec(ctx, tx, "count a wrong code", `UPDATE invitation SET tries = tries + 1 WHERE id = @id`, rows.Args{"id": i.ID}); err != nil {
		return Join{}, err
	}
	err := people.Append(ctx, tx, people.Event{Name: "invitation." + string(outcome), Subject: i.subject(), ActorID: personID, At: now})
	left := InvitationTries - i.Tries - 1
	if left <= 0 {
		outcome = TriesOver
	}
	return Join{Outcome: outcome, TriesLeft: left, Invitation: i.ID, Generation: i.Generation}, err // who guesses learns nothing of the cooperative
}

// AnswerInvitation is the yes or no of the person whom Souk asked.
func AnswerInvitation(ctx context.Context, tx pgx.Tx, personID, invitationID int64, yes bool, now time.Time) (Join, error) {
	i, house, err := lockInvitation(ctx, tx, invitationID)
	if err != nil {
		return Join{}, err
	}
	j := Join{CooperativeID: i.CooperativeID, Cooperative: house.Name, Role: i.Role, InvitedBy: i.InvitedBy}
	switch {
	case i.PersonID != personID:
		return Join{}, fmt.Errorf("answer invitation %d: it is not for person %d", invitationID, personID)
	case i.AcceptedBy == personID:
		j.Outcome = IsMember
		return j.still(ctx, tx, personID)
	case i.ClosedAt != nil:
		j.Outcome = InviteUsed
		return j, nil
	case !i.ExpiresAt.After(now):
		j.Outcome = InviteExpired
		return j, nil
	case yes:
		return j.enter(ctx, tx, i, house, personID, now)
	}
	if _, err := rows.Exec(ctx, tx, "decline an invitation", `UPDATE invitation SET declined_at = @now WHERE id = @id`, rows.Args{"id": i.ID, "now": now}); err != nil {
		return Join{}, err
	}
	j.Outcome = InviteUsed
	if err := people.Append(ctx, tx, people.Event{Name: "invitation.declined", Subject: i.subject(), ActorID: personID, At: now}); err != nil {
		return j, err
	}
	return j, tellInviter(ctx, tx, i, "invitation.declined", personID, now)
}

// enter makes the person a member; the first one makes an invited cooperative active.
func (j Join) enter(ctx context.Context, tx pgx.Tx, i Invitation, house invitingHouse, personID int64, now time.Time) (Join, error) {
	if house.Status == Suspended || house.Status == Closed {
		j.Outcome = NoLongerOpen
		return j, nil
	}
	role, is, err := rows.Value[string](ctx, tx, "look up a membership", roleOf, rows.Args{"cooperative": i.CooperativeID, "person": personID})
	if err != nil {
		return Join{}, err
	}
	if is {
		j.Outcome, j.Role = IsMember, MemberRole(role)
		return j, nil
	}
	if _, err := rows.Exec(ctx, tx, "accept an invitation", acceptInvitation, rows.Args{"id": i.ID, "person": personID, "now": now}); err != nil {
		return Join{}, err
	}
	if err := AddMember(ctx, tx, i.CooperativeID, personID, i.Role, personID, now); err != nil {
		return Join{}, err
	}
	j.Outcome = Joined
	if house.Status == Invited {
		j.First = true
		if err := Begin(ctx, tx, i.CooperativeID, personID, now); err != nil {
			return Join{}, err
		}
	}
	return j, tellInviter(ctx, tx, i, "member.joined", personID, now)
}

const acceptInvitation = `UPDATE invitation SET accepted_by = @person, accepted_at = @now WHERE id = @id`

func tellInviter(ctx context.Context, tx pgx.Tx, i Invitation, name string, personID int64, now time.Time) error {
	if i.InvitedBy == 0 || i.InvitedBy == personID {
		return nil
	}
	return people.Notify(ctx, tx, people.Notice{PersonID: i.InvitedBy, Name: name, Timing: people.AllowedHours,
		Args:   map[string]any{"person": personID, "cooperative": i.CooperativeID, "role": string(i.Role), "name": i.Name},
		Dedupe: fmt.Sprintf("%s/%d/%d", name, i.ID, i.Generation)}, now)
}

type invitingHouse struct {
	Name   Words
	Status string
}

// lockInvitation takes the cooperative first, then the invitation: two who come at once with two codes begin it once.
func lockInvitation(ctx context.Context, tx pgx.Tx, id int64) (Invitation, invitingHouse, error) {
	house, err := rows.One[invitingHouse](ctx, tx, "lock the cooperative of an invitation", lockInvitingHouse, rows.Args{"id": id})
	if err != nil {
		return Invitation{}, house, err
	}
	i, err := rows.One[Invitation](ctx, tx, "lock an invitation", `SELECT `+invitationColumns+` FROM invitation WHERE id = @id FOR UPDATE`, rows.Args{"id": id})
	return i, house, err
}

const lockInvitingHouse = `SELECT name, status FROM cooperative WHERE id = (SELECT cooperative_id FROM invitation WHERE id = @id) FOR NO KEY UPDATE`
