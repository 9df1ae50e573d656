package flows

import (
	"souk/flows/intent"
	"souk/locales"
	"souk/orders"
)

// Souk is the book of everything that is talked about. A new conversation is one file and one line here.
func Souk(shop *orders.Shop) Book {
	return Book{
		Base: "home",
		Flows: []Flow{
			homeFlow(),
			orderingFlow(shop),
			trackingFlow(),
			cancellingFlow(),
			receivedFlow(),
			amendingFlow(),
			languageFlow(),
			helpFlow(),
			talkFlow(),
			photoFlow(),
			askingFlow(),
			answeringFlow(),
			reportingFlow(),
			listingFlow(),
			joiningFlow(),
			invitedFlow(),
			decidingFlow(),
			membersFlow(),
			actingFlow(),
			agreeingFlow(),
			changingFlow(),
			baselineFlow(),
			shopFlow(),
		},
		Everywhere: everywhere(),
		Notices:    notices(),
		Reread:     readAsGoods,
		Puzzled:    puzzled,
	}
}

// NewSouk is the engine of the whole book. It fails where Check finds a fault.
func NewSouk(words *locales.Words, shop *orders.Shop, o Options) (*Engine, error) {
	if o.Read == nil {
		o.Read = intent.Parse
	}
	return New(Souk(shop), words, o)
}
