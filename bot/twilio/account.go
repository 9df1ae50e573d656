// Package twilio is the WhatsApp and the SMS channel over Twilio: it verifies and decodes webhooks, renders replies (WhatsApp's
// buttons and lists through Content resources, text messages through package sms), and sends them.
package twilio

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/twilio/twilio-go/client"
	v2010 "github.com/twilio/twilio-go/rest/api/v2010"
	content "github.com/twilio/twilio-go/rest/content/v1"
)

// Config is what the account needs to know.
type Config struct {
	AccountSID string
	AuthToken  string
	APIURL     string            // "" for Twilio's own hosts; else it stands in for all of them. Plain http only to a loopback address.
	PublicURL  string            // the base that Twilio calls: signatures are checked against it, pictures are fetched from it
	Timeout    time.Duration     // of one call; 0 is 15 s. It must stay under the lease of the lane.
	Transport  http.RoundTripper // nil for one of its own
}

// Account is one Twilio account: the client and the webhooks that its WhatsApp and SMS channels share.
type Account struct {
	config   Config
	base     *url.URL          // of APIURL, nil for Twilio's own hosts
	media    http.RoundTripper // of the hosts that Twilio sends us on to
	validate client.RequestValidator
	scrub    *strings.Replacer
	whatsapp string // our numbers in E.164, "" where the channel is off
	sms      string
	// Taken says whether a message SID already belongs to a reply to this address, so that looking for one whose answer was lost
	// never finds another that reads the same (TakenIn). nil: no SID is known.
	Taken func(ctx context.Context, account, externalID, sid string) (bool, error)
}

// New makes the account without calling anybody. whatsappFrom reads whatsapp:+14155238886, smsFrom +15005550006; "" is a channel that is off.
func New(config Config, whatsappFrom, smsFrom string) (*Account, error) {
	if config.AccountSID == "" || config.AuthToken == "" {
		return nil, errors.New("Twilio needs an account SID and its auth token")
	}
	a := &Account{
		config: config, validate: client.NewRequestValidator(config.AuthToken),
		scrub: strings.NewReplacer(config.AuthToken, "***"), sms: smsFrom,
	}
	a.config.PublicURL = strings.TrimRight(config.PublicURL, "/")
	if whatsappFrom != "" {
		number, ok := strings.CutPrefix(whatsappFrom, whatsappPrefix)
		if !ok || !isE164(number) {
			return nil, fmt.Errorf("a WhatsApp sender reads whatsapp:+14155238886, not %q", whatsappFrom)
		}
		a.whatsapp = number
	}
	if smsFrom != "" && !isE164(smsFrom) {
		return nil, fmt.Errorf("an SMS sender reads +15005550006, not %q", smsFrom)
	}
	if config.APIURL != "" {
		base, err := url.Parse(strings.TrimRight(config.APIURL, "/"))
		if err != nil || base.Host == "" {
			return nil, fmt.Errorf("the Twilio API URL %q is none", config.APIURL)
		}
		if base.Scheme != "https" && !(base.Scheme == "http" && loopback(base.Hostname())) {
			return nil, fmt.Errorf("the Twilio API URL %q would carry the auth token in clear: https, or a loopback address", config.APIURL)
		}
		a.base = base
	}
	if a.config.Timeout <= 0 {
		a.config.Timeout = 15 * time.Second
	}
	if a.config.Transport == nil {
		a.config.Transport = newTransport()
	}
	a.media = newMediaTransport(a.base)
	return a, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func isE164(number string) bool {
	if len(number) < 7 || len(number) > 16 || number[0] != '+' {
		return false
	}
	for _, digit := range number[1:] {
		if digit < '0' || digit > '9' {
			return false
		}
	}
	return true
}

// client makes a client for one call: twilio-go knows no contexts, so each call has a transport of its own that carries it.
func (a *Account) client(ctx context.Context) (*call, *client.RequestHandler, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, a.config.Timeout)
	made := &call{ctx: ctx, base: a.base, next: a.config.Transport}
	base := &client.Client{
		Credentials: client.NewCredentials(a.config.AccountSID, a.config.AuthToken),
		HTTPClient: &http.Client{
			Transport:     made,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	base.SetAccountSid(a.config.AccountSID)
	// Not NewRequestHandler: that one lets environment variables choose another host.
	return made, &client.RequestHandler{Client: base}, cancel
}

func (a *Account) messages(ctx context.Context) (*call, *v2010.ApiService, context.CancelFunc) {
	made, handler, cancel := a.client(ctx)
	return made, v2010.NewApiService(handler), cancel
}

func (a *Account) contents(ctx context.Context) (*call, *content.ApiService, context.CancelFunc) {
	made, handler, cancel := a.client(ctx)
	return made, content.NewApiService(handler), cancel
}

// Status asks Twilio how the account is: active, suspended or closed.
func (a *Account) Status(ctx context.Context) (string, error) {
	made, api, cancel := a.messages(ctx)
	defer cancel()
	account, err := api.FetchAccount(a.config.AccountSID)
	if err != nil {
		return "", a.sendError(made, fmt.Errorf("fetch the account: %w", err))
	}
	return value(account.Status), nil
}

func value[T any](pointer *T) T {
	if pointer == nil {
		var zero T
		return zero
	}
	return *pointer
}
