package main

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	"souk/internal/postgres/pgtest"
)

// said is what a command line answered.
type said struct {
	code           int
	stdout, stderr string
}

func souk(t *testing.T, environ []string, stdin string, args ...string) said {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(t.Context(), args, &outside{
		stdin: strings.NewReader(stdin), stdout: &out, stderr: &errs, environ: environ,
	})
	return said{code, out.String(), errs.String()}
}

// oneLineFault checks that a command line was refused in one line that holds these words.
func oneLineFault(t *testing.T, got said, code int, words ...string) {
	t.Helper()
	if got.code != code || strings.Count(got.stderr, "\n") != 1 {
		t.Errorf("exit %d: %q", got.code, got.stderr)
	}
	for _, word := range words {
		if !strings.Contains(got.stderr, word) {
			t.Errorf("%q does not say %q", got.stderr, word)
		}
	}
}

func TestHelpListsEveryCommand(t *testing.T) {
	t.Parallel()
	got := souk(t, nil, "", "--help")
	if got.code != 0 || !strings.Contains(got.stdout, "dev") || !strings.Contains(got.stdout, "migrate") {
		t.Errorf("%+v", got)
	}
}

func TestAMisuseIsOneLine(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{}, {"nonsense"}, {"migrate", "--nonsense"}, {"dev"}, {"dev", "--"}, {"dev", "--nonsense"}} {
		oneLineFault(t, souk(t, nil, "", args...), exitMisuse, "souk: ")
	}
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	oneLineFault(t, souk(t, nil, "", "migrate"), exitMisuse, "DATABASE_URL", "is not set")
	oneLineFault(t, souk(t, []string{"DATABASE_URL=postgres://souk:hunter2@127.0.0.1:1/souk"}, "", "migrate"), exitFailed, "connect")

	url := pgtest.Empty(t)
	for range 2 {
		if got := souk(t, []string{"DATABASE_URL=" + url}, "", "migrate"); got.code != 0 {
			t.Fatalf("%+v", got)
		}
	}
	var n int
	if err := pgtest.Open(t, url, 1).QueryRow(t.Context(), "SELECT count(*) FROM goose_db_version").Scan(&n); err != nil || n < 2 {
		t.Errorf("%d versions, %v", n, err)
	}
}

func TestDevRunsACommandBesideItsServices(t *testing.T) {
	t.Parallel()
	environ := append(os.Environ(), "SOUK_DATA_DIR="+dataDir(t), "DATABASE_URL=postgres://elsewhere", "REDIS_URL=redis://elsewhere")
	const script = `read line; echo "$line"; psql -XAtc 'CREATE TABLE IF NOT EXISTS visit (id serial); ' "$DATABASE_URL" >/dev/null
		psql -XAtc 'INSERT INTO visit DEFAULT VALUES RETURNING id' "$DATABASE_URL" | head -n 1
		psql -XAtc "SELECT current_setting('fsync')" "$DATABASE_URL"
		echo "$REDIS_URL" | cut -d: -f1; exit 7`
	for _, visit := range []string{"1", "2"} { // the data are kept from one run to the next
		got := souk(t, environ, "salam\n", "dev", "--", "sh", "-c", script)
		if want := "salam\n" + visit + "\non\nredis\n"; got.code != 7 || got.stdout != want {
			t.Errorf("exit %d: %q, %q", got.code, got.stdout, got.stderr)
		}
	}
}

func TestDevSaysWhatCannotBeRun(t *testing.T) {
	t.Parallel()
	environ := append(os.Environ(), "SOUK_DATA_DIR="+dataDir(t))
	oneLineFault(t, souk(t, environ, "", "dev", "--", "souk-no-such-program"), exitNotFound, "souk-no-such-program")
	oneLineFault(t, souk(t, environ, "", "dev", "--", t.TempDir()), exitNotExecutable, "permission denied")
	if got := souk(t, environ, "", "dev", "--", "sh", "-c", "kill -TERM $$"); got.code != exitSignal+15 {
		t.Errorf("%+v", got)
	}
}

func TestDevGivesUpWhenItIsInterruptedAtStart(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errs bytes.Buffer
	code := run(ctx, []string{"dev", "--", "echo", "ran"}, &outside{
		stdin: strings.NewReader(""), stdout: &out, stderr: &errs, environ: append(os.Environ(), "SOUK_DATA_DIR="+dataDir(t)),
	})
	if code != exitFailed || out.Len() != 0 {
		t.Errorf("exit %d: %q, %q", code, out.String(), errs.String())
	}
}
