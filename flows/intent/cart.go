package intent

import "souk/locales"

// asksForCart tells a message that names the person's cart and asks nothing of it but to be shown: "panier", "voir mon panier",
// «وريني السلة». A basket is also something cooperatives sell: "un panier en osier", "2 paniers" and "je cherche un panier" are goods.
func (m *message) asksForCart() bool {
	named := m.has(cart)
	for i := range m.tokens {
		switch {
		case m.tokens[i].Kind == locales.NumberToken:
			return false
		case cartName(m.tokens[i].Norm):
			named = true
		case m.isContent(i) && m.senses[i]&cart == 0:
			return false
		}
	}
	return named && m.all&^(cart|product|filler|greet|thanks|show|where|what|mine|know|now) == 0
}

// cartName tells the words that are the cart's name when they stand alone.
func cartName(norm string) bool {
	switch norm {
	case "panier", "lpanier", "pani", "panie", "lpanie", "cart", "sella", "ssella", "slla", "سله", "السله", "للسله", "سلتي", "البانيي", "بانيي":
		return true
	}
	return false
}
