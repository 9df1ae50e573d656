package catalog

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/rows"
)

// Shelf is a place where goods are sorted, with or without goods on it.
type Shelf struct {
	ID   string
	Name Words
	Icon string
	Food bool // the law asks for an ONSSA number
}

// AllShelves returns every shelf, in their order: browsing shows only those with goods.
func AllShelves(ctx context.Context, tx pgx.Tx) ([]Shelf, error) {
	return rows.All[Shelf](ctx, tx, "list all shelves", `SELECT id, name, icon, food FROM category ORDER BY position, id`, rows.Args{})
}

// ShelfLike returns the shelf on which goods of this name stand already, wherever they are sold: most products that a title opens
// as this one does. "" where there are none, or where the name is not known.
func ShelfLike(ctx context.Context, tx pgx.Tx, title string) (string, error) {
	words := keyedWords(title)
	if len(words) == 0 {
		return "", nil
	}
	heads := []string{headMark + words[0]}
	concepts, _ := theGlossary().all(words, 0)
	if len(concepts) > 0 {
		heads = []string{headMark + conceptMark + concepts[0]} // the longest form: olive oil before oil
	}
	shelf, _, err := rows.Value[string](ctx, tx, "look for the shelf of such goods", shelfLike, rows.Args{"heads": heads})
	return shelf, err
}

const shelfLike = `SELECT category_id FROM product WHERE status = 'published' AND search_words && @heads GROUP BY category_id ORDER BY count(*) DESC, category_id LIMIT 1`

// TitleLike returns what goods of this name are called where they are sold already, in both languages: nil where nobody sells them.
func TitleLike(ctx context.Context, tx pgx.Tx, title string, now time.Time) (Words, error) {
	cards, err := Search(ctx, tx, title, Scope{}, likenesses, now)
	if err != nil {
		return nil, err
	}
	for _, card := range cards {
		if card.Title["fr"] != "" && card.Title["ar"] != "" && (SameGoods(card.Title["fr"], title) || SameGoods(card.Title["ar"], title)) {
			return card.Title, nil
		}
	}
	return nil, nil
}

// likenesses is how many products are compared with a name.
const likenesses = 10
