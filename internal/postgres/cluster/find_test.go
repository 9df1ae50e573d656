package cluster

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFindTakesTheNewestServerAndOnlyAWholeOne(t *testing.T) {
	t.Parallel()
	b, err := Find()
	if err != nil {
		t.Fatal(err)
	}
	if b.Major < OldestMajor {
		t.Errorf("found PostgreSQL %d", b.Major)
	}
	if _, err := find(9); err != ErrNotInstalled {
		t.Errorf("found PostgreSQL 9: %v", err)
	}

	dir := t.TempDir()
	fake := func(program, prints string) {
		if err := os.WriteFile(filepath.Join(dir, program), []byte("#!/bin/sh\necho '"+prints+"'\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	fake("postgres", "postgres (PostgreSQL) 18.1 (Debian 18.1-1)")
	if major := majorOf(dir); major != 18 {
		t.Errorf("major %d", major)
	}
	if complete(Binaries{Dir: dir, Major: 18}) {
		t.Error("a server without initdb is not one that can be used")
	}
	for _, program := range []string{"initdb", "pg_ctl", "psql"} {
		fake(program, "")
	}
	if !complete(Binaries{Dir: dir, Major: 18}) {
		t.Error("nothing is missing")
	}
	fake("postgres", "something else")
	if major := majorOf(dir); major != 0 {
		t.Errorf("major %d", major)
	}
}

func TestWhatToDoWithoutAServerIsOneLine(t *testing.T) {
	t.Parallel()
	for system, want := range map[string]string{
		"linux":  "PostgreSQL 15 or newer not found. Install it: apt-get install postgresql",
		"darwin": "PostgreSQL 15 or newer not found. Install it: brew install postgresql@17",
	} {
		if got := notInstalled(system); got != want || strings.Contains(got, "\n") {
			t.Errorf("%s: %q", system, got)
		}
	}
}
