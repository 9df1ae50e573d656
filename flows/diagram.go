package flows

import (
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"

	"github.com/looplab/fsm"
)

// Describe writes a book as Markdown: each flow as the table in which it is declared, and as a Mermaid diagram drawn by looplab.
func Describe(book Book) (string, error) {
	var b strings.Builder
	b.WriteString("# The conversations\n\nGenerated from the tables in this folder: `go test ./flows -update` writes it anew.\n" +
		"A row reads {when, do, go to | otherwise}; `given` rows are tried on arrival; `→ flow` pushes a frame; `↻` hears the same message again.\n")
	for _, f := range book.Flows {
		fmt.Fprintf(&b, "\n## %s\n\n```\n", f.Name)
		width := len("always")
		for _, s := range f.States {
			width = max(width, len(s.Name))
		}
		for _, s := range f.States {
			fmt.Fprintf(&b, "%-*s %s\n", width, s.Name, strings.TrimSpace(strings.Join([]string{group("given", s.Given), group("", s.Answers), end(s)}, " ")))
		}
		if len(f.Always) > 0 {
			fmt.Fprintf(&b, "%-*s %s\n", width, "always", group("", f.Always))
		}
		b.WriteString("```\n\n")
		drawn, err := fsm.VisualizeWithType(machineOf(f), fsm.MermaidStateDiagram)
		if err != nil {
			return "", fmt.Errorf("draw %s: %w", f.Name, err)
		}
		fmt.Fprintf(&b, "```mermaid\n%s```\n", drawn)
	}
	fmt.Fprintf(&b, "\n## everywhere\n\n```\n")
	for _, r := range book.Everywhere {
		fmt.Fprintln(&b, describe(r))
	}
	b.WriteString("```\n")
	return b.String(), nil
}

// machineOf is a flow as a looplab machine without what every flow and every state share: those rows would hide the others.
func machineOf(f Flow) *fsm.FSM {
	f.Always = nil
	m, _ := compile(f, nil).pool.Get().(*fsm.FSM)
	return m
}

func end(s State) string {
	if s.End {
		return "(end)"
	}
	return ""
}

func group(name string, rows []Row) string {
	if len(rows) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(name)
	for _, r := range rows {
		b.WriteString(describe(r))
	}
	return b.String()
}

func describe(r Row) string {
	to := r.To
	if to == "" {
		to = "="
	}
	if r.Otherwise != "" {
		to += " | " + r.Otherwise
	}
	if r.Enter != "" {
		to += " → " + r.Enter
	}
	if r.Again {
		to += " ↻"
	}
	return fmt.Sprintf("{%s, %s, %s}", r.When.Name, nameOf(r.Do), strings.TrimPrefix(to, "= "))
}

// nameOf is an action's name in the source.
func nameOf(do Action) string {
	if do == nil {
		return "–"
	}
	name := runtime.FuncForPC(reflect.ValueOf(do).Pointer()).Name()
	name = strings.TrimSuffix(name[strings.LastIndex(name, "/")+1:], "-fm")
	return name[strings.LastIndex(name, ".")+1:]
}

// Rows names every row of a book as the engine names those it takes, sorted: what transcripts must walk. A row of every state, or
// of every flow, is one row wherever it was taken.
func Rows(book Book) []string {
	var rows []string
	for _, f := range book.Flows {
		for _, s := range f.States {
			for _, r := range s.Given {
				rows = append(rows, f.Name+"/"+s.Name+"/given."+r.When.Name)
			}
			for _, r := range s.Answers {
				rows = append(rows, f.Name+"/"+s.Name+"/"+r.When.Name)
			}
		}
		for _, r := range f.Always {
			rows = append(rows, f.Name+"/always."+r.When.Name)
		}
	}
	for _, r := range book.Everywhere {
		rows = append(rows, "everywhere."+r.When.Name)
	}
	slices.Sort(rows)
	return rows
}
