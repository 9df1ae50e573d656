package telegram

import (
	"strings"

	"souk/locales"
)

// phone writes a shared contact's number in E.164, "" for what is none. Telegram gives its own users' with the country's code,
// with or without +; a number out of an address book may be written as people here do.
func phone(raw string) string {
	raw = strings.TrimSpace(raw)
	if !strings.HasPrefix(raw, "0") && !strings.HasPrefix(raw, "+") {
		if e164, ok := locales.ReadPhone("+" + raw); ok {
			return e164
		}
	}
	e164, _ := locales.ReadPhone(raw)
	return e164
}
