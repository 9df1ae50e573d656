package main

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"souk/orders"
	"souk/people"
)

// operatorLate is who to call: the orders that their cooperatives have not answered.
type operatorLate struct {
	Limit int `default:"50" help:"At most so many."`
}

func (c operatorLate) Run(ctx context.Context, o *outside) error {
	return o.at(ctx, func(d *desk, tx pgx.Tx) error {
		parts, err := orders.LateParts(ctx, tx, c.Limit)
		if err != nil {
			return err
		}
		rows := [][]string{{"ORDER", "COOPERATIVE", "CALL", "WAITS", "REMINDED", "NEXT"}}
		for _, p := range parts {
			rows = append(rows, []string{p.Code, short(p.Cooperative, 30), p.Phone, d.ago(p.PlacedAt), fmt.Sprint(p.Reminders), d.nextAbout(p)})
		}
		d.table(rows, "No order waits for an answer.")
		return nil
	})
}

// nextAbout says what happens next with an order that waits.
func (d *desk) nextAbout(p orders.LatePart) string {
	next := ""
	switch {
	case p.AsksBuyer:
		next = "its buyer is being asked"
	case p.EscalatedAt != nil:
		next = "CALL: its buyer was told " + d.ago(*p.EscalatedAt) + " ago"
	case p.RemindAt != nil:
		next = "reminded " + p.RemindAt.In(people.Zone(people.DefaultZone)).Format("Mon 2 Jan 15:04")
	}
	if p.AbsentUntil != nil && p.AbsentUntil.After(d.now) {
		next += ", away until " + p.AbsentUntil.Format("2 Jan")
	}
	return next
}
