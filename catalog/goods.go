package catalog

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"souk/locales"
)

//go:embed goods.tsv
var goodsText string

// Kinds of names in goods.tsv that are no goods by themselves; every other row's category is a shelf.
const (
	partKind    = "part"
	qualityKind = "quality"
	placeKind   = "place"
)

// goodsRow is one line of goods.tsv.
type goodsRow struct {
	category string
	food     bool
	fr, ar   []string
	gender   string // of the French name: m, f, mp, fp
	feminine bool   // the Arabic name's adjectives are feminine
	forms    int    // different names in all
}

// isGoods tells rows that are for sale themselves.
func (r *goodsRow) isGoods() bool {
	return r.category != partKind && r.category != qualityKind && r.category != placeKind
}

// goodsBook is goods.tsv, keyed for look-up.
type goodsBook struct {
	rows    []goodsRow
	byName  map[string]int // a name's words, keyed and joined by spaces → row
	longest int            // words in the longest name
}

// theGoods parses the embedded file once; TestGoods keeps it well-formed.
var theGoods = sync.OnceValue(func() *goodsBook {
	b, err := parseGoods(goodsText)
	if err != nil {
		panic(err)
	}
	return b
})

func parseGoods(text string) (*goodsBook, error) {
	b := &goodsBook{byName: map[string]int{}}
	for i, line := range strings.Split(text, "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		columns := strings.Split(line, "\t")
		if len(columns) < 5 || len(columns) > 9 || columns[0] == "" || columns[1] != "f" && columns[1] != "-" || columns[2] == "" || columns[4] == "" {
			return nil, fmt.Errorf("goods line %d: want category, food, French, gender, Arabic and up to four more columns: %q", i+1, line)
		}
		arabic, feminine := strings.CutSuffix(columns[4], "/f")
		row := goodsRow{category: columns[0], food: columns[1] == "f", fr: names(columns[2]), ar: names(arabic), gender: columns[3]}
		row.feminine = feminine || strings.HasSuffix(strings.Fields(row.ar[0])[0], "ة")
		switch {
		case row.category == qualityKind && (len(row.fr) != 4 || len(row.ar) != 2):
			return nil, fmt.Errorf("goods line %d: a quality has four French and two Arabic forms: %q", i+1, line)
		case row.isGoods() && !slices.Contains([]string{"m", "f", "mp", "fp"}, row.gender):
			return nil, fmt.Errorf("goods line %d: gender %q", i+1, row.gender)
		}
		seen := map[string]bool{}
		for _, column := range append([]string{columns[2], arabic}, columns[5:]...) {
			for _, name := range names(column) {
				joined := strings.Join(goodsWords(name), " ")
				if joined == "" {
					return nil, fmt.Errorf("goods line %d: nothing is left of the name %q", i+1, name)
				}
				if other, taken := b.byName[joined]; taken && other != len(b.rows) {
					return nil, fmt.Errorf("goods line %d: %q is %s already", i+1, name, b.rows[other].fr[0])
				}
				b.byName[joined] = len(b.rows)
				b.longest = max(b.longest, strings.Count(joined, " ")+1)
				if !seen[name] {
					seen[name] = true
					row.forms++
				}
			}
		}
		b.rows = append(b.rows, row)
	}
	return b, nil
}

func names(column string) []string {
	var all []string
	for name := range strings.SplitSeq(column, ",") {
		if name = strings.TrimSpace(name); name != "" {
			all = append(all, name)
		}
	}
	return all
}

// goodsWords cuts a name into keyed words, little words left out but for water, which Darija calls ma.
func goodsWords(name string) []string {
	var words []string
	for _, token := range locales.Tokens(locales.StripControls(name)) {
		if token.Kind == locales.MarkToken || littleIn(token.Norm) {
			continue
		}
		if key := wordKey(token.Norm); key != "" {
			words = append(words, key)
		}
	}
	return words
}

func littleIn(norm string) bool {
	return locales.IsLittle(norm) || joins(norm) || norm == "n" || norm == "ⵏ"
}

// goodsPart is a stretch of a title that the book knows, with the word that joined it to what stands before.
type goodsPart struct {
	row  *goodsRow
	join string // "", "de", "a", "et", "avec"
}

// read cuts a title into what the book knows; known is false where a word is left over. Amounts are passed over: they belong to the
// pack.
func (b *goodsBook) read(title string) (parts []goodsPart, known bool) {
	tokens := locales.Tokens(locales.StripControls(title))
	if len(tokens) > 40 {
		return nil, false
	}
	known = true
	join := ""
	for i := 0; i < len(tokens); {
		token := tokens[i]
		if row, n := b.at(tokens, i); n > 0 {
			parts = append(parts, goodsPart{row: row, join: join})
			join = ""
			i += n
			continue
		}
		if a := locales.ReadAmount(tokens, i); a.Used > 0 && (token.Kind == locales.NumberToken || a.Unit != locales.NoUnit) {
			i += a.Used
			continue
		}
		switch {
		case token.Kind == locales.MarkToken:
		case joiner(token.Norm) != "":
			join = joiner(token.Norm)
		case littleIn(token.Norm):
		default:
			known = false
		}
		i++
	}
	return parts, known && len(parts) > 0
}

// at finds the longest name that begins at token i, little words inside it passed over.
func (b *goodsBook) at(tokens []locales.Token, i int) (row *goodsRow, n int) {
	if tokens[i].Kind == locales.MarkToken || littleIn(tokens[i].Norm) {
		return nil, 0
	}
	var words []string
	for j := i; j < len(tokens) && len(words) < b.longest; j++ {
		if tokens[j].Kind == locales.MarkToken {
			if tokens[j].Norm == "-" {
				continue
			}
			break
		}
		if littleIn(tokens[j].Norm) {
			continue
		}
		words = append(words, wordKey(tokens[j].Norm))
		if at, ok := b.byName[strings.Join(words, " ")]; ok {
			row, n = &b.rows[at], j-i+1
		}
	}
	return row, n
}

// joiner tells how a little word joins two names: "de", "a" (à, au, بـ), "et" or "avec"; "" for other words.
func joiner(norm string) string {
	switch norm {
	case "de", "d'", "du", "des", "d", "dyal", "dial", "ديال", "n", "ⵏ", "من":
		return "de"
	case "a", "au", "aux", "b", "ب":
		return "a"
	case "et", "w", "و":
		return "et"
	case "avec", "مع", "m3a":
		return "avec"
	}
	return ""
}

// Classify gives the shelf that a title belongs on, and whether the law asks for an ONSSA number there. The first goods named
// decide, unless what follows them makes other goods of them. ok is false where the title names nothing that the book knows.
func Classify(title string) (category string, food, ok bool) {
	parts, _ := theGoods().read(title)
	for i, p := range parts {
		if !p.row.isGoods() {
			continue
		}
		// Argan oil for the skin is no food: a quality may move oils to the other shelf.
		if p.row.category == "huiles" {
			for _, q := range parts[i+1:] {
				if q.row.category == qualityKind && q.row.fr[0] == "cosmétique" || q.row.category == partKind && (q.row.fr[0] == "cheveux" || q.row.fr[0] == "visage") {
					return "beaute", false, true
				}
			}
		}
		return p.row.category, p.row.food, true
	}
	return "", false, false
}
