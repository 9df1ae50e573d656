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
