package locales

import (
	"math"
	"strconv"
	"strings"
)

// Unit is a unit of sale: g, kg, ml, l or piece.
type Unit string

const (
	NoUnit     Unit = ""
	Gram       Unit = "g"
	Kilogram   Unit = "kg"
	Millilitre Unit = "ml"
	Litre      Unit = "l"
	Piece      Unit = "piece"
)

// Quantity is an amount of a unit: {1.5, Kilogram}. Amounts are sums of simple
// fractions with at most three decimals, well inside a float64.
type Quantity struct {
	Amount float64
	Unit   Unit
}

// Base gives the quantity in its family's smallest unit (grams, millilitres,
// pieces), rounded: what two quantities are compared in.
func (q Quantity) Base() (int64, Unit) {
	switch q.Unit {
	case Kilogram:
		return int64(math.Round(q.Amount * 1000)), Gram
	case Litre:
		return int64(math.Round(q.Amount * 1000)), Millilitre
	case Gram, Millilitre:
		return int64(math.Round(q.Amount)), q.Unit
	}
	return int64(math.Round(q.Amount)), Piece
}

// Decimal writes the amount with a point and no trailing zeros: "0.25".
func (q Quantity) Decimal() string {
	return strconv.FormatFloat(math.Round(q.Amount*1000)/1000, 'f', -1, 64)
}

// Quantity shows q to people: "1,5 kg", "2 pièces", «لتران», «3 قطع».
func (w *Words) Quantity(lang Lang, q Quantity) string {
	unit := q.Unit
	if unit == NoUnit {
		unit = Piece
	}
	shown := strings.Replace(q.Decimal(), ".", ",", 1)
	s, err := w.localize(lang, "quantity."+string(unit), q.Decimal(), map[string]string{"amount": shown})
	if err != nil {
		return shown + " " + string(unit)
	}
	return s
}

// Measure is what a unit word stands for: so many of a unit, "cl" 10 ml, "لترين" 2 l.
type Measure struct {
	Amount float64
	Unit   Unit
	// Counted is set where the word itself says the number (duals), so that no
	// other number is expected before it.
	Counted bool
	// Container is set for pots, bags and the like: pieces that may say their
	// size next ("3 pots de 500 g").
	Container bool
}

// ReadUnit reads one normalised word (see Normalise) as a unit of measure or a
// container, in French, Arabic, Darija or Arabizi; singular, plural or dual.
func ReadUnit(word string) (Measure, bool) {
	if m, ok := unitWords[word]; ok {
		return m, true
	}
	// «أريد كيلوغراما»: the indefinite ending that is written.
	if rest, ok := strings.CutSuffix(word, "ا"); ok {
		if m, ok := unitWords[rest]; ok {
			return m, true
		}
	}
	if rest, ok := cutArticle(word); ok {
		if m, ok := unitWords[rest]; ok {
			return m, true
		}
	}
	return Measure{}, false
}

// cutArticle takes an Arabic or Darija article, or و before it, off a normalised word.
func cutArticle(word string) (string, bool) {
	for _, prefix := range [...]string{"وال", "بال", "ال", "لل", "و", "ب"} {
		if rest, ok := strings.CutPrefix(word, prefix); ok && len(rest) >= 4 {
			return rest, true
		}
	}
	if rest, ok := strings.CutPrefix(word, "ل"); ok && len(rest) >= 8 { // «لكيلو», "for a kilo"
		return rest, true
	}
	for _, prefix := range [...]string{"el", "l", "d"} {
		if rest, ok := strings.CutPrefix(word, prefix); ok && len(rest) >= 4 && !strings.ContainsRune("aeiouy", rune(rest[0])) {
			return rest, true
		}
	}
	return "", false
}

var unitWords = buildUnits()

