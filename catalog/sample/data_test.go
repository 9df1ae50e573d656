package sample

import (
	"bytes"
	"image/png"
	"io/fs"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

func load(t *testing.T) *Data {
	t.Helper()
	data, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestThereIsEnoughOfEverything(t *testing.T) {
	t.Parallel()
	data := load(t)
	if n := len(data.Regions); n != 12 {
		t.Errorf("%d regions, want 12", n)
	}
	if n := len(data.Cooperatives); n < 26 {
		t.Errorf("%d cooperatives, want at least 26", n)
	}
	if n := len(data.Products); n < 130 {
		t.Errorf("%d products, want at least 130", n)
	}

	regionOf, sellers, makers := map[string]string{}, map[string]bool{}, map[string]bool{}
	for _, region := range data.Regions {
		if n := len(region.Towns); n < 8 {
			t.Errorf("%s has %d towns, want at least 8", region.Code, n)
		}
		for _, town := range region.Towns {
			regionOf[town.ID] = region.Code
		}
	}
	relayTowns := map[string]bool{}
	for _, relay := range data.Relays {
		relayTowns[relay.Town], sellers[regionOf[relay.Town]] = true, true
	}
	if len(relayTowns) < 12 {
		t.Errorf("relays in %d towns, want at least 12", len(relayTowns))
	}
	townOf, selling := map[string]string{}, map[string]bool{}
	for _, coop := range data.Cooperatives {
		townOf[coop.Key] = coop.Town
	}
	shelves := map[string]int{}
	for _, product := range data.Products {
		selling[product.Cooperative] = true
		shelves[product.Category]++
		makers[regionOf[townOf[product.Cooperative]]] = true
		if n := len(product.Packs); n > 3 {
			t.Errorf("%s has %d packs, want at most 3", product.Code, n)
		}
		if len(product.Aliases) == 0 {
			t.Errorf("%s: nothing that people type for it in Darija", product.Code)
		}
	}
	for _, coop := range data.Cooperatives {
		if !selling[coop.Key] {
			t.Errorf("%s sells nothing", coop.Key)
		}
	}
	for _, category := range data.Categories {
		if shelves[category.ID] < 3 {
			t.Errorf("shelf %s holds %d products, want at least 3", category.ID, shelves[category.ID])
		}
	}
	for _, region := range data.Regions {
		if !makers[region.Code] || !sellers[region.Code] {
			t.Errorf("%s: sold %v, relay %v, want both", region.Code, makers[region.Code], sellers[region.Code])
		}
	}
}

// Of two packs of one thing in one unit the bigger costs more, and less for each gram: else a pack was mistyped.
func TestBiggerPacksCostMoreAndLessByWeight(t *testing.T) {
	t.Parallel()
	for _, product := range load(t).Products {
		grams, dh := int64(0), int64(0)
		for _, pack := range product.Packs {
			amount, err := strconv.ParseFloat(pack.Size.Amount, 64)
			if err != nil {
				t.Fatal(err)
			}
			base := int64(amount * map[string]float64{"g": 1, "kg": 1000, "ml": 1, "l": 1000, "piece": 1}[pack.Size.Unit])
			if base <= grams || pack.Dh <= dh {
				t.Errorf("%s: %s %s at %d dh follows a bigger or dearer pack", product.Code, pack.Size.Amount, pack.Size.Unit, pack.Dh)
			}
			if dh > 0 && pack.Dh*grams > dh*base {
				t.Errorf("%s: %s %s at %d dh is dearer by weight than the pack before", product.Code, pack.Size.Amount, pack.Size.Unit, pack.Dh)
			}
			grams, dh = base, pack.Dh
		}
	}
}

func TestPicturesAreSmallAndNoneIsLeftOver(t *testing.T) {
	t.Parallel()
	wanted := map[string]bool{}
	for _, product := range load(t).Products {
		wanted[product.Photo] = true
	}
	pictures, err := fs.Glob(files, "photos/*.png")
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, path := range pictures {
		name := strings.TrimSuffix(strings.TrimPrefix(path, "photos/"), ".png")
		if !wanted[name] {
			t.Errorf("%s: no product shows it", path)
		}
		picture, err := Picture(name)
		if err != nil {
			t.Fatal(err)
		}
		total += len(picture)
		if len(picture) > 40<<10 {
			t.Errorf("%s: %d bytes, want at most 40 KB", path, len(picture))
		}
		config, err := png.DecodeConfig(bytes.NewReader(picture))
		if err != nil || config.Width != 640 || config.Height != 640 {
			t.Errorf("%s: %d × %d, %v", path, config.Width, config.Height, err)
		}
	}
	if total > 3<<20 {
		t.Errorf("pictures weigh %d bytes, want at most 3 MB", total)
	}
}

// Words that are shown keep to Western digits and hide no control sign.
func TestWordsHoldNoForeignDigitsNorHiddenSigns(t *testing.T) {
	t.Parallel()
	err := fs.WalkDir(files, "data", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := files.ReadFile(path)
		if err != nil {
			return err
		}
		for i, line := range strings.Split(string(text), "\n") {
			for _, r := range line {
				if unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Nd, r) && r > '9' {
					// An icon may carry the sign that asks for its coloured form; that one is Mn, not Cf.
					t.Errorf("%s:%d: %U", path, i+1, r)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestCheckNamesWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		spoil func(*Data)
		want  string
	}{
		"a code twice":            {func(d *Data) { d.Products[1].Code = d.Products[0].Code }, `product "P1" is empty or used twice`},
		"food without a number":   {func(d *Data) { d.coop("C15").ONSSA = "" }, "P1: food, and C15 has no ONSSA number"},
		"a label without a paper": {func(d *Data) { d.Products[0].Label = "igp-argane" }, `P1: C15 does not hold "igp-argane"`},
		"no Arabic":               {func(d *Data) { d.Products[0].Ar = "Miel" }, `P1: Arabic "Miel" has no Arabic letter`},
		"a real number":           {func(d *Data) { d.Relays[0].Phone = "+212661234567" }, "might be somebody's number"},
		"a town nobody knows":     {func(d *Data) { d.coop("C15").Town = "paris" }, `C15: unknown town "paris"`},
		"no picture":              {func(d *Data) { d.Products[0].Photo = "lune" }, `P1: sample picture "lune"`},
		"given away":              {func(d *Data) { d.Products[0].Packs[0].Dh = 0 }, "P1: 250 g at 0 dh"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := load(t)
			test.spoil(data)
			err := data.check()
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q in it", err, test.want)
			}
		})
	}
}

func (d *Data) coop(code string) *Cooperative {
	for i := range d.Cooperatives {
		if d.Cooperatives[i].Code == code {
			return &d.Cooperatives[i]
		}
	}
	return nil
}
