package catalog_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"souk/catalog"
)

// packs reads "1 l=80*40, 500 ml=45*10": amount, unit, price, how many there are.
func packs(t testing.TB, text string) []catalog.Variant {
	t.Helper()
	var variants []catalog.Variant
	for i, pack := range strings.Split(text, ", ") {
		v := catalog.Variant{ID: int64(i + 1), Position: i + 1}
		if _, err := fmt.Sscanf(strings.NewReplacer("=", " ", "*", " ").Replace(pack), "%s %s %d %d", &v.PackAmount, &v.PackUnit, &v.Price, &v.Available); err != nil {
			t.Fatal(err)
		}
		variants = append(variants, v)
	}
	return variants
}

func TestFit(t *testing.T) {
	t.Parallel()
	oil := "500 ml=45*10, 1 l=80*40, 5 l=380*9"
	for _, test := range []struct{ packs, amount, unit, want string }{
		{oil, "2", "l", "2×1 l"},
		{oil, "2000", "ml", "2×1 l"},
		{oil, "0.5", "l", "1×500 ml"},
		{oil, "7.5", "l", "1×500 ml 2×1 l 1×5 l"},
		{oil, "0.75", "l", ""},
		{oil, "2", "kg", ""},
		{oil, "2", "piece", ""},
		{oil, "0", "l", ""},
		{oil, "-1", "l", ""},
		{oil, "1e9", "l", ""},
		{oil, "99999999999999999999", "l", ""},
		{oil, "", "l", ""},
		{oil, "2", "", ""},
		{oil, "50", "l", "5×1 l 9×5 l"},
		{oil, "91", "l", ""}, // there is no more than 90
		{oil, "90", "l", "10×500 ml 40×1 l 9×5 l"},
		{"250 g=40*3, 1 kg=140*1", "2", "kg", ""},
		{"250 g=40*8, 1 kg=140*1", "2", "kg", "4×250 g 1×1 kg"},
		{"400 g=50*9, 600 g=60*9, 1 kg=110*0", "1", "kg", "1×400 g 1×600 g"},
		{"300 g=50*9, 400 g=10*9, 500 g=10*9, 200 g=10*9", "0.8", "kg", "2×400 g"}, // as few as 500 + 300, and cheaper
		{"1 piece=90*15", "3", "piece", "3×1 piece"},
		{"1 piece=90*15, 6 piece=500*1", "7", "piece", "1×1 piece 1×6 piece"},
		{"0.333 kg=10*9", "0.999", "kg", "3×0.333 kg"},
		{"1 g=35*50, 5 g=160*12", "0.013", "kg", "3×1 g 2×5 g"},
		{"1 g=35*50", "100", "kg", ""},
		{"1 kg=20*400", "3.0000000", "kg", "3×1 kg"},
		{"1 kg=20*400", "3.0000001", "kg", ""},
	} {
		picks, exact := catalog.Fit(packs(t, test.packs), test.amount, test.unit)
		var got []string
		for _, p := range picks {
			got = append(got, fmt.Sprintf("%d×%s %s", p.Count, p.Variant.PackAmount, p.Variant.PackUnit))
		}
		if strings.Join(got, " ") != test.want || exact != (test.want != "") {
			t.Errorf("%s %s of %s: %q (exact %v), want %q", test.amount, test.unit, test.packs, strings.Join(got, " "), exact, test.want)
		}
	}
}

// Against trying everything: as few packs, at as low a price, never more than there are, and exactly the amount.
func TestFitIsTheFewest(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		var variants []catalog.Variant
		for i := range rapid.IntRange(1, 4).Draw(r, "packs") {
			variants = append(variants, catalog.Variant{
				ID: int64(i + 1), PackAmount: strconv.Itoa(rapid.IntRange(1, 12).Draw(r, "size") * 50), PackUnit: "g",
				Price: rapid.Int64Range(1, 9).Draw(r, "price"), Available: rapid.Int64Range(0, 5).Draw(r, "available"),
			})
		}
		target := rapid.Int64Range(1, 60).Draw(r, "target") * 50
		fewest, cheapest := tryAll(variants, target)
		picks, exact := catalog.Fit(variants, fmt.Sprintf("%d.%03d", target/1000, target%1000), "kg")
		if exact != (fewest >= 0) {
			r.Fatalf("exact = %v, trying everything: %d packs", exact, fewest)
		}
		var sum, count, price int64
		for _, p := range picks {
			size, err := strconv.ParseInt(p.Variant.PackAmount, 10, 64)
			if err != nil {
				r.Fatal(err)
			}
			if p.Count < 1 || p.Count > p.Variant.Available {
				r.Fatalf("%d packs of %d", p.Count, p.Variant.Available)
			}
			sum, count, price = sum+size*p.Count, count+p.Count, price+p.Variant.Price*p.Count
		}
		if exact && (sum != target || count != fewest || price != cheapest) {
			r.Fatalf("%d g in %d packs for %d; want %d g in %d packs for %d", sum, count, price, target, fewest, cheapest)
		}
	})
}

// tryAll returns how few packs make the target, -1 for none, and the lowest price of that many.
func tryAll(variants []catalog.Variant, target int64) (fewest, cheapest int64) {
	if target == 0 {
		return 0, 0
	}
	if len(variants) == 0 || target < 0 {
		return -1, 0
	}
	fewest = -1
	size, _ := strconv.ParseInt(variants[0].PackAmount, 10, 64)
	for n := int64(0); n <= variants[0].Available && n*size <= target; n++ {
		rest, price := tryAll(variants[1:], target-n*size)
		if rest < 0 {
			continue
		}
		if rest, price = rest+n, price+n*variants[0].Price; fewest < 0 || rest < fewest || rest == fewest && price < cheapest {
			fewest, cheapest = rest, price
		}
	}
	return fewest, cheapest
}

func BenchmarkFit(b *testing.B) {
	variants := packs(b, "100 g=15*900, 250 g=30*900, 500 g=50*900, 1 kg=90*900")
	for b.Loop() {
		if _, exact := catalog.Fit(variants, "137.35", "kg"); exact {
			b.Fatal("50 g cannot be made")
		}
	}
}
