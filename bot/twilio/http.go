package twilio

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Bounds of what is read of an answer: lists are long, errors are not.
const (
	maxAnswer = 8 << 20
	maxError  = 64 << 10
)

// call is the transport of one request. It brings in the caller's context, leads Twilio's hosts to the stand-in's, and remembers
// what the library does not say.
type call struct {
	ctx        context.Context
	base       *url.URL
	next       http.RoundTripper
	reached    bool // a connection was had: bytes may have left
	status     int
	retryAfter time.Duration
}

func (c *call) RoundTrip(request *http.Request) (*http.Response, error) {
	traced := httptrace.WithClientTrace(c.ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { c.reached = true },
	})
	request = request.Clone(traced)
	if c.base != nil {
		request.URL.Scheme, request.URL.Host = c.base.Scheme, c.base.Host
		request.URL.Path = strings.TrimRight(c.base.Path, "/") + request.URL.Path
		request.URL.RawPath = ""
		request.Host = ""
	}
	answer, err := c.next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	c.status = answer.StatusCode
	if seconds, errNumber := strconv.Atoi(answer.Header.Get("Retry-After")); errNumber == nil && seconds > 0 {
		c.retryAfter = time.Duration(seconds) * time.Second
	}
	if answer.StatusCode < http.StatusBadRequest {
		answer.Body = bounded{io.LimitReader(answer.Body, maxAnswer), answer.Body}
		return answer, nil
	}
	// The library reads the first JSON value of an error and leaves the rest, and with it the connection.
	said, err := io.ReadAll(io.LimitReader(answer.Body, maxError))
	if err == nil {
		_, _ = io.CopyN(io.Discard, answer.Body, maxAnswer)
	}
	answer.Body.Close()
	answer.Body = io.NopCloser(bytes.NewReader(said))
	return answer, nil
}

// newTransport keeps enough idle connections for a busy account: the default keeps two, and dials for every other message.
func newTransport() http.RoundTripper {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns, transport.MaxIdleConnsPerHost = 128, 128
	return transport
}

type bounded struct {
	io.Reader
	io.Closer
}
