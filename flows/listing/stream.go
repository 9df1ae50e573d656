package listing

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"

	"souk/flows/intent"
)

type captionJSON struct {
	Title    *string    `json:"title"`
	Amount   *string    `json:"pack_amount"`
	Unit     *string    `json:"pack_unit"`
	Price    *int64     `json:"price_centimes"`
	Stock    *int64     `json:"stock"`
	Locale   *string    `json:"locale"`
	Variants []packJSON `json:"variants"`
}

type packJSON struct {
	Amount *string `json:"pack_amount"`
	Unit   *string `json:"pack_unit"`
	Price  *int64  `json:"price_centimes"`
	Stock  *int64  `json:"stock"`
}

// contract brings the caption down to what `souk parse listing` promises: the first pack, and all of them as variants where there
// are several.
func (c Caption) contract() captionJSON {
	j := captionJSON{Title: said(c.Title), Locale: said(string(c.Locale)), Stock: c.Stock}
	for i, p := range c.Packs {
		pack := packJSON{Amount: said(p.Amount), Unit: said(string(p.Unit)), Price: p.PriceCentimes, Stock: p.Stock}
		if i == 0 {
			j.Amount, j.Unit, j.Price = pack.Amount, pack.Unit, pack.Price
			if j.Stock == nil {
				j.Stock = pack.Stock
			}
		}
		if len(c.Packs) > 1 {
			j.Variants = append(j.Variants, pack)
		}
	}
	return j
}

func said(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// Stream reads one caption a line (plain, or a JSON string) from r and writes one JSON value a line to w: null where the line is no
// listing, else
//
//	{"title":"Miel de thym","pack_amount":"500","pack_unit":"g","price_centimes":12000,"stock":8,"locale":"fr","variants":null}
//
// with null for what the text does not say. variants lists every pack where there are several, the first included.
func Stream(r io.Reader, w io.Writer) error {
	out := bufio.NewWriter(w)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	err := intent.Lines(r, func(text string, last bool) error {
		c, ok := Read(text)
		var err error
		if ok {
			err = encoder.Encode(c.contract())
		} else {
			err = encoder.Encode(nil)
		}
		if err == nil && last {
			err = out.Flush()
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("read captions: %w", err)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write captions: %w", err)
	}
	return nil
}
