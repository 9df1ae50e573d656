package simulator

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// telegramState is what the Bot API's server knows.
type telegramState struct {
	chats     map[int64]*Phone // users and groups by their id
	commands  map[string]json.RawMessage
	callbacks map[string]*callback
	oldTaps   []string
	webhook   webhook
	slots     chan struct{} // deliveries at once, max_connections
	pace      bucket
	files     int
}

func (t *telegramState) init(Options) {
	t.chats = map[int64]*Phone{}
	t.commands = map[string]json.RawMessage{}
	t.callbacks = map[string]*callback{}
	t.webhook.changed = make(chan struct{})
	t.slots = make(chan struct{}, 40)
}

// TelegramID is the user id of a number's owner: the same in every run, and not
// mistakable for the number.
func TelegramID(number string) int64 {
	h := fnv.New64a()
	h.Write([]byte(number))
	return int64(h.Sum64()%6_000_000_000) + 1_000_000_000
}

// userID is TelegramID, or the next one where two numbers share it. Callers hold mu.
func (t *telegramState) userID(number string) int64 {
	id := TelegramID(number)
	for t.chats[id] != nil {
		id++
	}
	return id
}

// upload is a file that came with a request.
type upload struct {
	name string
	data []byte
}

// apiError is an answer that is not ok.
type apiError struct {
	code        int
	description string
	retryAfter  int
	// allowed marks refusals that a well-behaved bot meets too (blocked, too
	// fast): they are no breach of the contract.
	allowed bool
}

func (e *apiError) Error() string { return e.description }

func badRequest(format string, args ...any) *apiError {
	return &apiError{code: http.StatusBadRequest, description: "Bad Request: " + fmt.Sprintf(format, args...)}
}

func allowedError(code int, format string, args ...any) *apiError {
	return &apiError{code: code, description: fmt.Sprintf(format, args...), allowed: true}
}

// attachments is the key under which files named by attach:// travel beside the parameters.
const attachments = "\x00attachments"

const maxUpload = 50 << 20

// TelegramHandler is the Bot API: /bot<TOKEN>/<method> and /file/bot<TOKEN>/<path>.
func (s *Simulator) TelegramHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.active.Add(1)
		defer func() {
			s.active.Add(-1)
			s.posts.touch()
		}()
		if rest, ok := strings.CutPrefix(r.URL.Path, "/file/bot"); ok {
			s.telegramFile(w, r, rest)
			return
		}
		rest, ok := strings.CutPrefix(r.URL.Path, "/bot")
		token, method, found := strings.Cut(rest, "/")
		if !ok || !found {
			writeTelegram(w, nil, &apiError{code: http.StatusNotFound, description: "Not Found"})
			return
		}
		s.telegramCall(w, r, token, method)
	})
}

func (s *Simulator) telegramCall(w http.ResponseWriter, r *http.Request, token, method string) {
	if !s.telegramToken(token) {
		s.complain("telegram", method, "wrong token")
		writeTelegram(w, nil, &apiError{code: http.StatusUnauthorized, description: "Unauthorized"})
		return
	}
	call := s.telegramMethod(method)
	if call == nil {
		s.complain("telegram", method, "no such method in the stand-in")
		writeTelegram(w, nil, &apiError{code: http.StatusNotFound, description: "Not Found: method not found"})
		return
	}
	whole(r, maxUpload)
	params, err := telegramParams(r)
	if err == nil {
		err = s.api.checkRequest(method, params)
	}
	if err != nil {
		s.complain("telegram", method, err.Error())
		writeTelegram(w, nil, badRequest("%s", err))
		return
	}
	p := tgParams(params)
	fault := s.strike("telegram", method, p.str("chat_id"), apiFaults()...)
	if fault != nil && s.telegramRefuses(w, fault) {
		return
	}
	result, refused := call(r, p)
	if refused != nil && !refused.allowed {
		s.complain("telegram", method, refused.description)
	}
	if fault != nil {
		answerLate(r, fault)
	}
	writeTelegram(w, result, refused)
}

func (s *Simulator) telegramToken(token string) bool {
	return subtle.ConstantTimeCompare([]byte(token), []byte(s.opt.Telegram.Token)) == 1
}

// telegramRefuses answers for the faults under which nothing is done.
func (s *Simulator) telegramRefuses(w http.ResponseWriter, f *Fault) bool {
	switch f.Kind {
	case FaultTooMany:
		wait := max(f.RetryAfter, 1)
		writeTelegram(w, nil, tooMany(wait))
	case FaultErrorJSON:
		status := orStatus(f.Status)
		writeTelegram(w, nil, &apiError{code: status, description: http.StatusText(status)})
	case FaultErrorHTML:
		writeHTMLError(w, orStatus(f.Status))
	case FaultCut:
		panic(http.ErrAbortHandler)
	default:
		return false
	}
	return true
}

