// Package telegram is the Telegram channel: it verifies and decodes the Bot API's updates, and renders and sends replies.
// go-telegram/bot serves as client and models only: its webhook handler answers 200 to anything and keeps updates in memory.
package telegram

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	api "github.com/go-telegram/bot"

	"souk/bot"
	"souk/flows"
	"souk/locales"
)

// Config is what the channel needs to know.
type Config struct {
	Token    string
	Secret   string // of the webhook: 1–256 of A–Z a–z 0–9 _ -
	Username string // the bot's, without @, from Me: groups are told apart by it; without it groups are not answered
	APIURL   string // "" for Telegram's own; a local Bot API server else
	// Rate is the account's messages per second, ChatRate one chat's; 0 takes Telegram's own limits, 30 and 1.
	Rate, ChatRate float64
	Timeout        time.Duration     // of one call; 0 is 15 s. It must stay under the lease of the lane.
	Transport      http.RoundTripper // nil for one of its own
}

// Photos is where pictures come from and what Telegram calls those that it already has.
type Photos struct {
	// Open reads a picture of the photo store; size may be unknown (-1).
	Open func(ctx context.Context, key string) (content io.ReadCloser, size int64, err error)
	// Uploaded returns Telegram's file_id of a picture sent before, "" for none. Remember keeps one.
	Uploaded func(ctx context.Context, account, key string) (mediaID string, err error)
	Remember func(ctx context.Context, account, key, mediaID string) error
}

// Channel is Telegram. It implements bot.Channel and bot.Receiver.
type Channel struct {
	config Config
	photos Photos
	client *api.Bot
	files  *http.Client // as long as its caller waits, as much as its caller reads
	id     int64
	scrub  *strings.Replacer
}

// New makes the channel without calling anybody. It fails for a token that is not of the form 123456:ABC….
func New(config Config, photos Photos) (*Channel, error) {
	number, _, ok := strings.Cut(config.Token, ":")
	id, err := strconv.ParseInt(number, 10, 64)
	if !ok || err != nil || id <= 0 {
		return nil, errors.New("a Telegram token reads 123456:ABC…")
	}
	if config.Rate <= 0 {
		config.Rate = 30
	}
	if config.ChatRate <= 0 {
		config.ChatRate = 1
	}
	if config.Timeout <= 0 {
		config.Timeout = 15 * time.Second
	}
	if config.Transport == nil {
		config.Transport = newTransport()
	}
	options := []api.Option{
		api.WithSkipGetMe(),
		api.WithHTTPClient(config.Timeout, newHTTP(config)),
		api.WithErrorsHandler(func(error) {}), // its default writes to the standard log, token and all
		api.WithUpdatesChannelCap(0),
	}
	if config.APIURL != "" {
		options = append(options, api.WithServerURL(strings.TrimRight(config.APIURL, "/")))
	}
	client, err := api.New(config.Token, options...)
	if err != nil {
		return nil, errors.New("make the Telegram client: the token was refused")
	}
	files := &http.Client{Transport: config.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &Channel{config: config, photos: photos, client: client, files: files, id: id, scrub: strings.NewReplacer(config.Token, "***")}, nil
}

// Name is telegram.
func (c *Channel) Name() string { return "telegram" }

// Account is telegram: and the bot's id.
func (c *Channel) Account() string { return "telegram:" + strconv.FormatInt(c.id, 10) }

// Medium is Rich.
func (c *Channel) Medium() locales.Medium { return locales.Rich }

// Window is 0: whoever has written once may be written to until they block us.
func (c *Channel) Window() time.Duration { return 0 }

// Pace is the pause between two messages in one chat.
func (c *Channel) Pace() time.Duration {
	return time.Duration(float64(time.Second) / c.config.ChatRate)
}

// Rate is the account's messages per second.
func (c *Channel) Rate() float64 { return c.config.Rate }

// Parts says how many messages a reply becomes: a long text is cut, and a picture whose text is too long for a caption goes first.
func (c *Channel) Parts(reply flows.Reply) int { return len(render(reply)) }

// Find cannot tell: the Bot API has no way to list what was sent.
func (c *Channel) Find(context.Context, bot.Outgoing, int) (bot.Sent, bool, error) {
	return bot.Sent{}, false, bot.ErrCannotFind
}

// AnswerTap stops a tapped button from turning. Telegram forgets a tap after some minutes: that is no error worth keeping.
func (c *Channel) AnswerTap(ctx context.Context, id string) error {
	call, ctx := c.call(ctx)
	_, err := c.client.AnswerCallbackQuery(ctx, &api.AnswerCallbackQueryParams{CallbackQueryID: id})
	if err == nil || errors.Is(err, api.ErrorBadRequest) {
		return nil
	}
	return c.sendError(call, fmt.Errorf("answer a tap: %w", err))
}
