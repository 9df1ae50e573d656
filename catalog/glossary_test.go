package catalog

import "testing"

func TestGlossary(t *testing.T) {
	g, err := parseGlossary(glossaryText)
	if err != nil {
		t.Fatal(err)
	}
	if len(g.concepts) < 500 {
		t.Errorf("only %d forms", len(g.concepts))
	}
}
