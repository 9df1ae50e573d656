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

// Accept makes the cooperative of an application, active, with the person as its manager, closes the ticket and tells them. What the
// person left open must have been filled in: else refused with "cooperative.name" or "catalog.no_such_town". A decided application is
// refused with "application.decided".
func (a Application) Accept(ctx context.Context, tx pgx.Tx, operator string, now time.Time) (Cooperative, error) {
	c, err := NewCooperative{Name: a.Name, TownID: a.TownID, Phone: a.Phone, RegisterNumber: a.RegisterNumber}.Create(ctx, tx, 0, now)
	if err != nil {
		return Cooperative{}, err
	}
	if err := a.decide(ctx, tx, Accepted, "", operator, c.ID, now); err != nil {
		return Cooperative{}, err
	}
	if err := AddMember(ctx, tx, c.ID, a.PersonID, Manager, 0, now); err != nil {
		return Cooperative{}, err
	}
	if err := Begin(ctx, tx, c.ID, 0, now); err != nil {
		return Cooperative{}, err
	}
	c.Status = Active
	return c, nil
}

// Refuse says no, with a reason in words for the person, closes the ticket and tells them. They may ask again.
func (a Application) Refuse(ctx context.Context, tx pgx.Tx, reason, operator string, now time.Time) error {
	return a.decide(ctx, tx, Refused, reason, operator, 0, now)
}

func (a Application) decide(ctx context.Context, tx pgx.Tx, status, reason, operator string, cooperativeID int64, now time.Time) error {
	changed, err := rows.Exec(ctx, tx, "decide an application", decideApplication, rows.Args{"id": a.ID, "status": status, "reason": reason,
		"operator": operator, "cooperative": cooperativeID, "now": now})
	if err != nil {
		return err
	}
	if changed == 0 {
		return sorry.New("application.decided", nil)
	}
	if err := a.record(ctx, tx, "application."+status, 0, now); err != nil {
		return err
	}
	if a.TicketID != 0 {
		if err := people.CloseTicket(ctx, tx, a.TicketID, now); err != nil {
			return err
		}
	}
	name := "application." + status
	return people.Notify(ctx, tx, people.Notice{PersonID: a.PersonID, Name: name, Timing: people.AllowedHours,
		Args:   map[string]any{"application": a.ID, "cooperative": cooperativeID, "reason": reason},
		Dedupe: fmt.Sprintf("%s/%d", name, a.ID)}, now)
}

const decideApplication = `UPDATE application SET status = @status, reason = @reason, operator = @operator, decided_at = @now,
		cooperative_id = NULLIF(@cooperative::bigint, 0)
	WHERE id = @id AND status = 'submitted'`

// Complete fills in, for the operator, what the person left open.
func (a *Application) Complete(ctx context.Context, tx pgx.Tx, name Words, townID string) error {
	if a.Name == nil {
		a.Name = Words{}
	}
	for lang, text := range name {
		if text != "" {
			a.Name[lang] = cut(text, MaxCooperativeName)
		}
	}
	if townID != "" {
		a.TownID = townID
	}
	_, err := rows.Exec(ctx, tx, "complete an application", completeApplication, rows.Args{"id": a.ID, "name": a.Name, "town": a.TownID})
	return err
}

const completeApplication = `UPDATE application SET name = @name, town_id = NULLIF(@town::text, '') WHERE id = @id AND status = 'submitted'`
