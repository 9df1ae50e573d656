package orders

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/catalog"
	"souk/internal/rows"
	"souk/people"
)

// A cooperative that does not answer an order is reminded after these many working hours since it was placed; at the last of them an
// operator is told, and the buyer hears honestly that nobody answered yet.
var remindAfter = [...]int{4, 8, 12}

// reminder is when the nth reminder is due, counted from 0.
func reminder(from time.Time, n int) time.Time {
	return people.WorkingHours(from, remindAfter[n], people.DefaultZone)
}

func firstReminder(placed time.Time) time.Time { return reminder(placed, 0) }

func lastReminder(placed time.Time) time.Time { return reminder(placed, len(remindAfter)-1) }

// remindersDue lists the parts whose reminder is due.
const remindersDue = `SELECT id FROM coop_order WHERE status = 'placed' AND remind_at <= @now ORDER BY remind_at, id LIMIT @limit`

// Remind tells a cooperative's members, or at last an operator and the buyer, of an order that was not answered. Where it is not due,
// or was answered meanwhile, nothing happens. A cooperative that is away counts its hours from its return.
func Remind(ctx context.Context, tx pgx.Tx, partID int64, now time.Time) error {
	p, part, err := lockPart(ctx, tx, partID)
	if err != nil {
		return err
	}
	type state struct {
		RemindAt    *time.Time
		Reminders   int
		AbsentUntil *time.Time
	}
	s, err := rows.One[state](ctx, tx, "read a reminder", readReminder, rows.Args{"part": partID})
	if err != nil || part.Status != Placed || s.RemindAt == nil || s.RemindAt.After(now) {
		return err
	}
	from := *p.PlacedAt
	if s.AbsentUntil != nil {
		zone := people.Zone(people.DefaultZone)
		if back := time.Date(s.AbsentUntil.Year(), s.AbsentUntil.Month(), s.AbsentUntil.Day(), 0, 0, 0, 0, zone); back.After(from) {
			from = back
		}
	}
	n := min(s.Reminders, len(remindAfter)-1)
	switch due := reminder(from, n); {
	case from.After(now):
		return setReminder(ctx, tx, part.ID, s.Reminders, due)
	case due.After(now): // "later" asked for an hour before the next one
		return remindMembers(ctx, tx, part, s.Reminders, due, now, fmt.Sprintf("later-%d", now.Unix()))
	case n < len(remindAfter)-1:
		return remindMembers(ctx, tx, part, s.Reminders+1, reminder(from, n+1), now, fmt.Sprint(n+1))
	}
	return escalate(ctx, tx, p, part, now)
}

const readReminder = `SELECT o.remind_at, o.reminders, c.absent_until FROM coop_order o JOIN cooperative c ON c.id = o.cooperative_id WHERE o.id = @part`

// remindMembers tells the members, once for each key, and sets when to look again.
func remindMembers(ctx context.Context, tx pgx.Tx, part Part, reminders int, next, now time.Time, key string) error {
	if err := setReminder(ctx, tx, part.ID, reminders, next); err != nil {
		return err
	}
	if err := tellMembersOnce(ctx, tx, part, "order.reminder", key, now); err != nil {
		return err
	}
	return people.Append(ctx, tx, people.Event{Name: "part.reminded", Subject: partSubject(part.ID), At: now})
}

func setReminder(ctx context.Context, tx pgx.Tx, partID int64, reminders int, at time.Time) error {
	if _, err := tx.Exec(ctx, `UPDATE coop_order SET reminders = $2, remind_at = $3 WHERE id = $1`, partID, reminders, at); err != nil {
		return fmt.Errorf("set the reminder of part %d: %w", partID, err)
	}
	return nil
}

// escalate hands an order that nobody answers to an operator, who reaches the cooperative's managers, and tells the buyer.
func escalate(ctx context.Context, tx pgx.Tx, p Purchase, part Part, now time.Time) error {
	if _, err := tx.Exec(ctx, `UPDATE coop_order SET remind_at = NULL, reminders = $2, escalated_at = $3 WHERE id = $1`, part.ID, len(remindAfter), now); err != nil {
		return fmt.Errorf("escalate part %d: %w", part.ID, err)
	}
	members, err := catalog.Members(ctx, tx, part.CooperativeID)
	if err != nil {
		return err
	}
	ticket := people.Ticket{Kind: people.LateOrder, Body: fmt.Sprintf("%s: no answer after %d working hours. Its buyer was told and may cancel.",
		part.Code, remindAfter[len(remindAfter)-1])}
	if len(members) > 0 {
		ticket.PersonID = members[0].PersonID
	}
	if _, err := people.OpenTicket(ctx, tx, ticket, now); err != nil {
		return err
	}
	if err := people.Append(ctx, tx, people.Event{Name: "part.escalated", Subject: partSubject(part.ID), At: now}); err != nil {
		return err
	}
	return tellBuyer(ctx, tx, p, part, "part.waiting", nil, now)
}

// LatePart is an order that its cooperative has not answered, for operators.
type LatePart struct {
	Code        string
	Cooperative string // in French
	Phone       string // the cooperative's
	PlacedAt    time.Time
	Reminders   int
	RemindAt    *time.Time // the next one; nil where an operator was told, or the buyer is being asked
	EscalatedAt *time.Time
	AbsentUntil *time.Time
	AsksBuyer   bool
}

// LateParts lists the orders that wait for their cooperative's answer, the longest waiting first.
func LateParts(ctx context.Context, tx pgx.Tx, limit int) ([]LatePart, error) {
	return rows.All[LatePart](ctx, tx, "list orders that wait", lateParts, rows.Args{"limit": limit})
}

const lateParts = `
SELECT o.code, c.name->>'fr' AS cooperative, coalesce(c.phone, '') AS phone, p.placed_at, o.reminders, o.remind_at, o.escalated_at, c.absent_until,
       EXISTS (SELECT FROM amendment a WHERE a.coop_order_id = o.id AND a.status = 'asked') AS asks_buyer
  FROM coop_order o JOIN purchase p ON p.id = o.purchase_id JOIN cooperative c ON c.id = o.cooperative_id
 WHERE o.status = 'placed' ORDER BY p.placed_at, o.id LIMIT @limit`
