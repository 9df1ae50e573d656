package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"souk/bot"
	"souk/bot/telegram"
	"souk/locales"
)

type serveCommand struct{}

// Run serves until SIGTERM or SIGINT and drains within 10 s.
func (serveCommand) Run(ctx context.Context, o *outside) error {
	s, err := o.settings()
	if err != nil {
		return err
	}
	if err := s.need("DATABASE_URL", "SOUK_SECRET"); err != nil {
		return err
	}
	if s.WhatsAppOn() || s.SMSOn() {
		if err := s.need("SOUK_PUBLIC_URL"); err != nil { // signatures are checked over it
			return err
		}
	}
	log := slog.New(bot.NewLogHandler(o.stderr, slog.LevelInfo))
	listener, err := net.Listen("tcp", s.Addr)
	if err != nil {
		return settingError{"SOUK_ADDR", "cannot be listened on: " + err.Error()}
	}
	defer listener.Close()
	k, err := open(ctx, s, options{log: log, caps: map[string]bot.Cap{"sms": bot.MoroccanSMS()}})
	if err != nil {
		return err
	}
	defer k.close()
	fmt.Fprintf(o.stdout, "Souk listens on http://%s\n", listener.Addr())
	for _, line := range s.states() {
		fmt.Fprintln(o.stdout, line)
	}
	background, stop := context.WithCancel(ctx)
	defer stop()
	go k.introduce(background)

	mux := http.NewServeMux()
	k.routes(mux)
	return k.run(ctx, listener, mux)
}

// states says of each channel whether it is on, and which setting turns it on.
func (s Settings) states() []string {
	var lines []string
	for _, c := range []struct {
		name string
		on   bool
		set  string
	}{
		{"Telegram", s.TelegramOn(), "SOUK_TELEGRAM_TOKEN"},
		{"WhatsApp", s.WhatsAppOn(), "SOUK_TWILIO_WHATSAPP_FROM"},
		{"SMS", s.SMSOn(), "SOUK_TWILIO_SMS_FROM"},
	} {
		if c.on {
			lines = append(lines, c.name+": on")
		} else {
			lines = append(lines, fmt.Sprintf("%s: off (%s is not set)", c.name, c.set))
		}
	}
	if s.RedisURL == "" {
		lines = append(lines, "Redis: none (REDIS_URL is not set): every message reads its conversation from Postgres")
	}
	return lines
}

// introduce tells the providers about us: Telegram's webhook and menu, Twilio's Content resources. A provider that is away is
// asked again; meanwhile what it already knows of us goes on working.
func (k *house) introduce(ctx context.Context) {
	if k.channels.telegram != nil {
		go k.persist(ctx, "register with Telegram", k.registerTelegram)
	}
	if k.channels.whatsapp != nil {
		go k.persist(ctx, "make Content resources", func(ctx context.Context) error {
			_, err := k.channels.whatsapp.Sync(ctx, nil)
			return err
		})
	}
}

func (k *house) persist(ctx context.Context, doing string, do func(context.Context) error) {
	for pause := time.Second; ; pause = min(2*pause, 5*time.Minute) {
		err := do(ctx)
		if err == nil || ctx.Err() != nil {
			return
		}
		k.log.Warn(doing, "error", err, "again_in", pause)
		select {
		case <-ctx.Done():
			return
		case <-k.clock.After(pause):
		}
	}
}

func (k *house) registerTelegram(ctx context.Context) error {
	if k.settings.PublicURL == "" {
		k.log.Warn("SOUK_PUBLIC_URL is not set: Telegram's webhook is left as it is")
		return nil
	}
	if _, err := k.channels.telegram.Register(ctx, k.settings.PublicURL, false); err != nil {
		return err
	}
	menu := map[string][]telegram.Command{"": nil}
	for _, lang := range []locales.Lang{locales.French, locales.Arabic} {
		var commands []telegram.Command
		for _, name := range []string{"menu", "panier", "commandes", "langue", "aide"} {
			commands = append(commands, telegram.Command{Name: name, Description: k.words.Text(lang, locales.Rich, "command."+name, nil)})
		}
		menu[string(lang)] = commands
		if lang == locales.French {
			menu[""] = commands
		}
	}
	return k.channels.telegram.SetCommands(ctx, menu)
}
