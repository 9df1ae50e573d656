package twilio

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	v2010 "github.com/twilio/twilio-go/rest/api/v2010"

	"souk/bot"
	"souk/flows"
	"souk/locales"
)

// The names of the channels, as they stand in address.channel.
const (
	WhatsAppName = "whatsapp"
	SMSName      = "sms"
)

// WhatsAppConfig is what the channel needs beyond its account.
type WhatsAppConfig struct {
	Rate, ChatRate float64 // messages per second of the account and of one chat; 0 is 80 and 1
	// ListButtons are the words on what opens a list, by language, at most 20 characters ("Choisir").
	ListButtons map[string]string
}

// WhatsApp is the WhatsApp channel. It implements bot.Channel; its webhook is the account's.
type WhatsApp struct {
	account   *Account
	config    WhatsAppConfig
	photos    *PhotoLinks
	resources Resources
	sids      atomic.Pointer[map[string]string] // of the Content resources, by name
}

// WhatsApp makes the channel; ok is false where the account has no WhatsApp sender. Call Recall, or Sync, before the first
// reply: until then every list is numbered text.
func (a *Account) WhatsApp(config WhatsAppConfig, photos *PhotoLinks, resources Resources) (channel *WhatsApp, ok bool) {
	if a.whatsapp == "" {
		return nil, false
	}
	if config.Rate <= 0 {
		config.Rate = 80
	}
	if config.ChatRate <= 0 {
		config.ChatRate = 1
	}
	w := &WhatsApp{account: a, config: config, photos: photos, resources: resources}
	w.sids.Store(&map[string]string{})
	return w, true
}

// Name is whatsapp.
func (w *WhatsApp) Name() string { return WhatsAppName }

// Account is whatsapp: and our number.
func (w *WhatsApp) Account() string { return WhatsAppName + ":" + w.account.whatsapp }

// Medium is Rich.
func (w *WhatsApp) Medium() locales.Medium { return locales.Rich }

// Window is WhatsApp's session: 24 hours from the person's last message.
func (w *WhatsApp) Window() time.Duration { return 24 * time.Hour }

// Pace is the pause between two messages in one chat.
func (w *WhatsApp) Pace() time.Duration { return pace(w.config.ChatRate) }

// Rate is the account's messages per second.
func (w *WhatsApp) Rate() float64 { return w.config.Rate }

func pace(rate float64) time.Duration { return time.Duration(float64(time.Second) / rate) }

// Decode reads a stored form.
func (w *WhatsApp) Decode(body []byte) (flows.Event, error) { return decode(body) }

// Parts says how many messages a reply becomes.
func (w *WhatsApp) Parts(reply flows.Reply) int { return len(w.messages(reply)) }

// messages renders a reply, without its picture where the store has none: Twilio would take the message, and find out later.
func (w *WhatsApp) messages(reply flows.Reply) []outgoing {
	if reply.Photo != "" && !w.photos.holds(reply.Photo) {
		reply.Photo = ""
	}
	return render(reply, w.has)
}

func (w *WhatsApp) has(name string) bool { return (*w.sids.Load())[name] != "" }

// Send sends one message of a reply. A Content resource that Twilio refuses (deleted in its console, say) is said in numbered words.
func (w *WhatsApp) Send(ctx context.Context, out bot.Outgoing, part int) (bot.Sent, error) {
	messages := w.messages(out.Reply)
	if part < 0 || part >= len(messages) {
		return bot.Sent{}, &bot.SendError{Verdict: bot.Never, Code: "part", Err: fmt.Errorf("part %d of %d", part, len(messages))}
	}
	said := messages[part]
	params, err := w.params(out, said, part)
	if err != nil {
		return bot.Sent{}, &bot.SendError{Verdict: bot.Never, Code: "content", Err: err}
	}
	sent, failed := w.account.create(ctx, params)
	if failed != nil && said.content != nil && badContent(failed) {
		instead := out.Reply
		if part > 0 { // what stands before was said
			instead.Text, instead.Photo = said.content.body(), ""
		} else if said.content.shape.kind != kindCard {
			instead.Photo = ""
		}
		sent, failed = w.sendAll(ctx, out, words(numbered(instead), instead.Photo), part)
	}
	if failed != nil {
		return bot.Sent{}, failed
	}
	return sent, nil
}

// sendAll sends messages one after the other, all as the same part: only where a refused one is said in other words.
func (w *WhatsApp) sendAll(ctx context.Context, out bot.Outgoing, messages []outgoing, part int) (sent bot.Sent, failed *bot.SendError) {
	for _, said := range messages {
		params, err := w.params(out, said, part)
		if err != nil {
			return bot.Sent{}, &bot.SendError{Verdict: bot.Never, Code: "content", Err: err}
		}
		if sent, failed = w.account.create(ctx, params); failed != nil {
			return bot.Sent{}, failed
		}
	}
	return sent, nil
}

// Find looks for a message whose answer was lost.
func (w *WhatsApp) Find(ctx context.Context, out bot.Outgoing, part int) (bot.Sent, bool, error) {
	messages := w.messages(out.Reply)
	if part < 0 || part >= len(messages) {
		return bot.Sent{}, false, fmt.Errorf("part %d of %d", part, len(messages))
	}
	body := messages[part].body
	if said := messages[part].content; said != nil {
		body = said.body()
	}
	return w.account.find(ctx, WhatsAppName, whatsappPrefix+out.ExternalID, whatsappPrefix+w.account.whatsapp, body, out.CreatedAt)
}

func (w *WhatsApp) params(out bot.Outgoing, said outgoing, part int) (*v2010.CreateMessageParams, error) {
	params := &v2010.CreateMessageParams{}
	params.SetTo(whatsappPrefix + out.ExternalID).SetFrom(whatsappPrefix + w.account.whatsapp)
	if address := w.account.statusURL(out, part); address != "" {
		params.SetStatusCallback(address)
	}
	if said.content == nil {
		if said.body != "" {
			params.SetBody(said.body)
		}
		if said.picture != "" {
			params.SetMediaUrl([]string{w.account.config.PublicURL + PhotoPath + w.photos.Name(said.picture)})
		}
		return params, nil
	}
	variables := said.content.variables
	if said.content.shape.kind == kindCard {
		place := strconv.Itoa(said.content.shape.lines + 1)
		variables[place] = w.photos.Name(variables[place])
	}
	written, err := json.Marshal(variables)
	if err != nil {
		return nil, fmt.Errorf("write the content variables: %w", err)
	}
	return params.SetContentSid((*w.sids.Load())[said.content.shape.name()]).SetContentVariables(string(written)), nil
}
