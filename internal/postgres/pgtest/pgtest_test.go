package pgtest_test

import (
	"testing"

	"souk/internal/postgres/pgtest"
)

func TestEachTestHasADatabaseOfItsOwn(t *testing.T) {
	t.Parallel()
	for range 4 {
		t.Run("clone", func(t *testing.T) {
			t.Parallel()
			pool := pgtest.New(t)
			if _, err := pool.Exec(t.Context(), "CREATE TABLE only_here (id int)"); err != nil {
				t.Fatal(err)
			}
			var jobs int
			if err := pool.QueryRow(t.Context(), "SELECT count(*) FROM river_job").Scan(&jobs); err != nil {
				t.Fatal(err)
			}
		})
	}
}