func buildUnits() map[string]Measure {
	units := map[string]Measure{}
	add := func(m Measure, words string) {
		for _, word := range strings.Fields(words) {
			units[Normalise(word)] = m
		}
	}
	add(Measure{Amount: 1, Unit: Gram}, `g gr grs gm gramme grammes gram grams grame grammo gramo ghram ghrama kram
		غ غر غرام غراما غرامات جرام جرامات كرام كرامات گرام ڭرام غم جم`)
	add(Measure{Amount: 1, Unit: Kilogram}, `kg kgs kgr kilo kilos kilogramme kilogrammes kilogram kilograms kilou kilow kelo kélo klo kilowat kilouat kiliwat quilo
		كيلو كيلوات كيلوهات كيلووات كيلويات كلغ كغ كغم كلو كيلوغرام كيلوغراما كيلوغرامات كيلوجرام كيلوكرام كيلوگرام كيلوغ كجم`)
	add(Measure{Amount: 2, Unit: Kilogram, Counted: true}, `كيلوين كيلوغرامين كيلوغرامان كيلوجرامين كيلوان kilowayn`)
	add(Measure{Amount: 100, Unit: Kilogram}, `quintal quintaux qintar 9intar قنطار قناطير`)
	add(Measure{Amount: 1, Unit: Millilitre}, `ml mls millilitre millilitres mililitre مل ملل ملي ميليلتر ميلي مليلتر ملليلتر مليليتر ميليلتر`)
	add(Measure{Amount: 10, Unit: Millilitre}, `cl centilitre centilitres سنتيلتر`)
	add(Measure{Amount: 1, Unit: Litre}, `l lt ltr ltrs litre litres liter liters litr litro litros litrou litrow litrowat itro itrou itru litrat
		لتر لترا لترات ليتر ليترا ليترات ليترو ليتروات لترو ايترو يترو اترو ل`)
	add(Measure{Amount: 2, Unit: Litre, Counted: true}, `لترين لتران ليترين ليتران`)
	add(Measure{Amount: 1, Unit: Piece}, `piece pieces pcs pc pce pces pieça pyassa pyasa piyassa unite unites u unit units wahda wa7da w7da
		قطعة قطع قطعات وحدات بياسة بياسات حبة حبات حبوب طرف طراف hebba habba 7abba 7ebba 7bat 7abat hbat hebbat 9it3a qit3a 9ita3 exemplaire exemplaires`)
	add(Measure{Amount: 2, Unit: Piece, Counted: true}, `قطعتين قطعتان حبتين حبتان وحدتين وحدتان`)
	add(Measure{Amount: 1, Unit: Piece, Container: true}, `bouteille bouteilles bouteil bouteilles boutielle boutaille botella pot pots po poo bocal bocaux boccal bocals sachet sachets saché sachi sachiya sachiyat sachyat sacheh
		paquet paquets pakiya pakiyat pakia bakiya bakiyat baki boite boites boitte bwata bwatat bwate boata bwat boit carton cartons kartona kartonat karton kertona caisse caisses kessa pack packs
		flacon flacons tube tubes barquette barquettes sac sacs panier paniers plateau plateaux bidon bidons bido bidoun bidouat bidoyat bidounat kit kits lot lots coffret coffrets jarre jarres bouquet bouquets botte bottes
		rouleau rouleaux filet filets cageot cageots seau seaux portion portions plaquette plaquettes tablette tablettes assortiment pochette pochettes fiole fioles jerrican jerricans
		qr3a q3ra 9r3a 9er3a 9ar3a 9ra3i 9ra3 9er3at 9ar3at qra3i qer3a qar3a kar3a ker3a kra3i kel3a krae3i qraei 9raei qarea
		3olba 3elba 3lba 3ulba 3lab 3olab 3elbat 3olbat 3lbat olba kis akyas 9nina qnina 9anina qanina khensha khenscha khencha khncha khnachi boukal bokal boqal bouqal bo9al bou9al bo9ala bo9alat bou9alat bokalat boqalat tarro taro sandou9 sandouq sanadi9 setl stal
		قرعة قراعي قرعات قنينة قنينات قناني قارورة قوارير زجاجة زجاجات قزازة علبة علب علبات برطمان برطمانات مرطبان مرطبانات كيس أكياس خنشة خناشي خنيشة صندوق صناديق سندوق باكية باكيات باكي باكو باكيط باكيت
		كارطونة كارطونات كرطونة كرتونة كارتون كرطون كراطن بوكال بوكالات بوقال بوقالات بيدو بيدون بيدوات بيدونات صاشي صاشية صاشيات ساشي ساشيات طارو طرو طاروات سطل سطولة عبوة عبوات جرة جرات رزمة رزم ربطة ربطات
		حزمة حزم سلة سلال سلات بواطة بواطات بواط طبق أطباق مغلف مغلفات ظرف أظرف كوفري باقة باقات فلاكون فلاكونات`)
	add(Measure{Amount: 2, Unit: Piece, Counted: true, Container: true}, `قنينتين قنينتان قرعتين علبتين علبتان كيسين عبوتين عبوتان زجاجتين زجاجتان قارورتين قارورتان برطمانين برطمانان
		مرطبانين صندوقين صندوقان جرتين جرتان سلتين ربطتين حزمتين رزمتين باقتين`)
	return units
}
