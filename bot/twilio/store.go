package twilio

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const loadResources = `SELECT name, hash, sid FROM content_resource WHERE account = $1`

const saveResource = `
INSERT INTO content_resource (account, name, hash, sid, created_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (account, name) DO UPDATE SET hash = excluded.hash, sid = excluded.sid, created_at = excluded.created_at`

// ResourcesIn keeps the Content resources in the table content_resource.
func ResourcesIn(pool *pgxpool.Pool, now func() time.Time) Resources {
	return Resources{
		Load: func(ctx context.Context, account string) ([]Resource, error) {
			rows, err := pool.Query(ctx, loadResources, account)
			if err != nil {
				return nil, err
			}
			return pgx.CollectRows(rows, pgx.RowToStructByPos[Resource])
		},
		Save: func(ctx context.Context, account string, resource Resource) error {
			_, err := pool.Exec(ctx, saveResource, account, resource.Name, resource.Hash, resource.SID, now())
			return err
		},
	}
}

// The conversation leads to the index; the channel's address is unique within its account.
const isTaken = `
SELECT EXISTS (
    SELECT 1 FROM address a JOIN outbox o ON o.conversation_id = a.id
    WHERE a.account = $1 AND a.external_id = $2 AND o.provider_message_id = $3)`

// TakenIn asks the outbox whether a message SID belongs to a reply already.
func TakenIn(pool *pgxpool.Pool) func(ctx context.Context, account, externalID, sid string) (bool, error) {
	return func(ctx context.Context, account, externalID, sid string) (taken bool, err error) {
		if err := pool.QueryRow(ctx, isTaken, account, externalID, sid).Scan(&taken); err != nil {
			return false, fmt.Errorf("look in the outbox: %w", err)
		}
		return taken, nil
	}
}
