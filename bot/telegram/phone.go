package telegram

import "strings"

// phone writes a shared contact's number in E.164. Telegram gives its own users' with the country's code, with or without +;
// a number out of a Moroccan address book may be written 06….
func phone(raw string) string {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, raw)
	switch {
	case len(digits) < 6 || len(digits) > 17:
		return ""
	case strings.HasPrefix(digits, "00"):
		return "+" + digits[2:]
	case strings.HasPrefix(digits, "0") && len(digits) == 10:
		return "+212" + digits[1:]
	}
	return "+" + digits
}
