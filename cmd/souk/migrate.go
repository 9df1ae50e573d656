package main

import (
	"context"
	"fmt"

	"souk/internal/postgres"
)

type migrateCommand struct{}

func (migrateCommand) Run(ctx context.Context, o *outside) error {
	s, err := o.settings()
	if err != nil {
		return err
	}
	if err := s.need("DATABASE_URL"); err != nil {
		return err
	}
	if err := postgres.Migrate(ctx, s.DatabaseURL); err != nil {
		return err
	}
	fmt.Fprintln(o.stdout, "The database is at the newest schema.")
	return nil
}
