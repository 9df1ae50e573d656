package telegram

import (
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"time"
)

// maxAnswer bounds what is read of an answer: the library reads all of it into memory.
const maxAnswer = 1 << 20

// call remembers of one request what the library does not say.
type call struct {
	reached    bool // a connection was had: bytes may have left
	status     int
	retryAfter time.Duration
}

type callKey struct{}

// call prepares one request to the API.
func (c *Channel) call(ctx context.Context) (*call, context.Context) {
	made := &call{}
	ctx = context.WithValue(ctx, callKey{}, made)
	return made, httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { made.reached = true },
	})
}

// newHTTP makes the client's HTTP side: bounded answers, and no redirect, which would carry the token elsewhere.
func newHTTP(config Config) *http.Client {
	return &http.Client{
		Timeout:       config.Timeout,
		Transport:     recorder{config.Transport},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// newTransport keeps enough idle connections for a busy account: the default keeps two, and dials for every other message.
func newTransport() http.RoundTripper {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns, transport.MaxIdleConnsPerHost = 128, 128
	return transport
}

type recorder struct{ next http.RoundTripper }

func (r recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	answer, err := r.next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	if made, ok := request.Context().Value(callKey{}).(*call); ok {
		made.status = answer.StatusCode
		if seconds, errNumber := strconv.Atoi(answer.Header.Get("Retry-After")); errNumber == nil && seconds > 0 {
			made.retryAfter = time.Duration(seconds) * time.Second
		}
	}
	answer.Body = bounded{io.LimitReader(answer.Body, maxAnswer), answer.Body}
	return answer, nil
}

type bounded struct {
	io.Reader
	io.Closer
}
