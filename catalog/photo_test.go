package catalog_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"souk/catalog"
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
	testPhotoStore(t, store)

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

// testPhotoStore is what every store of pictures must do.
func testPhotoStore(t *testing.T, store catalog.PhotoStore) {
	t.Helper()
	ctx := t.Context()
	read := func(key string) string {
		t.Helper()
		r, size, err := store.Open(ctx, key)
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		}()
		content, err := io.ReadAll(r)
		if err != nil || int64(len(content)) != size {
			t.Errorf("%s: %d bytes of %d, %v", key, len(content), size, err)
		}
		return string(content)
	}
	for key, content := range map[string]string{"a.jpg": "one", "products/12/1.jpg": "two", "products/12/2.jpg": ""} {
		if err := store.Put(ctx, key, strings.NewReader(content)); err != nil {
			t.Fatal(err)
		}
		if got := read(key); got != content {
			t.Errorf("%s holds %q, want %q", key, got, content)
		}
	}
	if err := store.Put(ctx, "a.jpg", strings.NewReader("another")); err != nil || read("a.jpg") != "another" {
		t.Errorf("a newer picture takes the place of the old one (%v)", err)
	}
	for _, key := range []string{"missing.jpg", "products", "products/12", "", "/etc/passwd", "../secret", "a/../../secret", "a//b", "A.jpg", ".hidden", "a/.b", "a\x00b", "a\\b", "é", "a/", strings.Repeat("a", 201)} {
		if _, _, err := store.Open(ctx, key); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Open(%q) = %v", key, err)
		}
	}
	for _, key := range []string{"", "/etc/x", "../x", "a/../x", "A", ".x", "a/.x", "a\x00", "a/", strings.Repeat("a", 201)} {
		if err := store.Put(ctx, key, strings.NewReader("x")); err == nil {
			t.Errorf("Put(%q) was taken", key)
		}
	}
	if err := store.Put(ctx, "a.jpg", io.MultiReader(strings.NewReader("half"), failing{})); err == nil || read("a.jpg") != "another" {
		t.Errorf("what broke off half way must leave the old picture (%v)", err)
	}
	over, cancel := context.WithCancel(ctx)
	cancel()
	if err := store.Put(over, "late.jpg", strings.NewReader("x")); err == nil {
		t.Error("a cancelled Put was done")
	}

	// Readers and writers at once: always one whole picture.
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			picture := bytes.Repeat([]byte{byte('a' + n)}, 100_000)
			for range 5 {
				if err := store.Put(ctx, "busy.jpg", bytes.NewReader(picture)); err != nil {
					t.Error(err)
				}
				if got := read("busy.jpg"); len(got) != len(picture) || strings.Count(got, got[:1]) != len(got) {
					t.Errorf("a piece of a picture: %d bytes", len(got))
				}
			}
		})
	}
	all.Wait()
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("the line broke") }

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
