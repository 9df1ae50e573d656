package telegram

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	api "github.com/go-telegram/bot"

	"souk/bot"
)

// Pauses before a message is tried again.
const (
	pauseUnreachable = 2 * time.Second
	pauseFlood       = 5 * time.Second // a 429 without retry_after
	pauseAccount     = time.Minute     // the token is refused: nothing will leave until an operator acts
)

// sendError says what a failed call means. A message may have been taken unless the provider refused it in so many words or was
// never reached. The error's text has lost the token and anything beyond its first line.
func (c *Channel) sendError(call *call, err error) *bot.SendError {
	out := &bot.SendError{Verdict: bot.Unknown, Err: errors.New(c.scrubbed(err))}
	var flood *api.TooManyRequestsError
	switch {
	case errors.As(err, &flood):
		out.Verdict, out.Code, out.Pause = bot.RetryAfter, "429", time.Duration(flood.RetryAfter)*time.Second
		if flood.RetryAfter <= 0 {
			out.Pause = pauseFlood
		}
	case errors.Is(err, api.ErrorForbidden):
		out.Verdict, out.Code = bot.Gone, "403"
	case errors.Is(err, api.ErrorBadRequest), isMigration(err):
		out.Verdict, out.Code = bot.Never, "400"
	case errors.Is(err, api.ErrorUnauthorized), errors.Is(err, api.ErrorNotFound):
		// Telegram answers 404 to a malformed token. The message itself is good.
		out.Verdict, out.Code, out.Pause, out.Account = bot.RetryAfter, strconv.Itoa(call.status), pauseAccount, true
	case !call.reached && call.status == 0:
		out.Verdict, out.Code, out.Pause, out.Account = bot.RetryAfter, "unreachable", pauseUnreachable, true
	case call.status == http.StatusTooManyRequests: // from a proxy before the API, in HTML
		out.Verdict, out.Code, out.Pause, out.Account = bot.RetryAfter, "429", max(call.retryAfter, pauseFlood), true
	case call.status == http.StatusRequestEntityTooLarge:
		out.Verdict, out.Code = bot.Never, "413"
	case call.status != 0 && strings.Contains(err.Error(), ownWords):
		out.Code = strconv.Itoa(call.status)
	case call.status != 0: // a proxy's page: what the API did behind it is not known, and nobody can look
		out.Code = "proxy " + strconv.Itoa(call.status)
	case errors.Is(err, context.DeadlineExceeded):
		out.Code = "timeout"
	}
	return out
}

// ownWords stand in the library's error where Telegram itself answered, in JSON.
const ownWords = "error response from telegram"

func isMigration(err error) bool {
	var moved *api.MigrateError
	return errors.As(err, &moved)
}

// badMarkup is true where only the HTML was refused: the same words go as plain text.
func badMarkup(err error) bool {
	return errors.Is(err, api.ErrorBadRequest) && strings.Contains(err.Error(), "can't parse entities")
}

// staleFile is true where Telegram no longer knows a file_id.
func staleFile(err error) bool {
	if !errors.Is(err, api.ErrorBadRequest) {
		return false
	}
	said := strings.ToLower(err.Error())
	return strings.Contains(said, "file identifier") || strings.Contains(said, "file_id") || strings.Contains(said, "file reference")
}

func (c *Channel) scrubbed(err error) string {
	said := c.scrub.Replace(err.Error())
	if line := strings.IndexAny(said, "\r\n"); line >= 0 {
		said = said[:line]
	}
	if len(said) > 300 {
		said = strings.ToValidUTF8(said[:300], "") + "…"
	}
	return said
}
