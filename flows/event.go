package flows

import "time"

// Kind says what an Event is, whatever the channel called it.
type Kind string

// The kinds of event that a conversation hears.
const (
	Text      Kind = "text"     // typed words, a command ("/menu") or a caption
	Tap       Kind = "tap"      // a button or a list's item; Payload says which
	DeepLink  Kind = "deeplink" // came through a link; Payload is its parameter ("p_P12")
	Contact   Kind = "contact"  // shared a contact; Phone, OwnContact
	Location  Kind = "location" // shared a place; Latitude, Longitude
	Photo     Kind = "photo"
	Voice     Kind = "voice"
	Other     Kind = "other"   // a sticker, a document, a poll, …: nothing a flow can read
	Edited    Kind = "edited"  // an earlier message was edited; Text is its new text
	Blocked   Kind = "blocked" // the person blocked us
	Unblock   Kind = "unblock"
	Group     Kind = "group"    // we were addressed in a group: to be declined politely
	NoticeDue Kind = "notice"   // a domain has something to tell or ask; Notice
	TimerDue  Kind = "timer"    // a timer that a flow set; Payload is its name
	Operator  Kind = "operator" // an operator answers a ticket; Text, Ticket
	Parked    Kind = "parked"   // an earlier message was given up on: apologise and go on
	// A photo that was sent here earlier stands in the photo store now, or will not: Picture. Where no row hears of it, a ready one says
	// nothing and a refused one why.
	PhotoReady   Kind = "photo_ready"
	PhotoRefused Kind = "photo_refused"
)

// Event is one thing that a conversation hears, of no particular channel.
type Event struct {
	Kind    Kind
	At      time.Time // when it was received
	Text    string    // valid UTF-8, no NUL; at most MaxText runes are kept
	Payload string    // of a tap, a deep link, a timer
	Quoted  string    // the prompt id of the message that this one quotes, "" when it quotes none of ours
	// QuotedMessageID is the provider's id of the quoted message, as the channel read it: the gateway looks up whose prompt it was and fills Quoted.
	QuotedMessageID string
	Phone           string // E.164, of a shared contact
	OwnContact      bool   // the shared contact is the sender's own
	Latitude        float64
	Longitude       float64
	Media           []Media
	Profile         Profile
	Notice          *NoticeEvent
	Ticket          int64
	// Album is the same for messages whose photos were sent together (Telegram's media group, one WhatsApp message with several),
	// "" for one alone.
	Album   string
	Picture *Picture // of PhotoReady and PhotoRefused
	// Original is when an edited message was first sent, zero where the channel does not say: only an edit of what was sent after
	// the open question was asked can be a correction of its answer.
	Original time.Time
}

// MaxText is how many runes of a message are read; the rest is cut.
const MaxText = 4096

// Profile is what a channel says of the sender.
type Profile struct {
	Name  string // as the channel shows it, unverified
	Phone string // E.164 where the channel's address is a number, else ""
	Lang  string // BCP 47 as the app reports it, else ""
}

// Media is a file at the provider: a reference, never a URL to fetch.
type Media struct {
	ID    string // the provider's own id
	Kind  Kind   // Photo, Voice or Other
	MIME  string
	Bytes int64
	// Photo is the id of the catalog.SentPhoto under which a photo is kept; 0 for what is no photo.
	Photo int64
}

// Picture is what became of a photo that was sent.
type Picture struct {
	Photo         int64  // catalog.SentPhoto's id, as in Media
	Key           string // in the photo store: what Turn.Show takes
	Width, Height int    // pixels
	Reason        string // of a refusal: too_large, not_a_photo, heic, broken, too_many_pixels, gone
	Album         string
	Caption       string
	SentAt        time.Time
}

// NoticeEvent is a notice whose hour has come in this conversation.
type NoticeEvent struct {
	ID   int64
	Name string // the words are notice.NAME…, made by the function registered for it
	Ask  bool   // waits until the conversation rests
	Args map[string]any
}
