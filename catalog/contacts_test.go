package catalog_test

import (
	"strings"
	"testing"

	"souk/catalog"
)

func TestContactsAreHidden(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Appelez-moi au 0612345678 svp": "Appelez-moi au ••• svp",
		"06 12 34 56 78":                "•••",
		"06.12.34.56.78 merci":          "••• merci",
		"0 6 . 1 2 . 3 4 - 5 6 / 7 8":   "•••",
		"tél: +212 6 12-34-56-78":       "tél: +•••",
		"00212612345678":                "•••",
		"o6 12 34 56 78":                "•••",
		"612345678":                     "•••",
		"+33 6 12 34 56 78":             "+•••",
		"اتصلوا ٠٦١٢٣٤٥٦٧٨":             "اتصلوا •••",
		"رقمي ۰۶ ۱۲ ۳۴ ۵۶ ۷۸":           "رقمي •••",
		"०६१२३४५६७८":                    "•••",
		"０６１２３４５６７８":                    "•••",
		"zéro six douze trente-quatre cinquante-six soixante-dix-huit ok": "••• ok",
		"صفر ستة واحد اثنان ثلاثة أربعة خمسة ستة سبعة ثمانية":             "•••",
		"zéro six 12 34 cinquante six 78":                                 "•••",
		"06\u200b12\u200b34\u200b56\u200b78":                              "•••",
		"écrivez à rosa.miel@gmail.com":                                   "écrivez à •••",
		"rosa arobase gmail point com":                                    "•••",
		"rosa (at) gmail . com":                                           "•••",
		"https://wa.me/212612345678":                                      "•••",
		"voir wa.me/212612345678 !":                                       "voir ••• !",
		"www.monmiel.ma":                                                  "•••",
		"monmiel.ma":                                                      "•••",
		"suivez @rosa_miel":                                               "suivez •••",
		"Instagram : rosamiel":                                            "•••",
	} {
		got, hidden := catalog.HideContacts(text)
		if got != want || !hidden {
			t.Errorf("%q became %q (%v), want %q", text, got, hidden, want)
		}
	}
}

func TestWhatIsNoContactStays(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"Le pot de 500 g à 120 dh, il en reste 30 ?", "10, 20, 50, 100 ou 250 g ?", "récolte 2024-2025", "livré le 12/12/2026 ?", "واش كاين 2 كيلو بـ 240 درهم؟",
		"un, deux ou trois pots", "c'est du miel pur ?", "Est-ce pour 12 personnes ? 3,5 kg", "شحال ثمن 1000 غرام", "code P12, lot 2026-118", "Merci. Oui",
		"il y en a 1 500 à 2 000 par an", "ouvert de 9 h à 18 h 30",
	} {
		if got, hidden := catalog.HideContacts(text); got != text || hidden {
			t.Errorf("%q became %q", text, got)
		}
	}
}

func FuzzHideContacts(f *testing.F) {
	f.Add("0612345678")
	f.Add("o٦ zéro •••")
	f.Fuzz(func(t *testing.T, text string) {
		got, _ := catalog.HideContacts(text)
		again, _ := catalog.HideContacts(got)
		if again != got {
			t.Errorf("%q became %q, then %q", text, got, again)
		}
		if strings.Contains(text, "0612345678") && strings.Contains(got, "0612345678") {
			t.Errorf("%q shows a number", got)
		}
	})
}
