package telegram

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"strconv"

	"souk/bot"
)

// secretHeader carries the secret that setWebhook agreed on.
const secretHeader = "X-Telegram-Bot-Api-Secret-Token"

// Receive verifies the secret and reads whose update it is. The caller has bounded the body. What cannot be decoded comes back
// without an ExternalID, under a name made of its digest: one poison update answered otherwise than 200 would block its chat for a day.
func (c *Channel) Receive(r *http.Request, body []byte) (bot.Incoming, error) {
	given, want := sha256.Sum256([]byte(r.Header.Get(secretHeader))), sha256.Sum256([]byte(c.config.Secret))
	if c.config.Secret == "" || subtle.ConstantTimeCompare(given[:], want[:]) != 1 {
		return bot.Incoming{}, bot.ErrForged
	}
	in := bot.Incoming{Account: c.Account(), Channel: c.Name(), Body: body}
	u, err := parse(body)
	id, errID := strconv.ParseInt(u.ID.String(), 10, 64)
	if err != nil || errID != nil {
		digest := sha256.Sum256(body)
		in.ProviderID = "sha256/" + hex.EncodeToString(digest[:])
		return in, nil //nolint:nilerr // kept for the dispatcher to park
	}
	in.ProviderID = strconv.FormatInt(id, 10)
	who := c.whose(u)
	in.AckTap, in.Ignore = who.tap, who.ignore
	if who.chat != 0 {
		in.ExternalID = strconv.FormatInt(who.chat, 10)
	}
	return in, nil
}

// owner is whose conversation an update belongs to.
type owner struct {
	chat   int64 // 0 where none could be read
	tap    string
	ignore bool
}

func (c *Channel) whose(u update) owner {
	switch {
	case u.Message != nil:
		m := u.Message
		quiet := m.From != nil && m.From.IsBot || m.service.any()
		if !m.Chat.private() {
			quiet = quiet || !c.addressed(m)
		}
		return owner{chat: m.Chat.ID, ignore: quiet}
	case u.EditedMessage != nil:
		m := u.EditedMessage
		// A live location arrives as an edit every few seconds.
		return owner{chat: m.Chat.ID, ignore: !m.Chat.private() || m.Location != nil}
	case u.CallbackQuery != nil:
		q := u.CallbackQuery
		who := owner{tap: q.ID}
		if q.Message != nil {
			who.chat = q.Message.Chat.ID
		}
		// Only the person of a private chat can tap in it; anything else is answered, so that the button stops turning, and left.
		who.ignore = q.Message == nil || q.From.ID != who.chat
		return who
	case u.MyChatMember != nil:
		return owner{chat: u.MyChatMember.Chat.ID, ignore: !u.MyChatMember.Chat.private() || membership(u.MyChatMember) == ""}
	}
	return owner{ignore: true}
}
