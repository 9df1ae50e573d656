package simulator

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Error codes of messages that were accepted and then failed.
const (
	errOutsideWindow = 63016
	errBadContent    = 63021
	errNoMedia       = 63019
)

func errorText(code int) string {
	switch code {
	case errOutsideWindow:
		return "Failed to send freeform message because you are outside the allowed window. Please use a Template."
	case errBadContent:
		return "Channel invalid content error"
	case errNoMedia:
		return "Media failed to download"
	case 30003:
		return "Unreachable destination handset"
	case 30006:
		return "Landline or unreachable carrier"
	case 63024:
		return "Invalid message recipient"
	}
	return "Unknown error"
}

// whatsAppRefuses says why WhatsApp would not deliver, 0 when it would. Callers
// hold mu.
func (s *Simulator) whatsAppRefuses(p *Phone, c *content) int {
	open := !p.inbound.IsZero() && s.opt.Now().Sub(p.inbound) < 24*time.Hour
	replies := maxQuickReplies
	if !open {
		if c == nil || c.approval.status != "approved" {
			return errOutsideWindow
		}
		replies = maxTemplateReplies
	}
	if c != nil {
		if problem := c.breaks(replies, false); problem != "" {
			// Noted here, since the answer to the caller says nothing of it.
			s.complainLocked("twilio", "messages.create", problem)
			return errBadContent
		}
	}
	return 0
}

// moveOn takes a message through its statuses and posts each to its callback.
// Callers hold mu.
func (s *Simulator) moveOn(m *twilioMessage) {
	statuses := []string{"queued", "sent", "delivered"}
	failure := m.errorCode
	if m.phone.channel == WhatsApp {
		statuses = append(statuses, "read")
	}
	if f := s.strikeLocked("twilio", "status", m.to, FaultUndelivered); f != nil && failure == 0 {
		failure = 30003
		if f.Status != 0 {
			failure = f.Status
		}
		statuses = []string{"queued", "sent", "undelivered"}
	} else if failure != 0 {
		statuses = []string{"queued", "failed"}
	}
	m.errorCode = failure
	s.posts.put("twilio:status:"+m.sid, func(ctx context.Context) {
		for _, status := range statuses {
			pause(ctx, s.opt.Twilio.StatusDelay)
			s.mu.Lock()
			s.setStatus(m, status)
			s.mu.Unlock()
		}
	})
}

// setStatus moves a message and posts its callback. Callers hold mu.
func (s *Simulator) setStatus(m *twilioMessage, status string) {
	now := s.opt.Now()
	m.status, m.updated = status, now
	if status == "sent" {
		m.sent = now
	}
	if m.shown.Status = status; status == "failed" || status == "undelivered" {
		m.shown.ErrorCode = m.errorCode
	}
	if m.shown.Revision > 0 {
		m.phone.tell(m.shown)
	}
	if m.callback == "" || s.opt.Twilio.NoStatuses {
		return
	}
	form := url.Values{
		"MessageSid": {m.sid}, "SmsSid": {m.sid}, "AccountSid": {s.opt.Twilio.AccountSid}, "MessageStatus": {status}, "SmsStatus": {status},
		"From": {m.from}, "To": {m.to}, "ApiVersion": {"2010-04-01"},
	}
	if m.phone.channel == WhatsApp {
		form.Set("ChannelToAddress", strings.TrimPrefix(m.to, "whatsapp:"))
		form.Set("ChannelPrefix", "whatsapp")
		if status == "delivered" || status == "read" {
			form.Set("EventType", strings.ToUpper(status))
		}
	}
	if m.shown.ErrorCode != 0 {
		form.Set("ErrorCode", strconv.Itoa(m.errorCode))
		form.Set("ErrorMessage", errorText(m.errorCode))
	}
	s.launch("twilio", m.to, "status", "twilio:callback:"+m.sid, func(ctx context.Context) {
		s.postForm(ctx, m.callback, form)
	})
}
