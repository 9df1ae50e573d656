package flows

import "souk/orders"

// ordering is the heart of the house: from naming a product to the receipt.
type ordering struct{ shop *orders.Shop }

// orderVars are what the flow needs to go on; the cart itself belongs to the person, in orders.
type orderVars struct {
	Region    string `json:"region,omitempty"`    // what the shelves show
	Category  string `json:"category,omitempty"`  //
	Maker     string `json:"maker,omitempty"`     // a cooperative's code
	Query     string `json:"query,omitempty"`     //
	Page      int    `json:"page,omitempty"`      //
	Product   string `json:"product,omitempty"`   // the code of the product that is being sized or counted
	Shown     bool   `json:"shown,omitempty"`     // its card has been shown
	Variant   int64  `json:"variant,omitempty"`   // the pack that is being counted or edited
	One       int64  `json:"one,omitempty"`       // the pack that went into the cart once because it was picked
	Want      *want  `json:"want,omitempty"`      // how much was said together with the product
	Pending   []want `json:"pending,omitempty"`   // what else was named and must still be chosen
	SoldOut   int64  `json:"sold_out,omitempty"`  // a variant that the buyer may be reminded of
	Town      string `json:"town,omitempty"`      // where the goods go, while relays are shown
	Near      *spot  `json:"near,omitempty"`      // the relays shown are those around here
	Elsewhere bool   `json:"elsewhere,omitempty"` // the last place is not wanted
	Purchase  int64  `json:"purchase,omitempty"`  // held for review
}

// want is one thing that was named, with how much of it.
type want struct {
	Query  string  `json:"query,omitempty"`
	Amount float64 `json:"amount,omitempty"` // 0: not said
	Unit   string  `json:"unit,omitempty"`   // g, kg, ml, l, piece; "" counts packs
}

