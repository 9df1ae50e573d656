package catalog

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"souk/internal/rows"
	"souk/locales"
)

// A product is found by the tokens in product.search_words. A plain token is a keyed word ("tafraout") or a concept of the
// glossary ("#miel"); it stands there wherever the word does. Marks before a token say more:
const (
	conceptMark = "#"
	titleMark   = "=" // stands in a title or an alias, not only in the town's or the category's name
	headMark    = "^" // opens a title or an alias: what the product is, in French and Arabic
	soundMark   = "%" // locales.WordKey of a title's word: meets words that the glossary does not know across alphabets
	scopeMark   = "@" // a region, a category, a cooperative: search within them is one more token
	shortSound  = 3   // a sound of fewer consonants joins too many words
)

// Entry is what a product is indexed under.
type Entry struct {
	Titles      Words
	Aliases     []string // what else people call it
	Around      []string // what it is more widely: names of its category and its label
	Makers      []string // names of its cooperative, town and region: proper names, of which a word means nothing else
	Region      string   // code
	Category    string   // id
	Cooperative string   // code
}

// Index returns the tokens that a product is found by, for product.search_words: sorted, each once.
func Index(entry Entry) []string {
	tokens := map[string]bool{}
	for _, title := range entry.Titles {
		indexTitle(title, tokens)
	}
	for _, alias := range entry.Aliases {
		indexTitle(alias, tokens)
	}
	for _, name := range entry.Around {
		words := keyedWords(name)
		for i, word := range words {
			tokens[word] = true
			concepts, _ := theGlossary().all(words, i)
			for _, concept := range concepts {
				tokens[conceptMark+concept] = true
			}
		}
	}
	for _, name := range entry.Makers {
		for _, word := range keyedWords(name) {
			tokens[word] = true
		}
	}
	for _, scope := range (Scope{Region: entry.Region, Category: entry.Category, Cooperative: entry.Cooperative}).tokens() {
		tokens[scope] = true
	}
	sorted := make([]string, 0, len(tokens))
	for token := range tokens {
		sorted = append(sorted, token)
	}
	slices.Sort(sorted)
	return sorted
}

func indexTitle(title string, tokens map[string]bool) {
	words := keyedWords(title)
	add := func(token string, head bool) {
		tokens[token], tokens[titleMark+token] = true, true
		if head {
			tokens[headMark+token] = true
		}
	}
	swallowed := 0 // words of an exact concept do not count by themselves
	for i, word := range words {
		add(word, i == 0)
		if sound := locales.WordKey(word); len(sound) >= shortSound {
			tokens[soundMark+sound] = true
		}
		if i < swallowed {
			continue
		}
		concepts, n := theGlossary().all(words, i)
		for _, concept := range concepts {
			add(conceptMark+concept, i == 0)
			if theGlossary().exact[concept] {
				swallowed = i + n
			}
		}
	}
}

// Scope narrows what is browsed or searched; an empty field narrows nothing.
type Scope struct {
	Region      string // code, MA-05
	Category    string // id
	Cooperative string // code, C12
}

func (s Scope) tokens() []string {
	var tokens []string
	for mark, value := range map[string]string{"r:": s.Region, "k:": s.Category, "c:": s.Cooperative} {
		if value != "" {
			tokens = append(tokens, scopeMark+mark+value)
		}
	}
	slices.Sort(tokens)
	return tokens
}

// Reindex computes anew what products are found by, after a title, an alias, a category or a name around them has changed.
func Reindex(ctx context.Context, tx pgx.Tx, productIDs ...int64) error {
	type indexed struct {
		ID         int64
		Title      Words
		Aliases    []string
		RegionCode string
		CategoryID string
		Code       string
		Around     []string
		Makers     []string
	}
	products, err := rows.All[indexed](ctx, tx, "load products to index", loadIndexed, rows.Args{"ids": productIDs})
	if err != nil {
		return err
	}
	batch := &pgx.Batch{}
	for _, p := range products {
		batch.Queue(setSearchWords, rows.Args{"id": p.ID, "words": Index(Entry{Titles: p.Title, Aliases: p.Aliases, Around: p.Around, Makers: p.Makers,
			Region: p.RegionCode, Category: p.CategoryID, Cooperative: p.Code})})
	}
	return tx.SendBatch(ctx, batch).Close()
}

const loadIndexed = `SELECT p.id, p.title, p.aliases, p.region_code, p.category_id, c.code,
		ARRAY(SELECT value FROM (VALUES (k.name), (d.title)) AS named (name), jsonb_each_text(named.name)) AS around,
		ARRAY(SELECT value FROM (VALUES (c.name), (t.name), (r.name)) AS named (name), jsonb_each_text(named.name)) AS makers
	FROM product p
	JOIN cooperative c ON c.id = p.cooperative_id
	JOIN town t ON t.id = c.town_id
	JOIN region r ON r.code = p.region_code
	JOIN category k ON k.id = p.category_id
	LEFT JOIN compliance_document d ON d.id = p.label_id
	WHERE p.id = ANY(@ids) ORDER BY p.id`

const setSearchWords = `UPDATE product SET search_words = @words WHERE id = @id AND search_words <> @words`
