// Package flowstest runs conversations that are written down as transcripts. A transcript says what people type and do, what Souk
// answers, and what the database then holds; the same file runs against the engine alone and through the gateway.
//
//	# Amina buys honey; only three jars are left.
//	@ amina telegram fr
//	> bonjour
//	< Bienvenue au Souk …
//	> 5
//	< Il n'en reste que 3. …
//	! 24h pass
//	@ rosa whatsapp ar
//	< وصلتك طلبية جديدة …
//	= stock P1 0 · purchase placed, 1 part
package flowstest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Line is one line of a transcript: its mark (# @ > ! < =) and the rest.
type Line struct {
	Number int
	Mark   byte
	Text   string
}

// Transcript is a file of them.
type Transcript struct {
	Path  string
	Name  string
	Lines []Line
}

// Read reads every transcript of a folder, by name.
func Read(t testing.TB, folder string) []Transcript {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*.txt"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no transcripts in %s: %v", folder, err)
	}
	var all []Transcript
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, parse(t, path, string(content)))
	}
	return all
}

func parse(t testing.TB, path, content string) Transcript {
	t.Helper()
	f := Transcript{Path: path, Name: strings.TrimSuffix(filepath.Base(path), ".txt")}
	for i, line := range strings.Split(strings.TrimRight(content, "\n"), "\n") {
		if line == "" {
			f.Lines = append(f.Lines, Line{Number: i + 1})
			continue
		}
		if !strings.ContainsRune("#@>!<=", rune(line[0])) {
			t.Fatalf("%s:%d: a line begins with one of # @ > ! < =", path, i+1)
		}
		f.Lines = append(f.Lines, Line{Number: i + 1, Mark: line[0], Text: strings.TrimPrefix(line[1:], " ")})
	}
	return f
}

// Run plays a transcript against a stage and checks every < and = line. With update it writes the < lines anew instead.
func Run(t *testing.T, f Transcript, stage *Stage, update bool) {
	t.Helper()
	var out []string
	var said []string // what was said and no < line has shown yet
	fresh := func() {
		for _, s := range said {
			if !update {
				t.Errorf("%s: Souk also said: %s", f.Path, s)
			}
			out = append(out, strings.TrimRight("< "+s, " "))
		}
		said = nil
	}
	for _, l := range f.Lines {
		at := fmt.Sprintf("%s:%d", f.Path, l.Number)
		if l.Mark != '<' {
			fresh()
		}
		switch l.Mark {
		case 0, '#':
		case '@':
			stage.Enter(t, at, l.Text)
			said = stage.Heard()
		case '>':
			stage.Do(t, at, l.Text)
			said = stage.Heard()
		case '!':
			stage.Happen(t, at, l.Text)
			said = stage.Heard()
		case '=':
			for _, fact := range strings.Split(l.Text, " · ") {
				stage.Assert(t, at, fact)
			}
		case '<':
			if update {
				continue
			}
			if len(said) == 0 {
				t.Errorf("%s: Souk said nothing more, want %q", at, l.Text)
				continue
			}
			if said[0] != strings.TrimRight(l.Text, " ") {
				t.Errorf("%s: Souk said\n\t%s\nwant\n\t%s", at, said[0], l.Text)
			}
			said = said[1:]
			continue
		}
		if l.Mark == 0 {
			out = append(out, "")
		} else {
			out = append(out, strings.TrimRight(string(l.Mark)+" "+l.Text, " "))
		}
	}
	fresh()
	if update {
		if err := os.WriteFile(f.Path, []byte(strings.Join(out, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
