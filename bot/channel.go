// Package bot is the message gateway: what comes in is stored before it is acknowledged, each conversation's messages take
// effect once and in order, and what is to be said leaves within the provider's limits.
package bot

import (
	"context"
	"net/http"
	"time"

	"souk/flows"
	"souk/locales"
)

// Channel is one way to reach people. Telegram, WhatsApp and SMS each are one.
type Channel interface {
	// Name is telegram, whatsapp, sms: it stands in address.channel.
	Name() string
	// Account is ours on it: the bot's id, our number. It stands in inbox.account, prefixed so that it is unique among channels.
	Account() string
	// Medium says whether its words may carry isolates and typographic signs.
	Medium() locales.Medium
	// Decode reads a stored inbox body into an event. It never fails on what the provider may add later: what it does not know is flows.Other.
	Decode(body []byte) (flows.Event, error)
	// Parts says how many messages a reply becomes here. Send sends one of them, from 0.
	Parts(reply flows.Reply) int
	// Send sends part of a reply to an address and returns the provider's id for it. Errors are *SendError.
	Send(ctx context.Context, out Outgoing, part int) (Sent, error)
	// Find looks for a message that may have been accepted although its answer was lost. found is false where the provider is
	// sure that there is none; err where it cannot tell (a channel without look-up returns ErrCannotFind).
	Find(ctx context.Context, out Outgoing, part int) (sent Sent, found bool, err error)
	// Window is how long after the person's last message free-form replies may be sent; 0 where there is no limit.
	Window() time.Duration
	// Pace is the pause between two messages to one address, and Rate the account's messages per second.
	Pace() time.Duration
	Rate() float64
}

// Receiver turns a provider's webhook request into what is to be stored. Each provider has one; it may serve several channels.
type Receiver interface {
	// Receive verifies and reads the request. It returns ErrForged for a wrong secret or signature.
	Receive(r *http.Request, body []byte) (Incoming, error)
}

// Incoming is one verified update, ready for the inbox.
type Incoming struct {
	Account    string // Channel.Account
	Channel    string // Channel.Name
	ProviderID string // unique within the account: update_id, MessageSid
	ExternalID string // the address: chat id, E.164 number; "" where none could be read: stored, parked, answered 200
	Body       []byte // raw, as it is stored
	// AckTap is the callback query to answer right after the commit, "" for none; an ignored tap is answered too, or its button
	// would turn for a minute.
	AckTap string
	// Ignore is true for what needs no turn (our own echo, a group's service message): answered 200, not stored.
	Ignore bool
}

// Outgoing is one reply on its way to one address.
type Outgoing struct {
	OutboxID   int64
	ExternalID string
	Reply      flows.Reply
	CreatedAt  time.Time
}

// Sent is what the provider said of a message that it took.
type Sent struct {
	ProviderMessageID string
	Segments          int // SMS
}
