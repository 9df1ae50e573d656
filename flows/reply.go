package flows

// Reply is one thing to say, neutral of channel. Three renderers (bot/telegram, bot/twilio for WhatsApp and SMS) turn it into
// what their channel can show. Text and labels are already in the person's language and for the medium of the conversation
// (locales.Rich or locales.Plain): isolates stand in it only where the medium allows them, bold is written **so**.
type Reply struct {
	Text    string   `json:"text"`
	Photo   string   `json:"photo,omitempty"` // key in the photo store; channels without pictures leave it out
	Options []Option `json:"options,omitempty"`
	// Prompt is the id of the question that this reply asks, "" when it only tells.
	Prompt string `json:"prompt,omitempty"`
	// Ask invites a richer answer where the channel has a button for it.
	Ask Ask `json:"ask,omitempty"`
	// AskLabel is the words on that button ("Envoyer mon numéro"); without it there is none.
	AskLabel string `json:"ask_label,omitempty"`
	// Lang is the language of the words, fr or ar: some channels keep one template per language.
	Lang string `json:"lang,omitempty"`
	// ListButton is the label of what opens a list, where a channel hides lists behind a button.
	ListButton string `json:"list_button,omitempty"`
	// Hint is said under the options only where people must type a number ("Répondez 1, 2…").
	Hint string `json:"hint,omitempty"`
	// MoreHint ends a part of a long SMS of which the rest is had by typing MORE.
	MoreHint string `json:"more_hint,omitempty"`
	Class    Class  `json:"class,omitempty"`
	// Offset is how many parts of this reply were said before: MORE says the next one (SMS).
	Offset int `json:"offset,omitempty"`
}

// Option is one thing to choose. Its number is its place, counted from First (or 1) across pages.
type Option struct {
	Payload string `json:"payload"`          // at most 64 bytes: "q:PROMPT:KEY" for an answer, or a command such as "add:P12"
	Label   string `json:"label"`            // shown on a button: aim at 20 characters, renderers cut at their limits
	Detail  string `json:"detail,omitempty"` // a list's second line
	Number  int    `json:"number"`           // what to type for it, from 1; 0: cannot be typed by number (a command beneath a card)
}

// Ask is a richer answer that a reply invites.
type Ask string

// What can be asked for by a button of the channel's own.
const (
	AskNothing  Ask = ""
	AskContact  Ask = "contact"
	AskLocation Ask = "location"
)

// Class orders what leaves an outbox: replies ahead of notices, notices ahead of broadcasts.
type Class int

// The classes of what is said.
const (
	ClassReply Class = iota
	ClassNotice
	ClassBroadcast
)
