// Package sample is a souk to try things on: twelve regions, their towns, cooperatives, products with pictures, and relays, all
// invented, in French and Arabic. The data are TOML files under data/ that anybody can edit; Load refuses what does not fit
// together, Seed writes them into the database. Many writes as many products as a benchmark of the search wants.
package sample

import (
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"strings"

	"github.com/BurntSushi/toml"
)

//go:embed data photos/*.png
var files embed.FS

// Data is everything that Seed writes. Fr and Ar are what is shown in French and in Arabic; sums are whole dirhams.
type Data struct {
	Regions      []Region
	Categories   []Category
	Labels       []Label
	Cooperatives []Cooperative
	Products     []Product
	Relays       []Relay
}

// Region is one of the twelve (ISO 3166-2), with its towns and what delivery into it costs.
type Region struct {
	Code       string `toml:"code"`
	Fr         string `toml:"fr"`
	Ar         string `toml:"ar"`
	HomeFeeDh  int64  `toml:"home_fee_dh"`
	RelayFeeDh int64  `toml:"relay_fee_dh"`
	Towns      []Town `toml:"towns"`
}

// Town is a place that parcels go to; Aliases are what people type for it besides its names.
type Town struct {
	ID      string   `toml:"id"`
	Fr      string   `toml:"fr"`
	Ar      string   `toml:"ar"`
	Aliases []string `toml:"aliases"`
}

// Category is a shelf. Food needs an ONSSA authorisation.
type Category struct {
	ID   string `toml:"id"`
	Icon string `toml:"icon"`
	Fr   string `toml:"fr"`
	Ar   string `toml:"ar"`
	Food bool   `toml:"food"`
}

// Label is a sign of quality; Kind is igp, aop, label_agricole or terroir.
type Label struct {
	Key  string `toml:"key"`
	Kind string `toml:"kind"`
	Fr   string `toml:"fr"`
	Ar   string `toml:"ar"`
}

// Cooperative makes the products. ONSSA is the number on its food, "" for one that makes none.
type Cooperative struct {
	Code      string     `toml:"code"`
	Key       string     `toml:"key"`
	Fr        string     `toml:"fr"`
	Ar        string     `toml:"ar"`
	Town      string     `toml:"town"`
	ONSSA     string     `toml:"onssa"`
	Documents []Document `toml:"documents"`
	Members   []Member   `toml:"members"`
	StoryFr   string     `toml:"story_fr"`
	StoryAr   string     `toml:"story_ar"`
}

// Document proves that a cooperative may show a label.
type Document struct {
	Label  string `toml:"label"`
	Number string `toml:"number"`
}

// Member acts for a cooperative; Lang is how Souk writes to them.
type Member struct {
	Name  string `toml:"name"`
	Phone string `toml:"phone"`
	Role  string `toml:"role"`
	Lang  string `toml:"lang"`
}

// Product is what is sold. Category is the file's, Label the key of one of its cooperative's documents or "".
type Product struct {
	Code        string   `toml:"code"`
	Cooperative string   `toml:"cooperative"`
	Photo       string   `toml:"photo"`
	Fr          string   `toml:"fr"`
	Ar          string   `toml:"ar"`
	AboutFr     string   `toml:"about_fr"`
	AboutAr     string   `toml:"about_ar"`
	Aliases     []string `toml:"aliases"`
	Label       string   `toml:"label"`
	Packs       []Pack   `toml:"packs"`
	Category    string   `toml:"-"`
}

// Pack is what one buys of a product: "250 g" at so many dirhams, so many of them there at first.
type Pack struct {
	Size  Size  `toml:"pack"`
	Dh    int64 `toml:"dh"`
	Stock int64 `toml:"stock"`
}

// Size is a pack's amount, a decimal string, and its unit: g, kg, ml, l or piece.
type Size struct {
	Amount string
	Unit   string
}

var sizeWords = regexp.MustCompile(`^([0-9]{1,9}(?:\.[0-9]{1,3})?) (g|kg|ml|l|piece)$`)

// UnmarshalText reads "250 g" or "0.5 l".
func (s *Size) UnmarshalText(text []byte) error {
	found := sizeWords.FindSubmatch(text)
	if found == nil {
		return fmt.Errorf("pack %q: want an amount and a unit, such as 250 g, 0.5 l or 6 piece", text)
	}
	s.Amount, s.Unit = string(found[1]), string(found[2])
	return nil
}

// Relay is a shop that hands parcels over.
type Relay struct {
	Code      string `toml:"code"`
	Town      string `toml:"town"`
	Phone     string `toml:"phone"`
	Fr        string `toml:"fr"`
	Ar        string `toml:"ar"`
	AddressFr string `toml:"address_fr"`
	AddressAr string `toml:"address_ar"`
	HoursFr   string `toml:"hours_fr"`
	HoursAr   string `toml:"hours_ar"`
	// Degrees, WGS 84.
	Latitude  float64 `toml:"latitude"`
	Longitude float64 `toml:"longitude"`
}

// Load reads the sample and checks that it fits together; the error names the file or the code where it does not.
func Load() (*Data, error) {
	var data Data
	var one struct {
		Region   []Region   `toml:"region"`
		Category []Category `toml:"category"`
		Label    []Label    `toml:"label"`
		Relay    []Relay    `toml:"relay"`
	}
	for _, name := range []string{"regions", "categories", "labels", "relays"} {
		if err := read("data/"+name+".toml", &one); err != nil {
			return nil, err
		}
	}
	data.Regions, data.Categories, data.Labels, data.Relays = one.Region, one.Category, one.Label, one.Relay

	err := each("data/cooperatives", func(path string) error {
		var file struct {
			Cooperative []Cooperative `toml:"cooperative"`
		}
		err := read(path, &file)
		data.Cooperatives = append(data.Cooperatives, file.Cooperative...)
		return err
	})
	if err != nil {
		return nil, err
	}
	err = each("data/products", func(path string) error {
		var file struct {
			Category string    `toml:"category"`
			Product  []Product `toml:"product"`
		}
		err := read(path, &file)
		for _, product := range file.Product {
			product.Category = file.Category
			data.Products = append(data.Products, product)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return &data, data.check()
}

// Picture returns a product's picture, a PNG of 640 × 640.
func Picture(name string) ([]byte, error) {
	picture, err := files.ReadFile("photos/" + name + ".png")
	if err != nil {
		return nil, fmt.Errorf("sample picture %q: %w", name, err)
	}
	return picture, nil
}

func each(folder string, do func(path string) error) error {
	return fs.WalkDir(files, folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".toml") {
			return err
		}
		return do(path)
	})
}

// read is strict: a field that is not known is somebody's typing mistake, and would be lost without a word.
func read(path string, into any) error {
	text, err := files.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read sample: %w", err)
	}
	meta, err := toml.Decode(string(text), into)
	if err != nil {
		return fmt.Errorf("read sample %s: %w", path, err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return fmt.Errorf("read sample %s: unknown field %s", path, unknown[0])
	}
	return nil
}
