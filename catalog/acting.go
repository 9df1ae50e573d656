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

// Acting is a helper's wish to act for a member, and after that member's yes the leave to do so, until either of them ends it.
type Acting struct {
	ID            int64
	CooperativeID int64
	HelperID      int64
	MemberID      int64
	AgreedAt      *time.Time
	EndedAt       *time.Time
}

const actingColumns = `id, cooperative_id, helper_id, member_id, agreed_at, ended_at`

// LoadActing returns one; pgx.ErrNoRows, wrapped, where there is none.
func LoadActing(ctx context.Context, tx pgx.Tx, id int64) (Acting, error) {
	return rows.One[Acting](ctx, tx, "load who acts for whom", `SELECT `+actingColumns+` FROM acting WHERE id = @id`, rows.Args{"id": id})
}

// ActingOf returns what stands open or agreed between a person and others in a cooperative, as helper or as member.
func ActingOf(ctx context.Context, tx pgx.Tx, personID, cooperativeID int64) ([]Acting, error) {
	return rows.All[Acting](ctx, tx, "list who acts for whom", actingOf, rows.Args{"person": personID, "cooperative": cooperativeID})
}

const actingOf = `SELECT ` + actingColumns + ` FROM acting
	WHERE cooperative_id = @cooperative AND ended_at IS NULL AND (helper_id = @person OR member_id = @person) ORDER BY id`

// AskToAct asks a member whether a helper may act for them; asked already, or agreed: nothing happens. Who is no helper there is
// refused with "member.not_allowed", who cannot be helped with "member.gone".
func AskToAct(ctx context.Context, tx pgx.Tx, helperID, cooperativeID, memberID int64, now time.Time) (Acting, error) {
	m, err := membership(ctx, tx, helperID, cooperativeID)
	if err != nil {
		return Acting{}, err
	}
	if m.Role != Helper {
		return Acting{}, sorry.New("member.not_allowed", nil)
	}
	if other, err := membership(ctx, tx, memberID, cooperativeID); sorry.Is(err, "member.not_allowed") || err == nil && other.Role == Helper {
		return Acting{}, sorry.New("member.gone", nil)
	} else if err != nil {
		return Acting{}, err
	}
	args := rows.Args{"cooperative": cooperativeID, "helper": helperID, "member": memberID}
	a, found, err := rows.Maybe[Acting](ctx, tx, "look up who acts for whom", findAsked, args)
	if err != nil || found {
		return a, err
	}
	args["now"] = now
	if a, err = rows.One[Acting](ctx, tx, "ask to act for a member", askToAct, args); err != nil {
		return Acting{}, err
	}
	if err := a.record(ctx, tx, "acting.asked", helperID, now); err != nil {
		return Acting{}, err
	}
	return a, people.Notify(ctx, tx, people.Notice{PersonID: memberID, Name: "acting.asked", Mode: people.Ask, Timing: people.AllowedHours,
		Args: map[string]any{"acting": a.ID}, Dedupe: fmt.Sprintf("acting.asked/%d", a.ID), ExpiresAt: now.AddDate(0, 0, 14)}, now)
}

const findAsked = `SELECT ` + actingColumns + ` FROM acting
	WHERE cooperative_id = @cooperative AND helper_id = @helper AND member_id = @member AND ended_at IS NULL`

const askToAct = `INSERT INTO acting (cooperative_id, helper_id, member_id, asked_at) VALUES (@cooperative, @helper, @member, @now)
	RETURNING ` + actingColumns

// AgreeToAct is the member's yes; the helper is told. It says whether there was still something to agree to.
func AgreeToAct(ctx context.Context, tx pgx.Tx, memberID, actingID int64, now time.Time) (bool, error) {
	changed, err := rows.Exec(ctx, tx, "agree that a helper acts", agreeToAct, rows.Args{"id": actingID, "member": memberID, "now": now})
	if err != nil || changed == 0 {
		return false, err
	}
	a, err := LoadActing(ctx, tx, actingID)
	if err != nil {
		return false, err
	}
	if err := a.record(ctx, tx, "acting.agreed", memberID, now); err != nil {
		return false, err
	}
	return true, a.tell(ctx, tx, "acting.agreed", a.HelperID, now)
}

// Both must still be members, and the one who agrees no helper.
const agreeToAct = `UPDATE acting SET agreed_at = @now WHERE id = @id AND member_id = @member AND agreed_at IS NULL AND ended_at IS NULL
	AND EXISTS (SELECT FROM member m WHERE m.cooperative_id = acting.cooperative_id AND m.person_id = member_id AND m.removed_at IS NULL AND m.role <> 'helper')
	AND EXISTS (SELECT FROM member m WHERE m.cooperative_id = acting.cooperative_id AND m.person_id = helper_id AND m.removed_at IS NULL AND m.role = 'helper')`

// EndActing ends it, or says no to it: either of the two may, at any time, and the other is told. It says whether there was anything
// to end.
func EndActing(ctx context.Context, tx pgx.Tx, personID, actingID int64, now time.Time) (bool, error) {
	a, found, err := rows.Maybe[Acting](ctx, tx, "end that a helper acts", endOneActing, rows.Args{"id": actingID, "person": personID, "now": now})
	if err != nil || !found {
		return false, err
	}
	name := "acting.ended"
	if a.AgreedAt == nil {
		name = "acting.declined"
	}
	if err := a.record(ctx, tx, name, personID, now); err != nil {
		return false, err
	}
	other := a.HelperID
	if personID == a.HelperID {
		if other = a.MemberID; a.AgreedAt == nil { // a question that was taken back before it was answered
			return true, nil
		}
	}
	return true, a.tell(ctx, tx, name, other, now)
}

const endOneActing = `UPDATE acting SET ended_at = @now WHERE id = @id AND @person IN (helper_id, member_id) AND ended_at IS NULL RETURNING ` + actingColumns

// endActing ends whatever somebody had to do with, who leaves or whose role changes.
func endActing(ctx context.Context, tx pgx.Tx, cooperativeID, personID int64, now time.Time) error {
	list, err := ActingOf(ctx, tx, personID, cooperativeID)
	if err != nil {
		return err
	}
	for _, a := range list {
		if _, err := EndActing(ctx, tx, personID, a.ID, now); err != nil {
			return err
		}
	}
	return nil
}

func (a Acting) record(ctx context.Context, tx pgx.Tx, name string, actor int64, now time.Time) error {
	return people.Append(ctx, tx, people.Event{Name: name, Subject: fmt.Sprintf("cooperative/%d", a.CooperativeID), ActorID: actor,
		Data: map[string]any{"acting": a.ID, "helper": a.HelperID, "member": a.MemberID}, At: now})
}

func (a Acting) tell(ctx context.Context, tx pgx.Tx, name string, personID int64, now time.Time) error {
	return people.Notify(ctx, tx, people.Notice{PersonID: personID, Name: name, Timing: people.AllowedHours,
		Args: map[string]any{"acting": a.ID}, Dedupe: fmt.Sprintf("%s/%d/%d", name, a.ID, personID)}, now)
}
