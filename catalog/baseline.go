package catalog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/rows"
	"souk/people"
)

// Baseline is how a cooperative says that it stands: when it joins, and six and twelve months later. Nothing of it is needed to sell.
type Baseline struct {
	CooperativeID int64
	Month         int // 0, 6, 12
	Members       *int
	Women         *int
	SalesBand     string   // of a month: one of SalesBands, "" where it was not said
	SellsBy       []string // some of SalesWays
	ONSSA         *bool
}

// SalesBands are what a cooperative sells for in a month, in dirhams.
func SalesBands() []string {
	return []string{"none", "under_2000", "under_10000", "under_50000", "over_50000"}
}

// SalesWays are where a cooperative sells.
func SalesWays() []string { return []string{"market", "fair", "shop", "phone", "social", "online"} }

// BaselineMonths are the months after the beginning at which a cooperative is asked.
func BaselineMonths() []int { return []int{0, 6, 12} }

// baselineAfter leaves a new cooperative the time to list its first product before it is asked anything.
const baselineAfter = time.Hour

func planBaseline(ctx context.Context, tx pgx.Tx, cooperativeID int64, now time.Time) error {
	for _, month := range BaselineMonths() {
		_, err := rows.Exec(ctx, tx, "plan a baseline", planOne, rows.Args{"cooperative": cooperativeID, "month": month,
			"due": now.AddDate(0, month, 0).Add(baselineAfter)})
		if err != nil {
			return err
		}
	}
	return nil
}

const planOne = `INSERT INTO baseline (cooperative_id, month, due_at) VALUES (@cooperative, @month, @due) ON CONFLICT DO NOTHING`

type dueBaseline struct {
	CooperativeID int64
	Month         int
	PersonID      int64
}

// AskBaselines asks one manager of each active cooperative whose day has come, at most limit of them, and returns how many were
// asked. Who once said no is not asked again. A later month overtakes an earlier one that was never asked.
func AskBaselines(ctx context.Context, tx pgx.Tx, limit int, now time.Time) (int, error) {
	due, err := rows.All[dueBaseline](ctx, tx, "find due baselines", findDueBaselines, rows.Args{"limit": limit, "now": now})
	if err != nil {
		return 0, err
	}
	for _, b := range due {
		_, err := rows.Exec(ctx, tx, "mark a baseline asked", markBaseline,
			rows.Args{"cooperative": b.CooperativeID, "month": b.Month, "person": b.PersonID, "now": now})
		if err != nil {
			return 0, err
		}
		err = people.Notify(ctx, tx, people.Notice{PersonID: b.PersonID, Name: "baseline.asked", Mode: people.Ask, Timing: people.AllowedHours,
			Args:   map[string]any{"cooperative": b.CooperativeID, "month": b.Month},
			Dedupe: fmt.Sprintf("baseline.asked/%d/%d", b.CooperativeID, b.Month), ExpiresAt: now.AddDate(0, 1, 0)}, now)
		if err != nil {
			return 0, err
		}
	}
	return len(due), nil
}

// The manager who belongs to the cooperative the longest is asked.
const findDueBaselines = `SELECT b.cooperative_id, b.month, (SELECT m.person_id FROM member m WHERE m.cooperative_id = b.cooperative_id
		AND m.removed_at IS NULL AND m.role = 'manager' ORDER BY m.created_at, m.person_id LIMIT 1) AS person_id
	FROM baseline b JOIN cooperative c ON c.id = b.cooperative_id AND c.status = 'active'
	WHERE b.asked_at IS NULL AND b.due_at <= @now
		AND NOT EXISTS (SELECT FROM baseline d WHERE d.cooperative_id = b.cooperative_id AND d.declined_at IS NOT NULL)
		AND NOT EXISTS (SELECT FROM baseline l WHERE l.cooperative_id = b.cooperative_id AND l.month > b.month AND l.due_at <= @now)
		AND EXISTS (SELECT FROM member m WHERE m.cooperative_id = b.cooperative_id AND m.removed_at IS NULL AND m.role = 'manager')
	ORDER BY b.due_at LIMIT @limit FOR UPDATE OF b SKIP LOCKED`

