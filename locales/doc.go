// Package locales holds the words of each language and reads what people write in any of them: letters, digits, numbers, units,
// money, phone numbers, days.
package locales
