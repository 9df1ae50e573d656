package locales

import "strings"

// Number reads a number that begins at tokens[i]: digits, words, or both
// ("deux cents", «خمسة وعشرون», "1 1/2"). used counts the tokens read; 0 is none.
func Number(tokens []Token, i int) (value float64, used int) {
	if i >= len(tokens) {
		return 0, 0
	}
	if tokens[i].Kind == NumberToken {
		value, used = tokens[i].Value, 1
		// "1 1/2"
		if next := i + 1; next < len(tokens) && tokens[next].Kind == NumberToken && tokens[next].Value < 1 && value >= 1 {
			return value + tokens[next].Value, 2
		}
		return value, used
	}
	total, current := 0.0, 0.0
	joined := false
	last := 0
	for j := i; j < len(tokens); j++ {
		t := tokens[j]
		n, ok := 0.0, false
		if t.Kind == WordToken {
			n, ok = ReadNumber(t.Norm)
		}
		if !ok {
			// "vingt-cinq", "vingt et un", "khamsa w 3chrin": a joint holds only between numbers.
			if last > 0 && !joined && isJoint(t) {
				joined = true
				continue
			}
			break
		}
		previous := current
		switch {
		case n < 1:
			if last == 1 && j == i+1 && current > 1 && n*current < 1 && isPlural(t.Norm) {
				return n * current, 2 // trois quarts, «ثلاثة أرباع»
			}
			if last > 0 {
				return total + current, last // a fraction belongs to the unit: Amount adds it
			}
			return n, 1
		case isThousand(n):
			if current == 0 {
				current = 1
			}
			total += current * 1000
			current = 0
		case isHundred(n) && current > 0 && current < 10:
			current *= 100
		case n == 20 && current == 4 && strings.HasPrefix(t.Norm, "vin"): // quatre-vingt
			current = 80
		case isCollective(t.Norm): // une douzaine, deux dizaines
			current = max(1, current) * n
		case last == 0, current == 0,
			previous >= 20 && n < 20 && n < previous,                               // vingt-cinq, cent dix
			previous < 10 && n >= 20 && n < 100 && joinedBefore(tokens, j, joined), // خمسة وعشرون
			previous >= 3 && previous < 10 && n == 10 && t.Norm != "dix",           // خمسة عشر
			previous >= 100 && n < 100:
			current += n
		default:
			return total + current, last
		}
		joined = false
		last = j - i + 1
	}
	return total + current, last
}

// isPlural tells the fractions that are counted themselves: three quarters, not "deux quart".
func isPlural(norm string) bool { return norm == "quarts" || norm == "ارباع" || norm == "tiers" }

func isJoint(t Token) bool {
	switch t.Norm {
	case "-", "et", "و", "w", "ou", "o", "u":
		return true
	}
	return false
}

func joinedBefore(tokens []Token, j int, joined bool) bool {
	return joined || len(tokens[j].Norm) > 2 && tokens[j].Norm[:2] == "و"
}

// Amount is a quantity read from tokens, and how many it took.
type Amount struct {
	Quantity
	Used int
	// Said is false where only a unit stood ("kilo de dattes"), which means one.
	Said bool
	// Container tells that the unit was a pot, a bag or the like.
	Container bool
}

// ReadAmount reads a number with or without its unit, or a unit alone, that
// begins at tokens[i]: "2 litro", "نص كيلو", «كيلو ونص», "un kilo et demi", «لترين»,
// "3 x 500 g" is left to the caller. Used is 0 where there is none.
func ReadAmount(tokens []Token, i int) Amount {
	n, used := Number(tokens, i)
	j := i + used
	// "2 x", "x2", "× 2"
	if used > 0 && j < len(tokens) && isTimes(tokens[j]) {
		j++
	}
	if used == 0 && i+1 < len(tokens) && isTimes(tokens[i]) {
		if v, u := Number(tokens, i+1); u > 0 && tokens[i+1].Kind == NumberToken {
			n, used, j = v, u+1, i+1+u
		}
	}
	// «واحد 2 كيلو», "chi 3 kilo": the first is only "about".
	if used > 0 && n == 1 && tokens[i].Kind == WordToken {
		if again := afterOne(tokens, j); again.Used > 0 && again.Said {
			again.Used += j - i
			return again
		}
	}
	if used > 0 && n == 0.5 && j < len(tokens) && tokens[j].Norm == "-" { // demi-kilo
		j++
	}
	if used > 0 && n == 0.5 && j < len(tokens) && isCollective(tokens[j].Norm) { // une demi-douzaine
		dozen, _ := ReadNumber(tokens[j].Norm)
		n *= dozen
		j++
	}
	a := Amount{Quantity: Quantity{Amount: n}, Used: j - i, Said: used > 0}
	k := j
	// "deux demi kilos" is rare; "une demi bouteille", «ثلاثة أرباع» read as they stand.
	if used > 0 && n == 1 && k < len(tokens) && tokens[k].Kind == WordToken {
		if f, ok := ReadNumber(tokens[k].Norm); ok && f < 1 {
			n, a.Amount = f, f
			k++
			if k < len(tokens) && tokens[k].Norm == "-" {
				k++
			}
			if k < len(tokens) && isCollective(tokens[k].Norm) { // une demi-douzaine
				dozen, _ := ReadNumber(tokens[k].Norm)
				n, a.Amount = f*dozen, f*dozen
				k++
			}
			a.Used = k - i
		}
	}
	// "un quart de litre", "douzaine de": the little word before the unit.
	if used > 0 && k+1 < len(tokens) && isOf(tokens[k].Norm) {
		if _, ok := ReadUnit(tokens[k+1].Norm); ok && tokens[k+1].Kind == WordToken {
			k++
		}
	}
	// "un petit pot": the size of the pot is no name.
	if used > 0 && k+1 < len(tokens) && isSize(tokens[k].Norm) {
		if m, ok := ReadUnit(tokens[k+1].Norm); ok && m.Container {
			k++
		}
	}
	if k < len(tokens) && tokens[k].Kind == WordToken {
		if m, ok := ReadUnit(tokens[k].Norm); ok && (used > 0 || !ambiguousUnit(tokens[k])) {
			if used == 0 || m.Counted {
				n = 1
			}
			a.Amount, a.Unit, a.Container = n*m.Amount, m.Unit, m.Container
			a.Said = a.Said || m.Counted
			k++
			// «كيلوغراما واحدا», "kilo wa7ed": the number one may stand behind.
			if k < len(tokens) && used == 0 {
				if one, ok := ReadNumber(tokens[k].Norm); ok && one == 1 && tokens[k].Norm != "un" {
					k++
					a.Said = true
				}
			}
			a.Used = k - i
			if f, u := fraction(tokens, k); u > 0 {
				a.Amount += f * m.Amount
				a.Used += u
				a.Said = true
			}
			return a
		}
	}
	if used > 0 {
		if f, u := fraction(tokens, j); u > 0 && n >= 1 { // "2 et demi kg", «2 ونص كيلو»
			a.Amount += f
			a.Used += u
			if k := i + a.Used; k < len(tokens) {
				if m, ok := ReadUnit(tokens[k].Norm); ok {
					a.Amount, a.Unit, a.Container = a.Amount*m.Amount, m.Unit, m.Container
					a.Used++
				}
			}
		}
	}
	return a
}

