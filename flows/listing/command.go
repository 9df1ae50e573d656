package listing

import (
	"math"
	"slices"
	"strings"
	"sync"
	"unicode"

	"souk/locales"
)

// The meanings of the words that change a draft or a shop. They are a lexicon of their own: in a caption they mean nothing.
const (
	soldOutWord meaning = 1 << iota
	pauseWord
	resumeWord
	archiveWord
	absentWord
	untilWord
	titleWord
	setWord  // changer, mettre: says that something is changed, not what
	moreOf   // ajouter, زيد
	lessOf   // retirer, نقص
	shopWord // boutique, الحانوت: the whole shop
	tomorrowWord
	packWord // format, الحجم
)

var commandLists = []wordList{
	{soldOutWord, `rupture, en rupture, en rupture de stock, rupture de stock, rupture stock, epuise, épuisé, épuisée, épuisés, épuisées, fini, finie, finis, finies, terminé, terminée, vendu, vendue, tout vendu, tout est vendu, plus disponible, n'est plus disponible, non disponible, indisponible, plus de stock, plus en stock, il n'y en a plus, y en a plus, il n'y a plus, il n'y a plus de, y a plus de, je n'ai plus, je n'ai plus de, j'ai plus de, plus rien, sold out, out, stock 0, stock zero, stock épuisé, hors stock,
		sala, salat, salaw, tsala, tsalat, tsalaw, safi sala, t9ada, t9adat, t9adaw, te9ada, te9adat, tqada, tqadat, tkada, tkadat, nfed, nfedat, nafed, nafada, nafadat, nfad, nfadat, makaynch, makainch, ma kaynch, makaynach, makaynax, ma b9ach, mab9ach, ma b9atch, mab9atch, mab9a walo, ma b9a walo, mab9awch, ma b9awch, ma b9ach 3andi, mab9ach 3andi, tba3 kollo, tba3 kolchi,
		سالا, سالى, سالات, سالاو, تسالا, تسالى, تسالات, تسالاو, صافي سالا, تقادا, تقادى, تقاضا, تقاضى, تقاضات, تقادات, تقاداو, تقدا, تقدات, نفد, نفدت, نفذ, نفذت, نفد المخزون, نفدت الكمية, انتهى, انتهت, خلص, خلصات, ما بقاش, مابقاش, ما بقاتش, مابقاتش, ما بقاوش, مابقاوش, ما كاينش, ماكاينش, مكاينش, ما كايناش, ماكايناش, غير متوفر, غير متوفرة, لم يعد متوفرا, لم تعد متوفرة, لم يبق, لم يتبق, مابقا والو, ما بقا والو, ما بقاش عندي, مابقاش عندي, تباع كامل, تباع كلو`},
	{pauseWord, `pause, en pause, mettre en pause, mettez en pause, mets en pause, suspendre, suspendez, suspends, masquer, masquez, cacher, cachez, wa9ef, wa99ef, we99ef, wqef, w9ef, wa9fo, wqqef, khebbi, khabbi, توقيف, أوقف, اوقف, أوقفوا, وقف, وقفي, وقفو, وقفوا, إيقاف, إيقاف مؤقت, توقيف مؤقت, خبي, إخفاء, اخف`},
	{resumeWord, `reprendre, reprends, reprenez, reprise, relancer, relancez, relance, réactiver, reactiver, réactivez, réactive, activer, activez, republier, remettre en vente, remets en vente, remettez en vente, de retour, afficher de nouveau, rje3, rejje3, reje3, raj3o, rj3o, rja3, 3awed n3el, hyed pause, استئناف, استأنف, رجع, رجعي, رجعو, رجعوا, أعد, إعادة, أعيدوا, تفعيل, فعل, إعادة التفعيل, إعادة النشر`},
	{archiveWord, `archiver, archive, archivez, supprimer, supprimez, supprime, effacer, effacez, efface, enlever de la boutique, retirer de la vente, retirez de la vente, mse7, msa7, mse7i, ms7o, 7iyed, 7eyed, hiyed, heyed, أرشف, أرشفة, ارشيف, أرشيف, حذف, احذف, احذفوا, إزالة, أزل, مسح, امسح, مسحي, حيد, حيدي, حيدو`},
	{absentWord, `absent, absente, absents, absentes, absence, en congé, en conge, congé, conges, congés, en vacances, vacances, fermé, fermée, fermeture, je serai absent, je serai absente, je suis absent, je suis absente, nous sommes absents, nous sommes absentes, nous serons absents, nous serons absentes, on est absent, on est absents, on sera absent, on sera absents, boutique fermée, en voyage, pas là, ghayb, ghayba, ghaybin, ghaib, ghaiba, 3otla, 3utla, f l3otla, f 3otla, fl3otla, msafer, msafra, msafrin, ma ghadich nkoun, غائب, غائبة, غائبون, غائبين, غايب, غايبة, غايبين, غياب, عطلة, في عطلة, فعطلة, فالعطلة, في العطلة, مسافر, مسافرة, مسافرين, سأغيب, سنغيب, غادي نغيب, غادية نغيب, نغيب, مغلق, مسدود, سادين`},
	{untilWord, `jusqu'a, jusqu'à, jusqu'au, jusqu'aux, jusqua, jusque, jusqu, au, retour, retour le, de retour le, pendant, pour, durant, حتى, حتى ل, إلى, الى, إلى غاية, لغاية, إلى يوم, لمدة, مدة, خلال, hta, hta l, 7ta, 7ta l, hetta, hetta l, tal, limoddat, moddat, لين`},
	{titleWord, `titre, le titre, title, nom, le nom, nom du produit, intitulé, appelle le, appelez le, العنوان, عنوان, الاسم, اسم, اسم المنتوج, سمية, السمية, سميتو, سميتها, سميه, smiya, smya, ssmiya, smiyto, smito, smitha, l3onwan, 3onwan, 3nwan, lism, isem`},
	{setWord, `changer, change, changez, modifier, modifie, modifiez, corriger, corrige, corrigez, correction, mettre, mets, mettez, non, c'est, est, passe, passer, passez, plutôt, plutot, pardon, désolé, désolée, nouveau, nouvelle, bdel, beddel, bedel, bdli, dir, diri, diro, la machi, machi, rah, rad, redd, rje3 l, غير, غيري, غيرو, بدل, بدلي, بدلو, دير, ديري, ديرو, صحح, تصحيح, تعديل, عدل, اجعل, اجعلوا, لا, راه, هو, هي, خليه, خليها, rddo, svp, stp, s'il vous plaît, عافاك, المرجو, 3afak, merci, شكرا, chokran, maintenant, daba, دابا, الآن, du produit, produit, المنتوج`},
	{moreOf, `ajouter, ajoute, ajoutez, rajouter, rajoute, rajoutez, plus, ajout, زيد, زيدي, زيدو, أضف, اضف, أضيفوا, إضافة, zid, zidi, zido, arrivage, réassort, reçu`},
	{lessOf, `retirer, retire, retirez, enlever, enlève, enleve, enlevez, moins, ôter, déduire, déduis, n9es, na99es, naqqes, ن9ص, نقص, نقصي, نقصو, انقص, أنقص, سحب, ناقص, vendu, vendus, b3t, بعت, tba3o, تباعو`},
	{shopWord, `boutique, la boutique, ma boutique, magasin, mon magasin, shop, tout, tous, toute, tous mes produits, tous les produits, mes produits, hanout, l7anout, lhanout, 7anout, kolchi, الحانوت, حانوت, المتجر, متجري, كلشي, الكل, كل المنتجات, جميع المنتجات, جميع المنتوجات, السلعة كاملة`},
	{tomorrowWord, `demain, ghda, ghedda, غدا, غدا إن شاء الله`},
	{packWord, `format, pack, poids, conditionnement, contenance, taille, quantité du pack, pot de, sachet de, bouteille de, lwazn, lhajm, l7ajm, الوزن, وزن, الحجم, حجم, السعة, العبوة, عبوة, قرعة ديال, علبة ديال, bo9al dyal`},
}

