package catalog

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/rows"
	"souk/locales"
)

// Named is a product among a cooperative's own, as far as naming it needs.
type Named struct {
	ProductID     int64
	CooperativeID int64
	Code          string
	Title         Words
	Aliases       []string
	Status        string
}

// NamesOf returns what cooperatives have, archived products left out, for Match.
func NamesOf(ctx context.Context, tx pgx.Tx, cooperativeIDs []int64) ([]Named, error) {
	return rows.All[Named](ctx, tx, "list what a cooperative calls its products", listNames, rows.Args{"cooperatives": cooperativeIDs})
}

const listNames = `SELECT id AS product_id, cooperative_id, code, title, aliases, status FROM product
	WHERE cooperative_id = ANY(@cooperatives) AND status <> 'archived' ORDER BY id`

// Match is which of its own products a cooperative's member names, in any language and script: "argan", "3sel", «زيت أركان», "P12".
// Fits are the products of which every word fits; where one is called exactly so, it alone. Near are those that come near, where
// none fits.
func Match(owns []Named, query string) (fits, near []Named) {
	if code, ok := parseCode(query); ok && strings.ContainsAny(query, "pP") {
		if i := slices.IndexFunc(owns, func(o Named) bool { return o.Code == code }); i >= 0 {
			return owns[i : i+1], nil
		}
	}
	words := keyedWords(query)
	words = words[:min(len(words), maxWords)]
	if len(words) == 0 {
		return nil, nil
	}
	indexed := make([]map[string]bool, len(owns))
	vocabulary := map[string]bool{}
	for i, o := range owns {
		indexed[i] = map[string]bool{}
		for _, title := range o.Title {
			indexTitle(title, indexed[i])
		}
		for _, alias := range o.Aliases {
			indexTitle(alias, indexed[i])
		}
		for token := range indexed[i] {
			if !strings.ContainsAny(token[:1], conceptMark+titleMark+headMark+soundMark) {
				vocabulary[token] = true
			}
		}
	}
	asked := wordsAsked(words, vocabulary)
	best := 0
	for i, o := range owns {
		met := 0
		for _, alternatives := range asked {
			if slices.ContainsFunc(alternatives, func(token string) bool { return indexed[i][token] }) {
				met++
			}
		}
		switch {
		case met == len(asked):
			fits = append(fits, o)
		case met > best:
			best, near = met, []Named{o}
		case met == best && met > 0:
			near = append(near, o)
		}
	}
	if len(fits) > 0 {
		near = nil
	}
	if called := slices.DeleteFunc(slices.Clone(fits), func(o Named) bool { return !calledSo(o, words) }); len(called) == 1 {
		return called, nil
	}
	return fits, near
}

// wordsAsked is what each word of a query may be met by: a form of the glossary, the word itself, or what it is a slip of.
func wordsAsked(words []string, vocabulary map[string]bool) [][]string {
	var asked [][]string
	for i := 0; i < len(words); {
		if concept, n := theGlossary().at(words, i, len(words)); n > 0 {
			met := []string{conceptMark + concept}
			if n == 1 {
				met = append(met, words[i])
			}
			asked = append(asked, met)
			i += n
			continue
		}
		word := words[i]
		i++
		if vocabulary[word] {
			asked = append(asked, []string{word})
			continue
		}
		known := make([]string, 0, len(vocabulary))
		for w := range vocabulary {
			known = append(known, w)
		}
		asked = append(asked, resembling(word, known).tokens)
	}
	return asked
}

// calledSo says whether a title or an alias is just these words.
func calledSo(o Named, words []string) bool {
	same := func(title string) bool {
		theirs, mine := keyedWords(title), slices.Clone(words)
		slices.Sort(theirs)
		slices.Sort(mine)
		return slices.Equal(theirs, mine)
	}
	for _, title := range o.Title {
		if same(title) {
			return true
		}
	}
	return slices.ContainsFunc(o.Aliases, same)
}

// SplitPack parts the size of a pack from a product's name: "argan 250" is argan and 250 of a unit that was not said. amount is a
// decimal string, "" where no size was said.
func SplitPack(text string) (name, amount, unit string) {
	text = locales.StripControls(text)
	tokens := locales.Tokens(text)
	for i := range tokens {
		if i == 0 && len(tokens) > 1 && tokens[0].Kind == locales.WordToken && len(tokens[0].Norm) == 1 { // the P of a code: "P 12"
			continue
		}
		a := locales.ReadAmount(tokens, i)
		if a.Used == 0 || a.Amount <= 0 || a.Unit == locales.NoUnit && tokens[i].Kind != locales.NumberToken {
			continue
		}
		rest := text[:tokens[i].Start] + " " + text[tokens[i+a.Used-1].End:]
		if strings.TrimSpace(rest) == "" {
			return text, "", ""
		}
		name = strings.Join(strings.Fields(rest), " ")
		if a.Container { // a pot has a size that was not said
			return name, "", ""
		}
		return name, strconv.FormatFloat(a.Amount, 'f', -1, 64), string(a.Unit)
	}
	return text, "", ""
}

// PacksOf are the packs of which this is the size; a number without a unit fits any pack of that number. No size fits every pack.
func PacksOf(packs []Variant, amount, unit string) []Variant {
	if amount == "" {
		return packs
	}
	var fit []Variant
	for _, p := range packs {
		if unit == "" {
			if p.PackAmount == amount {
				fit = append(fit, p)
			}
			continue
		}
		asked, ok := measure(amount, unit)
		if size, known := measure(p.PackAmount, p.PackUnit); ok && known && size == asked && kindOf(unit) == kindOf(p.PackUnit) {
			fit = append(fit, p)
		}
	}
	return fit
}

// Aim is what a line about the own shop names.
type Aim struct {
	// Goods are the products that fit, each with the packs that were named: all of its packs where no size was.
	Goods []Good
	// Sized says that the size of a pack was named.
	Sized bool
	// Near are products that come near where none fits: those called so that have no such pack, or those called almost so.
	Near []Good
	// NoSuchPack says that a product fits and none of its packs does.
	NoSuchPack bool
}

// AimAt finds what a member's words name among the products of their cooperatives: "argan 250", «عسل نص كيلو», "P12".
func AimAt(ctx context.Context, tx pgx.Tx, cooperativeIDs []int64, words string, now time.Time) (Aim, error) {
	owns, err := NamesOf(ctx, tx, cooperativeIDs)
	if err != nil {
		return Aim{}, err
	}
	name, amount, unit := SplitPack(words)
	fits, near := Match(owns, name)
	if len(fits) == 0 && amount != "" { // the number may belong to the name
		if again, _ := Match(owns, words); len(again) > 0 {
			fits, near, amount = again, nil, ""
		}
	}
	a := Aim{Sized: amount != ""}
	goods, err := GoodsByID(ctx, tx, idsOf(fits), now)
	if err != nil {
		return Aim{}, err
	}
	for _, g := range goods {
		if packs := PacksOf(g.Variants, amount, unit); len(packs) > 0 {
			whole := g
			whole.Variants = packs
			a.Goods = append(a.Goods, whole)
		}
	}
	switch {
	case len(a.Goods) > 0:
	case len(goods) > 0:
		a.Near, a.NoSuchPack = goods, a.Sized
	default:
		a.Near, err = GoodsByID(ctx, tx, idsOf(near[:min(len(near), maxNearest)]), now)
	}
	return a, err
}

// maxNearest is how many products that come near are named.
const maxNearest = 5

func idsOf(owns []Named) []int64 {
	ids := make([]int64, len(owns))
	for i, o := range owns {
		ids[i] = o.ProductID
	}
	return ids
}
