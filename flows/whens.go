package flows

import (
	"strings"
	"unicode/utf8"

	"souk/locales"
	"souk/orders"
)

// shortMessage is how many words a global word may come with ("annuler svp", "رجع اللور عافاك"): more is read as free text, after
// the state's own answers, so that an address or a message to a person may hold any word.
const shortMessage = 4

// global fits a whole short message that means this and nothing else.
func global(name string, i Intent) When {
	return word(name, func(h *Heard) bool { return h.Means(i) && isShort(h.Text) })
}

// says fits free text that means this.
func says(name string, i Intent) When {
	return fact(name, func(h *Heard, _ any) bool { return h.Means(i) })
}

// kind fits what is no text.
func kind(name string, k Kind) When {
	return fact(name, func(h *Heard, _ any) bool { return h.Kind == k && h.Command == "" && h.Choice == "" })
}

// commanded fits a button that works however old it is.
func commanded(name, command string) When {
	return word(name, func(h *Heard) bool { return h.Command == command })
}

// yes and no answer the question that is open, by its option or in words.
func yes() When {
	return word("yes", func(h *Heard) bool { return h.Choice == "yes" || h.Means(Yes) && isShort(h.Text) })
}

func no() When {
	return word("no", func(h *Heard) bool { return h.Choice == "no" || h.Means(No) && isShort(h.Text) })
}

// goBackFrom is goBack for an action that looks at the facts.
func goBackFrom() When {
	w := goBack()
	return fact("back", func(h *Heard, _ any) bool { return w.Fits(h, nil) })
}

func goBack() When {
	return word("back", func(h *Heard) bool { return h.Choice == "back" || h.Means(Back) && isShort(h.Text) })
}

// saysGoods fits what names goods, wherever it is said: an order, a search, a price, a product's code.
func saysGoods() When {
	return fact("saysGoods", func(h *Heard, _ any) bool {
		r := h.Says()
		switch r.Intent {
		case Order, Search, Price:
			return len(r.Items) > 0
		}
		return productCode(h.Typed()) != ""
	})
}

// seesProduct fits the button of a product, on a card, in a list or in a link.
func seesProduct() When {
	return word("seesProduct", func(h *Heard) bool { return h.Command == "see" || h.Command == "add" })
}

// aPurchaseCode fits a purchase's code, typed or in a button.
func aPurchaseCode() When {
	return word("aPurchaseCode", func(h *Heard) bool {
		_, ok := orders.ReadCode(h.Typed())
		return ok || h.Command == "track"
	})
}

// seesCart fits the cart's name as the whole message, and its button.
func seesCart() When {
	return word("seesCart", func(h *Heard) bool {
		if h.Command == "cart" || h.Command == "go" && h.Argument == "cart" {
			return true
		}
		return h.Says().Cart
	})
}

// productCode reads a product's code as people type it: "P12", "p 12", "P-12". A bare number is none.
func productCode(typed string) string {
	if code := forwardedCode(typed); code != "" {
		return code
	}
	s := strings.NewReplacer(" ", "", "-", "", "#", "", ".", "").Replace(locales.Normalise(typed))
	digits, ok := strings.CutPrefix(s, "p")
	if !ok || digits == "" || len(digits) > 12 || strings.Trim(digits, "0123456789") != "" {
		return ""
	}
	return "P" + digits
}

func isShort(text string) bool { return len(strings.Fields(text)) <= shortMessage }

// searchable tells text that may be the name of something: a few words with letters in them.
func searchable(text string) bool {
	n := utf8.RuneCountInString(text)
	return n >= 2 && n <= 60 && strings.ContainsFunc(text, isLetter)
}
