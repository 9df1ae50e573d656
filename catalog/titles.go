package catalog

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"souk/locales"
)

// SuggestTitle writes a title in the other language, from the names that the goods' book knows: "Miel de thym 500 g" ↔ «عسل الزعتر».
// Amounts are left out: they belong to the pack. text is empty where a word is unknown or the languages are the same. sure is false
// where the words are right but their joining may not be: such a title is to be reviewed with more care.
func SuggestTitle(title string, from, to locales.Lang) (text string, sure bool) {
	if from == to || !from.Valid() || !to.Valid() {
		return "", false
	}
	parts, known := theGoods().read(title)
	if !known || !parts[0].row.isGoods() {
		return "", false
	}
	sure = len(parts) <= 3
	for _, p := range parts[1:] {
		if p.join != "" && p.join != "de" {
			sure = false
		}
	}
	if to == locales.Arabic {
		return arabicTitle(parts), sure
	}
	return frenchTitle(parts), sure
}

// arabicTitle joins as Arabic does: the first name bare, what it is of with the article, qualities behind, agreeing with the first.
func arabicTitle(parts []goodsPart) string {
	head := parts[0].row
	words := []string{head.ar[0]}
	definite := len(strings.Fields(head.ar[0])) > 1 && strings.Contains(head.ar[0], " ال")
	var qualities []string
	for _, p := range parts[1:] {
		switch p.row.category {
		case qualityKind:
			q := p.row.ar[0]
			if head.feminine {
				q = p.row.ar[1]
			}
			qualities = append(qualities, q)
			continue
		case placeKind:
			words = append(words, p.row.ar[0])
			definite = true
			continue
		}
		name := withArticle(p.row.ar[0])
		switch p.join {
		case "a":
			name = "ب" + name
		case "et":
			name = "و" + name
		case "avec":
			name = "مع " + name
		default:
			definite = true
		}
		words = append(words, name)
	}
	for _, q := range qualities {
		if definite && !strings.Contains(q, " ") {
			q = withArticle(q)
		}
		words = append(words, q)
	}
	return strings.Join(words, " ")
}

// withArticle puts ال before a name that has none; of two words joined, the second carries it already.
func withArticle(name string) string {
	if strings.HasPrefix(name, "ال") && utf8.RuneCountInString(name) > 4 || strings.Contains(name, " ال") {
		return name
	}
	words := strings.Fields(name)
	for i := range words {
		words[i] = "ال" + words[i]
	}
	return strings.Join(words, " ")
}

// frenchTitle joins with de, and lets qualities agree with the first name.
func frenchTitle(parts []goodsPart) string {
	head := parts[0].row
	words := []string{head.fr[0]}
	for _, p := range parts[1:] {
		name := p.row.fr[0]
		if p.row.category == qualityKind {
			form := 0
			if strings.HasPrefix(head.gender, "f") {
				form = 1
			}
			if strings.HasSuffix(head.gender, "p") {
				form += 2
			}
			words = append(words, p.row.fr[form])
			continue
		}
		switch p.join {
		case "a":
			words = append(words, frenchAt(p.row))
		case "et":
			words = append(words, "et", name)
		case "avec":
			words = append(words, "avec", name)
		default:
			words = append(words, frenchOf(name))
		}
	}
	text := strings.Join(words, " ")
	r, n := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(r)) + text[n:]
}

// frenchOf writes "de miel", "d'orge", "du Drâa", "de l'Atlas".
func frenchOf(name string) string {
	if rest, ok := strings.CutPrefix(name, "le "); ok {
		return "du " + rest
	}
	if elides(name) {
		return "d'" + name
	}
	return "de " + name
}

// frenchAt writes "au thym", "à l'argan", "aux amandes".
func frenchAt(row *goodsRow) string {
	name := row.fr[0]
	switch {
	case strings.HasSuffix(row.gender, "p"):
		return "aux " + name
	case elides(name):
		return "à l'" + name
	case row.gender == "f":
		return "à la " + name
	}
	return "au " + name
}

// elides tells names before which de loses its e: a vowel, or the mute h of huile and herbes.
func elides(name string) bool {
	norm := locales.Normalise(name)
	return norm != "" && strings.ContainsRune("aeiou", rune(norm[0])) || strings.HasPrefix(norm, "huile") || strings.HasPrefix(norm, "herbe")
}
