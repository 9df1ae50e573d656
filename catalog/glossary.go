package catalog

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

//go:embed glossary.txt
var glossaryText string

// glossary is the file glossary.txt, keyed for look-up.
type glossary struct {
	concepts map[string]string // a form's words, keyed and joined by spaces → concept
	exact    map[string]bool   // concepts of which the words of a form do not count by themselves
	words    []spelling        // every word of every form
	singles  map[string]string // forms of one word → concept
	alone    []spelling        // these forms
	longest  int               // words in the longest form
}

// theGlossary parses the embedded file once; TestGlossary keeps it well-formed.
var theGlossary = sync.OnceValue(func() *glossary {
	g, err := parseGlossary(glossaryText)
	if err != nil {
		panic(err)
	}
	return g
})

func parseGlossary(text string) (*glossary, error) {
	g := &glossary{concepts: map[string]string{}, exact: map[string]bool{}, singles: map[string]string{}}
	known, all := map[string]bool{}, map[string]bool{}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, forms, ok := strings.Cut(line, ":")
		concept, exact := strings.CutSuffix(name, "!")
		if !ok || concept == "" || known[concept] {
			return nil, fmt.Errorf("glossary line %d: want \"concept: form, form\", each concept once, got %q", i+1, line)
		}
		known[concept], g.exact[concept] = true, exact
		for form := range strings.SplitSeq(forms, ",") {
			words := keyedWords(form)
			if len(words) == 0 {
				return nil, fmt.Errorf("glossary line %d: nothing is left of the form %q", i+1, form)
			}
			joined := strings.Join(words, " ")
			if other, taken := g.concepts[joined]; taken && other != concept {
				return nil, fmt.Errorf("glossary line %d: %q is %s already", i+1, strings.TrimSpace(form), other)
			}
			g.concepts[joined] = concept
			g.longest = max(g.longest, len(words))
			for _, w := range words {
				all[w] = true
			}
			if len(words) == 1 {
				g.singles[joined] = concept
			}
		}
	}
	g.words = spellings(slices.Sorted(maps.Keys(all)))
	g.alone = spellings(slices.Sorted(maps.Keys(g.singles)))
	return g, nil
}

// at returns the concept of the longest form that stands at words[i:] and has at most most words, and how many words it takes.
func (g *glossary) at(words []string, i, most int) (concept string, n int) {
	for n := min(g.longest, most, len(words)-i); n > 0; n-- {
		if concept, ok := g.concepts[strings.Join(words[i:i+n], " ")]; ok {
			return concept, n
		}
	}
	return "", 0
}

// all returns every concept in words[i:] that counts there: the longest form at i, and shorter ones unless it is exact.
func (g *glossary) all(words []string, i int) (concepts []string, covered int) {
	concept, n := g.at(words, i, g.longest)
	if n == 0 {
		return nil, 0
	}
	covered = n
	for n > 0 {
		if !slices.Contains(concepts, concept) {
			concepts = append(concepts, concept)
		}
		if g.exact[concept] {
			break
		}
		concept, n = g.at(words, i, n-1)
	}
	return concepts, covered
}
