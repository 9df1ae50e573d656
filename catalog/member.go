package catalog

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Member is somebody who acts for a cooperative.
type Member struct {
	PersonID int64  `db:"person_id"`
	Role     string `db:"role"` // manager, seller, helper
}

// Members lists a cooperative's members who were not removed, oldest first.
func Members(ctx context.Context, tx pgx.Tx, cooperativeID int64) ([]Member, error) {
	rows, err := tx.Query(ctx, `
SELECT person_id, role FROM member WHERE cooperative_id = $1 AND removed_at IS NULL ORDER BY created_at, person_id`, cooperativeID)
	if err != nil {
		return nil, fmt.Errorf("members of cooperative %d: %w", cooperativeID, err)
	}
	members, err := pgx.CollectRows(rows, pgx.RowToStructByName[Member])
	if err != nil {
		return nil, fmt.Errorf("members of cooperative %d: %w", cooperativeID, err)
	}
	return members, nil
}
