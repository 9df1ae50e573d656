package main

import (
	"os"
	"path/filepath"
	"testing"

	"souk/internal/postgres/pgtest"
)

func TestSeedMigratesFillsAndMayRunAgain(t *testing.T) {
	t.Parallel()
	oneLineFault(t, souk(t, nil, "", "seed"), exitMisuse, "DATABASE_URL", "is not set")

	url, dir := pgtest.Empty(t), t.TempDir()
	for range 2 {
		got := souk(t, []string{"DATABASE_URL=" + url, "SOUK_DATA_DIR=" + dir}, "", "seed")
		if got.code != 0 || got.stdout == "" || got.stderr != "" {
			t.Fatalf("%+v", got)
		}
	}
	var products int
	if err := pgtest.Open(t, url, 1).QueryRow(t.Context(), `SELECT count(*) FROM sellable(now())`).Scan(&products); err != nil || products < 130 {
		t.Errorf("%d products may be sold, %v", products, err)
	}
	pictures, err := os.ReadDir(filepath.Join(dir, "photos", "sample"))
	if err != nil || len(pictures) < 40 {
		t.Errorf("%d pictures, %v", len(pictures), err)
	}
}
