package locales

// Medium says what words may carry on their way to a person.
type Medium string

const (
	// Rich channels show isolates (U+2066–2069), typographic signs and bold.
	Rich Medium = "rich"
	// Plain is SMS: one sign outside GSM-7 doubles the price, so "key.sms" is preferred, isolates are never used and Latin text is
	// brought into the GSM-7 alphabet.
	Plain Medium = "plain"
)
