package cluster

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
)

// OldestMajor is the oldest Postgres that Souk runs on.
const OldestMajor = 15

// Binaries is an installation of the Postgres server.
type Binaries struct {
	// Dir is the folder with initdb, postgres, pg_ctl and psql.
	Dir string
	// Major is its major version, 15 for 15.4.
	Major int
}

// Path returns the path of one of the programs.
func (b Binaries) Path(program string) string { return filepath.Join(b.Dir, program) }

// ErrNotInstalled says in one line what to do.
var ErrNotInstalled = errors.New(notInstalled(runtime.GOOS))

func notInstalled(system string) string {
	how := "apt-get install postgresql"
	if system == "darwin" {
		how = "brew install postgresql@17"
	}
	return "PostgreSQL " + strconv.Itoa(OldestMajor) + " or newer not found. Install it: " + how
}

// Find returns the newest Postgres server among those on PATH, in Debian's /usr/lib/postgresql, in Red Hat's /usr/pgsql-*
// and in Homebrew's opt folders, or ErrNotInstalled.
func Find() (Binaries, error) { return find(0) }

// find returns the installation of exactly that major version; 0 means the newest.
func find(major int) (Binaries, error) {
	var found []Binaries
	for _, dir := range candidates() {
		b := Binaries{Dir: dir, Major: majorOf(dir)}
		if b.Major >= OldestMajor && (major == 0 || b.Major == major) && complete(b) {
			found = append(found, b)
		}
	}
	if len(found) == 0 {
		return Binaries{}, ErrNotInstalled
	}
	return slices.MaxFunc(found, func(a, b Binaries) int { return a.Major - b.Major }), nil
}

func candidates() []string {
	var dirs []string
	if path, err := exec.LookPath("postgres"); err == nil {
		dirs = append(dirs, filepath.Dir(path))
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin",
		"/usr/pgsql-*/bin",
		"/opt/homebrew/opt/postgresql@*/bin",
		"/usr/local/opt/postgresql@*/bin",
		"/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
	} {
		matches, _ := filepath.Glob(pattern) // the patterns are constants: no error
		dirs = append(dirs, matches...)
	}
	return dirs
}

func complete(b Binaries) bool {
	for _, program := range []string{"initdb", "postgres", "pg_ctl", "psql"} {
		if info, err := os.Stat(b.Path(program)); err != nil || info.Mode()&0o111 == 0 {
			return false
		}
	}
	return true
}

var versionWord = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// majorOf asks the server itself; 0 when there is none.
func majorOf(dir string) int {
	out, err := exec.Command(filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return 0
	}
	match := versionWord.FindSubmatch(out)
	if match == nil {
		return 0
	}
	major, _ := strconv.Atoi(string(match[1]))
	return major
}
