package catalog

import (
	"strings"

	"souk/locales"
)

// GoodsIn marks the tokens that name something people sell here ("ras el hanout", «ماء الورد»), with the little words inside a
// name. Words that only say what goods are like (bio, frais, cadeau) and what is at least as often something else (argent) are none.
func GoodsIn(tokens []locales.Token) []bool {
	g := theGlossary()
	named := make([]bool, len(tokens))
	var words []string
	var index []int
	flush := func() {
		for i := 0; i < len(words); {
			concept, n := g.at(words, i, g.longest)
			if n == 0 || vagueConcept(concept) {
				i++
				continue
			}
			for j := index[i]; j <= index[i+n-1]; j++ {
				named[j] = true
			}
			i += n
		}
		words, index = words[:0], index[:0]
	}
	for i, token := range tokens {
		switch {
		case token.Kind != locales.WordToken:
			flush() // a name does not run over a number or a comma
		case token.Norm == "ma" || token.Norm == "ما":
			words, index = append(words, wordKey(token.Norm)), append(index, i)
		case locales.IsLittle(token.Norm) || joins(token.Norm):
		default:
			if key := wordKey(token.Norm); key != "" {
				words, index = append(words, key), append(index, i)
			}
		}
	}
	flush()
	return named
}

// vagueConcept tells the glossary's entries that do not make goods of a word.
func vagueConcept(concept string) bool {
	switch strings.TrimSuffix(concept, "!") {
	case "bio", "beldi", "frais", "sec", "cadeau", "argent", "boite", "cheveu", "peau", "essentielle":
		return true
	}
	return false
}
