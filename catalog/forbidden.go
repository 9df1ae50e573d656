package catalog

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
)

//go:embed forbidden.txt
var forbiddenText string

// Forbidden is a word that makes a listing wait for an operator.
type Forbidden struct {
	Word   string // as the list has it
	Reason string // alcohol, tobacco, drugs, medicine, healing, weapons, protected
}

// forbiddenWords is the file forbidden.txt, keyed for look-up.
type forbiddenWords struct {
	forms   map[string]Forbidden // a form's words, keyed and joined by spaces
	longest int
}

// theForbidden parses the embedded file once; TestForbiddenWords keeps it well-formed.
var theForbidden = sync.OnceValue(func() *forbiddenWords {
	f, err := parseForbidden(forbiddenText)
	if err != nil {
		panic(err)
	}
	return f
})

func parseForbidden(text string) (*forbiddenWords, error) {
	f := &forbiddenWords{forms: map[string]Forbidden{}}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		reason, forms, ok := strings.Cut(line, ":")
		if !ok || reason == "" {
			return nil, fmt.Errorf("forbidden words line %d: want \"reason: form, form\", got %q", i+1, line)
		}
		for form := range strings.SplitSeq(forms, ",") {
			words := keyedWords(form)
			if len(words) == 0 {
				return nil, fmt.Errorf("forbidden words line %d: nothing is left of the form %q", i+1, form)
			}
			f.forms[strings.Join(words, " ")] = Forbidden{strings.TrimSpace(form), reason}
			f.longest = max(f.longest, len(words))
		}
	}
	return f, nil
}

// ForbiddenIn returns what in these texts makes a listing wait for an operator, each reason once.
func ForbiddenIn(texts ...string) []Forbidden {
	list := theForbidden()
	var found []Forbidden
	for _, text := range texts {
		words := keyedWords(text)
		for i := range words {
			for n := min(list.longest, len(words)-i); n > 0; n-- {
				hit, ok := list.forms[strings.Join(words[i:i+n], " ")]
				if !ok {
					continue
				}
				if !slices.ContainsFunc(found, func(f Forbidden) bool { return f.Reason == hit.Reason }) {
					found = append(found, hit)
				}
				break
			}
		}
	}
	return found
}
