package flows

import (
	"strings"

	"souk/locales"
	"souk/orders"
)

// orderVerbs are the words that a member puts before an order's code, or says alone where one order waits. The first column is the
// command that a button carries.
var orderVerbs = map[string]string{
	"accept": `ok|oui|accepter|accepte|j'accepte|jaccepte|je prends|tout|wakha|iyeh|ah|qbelt|9belt|kbelt|qablt|9blt|9bilt|qbilt|n9bel|kan9bel|
		نعم|قبلت|قبول|اقبل|نقبل|موافق|موافقه|واخا|اه`,
	"part":   `part|partie|une partie|en partie|partiel|chwiya|nos|جزء|بعض|شويه`,
	"refuse": `non|refuser|refuse|je refuse|no|la|rfedt|rfett|nrfed|لا|رفض|رفضت|ارفض|نرفض`,
	"packed": `pret|prete|c'est pret|emballe|emballee|paquet pret|wajed|wajda|wjed|جاهز|جاهزه|واجد|واجده|وجدت|وجدات`,
	"later":  `plus tard|tard|apres|mn be3d|men b3d|mnb3d|لاحقا|من بعد|فيما بعد`,
	"count":  `stock|compter|حساب|مخزون`,
	"order":  `voir|commande|طلبيه|الطلبيه|chouf|شوف`,
}

// aloneVerbs are those of them that are clear enough to be said without a code.
var aloneVerbs = map[string]string{
	"accept": `accepter|accepte|j'accepte|jaccepte|tout accepter|j'accepte tout|j'accepte la commande|qbelt|9belt|kbelt|qablt|9blt|9bilt|qbilt|kan9bel|qbelt talab|
		قبلت|قبول|اقبل|قبلت الطلبيه|قبلت الطلب|كنقبل`,
	"refuse": `refuser|je refuse|je refuse la commande|rfedt|rfett|رفضت|ارفض|رفض|رفضت الطلبيه`,
	"packed": `c'est pret|paquet pret|emballe|emballee|la commande est prete|commande prete|wajda talab|wjedt talab|الطلبيه جاهزه|الطلبيه واجده|وجدت الطلبيه`,
}

// receivedNames are what members call the list of what was ordered from them; orderNames may as well mean what one ordered oneself.
const (
	receivedNames = `commandes recues|commande recue|les commandes recues|mes commandes recues|commandes a preparer|commandes clients|
		الطلبيات الوارده|الطلبات الوارده|طلبيات وارده|طلبات وارده|talabat warida|talabiyat`
	orderNames = `commandes|les commandes|الطلبات|الطلبيات|طلبات|طلبيات|talabat|les commandes dyali`
)

// orderWords are the verbs by what is said, normalised.
type orderWords struct{ coded, alone map[string]string }

func newOrderWords() orderWords {
	return orderWords{coded: verbsBySaying(orderVerbs), alone: verbsBySaying(aloneVerbs)}
}

func verbsBySaying(verbs map[string]string) map[string]string {
	says := map[string]string{}
	for verb, list := range verbs {
		for said := range strings.SplitSeq(list, "|") {
			says[locales.Normalise(strings.TrimSpace(said))] = verb
		}
	}
	return says
}

var sayings = newOrderWords()

// orderCommand reads a verb with an order's code: "OK S7K2QMX-1", "prête s7k2qmx-1", «قبلت S7K2QMX-1»; the code alone shows the order.
func orderCommand(text string) (verb, code string, ok bool) {
	words := strings.Fields(locales.StripControls(text))
	for i := range words {
		rest := strings.Join(words[i:], " ")
		if code, ok = orders.ReadPartCode(rest); !ok {
			continue
		}
		if i == 0 {
			return "order", code, true
		}
		verb, ok = sayings.coded[tidy(strings.Join(words[:i], " "))]
		return verb, code, ok
	}
	return "", "", false
}

// orderWord reads a verb that is clear without a code.
func orderWord(text string) (verb string, ok bool) {
	verb, ok = sayings.alone[tidy(text)]
	return verb, ok
}

// tidy takes off the signs that end a short sentence.
func tidy(text string) string {
	return strings.TrimSpace(strings.Trim(locales.Normalise(text), ".!:;,،؛… "))
}

// orderButtons are the commands that the buttons of an order carry.
func isOrderButton(command string) bool {
	_, ok := orderVerbs[command]
	return ok
}

// actsOnOrder fits the buttons of an order, and a verb typed with its code.
func actsOnOrder() When {
	return word("actsOnOrder", func(h *Heard) bool { return isOrderButton(h.Command) })
}

// speaksOfOrder fits words that are about the one order that waits.
func speaksOfOrder() When {
	return word("speaksOfOrder", func(h *Heard) bool { _, ok := orderWord(h.Typed()); return ok })
}

func saysReceived() When {
	return word("saysReceived", func(h *Heard) bool { return oneOf(h.Typed(), receivedNames) })
}

func saysOrders() When {
	return word("saysOrders", func(h *Heard) bool { return oneOf(h.Typed(), orderNames) })
}

func oneOf(typed, list string) bool {
	if typed = tidy(typed); typed == "" {
		return false
	}
	for said := range strings.SplitSeq(list, "|") {
		if locales.Normalise(strings.TrimSpace(said)) == typed {
			return true
		}
	}
	return false
}
