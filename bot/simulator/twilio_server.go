package simulator

import (
	"crypto/subtle"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// twilioState is what Twilio knows of the account.
type twilioState struct {
	webhookURL string
	bySid      map[string]*twilioMessage
	byTo       map[string][]*twilioMessage // also by From, for what comes in
	order      []*twilioMessage
	contents   map[string]*content
	contentIDs []string
	media      map[string]string // short-lived names on the media host -> file id
	mediaOrder []string
	pace       bucket
}

func (t *twilioState) init(opt Options) {
	t.webhookURL = opt.Twilio.WebhookURL
	t.bySid = map[string]*twilioMessage{}
	t.byTo = map[string][]*twilioMessage{}
	t.contents = map[string]*content{}
	t.media = map[string]string{}
}

// SetTwilioWebhook is where inbound messages are posted, and the URL they are
// signed over: what an operator types into Twilio's console.
func (s *Simulator) SetTwilioWebhook(url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.twilio.webhookURL = url
}

// twilioError is Twilio's way to refuse: an HTTP status and a code of its own
// (twilio.com/docs/api/errors).
type twilioError struct {
	status  int
	code    int
	message string
	// allowed marks refusals that a well-behaved application meets too.
	allowed bool
	after   int // Retry-After, seconds
}

func twilioRefusal(code int, format string, args ...any) *twilioError {
	return &twilioError{status: http.StatusBadRequest, code: code, message: fmt.Sprintf(format, args...)}
}

func twilioNotFound(r *http.Request) *twilioError {
	return &twilioError{status: http.StatusNotFound, code: 20404, message: "The requested resource " + r.URL.Path + " was not found"}
}

// sid makes an id as Twilio's: two letters and 32 hexadecimal digits.
func (s *Simulator) sid(prefix string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sidLocked(prefix)
}

func (s *Simulator) sidLocked(prefix string) string {
	return fmt.Sprintf("%s%016x%016x", prefix, s.opt.Seed, s.nextID())
}

// TwilioHandler is Twilio's API: api.twilio.com, content.twilio.com and the host
// that media are redirected to, all in one.
func (s *Simulator) TwilioHandler() http.Handler {
	mux := http.NewServeMux()
	account := "/2010-04-01/Accounts/{account}/"
	mux.HandleFunc("GET /2010-04-01/Accounts/{account}", s.twilioCall("account", s.fetchAccount))
	mux.HandleFunc("POST "+account+"Messages.json", s.twilioCall("messages.create", s.createMessage))
	mux.HandleFunc("GET "+account+"Messages.json", s.twilioCall("messages.list", s.listMessages))
	mux.HandleFunc("GET "+account+"Messages/{sid}", s.twilioCall("messages.fetch", s.fetchMessage))
	mux.HandleFunc("GET "+account+"Messages/{message}/Media.json", s.twilioCall("media", s.listMedia))
	mux.HandleFunc("GET "+account+"Messages/{message}/Media/{sid}", s.twilioCall("media", s.fetchMedia))
	mux.HandleFunc("GET /twilio-media/{name}", s.serveMedia)
	mux.HandleFunc("POST /v1/Content", s.twilioCall("content", s.createContent))
	mux.HandleFunc("GET /v1/Content", s.twilioCall("content", s.listContent))
	mux.HandleFunc("GET /v1/Content/{sid}", s.twilioCall("content", s.fetchContent))
	mux.HandleFunc("DELETE /v1/Content/{sid}", s.twilioCall("content", s.deleteContent))
	mux.HandleFunc("GET /v1/Content/{sid}/ApprovalRequests", s.twilioCall("content", s.fetchApproval))
	mux.HandleFunc("POST /v1/Content/{sid}/ApprovalRequests/whatsapp", s.twilioCall("content", s.createApproval))
	mux.HandleFunc("/", s.twilioCall("unknown", func(r *http.Request) (int, any, *twilioError) {
		return 0, nil, twilioNotFound(r)
	}))
	return mux
}

// fetchAccount tells the account's state, as a tool that checks the credentials asks for it.
func (s *Simulator) fetchAccount(r *http.Request) (int, any, *twilioError) {
	if r.PathValue("account") != s.opt.Twilio.AccountSid+".json" {
		return 0, nil, twilioNotFound(r)
	}
	return http.StatusOK, map[string]any{"sid": s.opt.Twilio.AccountSid, "friendly_name": "Simulator", "status": "active", "type": "Full"}, nil
}

// maxForm bounds the parameters of one request.
const maxForm = 1 << 20

type twilioHandler func(*http.Request) (status int, body any, refused *twilioError)

// twilioCall wraps one operation: authentication, faults, errors, answer.
func (s *Simulator) twilioCall(method string, handle twilioHandler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.active.Add(1)
		defer func() {
			s.active.Add(-1)
			s.posts.touch()
		}()
		whole(r, maxForm)
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		if refused := s.twilioAuth(r); refused != nil {
			s.complain("twilio", method, refused.message)
			writeTwilioError(w, refused)
			return
		}
		to := ""
		if method == "messages.create" {
			if err := r.ParseForm(); err != nil {
				s.complain("twilio", method, err.Error())
				writeTwilioError(w, twilioRefusal(20001, "the form cannot be read: %s", err))
				return
			}
			to = r.PostForm.Get("To")
		}
		fault := s.strike("twilio", method, to, apiFaults()...)
		if fault != nil && twilioRefuses(w, fault) {
			return
		}
		status, body, refused := handle(r)
		if refused != nil && !refused.allowed {
			s.complain("twilio", method, fmt.Sprintf("%d %s", refused.code, refused.message))
		}
		if fault != nil {
			answerLate(r, fault)
		}
		switch {
		case refused != nil:
			writeTwilioError(w, refused)
		case status == http.StatusTemporaryRedirect:
			w.Header().Set("Location", body.(string))
			w.WriteHeader(status)
		default:
			writeTwilio(w, status, body)
		}
	}
}