var commandLexicon = sync.OnceValue(func() *lexicon { return compile(commandLists) })

// line is one typed line, read for commands.
type line struct {
	*text
	taken []bool // tokens that the command took
}

// maxLine bounds a command, in bytes: what is longer is a message.
const maxLine = 200

func newLine(s string) (*line, bool) {
	if len(s) > maxLine {
		return nil, false
	}
	t := newText(s)
	if len(t.tok) == 0 || len(t.tok) > 24 || strings.ContainsAny(t.raw, "?؟") {
		return nil, false
	}
	return &line{text: t, taken: make([]bool, len(t.tok))}, true
}

// find takes the first phrase of one of the meanings; ok is false where there is none.
func (l *line) find(m meaning) (found meaning, at int, ok bool) {
	for i := range l.tok {
		if l.taken[i] || l.tok[i].Kind == locales.MarkToken {
			continue
		}
		if mean, to := l.phraseIn(commandLexicon(), i); mean&m != 0 {
			for j := i; j < to; j++ {
				l.taken[j] = true
			}
			return mean & m, i, true
		}
	}
	return 0, 0, false
}

// signed finds "+20" or "-3" with the sign against its number, apart from what stands before; also a number behind "ajouter" or
// "retirer" where words is set.
func (l *line) signed(words bool) (delta int64, ok bool) {
	for i := 0; i+1 < len(l.tok); i++ {
		sign := 0.0
		switch l.tok[i].Norm {
		case "+", "＋":
			sign = 1
		case "-", "–", "−", "—":
			sign = -1
		}
		number := l.tok[i+1]
		if sign == 0 || number.Kind != locales.NumberToken || number.Start != l.tok[i].End || i > 0 && l.tok[i-1].End == l.tok[i].Start || number.Value != math.Trunc(number.Value) ||
			number.Value < 1 || number.Value > 1e6 {
			continue
		}
		if each, to := l.currencyAt(i + 2); to > i+2 && each > 0 {
			return 0, false
		}
		l.taken[i], l.taken[i+1] = true, true
		l.takeUnit(i + 2)
		return int64(sign * number.Value), true
	}
	if !words {
		return 0, false
	}
	before := slices.Clone(l.taken)
	m, at, found := l.find(moreOf | lessOf)
	if !found {
		return 0, false
	}
	for i := at + 1; i < len(l.tok); i++ {
		n, used := l.number(i)
		if used == 0 || n < 1 || n > 1e6 || n != math.Trunc(n) {
			continue
		}
		if _, to := l.currencyAt(i + used); to > i+used {
			return 0, false
		}
		for j := i; j < i+used; j++ {
			l.taken[j] = true
		}
		l.takeUnit(i + used)
		if m&lessOf != 0 {
			n = -n
		}
		return int64(n), true
	}
	l.taken = before
	return 0, false
}

