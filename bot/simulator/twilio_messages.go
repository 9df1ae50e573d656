package simulator

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// twilioMessage is a Message resource.
type twilioMessage struct {
	sid, from, to, body string
	direction, status   string
	created, sent       time.Time
	updated             time.Time
	errorCode           int
	segments            int
	files               []*file
	callback            string
	phone               *Phone
	shown               *Message
}

const maxTwilioBody = 1600

func (s *Simulator) createMessage(r *http.Request) (int, any, *twilioError) {
	form := r.PostForm
	if !strings.HasPrefix(r.Header.Get("Content-Type"), formType) {
		return 0, nil, twilioRefusal(20001, "the body must be %s", formType)
	}
	if form.Get("To") == "" {
		return 0, nil, twilioRefusal(21604, "A 'To' phone number is required.")
	}
	if err := checkForm(s.spec.create, form); err != nil {
		return 0, nil, twilioRefusal(20001, "%s", err)
	}
	if refused := s.checkSender(form); refused != nil {
		return 0, nil, refused
	}
	if refused := checkRecipient(form.Get("To")); refused != nil {
		return 0, nil, refused
	}
	if refused := checkCallback(form.Get("StatusCallback")); refused != nil {
		return 0, nil, refused
	}
	var filled *content
	body := form.Get("Body")
	if sid := form.Get("ContentSid"); sid != "" {
		var refused *twilioError
		if filled, refused = s.fillContent(sid, form.Get("ContentVariables")); refused != nil {
			return 0, nil, refused
		}
		body = filled.body
	} else if form.Get("ContentVariables") != "" {
		return 0, nil, twilioRefusal(21656, "ContentVariables needs a ContentSid")
	}
	if filled == nil && strings.TrimSpace(body) == "" && len(form["MediaUrl"]) == 0 {
		return 0, nil, twilioRefusal(21602, "Message body is required.")
	}
	if utf8.RuneCountInString(body) > maxTwilioBody {
		return 0, nil, twilioRefusal(21617, "The concatenated message body exceeds the 1600 character limit.")
	}
	if len(form["MediaUrl"]) > 10 || (len(form["MediaUrl"]) > 1 && strings.HasPrefix(form.Get("To"), "whatsapp:")) {
		return 0, nil, twilioRefusal(21623, "Number of media files exceeds allowed limit.")
	}
	media := form["MediaUrl"]
	if filled != nil {
		media = filled.media
	}
	files, fetchError := s.fetchAll(r, media)
	return s.accept(form, body, filled, files, fetchError)
}

// checkSender wants a From of the account, on the channel of the To.
func (s *Simulator) checkSender(form url.Values) *twilioError {
	from, to := form.Get("From"), form.Get("To")
	if from == "" {
		return twilioRefusal(21603, "A 'From' phone number is required.")
	}
	if strings.HasPrefix(from, "whatsapp:") != strings.HasPrefix(to, "whatsapp:") {
		return twilioRefusal(21910, "Invalid From and To pair. From and To should be of the same channel")
	}
	if strings.HasPrefix(from, "whatsapp:") && from != s.opt.Twilio.WhatsAppFrom {
		return twilioRefusal(63007, "Twilio could not find a Channel with the specified From address")
	}
	if !strings.HasPrefix(from, "whatsapp:") && from != s.opt.Twilio.SMSFrom {
		return twilioRefusal(21606, "The 'From' phone number %s is not a valid, SMS-capable inbound phone number or short code for your account.", from)
	}
	if from == to {
		return twilioRefusal(21266, "'To' and 'From' number cannot be the same")
	}
	return nil
}

func checkRecipient(to string) *twilioError {
	number := strings.TrimPrefix(to, "whatsapp:")
	if !e164(number) || number == "+15005550001" {
		return twilioRefusal(21211, "The 'To' number %s is not a valid phone number.", to)
	}
	// In Morocco 06 and 07 are mobile, 05 is not (ANRT's numbering plan).
	if strings.HasPrefix(number, "+212") && (len(number) != 13 || !strings.ContainsRune("567", rune(number[4]))) {
		return twilioRefusal(21211, "The 'To' number %s is not a valid phone number.", to)
	}
	if strings.HasPrefix(number, "+2125") {
		return twilioRefusal(21614, "'To' number %s is not a valid mobile number", to)
	}
	return nil
}

func e164(number string) bool {
	digits, ok := strings.CutPrefix(number, "+")
	return ok && len(digits) >= 8 && len(digits) <= 15 && digits[0] != '0' && strings.Trim(digits, "0123456789") == ""
}

