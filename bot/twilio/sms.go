package twilio

import (
	"context"
	"fmt"
	"time"

	v2010 "github.com/twilio/twilio-go/rest/api/v2010"

	"souk/bot"
	"souk/bot/sms"
	"souk/flows"
	"souk/locales"
)

// SMSConfig is what the channel needs beyond its account.
type SMSConfig struct {
	Rate, ChatRate float64    // messages per second of the account and of one phone; 0 is 10 and 1
	Budget         sms.Budget // segments per message; zero is sms.DefaultBudget
}

// SMS is the SMS channel over Twilio. It implements bot.Channel; its webhook is the account's. What a text message looks like is
// package sms's affair: another gateway needs a Send of its own, no more.
type SMS struct {
	account *Account
	config  SMSConfig
}

// SMS makes the channel; ok is false where the account has no SMS sender.
func (a *Account) SMS(config SMSConfig) (channel *SMS, ok bool) {
	if a.sms == "" {
		return nil, false
	}
	if config.Rate <= 0 {
		config.Rate = 10
	}
	if config.ChatRate <= 0 {
		config.ChatRate = 1
	}
	if config.Budget == (sms.Budget{}) {
		config.Budget = sms.DefaultBudget()
	}
	return &SMS{account: a, config: config}, true
}

// Name is sms.
func (s *SMS) Name() string { return SMSName }

// Account is sms: and our number.
func (s *SMS) Account() string { return SMSName + ":" + s.account.sms }

// Medium is Plain.
func (s *SMS) Medium() locales.Medium { return locales.Plain }

// Window is 0: there is no session.
func (s *SMS) Window() time.Duration { return 0 }

// Pace is the pause between two messages to one phone.
func (s *SMS) Pace() time.Duration { return pace(s.config.ChatRate) }

// Rate is the account's messages per second.
func (s *SMS) Rate() float64 { return s.config.Rate }

// Decode reads a stored form.
func (s *SMS) Decode(body []byte) (flows.Event, error) { return decode(body) }

// Parts is 1: what does not fit the budget waits behind MORE.
func (s *SMS) Parts(flows.Reply) int { return 1 }

// Send sends the page of the reply that its Offset names.
func (s *SMS) Send(ctx context.Context, out bot.Outgoing, part int) (bot.Sent, error) {
	if part != 0 {
		return bot.Sent{}, &bot.SendError{Verdict: bot.Never, Code: "part", Err: fmt.Errorf("part %d of 1", part)}
	}
	text := s.text(out.Reply)
	params := (&v2010.CreateMessageParams{}).SetTo(out.ExternalID).SetFrom(s.account.sms).SetBody(text)
	if address := s.account.statusURL(out, part); address != "" {
		params.SetStatusCallback(address)
	}
	sent, failed := s.account.create(ctx, params)
	if failed != nil {
		return bot.Sent{}, failed
	}
	if sent.Segments == 0 { // a messaging service tells later
		sent.Segments, _ = locales.Segments(text)
	}
	return sent, nil
}

// Find looks for a message whose answer was lost.
func (s *SMS) Find(ctx context.Context, out bot.Outgoing, _ int) (bot.Sent, bool, error) {
	return s.account.find(ctx, SMSName, out.ExternalID, s.account.sms, s.text(out.Reply), out.CreatedAt)
}

func (s *SMS) text(reply flows.Reply) string {
	text, _ := s.config.Budget.Page(reply, reply.Offset)
	return text
}