// afterOne is the second look of ReadAmount after a "one" that only means "some".
func afterOne(tokens []Token, i int) Amount {
	if i >= len(tokens) || tokens[i].Kind != NumberToken {
		return Amount{}
	}
	return ReadAmount(tokens, i)
}

// fraction reads "et demi", «ونص», "w rba3", «إلا ربع» after a unit.
func fraction(tokens []Token, i int) (value float64, used int) {
	if i >= len(tokens) {
		return 0, 0
	}
	t := tokens[i]
	sign, j := 1.0, i
	switch t.Norm {
	case "et", "و", "w", "o", "ou", "u":
		j++
	case "الا", "ila", "ilا", "lla", "moins":
		sign, j = -1, j+1
	default:
		if rest := t.Norm; len(rest) > 2 && rest[:2] == "و" {
			if f, ok := numberWords[rest[2:]]; ok && f < 1 {
				if beginsItem(tokens, i+1) {
					return 0, 0
				}
				return f, 1
			}
		}
		return 0, 0
	}
	if j < len(tokens) && (tokens[j].Norm == "un" || tokens[j].Norm == "le") {
		j++
	}
	if j >= len(tokens) {
		return 0, 0
	}
	f, ok := ReadNumber(tokens[j].Norm)
	if !ok && tokens[j].Kind == NumberToken && tokens[j].Value < 1 {
		f, ok = tokens[j].Value, true
	}
	if !ok || f >= 1 {
		return 0, 0
	}
	if sign > 0 && beginsItem(tokens, j+1) {
		return 0, 0
	}
	return sign * f, j - i + 1
}

// beginsItem tells that a unit follows the fraction: «ونص كيلو ديال …» is the
// next item, not half of this one.
func beginsItem(tokens []Token, i int) bool {
	if i >= len(tokens) || tokens[i].Kind != WordToken {
		return false
	}
	_, unit := ReadUnit(tokens[i].Norm)
	return unit
}

func isCollective(norm string) bool {
	return strings.HasSuffix(norm, "aine") || strings.HasSuffix(norm, "aines") || strings.HasSuffix(norm, "zina") || norm == "طزينه" || norm == "دزينه"
}

func isSize(norm string) bool {
	switch norm {
	case "petit", "petite", "petits", "petites", "grand", "grande", "grands", "grandes", "gros", "grosse", "grosses", "bon", "bonne", "demi", "belle", "beau":
		return true
	}
	return false
}

func isTimes(t Token) bool {
	switch t.Norm {
	case "x", "×", "*":
		return true
	}
	return false
}

// isOf tells the little words between an amount and what it is of.
func isOf(norm string) bool {
	switch norm {
	case "de", "d", "d'", "du", "des", "dyal", "dial", "diel", "dyel", "dl", "ديال", "دال", "من", "mn", "men", "of", "د":
		return true
	}
	return false
}

// ambiguousUnit tells unit words that are something else when no number stands
// before them: articles, the letter l, Arabic prefixes written apart.
func ambiguousUnit(t Token) bool {
	switch t.Norm {
	case "l", "g", "u", "ل", "غ", "po", "lot", "lots", "pack", "sac", "kit", "sta", "unit", "set", "ملي", "طرف", "حبوب", "كيس", "kis", "gr", "plateau", "panier", "tablette":
		return true
	}
	return false
}
