package catalog_test

import (
	"slices"
	"strings"
	"testing"

	"souk/catalog"
)

// What people type, and what must come first. Of "P1 P2 …" every one must be among the first results, in any order; after = they
// must be exactly the results. "-" : nothing is found.
const searches = `
miel                       | P1 P2 P3 P4 P7
Miel                       | P1 P2 P3 P4
عسل                        | P1 P2 P3 P4 P7
العسل                      | P1 P2 P3 P4 P7
عَسَل                        | P1 P2 P3 P4 P7
عســـل                     | P1 P2 P3 P4 P7
3sel                       | P1 P2 P3 P4 P7
l3sel                      | P1 P2 P3 P4 P7
el 3sel                    | P1 P2 P3 P4 P7
3assel                     | P1 P2 P3 P4
asel                       | P1 P2 P3 P4
mile                       | P1 P2 P3 P4
miele                      | P1 P2 P3 P4
meil                       | P1 P2 P3 P4
miell                      | P1 P2 P3 P4
du bon miel svp            | P1 P2 P3 P4
miel pas cher              | P1 P2 P3 P4
miel de thym               | = P1
miel thim                  | = P1
3sel zaatar                | = P1
عسل الزعتر                 | = P1
thym                       | P31
za3tar                     | P31
euphorbe                   | = P2
daghmous                   | = P2
زيت العود                  | = P8 P9 P36
زيت الزيتون                | = P8 P9 P36
zit l3oud                  | = P8 P9 P36
zit el oud                 | = P8 P9 P36
zit zitoun                 | = P8 P9 P36
zit zitoone                | P8 P9
huile d'olive              | = P8 P9 P36
huile dolive               | P8 P9
huil d olive               | P8 P9
huile d’olive              | = P8 P9 P36
huille d'oliv              | P8 P9
huile d'olive ouezzane     | P9
زيت وزان                   | = P9 P8
olives                     | P42
argan                      | P10 P11
أركان                      | P10 P11
أرغان                      | P10 P11
أرݣان                      | P10 P11
zit argan                  | P10 P11
zit largan                 | P10 P11
argan cosmetique           | P11
argan dyal cha3r           | = P11
argn                       | P10 P11
hendia                     | = P12
صبار                       | = P12
figue de barbarie          | = P12
figues                     | P18 P40
karmous                    | P18 P40
كرموس                      | P18 P40
amlou                      | P14 P15
أملو                       | P14 P15
amlo                       | P14 P15
amlou louz                 | = P14
amende                     | P19
louz                       | P19
لوز                        | P19
dattes                     | = P16 P17
datte                      | = P16 P17
tmer                       | = P16 P17
ttmer                      | = P16 P17
تمر                        | = P16 P17
التمور                     | = P16 P17
mejhoul                    | = P16
medjoul                    | = P16
المجهول                    | = P16
tmer lmejhoul              | = P16
bouffegous                 | = P17
safran                     | P22
zaafran                    | P22
زعفران                     | P22
za3frane                   | P22
safrn                      | P22
cumin                      | = P23
kamoun                     | = P23
كمون                       | = P23
ras el hanout              | = P24
راس الحانوت                | = P24
rass lhanout               | = P24
skinjbir                   | = P26
couscous                   | P27 P28
كسكس                       | P27 P28
seksou                     | P27 P28
couscous d'orge            | = P27
couscousse                 | P27 P28
slilou                     | = P29
ward                       | P33
الورد                      | P33
eau de rose                | = P32
ماء الورد                  | = P32
ma lward                   | = P32
savon noir                 | = P36
saboun beldi               | = P36
sabon                      | P36
ghassoul                   | = P37
gassoul                    | = P37
الغاسول                    | = P37
henne                      | = P38
7enna                      | = P38
الحنة                      | = P38
confiture                  | = P40 P41
konfitir                   | = P40 P41
jben                       | = P44
fromage de chevre          | = P44
tapis                      | P46
zerbia                     | P46
زربية                      | P46
tajine                     | = P49
طاجين                      | = P49
babouche                   | = P51
blgha                      | = P51
panier                     | = P52
taliouine                  | P22
tafraout                   | = P10 P11 P12 P14 P15 P19
تافراوت                    | = P10 P11 P12 P14 P15 P19
taffraout                  | = P10 P11 P12 P14 P15 P19
ziz                        | = P16 P17
chocolat                   | -
ordinateur                 | -
شكرا                       | -
12                         | -
🍯                         | -
de la                      | -
miel interdit              | -
`

func TestSearch(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	n := 0
	for _, line := range strings.Split(strings.TrimSpace(searches), "\n") {
		query, want, _ := strings.Cut(line, "|")
		query, want = strings.TrimSpace(query), strings.TrimSpace(want)
		n++
		codes := m.search(query, catalog.Scope{}, 20)
		if want == "-" {
			if len(codes) > 0 {
				t.Errorf("%q finds %q", query, codes)
			}
			continue
		}
		want, all := strings.CutPrefix(want, "= ")
		wanted := strings.Fields(want)
		if all && len(codes) != len(wanted) {
			t.Errorf("%q: want exactly %q, got %q", query, wanted, codes)
			continue
		}
		if len(codes) < len(wanted) {
			t.Errorf("%q: want %q first, got %q", query, wanted, codes)
			continue
		}
		for _, code := range wanted {
			if !slices.Contains(codes[:len(wanted)], code) {
				t.Errorf("%q: want %q first, got %q", query, wanted, codes)
				break
			}
		}
	}
	if n < 60 {
		t.Errorf("only %d queries", n)
	}
}
