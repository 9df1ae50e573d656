package listing

import (
	"math"
	"strings"

	"souk/locales"
)

// notAnAmount skips what looks like an amount at token i and is none: a date, a percentage, a dimension, a year, an hour, a size.
func (t *text) notAnAmount(i int) int {
	token := t.tok[i]
	if token.Kind == locales.WordToken {
		if m, to := t.phraseAt(i); m&sizeWord != 0 && !t.goods[i] {
			return t.sizesAfter(to)
		}
		if strings.ContainsAny(token.Norm, "0123456789") && dimension(token.Norm) {
			return i + 1
		}
		return i
	}
	if token.Kind != locales.NumberToken {
		return i
	}
	next := func(j int) string {
		if j < len(t.tok) {
			return t.tok[j].Norm
		}
		return ""
	}
	switch {
	case next(i+1) == "%" || next(i+1) == "٪":
		return i + 2
	case (next(i+1) == "/" || next(i+1) == "-" || next(i+1) == ".") && strings.Contains(token.Norm, "/") && i+2 < len(t.tok) && t.tok[i+2].Kind == locales.NumberToken:
		return i + 3 // 12/11/2026
	case strings.Contains(token.Norm, "/") && !simpleFraction(token.Value):
		return i + 1
	}
	if next(i+1) == "-" && i+3 < len(t.tok) && !t.brk[i+3] && t.tok[i+2].Kind == locales.NumberToken && t.tok[i+3].Kind == locales.NumberToken &&
		t.tok[i].End == t.tok[i+1].Start && t.tok[i+1].End == t.tok[i+2].Start && token.Value < t.tok[i+2].Value && t.tok[i+2].Value < 60 {
		return i + 3 // "37-41 130 dh": sizes
	}
	if to := t.dimensionsAt(i); to > i {
		return to
	}
	m, to := t.phraseAt(i + 1)
	if i+1 >= len(t.tok) {
		m = 0
	}
	switch {
	case m&monthWord != 0 && next(i+1) != "mars" || m&monthWord != 0 && token.Value <= 31:
		if token.Value == math.Trunc(token.Value) && token.Value <= 31 {
			if to < len(t.tok) && t.tok[to].Kind == locales.NumberToken && t.tok[to].Value >= 2000 && t.tok[to].Value < 2100 {
				to++
			}
			return to
		}
	case m&hourWord != 0 && m&betweenWord == 0 && t.tok[i+1].Norm != "l":
		return to
	}
	if year := token.Value; year >= 2000 && year < 2040 && year == math.Trunc(year) && len(token.Norm) == 4 {
		if _, money := t.currencyAt(i + 1); money == i+1 {
			if i > 0 {
				if before, _ := t.phraseAt(i - 1); before&(yearWord|monthWord) != 0 || t.tok[i-1].Norm == "/" {
					return i + 1
				}
				if len(t.parts) > 0 {
					if last := t.parts[len(t.parts)-1]; last.kind == partMark && last.mean&(yearWord|monthWord) != 0 {
						return i + 1
					}
				}
			}
		}
	}
	return i
}

// sizesAfter takes the sizes that follow "pointures": "40 à 44", "38, 39 et 40", "S M L".
func (t *text) sizesAfter(to int) int {
	for i, seen := to, false; i < len(t.tok) && i < to+8; i++ {
		switch n := t.tok[i].Norm; {
		case t.tok[i].Kind == locales.NumberToken:
			if _, money := t.currencyAt(i + 1); money > i+1 || t.brk[i] && seen || t.tok[i].Value > 60 && t.tok[i].Value < 1000 && seen {
				return to
			}
			seen = true
			to = i + 1
		case n == "a" || n == "-" || n == ":" || n == "et" || n == "au" || n == "/" || n == "الي" || n == "حتي" || n == "و" || n == "l" || n == "hta" || n == "7ta" || n == "من" || n == "mn" || n == "du" || n == "de":
		default:
			return to
		}
	}
	return to
}

// dimension tells "120x180", "60x90cm" as one word.
func dimension(norm string) bool {
	a, b, ok := strings.Cut(norm, "x")
	if !ok {
		a, b, ok = strings.Cut(norm, "m") // 1m80
	}
	return ok && a != "" && b != "" && a[0] >= '0' && a[0] <= '9' && b[0] >= '0' && b[0] <= '9'
}

// dimensionsAt takes "150 × 200 سم", "2m x 1,5 m", "30 cm", "120x180".
func (t *text) dimensionsAt(i int) int {
	isNumber := func(j int) bool { return j < len(t.tok) && t.tok[j].Kind == locales.NumberToken && !t.brk[j] }
	span := func(j int) int {
		if j < len(t.tok) && !t.brk[j] {
			if m, to := t.phraseAt(j); m&spanWord != 0 {
				if to < len(t.tok) && t.tok[to].Norm == "²" {
					to++
				}
				return to
			}
		}
		return j
	}
	times := func(j int) bool {
		if j >= len(t.tok) {
			return false
		}
		switch t.tok[j].Norm {
		case "x", "×", "*", "sur", "في", "على", "f", "fi", "✕":
			return true
		}
		return false
	}
	j := i + 1
	spans := span(j) > j
	j = span(j)
	crossed := false
	for k := 0; k < 2 && times(j) && isNumber(j+1); k++ {
		sign := t.tok[j].Norm
		after := span(j + 2)
		if after == j+2 && !spans {
			// "4 x 250 g" and "x30" are no dimensions: both sides must be sizes.
			if sign != "x" && sign != "×" && sign != "*" || t.unitFollows(j+2) || t.tok[i].Value < 15 && t.tok[i].Value == math.Trunc(t.tok[i].Value) || t.tok[j+1].Value < 15 {
				break
			}
			if _, money := t.currencyAt(j + 2); money > j+2 {
				break
			}
		}
		spans = spans || after > j+2
		crossed = true
		j = after
	}
	if !spans && !crossed {
		return i
	}
	return j
}

func (t *text) unitFollows(j int) bool {
	if j >= len(t.tok) || t.tok[j].Kind != locales.WordToken {
		return false
	}
	_, ok := locales.ReadUnit(t.tok[j].Norm)
	return ok
}

// simpleFraction tells the fractions that people sell by.
func simpleFraction(v float64) bool {
	for _, f := range [...]float64{0.5, 0.25, 0.75, 1.0 / 3, 2.0 / 3, 0.2, 0.125, 1.5} {
		if math.Abs(v-f) < 1e-9 {
			return true
		}
	}
	return false
}
