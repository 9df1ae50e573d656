package main

import (
	"context"
	"io"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"souk/bot"
	"souk/bot/telegram"
	"souk/bot/twilio"
	"souk/locales"
)

// openPhoto reads a picture of the photo store.
type openPhoto func(ctx context.Context, key string) (content io.ReadCloser, size int64, err error)

// newTelegram makes the Telegram channel of the settings. It calls nobody.
func (s Settings) newTelegram(photos telegram.Photos) (*telegram.Channel, error) {
	return telegram.New(telegram.Config{
		Token: s.Telegram.Token, Secret: s.Telegram.Secret, APIURL: s.Telegram.APIURL,
		Rate: s.Telegram.Rate, ChatRate: s.Telegram.ChatRate,
	}, photos)
}

// newTwilio makes the Twilio account of the settings. It calls nobody. pool may be nil where nothing is sent.
func (s Settings) newTwilio(pool *pgxpool.Pool) (*twilio.Account, error) {
	account, err := twilio.New(twilio.Config{
		AccountSID: s.Twilio.AccountSID, AuthToken: s.Twilio.AuthToken, APIURL: s.Twilio.APIURL, PublicURL: s.PublicURL,
	}, s.Twilio.WhatsAppFrom, s.Twilio.SMSFrom)
	if err != nil {
		return nil, err
	}
	if pool != nil {
		account.Taken = twilio.TakenIn(pool)
	}
	return account, nil
}

// newWhatsApp makes the account's WhatsApp channel; ok is false where it has none.
func (s Settings) newWhatsApp(account *twilio.Account, pool *pgxpool.Pool, words *locales.Words, photos *twilio.PhotoLinks) (channel *twilio.WhatsApp, ok bool) {
	buttons := map[string]string{}
	for _, lang := range locales.Langs() {
		buttons[string(lang)] = words.Text(lang, locales.Rich, "engine.list", nil)
	}
	return account.WhatsApp(twilio.WhatsAppConfig{
		Rate: s.Twilio.WhatsAppRate, ChatRate: s.Twilio.WhatsAppChatRate, ListButtons: buttons,
	}, photos, twilio.ResourcesIn(pool, time.Now))
}

// newSMS makes the account's SMS channel; ok is false where it has none.
func (s Settings) newSMS(account *twilio.Account) (channel *twilio.SMS, ok bool) {
	return account.SMS(twilio.SMSConfig{Rate: s.Twilio.SMSRate, ChatRate: s.Twilio.SMSChatRate})
}

// connections are the channels that the settings turn on, and all that the gateway needs to know of their providers.
type connections struct {
	channels []bot.Channel
	webhooks []bot.Webhook
	lists    map[string]func(ctx context.Context, since time.Time) ([]bot.Incoming, error)
	fetch    map[string]bot.Fetch // files that people send, by the channel's account
	off      []string             // the channels that are not turned on, for the line at start

	telegram *telegram.Channel  // nil where it is off
	whatsapp *twilio.WhatsApp   // nil where it is off; Recall or Sync it before the first reply
	photos   *twilio.PhotoLinks // serves GET /media/{name}
	bot      string             // the Telegram bot's name, "" where it is off or did not say
}

// connect makes every channel that is on. It asks Telegram for the bot's name, so that groups can call it by that; where Telegram
// cannot be reached, groups are left alone until the next start.
func (s Settings) connect(ctx context.Context, pool *pgxpool.Pool, words *locales.Words, open openPhoto) (connections, error) {
	c := connections{
		lists:  map[string]func(ctx context.Context, since time.Time) ([]bot.Incoming, error){},
		photos: twilio.NewPhotoLinks(s.Secret, open),
		fetch:  map[string]bot.Fetch{},
	}
	if s.TelegramOn() {
		channel, err := s.newTelegram(telegram.PhotosIn(pool, time.Now, open))
		if err != nil {
			return connections{}, err
		}
		if username, err := channel.Me(ctx); err == nil {
			channel, c.bot = channel.Named(username), username
		}
		c.telegram = channel
		c.channels = append(c.channels, channel)
		c.fetch[channel.Account()] = channel.Fetch
		c.webhooks = append(c.webhooks, bot.Webhook{Name: "telegram", Receiver: channel, AckTap: channel.AnswerTap})
	} else {
		c.off = append(c.off, "telegram")
	}
	if s.Twilio.AccountSID == "" {
		c.off = append(c.off, twilio.WhatsAppName, twilio.SMSName)
		return c, nil
	}
	account, err := s.newTwilio(pool)
	if err != nil {
		return connections{}, err
	}
	if channel, ok := s.newWhatsApp(account, pool, words, c.photos); ok {
		c.whatsapp = channel
		c.channels = append(c.channels, channel)
		c.fetch[channel.Account()] = account.Fetch
	} else {
		c.off = append(c.off, twilio.WhatsAppName)
	}
	if channel, ok := s.newSMS(account); ok {
		c.channels = append(c.channels, channel)
		c.fetch[channel.Account()] = account.Fetch
	} else {
		c.off = append(c.off, twilio.SMSName)
	}
	c.webhooks = append(c.webhooks, bot.Webhook{Name: "twilio", Receiver: account, Deliveries: account, Answer: "<Response/>", ContentType: "text/xml"})
	c.lists["twilio"] = account.ListInbound
	return c, nil
}
