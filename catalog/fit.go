package catalog

import (
	"math/bits"
	"strings"
)

// Pick is a number of packs of one variant.
type Pick struct {
	Variant Variant
	Count   int64
}

// maxFitSteps bounds the work of Fit: an amount of more steps of the packs' common measure is not matched (nobody asks a chat for
// ten tonnes in packs of a gram).
const maxFitSteps = 20_000

// Fit returns the fewest packs that make up an amount exactly, within what is available: "2 l" from packs of 1 l and 500 ml is two
// of 1 l. Of equally few the cheapest. exact is false where no packs do, or where the amount and unit say nothing that packs could
// match: show the packs and ask. amount is a decimal string; unit is g, kg, ml, l or piece.
func Fit(variants []Variant, amount, unit string) (picks []Pick, exact bool) {
	target, ok := measure(amount, unit)
	if !ok || target == 0 {
		return nil, false
	}
	var packs []pack
	common := target
	for _, v := range variants {
		size, ok := measure(v.PackAmount, v.PackUnit)
		if !ok || kindOf(v.PackUnit) != kindOf(unit) || size == 0 || size > target || v.Available <= 0 {
			continue
		}
		packs = append(packs, pack{variant: v, size: size, count: min(v.Available, target/size)})
		common = gcd(common, size)
	}
	if len(packs) == 0 || target/common > maxFitSteps {
		return nil, false
	}
	return fewest(packs, int(target/common), common)
}

type pack struct {
	variant     Variant
	size, count int64
}

// fewest fills steps exactly with bounded numbers of packs: each pack's count is cut into bundles of 1, 2, 4, … and the rest, and each
// bundle is taken or not.
func fewest(packs []pack, steps int, common int64) ([]Pick, bool) {
	type cost struct{ packs, price int64 }
	const never = int64(1) << 62
	type bundle struct {
		pack  int
		count int64
	}
	best := make([]cost, steps+1)
	for i := range best {
		best[i].packs = never
	}
	best[0].packs = 0
	var bundles []bundle
	var taken [][]uint64 // per bundle, a bit per step
	for p, pk := range packs {
		for left, n := pk.count, int64(1); left > 0; left, n = left-n, n*2 {
			n = min(n, left)
			size, price := int(n*(pk.size/common)), n*pk.variant.Price
			bits := make([]uint64, steps/64+1)
			for s := steps; s >= size; s-- {
				from := best[s-size]
				if from.packs == never {
					continue
				}
				with := cost{from.packs + n, from.price + price}
				if with.packs < best[s].packs || with.packs == best[s].packs && with.price < best[s].price {
					best[s] = with
					bits[s/64] |= 1 << (s % 64)
				}
			}
			bundles = append(bundles, bundle{p, n})
			taken = append(taken, bits)
		}
	}
	if best[steps].packs == never {
		return nil, false
	}
	counts := make([]int64, len(packs))
	for b, s := len(bundles)-1, steps; b >= 0; b-- {
		if taken[b][s/64]&(1<<(s%64)) != 0 {
			counts[bundles[b].pack] += bundles[b].count
			s -= int(bundles[b].count * (packs[bundles[b].pack].size / common))
		}
	}
	var picks []Pick
	for p, n := range counts {
		if n > 0 {
			picks = append(picks, Pick{Variant: packs[p].variant, Count: n})
		}
	}
	return picks, true
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// kindOf tells weight from volume from pieces: only like is compared with like.
func kindOf(unit string) byte {
	switch unit {
	case "g", "kg":
		return 'w'
	case "ml", "l":
		return 'v'
	case "piece":
		return 'p'
	}
	return 0
}

// measure turns an amount into thousandths of its smaller unit (mg, µl, a thousandth of a piece), exactly. It fails on what is no
// plain decimal, on more than three decimals of that unit, and on more than fits.
func measure(amount, unit string) (int64, bool) {
	decimals := 3
	switch unit {
	case "kg", "l":
		decimals = 6
	case "g", "ml", "piece":
	default:
		return 0, false
	}
	whole, fraction, _ := strings.Cut(amount, ".")
	fraction = strings.TrimRight(fraction, "0")
	if whole == "" || len(fraction) > decimals {
		return 0, false
	}
	value := uint64(0)
	for _, digit := range whole + fraction + strings.Repeat("0", decimals-len(fraction)) {
		if digit < '0' || digit > '9' {
			return 0, false
		}
		high, low := bits.Mul64(value, 10)
		if high != 0 || low > 1<<62 {
			return 0, false
		}
		value = low + uint64(digit-'0')
	}
	return int64(value), value <= 1<<62
}
