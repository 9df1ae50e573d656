package flows

import "souk/flows/intent"

// What a whole message means is package intent's to say; the flows decide what it means where the person stands.
type (
	// Reading is what a message was understood to be.
	Reading = intent.Reading
	// Intent is what a message asks for.
	Intent = intent.Intent
)

// The intents by their bare names, so that tables read as they are spoken.
const (
	Order    = intent.Order
	Browse   = intent.Browse
	Search   = intent.Search
	Track    = intent.Track
	Cancel   = intent.Cancel
	Help     = intent.Help
	Human    = intent.Human
	Language = intent.Language
	Stop     = intent.Stop
	Start    = intent.Start
	Sell     = intent.Sell
	Learn    = intent.Learn
	Menu     = intent.Menu
	Greeting = intent.Greeting
	Yes      = intent.Yes
	No       = intent.No
	Back     = intent.Back
	Price    = intent.Price
	Unknown  = intent.Unknown
)