func tooMany(seconds int) *apiError {
	return &apiError{code: http.StatusTooManyRequests, description: fmt.Sprintf("Too Many Requests: retry after %d", seconds), retryAfter: seconds, allowed: true}
}

func orStatus(status int) int {
	if status == 0 {
		return http.StatusInternalServerError
	}
	return status
}

// answerLate holds or loses the answer of a call that was carried out.
func answerLate(r *http.Request, f *Fault) {
	switch f.Kind {
	case FaultLost:
		panic(http.ErrAbortHandler)
	case FaultSlow:
		select {
		case <-time.After(f.delay()):
		case <-r.Context().Done():
		}
	}
}

func writeHTMLError(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<html>\r\n<head><title>%d %s</title></head>\r\n<body>\r\n<center><h1>%[1]d %[2]s</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
		status, http.StatusText(status))
}

func writeTelegram(w http.ResponseWriter, result any, refused *apiError) {
	w.Header().Set("Content-Type", "application/json")
	if refused == nil {
		writeJSONBody(w, map[string]any{"ok": true, "result": result})
		return
	}
	body := map[string]any{"ok": false, "error_code": refused.code, "description": refused.description}
	if refused.retryAfter > 0 {
		body["parameters"] = map[string]any{"retry_after": refused.retryAfter}
	}
	w.WriteHeader(refused.code)
	writeJSONBody(w, body)
}

// writeJSONBody ignores a failed write: the client has gone, and will ask again.
func writeJSONBody(w io.Writer, body any) {
	_ = json.NewEncoder(w).Encode(body)
}

// tgParams are the parameters of a call: strings where they came in a form,
// JSON values where they came as JSON, upload for files.
type tgParams map[string]any

// telegramParams reads a call's parameters: query, form, multipart or JSON.
func telegramParams(r *http.Request) (map[string]any, error) {
	params := map[string]any{}
	for name, values := range r.URL.Query() {
		params[name] = values[0]
	}
	kind, attributes, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil && r.Header.Get("Content-Type") != "" {
		return nil, fmt.Errorf("content type: %w", err)
	}
	switch kind {
	case "application/json":
		dec := json.NewDecoder(io.LimitReader(r.Body, maxUpload))
		if err := dec.Decode(&params); err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("can't parse JSON object: %w", err)
		}
	case "multipart/form-data":
		return params, readMultipart(multipart.NewReader(io.LimitReader(r.Body, maxUpload), attributes["boundary"]), params)
	case "application/x-www-form-urlencoded":
		if err := r.ParseForm(); err != nil {
			return nil, fmt.Errorf("can't parse the form: %w", err)
		}
		for name, values := range r.PostForm {
			params[name] = values[0]
		}
	case "":
	default:
		return nil, fmt.Errorf("content type %s is not taken", kind)
	}
	return params, nil
}

func readMultipart(form *multipart.Reader, params map[string]any) error {
	files := map[string]upload{}
	for first := true; ; first = false {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil && first {
			// A call without parameters comes with an empty body.
			break
		}
		if err != nil {
			return fmt.Errorf("can't parse the form: %w", err)
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return fmt.Errorf("can't read form field %s: %w", part.FormName(), err)
		}
		if part.FileName() != "" {
			files[part.FormName()] = upload{name: part.FileName(), data: data}
			continue
		}
		params[part.FormName()] = string(data)
	}
	return attachFiles(params, files)
}

// attachFiles gives each uploaded file to the parameter that names it: its own,
// or one that says attach://name.
func attachFiles(params map[string]any, files map[string]upload) error {
	for name, f := range files {
		named := false
		for _, value := range params {
			if text, ok := value.(string); ok && strings.Contains(text, "attach://"+name) {
				named = true
			}
		}
		if named {
			attached, _ := params[attachments].(map[string]upload)
			if attached == nil {
				attached = map[string]upload{}
			}
			attached[name] = f
			params[attachments] = attached
			continue
		}
		params[name] = f
	}
	return nil
}

func (p tgParams) str(name string) string {
	switch v := p[name].(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

func (p tgParams) integer(name string) int64 {
	n, err := strconv.ParseInt(p.str(name), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func (p tgParams) boolean(name string) bool { return p.str(name) == "true" }

// decode reads a parameter that is JSON, in a form or in a JSON body.
func (p tgParams) decode(name string, into any) (given bool, err error) {
	value, ok := p[name]
	if !ok || value == nil {
		return false, nil
	}
	raw, isText := value.(string)
	if !isText {
		encoded, err := json.Marshal(value)
		if err != nil {
			return false, fmt.Errorf("%s: %w", name, err)
		}
		raw = string(encoded)
	}
	if err := json.Unmarshal([]byte(raw), into); err != nil {
		return false, fmt.Errorf("%s: %w", name, err)
	}
	return true, nil
}
