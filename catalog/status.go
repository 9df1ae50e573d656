package catalog

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/rows"
	"souk/internal/sorry"
	"souk/people"
)

// The statuses of products, cooperatives and compliance documents.
const (
	Draft         = "draft"
	PendingReview = "pending_review"
	Published     = "published"
	Paused        = "paused"
	Archived      = "archived"

	Invited   = "invited"
	Active    = "active"
	Suspended = "suspended"
	Closed    = "closed"

	Submitted = "submitted"
	Verified  = "verified"
	Expired   = "expired"
	Rejected  = "rejected"
)

// From which statuses each one can be reached.
var (
	productFrom = map[string][]string{
		PendingReview: {Draft, Published, Paused}, // listed, or reported
		Draft:         {PendingReview},            // sent back
		Published:     {PendingReview, Paused},
		Paused:        {Published},
		Archived:      {Draft, PendingReview, Published, Paused},
	}
	cooperativeFrom = map[string][]string{
		Active:    {Invited, Suspended},
		Suspended: {Active},
		Closed:    {Invited, Active, Suspended},
	}
	documentFrom = map[string][]string{
		Verified: {Submitted},
		Rejected: {Submitted},
		Expired:  {Verified},
	}
)

// SetProductStatus moves a product along: draft → pending_review → published ⇄ paused → archived. Where it is already: nothing
// happens. A way that is not there is refused with "catalog.status"; food without a valid ONSSA document is not published:
// "catalog.needs_onssa"; nor is what waits for an operator: "listing.in_review".
func SetProductStatus(ctx context.Context, tx pgx.Tx, productID int64, to string, actor int64, now time.Time) error {
	if to == Published {
		waits, _, err := rows.Maybe[keptBack](ctx, tx, "look for what keeps a product from sale", mayPublish, rows.Args{"id": productID, "now": now})
		switch {
		case err != nil:
			return err
		case waits.InReview:
			return sorry.New("listing.in_review", nil)
		case waits.Undocumented:
			return sorry.New("catalog.needs_onssa", nil)
		}
	}
	return setStatus(ctx, tx, subject{"product", productID}, setProductStatus, rows.Args{"now": now}, productFrom, to, actor, now)
}

// keptBack is what keeps a product from sale.
type keptBack struct{ InReview, Undocumented bool }

const mayPublish = `SELECT EXISTS (SELECT FROM review r WHERE r.product_id = p.id AND r.decided_at IS NULL) AS in_review,
		k.food AND NOT EXISTS (SELECT FROM valid_document(@now) d WHERE d.cooperative_id = p.cooperative_id AND d.kind = 'onssa') AS undocumented
	FROM product p JOIN category k ON k.id = p.category_id WHERE p.id = @id`

const setProductStatus = `UPDATE product SET status = @to, updated_at = @now WHERE id = @id AND status = ANY(@from)`

// SetCooperativeStatus moves a cooperative along: invited → active ⇄ suspended → closed. What it sells leaves the shelves at once
// when it is not active.
func SetCooperativeStatus(ctx context.Context, tx pgx.Tx, cooperativeID int64, to string, actor int64, now time.Time) error {
	return setStatus(ctx, tx, subject{"cooperative", cooperativeID}, setCooperativeStatus, rows.Args{}, cooperativeFrom, to, actor, now)
}

const setCooperativeStatus = `UPDATE cooperative SET status = @to WHERE id = @id AND status = ANY(@from)`

// SetDocumentStatus moves a compliance document along: submitted → verified → expired, or rejected.
func SetDocumentStatus(ctx context.Context, tx pgx.Tx, documentID int64, to string, actor int64, now time.Time) error {
	return setStatus(ctx, tx, subject{"document", documentID}, setDocumentStatus, rows.Args{}, documentFrom, to, actor, now)
}

const setDocumentStatus = `UPDATE compliance_document SET status = @to WHERE id = @id AND status = ANY(@from)`

// ExpireDocuments marks at most limit verified documents whose last day is over, and returns how many. What depends on them is off
// the shelves from that day on even before this runs.
func ExpireDocuments(ctx context.Context, tx pgx.Tx, limit int, now time.Time) (int, error) {
	ids, err := rows.Values[int64](ctx, tx, "find expired documents", findExpired, rows.Args{"limit": limit, "now": now})
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		if err := SetDocumentStatus(ctx, tx, id, Expired, 0, now); err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}

const findExpired = `SELECT id FROM compliance_document
	WHERE status = 'verified' AND expires_on < (@now AT TIME ZONE 'Africa/Casablanca')::date ORDER BY id LIMIT @limit FOR UPDATE SKIP LOCKED`

type subject struct {
	kind string
	id   int64
}

// setStatus is one conditional update with its event. args are what sql names beyond id, to and from.
func setStatus(ctx context.Context, tx pgx.Tx, s subject, sql string, args rows.Args, ways map[string][]string, to string,
	actor int64, now time.Time,
) error {
	from := ways[to]
	args["id"], args["to"], args["from"] = s.id, to, from
	changed, err := rows.Exec(ctx, tx, "set status of "+s.kind, sql, args)
	if err != nil {
		return err
	}
	if changed == 1 {
		return people.Append(ctx, tx, people.Event{Name: s.kind + "." + to, Subject: fmt.Sprintf("%s/%d", s.kind, s.id), ActorID: actor, At: now})
	}
	status, found, err := rows.Value[string](ctx, tx, "look up status of "+s.kind, statusOf[s.kind], rows.Args{"id": s.id})
	switch {
	case err != nil:
		return err
	case !found:
		return fmt.Errorf("set status of %s %d: %w", s.kind, s.id, pgx.ErrNoRows)
	case status == to:
		return nil
	case slices.Contains(from, status):
		return fmt.Errorf("set status of %s %d: it changed meanwhile", s.kind, s.id)
	}
	return sorry.New("catalog.status", map[string]any{"status": status, "to": to})
}

var statusOf = map[string]string{
	"product":     `SELECT status FROM product WHERE id = @id`,
	"cooperative": `SELECT status FROM cooperative WHERE id = @id`,
	"document":    `SELECT status FROM compliance_document WHERE id = @id`,
}
