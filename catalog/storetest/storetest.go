// Package storetest is what every store of photos must do.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"strings"
	"sync"
	"testing"

	"souk/catalog"
)

// Run puts a store to the proof.
func Run(t *testing.T, store catalog.PhotoStore) {
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
	for range 2 { // a second time it is not there any more
		if err := store.Remove(ctx, "products/12/2.jpg"); err != nil {
			t.Error(err)
		}
		if _, _, err := store.Open(ctx, "products/12/2.jpg"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a picture that was removed: %v", err)
		}
	}
	if err := store.Remove(ctx, "../a.jpg"); err == nil || read("products/12/1.jpg") != "two" {
		t.Errorf("only what is named is removed (%v)", err)
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
