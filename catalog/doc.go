// Package catalog holds what can be bought and who makes it: regions and towns, cooperatives and their members and documents,
// products with their packs, stock and photos, and the search that finds them.
//
// Only what the schema's view sellable lets through is ever found, shown or sold: published products of active cooperatives, food
// only with a valid ONSSA document. Prices are centimes, amounts decimal strings, words maps from language to text.
package catalog
