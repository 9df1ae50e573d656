package flows

import (
	"context"
	"strconv"
	"strings"

	"souk/catalog"
	"souk/locales"
	"souk/orders"
)

// shelves are what browsing looks at.
type shelves struct {
	categories []catalog.Category
	lines      int // in the cart
	choice     string
}

// regionPage is how many regions one list shows, with room for "next" and "back" within WhatsApp's ten.
const regionPage = 8

func readShelves(ctx context.Context, t *Turn, h *Heard) (any, error) {
	categories, err := catalog.Categories(ctx, t.Tx, vars(t).Region, t.Now)
	if err != nil {
		return nil, err
	}
	lines, err := orders.CountLines(ctx, t.Tx, t.PersonID())
	if err != nil {
		return nil, err
	}
	id, _ := strings.CutPrefix(h.Choice, "k:")
	return shelves{categories: categories, lines: lines, choice: id}, nil
}

// shelfPage is how many shelves one list shows, with room for the cart, "next" and the regions within WhatsApp's ten.
const shelfPage = 7

func askShelf(_ context.Context, t *Turn) error {
	f, _ := t.Facts.(shelves)
	q := Question{Text: t.Text("browse.ask", nil), List: t.Text("browse.list", nil)}
	if f.lines > 0 {
		q.Choices = append(q.Choices, Choice{Key: "cart", Label: t.Text("browse.cart", locales.Args{"n": f.lines})})
	}
	from, to, more := pageOf(len(f.categories), vars(t).Page, shelfPage)
	for _, c := range f.categories[from:to] {
		q.Choices = append(q.Choices, Choice{Key: "k:" + c.ID, Label: labelled(t, c.Icon, c.Name.In(string(t.lang))),
			Detail: t.Text("browse.count", locales.Args{"Count": c.Products})})
	}
	if more {
		q.Choices = append(q.Choices, Choice{Key: "next", Label: t.Text("list.next", nil)})
	}
	q.Choices = append(q.Choices, Choice{Key: "regions", Label: t.Text("browse.by_region", nil)})
	if len(f.categories) == 0 {
		q.Text = t.Text("browse.nothing", nil)
	}
	t.Ask(q)
	return nil
}

// labelled puts a sign before a label where the channel shows signs.
func labelled(t *Turn, icon, label string) string {
	if icon == "" || t.In.Medium == locales.Plain {
		return label
	}
	return icon + " " + label
}

func aShelf() When {
	return fact("aShelf", func(h *Heard, f shelves) bool {
		if f.choice == "" || !strings.HasPrefix(h.Choice, "k:") {
			return false
		}
		for _, c := range f.categories {
			if c.ID == f.choice {
				return true
			}
		}
		return false
	})
}

func openShelf(_ context.Context, t *Turn) (Result, error) {
	v := vars(t)
	v.Category, v.Query, v.Maker, v.Page = strings.TrimPrefix(t.Heard.Choice, "k:"), "", "", 0
	return Done()
}

func leaveShelf(_ context.Context, t *Turn) (Result, error) {
	v := vars(t)
	v.Category, v.Query, v.Maker, v.Page, v.SoldOut, v.Want, v.Pending = "", "", "", 0, 0, nil, nil
	return Done()
}

// regions

type regionFacts struct{ regions []catalog.Region }

func readRegions(ctx context.Context, t *Turn, _ *Heard) (any, error) {
	all, err := catalog.Regions(ctx, t.Tx, t.Now)
	if err != nil {
		return nil, err
	}
	f := regionFacts{}
	for _, r := range all {
		if r.Products > 0 {
			f.regions = append(f.regions, r)
		}
	}
	return f, nil
}

func askRegion(_ context.Context, t *Turn) error {
	f, _ := t.Facts.(regionFacts)
	q := Question{Text: t.Text("browse.ask_region", nil), List: t.Text("browse.list_regions", nil)}
	from, to, more := pageOf(len(f.regions), vars(t).Page, regionPage)
	for _, r := range f.regions[from:to] {
		q.Choices = append(q.Choices, Choice{Key: "g:" + r.Code, Label: r.Name.In(string(t.lang)), Detail: t.Text("browse.count", locales.Args{"Count": r.Products})})
	}
	if more {
		q.Choices = append(q.Choices, Choice{Key: "next", Label: t.Text("list.next", nil)})
	}
	q.Choices = append(q.Choices, Choice{Key: "back", Label: t.Text("list.back", nil)})
	t.Ask(q)
	return nil
}

// pageOf cuts a list into pages, the last one followed by the first.
func pageOf(n, page, size int) (from, to int, more bool) {
	if page*size >= n {
		page = 0
	}
	from = page * size
	to = min(from+size, n)
	return from, to, n > size
}

func aRegion() When {
	return fact("aRegion", func(h *Heard, f regionFacts) bool {
		for _, r := range f.regions {
			if h.Choice == "g:"+r.Code {
				return true
			}
		}
		return false
	})
}

// toRegions shows the regions from the first.
func toRegions(_ context.Context, t *Turn) (Result, error) {
	vars(t).Page = 0
	return Done()
}

func openRegion(_ context.Context, t *Turn) (Result, error) {
	vars(t).Region, vars(t).Page = strings.TrimPrefix(t.Heard.Choice, "g:"), 0
	return Done()
}

func leaveRegion(_ context.Context, t *Turn) (Result, error) {
	vars(t).Region, vars(t).Page = "", 0
	return Done()
}

func nextPage() When { return chosen("nextPage", "next") }

func turnPage(ctx context.Context, t *Turn) (Result, error) {
	vars(t).Page++ // past the end a list begins anew
	return Done()
}

// variantKey and friends keep ids in the keys of choices.
func variantKey(id int64) string { return "v:" + strconv.FormatInt(id, 10) }

func keyedID(key, prefix string) (int64, bool) {
	rest, ok := strings.CutPrefix(key, prefix)
	if !ok {
		return 0, false
	}
	id, err := strconv.ParseInt(rest, 10, 64)
	return id, err == nil
}
