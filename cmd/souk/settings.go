package main

import (
	"errors"
	"fmt"
	"math"
	"net"
	"net/url"
	"reflect"
	"regexp"
	"strings"

	"github.com/caarlos0/env/v11"
	"github.com/jackc/pgx/v5/pgconn"

	"souk/internal/redis"
)

// Settings is all that souk is told from outside. The names are a contract: add, do not rename. An empty value is an absent one.
type Settings struct {
	DatabaseURL string `env:"DATABASE_URL"`
	RedisURL    string `env:"REDIS_URL"`

	Addr      string `env:"SOUK_ADDR" envDefault:"127.0.0.1:8080"`
	PublicURL string `env:"SOUK_PUBLIC_URL"` // without the closing slash
	DataDir   string `env:"SOUK_DATA_DIR" envDefault:".souk"`
	Secret    string `env:"SOUK_SECRET"`

	Photos   Photos
	Telegram Telegram
	Twilio   Twilio
}

// Photos is where pictures are kept: a folder, or s3://bucket?endpoint=…&region=… with its credentials.
type Photos struct {
	Place  string `env:"SOUK_PHOTOS"` // "" for the folder photos in SOUK_DATA_DIR
	Key    string `env:"SOUK_PHOTOS_KEY"`
	Secret string `env:"SOUK_PHOTOS_SECRET"`
}

// Telegram is the bot. Rates are messages per second, 0 for Telegram's own limits.
type Telegram struct {
	Token    string  `env:"SOUK_TELEGRAM_TOKEN"`
	Secret   string  `env:"SOUK_TELEGRAM_SECRET"`
	APIURL   string  `env:"SOUK_TELEGRAM_API_URL"`
	Rate     float64 `env:"SOUK_TELEGRAM_RATE"`
	ChatRate float64 `env:"SOUK_TELEGRAM_CHAT_RATE"`
}

// Twilio is the account of both its channels. Rates are messages per second, 0 for the channel's own default.
type Twilio struct {
	AccountSID string `env:"SOUK_TWILIO_ACCOUNT_SID"`
	AuthToken  string `env:"SOUK_TWILIO_AUTH_TOKEN"`
	APIURL     string `env:"SOUK_TWILIO_API_URL"`

	WhatsAppFrom     string  `env:"SOUK_TWILIO_WHATSAPP_FROM"`
	WhatsAppRate     float64 `env:"SOUK_TWILIO_WHATSAPP_RATE"`
	WhatsAppChatRate float64 `env:"SOUK_TWILIO_WHATSAPP_CHAT_RATE"`

	SMSFrom     string  `env:"SOUK_TWILIO_SMS_FROM"`
	SMSRate     float64 `env:"SOUK_TWILIO_SMS_RATE"`
	SMSChatRate float64 `env:"SOUK_TWILIO_SMS_CHAT_RATE"`
}

// settingError names one setting and what is wrong with it. It never shows a value that may be secret.
type settingError struct{ name, fault string }

func (e settingError) Error() string { return e.name + " " + e.fault }

// TelegramOn, WhatsAppOn and SMSOn report whether a channel's settings are there.
func (s Settings) TelegramOn() bool { return s.Telegram.Token != "" }
func (s Settings) WhatsAppOn() bool { return s.Twilio.AccountSID != "" && s.Twilio.WhatsAppFrom != "" }
func (s Settings) SMSOn() bool      { return s.Twilio.AccountSID != "" && s.Twilio.SMSFrom != "" }

// settings reads and checks them. Its error is a settingError about the first that is wrong.
func (o *outside) settings() (Settings, error) {
	given := map[string]string{}
	for _, pair := range o.environ {
		if name, value, _ := strings.Cut(pair, "="); strings.TrimSpace(value) != "" {
			given[name] = strings.TrimSpace(value)
		}
	}
	var s Settings
	if err := env.ParseWithOptions(&s, env.Options{Environment: given}); err != nil {
		return Settings{}, namedError(err)
	}
	s.PublicURL = strings.TrimRight(s.PublicURL, "/")
	if err := s.check(); err != nil {
		return Settings{}, err
	}
	return s, nil
}

// need returns a settingError about the first of these settings that is absent.
func (s Settings) need(names ...string) error {
	values := byName(reflect.ValueOf(s))
	for _, name := range names {
		if value, ok := values[name]; !ok || value.IsZero() {
			return settingError{name, "is not set"}
		}
	}
	return nil
}

// byName is every setting by its name outside.
func byName(v reflect.Value) map[string]reflect.Value {
	values := map[string]reflect.Value{}
	for i := range v.NumField() {
		if name := v.Type().Field(i).Tag.Get("env"); name != "" {
			values[name] = v.Field(i)
			continue
		}
		for name, value := range byName(v.Field(i)) {
			values[name] = value
		}
	}
	return values
}