// takeUnit takes a word for pieces or pots behind a count.
func (l *line) takeUnit(i int) {
	if i < len(l.tok) && !l.goods[i] {
		if m, _, ok := l.unitAt(i); ok && m.Unit == locales.Piece {
			l.taken[i] = true
		}
	}
}

// takeMarks takes the words of the caption's lexicon that have one of the meanings and no part in a name.
func (l *line) takeMarks(m meaning) {
	for i := range l.parts {
		p := &l.parts[i]
		if p.kind == partMark && p.mean&m != 0 && !l.taken[p.from] {
			l.take(p)
		}
	}
}

// rest gives what no command took, as typed; bare where that is nothing but signs and little words.
func (l *line) rest() (product string, bare bool) {
	var tokens []int
	for i := range l.tok {
		if !l.taken[i] {
			tokens = append(tokens, i)
		}
	}
	little := func(i int) bool {
		return l.tok[i].Kind == locales.MarkToken || !l.goods[i] && (locales.IsLittle(l.tok[i].Norm) || l.dangles(i)) && !(l.tok[i].Kind == locales.NumberToken)
	}
	for len(tokens) > 0 && little(tokens[0]) {
		tokens = tokens[1:]
	}
	for n := len(tokens); n > 0 && little(tokens[n-1]) && !(n > 1 && l.tok[tokens[n-2]].Kind == locales.NumberToken && l.unitFollows(tokens[n-1])); n = len(tokens) {
		tokens = tokens[:len(tokens)-1]
	}
	if len(tokens) == 0 {
		return "", true
	}
	letters := false
	for _, i := range tokens {
		letters = letters || l.tok[i].Kind == locales.WordToken && strings.IndexFunc(l.tok[i].Text, unicode.IsLetter) >= 0
	}
	if !letters {
		return "", false
	}
	return l.write(tokens), false
}

// talk tells words that no command holds: questions, wishes, thanks, phones, orders.
func (l *line) talk() bool {
	for i := range l.parts {
		p := &l.parts[i]
		if p.kind == partPhone {
			return true
		}
		if p.kind == partMark && p.mean&(askWord|wantWord|contactWord|freightWord) != 0 && p.mean&(fillWord|fromWord) == 0 && !l.taken[p.from] && !l.goods[p.from] {
			return true
		}
		if p.kind == partMark && p.mean&adminWord != 0 && !l.taken[p.from] && !l.goods[p.from] {
			if m, _ := l.phraseIn(commandLexicon(), p.from); m&(soldOutWord|setWord) != 0 {
				continue
			}
			return true
		}
	}
	return false
}
