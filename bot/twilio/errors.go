package twilio

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/twilio/twilio-go/client"

	"souk/bot"
)

// Pauses before a message is tried again.
const (
	pauseUnreachable = 2 * time.Second
	pauseBusy        = 5 * time.Second // a limit was hit, without Retry-After
	pauseHandset     = 2 * time.Minute // the phone is off, or the carrier stumbled
	pauseDaily       = time.Hour       // the day's messages are used up
	pauseAccount     = time.Minute     // refused credentials: nothing leaves until an operator acts
)

// meaning is what an error code asks for.
type meaning struct {
	verdict bot.Verdict
	pause   time.Duration
	account bool
}

// codeMeaning is Twilio's table of errors as far as it changes what is to be done.
func codeMeaning(code int) (meaning, bool) {
	switch code {
	case 21610: // opted out with STOP
		return meaning{verdict: bot.Gone}, true
	case 21211, 21614, 30006, 63024: // no such number, a landline, no WhatsApp there
		return meaning{verdict: bot.Never}, true
	case 63016: // outside the 24 hours
		return meaning{verdict: bot.Reroute}, true
	case 30003, 30008: // unreachable handset, unknown error at the carrier: a few more tries
		return meaning{verdict: bot.RetryAfter, pause: pauseHandset}, true
	case 20429, 429, 63018, 21611, 30001: // too many requests, or our queue at Twilio is full
		return meaning{verdict: bot.RetryAfter, pause: pauseBusy, account: true}, true
	case 63038:
		return meaning{verdict: bot.RetryAfter, pause: pauseDaily, account: true}, true
	case 20003:
		return meaning{verdict: bot.RetryAfter, pause: pauseAccount, account: true}, true
	case 20500, 20503:
		return meaning{verdict: bot.Unknown}, true
	}
	return meaning{}, false
}

// sendError says what a failed call means. Creating a message has no idempotency key: a message may have been taken unless Twilio
// refused it in so many words or was never reached.
func (a *Account) sendError(made *call, err error) *bot.SendError {
	out := &bot.SendError{Verdict: bot.Unknown, Err: errors.New(a.scrubbed(err))}
	code, status := codeOf(err), made.status
	if code != 0 {
		out.Code = strconv.Itoa(code)
	} else if status != 0 {
		out.Code = strconv.Itoa(status)
	}
	known, ok := codeMeaning(code)
	switch {
	case status >= 500: // whatever it says, it may have been taken
	case ok:
		out.Verdict, out.Pause, out.Account = known.verdict, known.pause, known.account
	case status == 0 && !made.reached:
		out.Verdict, out.Code, out.Pause, out.Account = bot.RetryAfter, "unreachable", pauseUnreachable, true
	case status == 0:
		if errors.Is(err, context.DeadlineExceeded) {
			out.Code = "timeout"
		}
	case status == http.StatusTooManyRequests:
		out.Verdict, out.Pause, out.Account = bot.RetryAfter, pauseBusy, true
	case status == http.StatusUnauthorized:
		out.Verdict, out.Pause, out.Account = bot.RetryAfter, pauseAccount, true
	case status == http.StatusRequestTimeout:
	case status >= 400:
		out.Verdict = bot.Never
	}
	if out.Verdict == bot.RetryAfter {
		out.Pause = max(out.Pause, made.retryAfter)
	}
	return out
}

func codeOf(err error) int {
	var old *client.TwilioRestError
	if errors.As(err, &old) {
		return old.Code
	}
	var v1 *client.RestErrorV1
	if errors.As(err, &v1) {
		return v1.Code
	}
	return 0
}

// badContent is true where Twilio refused the Content resource or its variables, and so sent nothing: the same reply goes as words.
func badContent(err *bot.SendError) bool {
	switch err.Code {
	case "21654", "21655", "21656", "21658", "92007", "63005", "63021", "63027", "63028":
		return true
	}
	return false
}

func (a *Account) scrubbed(err error) string {
	said := a.scrub.Replace(err.Error())
	if line := strings.IndexAny(said, "\r\n"); line >= 0 {
		said = said[:line]
	}
	if len(said) > 300 {
		said = strings.ToValidUTF8(said[:300], "") + "…"
	}
	return said
}
