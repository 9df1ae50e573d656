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

// ReportReason says what a buyer finds wrong with a listing.
type ReportReason string

// The reasons of reports.
const (
	NotAsShown   ReportReason = "not_as_shown"
	NotAllowed   ReportReason = "forbidden"
	WrongPrice   ReportReason = "price"
	Unsafe       ReportReason = "unsafe"
	OtherReasons ReportReason = "other"
)

// ReportReasons are all of them, in the order in which people are asked.
func ReportReasons() []ReportReason {
	return []ReportReason{NotAsShown, WrongPrice, Unsafe, NotAllowed, OtherReasons}
}

// reportsEnough is how many people must find something wrong before a listing leaves the shelves until an operator has looked. Where it
// may harm, one is enough.
const reportsEnough = 3

// Report notes that a person finds something wrong with a listing: said again of the same product, nothing happens (again is true).
// Operators see each; the third person's, and any that warns of harm or of what may not be sold, takes the listing off the shelves
// until an operator decides, and its members are told. It refuses with "report.own" a member of the same cooperative, and with
// "catalog.gone" what is not on the shelves.
func Report(ctx context.Context, tx pgx.Tx, personID, productID int64, reason ReportReason, words string, now time.Time) (again bool, err error) {
	p, found, err := rows.Maybe[struct {
		Code   string
		Title  Words
		Status string
		Own    bool
	}](ctx, tx, "look up what is reported", reported, rows.Args{"product": productID, "person": personID})
	switch {
	case err != nil:
		return false, err
	case !found || p.Status != Published && p.Status != PendingReview:
		return false, sorry.New("catalog.gone", nil)
	case p.Own:
		return false, sorry.New("report.own", nil)
	}
	body := cleanWords(words)
	id, put, err := rows.Value[int64](ctx, tx, "note a report", putReport, rows.Args{"product": productID, "person": personID, "reason": string(reason), "body": body, "now": now})
	if err != nil || !put {
		return !put, err
	}
	if _, err := people.OpenTicket(ctx, tx, people.Ticket{PersonID: personID, Kind: people.ReportedGoods,
		Body: fmt.Sprintf("report %d: %s %s: %s%s", id, p.Code, p.Title.In("fr"), reason, before(": ", body))}, now); err != nil {
		return false, err
	}
	if p.Status != Published {
		return false, nil
	}
	others, _, err := rows.Value[int64](ctx, tx, "count reports", `SELECT count(*) FROM report WHERE product_id = @product AND review_id IS NULL`, rows.Args{"product": productID})
	if err != nil || others < reportsEnough && reason != Unsafe && reason != NotAllowed {
		return false, err
	}
	r, err := OpenReview(ctx, tx, productID, Reported, string(reason)+before(": ", body), now)
	if err != nil {
		return false, err
	}
	if _, err := rows.Exec(ctx, tx, "tie reports to their review", `UPDATE report SET review_id = @review WHERE product_id = @product AND review_id IS NULL`,
		rows.Args{"review": r.ID, "product": productID}); err != nil {
		return false, err
	}
	return false, tellSellers(ctx, tx, productID, "listing.reported", map[string]any{"promised": r.PromisedAt.Unix()}, fmt.Sprintf("listing.reported/%d", r.ID), now)
}

const reported = `SELECT p.code, p.title, p.status, EXISTS (SELECT FROM member m WHERE m.cooperative_id = p.cooperative_id
		AND m.person_id = @person AND m.removed_at IS NULL) AS own
	FROM product p WHERE p.id = @product FOR NO KEY UPDATE OF p`

const putReport = `INSERT INTO report (product_id, person_id, reason, body, created_at) VALUES (@product, @person, @reason, @body, @now)
	ON CONFLICT (product_id, person_id) DO NOTHING RETURNING id`

// tellReporters thanks those whose reports a review was about, and tells what became of them.
func tellReporters(ctx context.Context, tx pgx.Tx, r Review, decision string, now time.Time) error {
	reporters, err := rows.Values[int64](ctx, tx, "list who reported", `SELECT person_id FROM report WHERE review_id = @review ORDER BY person_id`, rows.Args{"review": r.ID})
	if err != nil {
		return err
	}
	for _, person := range reporters {
		err := people.Notify(ctx, tx, people.Notice{PersonID: person, Name: "reporter." + decision, Args: map[string]any{"product": r.ProductID},
			Timing: people.AllowedHours, Dedupe: fmt.Sprintf("reporter.%s/%d/%d", decision, r.ID, person)}, now)
		if err != nil {
			return err
		}
	}
	return nil
}
