package locales

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
)

// forms lists the plural forms that a counted text must have in each language.
func forms(lang Lang) []string {
	if lang == Arabic {
		return []string{"zero", "one", "two", "few", "many", "other"}
	}
	return []string{"one", "other"}
}

func formOf(m *i18n.Message, form string) string {
	switch form {
	case "zero":
		return m.Zero
	case "one":
		return m.One
	case "two":
		return m.Two
	case "few":
		return m.Few
	case "many":
		return m.Many
	}
	return m.Other
}

// counted tells a text that has plural forms. French "many" is filled in by Load.
func counted(m *i18n.Message) bool { return m.Zero+m.One+m.Two+m.Few != "" }

var placeholder = regexp.MustCompile(`\{\{\s*\.(\w+)\s*\}\}`)

// Check names every fault of the words themselves, sorted: a key that one
// language lacks, a plural form that is missing, a value that one language names
// and another does not, ".sms" words without the words they stand in for or
// outside GSM-7 (French), templates that do more than name values, and marks
// that Words adds itself (isolates). Empty means complete.
func (w *Words) Check() []string {
	var faults []string
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	names := map[string]map[Lang]string{}
	for _, lang := range Langs() {
		for key, m := range w.messages[lang] {
			base, sms := strings.CutSuffix(key, smsSuffix)
			if sms && w.messages[lang][base] == nil {
				fault("%s.toml: %s stands in for %s, which is missing", lang, key, base)
			}
			if !sms {
				for _, other := range Langs() {
					if other != lang && w.messages[other][key] == nil {
						fault("%s.toml: %s is missing", other, key)
					}
				}
			}
			values := map[string]bool{}
			for _, form := range []string{"zero", "one", "two", "few", "many", "other"} {
				text := formOf(m, form)
				if text == "" {
					if slices.Contains(forms(lang), form) && counted(m) || form == "other" {
						fault("%s.toml: %s has no form %q", lang, key, form)
					}
					continue
				}
				for _, found := range placeholder.FindAllStringSubmatch(text, -1) {
					values[found[1]] = true
				}
				rest := placeholder.ReplaceAllString(text, "")
				if strings.Contains(rest, "{{") || strings.Contains(rest, "}}") {
					fault("%s.toml: %s (%s) holds a template that is no plain {{.value}}", lang, key, form)
				}
				if StripControls(text) != text {
					fault("%s.toml: %s (%s) holds an invisible mark: isolates are added by the program", lang, key, form)
				}
				if sms && lang == French && !IsGSM7(rest) {
					fault("%s.toml: %s (%s) does not fit the GSM-7 alphabet", lang, key, form)
				}
			}
			// "one", "two" may say the number in words, so the union over forms counts.
			delete(values, "Count")
			if !sms {
				if names[key] == nil {
					names[key] = map[Lang]string{}
				}
				sorted := make([]string, 0, len(values))
				for name := range values {
					sorted = append(sorted, name)
				}
				slices.Sort(sorted)
				names[key][lang] = strings.Join(sorted, " ")
			}
		}
	}
	for key, by := range names {
		if len(by) == len(Langs()) && by[French] != by[Arabic] {
			fault("%s: fr names {%s}, ar names {%s}", key, by[French], by[Arabic])
		}
	}
	slices.Sort(faults)
	return faults
}

// Usage is how Go sources use words.
type Usage struct {
	literals map[string]string // string literal → where first
	spoken   map[string]string // key-like literal passed to a call that says words → where
}

// speakers are the calls whose literal argument of the shape "section.key" is a key.
var speakers = map[string]bool{"Text": true, "Lookup": true, "Sorry": true, "Say": true, "Otherwise": true, "plainWord": true, "localize": true}

var keyShape = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$`)

// ReadUsage collects the string literals of every Go source under root that is
// no test. A literal that equals a key uses it; a literal that ends in "."
// ("order.status.") uses every key it begins.
func ReadUsage(root fs.FS) (Usage, error) {
	u := Usage{literals: map[string]string{}, spoken: map[string]string{}}
	files := token.NewFileSet()
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if base := path.Base(name); name != "." && (strings.HasPrefix(base, ".") || base == "testdata" || base == "node_modules") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		source, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(files, name, source, parser.SkipObjectResolution)
		if err != nil {
			return fmt.Errorf("read how words are used: %w", err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BasicLit:
				if s, ok := literal(n); ok && u.literals[s] == "" {
					u.literals[s] = files.Position(n.Pos()).String()
				}
			case *ast.CallExpr:
				called := ""
				switch f := n.Fun.(type) {
				case *ast.SelectorExpr:
					called = f.Sel.Name
				case *ast.Ident:
					called = f.Name
				}
				if f, ok := n.Fun.(*ast.SelectorExpr); ok && called == "New" && len(n.Args) > 0 {
					if x, ok := f.X.(*ast.Ident); ok && x.Name == "sorry" { // a refusal's words stand under sorry.KEY
						if s, ok := literal(n.Args[0]); ok {
							u.spoken["sorry."+s] = files.Position(n.Pos()).String()
						}
					}
				}
				if speakers[called] {
					for _, arg := range n.Args {
						if s, ok := literal(arg); ok && keyShape.MatchString(s) {
							u.spoken[s] = files.Position(arg.Pos()).String()
						}
					}
				}
			}
			return true
		})
		return nil
	})
	return u, err
}

func literal(n ast.Node) (string, bool) {
	l, ok := n.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(l.Value)
	return s, err == nil
}

// Unused names every key that no source uses, sorted.
func (w *Words) Unused(u Usage) []string {
	var unused []string
	for _, key := range w.Keys("") {
		if u.literals[key] != "" {
			continue
		}
		used := false
		for i := 0; i < len(key); i++ {
			if key[i] == '.' && u.literals[key[:i+1]] != "" {
				used = true
				break
			}
		}
		if !used {
			unused = append(unused, key)
		}
	}
	return unused
}

// Missing names every key that a source says (Text, Lookup, Sorry …) and some
// language lacks, with the place, sorted.
func (w *Words) Missing(u Usage) []string {
	var missing []string
	sections := map[string]bool{}
	for _, key := range w.Keys("") {
		section, _, _ := strings.Cut(key, ".")
		sections[section] = true
	}
	// In the conversations a literal of a key's shape is one, also where it is handed on before it is said.
	for key, where := range u.literals {
		section, _, _ := strings.Cut(key, ".")
		if strings.HasPrefix(where, "flows/") && keyShape.MatchString(key) && sections[section] && u.spoken[key] == "" {
			u.spoken[key] = where
		}
	}
	for key, where := range u.spoken {
		for _, lang := range Langs() {
			if !w.Has(lang, key) {
				missing = append(missing, fmt.Sprintf("%s: %s.toml has no %s", where, lang, key))
			}
		}
	}
	slices.Sort(missing)
	return missing
}
