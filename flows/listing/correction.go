package listing

import "souk/locales"

// Field names the part of a draft that a correction is about.
type Field string

// The fields of a draft that can be corrected by typing.
const (
	FieldTitle Field = "title"
	FieldPack  Field = "pack"
	FieldPrice Field = "price"
	FieldStock Field = "stock"
)

// Correction is one field of a draft, said anew.
type Correction struct {
	Field         Field
	Title         string       // of FieldTitle, as typed
	Amount        string       // of FieldPack: a decimal as in Pack
	Unit          locales.Unit // of FieldPack
	PriceCentimes int64        // of FieldPrice
	// Stock is, for FieldStock, the new stock in packs, or with Delta what is added to it (negative: taken off). Sold out is 0.
	Stock int64
	Delta bool
}
