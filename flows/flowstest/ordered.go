package flowstest

import (
	"context"
	"strconv"
	"testing"

	"github.com/jackc/pgx/v5"

	"souk/orders"
)

// orders lets somebody have ordered without the words that it takes: "amina orders P1 2 P2 1" is one purchase at the first relay, of the
// first pack of each product ("P2/2" of its second). It tells whether it understood.
func (s *Stage) orders(t testing.TB, f []string, do func(func(tx pgx.Tx) error)) bool {
	t.Helper()
	if len(f) < 4 || f[1] != "orders" || s.people[f[0]] == nil {
		return false
	}
	ctx, now := context.Background(), s.Clock.Now()
	buyer := s.people[f[0]]
	do(func(tx pgx.Tx) error {
		var person, relay int64
		err := tx.QueryRow(ctx, `SELECT person_id, (SELECT id FROM relay WHERE code = 'R1') FROM address WHERE id = $1`, s.address(t, buyer)).Scan(&person, &relay)
		if err != nil {
			return err
		}
		if err := orders.SetRelay(ctx, tx, person, relay, now); err != nil {
			return err
		}
		if err := orders.SetReceiver(ctx, tx, person, "", "+212612345678", now); err != nil {
			return err
		}
		for i := 2; i+1 < len(f); i += 2 {
			n, err := strconv.ParseInt(f[i+1], 10, 64)
			if err != nil {
				return err
			}
			variant, _ := s.variant(t, f[i])
			if err := orders.AddToCart(ctx, tx, person, variant, n, now); err != nil {
				return err
			}
		}
		held, err := s.Shop.Hold(ctx, tx, person, now)
		if err == nil {
			_, err = s.Shop.Place(ctx, tx, held.ID, now)
		}
		return err
	})
	return true
}
