package catalog

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/rows"
)

const (
	// popular is how many of all products count as popular. A query that fits thousands ("huile" over a whole country) is answered from
	// these alone where enough of them fit it well: so it costs no more than any other.
	popular = 3000
	// candidates bounds how many products are read and ranked, of the popular ones and of all.
	candidates = 200
	// finalists bounds for how many it is asked whether they are in stock.
	finalists = 40
)

// Search returns what is for sale and fits a query in any language and script, best first: what is called so, what is found under
// it, what only begins so or resembles a misspelt word; then what is in stock, then what is popular. It returns nothing rather
// than something else: see Suggest.
func Search(ctx context.Context, tx pgx.Tx, query string, scope Scope, limit int, now time.Time) ([]Card, error) {
	ids, err := Find(ctx, tx, query, scope, limit, now)
	if err != nil {
		return nil, err
	}
	return Cards(ctx, tx, ids, now)
}

// Find is Search without the cards: the products' ids, for who shows a page of them or needs to know only how many there are.
func Find(ctx context.Context, tx pgx.Tx, query string, scope Scope, limit int, now time.Time) ([]int64, error) {
	q, err := understand(ctx, tx, query)
	if err != nil {
		return nil, err
	}
	return firstFound(ctx, tx, q, scope, limit, now)
}

// firstFound takes all words first. "miel pas cher": a word that only resembles something must not hide what was said plainly;
// and where nothing was said plainly, one word that resembles goods is enough.
func firstFound(ctx context.Context, tx pgx.Tx, q wanted, scope Scope, limit int, now time.Time) ([]int64, error) {
	readings := []wanted{q}
	switch {
	case len(q.near) > 0 && len(q.exact) > 0:
		readings = append(readings, wanted{exact: q.exact})
	case len(q.near) > 1:
		for _, alternatives := range q.near {
			readings = append(readings, wanted{near: []near{alternatives}})
		}
	}
	for _, reading := range readings {
		ids, err := find(ctx, tx, reading, scope, limit, now)
		if err != nil || len(ids) > 0 {
			return ids, err
		}
	}
	return nil, nil
}

// Suggestion is what to offer where nothing was found.
type Suggestion struct {
	Cards      []Card     // what comes near
	Categories []Category // where nothing does: the first shelves on which there is anything, not counted
}

// Suggest returns what comes nearest to a query of which Search found nothing: the same in the whole country, then what fits all
// but one of its words, else the shelves.
func Suggest(ctx context.Context, tx pgx.Tx, query string, limit int, now time.Time) (Suggestion, error) {
	q, err := understand(ctx, tx, query)
	if err != nil {
		return Suggestion{}, err
	}
	ids, err := firstFound(ctx, tx, q, Scope{}, limit, now)
	if err != nil {
		return Suggestion{}, err
	}
	if len(ids) == 0 {
		// What is named last says which kind; without it the goods themselves are left.
		for i := len(q.exact) - 1; i >= 0 && len(q.exact) > 1; i-- {
			fewer := wanted{exact: slices.Delete(slices.Clone(q.exact), i, i+1)}
			more, err := find(ctx, tx, fewer, Scope{}, limit, now)
			if err != nil {
				return Suggestion{}, err
			}
			for _, id := range more {
				if len(ids) < limit && !slices.Contains(ids, id) {
					ids = append(ids, id)
				}
			}
		}
	}
	if len(ids) > 0 {
		cards, err := Cards(ctx, tx, ids, now)
		return Suggestion{Cards: cards}, err
	}
	shelves, err := shelvesInUse(ctx, tx, limit, now)
	return Suggestion{Categories: shelves}, err
}

// find returns the products that fit all of what is wanted, best first.
func find(ctx context.Context, tx pgx.Tx, q wanted, scope Scope, limit int, now time.Time) ([]int64, error) {
	if len(q.exact) == 0 && len(q.near) == 0 {
		return nil, nil
	}
	args := rows.Args{"all": append(append([]string{}, scope.tokens()...), q.exact...), "titles": marked(titleMark, q.exact),
		"heads": marked(headMark, q.exact), "full": fullExact,
		"popular": popular, "candidates": candidates, "finalists": finalists, "limit": limit, "now": now}
	sql := searchExact
	if len(q.near) > 0 {
		sql = searchNear
		args["near"], args["other"] = q.near[0].tokens, q.near[len(q.near)-1].tokens
		nearTitles, prefixes, heads := []string{}, []string{}, marked(headMark, q.exact)
		for _, alternatives := range q.near {
			nearTitles = append(nearTitles, marked(titleMark, alternatives.tokens)...)
			heads = append(heads, marked(headMark, alternatives.tokens)...)
			prefixes = append(prefixes, alternatives.prefixes...)
		}
		args["near_titles"], args["heads"], args["prefixes"], args["full"] = nearTitles, heads, prefixes, fullNear
		if len(prefixes) > 0 {
			args["full"] = fullNear + prefixScore
		}
	}
	return rows.Values[int64](ctx, tx, "search products", sql, args)
}

func marked(mark string, tokens []string) []string {
	out := make([]string, len(tokens))
	for i, token := range tokens {
		out[i] = mark + token
	}
	return out
}

const (
	prefixScore = 2
	fullExact   = 8 + 4 // of a product that is called as the query says, from its first word on
	fullNear    = fullExact + 1
)

// The two statements differ in whether misspelt words take part. The rest is looked for only where the popular ones do not fill the
// answer with full scores.
const (
	searchExact = `WITH band AS MATERIALIZED (` + foundExact + inBand + `), rest AS MATERIALIZED (` + foundExact + asNeeded + `)` + ranked
	searchNear  = `WITH band AS MATERIALIZED (` + foundNear + inBand + `), rest AS MATERIALIZED (` + foundNear + asNeeded + `)` + ranked

	foundExact = `SELECT p.product_id, p.popularity, ` + scoreExact + ` AS score FROM sellable(@now) p
		WHERE p.search_words @> @all `
	foundNear = `SELECT p.product_id, p.popularity, ` + scoreNear + ` AS score FROM sellable(@now) p
		WHERE p.search_words @> @all AND p.search_words && @near AND p.search_words && @other `

	scoreExact = `(p.search_words @> @titles)::int * 8 + (p.search_words && @heads)::int * 4`
	scoreNear  = scoreExact + ` + (p.search_words && @prefixes)::int * 2 + (p.search_words && @near_titles)::int`

	// From the popularity on of which there are @popular products at most; all where there are fewer.
	inBand = `AND p.popularity >= COALESCE((SELECT popularity FROM product WHERE status = 'published'
		ORDER BY popularity DESC, id OFFSET @popular LIMIT 1) + 1, 0)::smallint LIMIT @candidates`
	asNeeded = `AND (SELECT count(*) FROM band WHERE score >= @full) < @limit LIMIT @candidates`

	ranked = `, best AS (
			SELECT product_id, popularity, score FROM (SELECT product_id, popularity, score FROM band UNION SELECT product_id, popularity, score FROM rest) AS found
			ORDER BY score DESC, popularity DESC, product_id LIMIT @finalists)
		SELECT p.product_id FROM best p
		ORDER BY p.score DESC, ` + inStock + ` DESC, p.popularity DESC, p.product_id LIMIT @limit`
)