const markBaseline = `UPDATE baseline SET asked_at = @now, asked_of = @person WHERE cooperative_id = @cooperative AND month = @month`

// BaselineOpen tells whether a person's answer is still wanted: they were the one who was asked, still manage the cooperative, and
// have neither declined nor finished.
func BaselineOpen(ctx context.Context, tx pgx.Tx, personID, cooperativeID int64, month int) (bool, error) {
	_, open, err := rows.Value[int16](ctx, tx, "look up a baseline", baselineOpen,
		rows.Args{"cooperative": cooperativeID, "month": month, "person": personID})
	return open, err
}

const baselineOpen = `SELECT b.month FROM baseline b
	JOIN member m ON m.cooperative_id = b.cooperative_id AND m.person_id = @person AND m.removed_at IS NULL AND m.role = 'manager'
	WHERE b.cooperative_id = @cooperative AND b.month = @month AND b.asked_of = @person AND b.declined_at IS NULL AND b.answered_at IS NULL`

// DeclineBaseline keeps a no: this cooperative is not asked again, at no month.
func DeclineBaseline(ctx context.Context, tx pgx.Tx, personID, cooperativeID int64, month int, now time.Time) error {
	return answerBaseline(ctx, tx, "baseline.declined", declineBaseline, rows.Args{}, personID, cooperativeID, month, now)
}

const declineBaseline = `UPDATE baseline SET declined_at = @now WHERE cooperative_id = @cooperative AND month = @month
	AND declined_at IS NULL AND consented_at IS NULL`

// ConsentBaseline keeps a yes.
func ConsentBaseline(ctx context.Context, tx pgx.Tx, personID, cooperativeID int64, month int, now time.Time) error {
	return answerBaseline(ctx, tx, "baseline.consented", consentBaseline, rows.Args{}, personID, cooperativeID, month, now)
}

const consentBaseline = `UPDATE baseline SET consented_at = @now WHERE cooperative_id = @cooperative AND month = @month
	AND declined_at IS NULL AND consented_at IS NULL`

// AnswerBaseline keeps the answers, after the consent; what was skipped stays unknown.
func AnswerBaseline(ctx context.Context, tx pgx.Tx, personID int64, b Baseline, now time.Time) error {
	if b.SalesBand != "" && !slices.Contains(SalesBands(), b.SalesBand) {
		return errors.New("answer a baseline: there is no sales band " + b.SalesBand)
	}
	return answerBaseline(ctx, tx, "baseline.answered", fillBaseline, rows.Args{"members": b.Members, "women": b.Women, "band": b.SalesBand,
		"ways": b.SellsBy, "onssa": b.ONSSA}, personID, b.CooperativeID, b.Month, now)
}

const fillBaseline = `UPDATE baseline SET members = @members, women = @women, sales_band = NULLIF(@band::text, ''), sells_by = @ways, onssa = @onssa,
		answered_at = @now
	WHERE cooperative_id = @cooperative AND month = @month AND consented_at IS NOT NULL AND answered_at IS NULL`

func answerBaseline(ctx context.Context, tx pgx.Tx, name, sql string, args rows.Args, personID, cooperativeID int64, month int, now time.Time) error {
	args["cooperative"], args["month"], args["now"] = cooperativeID, month, now
	changed, err := rows.Exec(ctx, tx, name, sql, args)
	if err != nil || changed == 0 {
		return err
	}
	return people.Append(ctx, tx, people.Event{Name: name, Subject: fmt.Sprintf("cooperative/%d", cooperativeID), ActorID: personID,
		Data: map[string]any{"month": month}, At: now})
}
