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
