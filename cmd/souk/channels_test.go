package main

import (
	"fmt"
	"testing"

	"souk/internal/postgres/pgtest"
	"souk/locales"
)

// given reads settings from an environment as souk does.
func given(t *testing.T, environ []string) Settings {
	t.Helper()
	s, err := (&outside{environ: environ}).settings()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestConnectTurnsOnWhatTheSettingsName(t *testing.T) {
	t.Parallel()
	words, err := locales.Load()
	if err != nil {
		t.Fatal(err)
	}
	pool := pgtest.New(t)
	_, environ := providers(t, "")
	for _, c := range []struct {
		off              []string // settings to empty
		channels, absent string
		webhooks         int
	}{
		{nil, "[telegram whatsapp sms]", "[]", 2},
		{[]string{"SOUK_TELEGRAM_TOKEN"}, "[whatsapp sms]", "[telegram]", 1},
		{[]string{"SOUK_TWILIO_WHATSAPP_FROM"}, "[telegram sms]", "[whatsapp]", 2},
		{[]string{"SOUK_TWILIO_SMS_FROM"}, "[telegram whatsapp]", "[sms]", 2},
		{[]string{"SOUK_TWILIO_ACCOUNT_SID", "SOUK_TWILIO_AUTH_TOKEN", "SOUK_TWILIO_WHATSAPP_FROM", "SOUK_TWILIO_SMS_FROM"}, "[telegram]", "[whatsapp sms]", 1},
	} {
		settings := environ
		for _, name := range c.off {
			settings = setting(settings, name, "")
		}
		got, err := given(t, settings).connect(t.Context(), pool, words, nil)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, channel := range got.channels {
			names = append(names, channel.Name())
		}
		if fmt.Sprint(names) != c.channels || fmt.Sprint(got.off) != c.absent || len(got.webhooks) != c.webhooks {
			t.Errorf("without %v: %v on, %v off, %d webhooks", c.off, names, got.off, len(got.webhooks))
		}
		for _, webhook := range got.webhooks {
			if (webhook.Name == "twilio") != (webhook.Deliveries != nil) || (webhook.Name == "telegram") != (webhook.AckTap != nil) {
				t.Errorf("%+v", webhook)
			}
		}
	}
}
