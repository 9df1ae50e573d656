package flowstest

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"souk/catalog"
)

// selling lets something happen to a listing: "review approved", "review refused WORDS", "reviews are late", "onssa C3 verified",
// "onssa C1 expired", "rosa is removed", "drafts expire", "C3 is new". It tells whether it understood.
func (s *Stage) selling(t testing.TB, f []string, do func(func(tx pgx.Tx) error)) bool {
	t.Helper()
	ctx, now := context.Background(), s.Clock.Now()
	text := strings.Join(f, " ")
	switch {
	case text == "review approved":
		do(func(tx pgx.Tx) error {
			open, err := catalog.Reviews(ctx, tx, 1)
			if err == nil {
				_, err = catalog.Approve(ctx, tx, open[0].ID, "salma", now)
			}
			return err
		})
	case strings.HasPrefix(text, "review refused "):
		do(func(tx pgx.Tx) error {
			open, err := catalog.Reviews(ctx, tx, 1)
			if err == nil {
				_, err = catalog.Refuse(ctx, tx, open[0].ID, "salma", strings.TrimPrefix(text, "review refused "), now)
			}
			return err
		})
	case text == "reviews are late":
		do(func(tx pgx.Tx) error { _, err := catalog.EscalateReviews(ctx, tx, 10, now); return err })
	case text == "drafts expire":
		do(func(tx pgx.Tx) error { _, err := catalog.ExpireDrafts(ctx, tx, 10, now); return err })
	case len(f) == 3 && f[0] == "onssa" && f[2] == "verified":
		do(func(tx pgx.Tx) error {
			var coop int64
			if err := tx.QueryRow(ctx, `SELECT id FROM cooperative WHERE code = $1`, f[1]).Scan(&coop); err != nil {
				return err
			}
			id, err := catalog.SubmitDocument(ctx, tx, coop, "onssa", "ES.12.77.26", nil, catalog.Actor{}, now)
			if err == nil {
				_, err = catalog.VerifyDocument(ctx, tx, id, nil, now)
			}
			return err
		})
	case len(f) == 3 && f[0] == "onssa" && f[2] == "expired":
		s.exec(t, `UPDATE compliance_document SET expires_on = '2020-01-01' WHERE kind = 'onssa' AND cooperative_id = (SELECT id FROM cooperative WHERE code = $1)`, f[1])
	case len(f) == 3 && f[1] == "is" && f[2] == "new":
		s.exec(t, `UPDATE cooperative SET trusted_at = NULL WHERE code = $1`, f[0])
	case len(f) == 3 && f[1] == "is" && f[2] == "removed":
		do(func(tx pgx.Tx) error {
			var person, coop int64
			err := tx.QueryRow(ctx, `SELECT m.person_id, m.cooperative_id FROM member m JOIN address a ON a.person_id = m.person_id
				WHERE a.id = $1 AND m.removed_at IS NULL LIMIT 1`, s.address(t, s.people[f[0]])).Scan(&person, &coop)
			if err == nil {
				err = catalog.RemoveMember(ctx, tx, coop, person, 0, now)
			}
			return err
		})
	default:
		return false
	}
	return true
}

// listed is a fact about what is listed: "product P1001 published", "packs P1001 500 g 120 30", "photos P1001 2", "drafts 1",
// "reviews 1", "unreviewed P1001 ar".
func (s *Stage) listed(t testing.TB, what, want string) (got string, ok bool) {
	t.Helper()
	code, _, _ := strings.Cut(want, " ")
	switch what {
	case "product":
		return code + " " + s.value(t, `SELECT status FROM product WHERE code = $1`, code), true
	case "packs":
		return code + " " + s.value(t, `SELECT string_agg(concat_ws(' ', trim_scale(v.pack_amount), v.pack_unit, v.price / 100, s.on_hand), ', ' ORDER BY v.position)
			FROM variant v JOIN stock s ON s.variant_id = v.id JOIN product p ON p.id = v.product_id WHERE p.code = $1`, code), true
	case "photos":
		return code + " " + s.value(t, `SELECT count(*)::text FROM photo f JOIN product p ON p.id = f.product_id WHERE p.code = $1`, code), true
	case "unreviewed":
		return code + " " + s.value(t, `SELECT array_to_string(unreviewed, ' ') FROM product WHERE code = $1`, code), true
	case "drafts":
		return s.value(t, `SELECT count(*)::text FROM draft WHERE status = 'open' AND person_id = $1`, s.person(t)), true
	case "reviews":
		return s.value(t, `SELECT count(*)::text FROM review WHERE decided_at IS NULL`), true
	}
	return "", false
}
