package simulator

import (
	"html/template"
	"slices"
	"time"
)

// Who said a message.
const (
	FromUser = "user"
	FromSouk = "souk"
	// FromProvider marks what the provider itself says: "You are unsubscribed".
	FromProvider = "provider"
)

// Message is one bubble of a chat, as the person sees it.
type Message struct {
	// ID as the provider gave it: Telegram's message_id in digits, Twilio's Sid.
	ID string `json:"id"`
	// Revision rises with every change of any message in the simulator.
	Revision int64     `json:"revision"`
	From     string    `json:"from"`
	At       time.Time `json:"at"`
	// Kind is text, photo, voice, contact, location, sticker, tap or other.
	Kind string `json:"kind"`
	// Text is what is read, without markup.
	Text string `json:"text"`
	// HTML is the same with markup, safe to show.
	HTML template.HTML `json:"html"`
	// Media are paths below /simulator, or nothing.
	Media []string `json:"media,omitempty"`
	// Buttons under the bubble: Telegram's inline keyboard, WhatsApp's quick replies.
	Buttons [][]Button `json:"buttons,omitempty"`
	// List is WhatsApp's list picker.
	List *List `json:"list,omitempty"`
	// Latitude and Longitude of a location.
	Latitude  float64 `json:"latitude,omitempty"`
	Longitude float64 `json:"longitude,omitempty"`
	// ReplyTo is the id of the message that is quoted.
	ReplyTo string `json:"reply_to,omitempty"`
	// Status: waiting, delivered, refused or lost for what the person says;
	// queued, sent, delivered, read, failed or undelivered for what Souk says.
	Status    string `json:"status"`
	ErrorCode int    `json:"error_code,omitempty"`
	// Segments and Encoding ("GSM-7", "UCS-2") of an SMS.
	Segments int    `json:"segments,omitempty"`
	Encoding string `json:"encoding,omitempty"`
	Edited   bool   `json:"edited,omitempty"`
	Deleted  bool   `json:"deleted,omitempty"`
	// Template marks WhatsApp content sent by its ContentSid.
	Template string `json:"template,omitempty"`

	files    []*file
	entities []map[string]any
	markup   any // Telegram's reply_markup, as it came
	group    string
}

// Button is something to tap.
type Button struct {
	Label string `json:"label"`
	// Data is what a tap sends back: Telegram's callback_data, Twilio's payload.
	Data string `json:"data,omitempty"`
	URL  string `json:"url,omitempty"`
	// Ask is "contact" or "location" for a key that shares one.
	Ask string `json:"ask,omitempty"`
}

// List is a sheet of choices behind one button.
type List struct {
	Button string `json:"button"`
	Items  []Item `json:"items"`
}

// Item is one choice of a List.
type Item struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
}

func (m *Message) copy() Message {
	c := *m
	c.Media = slices.Clone(m.Media)
	c.Buttons = slices.Clone(m.Buttons)
	return c
}

// button finds one by its label or its data.
func (m *Message) button(label string) (Button, bool) {
	for _, row := range m.Buttons {
		for _, b := range row {
			if b.Label == label || (b.Data != "" && b.Data == label) {
				return b, true
			}
		}
	}
	return Button{}, false
}