// namedError turns the library's error, which names a Go field, into one that names the setting.
func namedError(err error) error {
	var parse env.ParseError
	if !errors.As(err, &parse) {
		return fmt.Errorf("read the settings: %w", err)
	}
	for _, t := range []reflect.Type{reflect.TypeFor[Settings](), reflect.TypeFor[Photos](), reflect.TypeFor[Telegram](), reflect.TypeFor[Twilio]()} {
		field, ok := t.FieldByName(parse.Name)
		if ok && field.Type == parse.Type && field.Tag.Get("env") != "" {
			return settingError{field.Tag.Get("env"), "must be a number such as 1.5"}
		}
	}
	return fmt.Errorf("read the settings: %w", err)
}

var (
	telegramToken  = regexp.MustCompile(`^\d+:[A-Za-z0-9_-]+$`)
	telegramSecret = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)
	e164           = regexp.MustCompile(`^\+[1-9]\d{6,14}$`)
)

func (s Settings) check() error {
	type rule struct {
		name, value string
		fault       func(value string) string // "" when it is right
	}
	for _, r := range []rule{
		{"DATABASE_URL", s.DatabaseURL, databaseFault},
		{"REDIS_URL", s.RedisURL, redisFault},
		{"SOUK_ADDR", s.Addr, addressFault},
		{"SOUK_PUBLIC_URL", s.PublicURL, webFault},
		{"SOUK_PHOTOS", s.Photos.Place, photosFault},
		{"SOUK_TELEGRAM_TOKEN", s.Telegram.Token, form(telegramToken, "must read 123456:ABC…, as @BotFather gives it")},
		{"SOUK_TELEGRAM_SECRET", s.Telegram.Secret, form(telegramSecret, "must be 1 to 256 of A–Z, a–z, 0–9, _ and -")},
		{"SOUK_TELEGRAM_API_URL", s.Telegram.APIURL, webFault},
		{"SOUK_TWILIO_API_URL", s.Twilio.APIURL, webFault},
		{"SOUK_TWILIO_WHATSAPP_FROM", s.Twilio.WhatsAppFrom, whatsAppFault},
		{"SOUK_TWILIO_SMS_FROM", s.Twilio.SMSFrom, form(e164, "must read +15005550006")},
	} {
		if r.value == "" {
			continue
		}
		if fault := r.fault(r.value); fault != "" {
			return settingError{r.name, fault}
		}
	}
	for name, value := range byName(reflect.ValueOf(s)) {
		if value.Kind() == reflect.Float64 && !(value.Float() >= 0 && value.Float() <= math.MaxInt32) {
			return settingError{name, "must be a number of messages per second, 0 or more"}
		}
	}
	return s.together()
}

// together checks the settings that need each other: a channel is on or off, never half.
func (s Settings) together() error {
	for _, pair := range []struct{ given, value, needs, other string }{
		{"SOUK_TELEGRAM_TOKEN", s.Telegram.Token, "SOUK_TELEGRAM_SECRET", s.Telegram.Secret},
		{"SOUK_TWILIO_ACCOUNT_SID", s.Twilio.AccountSID, "SOUK_TWILIO_AUTH_TOKEN", s.Twilio.AuthToken},
		{"SOUK_TWILIO_AUTH_TOKEN", s.Twilio.AuthToken, "SOUK_TWILIO_ACCOUNT_SID", s.Twilio.AccountSID},
		{"SOUK_TWILIO_WHATSAPP_FROM", s.Twilio.WhatsAppFrom, "SOUK_TWILIO_ACCOUNT_SID", s.Twilio.AccountSID},
		{"SOUK_TWILIO_SMS_FROM", s.Twilio.SMSFrom, "SOUK_TWILIO_ACCOUNT_SID", s.Twilio.AccountSID},
		{"SOUK_PHOTOS_KEY", s.Photos.Key, "SOUK_PHOTOS_SECRET", s.Photos.Secret},
		{"SOUK_PHOTOS_SECRET", s.Photos.Secret, "SOUK_PHOTOS_KEY", s.Photos.Key},
	} {
		if pair.value != "" && pair.other == "" {
			return settingError{pair.needs, "is not set, and " + pair.given + " needs it"}
		}
	}
	if s.inBucket() && s.Photos.Key == "" {
		return settingError{"SOUK_PHOTOS_KEY", "is not set, and SOUK_PHOTOS needs it"}
	}
	return nil
}

func form(shape *regexp.Regexp, fault string) func(string) string {
	return func(value string) string {
		if shape.MatchString(value) {
			return ""
		}
		return fault
	}
}

func whatsAppFault(value string) string {
	number, ok := strings.CutPrefix(value, "whatsapp:")
	if !ok || !e164.MatchString(number) {
		return "must read whatsapp:+14155238886"
	}
	return ""
}

func databaseFault(value string) string {
	if _, err := pgconn.ParseConfig(value); err != nil {
		return "is not a Postgres address such as postgres://user:password@host:5432/souk"
	}
	return ""
}

func redisFault(value string) string {
	client, err := redis.Open(value)
	if err != nil {
		return "is not a Redis address such as redis://host:6379/0: " + err.Error()
	}
	client.Close()
	return ""
}

func addressFault(value string) string {
	if _, err := net.ResolveTCPAddr("tcp", value); err != nil {
		return "is not an address to listen on such as 127.0.0.1:8080"
	}
	return ""
}

func webFault(value string) string {
	u, err := url.Parse(value)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return "must be a base URL such as https://souk.example, without a query"
	}
	return ""
}