func (s *Simulator) twilioAuth(r *http.Request) *twilioError {
	user, password, ok := r.BasicAuth()
	right := subtle.ConstantTimeCompare([]byte(user), []byte(s.opt.Twilio.AccountSid)) == 1 &&
		subtle.ConstantTimeCompare([]byte(password), []byte(s.opt.Twilio.AuthToken)) == 1
	if !ok || !right {
		return &twilioError{status: http.StatusUnauthorized, code: 20003, message: "Authenticate"}
	}
	if account := strings.TrimPrefix(r.URL.Path, "/2010-04-01/Accounts/"); account != r.URL.Path {
		if sid, _, _ := strings.Cut(account, "/"); strings.TrimSuffix(sid, ".json") != s.opt.Twilio.AccountSid {
			return twilioNotFound(r)
		}
	}
	return nil
}

func twilioRefuses(w http.ResponseWriter, f *Fault) bool {
	switch f.Kind {
	case FaultTooMany:
		writeTwilioError(w, twilioTooMany(max(f.RetryAfter, 1)))
	case FaultErrorJSON:
		status := orStatus(f.Status)
		code := 20500
		if status != http.StatusInternalServerError {
			code = 20000 + status
		}
		writeTwilioError(w, &twilioError{status: status, code: code, message: http.StatusText(status)})
	case FaultErrorHTML:
		writeHTMLError(w, orStatus(f.Status))
	case FaultCut:
		panic(http.ErrAbortHandler)
	default:
		return false
	}
	return true
}

func twilioTooMany(after int) *twilioError {
	return &twilioError{status: http.StatusTooManyRequests, code: 20429, message: "Too Many Requests", allowed: true, after: after}
}

func writeTwilioError(w http.ResponseWriter, e *twilioError) {
	if e.after > 0 {
		w.Header().Set("Retry-After", fmt.Sprint(e.after))
	}
	if e.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Basic realm="Twilio API"`)
	}
	writeTwilio(w, e.status, map[string]any{
		"code": e.code, "message": e.message, "status": e.status, "more_info": fmt.Sprintf("https://www.twilio.com/docs/errors/%d", e.code),
	})
}

func writeTwilio(w http.ResponseWriter, status int, body any) {
	if status == http.StatusNoContent {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.WriteHeader(status)
	writeJSONBody(w, body)
}

func readBody(r *http.Request) ([]byte, *twilioError) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, twilioRefusal(20001, "the body cannot be read: %s", err)
	}
	return raw, nil
}

// rfc2822 is how Twilio's older API writes dates.
func rfc2822(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format("Mon, 02 Jan 2006 15:04:05 +0000")
}
