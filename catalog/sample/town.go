package sample

import (
	"slices"

	"souk/locales"
)

// townKeys are the search keys that lead to a town: of its names and of what people type for it.
func townKeys(town Town) []string {
	var keys []string
	for _, name := range append([]string{town.Fr, town.Ar}, town.Aliases...) {
		if key := locales.SearchKey(name); key != "" && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys
}
