package flowstest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"souk/catalog"
	"souk/people"
)

// invited puts the last invitation's code where {invite} stands, and a wrong one where {wrong} stands.
func (s *Stage) invited(t testing.TB, text string) string {
	t.Helper()
	if !strings.Contains(text, "{invite}") && !strings.Contains(text, "{wrong}") {
		return text
	}
	var i catalog.Invitation
	err := s.Pool.QueryRow(context.Background(), `SELECT id, generation FROM invitation ORDER BY id DESC LIMIT 1`).Scan(&i.ID, &i.Generation)
	if err != nil {
		t.Fatalf("the last invitation: %v", err)
	}
	code := s.Codes.Invitation(i)
	wrong := code[:len(code)-2] + map[bool]string{true: "YZ", false: "ZZ"}[strings.HasSuffix(code, "ZZ")]
	return strings.NewReplacer("{invite}", code, "{wrong}", wrong).Replace(text)
}

// joins lets happen what operators and time do to those who join:
//
//	operator-invites C3 seller [+212…]   by an operator
//	founded Name | الاسم                 a cooperative that is invited, with a manager's invitation
//	accepted / refused REASON            the application that waits
//	suspended C1 REASON, closed C1 REASON, reopened C1
//	baselines                            those that are due are asked
//	nadia pauses P1, nadia counts P1     what a helper does for a member, by whatever way
func (s *Stage) joins(t testing.TB, at string, f []string, do func(func(tx pgx.Tx) error)) bool {
	t.Helper()
	ctx, now := context.Background(), s.Clock.Now()
	waiting := func(tx pgx.Tx) catalog.Application {
		list, err := catalog.Applications(ctx, tx, 1)
		if err != nil || len(list) == 0 {
			t.Fatalf("%s: no application waits: %v", at, err)
		}
		return list[0]
	}
	move := func(to string) {
		do(func(tx pgx.Tx) error {
			c, err := catalog.CooperativeByCode(ctx, tx, f[1])
			if err == nil {
				err = c.Move(ctx, tx, to, strings.Join(f[2:], " "), now)
			}
			return err
		})
	}
	switch f[0] {
	case "operator-invites":
		do(func(tx pgx.Tx) error {
			c, err := catalog.CooperativeByCode(ctx, tx, f[1])
			if err == nil {
				_, err = catalog.Invite(ctx, tx, catalog.Invitation{CooperativeID: c.ID, Role: catalog.MemberRole(f[2]), Phone: strings.Join(f[3:], "")}, now)
			}
			return err
		})
	case "founded":
		fr, ar, _ := strings.Cut(strings.Join(f[1:], " "), " | ")
		do(func(tx pgx.Tx) error {
			c, err := catalog.NewCooperative{Name: catalog.Words{"fr": fr, "ar": ar}, TownID: "azilal"}.Create(ctx, tx, 0, now)
			if err == nil {
				_, err = catalog.Invite(ctx, tx, catalog.Invitation{CooperativeID: c.ID, Role: catalog.Manager}, now)
			}
			return err
		})
	case "accepted":
		do(func(tx pgx.Tx) error {
			a := waiting(tx)
			if a.Name["fr"] == "" || a.Name["ar"] == "" || a.TownID == "" { // the operator asked for it
				if err := a.Complete(ctx, tx, catalog.Words{"fr": people.CleanName(a.Name.In("fr")), "ar": people.CleanName(a.Name.In("ar"))}, "azilal"); err != nil {
					return err
				}
			}
			_, err := a.Accept(ctx, tx, "Salma", now)
			return err
		})
	case "refused":
		do(func(tx pgx.Tx) error { return waiting(tx).Refuse(ctx, tx, strings.Join(f[1:], " "), "Salma", now) })
	case "suspended":
		move(catalog.Suspended)
	case "closed":
		move(catalog.Closed)
	case "reopened":
		move(catalog.Active)
	case "baselines":
		do(func(tx pgx.Tx) error { _, err := catalog.AskBaselines(ctx, tx, 10, now); return err })
	default:
		return len(f) == 3 && s.acts(t, at, f, do)
	}
	return true
}

// acts lets a helper do something to a product for the member who agreed.
func (s *Stage) acts(t testing.TB, at string, f []string, do func(func(tx pgx.Tx) error)) bool {
	t.Helper()
	p, ctx, now := s.people[f[0]], context.Background(), s.Clock.Now()
	if p == nil || f[1] != "pauses" && f[1] != "counts" {
		return false
	}
	do(func(tx pgx.Tx) error {
		var product, cooperative, variant, person int64
		err := tx.QueryRow(ctx, `SELECT p.id, p.cooperative_id, v.id, a.person_id FROM product p JOIN variant v ON v.product_id = p.id, address a
			WHERE p.code = $1 AND a.id = $2 ORDER BY v.position LIMIT 1`, f[2], s.address(t, p)).Scan(&product, &cooperative, &variant, &person)
		if err != nil {
			return fmt.Errorf("%s: %w", at, err)
		}
		actor, err := catalog.MayAct(ctx, tx, person, cooperative)
		if err != nil {
			return err
		}
		if f[1] == "counts" {
			return actor.Record(ctx, tx, people.Event{Name: "stock.counted", Subject: fmt.Sprintf("variant/%d", variant), At: now})
		}
		if _, err := tx.Exec(ctx, `UPDATE product SET status = 'paused' WHERE id = $1`, product); err != nil {
			return err
		}
		return actor.Record(ctx, tx, people.Event{Name: "product.paused", Subject: fmt.Sprintf("product/%d", product), At: now})
	})
	return true
}
