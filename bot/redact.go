package bot

import (
	"fmt"
	"io"
	"log/slog"
	"regexp"
)

// NewLogHandler writes JSON logs that carry no token, no phone number and no word that anybody wrote: by attribute name, and by
// what the strings look like, in messages and errors too. Ids of rows stay readable.
func NewLogHandler(w io.Writer, level slog.Leveler) slog.Handler {
	return slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: Redact})
}

const redacted = "[redacted]"

// secretNames are attributes whose value is never written.
var secretNames = map[string]bool{
	"token": true, "secret": true, "password": true, "authorization": true, "signature": true, "code_word": true,
	"phone": true, "to": true, "external_id": true, "address": true, "name": true, "profile": true,
	"body": true, "text": true, "reply": true, "words": true, "url": true,
}

var (
	// A bot's token: digits, a colon, 35 letters. A Twilio auth token or SID: 32 hexadecimal digits.
	tokens = regexp.MustCompile(`\d{6,}:[A-Za-z0-9_-]{30,}|[A-Za-z]{0,2}[0-9a-f]{32}`)
	// Credentials inside a URL.
	credentials = regexp.MustCompile(`://[^/\s:@]*:[^/\s@]+@`)
	// +212…, 06…, and bare digits as long as a number.
	phones = regexp.MustCompile(`\+?\d{9,}|0[5-7](?:[ .-]?\d{2}){4}`)
)

// Redact is a slog ReplaceAttr.
func Redact(groups []string, a slog.Attr) slog.Attr {
	if secretNames[a.Key] {
		return slog.String(a.Key, redacted)
	}
	switch a.Value.Kind() {
	case slog.KindString:
		return slog.String(a.Key, scrub(a.Value.String()))
	case slog.KindAny:
		switch v := a.Value.Any().(type) {
		case slog.Level, *slog.Source, nil:
			return a
		case error:
			return slog.String(a.Key, scrub(v.Error()))
		case fmt.Stringer:
			return slog.String(a.Key, scrub(v.String()))
		default: // what it holds cannot be told
			return slog.String(a.Key, redacted)
		}
	}
	return a
}

func scrub(s string) string {
	s = credentials.ReplaceAllString(s, "://"+redacted+"@")
	s = tokens.ReplaceAllString(s, redacted)
	return phones.ReplaceAllString(s, redacted)
}
