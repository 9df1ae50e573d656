package listing

import (
	"fmt"
	"testing"
	"time"

	"souk/locales"
)

func (c Correction) story() string {
	switch c.Field {
	case FieldTitle:
		return "title " + c.Title
	case FieldPack:
		return fmt.Sprintf("pack %s %s", c.Amount, c.Unit)
	case FieldPrice:
		return fmt.Sprintf("price %d", c.PriceCentimes)
	case FieldStock:
		if c.Delta {
			return fmt.Sprintf("stock %+d", c.Stock)
		}
		return fmt.Sprintf("stock %d", c.Stock)
	}
	return ""
}

func TestReadCorrection(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"prix 110":                     "price 11000",
		"Prix : 110 dh":                "price 11000",
		"le prix c'est 95,50":          "price 9550",
		"110 dh":                       "price 11000",
		"non, 120 dhs":                 "price 12000",
		"changez le prix 85 dh svp":    "price 8500",
		"الثمن 110":                    "price 11000",
		"الثمن هو ١١٠ درهما":           "price 11000",
		"ثمن خمسين درهم":               "price 5000",
		"بدل الثمن 70 درهم":            "price 7000",
		"taman 110":                    "price 11000",
		"b 110":                        "price 11000",
		"ب 110":                        "price 11000",
		"taman 2000 ryal":              "price 10000",
		"ألف ريال":                     "price 5000",
		"بخمسين درهم":                  "price 5000",
		"stock 20":                     "stock 20",
		"stock : 20 pots":              "stock 20",
		"reste 12":                     "stock 12",
		"il en reste 3":                "stock 3",
		"عندي 20":                      "stock 20",
		"عندي 20 علبة":                 "stock 20",
		"الكمية 45":                    "stock 45",
		"باقي 5":                       "stock 5",
		"3andi 20":                     "stock 20",
		"kayn 30":                      "stock 30",
		"x30":                          "stock 30",
		"30 pots":                      "stock 30",
		"30 disponibles":               "stock 30",
		"+20":                          "stock +20",
		"-3":                           "stock -3",
		"+ 20":                         "",
		"ajoute 20":                    "stock +20",
		"زيد 20":                       "stock +20",
		"نقص 3":                        "stock -3",
		"zid 10":                       "stock +10",
		"+20 pots":                     "stock +20",
		"rupture":                      "stock 0",
		"Rupture de stock":             "stock 0",
		"épuisé":                       "stock 0",
		"il n'y en a plus":             "stock 0",
		"sala":                         "stock 0",
		"safi sala":                    "stock 0",
		"تقادا":                        "stock 0",
		"ما بقاش":                      "stock 0",
		"نفدت الكمية":                  "stock 0",
		"nfed":                         "stock 0",
		"t9ada":                        "stock 0",
		"titre Miel de thym":           "title Miel de thym",
		"Titre : Miel de thym 500":     "title Miel de thym 500",
		"changer le titre : Amlou":     "title Amlou",
		"العنوان عسل الزعتر":           "title عسل الزعتر",
		"smiya 3sel za3tar":            "title 3sel za3tar",
		"nom du produit: Savon beldi":  "title Savon beldi",
		"500 g":                        "pack 500 g",
		"½ kg":                         "pack 0.5 kg",
		"نص كيلو":                      "pack 0.5 kg",
		"75 cl":                        "pack 750 ml",
		"le format c'est 250 g":        "pack 250 g",
		"الوزن 500 غرام":               "pack 500 g",
		"lot de 6":                     "pack 6 piece",
		"kilo":                         "pack 1 kg",
		"1 litre":                      "pack 1 l",
		"c'est 1 kg":                   "pack 1 kg",
		"110":                          "",
		"prix":                         "",
		"prix ?":                       "",
		"quel prix 110 ?":              "",
		"2 miel":                       "",
		"je veux 2 kg":                 "",
		"bghit 500 g":                  "",
		"Miel de thym 500 g 110 dh":    "",
		"prix 110 stock 20":            "",
		"500 g 110 dh":                 "",
		"0661 23 45 67":                "",
		"oui":                          "",
		"ok":                           "",
		"titre":                        "",
		"bonjour":                      "",
		"merci":                        "",
		"":                             "",
		"stock 1,5":                    "",
		"prix 99999999999999999999":    "",
		"+9223372036854775808":         "",
		"rupture de miel":              "",
		"prix entre 80 et 100":         "",
		"commande 12":                  "",
		"annuler":                      "",
		"combien 110 dh":               "",
		"livraison 20 dh":              "",
		"\u202bالثمن 110\u202c":        "price 11000",
		"PRIX 110DH":                   "price 11000",
		"prix 1 200 dh":                "price 120000",
		"prix 12.5":                    "price 1250",
		"ثمن 12٫5":                     "price 1250",
		"stock 20 🙂":                   "stock 20",
		"وصلت الطلبية 20":              "",
		"3andi so2al":                  "",
		"خمسين درهم":                   "price 5000",
		"العدد 27":                     "stock 27",
		"250 ml":                       "pack 250 ml",
		"douzaine":                     "pack 12 piece",
		"عشرين علبة":                   "stock 20",
		"le prix est de 45 dirhams":    "price 4500",
		"le stock est de 18":           "stock 18",
		"maintenant 100 dh":            "price 10000",
		"دابا 100 درهم":                "price 10000",
		"جوج كيلو":                     "pack 2 kg",
		"stock 0":                      "stock 0",
		"0":                            "",
		"prix 0":                       "",
		"vendu":                        "stock 0",
		"خلص":                          "stock 0",
		"ma b9ach":                     "stock 0",
		"retire 2":                     "stock -2",
		"\x00prix\x00 110":             "price 11000",
		"prix\n110":                    "price 11000",
		"titre : \u202eabc\u202c def ": "title abc def",
	} {
		got := ""
		if c, ok := ReadCorrection(text); ok {
			got = c.story()
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func (c ShopLine) story() string {
	switch c.Change {
	case ChangePrice:
		return fmt.Sprintf("%s | price %d", c.Product, c.PriceCentimes)
	case ChangeStock, ChangeDelta:
		return fmt.Sprintf("%s | %s %d", c.Product, c.Change, c.Stock)
	case ChangeAbsent:
		u := c.Until
		switch {
		case u.HasWeekday:
			return "absent " + u.Weekday.String()
		case u.Month > 0:
			return fmt.Sprintf("absent %d %s", u.Day, u.Month)
		case u.Day > 0:
			return fmt.Sprintf("absent day %d", u.Day)
		}
		return fmt.Sprintf("absent %d days", u.Days)
	case ChangeSoldOut, ChangePause, ChangeResume, ChangeArchive:
	}
	return fmt.Sprintf("%s | %s", c.Product, c.Change)
}

func TestReadShopLine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"argan 250 +20":                    "argan 250 | delta 20",
		"argan 250 ml +20":                 "argan 250 ml | delta 20",
		"+20 argan 250":                    "argan 250 | delta 20",
		"miel de thym -3":                  "miel de thym | delta -3",
		"العسل +10":                        "العسل | delta 10",
		"amlou +5 pots":                    "amlou | delta 5",
		"ajoute 20 au stock argan":         "argan | delta 20",
		"miel rupture":                     "miel | sold_out",
		"Miel de thym en rupture de stock": "Miel de thym | sold_out",
		"rupture de miel":                  "miel | sold_out",
		"rupture savon noir":               "savon noir | sold_out",
		"le miel est épuisé":               "miel | sold_out",
		"plus de stock amlou":              "amlou | sold_out",
		"العسل تقادا":                      "العسل | sold_out",
		"تقادا العسل":                      "العسل | sold_out",
		"سالا السمن":                       "السمن | sold_out",
		"ما بقاش الزيت":                    "الزيت | sold_out",
		"زيت أركان نفد":                    "زيت أركان | sold_out",
		"l3sel sala":                       "l3sel | sold_out",
		"sala l3sel":                       "l3sel | sold_out",
		"amlou t9ada":                      "amlou | sold_out",
		"nfed za3fran":                     "za3fran | sold_out",
		"amlou prix 90":                    "amlou | price 9000",
		"prix amlou : 90":                  "amlou | price 9000",
		"prix amlou 90 dh":                 "amlou | price 9000",
		"changer le prix du miel à 120 dh": "miel | price 12000",
		"ثمن أملو 90 درهم":                 "أملو | price 9000",
		"أملو الثمن 90":                    "أملو | price 9000",
		"taman amlou b 90":                 "amlou | price 9000",
		"miel nouveau prix 120":            "miel | price 12000",
		"argan 250 prix 95,50":             "argan 250 | price 9550",
		"miel maintenant 120 dh":           "miel | price 12000",
		"huile stock 12":                   "huile | stock 12",
		"stock huile 12":                   "huile | stock 12",
		"stock huile d'olive 5 L 12":       "huile d'olive 5 L | stock 12",
		"reste 5 miel":                     "miel | stock 5",
		"باقي 5 عسل":                       "عسل | stock 5",
		"العسل باقي 7":                     "العسل | stock 7",
		"miel 12 disponibles":              "miel | stock 12",
		"ستوك الزيت 40":                    "الزيت | stock 40",
		"savon stock: 30 pièces":           "savon | stock 30",
		"pause savon":                      "savon | pause",
		"mettre en pause le savon noir":    "savon noir | pause",
		"وقف الصابون":                      "الصابون | pause",
		"wa9ef saboun":                     "saboun | pause",
		"reprendre savon":                  "savon | resume",
		"remettre en vente le miel":        "miel | resume",
		"رجع الصابون":                      "الصابون | resume",
		"archiver tapis rouge":             "tapis rouge | archive",
		"supprimer savon noir":             "savon noir | archive",
		"حذف الصابون":                      "الصابون | archive",
		"pause boutique":                   " | pause",
		"pause tous mes produits":          " | pause",
		"reprendre la boutique":            " | resume",
		"وقف الحانوت":                      " | pause",
		"absent jusqu'à lundi":             "absent Monday",
		"absente jusqu'au 15 mars":         "absent 15 March",
		"je serai absente jusqu'à jeudi":   "absent Thursday",
		"en congé 5 jours":                 "absent 5 days",
		"absent une semaine":               "absent 7 days",
		"absente 2 semaines":               "absent 14 days",
		"absent jusqu'au 15/12":            "absent 15 December",
		"absent jusqu'à demain":            "absent 1 days",
		"absent jusqu'au 20":               "absent day 20",
		"absent":                           "absent 0 days",
		"غائبة حتى الاثنين":                "absent Monday",
		"غايبة حتى للجمعة":                 "absent Friday",
		"في عطلة حتى 15 دجنبر":             "absent 15 December",
		"غائب لمدة يومين":                  "absent 2 days",
		"عطلة أسبوع":                       "absent 7 days",
		"ghayba hta tnin":                  "absent Monday",
		"f l3otla 3 iyam":                  "absent 3 days",
		"fermé jusqu'au lundi 7 décembre":  "absent 7 December",

		// What buyers and others write, and captions.
		"2 miel":                             "",
		"miel":                               "",
		"2 kg miel":                          "",
		"bghit 2 kg 3sel":                    "",
		"prix miel":                          "",
		"prix du miel ?":                     "",
		"prix miel 500 g":                    "",
		"prix argan 250":                     "",
		"combien le miel":                    "",
		"ch7al taman l3sel":                  "",
		"بشحال العسل":                        "",
		"واش كاين العسل":                     "",
		"واش تقادا العسل؟":                   "",
		"le miel est épuisé ?":               "",
		"je veux 20 argan":                   "",
		"زيد 2 عسل":                          "",
		"ajoute 2 miel":                      "",
		"ajouter 2 miel au panier":           "",
		"retire 1 amlou":                     "",
		"annuler ma commande":                "",
		"supprimer ma commande":              "",
		"supprimer mon compte":               "",
		"stop":                               "",
		"menu":                               "",
		"retour":                             "",
		"oui":                                "",
		"+212 661 23 45 67":                  "",
		"+20":                                "",
		"rupture":                            "",
		"prix 110":                           "",
		"stock 20":                           "",
		"Miel de thym 500 g 110 dh stock 12": "",
		"amlou 250 g 45 dh":                  "",
		"argan 250-20":                       "",
		"":                                   "",
		"pause café":                         "café | pause",
		"Bonjour, avez-vous du miel en stock, 2 kg ?": "",
		"commande 12 rupture":                         "",
		"miel +20 dh":                                 "",
		"savon +9223372036854775808":                  "",
		"salam 3afak bghit n3ref wach 3sel sala":      "",
		"le relais était absent":                      "",
		"le livreur est absent":                       "",
		"la cliente est absente jusqu'à lundi":        "",
		"pourquoi miel rupture":                       "",
		"shipped +3":                                  "shipped | delta 3",
		"12 novembre":                                 "",
		"j'ai 2 enfants":                              "",
		"merci pour le miel stock 12":                 "",
	} {
		got := ""
		if c, ok := ReadShopLine(text); ok {
			got = c.story()
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestUntil(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("Casablanca", 3600)
	now := time.Date(2026, time.November, 23, 23, 30, 0, 0, zone) // a Monday
	for _, c := range []struct {
		want string
		u    Until
	}{
		{"2026-11-30", Until{HasWeekday: true, Weekday: time.Monday}},
		{"2026-11-26", Until{HasWeekday: true, Weekday: time.Thursday}},
		{"2026-12-15", Until{Day: 15, Month: time.December}},
		{"2027-03-01", Until{Day: 1, Month: time.March}},
		{"2027-11-23", Until{Day: 23, Month: time.November}},
		{"2028-02-29", Until{Day: 29, Month: time.February}},
		{"2026-12-20", Until{Day: 20}},
		{"2026-11-25", Until{Day: 25}},
		{"2026-12-31", Until{Day: 31}},
		{"2026-11-28", Until{Days: 5}},
		{"", Until{}},
	} {
		got := ""
		if day, ok := c.u.On(now); ok {
			got = day.Format(time.DateOnly)
		}
		if got != c.want {
			t.Errorf("%+v: %q, want %q", c.u, got, c.want)
		}
	}
	if _, ok := (Until{Day: 31, Month: time.February}).On(now); ok {
		t.Error("31 February exists")
	}
}

func TestBeyondTheContract(t *testing.T) {
	t.Parallel()
	c, ok := Read("Savon d'argan 100 g, 20 dh, à partir de 10 : 18 dh, à partir de 50 pièces 15 dh, sur commande 3 jours")
	if !ok || len(c.Tiers) != 2 || c.Tiers[0] != (Tier{10, 1800}) || c.Tiers[1] != (Tier{50, 1500}) || !c.MadeToOrder || c.LeadDays != 3 || len(c.Packs) != 1 || *c.Packs[0].PriceCentimes != 2000 {
		t.Errorf("%+v", c)
	}
	c, ok = Read("صابون 100 غ 20 درهما، ابتداء من 10: 18 درهما، تحت الطلب خلال أسبوع")
	if !ok || len(c.Tiers) != 1 || c.Tiers[0] != (Tier{10, 1800}) || !c.MadeToOrder || c.LeadDays != 7 {
		t.Errorf("%+v", c)
	}
	c, ok = Read("Poulet beldi vendu au poids, environ 1,5 kg, 70 dh le kilo")
	if !ok || !c.ByWeight {
		t.Errorf("%+v", c)
	}
	c, ok = Read("Huile d'olive nouvelle, précommande, disponible à partir de novembre, 5 L 400 dh")
	if !ok || c.Season == nil || !c.Season.PreOrder || c.Season.From != time.November || len(c.Packs) != 1 || c.Packs[0].Amount != "5" || c.Packs[0].Unit != locales.Litre {
		t.Errorf("%+v", c)
	}
	c, ok = Read("Amlou 250 g 45 dh au lieu de 60 dh, tél 06 61 22 33 44")
	if !ok || c.WasCentimes == nil || *c.WasCentimes != 6000 || c.Phone != "+212661223344" {
		t.Errorf("%+v", c)
	}
	c, ok = Read("زربية من 700 حتى 2000 درهم")
	if !ok || c.Range == nil || *c.Range != (PriceRange{70000, 200000}) {
		t.Errorf("%+v", c)
	}
	c, ok = Read("Tajine petit 50 dh, moyen 70 dh, grand 100 dh")
	if !ok || len(c.Packs) != 3 || c.Packs[1].Label != "moyen" || *c.Packs[2].PriceCentimes != 10000 {
		t.Errorf("%+v", c)
	}
	c, ok = Read("Miel 250 g 40 dh 12 pots, 500 g 75 dh 8 pots")
	if !ok || len(c.Packs) != 2 || c.Packs[0].Stock == nil || *c.Packs[0].Stock != 12 || *c.Packs[1].Stock != 8 || c.Stock != nil {
		t.Errorf("%+v", c)
	}
	c, ok = Read("Farine 500 g, 12 dh, stock 20 kg")
	if !ok || c.Stock == nil || *c.Stock != 40 {
		t.Errorf("%+v", c)
	}
}
