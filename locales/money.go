package locales

import (
	"fmt"
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
	number := w.moneyNumber(lang, m)
	if m.Currency != "" && m.Currency != "MAD" {
		return number + " " + m.Currency
	}
	count := any(strings.ReplaceAll(strings.ReplaceAll(currencyNumber(m), "\u202f", ""), ",", "."))
	s, err := w.localize(lang, "money.mad", count, map[string]string{"amount": number})
	if err != nil {
		return number + " MAD"
	}
	return s
}

func (w *Words) moneyNumber(lang Lang, m Money) string {
	space := " "
	if lang == Arabic {
		space = "\u00a0"
	}
	return strings.ReplaceAll(currencyNumber(m), "\u202f", space)
}

// currencyNumber writes the bare number the French way, grouped by U+202F.
func currencyNumber(m Money) string {
	code := m.Currency
	if code == "" {
		code = "MAD"
	}
	amount, err := currency.NewAmountFromInt64(m.Minor, code)
	if err != nil {
		return fmt.Sprintf("%d,%02d", m.Minor/100, abs(m.Minor%100))
	}
	f := currency.NewFormatter(currency.NewLocale("fr"))
	f.CurrencyDisplay = currency.DisplayNone
	if amount.Round().Equal(amount) && wholeUnits(amount) {
		f.MinDigits, f.MaxDigits = 0, 0
	}
	return f.Format(amount)
}

func wholeUnits(a currency.Amount) bool { return a.RoundTo(0, currency.RoundHalfUp).Equal(a) }

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}
