package catalog

import (
	"slices"
	"testing"
)

func TestForbiddenWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"Miel de thym 500g 120 dh":             nil,
		"vinaigre de cidre":                    nil, // begins like wine
		"عسل حر كيداوي السعال":                 {"healing"},
		"miel qui guérit le diabète":           {"healing"},
		"Vin de figue":                         {"alcohol"},
		"mahia de figues 50 dh":                {"alcohol"},
		"دواء السكري بالأعشاب":                 {"medicine", "healing"},
		"carapace de tortue":                   {"protected"},
		"dwa dyal l3dam":                       {"medicine"},
		"tabac à priser (neffa)":               {"tobacco"},
		"Savon noir à l'eucalyptus":            nil,
		"زيت أركان للأكل":                      nil,
		"Infusion de verveine, anti-cancer":    {"healing"},
		"bijou en argent et corail rouge":      {"protected"},
		"نحل حي وخلايا":                        nil,
		"fusil de décoration":                  {"weapons"},
		"تمر مجهول 1 كيلو ب 120 درهم":          nil,
		"huile de pépins de figue de barbarie": nil,
	} {
		var got []string
		for _, f := range ForbiddenIn(text) {
			got = append(got, f.Reason)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

// Every form of the list is found where it stands alone.
func TestEveryForbiddenFormIsFound(t *testing.T) {
	t.Parallel()
	for _, f := range theForbidden().forms {
		if found := ForbiddenIn("un " + f.Word + " 10 dh"); len(found) == 0 {
			t.Errorf("%q of %s is not found", f.Word, f.Reason)
		}
	}
	for _, broken := range []string{"no colon", ": a, b", "x: ,a", "y: de"} {
		if _, err := parseForbidden(broken); err == nil {
			t.Errorf("%q is taken for a list", broken)
		}
	}
}

// No product of everyday trade meets a forbidden word.
func TestGoodsAreNotForbidden(t *testing.T) {
	t.Parallel()
	g := theGlossary()
	for form := range g.concepts {
		if found := ForbiddenIn(form); len(found) > 0 {
			t.Errorf("%q (%s) is taken for %v", form, g.concepts[form], found)
		}
	}
}

func TestStripLabels(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text, want string
		kinds      []string
	}{
		{"Miel de thym", "Miel de thym", nil},
		{"Miel bio de thym", "Miel de thym", []string{"bio"}},
		{"Huile d'argan IGP", "Huile d'argan", []string{"igp"}},
		{"Huile d'argan certifiée bio (IGP)", "Huile d'argan", []string{"bio", "igp"}},
		{"Miel du terroir", "Miel", []string{"terroir"}},
		{"Couscous, produit du terroir", "Couscous", []string{"terroir"}},
		{"عسل الزعتر عضوي", "عسل الزعتر", []string{"bio"}},
		{"زيت أركان بيو", "زيت أركان", []string{"bio"}},
		{"زعفران تسمية منشأ محمية", "زعفران", []string{"aop"}},
		{"Biologie du miel", "Biologie du miel", nil},
		{"100% bio", "", []string{"bio"}},
	} {
		got, left := StripLabels(test.text, func(string) bool { return false })
		var kinds []string
		for _, l := range left {
			kinds = append(kinds, l.Kind)
		}
		if got != test.want || !slices.Equal(kinds, test.kinds) {
			t.Errorf("%q: %q without %v, want %q without %v", test.text, got, kinds, test.want, test.kinds)
		}
		if kept, left := StripLabels(test.text, func(string) bool { return true }); kept != test.text || left != nil {
			t.Errorf("%q: what is proved stays, not %q", test.text, kept)
		}
	}
}
