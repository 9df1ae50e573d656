package locales

import "testing"

func TestPacksAreReadWithTheirSize(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Packs{
		"2 x 500 g":         {2, Quantity{500, Gram}},
		"2x500g":            {2, Quantity{500, Gram}},
		"3 de 250 g":        {3, Quantity{250, Gram}},
		"3 pots de 250 g":   {3, Quantity{250, Gram}},
		"trois de 1 kg":     {3, Quantity{1, Kilogram}},
		"jouj dyal 500g":    {2, Quantity{500, Gram}},
		"جوج ديال 500 غ":    {2, Quantity{500, Gram}},
		"3 علب من 250 غرام": {3, Quantity{250, Gram}},
		"٢ × ١ لتر":         {2, Quantity{1, Litre}},
	} {
		if got, ok := ReadPacks(text); !ok || got != want {
			t.Errorf("%q is %v, %v; want %v", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "2", "500 g", "3 pots", "2 x miel", "2 kg de 500 g", "500 g x"} {
		if got, ok := ReadPacks(text); ok {
			t.Errorf("%q is %v", text, got)
		}
	}
}
