package sample

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/postgres"
	"souk/internal/rows"
)

// Reach gives every member of the sample's cooperatives an address on a channel where an address is a phone number (WhatsApp,
// SMS), as if each had written there once, so that they hear of orders. channel and account are the channel's name and its
// account as the gateway stores them. Call it after Seed; twice is once. Their numbers belong to nobody: only for a demo or a test.
func Reach(ctx context.Context, db postgres.Beginner, channel, account string, now time.Time) error {
	return postgres.Tx(ctx, db, func(tx pgx.Tx) error {
		args := rows.Args{"channel": channel, "account": account, "now": now}
		if _, err := rows.Exec(ctx, tx, "give members an address", putAddresses, args); err != nil {
			return err
		}
		if _, err := rows.Exec(ctx, tx, "give members a conversation", putConversations, rows.Args{"account": account}); err != nil {
			return err
		}
		_, err := rows.Exec(ctx, tx, "let members speak there", putAddressPersons, rows.Args{"account": account, "now": now})
		return err
	})
}

// Only numbers of the sample's own, which belong to nobody, are ever written to.
const sampleNumbers = `person p WHERE p.phone LIKE '+2126000000__' AND EXISTS (SELECT FROM member m WHERE m.person_id = p.id AND m.removed_at IS NULL)`

const putAddresses = `INSERT INTO address (channel, account, external_id, person_id, consented_at, created_at)
	SELECT @channel::text, @account::text, p.phone, min(p.id), @now::timestamptz, @now::timestamptz FROM ` + sampleNumbers + ` GROUP BY p.phone
	ON CONFLICT (account, external_id) DO NOTHING`

const putAddressPersons = `INSERT INTO address_person (address_id, person_id, created_at)
	SELECT id, person_id, @now FROM address WHERE account = @account AND external_id LIKE '+2126000000__' AND person_id IS NOT NULL
	ON CONFLICT DO NOTHING`

// The gateway makes both when somebody writes; who is only written to needs them too.
const putConversations = `WITH reached AS (
		SELECT id FROM address WHERE account = @account AND person_id IN (SELECT person_id FROM member)
	), conversing AS (
		INSERT INTO conversation (id) SELECT id FROM reached ON CONFLICT DO NOTHING
	)
	INSERT INTO lane (conversation_id) SELECT id FROM reached ON CONFLICT DO NOTHING`

// Khadija is the number of the manager of Aghbalou Ourika, a cooperative of the sample that sells dried herbs and may sell food.
const Khadija = "+212600000041"

// Introduce makes an address theirs, on a channel where it does not tell the number, and the one at which they spoke last. Twice is
// once. Call it after Reach; phone is one of the sample's own.
func Introduce(ctx context.Context, db postgres.Beginner, phone, channel, account, externalID string, now time.Time) error {
	return postgres.Tx(ctx, db, func(tx pgx.Tx) error {
		if _, err := rows.Exec(ctx, tx, "introduce a member", putIntroduced, rows.Args{"phone": phone, "channel": channel, "account": account,
			"external": externalID, "now": now}); err != nil {
			return err
		}
		if _, err := rows.Exec(ctx, tx, "give a member a conversation", putConversations, rows.Args{"account": account}); err != nil {
			return err
		}
		_, err := rows.Exec(ctx, tx, "let a member have spoken", `UPDATE conversation SET last_inbound_at = coalesce(last_inbound_at, @now)
			WHERE id = (SELECT id FROM address WHERE account = @account AND external_id = @external)`,
			rows.Args{"account": account, "external": externalID, "now": now})
		return err
	})
}

const putIntroduced = `WITH made AS (
		INSERT INTO address (channel, account, external_id, person_id, consented_at, created_at)
		SELECT @channel::text, @account::text, @external::text, p.id, @now::timestamptz, @now::timestamptz
		FROM person p WHERE p.phone = @phone AND p.phone LIKE '+2126000000__'
		ON CONFLICT (account, external_id) DO UPDATE SET person_id = excluded.person_id WHERE address.person_id IS NULL
		RETURNING id, person_id, created_at
	)
	INSERT INTO address_person (address_id, person_id, created_at) SELECT id, person_id, created_at FROM made ON CONFLICT DO NOTHING`