func orderingFlow(shop *orders.Shop) Flow {
	o := ordering{shop}
	return Flow{
		Name:  "ordering",
		Start: "browsing",
		Vars:  func() any { return &orderVars{} },
		States: []State{
			{Name: "browsing", Numbered: true, Read: readShelves, Ask: askShelf,
				Answers: []Row{
					on(aShelf(), openShelf, "choosing"),
					on(nextPage(), turnPage, "browsing"),
					on(chosen("byRegion", "regions"), toRegions, "regions"),
					on(chosen("myCart", "cart"), nil, "basket"),
				}},
			{Name: "regions", Numbered: true, Read: readRegions, Ask: askRegion,
				Answers: []Row{
					on(aRegion(), openRegion, "browsing"),
					on(nextPage(), turnPage, "regions"),
					on(goBack(), leaveRegion, "browsing").back(),
				}},
			{Name: "choosing", Numbered: true, Read: readGoods, Ask: askGoods,
				Answers: []Row{
					on(commanded("fromMaker", "from"), openMaker, "choosing"),
					on(nextPage(), turnPage, "choosing"),
					on(chosen("remindMe", "remind"), remind, "choosing"),
					on(chosen("otherShelf", "shelves"), leaveShelf, "browsing"),
					on(goBack(), leaveShelf, "browsing").back(),
					on(wholeCart(), addAll, "basket"),
					on(aProduct(), pick, "sizing"),
					on(oneHit(), pick, "sizing"),
					on(someHits(), keepHits, "choosing"),
					on(noHit(), suggest, "choosing").or("browsing"),
				}},
			{Name: "sizing", Numbered: true, Read: readProduct, Ask: askPack,
				Given: []Row{
					on(gone(), sayGone, "choosing"),
					on(packPointedAt(), pickPack, "counting"),
					on(wantFits(), addWanted, "basket"),
					on(onePack(), pickPack, "counting"),
				},
				Answers: []Row{
					on(goBackFrom(), forgetProduct, "choosing").back(),
					on(gone(), sayGone, "choosing"),
					on(aPack(), pickPack, "counting"),
					on(anAmount(), addAmount, "basket"),
					on(aTown(), keepTown, ""),
				}},
			{Name: "counting", Read: readPack, Ask: askCount,
				Given: []Row{
					on(soldOut(), tellWhenBack, "choosing"),
					on(countSaid(), addWanted, "basket"),
					on(packChosen(), addOne, "basket"),
				},
				Answers: []Row{
					on(goBackFrom(), forgetProduct, "choosing").back(),
					on(packGone(), sayGone, "choosing"),
					on(moreThanThere(), offerRest, "counting"),
					on(aQuantity(), addToCart, "basket"),
					on(aTown(), keepTown, ""),
				}},
			{Name: "basket", Numbered: true, Read: readBasket, Ask: askBasket,
				Given: []Row{
					on(stillWanted(), nextWanted, "choosing"),
					on(cartChanged(), settle, "basket"),
					on(emptyCart(), sayEmpty, "browsing"),
				},
				Answers: []Row{
					on(anotherCount(), recount, "basket"),
					on(checkout(), nil, "delivering"),
					on(aLine(), pickLine, "editing"),
					on(moreGoods(), nil, "browsing"),
					on(aLocation(), relaysAround, "delivering"),
					on(aTownOfOneRelay(), toOnlyRelay, "phoning"),
					on(aTown(), relaysOf, "delivering"),
				}},
			{Name: "editing", Read: readPack, Ask: askNewCount,
				Answers: []Row{
					on(goBack(), nil, "basket").back(),
					on(takeOut(), takeLineOut, "basket"),
					on(moreThanThere(), offerRest, "editing"),
					on(aQuantityOrNone(), setLine, "basket"),
					on(aTown(), keepTown, ""),
				}},
			{Name: "delivering", Numbered: true, Read: readDelivery, Ask: askPlace,
				Given: []Row{on(knowsPlace(), lastPlace, "phoning")},
				Answers: []Row{
					on(goBack(), nil, "basket").back(),
					on(aRelay(), toRelay, "phoning"),
					on(chosen("atHome", "home"), nil, "addressing"),
					on(chosen("otherTown", "town"), otherTown, "delivering").back(),
					on(aLocation(), relaysAround, "delivering").back(),
					on(aTown(), relaysOf, "delivering").back(),
					on(noTown(), unknownTown, "delivering"),
				}},
			{Name: "addressing", Verbatim: true, Ask: askAddress,
				Answers: []Row{
					on(goBack(), nil, "delivering").back(),
					on(anAddress(), toHome, "phoning"),
				}},
			{Name: "phoning", Read: readPhone, Ask: askPhone,
				Given: []Row{on(knowsPhone(), usePhone, "holding")},
				Answers: []Row{
					on(goBack(), elsewhere, "delivering").back(),
					on(aPhone(), setPhone, "holding"),
					on(noPhone(), unknownPhone, "phoning"),
				}},
			{Name: "holding",
				Given: []Row{on(always(), o.hold, "reviewing").or("basket")}},
			{Name: "reviewing", Numbered: true, Ask: askReview,
				Answers: []Row{
					on(yes(), o.place, "placed").or("holding"),
					on(goBack(), release, "basket").back(),
					on(change(), release, "basket"),
					on(chosen("otherPlace", "place"), forgetPlace, "delivering"),
					on(chosen("forAnother", "another"), release, "receiving"),
				}},
			{Name: "receiving", Verbatim: true, Read: readPhone, Ask: askReceiver,
				Answers: []Row{
					on(goBack(), nil, "holding"),
					on(aPerson(), setReceiver, "holding"),
					on(noPhone(), unknownReceiver, "receiving"),
				}},
			{Name: "placed", End: true, Ask: sayReceipt},
			{Name: "cancelled", End: true, Ask: sayDropped},
		},
		Always: []Row{
			on(cancelWord(), dropCart, "cancelled"),
			on(seesCart(), nil, "basket"),
			on(seesProduct(), nil, "choosing").again(),
			on(saysGoods(), nil, "choosing").again(),
			on(says("browses", Browse), leaveShelf, "browsing"),
		},
	}
}

func cancelWord() When {
	return word("cancel", func(h *Heard) bool { return h.Choice == "cancel" || h.Means(Cancel) && isShort(h.Text) })
}

func vars(t *Turn) *orderVars {
	v, _ := t.Vars.(*orderVars)
	return v
}
