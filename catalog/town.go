package catalog

import (
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"souk/internal/rows"
	"souk/internal/sorry"
	"souk/locales"
)

// Town is a place that people name.
type Town struct {
	ID         string
	RegionCode string
	Name       Words
}

// LoadTown returns a town by its id; one that is not there is refused with "catalog.no_such_town".
func LoadTown(ctx context.Context, tx pgx.Tx, id string) (Town, error) {
	town, found, err := rows.Maybe[Town](ctx, tx, "load town", `SELECT id, region_code, name FROM town WHERE id = @id`, rows.Args{"id": id})
	if err == nil && !found {
		err = sorry.New("catalog.no_such_town", nil)
	}
	return town, err
}

// TownKeys returns what a town is found by, for town.search_keys: each of its names and of what people type for it ("casa",
// «كازا»), as spelt and as it sounds.
func TownKeys(names ...string) []string {
	var keys []string
	for _, name := range names {
		spelt, sound := townKey(name)
		if spelt != "" {
			keys = append(keys, spelt)
		}
		if len(sound) >= 2 {
			keys = append(keys, soundMark+sound)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

func townKey(name string) (spelt, sound string) {
	return strings.Join(keyedWords(name), " "), strings.ReplaceAll(locales.SearchKey(name), " ", "")
}

const (
	maxTowns     = 5
	maxTownWords = 12
)

// FindTown returns the towns that a text names, best first: exactly so ("casa", "j'habite à Fès"), by its sound («كازا», "fas"),
// else what it resembles ("casblanca"). At most five.
func FindTown(ctx context.Context, tx pgx.Tx, text string) ([]Town, error) {
	words := keyedWords(text)
	words = words[:min(len(words), maxTownWords)]
	if len(words) == 0 {
		return nil, nil
	}
	var spelt, sounds []string
	for n := min(len(words), 4); n > 0; n-- {
		for i := 0; i+n <= len(words); i++ {
			part := strings.Join(words[i:i+n], " ")
			spelt = append(spelt, part)
			// Within a sentence a short sound would be heard everywhere.
			if _, sound := townKey(part); len(sound) >= shortSound || len(sound) == 2 && n == len(words) {
				sounds = append(sounds, soundMark+sound)
			}
		}
	}
	for _, keys := range [][]string{spelt, sounds} {
		towns, err := rows.All[Town](ctx, tx, "find town", findTown, rows.Args{"keys": keys, "limit": maxTowns})
		if err != nil || len(towns) > 0 {
			return towns, err
		}
	}
	return rows.All[Town](ctx, tx, "find town alike", findTownAlike, rows.Args{"parts": spelt, "limit": maxTowns})
}

// The key that comes first is the longest part of what was typed: "Sidi Slimane" before "Sidi".
const findTown = `SELECT id, region_code, name FROM town WHERE search_keys && @keys
	ORDER BY (SELECT min(array_position(@keys, key)) FROM unnest(search_keys) AS key), id LIMIT @limit`

const findTownAlike = `SELECT id, region_code, name FROM (
		SELECT t.id, t.region_code, t.name, max(similarity(key, part)) AS alike
		FROM town t, unnest(t.search_keys) AS key, unnest(@parts::text[]) AS part
		WHERE left(key, 1) <> '` + soundMark + `' GROUP BY t.id) AS compared
	WHERE alike >= 0.4 ORDER BY alike DESC, id LIMIT @limit`
