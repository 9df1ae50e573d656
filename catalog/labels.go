package catalog

import (
	"slices"
	"strings"
	"sync"

	"souk/locales"
)

// labelWords are the words by which people claim a label, by the kind of document that proves it. The longest form wins.
var labelWords = []struct{ kind, forms string }{
	{"bio", "certifié bio, certifiée bio, agriculture biologique, 100 bio, bio, biologique, organic, ecocert, بيو, بيولوجي, عضوي, عضوية, منتوج عضوي, فلاحة بيولوجية"},
	{"igp", "igp, indication géographique protégée, بيان جغرافي محمي, بيان جغرافي, مؤشر جغرافي"},
	{"aop", "aop, aoc, appellation d'origine protégée, appellation d'origine, تسمية منشأ محمية, تسمية المنشأ, تسمية منشأ"},
	{"label_agricole", "label agricole, label rouge, علامة فلاحية, علامة الجودة الفلاحية"},
	{"terroir", "produit du terroir, produits du terroir, terroir du maroc, du terroir, terroir, منتوج مجالي, منتوجات مجالية, المنتوجات المجالية المغربية, مجالي, مجالية"},
}

// LeftOff is a label word that was left off a title, because no verified document proves it.
type LeftOff struct {
	Word string // as typed
	Kind string // of the document that would prove it: bio, igp, aop, label_agricole, terroir
}

type labelForm struct {
	kind  string
	words []string
}

// theLabelForms are labelWords cut into words, the longest first.
var theLabelForms = sync.OnceValue(func() []labelForm {
	var forms []labelForm
	for _, l := range labelWords {
		for form := range strings.SplitSeq(l.forms, ",") {
			var words []string
			for _, token := range locales.Tokens(form) {
				if token.Kind != locales.MarkToken {
					words = append(words, wordKey(token.Norm))
				}
			}
			forms = append(forms, labelForm{l.kind, words})
		}
	}
	slices.SortStableFunc(forms, func(a, b labelForm) int { return len(b.words) - len(a.words) })
	return forms
})

// LabelsIn returns the kinds of label that a text claims.
func LabelsIn(text string) []string {
	var kinds []string
	eachLabel(text, func(kind string, _, _ int) {
		if !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	})
	return kinds
}

// StripLabels takes out of a text the label words of which proved does not hold, and returns what was taken.
func StripLabels(text string, proved func(kind string) bool) (string, []LeftOff) {
	var left []LeftOff
	var kept strings.Builder
	from := 0
	eachLabel(text, func(kind string, start, end int) {
		if proved(kind) {
			return
		}
		left = append(left, LeftOff{Word: text[start:end], Kind: kind})
		kept.WriteString(text[from:start])
		from = end
	})
	if len(left) == 0 {
		return text, nil
	}
	kept.WriteString(text[from:])
	return tidy(kept.String()), left
}

// eachLabel calls found with the kind and the place in bytes of every label that a text claims.
func eachLabel(text string, found func(kind string, start, end int)) {
	var tokens []locales.Token
	for _, token := range locales.Tokens(text) {
		if token.Kind != locales.MarkToken {
			tokens = append(tokens, token)
		}
	}
	for i := 0; i < len(tokens); {
		n := 1
		for _, form := range theLabelForms() {
			if i+len(form.words) <= len(tokens) && stand(form.words, tokens[i:]) {
				n = len(form.words)
				found(form.kind, tokens[i].Start, tokens[i+n-1].End)
				break
			}
		}
		i += n
	}
}

func stand(words []string, tokens []locales.Token) bool {
	for i, w := range words {
		if wordKey(tokens[i].Norm) != w {
			return false
		}
	}
	return true
}

// tidy takes out what a word that was left off leaves behind: double spaces, empty brackets, a comma or a little word at an end.
func tidy(text string) string {
	text = strings.NewReplacer("()", "", "( )", "", "[]", "", "« »", "", "\"\"", "").Replace(text)
	fields := strings.Fields(text)
	for len(fields) > 0 {
		last := strings.Trim(fields[len(fields)-1], ",;:.-–/+&%")
		if last != "" && !locales.IsLittle(locales.Normalise(last)) {
			break
		}
		fields = fields[:len(fields)-1]
	}
	text = strings.Join(fields, " ")
	return strings.Trim(strings.ReplaceAll(text, " ,", ","), " ,;:-–/+&%")
}
