package sample

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"souk/internal/postgres"
	"souk/internal/rows"
	"souk/people"
)

func TestMembersMayBeReachedAndAreStillThemselvesWhenTheyWrite(t *testing.T) {
	t.Parallel()
	pool, _ := seeded(t)
	members := number(t, pool, `SELECT count(*) FROM member`)
	for range 2 {
		if err := Reach(t.Context(), pool, "sms", "sms:+15005550006", thursday); err != nil {
			t.Fatal(err)
		}
	}
	if n := number(t, pool, `SELECT count(*) FROM address`); n != members {
		t.Errorf("%d addresses for %d members", n, members)
	}

	var fadma int64
	err := postgres.Tx(t.Context(), pool, func(tx pgx.Tx) error {
		var err error
		if fadma, _, err = rows.Value[int64](t.Context(), tx, "find member", `SELECT id FROM person WHERE phone = '+212600000025'`, rows.Args{}); err != nil {
			return err
		}
		addresses, err := people.Addresses(t.Context(), tx, fadma)
		if err != nil {
			return err
		}
		if len(addresses) != 1 || !addresses[0].Reachable() {
			t.Errorf("her addresses: %+v, want one that may be written to", addresses)
		}
		// Her first WhatsApp message: an address that the gateway has just made, with nobody there yet.
		whatsApp, _, err := rows.Value[int64](t.Context(), tx, "make address",
			`INSERT INTO address (channel, account, external_id, created_at) VALUES ('whatsapp', 'whatsapp:+14155238886', '+212600000025', @now) RETURNING id`,
			rows.Args{"now": thursday})
		if err != nil {
			return err
		}
		person, _, created, err := people.Identify(t.Context(), tx, whatsApp, people.Hint{Lang: "fr"}, thursday)
		if err != nil {
			return err
		}
		if created || person.ID != fadma {
			t.Errorf("on WhatsApp she is person %d (new: %v), want %d", person.ID, created, fadma)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
