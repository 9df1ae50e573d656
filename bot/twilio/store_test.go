package twilio

import (
	"testing"
	"time"

	"souk/internal/postgres/pgtest"
)

func TestStores(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	now := time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC)
	resources := ResourcesIn(pool, func() time.Time { return now })
	for _, resource := range []Resource{{"souk_reply_l1_n1_fr", "h1", "HX1"}, {"souk_reply_l1_n1_fr", "h2", "HX2"}, {"souk_reply_l1_n2_fr", "h3", "HX3"}} {
		if err := resources.Save(t.Context(), accountSID, resource); err != nil {
			t.Fatal(err)
		}
	}
	all, err := resources.Load(t.Context(), accountSID)
	byName := map[string]Resource{}
	for _, resource := range all {
		byName[resource.Name] = resource
	}
	if err != nil || len(all) != 2 || byName["souk_reply_l1_n1_fr"].SID != "HX2" || byName["souk_reply_l1_n1_fr"].Hash != "h2" {
		t.Errorf("%+v, %v", all, err)
	}
	if others, err := resources.Load(t.Context(), "ACother"); err != nil || len(others) != 0 {
		t.Errorf("%+v, %v", others, err)
	}

	if _, err := pool.Exec(t.Context(), `
		WITH a AS (INSERT INTO address (channel, account, external_id, created_at) VALUES ('sms', 'sms:+15005550006', '+212612345678', $1) RETURNING id),
		c AS (INSERT INTO conversation (id) SELECT id FROM a RETURNING id),
		i AS (INSERT INTO inbox (account, provider_id, conversation_id, source, body, received_at)
		      SELECT 'sms:+15005550006', 'SM0', id, 'sms', '', $1 FROM c RETURNING id, conversation_id)
		INSERT INTO outbox (inbox_id, seq, conversation_id, class, body, not_before, provider_message_id, created_at)
		SELECT id, 0, conversation_id, 0, '{}', $1, 'SM1', $1 FROM i`, now); err != nil {
		t.Fatal(err)
	}
	taken := TakenIn(pool)
	for _, c := range []struct {
		account, number, sid string
		want                 bool
	}{
		{"sms:+15005550006", "+212612345678", "SM1", true}, {"sms:+15005550006", "+212612345678", "SM2", false},
		{"sms:+15005550006", "+212600000000", "SM1", false}, {"whatsapp:+15005550006", "+212612345678", "SM1", false},
	} {
		if got, err := taken(t.Context(), c.account, c.number, c.sid); err != nil || got != c.want {
			t.Errorf("%+v: %v, %v", c, got, err)
		}
	}
}
