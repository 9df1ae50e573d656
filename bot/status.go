package bot

import (
	"net/http"
	"time"
)

// Delivery is what a provider tells later about a message that we sent. It may come in any order, several times, or before the
// answer to the sending itself: it also proves that the message was taken.
type Delivery struct {
	OutboxID          int64  // from the callback's own URL; 0 where it was not there
	Part              int    // of that reply, from 0
	ProviderMessageID string // MessageSid
	Status            string // in the outbox's own words: sent, delivered, read, failed, undelivered; "" for what says nothing new
	Code              string // the provider's error code with failed and undelivered, else ""
	// Verdict says what to do about failed and undelivered; "" with the others. Pause goes with RetryAfter.
	Verdict Verdict
	Pause   time.Duration
}

// DeliveryReceiver verifies and reads a delivery callback. It returns ErrForged for a wrong signature.
type DeliveryReceiver interface {
	ReceiveDelivery(r *http.Request, body []byte) (Delivery, error)
}

// Rank orders outbox statuses: a callback is applied only when its rank is higher than what is stored. What reached the person
// outranks what did not, since carriers report a failed first attempt and then the delivery. An unknown word has rank -1.
func Rank(status string) int {
	switch status {
	case "queued", "held", "dropped":
		return 0
	case "sending", "unknown":
		return 1
	case "sent":
		return 2
	case "failed", "undelivered":
		return 3
	case "delivered":
		return 4
	case "read":
		return 5
	}
	return -1
}
