package bot

import (
	"errors"
	"fmt"
	"time"
)

// Verdict says what to do about a message that was not sent.
type Verdict string

// The verdicts a channel gives.
const (
	// RetryAfter: the provider is sure that it did not take it; try again after the pause.
	RetryAfter Verdict = "retry_after"
	// Never: this message can never be sent to this address (bad number, malformed).
	Never Verdict = "never"
	// Gone: the person blocked us or opted out at the provider: the address is stopped.
	Gone Verdict = "gone"
	// Reroute: not here now (63016, outside the window): a template, another channel, or an operator.
	Reroute Verdict = "reroute"
	// Unknown: it may or may not have been taken (a timeout, a cut connection, a 5xx): look before sending again.
	Unknown Verdict = "unknown"
)

// SendError is a typed failure to send.
type SendError struct {
	Verdict Verdict
	Code    string        // the provider's own
	Pause   time.Duration // with RetryAfter
	Account bool          // the pause holds for the whole account, not only this chat
	Err     error
}

func (e *SendError) Error() string {
	return fmt.Sprintf("send: %s (code %q): %v", e.Verdict, e.Code, e.Err)
}

func (e *SendError) Unwrap() error { return e.Err }

// ErrForged is a webhook request whose secret or signature is wrong.
var ErrForged = errors.New("forged request")

// ErrCannotFind is returned by Channel.Find where the provider offers no look-up.
var ErrCannotFind = errors.New("the provider offers no look-up")
