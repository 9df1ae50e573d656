package flows

// Reading is what a whole message means.
type Reading struct {
	Intent   string // order, browse, search, track, …; unknown
	Items    []Item // only for order, search and price
	Language string // only for language: fr or ar
}

// Item is one thing somebody named.
type Item struct {
	Query    string
	Quantity float64 // 0: not said
	Unit     string  // g, kg, ml, l, piece; "" for a bare count
}
