package catalog_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"souk/catalog"
	"souk/catalog/storetest"
)

func TestDiskPhotos(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	store, err := catalog.OpenDiskPhotos(filepath.Join(dir, "new", "photos"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	storetest.Run(t, store)

	// What a store on disk must see to beyond that: nothing outside the folder, and no pieces left behind.
	if err := os.WriteFile(filepath.Join(dir, "secret"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(dir, filepath.Join(dir, "new", "photos", "out")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := store.Open(t.Context(), "out/secret"); err == nil {
		t.Error("a symbolic link leads out of the folder")
	}
	if err := store.Put(t.Context(), "out/planted", strings.NewReader("x")); err == nil {
		t.Error("a picture was written outside the folder")
	}
	err = filepath.WalkDir(filepath.Join(dir, "new"), func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".partial") {
			t.Errorf("%s was left behind", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestUploadedPhotos(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		known := func() string {
			id, err := catalog.UploadedPhoto(ctx, tx, "a.jpg", "telegram:1")
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		if known() != "" {
			t.Error("it was never sent")
		}
		for n := range 2 {
			if err := catalog.KeepUploadedPhoto(ctx, tx, "a.jpg", "telegram:1", fmt.Sprintf("file-%d", n), noon); err != nil {
				return err
			}
			if got := known(); got != fmt.Sprintf("file-%d", n) {
				t.Errorf("known as %q", got)
			}
		}
		photos, err := catalog.Photos(ctx, tx, 1)
		if len(photos) != 0 {
			t.Errorf("%+v", photos)
		}
		return err
	})
}
