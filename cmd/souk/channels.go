package main

import (
	"context"
	"io"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

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
func (s Settings) newWhatsApp(account *twilio.Account, pool *pgxpool.Pool, words *locales.Words, open openPhoto) (channel *twilio.WhatsApp, ok bool) {
	buttons := map[string]string{}
	for _, lang := range locales.Langs() {
		buttons[string(lang)] = words.Text(lang, locales.Rich, "engine.list", nil)
	}
	return account.WhatsApp(twilio.WhatsAppConfig{
		Rate: s.Twilio.WhatsAppRate, ChatRate: s.Twilio.WhatsAppChatRate, ListButtons: buttons,
	}, twilio.NewPhotoLinks(s.Secret, open), twilio.ResourcesIn(pool, time.Now))
}

// newSMS makes the account's SMS channel; ok is false where it has none.
func (s Settings) newSMS(account *twilio.Account) (channel *twilio.SMS, ok bool) {
	return account.SMS(twilio.SMSConfig{Rate: s.Twilio.SMSRate, ChatRate: s.Twilio.SMSChatRate})
}
