package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"souk/bot/simulator"
)

type simulatorCommand struct {
	Addr string `default:"127.0.0.1:8090" help:"Where to listen; this machine only."`
}

// Run serves the stand-ins and the phones for a souk serve that runs elsewhere on this machine, until it is interrupted.
func (c simulatorCommand) Run(ctx context.Context, o *outside) error {
	settings, err := o.settings()
	if err != nil {
		return err
	}
	host, _, err := net.SplitHostPort(c.Addr)
	if ip := net.ParseIP(host); err != nil || (host != "localhost" && (ip == nil || !ip.IsLoopback())) {
		return settingError{"--addr", "must be an address of this machine alone such as 127.0.0.1:8090: whoever reaches it speaks for everyone"}
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Addr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", c.Addr, err)
	}
	sim, err := simulator.New(standIns(settings, slog.New(slog.NewTextHandler(o.stderr, nil))))
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	fmt.Fprint(o.stdout, howToUse("http://"+listener.Addr().String(), withStandIns(settings, "http://"+listener.Addr().String())))

	server := &http.Server{Handler: sim.Handler(), ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err = <-ended:
	case <-ctx.Done():
	}
	sim.Close() // ends the pages' streams, which the server would wait for
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return errors.Join(err, server.Shutdown(closing))
}

// standIns are the accounts that the settings name, or the simulator's own where they name none, with their webhooks at souk serve.
func standIns(s Settings, log *slog.Logger) simulator.Options {
	own := s.withDefaultAccounts()
	opt := simulator.Options{
		Log:      log,
		Telegram: simulator.TelegramOptions{Token: own.Telegram.Token},
		Twilio: simulator.TwilioOptions{
			AccountSid: own.Twilio.AccountSID, AuthToken: own.Twilio.AuthToken,
			WhatsAppFrom: own.Twilio.WhatsAppFrom, SMSFrom: own.Twilio.SMSFrom,
			WebhookURL: own.PublicURL + "/webhooks/twilio",
		},
	}
	// A public URL leads to another machine: what is meant for it goes to the serve on this one.
	if here := "http://" + s.Addr; own.PublicURL != here {
		opt.Via = map[string]string{own.PublicURL: here}
	}
	return opt
}

// withDefaultAccounts fills in what souk serve needs to speak with the stand-ins.
func (s Settings) withDefaultAccounts() Settings {
	for _, f := range []struct {
		value *string
		other string
	}{
		{&s.PublicURL, "http://" + s.Addr},
		{&s.Telegram.Token, simulator.DefaultTelegramToken},
		{&s.Telegram.Secret, "simulator"},
		{&s.Twilio.AccountSID, simulator.DefaultTwilioAccountSid},
		{&s.Twilio.AuthToken, simulator.DefaultTwilioAuthToken},
		{&s.Twilio.WhatsAppFrom, simulator.DefaultWhatsAppFrom},
		{&s.Twilio.SMSFrom, simulator.DefaultSMSFrom},
	} {
		if *f.value == "" {
			*f.value = f.other
		}
	}
	return s
}

func withStandIns(s Settings, base string) Settings {
	s = s.withDefaultAccounts()
	s.Telegram.APIURL, s.Twilio.APIURL = base, base
	return s
}

func howToUse(base string, s Settings) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Phones    %s/simulator\n", base)
	fmt.Fprintf(&b, "Telegram  %s/bot<token>/<method>\n", base)
	fmt.Fprintf(&b, "Twilio    %s/2010-04-01/Accounts/<sid>/Messages.json, /v1/Content\n", base)
	fmt.Fprintf(&b, "Faults    POST %s/simulator/faults\n\nFor souk serve, beside DATABASE_URL, REDIS_URL and SOUK_SECRET:\n\n", base)
	for _, pair := range [][2]string{
		{"SOUK_PUBLIC_URL", s.PublicURL},
		{"SOUK_TELEGRAM_TOKEN", s.Telegram.Token}, {"SOUK_TELEGRAM_SECRET", s.Telegram.Secret}, {"SOUK_TELEGRAM_API_URL", s.Telegram.APIURL},
		{"SOUK_TWILIO_ACCOUNT_SID", s.Twilio.AccountSID}, {"SOUK_TWILIO_AUTH_TOKEN", s.Twilio.AuthToken}, {"SOUK_TWILIO_API_URL", s.Twilio.APIURL},
		{"SOUK_TWILIO_WHATSAPP_FROM", s.Twilio.WhatsAppFrom}, {"SOUK_TWILIO_SMS_FROM", s.Twilio.SMSFrom},
	} {
		fmt.Fprintf(&b, "export %s='%s'\n", pair[0], pair[1])
	}
	return b.String()
}
