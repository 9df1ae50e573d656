package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"souk/catalog/sample"
	"souk/internal/postgres"
)

type seedCommand struct{}

// Run never makes the sample's members reachable: their numbers are invented, and a real account might write to somebody.
func (seedCommand) Run(ctx context.Context, o *outside) (err error) {
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
	pool, err := postgres.Open(ctx, postgres.Config{URL: s.DatabaseURL, MaxConns: 2, Name: "souk seed"})
	if err != nil {
		return err
	}
	defer pool.Close()
	photos, err := s.openPhotos()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, photos.Close()) }()
	if err := sample.Seed(ctx, pool, photos, time.Now()); err != nil {
		return err
	}
	fmt.Fprintln(o.stdout, "The sample souk is in the database.")
	return nil
}
