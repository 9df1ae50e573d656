package main

import (
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"souk/bot/simulator"
	"souk/catalog/bucket/buckettest"
	"souk/internal/postgres/pgtest"
	"souk/internal/redis/redistest"
)

// providers are stand-ins for Telegram and Twilio, and the settings that lead to them.
func providers(t *testing.T, databaseURL string) (*simulator.Simulator, []string) {
	t.Helper()
	sim, err := simulator.New(simulator.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(sim.Handler())
	t.Cleanup(func() { server.Close(); sim.Close() })
	return sim, []string{
		"DATABASE_URL=" + databaseURL, "REDIS_URL=" + redistest.Private(t).URL(),
		"SOUK_PUBLIC_URL=https://souk.example/", "SOUK_SECRET=a secret of twenty-five!!", "SOUK_DATA_DIR=" + t.TempDir(),
		"SOUK_TELEGRAM_TOKEN=" + simulator.DefaultTelegramToken, "SOUK_TELEGRAM_SECRET=s3cret", "SOUK_TELEGRAM_API_URL=" + server.URL,
		"SOUK_TWILIO_ACCOUNT_SID=" + simulator.DefaultTwilioAccountSid, "SOUK_TWILIO_AUTH_TOKEN=" + simulator.DefaultTwilioAuthToken,
		"SOUK_TWILIO_API_URL=" + server.URL, "SOUK_TWILIO_WHATSAPP_FROM=" + simulator.DefaultWhatsAppFrom, "SOUK_TWILIO_SMS_FROM=" + simulator.DefaultSMSFrom,
	}
}

// setting returns the environment with one setting another.
func setting(environ []string, name, value string) []string {
	return append(slices.DeleteFunc(slices.Clone(environ), func(pair string) bool { return strings.HasPrefix(pair, name+"=") }), name+"="+value)
}

// found reads doctor's lines: the mark of each thing.
func found(t *testing.T, got said) map[string]string {
	t.Helper()
	marks := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(got.stdout), "\n") {
		if len(line) < 24 {
			t.Errorf("a line that says nothing: %q", line)
			continue
		}
		what, _, _ := strings.Cut(line[7:], "  ")
		marks[strings.TrimSpace(what)] = strings.TrimSpace(line[:5])
	}
	for _, secret := range []string{simulator.DefaultTelegramToken, simulator.DefaultTwilioAuthToken, "a secret of twenty-five!!", "hunter2"} {
		if strings.Contains(got.stdout+got.stderr, secret) {
			t.Errorf("a secret shows: %+v", got)
		}
	}
	return marks
}

func TestDoctorAndSync(t *testing.T) {
	t.Parallel()
	durable := pgtest.Durable(t)
	_, environ := providers(t, durable.URL("postgres"))
	got := souk(t, environ, "", "doctor")
	marks := found(t, got)
	want := map[string]string{"Postgres": "note", "Redis": "ok", "SOUK_ADDR": "ok", "SOUK_PUBLIC_URL": "ok", "SOUK_SECRET": "ok", "SOUK_DATA_DIR": "ok", "SOUK_PHOTOS": "ok",
		"Telegram": "ok", "its webhook": "note", "Twilio": "ok", "WhatsApp": "ok", "SMS": "ok"}
	if got.code != 0 || fmt.Sprint(marks) != fmt.Sprint(want) {
		t.Errorf("before the tables: exit %d\n%s", got.code, got.stdout)
	}
	if got := souk(t, environ, "", "migrate"); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	want["Postgres"], want["its buttons"] = "ok", "note"
	if got := souk(t, environ, "", "doctor"); got.code != 0 || fmt.Sprint(found(t, got)) != fmt.Sprint(want) {
		t.Errorf("before the sync: exit %d\n%s", got.code, got.stdout)
	}
	if got := souk(t, environ, "", "twilio", "sync"); got.code != 0 || !strings.Contains(got.stdout, "0 were there, 0 found again at Twilio, ") {
		t.Errorf("%+v", got)
	}
	if got := souk(t, environ, "", "twilio", "sync"); got.code != 0 || !strings.Contains(got.stdout, "0 made.") || strings.Contains(got.stdout, " 0 were") {
		t.Errorf("again: %+v", got)
	}
	want["its buttons"] = "ok"
	if got := souk(t, environ, "", "doctor"); got.code != 0 || fmt.Sprint(found(t, got)) != fmt.Sprint(want) {
		t.Errorf("after the sync: exit %d\n%s", got.code, got.stdout)
	}
}

