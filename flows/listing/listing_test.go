package listing

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"souk/locales"
)

// record is one caption with the reading that a person expects; a nil Want is no listing.
type record struct {
	Text string `json:"text"`
	Lang string `json:"lang"`
	Want *struct {
		Title []string `json:"title_tokens"`
		wanted
		Variants []wanted `json:"variants"`
	} `json:"want"`
}

type wanted struct {
	Amount *string `json:"pack_amount"`
	Unit   *string `json:"pack_unit"`
	Price  *int64  `json:"price_centimes"`
	Stock  *int64  `json:"stock"`
}

func same[T comparable](a, b *T) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

func (w wanted) matches(got captionJSON) bool {
	return same(w.Amount, got.Amount) && same(w.Unit, got.Unit) && same(w.Price, got.Price) && same(w.Stock, got.Stock)
}

func (r record) matches() (captionJSON, bool) {
	c, ok := Read(r.Text)
	if r.Want == nil || !ok {
		return c.contract(), r.Want == nil && !ok
	}
	got := c.contract()
	title := ""
	if got.Title != nil {
		title = locales.Normalise(*got.Title)
	}
	for _, token := range r.Want.Title {
		if !strings.Contains(title, locales.Normalise(token)) {
			return got, false
		}
	}
	if !r.Want.matches(got) || len(r.Want.Variants) != len(got.Variants) {
		return got, false
	}
	for i, v := range r.Want.Variants {
		p := got.Variants[i]
		if !v.matches(captionJSON{Amount: p.Amount, Unit: p.Unit, Price: p.Price, Stock: p.Stock}) {
			return got, false
		}
	}
	return got, true
}

func records(t testing.TB, name string) []record {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var all []record
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var r record
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all = append(all, r)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// Captions as members of cooperatives type them, written before the rules were tried on them, each batch by itself.
func TestWholeRecordsRight(t *testing.T) {
	t.Parallel()
	for name, least := range map[string]float64{"testdata/batch1.jsonl": 0.99, "testdata/batch2.jsonl": 0.99, "testdata/batch3.jsonl": 0.98, "testdata/batch4.jsonl": 0.98,
		"testdata/batch5.jsonl": 0.98, "testdata/batch6.jsonl": 0.98, "testdata/batch7.jsonl": 0.98, "testdata/batch8.jsonl": 0.98, "testdata/batch9.jsonl": 0.98,
		"testdata/batch10.jsonl": 0.95, "testdata/batch11.jsonl": 0.98, "testdata/batch12.jsonl": 0.86} {
		right := 0
		all := records(t, name)
		for _, r := range all {
			got, ok := r.matches()
			if ok {
				right++
				continue
			}
			reading, _ := json.Marshal(got)
			want, _ := json.Marshal(r.Want)
			t.Logf("%s\n\twant %s\n\tgot  %s", r.Text, want, reading)
		}
		share := float64(right) / float64(len(all))
		t.Logf("%s: %d of %d (%.1f %%)", name, right, len(all), 100*share)
		if share < least {
			t.Errorf("%s: %.1f %% right, at least %.0f %% wanted", name, 100*share, 100*least)
		}
	}
}
