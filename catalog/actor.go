package catalog

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"souk/internal/rows"
	"souk/internal/sorry"
	"souk/people"
)

// Actor is who changes something for a cooperative. Both names are kept where a helper acts for a member.
type Actor struct {
	PersonID int64 // 0: Souk itself
	ForID    int64 // the member for whom a helper acts; 0: for nobody but oneself
}

// MayAct is the one check of who may list, change and answer for a cooperative. Call it inside the action that changes: it holds the
// membership until the end of the transaction, so that nobody who was removed meanwhile gets through. It refuses with
// "member.not_allowed" who is no member (any longer), with "member.ask_first" a helper to whom no member has said yes, and with
// "cooperative.suspended" or "cooperative.closed" whoever it is.
func MayAct(ctx context.Context, tx pgx.Tx, personID, cooperativeID int64) (Actor, error) {
	m, err := membership(ctx, tx, personID, cooperativeID)
	if err != nil {
		return Actor{}, err
	}
	if m.Role != Helper {
		return Actor{PersonID: personID}, nil
	}
	forID, agreed, err := rows.Value[int64](ctx, tx, "find for whom a helper acts", findActing,
		rows.Args{"cooperative": cooperativeID, "helper": personID})
	if err != nil {
		return Actor{}, err
	}
	if !agreed {
		return Actor{}, sorry.New("member.ask_first", nil)
	}
	return Actor{PersonID: personID, ForID: forID}, nil
}

// The member who agreed last, as long as that one may act too.
const findActing = `SELECT a.member_id FROM acting a
	JOIN member m ON m.cooperative_id = a.cooperative_id AND m.person_id = a.member_id AND m.removed_at IS NULL AND m.role IN ('manager', 'seller')
	WHERE a.cooperative_id = @cooperative AND a.helper_id = @helper AND a.agreed_at IS NOT NULL AND a.ended_at IS NULL
	ORDER BY a.agreed_at DESC, a.id DESC LIMIT 1 FOR SHARE OF a, m`

// MayManage is MayAct for what only managers do: members, roles, the cooperative itself. Others are refused with
// "member.managers_only".
func MayManage(ctx context.Context, tx pgx.Tx, personID, cooperativeID int64) (Actor, error) {
	m, err := membership(ctx, tx, personID, cooperativeID)
	if err == nil && m.Role != Manager {
		err = sorry.New("member.managers_only", nil)
	}
	if err != nil {
		return Actor{}, err
	}
	return Actor{PersonID: personID}, nil
}

type standing struct {
	Role   MemberRole
	Status string // the cooperative's
}

// membership is what a person may be in a cooperative, held until the transaction ends.
func membership(ctx context.Context, tx pgx.Tx, personID, cooperativeID int64) (standing, error) {
	m, found, err := rows.Maybe[standing](ctx, tx, "look up a membership", lockMembership,
		rows.Args{"cooperative": cooperativeID, "person": personID})
	switch {
	case err != nil:
		return m, err
	case !found:
		return m, sorry.New("member.not_allowed", nil)
	case m.Status == Suspended || m.Status == Closed:
		return m, sorry.New("cooperative."+m.Status, nil)
	}
	return m, nil
}

const lockMembership = `SELECT m.role, c.status FROM member m JOIN cooperative c ON c.id = m.cooperative_id
	WHERE m.cooperative_id = @cooperative AND m.person_id = @person AND m.removed_at IS NULL FOR SHARE OF m`

// Record appends what an actor did to the trail, with both names where a helper did it for a member; the member is told, and can
// undo it.
func (a Actor) Record(ctx context.Context, tx pgx.Tx, event people.Event) error {
	_, err := a.recordID(ctx, tx, event)
	return err
}

// recordID is Record for who needs the event's id.
func (a Actor) recordID(ctx context.Context, tx pgx.Tx, event people.Event) (int64, error) {
	event.ActorID = a.PersonID
	if a.ForID != 0 {
		data := map[string]any{"for": a.ForID}
		for key, value := range event.Data {
			data[key] = value
		}
		event.Data = data
	}
	id, err := people.AppendID(ctx, tx, event)
	if err != nil {
		return 0, fmt.Errorf("record what an actor did: %w", err)
	}
	if a.ForID == 0 {
		return id, nil
	}
	return id, people.Notify(ctx, tx, people.Notice{PersonID: a.ForID, Name: "acting.acted", Timing: people.AllowedHours,
		Args: map[string]any{"event": id}, Dedupe: fmt.Sprintf("acting.acted/%d", id)}, event.At)
}