func checkCallback(callback string) *twilioError {
	if callback == "" {
		return nil
	}
	u, err := url.Parse(callback)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || strings.Contains(u.Hostname(), "_") {
		return twilioRefusal(21609, "The 'StatusCallback' URL %s is not a valid URL.", callback)
	}
	return nil
}

// accept makes the Message resource, shows it on the phone where it arrives, and
// sets its statuses on their way.
func (s *Simulator) accept(form url.Values, body string, filled *content, files []*file, failed int) (int, any, *twilioError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	to := form.Get("To")
	if rate := s.opt.Twilio.Rate; rate > 0 {
		if wait, ok := s.twilio.pace.take(time.Now(), rate); !ok {
			return 0, nil, twilioTooMany(seconds(wait))
		}
	}
	phone := s.phoneAt(to)
	if phone.channel == SMS && phone.optedOut {
		e := twilioRefusal(21610, "Attempt to send to unsubscribed recipient")
		e.allowed = true
		return 0, nil, e
	}
	now := s.opt.Now()
	m := &twilioMessage{
		sid: s.sidLocked("SM"), from: form.Get("From"), to: to, body: body, direction: "outbound-api", status: "queued",
		created: now, updated: now, files: files, callback: form.Get("StatusCallback"), phone: phone, segments: 1, errorCode: failed,
	}
	if len(files) > 0 {
		m.sid = "MM" + m.sid[2:]
	}
	shown := &Message{ID: m.sid, From: FromSouk, Kind: "text", Text: body, Status: "queued", files: files}
	for _, f := range files {
		shown.Kind = "photo"
		shown.Media = append(shown.Media, mediaPath(f))
	}
	if phone.channel == SMS {
		shown.Encoding, _, m.segments = Segments(body)
		shown.Segments = m.segments
		shown.HTML = plainText(body).safe
	} else {
		shown.HTML = whatsAppHTML(body)
		if m.errorCode == 0 {
			m.errorCode = s.whatsAppRefuses(phone, filled)
		}
	}
	if filled != nil {
		filled.show(shown)
		shown.Template = filled.sid
	}
	if location := form.Get("PersistentAction"); strings.HasPrefix(location, "geo:") {
		shown.Kind = "location"
		shown.Latitude, shown.Longitude = parseGeo(location)
	}
	m.shown = shown
	s.keepMessage(m)
	if m.errorCode == 0 {
		phone.add(shown)
	}
	s.moveOn(m)
	return http.StatusCreated, s.messageJSON(m), nil
}

var geo = regexp.MustCompile(`^geo:(-?[\d.]+),(-?[\d.]+)`)

func parseGeo(action string) (latitude, longitude float64) {
	if m := geo.FindStringSubmatch(action); m != nil {
		latitude, _ = strconv.ParseFloat(m[1], 64)
		longitude, _ = strconv.ParseFloat(m[2], 64)
	}
	return latitude, longitude
}

// phoneAt finds the phone of a number, or makes it: a number exists before it
// has written. Callers hold mu.
func (s *Simulator) phoneAt(to string) *Phone {
	channel, number := SMS, to
	if n, ok := strings.CutPrefix(to, "whatsapp:"); ok {
		channel, number = WhatsApp, n
	}
	key := string(channel) + ":" + number
	if p := s.phones[key]; p != nil {
		return p
	}
	p := s.newPhone(channel, key, Owner{Name: number, Number: number, Language: "fr"})
	s.keepPhone(p)
	return p
}

func (s *Simulator) keepMessage(m *twilioMessage) {
	t := &s.twilio
	t.bySid[m.sid] = m
	t.byTo[m.to] = append(t.byTo[m.to], m)
	t.order = append(t.order, m)
	if len(t.order) > s.opt.MaxRecords {
		old := t.order[0]
		t.order = t.order[1:]
		delete(t.bySid, old.sid)
		if rest := t.byTo[old.to][1:]; len(rest) > 0 {
			t.byTo[old.to] = rest
		} else {
			delete(t.byTo, old.to)
		}
	}
}

