package simulator

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// SignTwilio signs a form as Twilio does: HMAC-SHA1, keyed by the account's
// token, over the URL and the parameters sorted by name, in base64
// (twilio.com/docs/usage/webhooks/webhooks-security).
func SignTwilio(authToken, url string, form url.Values) string {
	names := make([]string, 0, len(form))
	for name := range form {
		names = append(names, name)
	}
	slices.Sort(names)
	var b strings.Builder
	b.WriteString(url)
	for _, name := range names {
		b.WriteString(name)
		b.WriteString(form.Get(name))
	}
	mac := hmac.New(sha1.New, []byte(authToken))
	mac.Write([]byte(b.String()))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// retryPolicy is what stands behind the # of a webhook URL: rc tries more, on
// the errors that rp names (twilio.com/docs/usage/webhooks/webhooks-connection-overrides).
type retryPolicy struct {
	tries int
	on    string
}

func readPolicy(target string) (url string, policy retryPolicy) {
	policy = retryPolicy{tries: 1, on: "ct"}
	url, fragment, _ := strings.Cut(target, "#")
	for pair := range strings.SplitSeq(fragment, "&") {
		name, value, _ := strings.Cut(pair, "=")
		switch name {
		case "rc":
			if n, err := strconv.Atoi(value); err == nil && n >= 0 && n <= 5 {
				policy.tries = n
			}
		case "rp":
			policy.on = value
		}
	}
	return url, policy
}

// again tells whether a failed post is tried once more.
func (p retryPolicy) again(status int) bool {
	switch {
	case status == 0:
		return true // no connection
	case status/100 == 2:
		return false
	case strings.Contains(p.on, "all"):
		return true
	}
	return strings.Contains(p.on, "4xx") && status/100 == 4 || strings.Contains(p.on, "5xx") && status/100 == 5
}

// postForm posts a signed form: true when it was taken. By default it is tried
// once more where no connection came about, and lost otherwise.
func (s *Simulator) postForm(ctx context.Context, target string, form url.Values) bool {
	url, policy := readPolicy(target)
	for try := 0; ctx.Err() == nil; try++ {
		status, err := s.postOnce(ctx, url, form)
		if err == nil && status/100 == 2 {
			return true
		}
		s.opt.Log.Info("twilio webhook failed", "url", url, "status", status, "err", err)
		if try >= policy.tries || !policy.again(status) {
			return false
		}
		pause(ctx, s.opt.RetryBase)
	}
	return false
}

// How long Twilio waits for a webhook's answer.
const webhookTimeout = 15 * time.Second

// postOnce answers with status 0 where no connection came about, and 504 where
// no answer came in time.
func (s *Simulator) postOnce(ctx context.Context, url string, form url.Values) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, webhookTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.dial(url), strings.NewReader(form.Encode()))
	if err != nil {
		return 0, fmt.Errorf("making the webhook's request: %w", err)
	}
	req.Header.Set("Content-Type", formType+"; charset=UTF-8")
	req.Header.Set("User-Agent", "TwilioProxy/1.1")
	req.Header.Set("X-Twilio-Signature", SignTwilio(s.opt.Twilio.AuthToken, url, form))
	resp, err := s.client.Do(req)
	if errors.Is(err, context.DeadlineExceeded) {
		return http.StatusGatewayTimeout, fmt.Errorf("waiting for the webhook's answer: %w", err)
	}
	if err != nil {
		return 0, fmt.Errorf("posting a form: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		return 0, fmt.Errorf("reading the webhook's answer: %w", err)
	}
	if resp.StatusCode/100 == 2 && !form.Has("MessageStatus") {
		if err := checkTwiML(resp.Header.Get("Content-Type"), body); err != nil {
			s.complain("twilio", "webhook", err.Error())
		}
	}
	return resp.StatusCode, nil
}

// checkTwiML reads the answer to an inbound message. The stand-in carries out
// no verbs: what Souk says leaves by REST.
func checkTwiML(contentType string, body []byte) error {
	if len(body) == 0 {
		return nil
	}
	if !strings.Contains(contentType, "xml") {
		return fmt.Errorf("12300 the answer's content type is %q, not XML", contentType)
	}
	var root struct {
		XMLName xml.Name
		Verbs   []struct{ XMLName xml.Name } `xml:",any"`
	}
	if err := xml.Unmarshal(body, &root); err != nil {
		return fmt.Errorf("12100 the answer is no XML: %w", err)
	}
	if root.XMLName.Local != "Response" {
		return fmt.Errorf("12200 the answer is <%s>, not <Response>", root.XMLName.Local)
	}
	if len(root.Verbs) > 0 {
		return errors.New("the answer has verbs, which the stand-in does not carry out")
	}
	return nil
}
