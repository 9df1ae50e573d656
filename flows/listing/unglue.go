package listing

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"souk/locales"
)

// unglue sets amounts and prices apart that a hurried hand typed as one word: "500g80dh", "amlou500g85dh". It leaves alone what is
// read whole elsewhere ("1kg500") and the digits that stand for letters in Darija.
func unglue(s string) string {
	if strings.IndexFunc(s, unicode.IsDigit) < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		j := i
		for j < len(s) {
			r, n := utf8.DecodeRuneInString(s[j:])
			if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r) && !(j > i && strings.ContainsRune(".,", r) && digitAt(s, j-1) && digitAt(s, j+1)) {
				break
			}
			j += n
		}
		if j > i {
			writeApart(&b, s[i:j])
			i = j
			continue
		}
		_, n := utf8.DecodeRuneInString(s[i:])
		b.WriteString(s[i : i+n])
		i += n
	}
	return b.String()
}

func digitAt(s string, i int) bool { return i >= 0 && i < len(s) && s[i] >= '0' && s[i] <= '9' }

// writeApart writes one run of letters and digits, with spaces where an amount or a price begins or ends.
func writeApart(b *strings.Builder, run string) {
	pieces := letterRuns(run)
	if len(pieces) == 3 && startsWithDigit(pieces[0]) && len(pieces[2]) == 2 && strings.Trim(pieces[0]+pieces[2], "0123456789") == "" && theLexicon().words[key(strings.ToLower(pieces[1]))]&dirham != 0 {
		b.WriteString(pieces[0] + "." + pieces[2] + " " + pieces[1]) // "12dh50"
		return
	}
	if len(pieces) == 4 && strings.EqualFold(pieces[1], "x") && measures(pieces, 2) { // "3x125g"
		b.WriteString(pieces[0] + " x " + pieces[2] + " " + pieces[3])
		return
	}
	for k, piece := range pieces {
		if k > 0 && (opens(pieces, k) || len(piece) > 3 && startsWithDigit(pieces[k-1]) && currencyWord(strings.ToLower(piece))) {
			b.WriteByte(' ')
		}
		if currency, rest, ok := currencyAndStock(piece); ok && k > 0 && k+1 < len(pieces) {
			b.WriteString(currency + " " + rest)
			continue
		}
		b.WriteString(piece)
	}
}

// opens tells that piece k, of letters and digits in turn, begins an amount or a price that is glued to what stands before it.
func opens(pieces []string, k int) bool {
	if !measures(pieces, k) {
		return k > 1 && digitAt(pieces[k], 0) && strings.HasSuffix(strings.ToLower(pieces[k-1]), "stock") // "85dhstock10"
	}
	if k == 1 {
		// A word that ends in digits: the amount must be beyond doubt, since "3" and "7" are letters.
		return utf8.RuneCountInString(pieces[0]) >= 3 && (len(pieces[k]) >= 2 || strings.EqualFold(pieces[k+1], "kg"))
	}
	return measures(pieces, k-2)
}

// measures tells digits at piece k with a unit or a currency behind them.
func measures(pieces []string, k int) bool {
	if k < 0 || k+1 >= len(pieces) || !startsWithDigit(pieces[k]) {
		return false
	}
	word := strings.ToLower(pieces[k+1])
	if _, _, ok := currencyAndStock(word); ok {
		return true
	}
	if currencyWord(word) {
		return true
	}
	m, ok := locales.ReadUnit(locales.Normalise(word))
	return ok && m.Unit != locales.Piece && !m.Container
}

func startsWithDigit(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsDigit(r)
}

func currencyWord(word string) bool {
	return theLexicon().words[key(locales.Normalise(word))]&(dirham|ryal|franc) != 0
}

// currencyAndStock parts "dhstock".
func currencyAndStock(piece string) (currency, rest string, ok bool) {
	at := len(piece) - len("stock")
	if at <= 0 || !strings.EqualFold(piece[at:], "stock") || !currencyWord(strings.ToLower(piece[:at])) {
		return "", "", false
	}
	return piece[:at], piece[at:], true
}

// letterRuns cuts a run where letters and digits meet. Points and commas belong to the digits around them.
func letterRuns(run string) []string {
	var pieces []string
	start, digits := 0, startsWithDigit(run)
	for i, r := range run {
		if d := unicode.IsDigit(r) || r == '.' || r == ','; d != digits {
			pieces = append(pieces, run[start:i])
			start, digits = i, d
		}
	}
	return append(pieces, run[start:])
}
