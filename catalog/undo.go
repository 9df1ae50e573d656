package catalog

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/rows"
	"souk/internal/sorry"
	"souk/people"
)

// Undoing says what became of a member's wish to undo what a helper did for them.
type Undoing string

// The ends of it.
const (
	Undone        Undoing = "undone"
	UndoneBefore  Undoing = "undone_before"
	NeedsOperator Undoing = "needs_operator" // it has gone on since, or others were told of it: a person sets it right
)

// Undo takes back what a helper did for a member, as that member wants it: a listing leaves the shelves, a pause ends, a price is
// what it was, a count of stock too. What cannot simply be taken back (an order's answer) is left as it is, with NeedsOperator: the
// caller opens a ticket. An event that was not done for this member is refused with "acting.not_yours".
func Undo(ctx context.Context, tx pgx.Tx, memberID, eventID int64, now time.Time) (Undoing, people.Event, error) {
	event, found, err := rows.Maybe[people.Event](ctx, tx, "find what a helper did", findActed, rows.Args{"id": eventID, "member": memberID})
	if err != nil {
		return "", event, err
	}
	if !found {
		return "", event, sorry.New("acting.not_yours", nil)
	}
	subject := fmt.Sprintf("event/%d", eventID)
	before, err := people.Events(ctx, tx, subject)
	if err != nil {
		return "", event, err
	}
	if len(before) > 0 {
		return UndoneBefore, event, nil
	}
	undone, err := takeBack(ctx, tx, event, eventID, memberID, now)
	if err != nil {
		return "", event, err
	}
	name, end := "acting.undone", Undone
	if !undone {
		name, end = "acting.disputed", NeedsOperator
	}
	return end, event, people.Append(ctx, tx, people.Event{Name: name, Subject: subject, ActorID: memberID, At: now})
}

const findActed = `SELECT id, name, subject, COALESCE(actor_id, 0) AS actor_id, data, created_at AS at
	FROM event WHERE id = @id AND data->>'for' = @member::bigint::text FOR UPDATE`

// takeBack says false where there is no simple way back, or none any more.
func takeBack(ctx context.Context, tx pgx.Tx, event people.Event, eventID, memberID int64, now time.Time) (bool, error) {
	_, number, _ := strings.Cut(event.Subject, "/")
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return false, nil //nolint:nilerr // a subject that is no single thing: a person looks at it
	}
	switch event.Name {
	case "product.published":
		return setBack(ctx, tx, id, Paused, memberID, now)
	case "product.pending":
		return setBack(ctx, tx, id, Draft, memberID, now)
	case productPaused, priceChanged, stockMoved:
		_, err := TakeBack(ctx, tx, eventID, memberID, now)
		if _, refused := sorry.As(err); refused { // too old, changed again, or promised to buyers meanwhile
			return false, nil
		}
		return err == nil, err
	}
	return false, nil
}

func setBack(ctx context.Context, tx pgx.Tx, productID int64, to string, memberID int64, now time.Time) (bool, error) {
	err := SetProductStatus(ctx, tx, productID, to, memberID, now)
	if _, refused := sorry.As(err); refused {
		return false, nil
	}
	return err == nil, err
}
