package echo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"souk/bot"
	"souk/flows"
	"souk/locales"
)

// Secret is what genuine webhook requests carry in the header X-Secret.
const Secret = "open sesame"

// Channel speaks to a Provider over HTTP.
type Channel struct {
	URL     string // of the provider
	Kind    string // its name, "telegram" where empty
	Number  int    // of the account, for several of one kind
	Client  *http.Client
	Free    time.Duration // the window, 0 for none
	Pause   time.Duration // the pace of one chat
	PerSec  float64       // the account's rate, 0 for no limit
	CanFind bool
	Cost    int // segments of each message, 0 for one
}

var _ bot.Channel = (*Channel)(nil)

// Name is the channel's kind.
func (c *Channel) Name() string {
	if c.Kind == "" {
		return "telegram"
	}
	return c.Kind
}

// Account is unique per Kind and Number.
func (c *Channel) Account() string { return c.Name() + ":" + strconv.Itoa(c.Number) }

// Medium is rich.
func (c *Channel) Medium() locales.Medium { return locales.Rich }

// Window is Free.
func (c *Channel) Window() time.Duration { return c.Free }

// Pace is Pause.
func (c *Channel) Pace() time.Duration { return c.Pause }

// Rate is PerSec.
func (c *Channel) Rate() float64 { return c.PerSec }

// Parts is two where there is a photo.
func (c *Channel) Parts(reply flows.Reply) int {
	if reply.Photo != "" {
		return 2
	}
	return 1
}

// Update is a webhook's body.
type Update struct {
	ID     string `json:"id"`
	From   string `json:"from"`
	Text   string `json:"text"`
	Quotes string `json:"quotes,omitempty"`
	Tap    string `json:"tap,omitempty"`
}

// Decode reads an Update; "undecodable" is not one.
func (c *Channel) Decode(body []byte) (flows.Event, error) {
	var u Update
	if err := json.Unmarshal(body, &u); err != nil {
		return flows.Event{}, err
	}
	switch u.Text {
	case "undecodable":
		return flows.Event{}, errors.New("nobody can read this")
	case "panic in decode":
		panic("echo was told to panic in Decode")
	}
	return flows.Event{Kind: flows.Text, Text: u.Text, QuotedMessageID: u.Quotes}, nil
}

// Message is what the provider is Answer.
type Message struct {
	Outbox int64  `json:"outbox"`
	Part   int    `json:"part"`
	To     string `json:"to"`
	Text   string `json:"text"`
}

// Answer is what the provider says to both.
type Answer struct {
	ID    string `json:"id"`
	Found bool   `json:"found"`
	Retry int    `json:"retry_after_ms"`
}

// Send posts one message.
func (c *Channel) Send(ctx context.Context, out bot.Outgoing, part int) (bot.Sent, error) {
	body, err := json.Marshal(Message{Outbox: out.OutboxID, Part: part, To: out.ExternalID, Text: out.Reply.Text})
	if err != nil {
		return bot.Sent{}, &bot.SendError{Verdict: bot.Never, Err: err}
	}
	status, answer, err := c.call(ctx, http.MethodPost, "/send", body)
	if err != nil {
		var op *net.OpError
		if errors.As(err, &op) && op.Op == "dial" {
			return bot.Sent{}, &bot.SendError{Verdict: bot.RetryAfter, Pause: 200 * time.Millisecond, Code: "unreachable", Err: err}
		}
		return bot.Sent{}, &bot.SendError{Verdict: bot.Unknown, Err: err}
	}
	failure := &bot.SendError{Code: strconv.Itoa(status), Err: fmt.Errorf("status %d", status)}
	switch status {
	case http.StatusOK:
		return bot.Sent{ProviderMessageID: answer.ID, Segments: max(c.Cost, 1)}, nil
	case http.StatusTooManyRequests:
		failure.Verdict, failure.Pause = bot.RetryAfter, time.Duration(answer.Retry)*time.Millisecond
	case http.StatusServiceUnavailable:
		failure.Verdict, failure.Pause, failure.Account = bot.RetryAfter, time.Duration(answer.Retry)*time.Millisecond, true
	case http.StatusForbidden:
		failure.Verdict = bot.Gone
	case http.StatusConflict:
		failure.Verdict, failure.Code = bot.Reroute, "63016"
	case http.StatusBadRequest:
		failure.Verdict = bot.Never
	default:
		failure.Verdict = bot.Unknown
	}
	return bot.Sent{}, failure
}

// Find asks the provider whether it has a message.
func (c *Channel) Find(ctx context.Context, out bot.Outgoing, part int) (bot.Sent, bool, error) {
	if !c.CanFind {
		return bot.Sent{}, false, bot.ErrCannotFind
	}
	query := url.Values{"outbox": {strconv.FormatInt(out.OutboxID, 10)}, "part": {strconv.Itoa(part)}}
	status, answer, err := c.call(ctx, http.MethodGet, "/find?"+query.Encode(), nil)
	if err != nil || status != http.StatusOK {
		return bot.Sent{}, false, errors.Join(err, fmt.Errorf("find: status %d", status))
	}
	return bot.Sent{ProviderMessageID: answer.ID, Segments: max(c.Cost, 1)}, answer.Found, nil
}

func (c *Channel) call(ctx context.Context, method, path string, body []byte) (int, Answer, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.URL+path, bytes.NewReader(body))
	if err != nil {
		return 0, Answer{}, err
	}
	client := c.Client
	if client == nil {
		client = http.DefaultClient
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, Answer{}, err
	}
	defer response.Body.Close()
	var answer Answer
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return 0, Answer{}, err
	}
	return response.StatusCode, answer, nil
}

// Receive checks the secret and reads an Update.
func (c *Channel) Receive(r *http.Request, body []byte) (bot.Incoming, error) {
	if r.Header.Get("X-Secret") != Secret {
		return bot.Incoming{}, bot.ErrForged
	}
	in := bot.Incoming{Account: c.Account(), Channel: c.Name(), Body: body}
	var u Update
	if json.Unmarshal(body, &u) == nil {
		in.ProviderID, in.ExternalID, in.AckTap, in.Ignore = u.ID, u.From, u.Tap, u.Text == "ignored"
	}
	return in, nil
}

// ReceiveDelivery checks the secret and reads a bot.Delivery in JSON.
func (c *Channel) ReceiveDelivery(r *http.Request, body []byte) (bot.Delivery, error) {
	if r.Header.Get("X-Secret") != Secret {
		return bot.Delivery{}, bot.ErrForged
	}
	var d bot.Delivery
	return d, json.Unmarshal(body, &d)
}
