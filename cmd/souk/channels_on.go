package main

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"souk/bot"
	"souk/bot/telegram"
	"souk/bot/twilio"
	"souk/catalog"
	"souk/locales"
)

// channels are the ways to reach people that the settings turn on; nil is off.
type channels struct {
	telegram *telegram.Channel
	account  *twilio.Account // of WhatsApp and SMS
	whatsapp *twilio.WhatsApp
	sms      *twilio.SMS
	photos   *twilio.PhotoLinks
}

// openChannels makes the channels that are on. It calls no provider.
func (s Settings) openChannels(pool *pgxpool.Pool, words *locales.Words, photos catalog.PhotoStore) (*channels, error) {
	c := &channels{photos: twilio.NewPhotoLinks(s.Secret, photos.Open)}
	var err error
	if s.TelegramOn() {
		if c.telegram, err = s.newTelegram(telegram.PhotosIn(pool, time.Now, photos.Open)); err != nil {
			return nil, settingError{"SOUK_TELEGRAM_TOKEN", err.Error()}
		}
	}
	if !s.WhatsAppOn() && !s.SMSOn() {
		return c, nil
	}
	if c.account, err = s.newTwilio(pool); err != nil {
		return nil, err
	}
	if whatsapp, ok := s.newWhatsApp(c.account, pool, words, photos.Open); ok {
		c.whatsapp = whatsapp
	}
	if sms, ok := s.newSMS(c.account); ok {
		c.sms = sms
	}
	return c, nil
}

// all lists the channels that are on.
func (c *channels) all() []bot.Channel {
	var on []bot.Channel
	if c.telegram != nil {
		on = append(on, c.telegram)
	}
	if c.whatsapp != nil {
		on = append(on, c.whatsapp)
	}
	if c.sms != nil {
		on = append(on, c.sms)
	}
	return on
}

// webhooks are the providers' addresses beneath /webhooks.
func (c *channels) webhooks() []bot.Webhook {
	var list []bot.Webhook
	if c.telegram != nil {
		list = append(list, bot.Webhook{Name: "telegram", Receiver: c.telegram, AckTap: c.telegram.AnswerTap})
	}
	if c.account != nil {
		list = append(list, bot.Webhook{Name: "twilio", Receiver: c.account, Deliveries: c.account, Answer: "<Response/>", ContentType: "text/xml"})
	}
	return list
}

// lists says how to list what a provider may have failed to deliver.
func (c *channels) lists() map[string]func(context.Context, time.Time) ([]bot.Incoming, error) {
	if c.account == nil {
		return nil
	}
	return map[string]func(context.Context, time.Time) ([]bot.Incoming, error){
		"twilio": func(ctx context.Context, since time.Time) ([]bot.Incoming, error) {
			missed, err := c.account.ListInbound(ctx, since)
			list := make([]bot.Incoming, len(missed))
			for i, m := range missed {
				list[i] = m.Incoming
			}
			return list, err
		},
	}
}
