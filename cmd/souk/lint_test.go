package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestLintFindsNothingHere(t *testing.T) {
	t.Parallel()
	if got := souk(t, nil, "", "lint", "../.."); got.code != 0 || got.stdout != "" || got.stderr != "" {
		t.Errorf("%+v", got)
	}
	if got := souk(t, nil, "", "lint", t.TempDir()); got.code != 0 || got.stdout != "" {
		t.Errorf("what is built in: %+v", got)
	}
}

// Each fault is a line with its file and line, and the exit code is 1.
func TestLintPointsAtEachFault(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, content string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("locales/fr.toml", "[menu]\nask = \"Oui ?\"\nalone = \"Seul\"\n\"ask.sms\" = \"Fenêtre\"\n")
	write("locales/ar.toml", "[menu]\nask = \"نعم؟ {{.who}}\"\n")
	write("flows/x.go", "package flows\n\nfunc f(t *T) {\n\tt.Say(\"menu.ask\", nil)\n\tt.Say(\"menu.unknown\", nil)\n}\n")
	got := souk(t, nil, "", "lint", dir)
	if got.code != exitFailed {
		t.Fatalf("%+v", got)
	}
	for _, want := range []string{
		"locales/fr.toml:3: ar.toml: menu.alone is missing", "locales/fr.toml:3: fr.toml: menu.alone is used by no source",
		"locales/fr.toml:4: fr.toml: menu.ask.sms", "locales/fr.toml:2: menu.ask: fr names {}, ar names {who}",
		"flows/x.go:5:8: fr.toml has no menu.unknown",
	} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("not found: %s in\n%s", want, got.stdout)
		}
	}
	place := regexp.MustCompile(`^[\w./-]+:\d+`)
	for _, line := range strings.Split(strings.TrimSpace(got.stdout), "\n") {
		if !place.MatchString(line) {
			t.Errorf("no file:line in %q", line)
		}
	}
}
