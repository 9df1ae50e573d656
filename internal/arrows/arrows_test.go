// Package arrows keeps the way that imports run: cmd -> console, bot -> flows -> orders, lessons -> catalog -> people ->
// locales -> internal. It holds nothing but its test.
package arrows

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "souk"

// height is each room's place in the house. A room may import what stands lower, and itself. Rooms of one height are neighbours
// and do not know each other.
var height = map[string]int{
	"cmd":     8,
	"console": 7, "bot": 7,
	"flows":  6,
	"orders": 5, "lessons": 5,
	"catalog":  4,
	"people":   3,
	"locales":  2,
	"internal": 1,
}

const order = "cmd -> console, bot -> flows -> orders, lessons -> catalog -> people -> locales -> internal"

// source is one import by code that is not a test.
type source struct{ file, imports string }

func TestImportsRunOneWay(t *testing.T) {
	t.Parallel()
	sources := read(t, "../..")
	if len(sources) < 20 {
		t.Fatalf("found only %d imports: the test does not see the module", len(sources))
	}
	for _, s := range sources {
		if fault := s.fault(); fault != "" {
			t.Error(fault)
		}
	}
}

func TestTheRulesCatchWhatTheyShould(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ file, imports, says string }{
		{"cmd/souk/serve.go", "souk/bot", ""},
		{"cmd/souk/serve.go", "souk/internal/postgres", ""},
		{"bot/telegram/send.go", "souk/bot", ""},
		{"bot/worker.go", "souk/bot/markup", ""},
		{"flows/order.go", "souk/orders", ""},
		{"orders/hold.go", "github.com/jackc/pgx/v5", ""},
		{"internal/postgres/pgtest/shared.go", "souk/internal/postgres", ""},
		{"bot/bottest/world.go", "souk/internal/postgres/pgtest", ""},

		{"orders/hold.go", "souk/flows", "append an event"},
		{"people/person.go", "souk/catalog", "append an event"},
		{"internal/postgres/pool.go", "souk/people", "internal knows nothing of the trade"},
		{"orders/hold.go", "souk/lessons", "neighbours"},
		{"bot/worker.go", "souk/console", "neighbours"},
		{"bot/worker.go", "souk/cmd/souk", "append an event"},
		{"shop/shop.go", "souk/people", "no place in the house"},
		{"flows/order.go", "souk/shop", "no place in the house"},
		{"flows/order.go", "souk", "no place in the house"},
		{"bot/worker.go", "souk/internal/redis/redistest", "only tests"},
		{"cmd/souk/demo.go", "souk/internal/postgres/pgtest", "only tests"},
		{"cmd/souk/demo.go", "testing", "only tests"},
	} {
		got := source{c.file, c.imports}.fault()
		if (c.says == "") != (got == "") || !strings.Contains(got, c.says) {
			t.Errorf("%s imports %s: %q, want %q", c.file, c.imports, got, c.says)
		}
	}
}

// fault says what is wrong with an import and what to do, or "".
func (s source) fault() string {
	wrong := func(format string, args ...any) string {
		return fmt.Sprintf("%s imports %s: %s", s.file, s.imports, fmt.Sprintf(format, args...))
	}
	if forTests(s.imports) && !forTests(path.Dir(s.file)) {
		return wrong("that is for tests, and only tests (files named _test.go, packages named …test) may import it")
	}
	imported, ours := strings.CutPrefix(s.imports+"/", module+"/")
	if !ours {
		return ""
	}
	from, to := room(s.file), room(imported)
	for _, r := range []string{from, to} {
		if height[r] == 0 {
			return wrong("%q has no place in the house; give it one in %s, here and in the design, or move the code into a room that has", r, order)
		}
	}
	switch {
	case from == to || height[to] < height[from]:
		return ""
	case from == "internal":
		return wrong("internal knows nothing of the trade; pass in what it needs, or move the code up")
	case height[to] == height[from]:
		return wrong("%s and %s are neighbours and do not import each other (%s); put what they share into a lower room, or let cmd bring them together", from, to, order)
	default:
		return wrong("arrows run one way (%s); what %s must tell %s, append an event in the transaction and let cmd subscribe %s; what %s only needs to call, take as a parameter", order, from, to, to, from)
	}
}

func room(file string) string {
	first, _, _ := strings.Cut(file, "/")
	return first
}

// forTests reports whether a package is made for tests: pgtest, redistest, testing itself.
func forTests(pkg string) bool {
	name := path.Base(pkg)
	return name == "testing" || (strings.HasPrefix(pkg, module+"/") || !strings.Contains(pkg, ".")) && strings.HasSuffix(name, "test")
}

// read returns every import of the module's code that is not a test, whatever its build tags.
func read(t *testing.T, root string) []source {
	t.Helper()
	found := map[source]bool{}
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			if file != root && (strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "testdata" || name == "node_modules") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		syntax, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		for _, spec := range syntax.Imports {
			imports, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			found[source{filepath.ToSlash(relative), imports}] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return slices.SortedFunc(maps.Keys(found), func(a, b source) int {
		return strings.Compare(a.file+a.imports, b.file+b.imports)
	})
}
