package orders

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/catalog"
	"souk/internal/rows"
	"souk/internal/sorry"
	"souk/people"
)

// AmendmentKind says what a buyer is asked about.
type AmendmentKind string

// The kinds of amendment.
const (
	Partial AmendmentKind = "partial" // there is less than was ordered
	Weight  AmendmentKind = "weight"  // weighed, it costs more than was agreed
)

// How an amendment stands.
const (
	Asked     = "asked"
	Agreed    = "agreed"
	Declined  = "declined"
	Silent    = "expired"   // no answer came in time
	Withdrawn = "withdrawn" // the seller took it back, or the order ended otherwise
)

// AnswerWithin is how long a buyer has to answer, from the first hour at which they may be written to. Silence never costs a buyer
// more than they agreed to: of a Partial one what there is is sent, at the price that was agreed and so for less, and can be
// cancelled until it is packed; of a Weight one what was agreed is sent, for what was agreed.
const AnswerWithin = 24 * time.Hour

// LineChange is what a line becomes where the buyer agrees.
type LineChange struct {
	Line   int64 `json:"line"`
	Kept   int64 `json:"kept"`
	Grams  int64 `json:"grams,omitempty"` // of all of it together
	Amount int64 `json:"amount"`          // centimes
}

// Amendment is what a seller proposes and the buyer is asked.
type Amendment struct {
	ID          int64
	CoopOrderID int64
	Kind        AmendmentKind
	Lines       []LineChange
	Status      string
	ProposedBy  int64
	ExpiresAt   time.Time
}

// Total is what the part would cost, in centimes.
func (a Amendment) Total() int64 {
	var sum int64
	for _, l := range a.Lines {
		sum += l.Amount
	}
	return sum
}

// Of is what becomes of one line.
func (a Amendment) Of(lineID int64) LineChange {
	for _, l := range a.Lines {
		if l.Line == lineID {
			return l
		}
	}
	return LineChange{Line: lineID}
}

const amendmentColumns = `SELECT id, coop_order_id, kind, lines, status, COALESCE(proposed_by, 0) AS proposed_by, expires_at FROM amendment`

// LoadAmendment reads one. It returns pgx.ErrNoRows for an unknown one.
func LoadAmendment(ctx context.Context, tx pgx.Tx, id int64) (Amendment, error) {
	return rows.One[Amendment](ctx, tx, "load amendment", amendmentColumns+` WHERE id = @id`, rows.Args{"id": id})
}

// OpenAmendment is what the buyer of a part is being asked; ok is false where nothing is.
func OpenAmendment(ctx context.Context, tx pgx.Tx, partID int64) (a Amendment, ok bool, err error) {
	return rows.Maybe[Amendment](ctx, tx, "look for an open amendment", amendmentColumns+` WHERE coop_order_id = @part AND status = 'asked'`, rows.Args{"part": partID})
}

// ask writes an amendment and asks the buyer. Reminders to the seller end: it is the buyer's turn.
func ask(ctx context.Context, tx pgx.Tx, p Purchase, part Part, kind AmendmentKind, lines []LineChange, actor catalog.Actor, now time.Time) (Move, error) {
	buyer, err := people.Load(ctx, tx, p.PersonID)
	if err != nil {
		return Move{}, fmt.Errorf("the buyer of part %d: %w", part.ID, err)
	}
	a := Amendment{CoopOrderID: part.ID, Kind: kind, Lines: lines, Status: Asked, ProposedBy: actor.PersonID,
		ExpiresAt: people.AllowedAt(now, buyer.TimeZone).Add(AnswerWithin)}
	err = tx.QueryRow(ctx, `
INSERT INTO amendment (coop_order_id, kind, lines, proposed_by, expires_at, created_at)
VALUES ($1, $2, $3, nullif($4::bigint, 0), $5, $6) RETURNING id`, part.ID, kind, lines, actor.PersonID, a.ExpiresAt, now).Scan(&a.ID)
	if err != nil {
		return Move{}, fmt.Errorf("ask about part %d: %w", part.ID, err)
	}
	if _, err := tx.Exec(ctx, `UPDATE coop_order SET remind_at = NULL WHERE id = $1`, part.ID); err != nil {
		return Move{}, fmt.Errorf("end the reminders of part %d: %w", part.ID, err)
	}
	err = actor.Record(ctx, tx, people.Event{Name: "amendment.asked", Subject: partSubject(part.ID),
		Data: map[string]any{"amendment": a.ID, "kind": string(kind)}, At: now})
	if err != nil {
		return Move{}, err
	}
	err = people.Notify(ctx, tx, people.Notice{
		PersonID: p.PersonID, Name: "amendment", Args: map[string]any{"amendment": a.ID, "part": part.ID}, Mode: people.Ask, Timing: people.AllowedHours,
		Dedupe: fmt.Sprintf("amendment/%d", a.ID), DueAt: now, ExpiresAt: a.ExpiresAt,
	}, now)
	return Move{Purchase: p, Part: part, Asked: &a}, err
}

