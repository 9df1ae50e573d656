package replytest

import (
	"errors"
	"strings"
	"testing"

	"souk/bot"
	"souk/flows"
)

// Channel checks what every bot.Channel owes the gateway, whoever the provider is. Nothing is sent to anybody.
func Channel(t *testing.T, channel bot.Channel) {
	t.Helper()
	if !strings.HasPrefix(channel.Account(), channel.Name()+":") {
		t.Errorf("the account %q of %s is not its own among channels", channel.Account(), channel.Name())
	}
	if channel.Pace() <= 0 || channel.Rate() <= 0 || channel.Window() < 0 || channel.Medium() == "" {
		t.Errorf("%s: pace %s, rate %v, window %s, medium %q", channel.Name(), channel.Pace(), channel.Rate(), channel.Window(), channel.Medium())
	}
	for _, named := range append(Rich(), Plain()...) {
		parts := channel.Parts(named.Reply)
		if parts < 1 {
			t.Errorf("%s says %q in %d messages", channel.Name(), named.Name, parts)
		}
		for _, part := range []int{-1, parts} {
			_, err := channel.Send(t.Context(), bot.Outgoing{OutboxID: 1, ExternalID: "+212612345678", Reply: named.Reply}, part)
			var failed *bot.SendError
			if !errors.As(err, &failed) || failed.Verdict != bot.Never {
				t.Errorf("%s sent part %d of %d of %q: %v", channel.Name(), part, parts, named.Name, err)
			}
		}
	}
	for _, body := range []string{"", "\x00", "null", "[]", "{}", "%", "From=", strings.Repeat("[", 1<<16), strings.Repeat("a=b&", 1<<14)} {
		event, err := channel.Decode([]byte(body))
		if err == nil && event.Kind != flows.Other && event.Text == "" {
			t.Errorf("%s read %.20q as %+v", channel.Name(), body, event)
		}
	}
}
