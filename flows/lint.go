package flows

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"strconv"
	"strings"
)

// Lint names every fault that Check finds in a book, each with the file and line in which the state or the flow is declared. root
// is the module's folder; without its sources the faults come without a place.
func Lint(book Book, root fs.FS) []string {
	faults := Check(book)
	if len(faults) == 0 {
		return nil
	}
	at := declared(root)
	placed := make([]string, len(faults))
	for i, fault := range faults {
		place := "flows"
		// "flow/state/row …": the most exact part that is declared somewhere.
		name, _, _ := strings.Cut(fault, " ")
		for parts := strings.Split(name, "/"); len(parts) > 0; parts = parts[:len(parts)-1] {
			if found, ok := at[strings.Join(parts, "/")]; ok {
				place = found
				break
			}
		}
		placed[i] = fmt.Sprintf("%s: %s", place, fault)
	}
	return placed
}

// declared says where each flow ("ordering") and state ("ordering/basket") is declared: in a function that returns a Flow, the
// first Name is the flow's and the others are its states'.
func declared(root fs.FS) map[string]string {
	at := map[string]string{}
	names, err := fs.Glob(root, "flows/*.go")
	if err != nil {
		return at
	}
	files := token.NewFileSet()
	for _, name := range names {
		source, err := fs.ReadFile(root, name)
		if err != nil {
			continue
		}
		file, err := parser.ParseFile(files, name, source, parser.SkipObjectResolution)
		if err != nil {
			continue
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Type.Results != nil && len(f.Type.Results.List) == 1 && isIdent(f.Type.Results.List[0].Type, "Flow") {
				namesIn(f, files, at)
			}
		}
	}
	return at
}

func namesIn(f *ast.FuncDecl, files *token.FileSet, at map[string]string) {
	flow := ""
	ast.Inspect(f, func(n ast.Node) bool {
		kv, ok := n.(*ast.KeyValueExpr)
		if !ok || !isIdent(kv.Key, "Name") {
			return true
		}
		lit, ok := kv.Value.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			return true
		}
		name, err := strconv.Unquote(lit.Value)
		if err != nil {
			return true
		}
		key := name
		if flow == "" {
			flow = name
		} else {
			key = flow + "/" + name
		}
		p := files.Position(lit.Pos())
		at[key] = fmt.Sprintf("%s:%d", p.Filename, p.Line)
		return true
	})
}

func isIdent(e ast.Expr, name string) bool {
	i, ok := e.(*ast.Ident)
	return ok && i.Name == name
}
