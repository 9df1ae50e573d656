// Package locales holds everything Souk knows about how people here write and read: the words it says (fr.toml, ar.toml) with
// their plurals and direction, money, dates and phones as they are shown, and the way back from what people type (French, Arabic,
// Darija in both alphabets) to numbers, units and search keys.
//
// It is pure: no clock, no network, no state that changes. A *Words is safe for use by several goroutines.
package locales
