package catalog

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"souk/internal/rows"
	"souk/locales"
)

const (
	// maxWords bounds what is read of a query: goods have short names.
	maxWords = 8
	// maxNear bounds how many misspelt words count.
	maxNear = 2
	// maxAlternatives bounds what one misspelt word may stand for.
	maxAlternatives = 16
)

// wanted is a query as it is searched for: every exact token, and of every near word at least one.
type wanted struct {
	exact []string
	near  []near
}

// near is what a word that nobody wrote on any product may stand for.
type near struct {
	tokens   []string // all of it
	prefixes []string // of it, what begins with the word
}

// understand reads a query: forms of the glossary first, the longest ones; then words that stand on products; the others become
// what they resemble.
func understand(ctx context.Context, tx pgx.Tx, query string) (wanted, error) {
	words := keyedWords(query)
	words = words[:min(len(words), maxWords)]
	var q wanted
	var unknown []int // places of words that the glossary does not have
	for i := 0; i < len(words); {
		concept, n := theGlossary().at(words, i, len(words))
		if n == 0 {
			unknown = append(unknown, i)
			i++
			continue
		}
		q.exact = append(q.exact, conceptMark+concept)
		i += n
	}
	if len(unknown) > 0 {
		if err := q.resolve(ctx, tx, words, unknown); err != nil {
			return wanted{}, err
		}
	}
	q.exact = slices.Compact(q.exact)
	return q, nil
}

// resolve takes the words at the places unknown into the query.
func (q *wanted) resolve(ctx context.Context, tx pgx.Tx, words []string, unknown []int) error {
	typed := make([]string, len(unknown))
	for i, place := range unknown {
		typed[i] = words[place]
	}
	type seen struct{ Typed, Word string }
	found, err := rows.All[seen](ctx, tx, "look words up", lookWordsUp, rows.Args{"typed": typed})
	if err != nil {
		return err
	}
	vocabulary := map[string][]string{}
	for _, f := range found {
		vocabulary[f.Typed] = append(vocabulary[f.Typed], f.Word)
	}
	for _, place := range unknown {
		word := words[place]
		if slices.Contains(vocabulary[word], word) {
			q.exact = append(q.exact, word)
			continue
		}
		if concept, others := formNear(words, place); concept != "" {
			for _, other := range others { // they are part of the form now
				q.exact = slices.DeleteFunc(q.exact, func(token string) bool { return token == other })
			}
			q.near = append(q.near, near{tokens: []string{conceptMark + concept}})
			continue
		}
		if alternatives := resembling(word, vocabulary[word]); len(alternatives.tokens) > 0 {
			q.near = append(q.near, alternatives)
		}
	}
	q.near = q.near[:min(len(q.near), maxNear)]
	return nil
}

// The range is a prefix search: the column's order is that of code points.
const lookWordsUp = `SELECT t.typed, w.word
	FROM unnest(@typed::text[]) AS t (typed), LATERAL (
		(SELECT word FROM search_word
			WHERE word >= t.typed AND word < t.typed || chr(1114111) AND (char_length(t.typed) >= 3 OR word = t.typed) ORDER BY word LIMIT 16)
		UNION SELECT similar_words(t.typed, 40)) AS w (word)`

// formNear finds a form of several words that the misspelt word at a place completes ("zit zitoon"), and the tokens that its other
// words were read as.
func formNear(words []string, place int) (concept string, others []string) {
	g := theGlossary()
	repaired := slices.Clone(words)
	for _, word := range closest(words[place], g.words) {
		repaired[place] = word
		for start := max(0, place-g.longest+1); start <= place; start++ {
			concept, n := g.at(repaired, start, g.longest)
			if n < 2 || start+n <= place {
				continue
			}
			for i := start; i < start+n; i++ {
				if i == place {
					continue
				}
				if single, ok := g.singles[words[i]]; ok {
					others = append(others, conceptMark+single)
				} else {
					others = append(others, words[i])
				}
			}
			return concept, others
		}
	}
	return "", nil
}

// resembling returns what a word may stand for: what begins with it, what is spelt almost like it, and what sounds like it.
func resembling(word string, vocabulary []string) near {
	g := theGlossary()
	known := slices.Concat(spellings(vocabulary), g.alone)
	token := func(w string) string {
		if concept, ok := g.singles[w]; ok {
			return conceptMark + concept
		}
		return w
	}
	var n near
	if utf8.RuneCountInString(word) >= 3 {
		for _, w := range known {
			if strings.HasPrefix(w.word, word) {
				n.prefixes = append(n.prefixes, token(w.word))
			}
		}
	}
	n.tokens = slices.Clone(n.prefixes)
	for _, w := range closest(word, known) {
		n.tokens = append(n.tokens, token(w))
	}
	slices.Sort(n.prefixes)
	n.prefixes = slices.Compact(n.prefixes)
	slices.Sort(n.tokens)
	n.tokens = slices.Compact(n.tokens)
	n.tokens = n.tokens[:min(len(n.tokens), maxAlternatives)]
	if sound := locales.WordKey(word); len(sound) >= shortSound {
		n.tokens = append(n.tokens, soundMark+sound)
	}
	return n
}

// spelling is a known word, ready to be compared.
type spelling struct {
	word  string
	runes []rune
	sound string
}

func spellings(words []string) []spelling {
	known := make([]spelling, len(words))
	for i, word := range words {
		known[i] = spelling{word, []rune(word), locales.WordKey(word)}
	}
	return known
}

// closest returns the known words that are the fewest slips away from a word, none where even they are too many: one slip in a
// short word, two in a long one. A word that sounds the same is one slip away.
func closest(word string, known []spelling) []string {
	typed := spellings([]string{word})[0]
	allowed := 1
	switch {
	case len(typed.runes) < 3:
		return nil
	case len(typed.runes) >= 7:
		allowed = 2
	}
	var best []string
	for _, candidate := range known {
		if candidate.word == word {
			continue
		}
		if len(typed.runes) == 3 && candidate.runes[0] != typed.runes[0] {
			continue // of three letters, the first one is what is left to hold on to
		}
		slips := 1
		if len(typed.sound) < shortSound || candidate.sound != typed.sound {
			slips = distance(typed.runes, candidate.runes, allowed)
		}
		switch {
		case slips > allowed:
		case slips < allowed:
			allowed, best = slips, []string{candidate.word}
		default:
			best = append(best, candidate.word)
		}
	}
	return best
}

// distance counts the slips between two words: a letter too many, too few, another, or two that changed places. Above most it
// stops counting.
func distance(a, b []rune, most int) int {
	if d := len(a) - len(b); d > most || -d > most {
		return most + 1
	}
	const room = 32 // letters; longer words are rare
	var fixed [3][room]int
	before, last, row := fixed[0][:], fixed[1][:], fixed[2][:]
	if len(b) >= room {
		before, last, row = make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	}
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
			least = min(least, row[j])
		}
		if least > most {
			return most + 1
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
