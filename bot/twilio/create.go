package twilio

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	v2010 "github.com/twilio/twilio-go/rest/api/v2010"

	"souk/bot"
)

// create makes a message at Twilio.
func (a *Account) create(ctx context.Context, params *v2010.CreateMessageParams) (bot.Sent, *bot.SendError) {
	made, api, cancel := a.messages(ctx)
	defer cancel()
	message, err := api.CreateMessage(params)
	if err != nil {
		return bot.Sent{}, a.sendError(made, fmt.Errorf("create a message: %w", err))
	}
	if value(message.Sid) == "" {
		return bot.Sent{}, a.sendError(made, fmt.Errorf("create a message: the answer names no SID"))
	}
	segments, _ := strconv.Atoi(value(message.NumSegments))
	return bot.Sent{ProviderMessageID: *message.Sid, Segments: segments}, nil
}

// clockSlack is how far Twilio's clock may be behind ours.
const clockSlack = time.Minute

// recent is how many of an address's last messages are looked through.
const recent = 50

// find looks among the last messages to an address for one with this body, made since the reply was. Twilio's list knows neither
// the Content resource nor the callback URL of a message, so the words must tell; Taken keeps twins apart. The list is not
// narrowed by date: a message that still waits at Twilio has no date of sending.
func (a *Account) find(ctx context.Context, channel, to, from, body string, since time.Time) (bot.Sent, bool, error) {
	made, api, cancel := a.messages(ctx)
	defer cancel()
	list, err := api.PageMessage((&v2010.ListMessageParams{}).SetTo(to).SetPageSize(recent), "", "")
	if err != nil {
		return bot.Sent{}, false, a.sendError(made, fmt.Errorf("look for a message: %w", err))
	}
	for _, message := range list.Messages {
		born, err := time.Parse(time.RFC1123Z, value(message.DateCreated))
		if err != nil || born.Before(since.Add(-clockSlack)) || value(message.From) != from ||
			strings.HasPrefix(value(message.Direction), "inbound") || !sameWords(value(message.Body), body) {
			continue
		}
		sid := value(message.Sid)
		if a.Taken != nil {
			taken, err := a.Taken(ctx, channel+":"+strings.TrimPrefix(from, whatsappPrefix), strings.TrimPrefix(to, whatsappPrefix), sid)
			if err != nil {
				return bot.Sent{}, false, fmt.Errorf("ask whose message %s is: %w", sid, err)
			}
			if taken {
				continue
			}
		}
		segments, _ := strconv.Atoi(value(message.NumSegments))
		return bot.Sent{ProviderMessageID: sid, Segments: segments}, true, nil
	}
	return bot.Sent{}, false, nil
}

// sameWords compares bodies without their spaces: providers trim and fold them.
func sameWords(a, b string) bool {
	return strings.Join(strings.Fields(a), " ") == strings.Join(strings.Fields(b), " ")
}