func (s *Simulator) messageJSON(m *twilioMessage) map[string]any {
	base := "/2010-04-01/Accounts/" + s.opt.Twilio.AccountSid + "/Messages/" + m.sid
	out := map[string]any{
		"account_sid": s.opt.Twilio.AccountSid, "api_version": "2010-04-01", "body": m.body, "direction": m.direction, "from": m.from, "to": m.to,
		"date_created": rfc2822(m.created), "date_sent": rfc2822(m.sent), "date_updated": rfc2822(m.updated),
		"error_code": nil, "error_message": nil, "messaging_service_sid": nil, "num_media": fmt.Sprint(len(m.files)),
		"num_segments": fmt.Sprint(m.segments), "price": nil, "price_unit": "USD", "sid": m.sid, "status": m.status,
		"subresource_uris": map[string]any{"media": base + "/Media.json"}, "uri": base + ".json",
	}
	// A refusal is known only once the message has failed.
	if m.errorCode != 0 && (m.status == "failed" || m.status == "undelivered") {
		out["error_code"], out["error_message"] = m.errorCode, errorText(m.errorCode)
	}
	return out
}

func (s *Simulator) fetchMessage(r *http.Request) (int, any, *twilioError) {
	sid, ok := strings.CutSuffix(r.PathValue("sid"), ".json")
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.twilio.bySid[sid]
	if !ok || m == nil {
		return 0, nil, twilioNotFound(r)
	}
	return http.StatusOK, s.messageJSON(m), nil
}

// listMessages answers newest first, as Twilio does, filtered by To, From and
// DateSent; a page has 50 unless PageSize says so.
func (s *Simulator) listMessages(r *http.Request) (int, any, *twilioError) {
	query := r.URL.Query()
	if err := checkQuery(s.spec.list, query); err != nil {
		return 0, nil, twilioRefusal(20001, "%s", err)
	}
	fits, refused := dateFilter(query)
	if refused != nil {
		return 0, nil, refused
	}
	size, page := 50, 0
	if n, err := strconv.Atoi(query.Get("PageSize")); err == nil {
		size = n
	}
	if n, err := strconv.Atoi(query.Get("Page")); err == nil {
		page = n
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.twilio.order
	if to := query.Get("To"); to != "" {
		all = s.twilio.byTo[to]
	}
	messages := []map[string]any{}
	more := false
	skip := size * page
	for _, m := range slices.Backward(all) {
		if from := query.Get("From"); (from != "" && m.from != from) || !fits(m) {
			continue
		}
		if skip > 0 {
			skip--
			continue
		}
		if len(messages) == size {
			more = true
			break
		}
		messages = append(messages, s.messageJSON(m))
	}
	uri := func(page int) string {
		q := r.URL.Query()
		q.Set("PageSize", strconv.Itoa(size))
		q.Set("Page", strconv.Itoa(page))
		return r.URL.Path + "?" + q.Encode()
	}
	out := map[string]any{
		"messages": messages, "page": page, "page_size": size, "start": size * page, "end": size*page + max(len(messages)-1, 0),
		"uri": uri(page), "first_page_uri": uri(0), "next_page_uri": nil, "previous_page_uri": nil,
	}
	if more {
		out["next_page_uri"] = uri(page + 1)
	}
	if page > 0 {
		out["previous_page_uri"] = uri(page - 1)
	}
	return http.StatusOK, out, nil
}

// dateFilter reads DateSent, DateSent< and DateSent>; a day or a moment. A
// message not sent yet counts by its creation: a look-up must find what was
// accepted a moment ago.
func dateFilter(query url.Values) (func(*twilioMessage) bool, *twilioError) {
	type bound struct {
		at  time.Time
		day bool
	}
	bounds := map[string]bound{}
	for _, name := range []string{"DateSent", "DateSent<", "DateSent>"} {
		text := query.Get(name)
		if text == "" {
			continue
		}
		b := bound{}
		var err error
		if b.at, err = time.Parse(time.DateOnly, text); err == nil {
			b.day = true
		} else if b.at, err = time.Parse(time.RFC3339, text); err != nil {
			return nil, twilioRefusal(20001, "%s %q is no date", name, text)
		}
		bounds[name] = b
	}
	return func(m *twilioMessage) bool {
		at := m.sent
		if at.IsZero() {
			at = m.created
		}
		at = at.UTC().Truncate(time.Second)
		if b, ok := bounds["DateSent"]; ok && at.Format(time.DateOnly) != b.at.UTC().Format(time.DateOnly) {
			return false
		}
		if b, ok := bounds["DateSent<"]; ok && at.After(b.at) && (!b.day || at.Sub(b.at) >= 24*time.Hour) {
			return false
		}
		if b, ok := bounds["DateSent>"]; ok && at.Before(b.at.Truncate(time.Second)) {
			return false
		}
		return true
	}, nil
}
