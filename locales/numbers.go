package locales

import "strings"

// ReadNumber reads one normalised word (see Normalise) as a number word in
// French, Modern Standard Arabic, Darija or Arabizi: "deux" 2, "جوج" 2, "nos" 0.5,
// "douzaine" 12. Digits are not its business; compound numbers are Number's.
func ReadNumber(word string) (value float64, ok bool) {
	n, ok := numberWords[word]
	if !ok {
		// A number carries no article but may carry "and": «خمسة وعشرون».
		if rest, cut := strings.CutPrefix(word, "و"); cut && len(rest) >= 4 {
			n, ok = numberWords[rest]
		}
	}
	if !ok {
		n, ok = linkedNumber(word)
	}
	return n, ok
}

// linkedNumber reads a Darija number from 11 to 19 with the letter that links it to what is counted: «خمسطاشر خبزة», "tnachel".
func linkedNumber(word string) (float64, bool) {
	for _, link := range [...]string{"ر", "ل", "er", "el", "r", "l"} {
		rest, cut := strings.CutSuffix(word, link)
		if !cut || !strings.HasSuffix(rest, "اش") && !strings.HasSuffix(rest, "ach") {
			continue
		}
		if n, ok := numberWords[rest]; ok && n > 10 && n < 20 {
			return n, true
		}
	}
	return 0, false
}

var numberWords = buildNumbers()

func buildNumbers() map[string]float64 {
	numbers := map[string]float64{}
	add := func(n float64, words string) {
		for _, word := range strings.Fields(words) {
			numbers[Normalise(word)] = n
		}
	}
	add(0, "zero zéro صفر sifr")
	add(1, "un une uns wahd wahed wahad wa7d wa7ed wa7id wahid wehd we7d w7d wahda wa7da wehda we7da w7da واحد واحدة وحدة وحد واحدا")
	add(2, "deux deu deus deuxx jouj juj joj jooj jouje djouj zouj zuj zoj zouje zooj zoudj جوج زوج جوز إثنان اثنان اثنين إثنين اثنتان اثنتين ثنين تنين two")
	add(3, "trois troi troie trwa trois tlata tlatha tlat tleta tlth tlath talata ثلاث ثلاثة تلاتة تلات تلت ثلات ثلاتة تلاثة three")
	add(4, "quatre quatr katre catre 4tre reb3a rab3a rb3a rob3a arba3a arb3a raba3 rabaa rebaa أربع أربعة ربعة اربعه four")
	add(5, "cinq cinc sinq sink cink khamsa khemsa khmsa 5amsa 5emsa 5msa khems khams خمس خمسة five")
	add(6, "six sis siz setta stta sta setha 6tta sitta ست ستة ستا")
	add(7, "sept set sebt seb3a sb3a sab3a sbaa sebaa سبع سبعة")
	add(8, "huit huite uit wit tmnya tmenya tmanya tmania tmenia tmnia tmaniya ثمان ثماني ثمانية تمنية تمانية تمن ثمنية")
	add(9, "neuf neufe tes3oud ts3oud tes3ud ts3ud tesoud ts3a tes3a tis3a تسع تسعة تسعود")
	add(10, "dix diz 3achra 3chra 3ashra 3echra 3eshra 3achara achra عشر عشرة عشرا dizaine dizaines")
	add(11, "onze hdach 7dach 7dash hdash 7edach حداش احدعشر إحدى")
	add(12, "douze douz tnach tnash ttnach tnnach طناش اتناش تناش اثناعشر douzaine douzaines douzene dozen طزينة دزينة درزن tzina tazzina tezzina tzzina")
	add(13, "treize trez tletach tlettach tltach تلطاش تلتاش ثلطاش")
	add(14, "quatorze rb3tach reb3tach rba3tach ربعطاش اربعطاش")
	add(15, "quinze kinze khmstach khemstach khamstach 5mstach خمسطاش خمصطاش quinzaine")
	add(16, "seize settach stach sttach ستاش ستطاش سطاش")
	add(17, "sb3tach seb3tach sbe3tach سبعطاش")
	add(18, "tmntach tmentach tmanatch تمنطاش")
	add(19, "ts3tach tse3tach تسعطاش")
	add(20, "vingt vin vingts 3chrin 3achrin 3ashrin 3echrin 3ichrin achrine عشرين عشرون vingtaine")
	add(30, "trente trante tlatin tlatine تلاتين ثلاثين ثلاثون trentaine")
	add(40, "quarante karante reb3in rab3in rb3in arb3in ربعين أربعين أربعون quarantaine")
	add(50, "cinquante sinquante khamsin khemsin khmsin 5amsin خمسين خمسون cinquantaine")
	add(60, "soixante settin sttin stin ستين ستون")
	add(70, "septante seb3in sb3in sab3in سبعين سبعون")
	add(80, "quatrevingt tmanin tmanine ثمانين ثمانون تمانين")
	add(90, "nonante tes3in ts3in tis3in تسعين تسعون")
	add(100, "cent cents centaine mya miya mia mya2 miyya مية مائة مئة ميه ميا")
	add(200, "mitayn mytayn mitin myatayn miatin ميتين ميتاين مئتان مئتين مائتين مائتان مائتي مئتي")
	add(300, "ثلاثمائة ثلاثمئة تلتمية tletmya tltmya")
	add(400, "أربعمائة أربعمئة ربعمية reb3mya rb3mya")
	add(500, "خمسمائة خمسمئة خمسمية khemsmya khmsmya")
	add(600, "ستمائة ستمئة ستمية settmya")
	add(700, "سبعمائة سبعمئة سبعمية seb3mya")
	add(800, "ثمانمائة ثمانمئة تمنمية tmnmya")
	add(900, "تسعمائة تسعمئة تسعمية ts3mya")
	add(1000, "mille mil alf ألف آلاف الاف")
	add(2000, "alfayn alfin ألفين ألفان ألفاين")
	add(0.5, "demi demie dmi demis demies moitié moitie nos noss nouss nus nss nusf nesf nouçç نص نصف نصّ نُص ½")
	add(0.25, "quart quarts quar cart rba3 rob3 rbo3 rbou3 roba3 rub3 rbe3 أرباع ربع رُبع ¼")
	add(0.75, "¾")
	add(1.0/3, "tiers tolot tulut ثلث")
	return numbers
}

// scale tells number words that multiply what stands before: "deux cents", «ثلاثة آلاف».
func isHundred(n float64) bool  { return n == 100 }
func isThousand(n float64) bool { return n == 1000 }
