package flows

import (
	"net/url"
	"strings"
)

// Doors are the addresses at which Souk is written to, for words that people pass on. What is off is "".
type Doors struct {
	Telegram string // the bot's name, without @
	WhatsApp string // our number, E.164
	SMS      string // our number, E.164
}

// NewDoors takes the channels' own addresses: the bot's name, "whatsapp:+212…" and the number for text messages.
func NewDoors(bot, whatsapp, sms string) Doors {
	return Doors{Telegram: strings.TrimPrefix(bot, "@"), WhatsApp: strings.TrimPrefix(whatsapp, "whatsapp:"), SMS: sms}
}

// TelegramLink opens the bot with a parameter ("j_J12…"), "" where Telegram is off.
func (d Doors) TelegramLink(parameter string) string {
	if d.Telegram == "" {
		return ""
	}
	return "https://t.me/" + d.Telegram + "?start=" + parameter
}

// WhatsAppLink opens a chat with a text that is typed already, "" where WhatsApp is off.
func (d Doors) WhatsAppLink(text string) string {
	if d.WhatsApp == "" {
		return ""
	}
	return "https://wa.me/" + strings.TrimPrefix(d.WhatsApp, "+") + "?text=" + url.QueryEscape(text)
}
