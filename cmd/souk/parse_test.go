package main

import "testing"

func TestParseIntent(t *testing.T) {
	t.Parallel()
	got := souk(t, nil, "بغيت كيلو ونص ديال الكامون\n\"prix du savon noir ?\"\n", "parse", "intent")
	want := `{"intent":"order","items":[{"query":"كامون","quantity":1.5,"unit":"kg"}],"language":null}
{"intent":"price","items":[{"query":"savon noir","quantity":null,"unit":null}],"language":null}
`
	if got.code != 0 || got.stdout != want || got.stderr != "" {
		t.Errorf("%+v", got)
	}
}

func TestParseListing(t *testing.T) {
	t.Parallel()
	got := souk(t, nil, "Farine de caroube 1/2 kg, 22,50 dh, 14 sachets\n\"الكمون: ربع كيلو ب 30 درهم\\nنص كيلو ب 55 درهم\"\nmerci pour tout\n", "parse", "listing")
	want := `{"title":"Farine de caroube","pack_amount":"0.5","pack_unit":"kg","price_centimes":2250,"stock":14,"locale":"fr","variants":null}
{"title":"الكمون","pack_amount":"0.25","pack_unit":"kg","price_centimes":3000,"stock":null,"locale":"ary","variants":[{"pack_amount":"0.25","pack_unit":"kg","price_centimes":3000,"stock":null},{"pack_amount":"0.5","pack_unit":"kg","price_centimes":5500,"stock":null}]}
null
`
	if got.code != 0 || got.stdout != want || got.stderr != "" {
		t.Errorf("%+v", got)
	}
}
