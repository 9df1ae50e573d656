package twilio

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"souk/bot"
)

// The paths that Twilio calls beneath the public URL.
const (
	InboundPath = "/webhooks/twilio"
	StatusPath  = "/webhooks/twilio/status"
)

const whatsappPrefix = "whatsapp:"

// form is a webhook's parameters. The signature covers only the first value of a repeated key, so only that one is ever read.
type form map[string]string

// readForm keeps what can be read: a pair that is no valid encoding is left out, and then the signature will not fit.
func readForm(body string) form {
	values, _ := url.ParseQuery(body)
	fields := make(form, len(values))
	for key, all := range values {
		fields[key] = all[0]
	}
	return fields
}

// signed checks the signature over the configured public URL: what the client's headers say of host and scheme proves nothing.
func (a *Account) signed(r *http.Request, path string, fields form) bool {
	address := a.config.PublicURL + path
	if r.URL.RawQuery != "" {
		address += "?" + r.URL.RawQuery
	}
	signature := r.Header.Get("X-Twilio-Signature")
	return signature != "" && a.validate.Validate(address, fields, signature)
}

// Receive verifies and reads an inbound message of either channel. What is no message, or was sent to no channel of ours, comes
// back without an ExternalID.
func (a *Account) Receive(r *http.Request, body []byte) (bot.Incoming, error) {
	fields := readForm(string(body))
	if !a.signed(r, InboundPath, fields) {
		return bot.Incoming{}, bot.ErrForged
	}
	return a.incoming(fields, body), nil
}

func (a *Account) incoming(fields form, body []byte) bot.Incoming {
	from, isWhatsApp := strings.CutPrefix(fields["From"], whatsappPrefix)
	to := strings.TrimPrefix(fields["To"], whatsappPrefix)
	in := bot.Incoming{Channel: SMSName, Account: SMSName + ":" + to, Body: body}
	ours := a.sms
	if isWhatsApp {
		in.Channel, in.Account, ours = WhatsAppName, WhatsAppName+":"+to, a.whatsapp
	}
	in.ProviderID = first(fields["MessageSid"], fields["SmsMessageSid"], fields["SmsSid"])
	if in.ProviderID == "" {
		digest := sha256.Sum256(body)
		in.ProviderID = "sha256/" + hex.EncodeToString(digest[:])
		return in
	}
	switch {
	case to != ours || ours == "":
	case isE164(from):
		in.ExternalID = from
	case !isWhatsApp:
		in.Ignore = true // a short code or a name: an advertisement, which nobody could answer
	}
	return in
}

// ReceiveDelivery verifies and reads a status callback. Which reply it is about stands in its own URL, that the signature covers.
func (a *Account) ReceiveDelivery(r *http.Request, body []byte) (bot.Delivery, error) {
	fields := readForm(string(body))
	if !a.signed(r, StatusPath, fields) {
		return bot.Delivery{}, bot.ErrForged
	}
	query := readForm(r.URL.RawQuery)
	out := bot.Delivery{
		ProviderMessageID: first(fields["MessageSid"], fields["SmsSid"]),
		Status:            outboxStatus(first(fields["MessageStatus"], fields["SmsStatus"])),
	}
	out.OutboxID, _ = strconv.ParseInt(query["o"], 10, 64)
	out.Part, _ = strconv.Atoi(query["p"])
	if out.Status == "failed" || out.Status == "undelivered" {
		out.Code = fields["ErrorCode"]
		code, _ := strconv.Atoi(out.Code)
		known, ok := codeMeaning(code)
		if !ok {
			known.verdict = bot.Never
		}
		out.Verdict, out.Pause = known.verdict, known.pause
		if out.Verdict == bot.Unknown { // it is known now: it did not arrive
			out.Verdict = bot.Never
		}
	}
	return out, nil
}

// outboxStatus writes Twilio's status in the outbox's words. All that come before sent prove that the message was taken.
func outboxStatus(status string) string {
	switch status {
	case "accepted", "scheduled", "queued", "sending", "sent":
		return "sent"
	case "delivered", "read", "failed", "undelivered":
		return status
	case "canceled":
		return "failed"
	}
	return ""
}

// statusURL is where Twilio tells what became of one message of a reply.
func (a *Account) statusURL(out bot.Outgoing, part int) string {
	if a.config.PublicURL == "" || out.OutboxID == 0 {
		return ""
	}
	return a.config.PublicURL + StatusPath + "?o=" + strconv.FormatInt(out.OutboxID, 10) + "&p=" + strconv.Itoa(part)
}

func first(values ...string) string {
	for _, value := range values {
		if value != "" {
			return value
		}
	}
	return ""
}
