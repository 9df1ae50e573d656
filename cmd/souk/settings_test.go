package main

import (
	"strings"
	"testing"
)

// whole is every setting, as an operator would write it.
func whole() []string {
	return []string{
		"DATABASE_URL=postgres://souk:secret@db.example:5432/souk", "REDIS_URL=redis://a:1,b:2,c:3",
		"SOUK_ADDR=0.0.0.0:9000", "SOUK_PUBLIC_URL=https://souk.example/", "SOUK_DATA_DIR=/srv/souk", "SOUK_SECRET=s3cret",
		"SOUK_TELEGRAM_TOKEN=123456:ABC-def_1", "SOUK_TELEGRAM_SECRET=hush", "SOUK_TELEGRAM_API_URL=http://127.0.0.1:8081",
		"SOUK_TELEGRAM_RATE=30", "SOUK_TELEGRAM_CHAT_RATE=0.5",
		"SOUK_TWILIO_ACCOUNT_SID=AC00000000000000000000000000000001", "SOUK_TWILIO_AUTH_TOKEN=t0ken",
		"SOUK_TWILIO_API_URL=http://127.0.0.1:8082/", "SOUK_TWILIO_WHATSAPP_FROM=whatsapp:+14155238886",
		"SOUK_TWILIO_SMS_FROM=+15005550006", "SOUK_TWILIO_WHATSAPP_RATE=80", "SOUK_TWILIO_WHATSAPP_CHAT_RATE=1",
		"SOUK_TWILIO_SMS_RATE=10", "SOUK_TWILIO_SMS_CHAT_RATE=1",
		"SOUK_PHOTOS=s3://souk-photos?region=eu", "SOUK_PHOTOS_KEY=key", "SOUK_PHOTOS_SECRET=hush",
	}
}

func TestEverySettingIsRead(t *testing.T) {
	t.Parallel()
	s, err := (&outside{environ: whole()}).settings()
	if err != nil {
		t.Fatal(err)
	}
	if s.PublicURL != "https://souk.example" || s.Telegram.ChatRate != 0.5 || s.Twilio.SMSFrom != "+15005550006" {
		t.Errorf("%+v", s)
	}
	if !s.TelegramOn() || !s.WhatsAppOn() || !s.SMSOn() {
		t.Error("a channel is off")
	}
	for _, pair := range whole() {
		name, _, _ := strings.Cut(pair, "=")
		if err := s.need(name); err != nil {
			t.Error(err)
		}
	}
}

func TestWithoutSettingsEveryChannelIsOff(t *testing.T) {
	t.Parallel()
	s, err := (&outside{environ: []string{"SOUK_TELEGRAM_RATE=", "SOUK_ADDR= "}}).settings()
	if err != nil {
		t.Fatal(err)
	}
	if s.TelegramOn() || s.WhatsAppOn() || s.SMSOn() || s.Addr != "127.0.0.1:8080" || s.DataDir != ".souk" {
		t.Errorf("%+v", s)
	}
	if err := s.need("SOUK_ADDR", "SOUK_SECRET", "REDIS_URL"); err == nil || err.Error() != "SOUK_SECRET is not set" {
		t.Errorf("got %v", err)
	}
}

func TestABadSettingIsNamedInOneLineAndNotShown(t *testing.T) {
	t.Parallel()
	for _, pair := range []string{
		"DATABASE_URL=postgres://souk:hunter2@%zz",
		"REDIS_URL=redis://:hunter2@host:port",
		"SOUK_ADDR=8080",
		"SOUK_PUBLIC_URL=souk.example",
		"SOUK_PUBLIC_URL=https://souk.example/?x=1",
		"SOUK_TELEGRAM_TOKEN=hunter2",
		"SOUK_TELEGRAM_SECRET=hunter2 !",
		"SOUK_TELEGRAM_API_URL=ftp://x",
		"SOUK_TELEGRAM_RATE=fast",
		"SOUK_TELEGRAM_CHAT_RATE=-1",
		"SOUK_TWILIO_SMS_RATE=NaN",
		"SOUK_TWILIO_WHATSAPP_CHAT_RATE=many",
		"SOUK_TWILIO_WHATSAPP_FROM=+14155238886",
		"SOUK_TWILIO_SMS_FROM=0612345678",
		"SOUK_TELEGRAM_SECRET=",
		"SOUK_TWILIO_AUTH_TOKEN=",
		"SOUK_TWILIO_ACCOUNT_SID=",
	} {
		name, _, _ := strings.Cut(pair, "=")
		got := souk(t, with(whole(), pair), "", "migrate")
		oneLineFault(t, got, exitMisuse, name)
		if strings.Contains(got.stderr, "hunter2") {
			t.Errorf("%s: the value is shown: %s", name, got.stderr)
		}
	}
}
