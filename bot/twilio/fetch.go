package twilio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	v2010 "github.com/twilio/twilio-go/rest/api/v2010"

	"souk/bot"
)

// twilioURL is where media are unless the configuration says otherwise.
const twilioURL = "https://api.twilio.com"

// maxHops is how often Twilio may send us on: once, today.
const maxHops = 3

// Fetch opens a file that somebody sent, by the ids that flows.Media.ID holds: AC…/MM…/ME…, or MM…/N where the webhook named none. It
// asks the configured base for it, with our credentials, and follows from there without them, to hosts of Twilio's and public
// addresses only. bot.ErrMediaGone where Twilio has it no more, or it is not ours.
func (a *Account) Fetch(ctx context.Context, ref string) (content io.ReadCloser, size int64, err error) {
	address, err := a.mediaAddress(ctx, ref)
	if err != nil {
		return nil, 0, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, 0, fmt.Errorf("fetch a file: %w", bot.ErrMediaGone)
	}
	request.SetBasicAuth(a.config.AccountSID, a.config.AuthToken)
	answer, err := a.config.Transport.RoundTrip(request)
	for range maxHops {
		if err != nil || answer.StatusCode < 300 || answer.StatusCode > 399 {
			break
		}
		next, allowed := a.next(answer)
		answer.Body.Close()
		if !allowed {
			return nil, 0, fmt.Errorf("fetch a file: Twilio sends us to %s, which is none of its hosts: %w", next.Host, bot.ErrMediaGone)
		}
		if request, err = http.NewRequestWithContext(ctx, http.MethodGet, next.String(), nil); err == nil {
			answer, err = a.media.RoundTrip(request) //nolint:bodyclose // the caller closes the last answer's; each one before is closed above
		}
	}
	if err != nil {
		return nil, 0, fmt.Errorf("fetch a file: %s", a.scrubbed(err))
	}
	switch answer.StatusCode {
	case http.StatusOK:
		return answer.Body, answer.ContentLength, nil
	case http.StatusNotFound, http.StatusGone:
		err = bot.ErrMediaGone
	default:
		err = errors.New(answer.Status)
	}
	answer.Body.Close()
	return nil, 0, fmt.Errorf("fetch a file: %w", err)
}

// mediaAddress builds the address of a file out of ids and nothing else.
func (a *Account) mediaAddress(ctx context.Context, ref string) (string, error) {
	piece := strings.Split(ref, "/")
	switch {
	case len(piece) == 2 && isSID(piece[0]): // the webhook's own URL was none: ask which files the message has
		n, err := strconv.Atoi(piece[1])
		if err != nil {
			return "", fmt.Errorf("fetch file %q: %w", ref, bot.ErrMediaGone)
		}
		sid, err := a.mediaOf(ctx, piece[0], n)
		if err != nil {
			return "", err
		}
		piece = []string{a.config.AccountSID, piece[0], sid}
	case len(piece) != 3 || !isSID(piece[0]) || !isSID(piece[1]) || !isSID(piece[2]) || piece[0] != a.config.AccountSID:
		return "", fmt.Errorf("fetch file %q: it is not of our account: %w", ref, bot.ErrMediaGone)
	}
	base := twilioURL
	if a.base != nil {
		base = strings.TrimRight(a.base.String(), "/")
	}
	return base + "/2010-04-01/Accounts/" + piece[0] + "/Messages/" + piece[1] + "/Media/" + piece[2], nil
}

// mediaOf finds the id of a message's n-th file.
func (a *Account) mediaOf(ctx context.Context, message string, n int) (string, error) {
	made, api, cancel := a.messages(ctx)
	defer cancel()
	files, err := api.PageMedia(message, (&v2010.ListMediaParams{}).SetPageSize(maxMedia), "", "")
	if err != nil && (made.status == http.StatusNotFound || made.status == http.StatusGone) {
		return "", fmt.Errorf("list the files of message %s: %w", message, bot.ErrMediaGone)
	}
	if err != nil {
		return "", a.sendError(made, fmt.Errorf("list the files of message %s: %w", message, err))
	}
	if n < 0 || n >= len(files.MediaList) || !isSID(value(files.MediaList[n].Sid)) {
		return "", fmt.Errorf("message %s has no file %d: %w", message, n, bot.ErrMediaGone)
	}
	return value(files.MediaList[n].Sid), nil
}

// next is where an answer sends us, and whether we go: to the configured base itself, or by https to a host of Twilio's.
func (a *Account) next(answer *http.Response) (next *url.URL, allowed bool) {
	next, err := answer.Location()
	if err != nil {
		return &url.URL{}, false
	}
	if next.User != nil {
		return next, false
	}
	if a.base != nil && next.Scheme == a.base.Scheme && next.Host == a.base.Host {
		return next, true
	}
	host := strings.ToLower(next.Hostname())
	port := next.Port() == "" || next.Port() == "443"
	return next, next.Scheme == "https" && port && (under(host, "twilio.com") || under(host, "twiliocdn.com") || mediaBucket(host, next.Path))
}

func under(host, domain string) bool { return host == domain || strings.HasSuffix(host, "."+domain) }

// mediaBucket is the bucket at Amazon in which Twilio has kept media (twilio.com/docs/messaging/api/media-resource): any other of
// Amazon's hosts is anybody's.
func mediaBucket(host, path string) bool {
	const bucket = "media.twiliocdn.com"
	if !under(host, "amazonaws.com") {
		return false
	}
	return strings.HasPrefix(host, bucket+".s3") || strings.HasPrefix(host, "s3") && strings.HasPrefix(path, "/"+bucket+"/")
}

// newMediaTransport connects to public addresses only, whatever a name resolves to at that moment; to this machine where the
// configured base is on it. It goes by no proxy, which would resolve names in our place.
func newMediaTransport(base *url.URL) *http.Transport {
	here := base != nil && loopback(base.Hostname())
	dialer := &net.Dialer{Timeout: 10 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return err
		}
		ip := net.ParseIP(host)
		if !public(ip) && !(here && ip.IsLoopback()) {
			return fmt.Errorf("%s is no public address", host)
		}
		return nil
	}}
	return &http.Transport{DialContext: dialer.DialContext, TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: 30 * time.Second,
		IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true}
}

// public says whether an address is anybody's on the internet: no private network, no machine of one's own, no cloud's metadata.
func public(ip net.IP) bool {
	if ip == nil || !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return false
	}
	for _, reserved := range []string{"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "198.18.0.0/15", "240.0.0.0/4", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"} {
		if _, network, err := net.ParseCIDR(reserved); err != nil || network.Contains(ip) {
			return false
		}
	}
	return true
}
