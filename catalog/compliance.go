package catalog

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/rows"
	"souk/internal/sorry"
	"souk/people"
)

// Document is a paper that proves what a cooperative may sell or say.
type Document struct {
	ID            int64
	CooperativeID int64
	Code          string // of the cooperative
	Cooperative   Words
	Kind          string // onssa, igp, aop, label_agricole, terroir, bio
	Number        string
	Title         Words // the protected name, of a label
	Status        string
	ExpiresOn     *time.Time
	CreatedAt     time.Time
}

// SubmitDocument lays a paper's number before the operators. The same one twice is once; its id comes back either way. A number
// without a letter or digit, or of more than 60 signs, is refused with "document.number".
func SubmitDocument(ctx context.Context, tx pgx.Tx, cooperativeID int64, kind, number string, title Words, actor Actor, now time.Time) (int64, error) {
	number = strings.Join(strings.Fields(number), " ")
	if len(number) > 60 || !strings.ContainsFunc(number, func(r rune) bool { return r >= '0' && r <= '9' }) {
		return 0, sorry.New("document.number", nil)
	}
	if title == nil {
		title = Words{}
	}
	id, submitted, err := rows.Value[int64](ctx, tx, "submit a document", submitDocument, rows.Args{"cooperative": cooperativeID, "kind": kind,
		"number": number, "title": title, "now": now})
	if err != nil {
		return 0, err
	}
	if !submitted {
		id, _, err = rows.Value[int64](ctx, tx, "find a submitted document", `SELECT id FROM compliance_document
			WHERE cooperative_id = @cooperative AND kind = @kind AND number = @number`, rows.Args{"cooperative": cooperativeID, "kind": kind, "number": number})
		return id, err
	}
	return id, actor.Record(ctx, tx, people.Event{Name: "document.submitted", Subject: fmt.Sprintf("document/%d", id), Data: map[string]any{"kind": kind}, At: now})
}

const submitDocument = `INSERT INTO compliance_document (cooperative_id, kind, number, title, status, created_at)
	VALUES (@cooperative, @kind, @number, @title, 'submitted', @now) ON CONFLICT DO NOTHING RETURNING id`

// Documents returns the papers that wait for an operator, the oldest first; with all, the decided ones too, the newest first.
func Documents(ctx context.Context, tx pgx.Tx, all bool, limit int) ([]Document, error) {
	sql := selectDocument + ` WHERE d.status = 'submitted' ORDER BY d.created_at, d.id LIMIT @limit`
	if all {
		sql = selectDocument + ` ORDER BY d.created_at DESC, d.id DESC LIMIT @limit`
	}
	return rows.All[Document](ctx, tx, "list documents", sql, rows.Args{"limit": limit})
}

const selectDocument = `SELECT d.id, d.cooperative_id, c.code, c.name AS cooperative, d.kind, d.number, d.title, d.status, d.expires_on, d.created_at
	FROM compliance_document d JOIN cooperative c ON c.id = d.cooperative_id`

// LoadDocument returns a paper; pgx.ErrNoRows, wrapped, where there is none.
func LoadDocument(ctx context.Context, tx pgx.Tx, id int64) (Document, error) {
	return rows.One[Document](ctx, tx, fmt.Sprintf("load document %d", id), selectDocument+` WHERE d.id = @id`, rows.Args{"id": id})
}

// VerifyDocument says that a paper is good until a day (nil: without end). Listings that waited for an ONSSA number go on sale, and
// the sellers are told. Twice is once. A day that is over is refused with "document.expired".
func VerifyDocument(ctx context.Context, tx pgx.Tx, id int64, expiresOn *time.Time, now time.Time) (released int, err error) {
	if expiresOn != nil && expiresOn.Before(now.AddDate(0, 0, -1)) {
		return 0, sorry.New("document.expired", nil)
	}
	d, err := LoadDocument(ctx, tx, id)
	if err != nil {
		return 0, err
	}
	if d.Status == Verified {
		return 0, nil
	}
	if err := SetDocumentStatus(ctx, tx, id, Verified, 0, now); err != nil {
		return 0, err
	}
	if _, err := rows.Exec(ctx, tx, "keep until when a document is good", `UPDATE compliance_document SET expires_on = @on WHERE id = @id`,
		rows.Args{"id": id, "on": expiresOn}); err != nil {
		return 0, err
	}
	if d.Kind != "onssa" {
		return 0, nil
	}
	return releaseFood(ctx, tx, d.CooperativeID, now)
}

// releaseFood puts on sale what waited for nothing but the number.
func releaseFood(ctx context.Context, tx pgx.Tx, cooperativeID int64, now time.Time) (int, error) {
	waiting, err := rows.Values[int64](ctx, tx, "list food that waits for its number", waitingFood, rows.Args{"cooperative": cooperativeID})
	if err != nil {
		return 0, err
	}
	for _, product := range waiting {
		if err := release(ctx, tx, product, now); err != nil {
			return 0, err
		}
	}
	tickets, err := rows.Values[int64](ctx, tx, "find the files of a cooperative's food", complianceTickets, rows.Args{"cooperative": cooperativeID})
	for _, ticket := range tickets {
		if err := people.CloseTicket(ctx, tx, ticket, now); err != nil {
			return 0, err
		}
	}
	return len(waiting), err
}

const waitingFood = `SELECT p.id FROM product p JOIN category k ON k.id = p.category_id AND k.food
	WHERE p.cooperative_id = @cooperative AND p.status = 'pending_review'
	  AND NOT EXISTS (SELECT FROM review r WHERE r.product_id = p.id AND r.decided_at IS NULL) ORDER BY p.id`

const complianceTickets = `SELECT t.id FROM ticket t JOIN member m ON m.person_id = t.person_id AND m.cooperative_id = @cooperative
	WHERE t.kind = 'compliance' AND t.status = 'open' ORDER BY t.id`

// RejectDocument says that a paper proves nothing, and tells the sellers why, in words for them. Twice is once.
func RejectDocument(ctx context.Context, tx pgx.Tx, id int64, note string, now time.Time) error {
	if note = strings.TrimSpace(note); note == "" {
		return sorry.New("review.note", nil)
	}
	d, err := LoadDocument(ctx, tx, id)
	if err != nil || d.Status == Rejected {
		return err
	}
	if err := SetDocumentStatus(ctx, tx, id, Rejected, 0, now); err != nil {
		return err
	}
	members, err := Members(ctx, tx, d.CooperativeID)
	if err != nil {
		return err
	}
	for _, m := range members {
		if m.Role == Helper {
			continue
		}
		err := people.Notify(ctx, tx, people.Notice{PersonID: m.PersonID, Name: "document.rejected", Args: map[string]any{"number": d.Number, "note": note},
			Timing: people.AllowedHours, Dedupe: fmt.Sprintf("document.rejected/%d/%d", id, m.PersonID)}, now)
		if err != nil {
			return err
		}
	}
	return nil
}
