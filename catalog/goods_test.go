package catalog

import (
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"souk/locales"
)

func TestGoods(t *testing.T) {
	t.Parallel()
	b, err := parseGoods(goodsText)
	if err != nil {
		t.Fatal(err)
	}
	shelves := shelves(t)
	goods, names := 0, 0
	for _, row := range b.rows {
		names += row.forms
		if !row.isGoods() {
			continue
		}
		goods++
		food, known := shelves[row.category]
		if !known {
			t.Errorf("%s: no shelf %q", row.fr[0], row.category)
		}
		if row.food != food {
			t.Errorf("%s: food %t, its shelf %t", row.fr[0], row.food, food)
		}
		if locales.Guess(row.ar[0]) != locales.Arabic || locales.Guess(row.fr[0]) != locales.French {
			t.Errorf("%q, %q: in the wrong column", row.fr[0], row.ar[0])
		}
	}
	if goods < 250 || names < 700 {
		t.Errorf("%d goods by %d names", goods, names)
	}
}

// shelves reads the categories of the sample souk, and whether they are food.
func shelves(t *testing.T) map[string]bool {
	t.Helper()
	text, err := os.ReadFile("sample/data/categories.toml")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	id := ""
	for line := range strings.SplitSeq(string(text), "\n") {
		name, value, _ := strings.Cut(line, " = ")
		switch name {
		case "id":
			id = strings.Trim(value, `"`)
		case "food":
			all[id] = value == "true"
		}
	}
	return all
}

func TestGoodsRefusesFaults(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"two meanings": "miel\tf\tmiel\tm\tعسل\nhuiles\tf\tMiels\tm\tزيت",
		"no Arabic":    "miel\tf\tmiel\tm\t",
		"no category":  "\tf\tmiel\tm\tعسل",
		"no gender":    "miel\tf\tmiel\t\tعسل",
		"empty name":   "miel\tf\tde\tm\tعسل",
		"few forms":    "quality\t-\tpur\t\tحر",
	} {
		if _, err := parseGoods(text); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestSuggestTitle(t *testing.T) {
	t.Parallel()
	for title, want := range map[string]string{
		"Miel de thym 500 g":        "عسل الزعتر",
		"Miel de thym de montagne":  "عسل الزعتر الجبلي",
		"Miel d'euphorbe":           "عسل الدغموس",
		"Huile d'olive":             "زيت الزيتون",
		"Huile d'argan alimentaire": "زيت أركان الغذائي",
		"Safran de Taliouine":       "زعفران تالوين",
		"Dattes Mejhoul":            "تمور المجهول",
		"Savon noir":                "صابون بلدي",
		"Savon à l'argan":           "صابون بالأركان",
		"Amlou aux amandes":         "أملو باللوز",
		"Confiture de figues":       "مربى التين",
		"Couscous d'orge 1 kg":      "كسكس الشعير",
		"Tapis berbère":             "زربية أمازيغية",
		"Roses séchées":             "ورد مجفف",
		"Eau de rose 250 ml":        "ماء الورد",
		"Henné de Tata":             "حناء طاطا",
		"Vinaigre de pommes":        "خل التفاح",
		"Miel de licorne":           "",
		"de montagne":               "",
		"":                          "",
	} {
		if got, _ := SuggestTitle(title, locales.French, locales.Arabic); got != want {
			t.Errorf("%q: %q, want %q", title, got, want)
		}
	}
	for title, want := range map[string]string{
		"عسل الزعتر":              "Miel de thym",
		"عسل الزعتر الجبلي 500 غ": "Miel de thym de montagne",
		"العسل ديال الدغموس":      "Miel d'euphorbe",
		"زيت العود":               "Huile d'olive",
		"زيت أركان":               "Huile d'argan",
		"تمر المجهول":             "Dattes Mejhoul",
		"صابون بلدي":              "Savon noir",
		"زربية أمازيغية":          "Tapis berbère",
		"حنة زاكورة":              "Henné de Zagora",
		"مربى المشمش":             "Confiture d'abricots",
		"كسكس الشعير":             "Couscous d'orge",
		"ⵜⴰⵎⵎⵏⵜ":                  "Miel",
		"ما الورد":                "Eau de rose",
		"جبن الماعز":              "Fromage de chèvre",
		"شيء غريب":                "",
		"l3sel dyal za3tar":       "Miel de thym",
		"tmer lmejhoul":           "Dattes Mejhoul",
		"ma lward 250 ml":         "Eau de rose",
		"saboun beldi":            "Savon noir",
		"tamment":                 "Miel",
		"الكمون البلدي":           "Cumin beldi",
		"لوز تافراوت":             "Amandes de Tafraout",
		"ورد درعة":                "Rose du Drâa",
		"جوز الأطلس":              "Noix de l'Atlas",
	} {
		if got, _ := SuggestTitle(title, locales.Arabic, locales.French); got != want {
			t.Errorf("%q: %q, want %q", title, got, want)
		}
	}
	if _, sure := SuggestTitle("Miel de thym", locales.French, locales.Arabic); !sure {
		t.Error("a plain title is not sure")
	}
	if _, sure := SuggestTitle("Amlou aux amandes", locales.French, locales.Arabic); sure {
		t.Error("a joined title is sure")
	}
	if got, _ := SuggestTitle("Miel", locales.French, locales.French); got != "" {
		t.Errorf("%q", got)
	}
}

func TestClassify(t *testing.T) {
	t.Parallel()
	for title, want := range map[string]string{
		"Miel de thym 500 g":             "miel food",
		"3sel dyal za3tar":               "miel food",
		"Huile d'argan cosmétique 60 ml": "beaute",
		"argan cosmétique":               "beaute",
		"Huile d'argan":                  "huiles food",
		"Savon au miel":                  "beaute",
		"Jolie corbeille en doum":        "vannerie",
		"زربية من تازناخت":               "tapis",
		"خل التفاح الطبيعي":              "confitures food",
		"belgha jeld":                    "vetements",
		"tajine de Safi":                 "poterie",
		"ⵜⵉⵢⵏⵉ":                          "fruits-secs food",
		"chose inconnue":                 "",
		"montagne":                       "",
	} {
		category, food, ok := Classify(title)
		got := category
		if food {
			got += " food"
		}
		if got != want || ok != (want != "") {
			t.Errorf("%q: %q, want %q", title, got, want)
		}
	}
}

func TestTitlesNeverFail(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		title := rapid.String().Draw(t, "title")
		for _, to := range locales.Langs() {
			from := locales.French
			if to == from {
				from = locales.Arabic
			}
			if text, _ := SuggestTitle(title, from, to); !utf8.ValidString(text) {
				t.Fatalf("%q: %q", title, text)
			}
		}
		Classify(title)
	})
}