// withdraw takes back what the buyer is being asked about a part, if anything.
func withdraw(ctx context.Context, tx pgx.Tx, part Part, actor catalog.Actor, now time.Time) error {
	a, open, err := OpenAmendment(ctx, tx, part.ID)
	if err != nil || !open {
		return err
	}
	return endAmendment(ctx, tx, a, Withdrawn, actor, now)
}

func endAmendment(ctx context.Context, tx pgx.Tx, a Amendment, status string, actor catalog.Actor, now time.Time) error {
	if _, err := tx.Exec(ctx, `UPDATE amendment SET status = $2, answered_at = $3 WHERE id = $1 AND status = 'asked'`, a.ID, status, now); err != nil {
		return fmt.Errorf("end amendment %d: %w", a.ID, err)
	}
	return actor.Record(ctx, tx, people.Event{Name: "amendment." + status, Subject: partSubject(a.CoopOrderID), Data: map[string]any{"amendment": a.ID}, At: now})
}

// Answer is the buyer's yes or no to an amendment. The same answer again is a no-op; another one, and one that comes too late, is
// refused with "amendment.over". A no to a Partial one cancels the part; a no to a Weight one packs what was agreed. It returns
// pgx.ErrNoRows for somebody else's.
func Answer(ctx context.Context, tx pgx.Tx, amendmentID, personID int64, yes bool, now time.Time) (Amendment, Move, error) {
	a, p, part, err := lockAmendment(ctx, tx, amendmentID)
	if err != nil {
		return a, Move{}, err
	}
	if p.PersonID != personID {
		return a, Move{}, fmt.Errorf("amendment %d of person %d: %w", amendmentID, personID, pgx.ErrNoRows)
	}
	status := Declined
	if yes {
		status = Agreed
	}
	switch {
	case a.Status == status:
		return a, Move{Purchase: p, Part: part, Already: true}, nil
	case a.Status != Asked:
		return a, Move{}, sorry.New("amendment.over", map[string]any{"Code": p.Code})
	}
	m, err := decide(ctx, tx, a, p, part, status, catalog.Actor{PersonID: personID}, now)
	a.Status = status
	return a, m, err
}

// ExpireAmendment ends an amendment to which no answer came in time, as AnswerWithin says, and tells the buyer. One that was answered,
// or still has time, is left as it is.
func ExpireAmendment(ctx context.Context, tx pgx.Tx, amendmentID int64, now time.Time) error {
	a, p, part, err := lockAmendment(ctx, tx, amendmentID)
	if err != nil || a.Status != Asked || a.ExpiresAt.After(now) {
		return err
	}
	_, err = decide(ctx, tx, a, p, part, Silent, catalog.Actor{}, now)
	return err
}

func lockAmendment(ctx context.Context, tx pgx.Tx, id int64) (a Amendment, p Purchase, part Part, err error) {
	if a, err = LoadAmendment(ctx, tx, id); err != nil {
		return
	}
	if p, part, err = lockPart(ctx, tx, a.CoopOrderID); err != nil {
		return
	}
	a, err = LoadAmendment(ctx, tx, id) // as it stands under the lock
	return
}

// decide ends an amendment and does what the answer means; buyer and members are told.
func decide(ctx context.Context, tx pgx.Tx, a Amendment, p Purchase, part Part, status string, actor catalog.Actor, now time.Time) (Move, error) {
	if err := endAmendment(ctx, tx, a, status, actor, now); err != nil {
		return Move{}, err
	}
	name := "order." + string(a.Kind) + "_" + status
	if err := tellMembersOnce(ctx, tx, part, name, fmt.Sprint(a.ID), now); err != nil {
		return Move{}, err
	}
	heard := ""
	if status == Silent {
		heard = "part." + string(a.Kind) + "_silent"
	}
	switch {
	case a.Kind == Partial && status == Declined:
		return step(ctx, tx, p, part, Cancelled, actor, now, "", nil)
	case a.Kind == Partial:
		if err := keep(ctx, tx, p, part, a.Lines); err != nil {
			return Move{}, err
		}
		if part.Status == Accepted {
			if heard != "" {
				if err := tellBuyer(ctx, tx, p, part, heard, map[string]any{"key": a.ID}, now); err != nil {
					return Move{}, err
				}
			}
			fresh, err := Load(ctx, tx, p.ID)
			return Move{Purchase: fresh, Part: fresh.part(part.ID)}, err
		}
		if err := accepted(ctx, tx, part, catalog.Actor{PersonID: a.ProposedBy}); err != nil {
			return Move{}, err
		}
		return step(ctx, tx, p, part, Accepted, actor, now, heard, nil)
	default:
		lines := a.Lines
		if status != Agreed {
			lines = withinAgreed(part, lines)
		}
		if err := keep(ctx, tx, p, part, lines); err != nil {
			return Move{}, err
		}
		return step(ctx, tx, p, part, Packed, actor, now, heard, nil)
	}
}

// LastAmendment is what the buyer of a part was asked last, answered or not; ok is false where nothing ever was.
func LastAmendment(ctx context.Context, tx pgx.Tx, partID int64) (a Amendment, ok bool, err error) {
	return rows.Maybe[Amendment](ctx, tx, "look for the last amendment", amendmentColumns+` WHERE coop_order_id = @part ORDER BY id DESC LIMIT 1`, rows.Args{"part": partID})
}
