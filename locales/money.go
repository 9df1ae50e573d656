package locales

import (
	"strconv"
	"strings"

	"github.com/bojanz/currency"
)

// Money is an amount in the currency's smallest unit with its ISO 4217 code:
// {24000, "MAD"} is 240 dirhams. An empty Currency means MAD.
type Money struct {
	Minor    int64
	Currency string
}

// Dirhams makes Money from centimes of a dirham.
func Dirhams(centimes int64) Money { return Money{Minor: centimes, Currency: "MAD"} }

// Money writes m as people in Morocco do: "240 dh", "1 250,50 dh";
// «240 درهما», «3 دراهم» with the plural its number asks for. Centimes show only
// where there are some. Digits are Western in both languages. French groups
// thousands with a plain space, so the sum can be found and copied; Arabic with
// a no-break one, which is what keeps the groups in order inside right-to-left text.
func (w *Words) Money(lang Lang, m Money) string {
	space := " "
	if lang == Arabic {
		space = "\u00a0"
	}
	if m.Currency != "" && m.Currency != "MAD" {
		return foreignNumber(m, space) + " " + m.Currency
	}
	number := dirhamNumber(m.Minor, space)
	var count any = int(abs(m.Minor) / 100)
	if m.Minor%100 != 0 {
		count = strconv.FormatInt(abs(m.Minor)/100, 10) + "." + twoDigits(abs(m.Minor)%100)
	}
	s, err := w.localize(lang, "money.mad", count, map[string]string{"amount": number})
	if err != nil {
		return number + " MAD"
	}
	return s
}

// BareMoney is the number of m without its currency, for sums that name it once: "240 + 20 = 260 dh".
func (w *Words) BareMoney(lang Lang, m Money) string {
	space := " "
	if lang == Arabic {
		space = "\u00a0"
	}
	if m.Currency != "" && m.Currency != "MAD" {
		return foreignNumber(m, space)
	}
	return dirhamNumber(m.Minor, space)
}

// dirhamNumber writes centimes as dirhams. Prices stand in nearly every message, so the one currency that Souk trades in is
// written by hand: the general formatter costs ten times as much.
func dirhamNumber(centimes int64, space string) string {
	digits := strconv.FormatInt(abs(centimes)/100, 10)
	var b strings.Builder
	if centimes < 0 {
		b.WriteByte('-')
	}
	for i := range len(digits) {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(space)
		}
		b.WriteByte(digits[i])
	}
	if rest := abs(centimes) % 100; rest != 0 {
		b.WriteByte(',')
		b.WriteString(twoDigits(rest))
	}
	return b.String()
}

func twoDigits(n int64) string {
	if n < 10 {
		return "0" + strconv.FormatInt(n, 10)
	}
	return strconv.FormatInt(n, 10)
}

// foreignNumber writes the bare number of any other currency the French way.
func foreignNumber(m Money, space string) string {
	amount, err := currency.NewAmountFromInt64(m.Minor, m.Currency)
	if err != nil { // no currency of ISO 4217: the bare units are all that can be said
		return strconv.FormatInt(m.Minor, 10)
	}
	f := currency.NewFormatter(currency.NewLocale("fr"))
	f.CurrencyDisplay = currency.DisplayNone
	if wholeUnits(amount) {
		f.MinDigits, f.MaxDigits = 0, 0
	}
	return strings.ReplaceAll(f.Format(amount), "\u202f", space)
}

func wholeUnits(a currency.Amount) bool { return a.RoundTo(0, currency.RoundHalfUp).Equal(a) }

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}
