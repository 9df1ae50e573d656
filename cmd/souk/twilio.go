package main

import (
	"context"
	"errors"
	"fmt"

	"souk/bot"
	"souk/internal/postgres"
	"souk/locales"
)

type twilioCommand struct {
	Sync twilioSyncCommand `cmd:"" help:"Make the Content resources that WhatsApp's buttons and lists need, and remember them in the database."`
}

type twilioSyncCommand struct{}

func (twilioSyncCommand) Run(ctx context.Context, o *outside) error {
	s, err := o.settings()
	if err != nil {
		return err
	}
	if err := s.need("DATABASE_URL", "SOUK_PUBLIC_URL", "SOUK_TWILIO_ACCOUNT_SID", "SOUK_TWILIO_WHATSAPP_FROM"); err != nil {
		return err
	}
	words, err := locales.Load()
	if err != nil {
		return err
	}
	pool, err := postgres.Open(ctx, postgres.Config{URL: s.DatabaseURL, MaxConns: 2, Name: "souk twilio sync"})
	if err != nil {
		return err
	}
	defer pool.Close()
	account, err := s.newTwilio(pool)
	if err != nil {
		return err
	}
	channel, ok := s.newWhatsApp(account, pool, words, nil)
	if !ok {
		return errors.New("the account has no WhatsApp sender")
	}
	synced, err := channel.Sync(ctx, func(name string, left int) {
		if left%25 == 0 {
			fmt.Fprintf(o.stdout, "%s; %d to go\n", name, left)
		}
	})
	fmt.Fprintf(o.stdout, "Content resources: %d were there, %d found again at Twilio, %d made.\n", synced.Known, synced.Found, synced.Made)
	var failed *bot.SendError
	if errors.As(err, &failed) && failed.Verdict == bot.RetryAfter {
		return fmt.Errorf("twilio asks to wait %s; what is made is kept, so run it again: %w", failed.Pause, err)
	}
	return err
}
