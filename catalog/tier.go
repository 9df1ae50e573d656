package catalog

// Tiers are a variant's, by quantity, the lowest first; most variants have none.
type Tiers []Tier

// PriceOf is what one pack costs where so many are taken, in centimes: the highest tier that fits counts, else the base price. A
// shop may well set a tier that is dearer than the one before; what it says is what is asked.
func (t Tiers) PriceOf(base, quantity int64) int64 {
	price := base
	for _, tier := range t {
		if quantity >= tier.From {
			price = tier.Price
		}
	}
	return price
}

// makeTiers joins what two arrays of a row say.
func makeTiers(from, price []int64) Tiers {
	if len(from) == 0 {
		return nil
	}
	tiers := make(Tiers, len(from))
	for i := range from {
		tiers[i] = Tier{From: from[i], Price: price[i]}
	}
	return tiers
}

// PriceOf is what one pack of the variant costs where so many are taken, in centimes.
func (v Variant) PriceOf(quantity int64) int64 { return v.Tiers.PriceOf(v.Price, quantity) }
