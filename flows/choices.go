package flows

import (
	"slices"
	"strings"
	"sync"

	"souk/locales"
)

// seesChoices asks for the list of the open question once more: its button, its name, or words as people say them.
func seesChoices() When {
	return word("seesChoices", func(h *Heard) bool { return h.Command == "choices" || asksForList(h.Typed()) })
}

// maxListWords is how many words such a message has at most.
const maxListWords = 7

// listWords are what such a message is made of: a name of the list, which it must hold unless it asks to hear again, and what people
// put around it. Any other word means something else.
type listWords struct{ names, again, around []string }

var listVocabulary = sync.OnceValue(func() listWords {
	words := func(text string) []string { return strings.Fields(locales.Normalise(text)) }
	return listWords{
		names: words(`liste list lista listes choix options option lliste llista lkhtiyarat ikhtiyarat
			لائحة اللائحة لاليست ليستا الليستا ليست الليست الاختيارات اختيارات الخيارات خيارات`),
		again: words(`revoir revoyez repete repetez repeter rappelez rappeler redonnez redonner renvoyez renvoyer remontrez remontrer
			3awd 3awed 3awdou awd 3awdi عاود عاودو عاودي عاودوا أعد أعيدوا إعادة كرر كرروا`),
		around: words(`la le les l de du des d cette ces quels quelles quel sont est voir montre montrez montrer donne donnez donner envoie envoyez
			affiche affichez afficher regarder encore moi me nous je j veux voudrais peux puis peut on pouvez vous s il plait svp stp merci une fois autre numeros
			bghit nchouf nchof chouf werrini warrini werini wrini 3tini sifet liya lia lya 3afak 3afakom dyal mn men jdid tani
			عرض اعرض اعرضوا أرني أروني رؤية أريد ما هي هو من فضلك فضلكم المرجو مرة أخرى جديد ثانية إرسال أرسلوا
			بغيت نشوف شوف وريني وريوني عطيني عطيوني صيفط ليا لي عافاك عافاكم ديال شنو شنوما هوما هما عاد تاني`),
	}
})

// asksForList reads "revoir la liste svp", "quels sont les choix ?", «عاود ليا اللائحة عافاك».
func asksForList(typed string) bool {
	switch {
	case len(typed) > 120:
		return false
	case locales.Normalise(typed) == locales.Normalise("عرض القائمة"): // القائمة alone is the menu
		return true
	}
	words := strings.FieldsFunc(locales.Normalise(typed), func(r rune) bool { return !isLetter(r) && (r < '0' || r > '9') })
	if len(words) == 0 || len(words) > maxListWords {
		return false
	}
	known, asked := listVocabulary(), false
	for _, w := range words {
		switch {
		case slices.Contains(known.names, w), slices.Contains(known.again, w):
			asked = true
		case !slices.Contains(known.around, w):
			return false
		}
	}
	return asked
}