func TestDoctorFindsFaults(t *testing.T) {
	t.Parallel()
	// The tests' shared cluster does not flush: doctor must say so.
	_, environ := providers(t, pgtest.URL(t))
	for _, c := range []struct{ name, value, what, mark string }{
		{"SOUK_ADDR", "127.0.0.1:8080", "Postgres", "fault"},
		{"DATABASE_URL", "", "Postgres", "fault"},
		{"DATABASE_URL", "postgres://souk:hunter2@127.0.0.1:1/souk", "Postgres", "fault"},
		{"REDIS_URL", "", "Redis", "fault"},
		{"REDIS_URL", "redis://:hunter2@127.0.0.1:1/0", "Redis", "fault"},
		{"SOUK_PUBLIC_URL", "", "SOUK_PUBLIC_URL", "fault"},
		{"SOUK_PUBLIC_URL", "http://127.0.0.1:8080", "SOUK_PUBLIC_URL", "note"},
		{"SOUK_SECRET", "", "SOUK_SECRET", "fault"},
		{"SOUK_SECRET", "short", "SOUK_SECRET", "fault"},
		{"SOUK_DATA_DIR", "/dev/null/souk", "SOUK_DATA_DIR", "fault"},
		{"SOUK_PHOTOS", "/dev/null/photos", "SOUK_PHOTOS", "fault"},
		{"SOUK_PHOTOS", "s3://souk?endpoint=http://127.0.0.1:1", "SOUK_PHOTOS_KEY", "fault"},
		{"SOUK_PHOTOS", "ftp://souk", "SOUK_PHOTOS", "fault"},
		{"SOUK_PHOTOS_KEY", "key", "SOUK_PHOTOS_SECRET", "fault"},
		{"SOUK_TELEGRAM_TOKEN", "", "Telegram", "off"},
		{"SOUK_TELEGRAM_TOKEN", "7000000001:wrong", "Telegram", "fault"},
		{"SOUK_TELEGRAM_TOKEN", "wrong", "SOUK_TELEGRAM_TOKEN", "fault"},
		{"SOUK_TWILIO_AUTH_TOKEN", "00000000000000000000000000000000", "Twilio", "fault"},
		{"SOUK_TWILIO_WHATSAPP_FROM", "", "WhatsApp", "off"},
		{"SOUK_TWILIO_SMS_FROM", "", "SMS", "off"},
		{"SOUK_TWILIO_SMS_FROM", "whatsapp:+15005550006", "SOUK_TWILIO_SMS_FROM", "fault"},
	} {
		got := souk(t, setting(environ, c.name, c.value), "", "doctor")
		if mark := found(t, got)[c.what]; mark != c.mark || got.code != exitFailed {
			t.Errorf("%s=%s: exit %d, %s is %q\n%s", c.name, c.value, got.code, c.what, mark, got.stdout)
		}
	}
}

func TestSyncSaysWhatItNeeds(t *testing.T) {
	t.Parallel()
	oneLineFault(t, souk(t, nil, "", "twilio", "sync"), exitMisuse, "DATABASE_URL")
	sim, environ := providers(t, pgtest.URL(t))
	oneLineFault(t, souk(t, setting(environ, "SOUK_TWILIO_WHATSAPP_FROM", ""), "", "twilio", "sync"), exitMisuse, "SOUK_TWILIO_WHATSAPP_FROM")
	if err := sim.Inject(simulator.Fault{Provider: "twilio", Method: "content", Kind: simulator.FaultTooMany, After: 3, RetryAfter: 7}); err != nil {
		t.Fatal(err)
	}
	oneLineFault(t, souk(t, environ, "", "twilio", "sync"), exitFailed, "wait 7s", "run it again")
}

func TestDoctorTriesTheBucket(t *testing.T) {
	t.Parallel()
	s3 := buckettest.New(t)
	durable := pgtest.Durable(t)
	_, environ := providers(t, durable.URL("postgres"))
	environ = append(environ, "SOUK_PHOTOS="+s3.Address(), "SOUK_PHOTOS_KEY="+buckettest.Key, "SOUK_PHOTOS_SECRET="+buckettest.Secret)
	if got := souk(t, environ, "", "doctor"); got.code != 0 || found(t, got)["SOUK_PHOTOS"] != "ok" || len(s3.Keys()) > 0 {
		t.Errorf("exit %d, the bucket holds %v\n%s", got.code, s3.Keys(), got.stdout)
	}
	got := souk(t, setting(environ, "SOUK_PHOTOS_SECRET", "hunter2"), "", "doctor")
	if got.code != exitFailed || found(t, got)["SOUK_PHOTOS"] != "fault" || len(s3.Forgive()) == 0 {
		t.Errorf("a wrong secret: exit %d\n%s", got.code, got.stdout)
	}
}
