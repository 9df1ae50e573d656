package simulator

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// content is a Content resource; after fillContent, with its variables filled in.
type content struct {
	sid, name, language string
	variables           map[string]string
	types               map[string]json.RawMessage
	created             time.Time
	approval            approval

	kind    string // twilio/text, twilio/quick-reply, …
	body    string
	button  string
	items   []Item
	actions []Button
	media   []string
}

type approval struct {
	name, category, status, reason string
}

// Limits of WhatsApp's interactive messages (twilio.com/docs/content).
const (
	maxItems           = 10
	maxItemTitle       = 24
	maxItemDescription = 72
	maxChoiceID        = 200
	maxListButton      = 20
	maxQuickReplies    = 3
	maxTemplateReplies = 10
	maxReplyTitle      = 20
	maxTemplateBody    = 1024
	maxContents        = 2_000
)

func (s *Simulator) createContent(r *http.Request) (int, any, *twilioError) {
	raw, refused := readBody(r)
	if refused != nil {
		return 0, nil, refused
	}
	if err := checkJSON(s.spec.newContent, raw); err != nil {
		return 0, nil, twilioRefusal(20001, "%s", err)
	}
	var in struct {
		FriendlyName string                     `json:"friendly_name"`
		Variables    map[string]string          `json:"variables"`
		Language     string                     `json:"language"`
		Types        map[string]json.RawMessage `json:"types"`
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		return 0, nil, twilioRefusal(20001, "%s", err)
	}
	if len(in.Types) == 0 || in.Language == "" {
		return 0, nil, twilioRefusal(20001, "a content needs a language and at least one type")
	}
	c := &content{name: in.FriendlyName, language: in.Language, variables: in.Variables, types: in.Types, created: s.opt.Now()}
	shown, refused := c.filled(nil)
	if refused != nil {
		return 0, nil, refused
	}
	if problem := shown.breaks(maxTemplateReplies, true); problem != "" {
		return 0, nil, twilioRefusal(20001, "%s", problem)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.twilio.contentIDs) >= maxContents {
		return 0, nil, twilioRefusal(20001, "an account has at most %d contents", maxContents)
	}
	c.sid = s.sidLocked("HX")
	s.twilio.contents[c.sid] = c
	s.twilio.contentIDs = append(s.twilio.contentIDs, c.sid)
	return http.StatusCreated, s.contentJSON(c), nil
}

func (s *Simulator) contentJSON(c *content) map[string]any {
	url := "https://content.twilio.com/v1/Content/" + c.sid
	at := c.created.UTC().Format(time.RFC3339)
	return map[string]any{
		"sid": c.sid, "account_sid": s.opt.Twilio.AccountSid, "friendly_name": c.name, "language": c.language,
		"variables": c.variables, "types": c.types, "date_created": at, "date_updated": at, "url": url,
		"links": map[string]any{"approval_fetch": url + "/ApprovalRequests", "approval_create": url + "/ApprovalRequests/whatsapp"},
	}
}

// contentAt finds the content a request names. Callers hold mu.
func (s *Simulator) contentAt(r *http.Request) (*content, *twilioError) {
	c := s.twilio.contents[r.PathValue("sid")]
	if c == nil {
		e := twilioNotFound(r)
		e.allowed = true // how a sync learns that one is gone
		return nil, e
	}
	return c, nil
}

func (s *Simulator) fetchContent(r *http.Request) (int, any, *twilioError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, refused := s.contentAt(r)
	if refused != nil {
		return 0, nil, refused
	}
	return http.StatusOK, s.contentJSON(c), nil
}

func (s *Simulator) deleteContent(r *http.Request) (int, any, *twilioError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, refused := s.contentAt(r)
	if refused != nil {
		return 0, nil, refused
	}
	delete(s.twilio.contents, c.sid)
	s.twilio.contentIDs = slices.DeleteFunc(s.twilio.contentIDs, func(sid string) bool { return sid == c.sid })
	return http.StatusNoContent, nil, nil
}

func (s *Simulator) listContent(r *http.Request) (int, any, *twilioError) {
	size, page := 50, 0
	query := r.URL.Query()
	if n, err := strconv.Atoi(query.Get("PageSize")); err == nil && n >= 1 && n <= 1000 {
		size = n
	}
	if n, err := strconv.Atoi(query.Get("Page")); err == nil && n >= 0 {
		page = n
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	ids := s.twilio.contentIDs
	from, to := min(size*page, len(ids)), min(size*(page+1), len(ids))
	contents := []map[string]any{}
	for _, sid := range ids[from:to] {
		contents = append(contents, s.contentJSON(s.twilio.contents[sid]))
	}
	url := func(page int) string {
		return fmt.Sprintf("https://content.twilio.com/v1/Content?PageSize=%d&Page=%d", size, page)
	}
	meta := map[string]any{"key": "contents", "page": page, "page_size": size, "url": url(page), "first_page_url": url(0), "next_page_url": nil, "previous_page_url": nil}
	if to < len(ids) {
		meta["next_page_url"] = url(page + 1)
	}
	if page > 0 {
		meta["previous_page_url"] = url(page - 1)
	}
	return http.StatusOK, map[string]any{"contents": contents, "meta": meta}, nil
}

func (s *Simulator) createApproval(r *http.Request) (int, any, *twilioError) {
	raw, refused := readBody(r)
	if refused != nil {
		return 0, nil, refused
	}
	if err := checkJSON(s.spec.approval, raw); err != nil {
		return 0, nil, twilioRefusal(20001, "%s", err)
	}
	var in struct{ Name, Category string }
	if err := json.Unmarshal(raw, &in); err != nil {
		return 0, nil, twilioRefusal(20001, "%s", err)
	}
	if in.Name == "" || strings.Trim(in.Name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
		return 0, nil, twilioRefusal(20001, "a template's name is lower-case letters, digits and _, not %q", in.Name)
	}
	if !slices.Contains([]string{"UTILITY", "MARKETING", "AUTHENTICATION"}, in.Category) {
		return 0, nil, twilioRefusal(20001, "a template's category is not %q", in.Category)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c, refused := s.contentAt(r)
	if refused != nil {
		return 0, nil, refused
	}
	answer := map[string]any{"name": in.Name, "category": in.Category, "content_type": c.kindName(), "status": "received", "rejection_reason": "", "allow_category_change": true}
	c.approval = approval{name: in.Name, category: in.Category, status: "approved"}
	if c.kindName() == "twilio/list-picker" {
		c.approval.status, c.approval.reason = "rejected", "list pickers are for sessions only"
	}
	return http.StatusCreated, answer, nil
}

func (s *Simulator) fetchApproval(r *http.Request) (int, any, *twilioError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, refused := s.contentAt(r)
	if refused != nil {
		return 0, nil, refused
	}
	a := map[string]any{"type": "whatsapp", "status": "unsubmitted"}
	if c.approval.status != "" {
		a = map[string]any{"type": "whatsapp", "name": c.approval.name, "category": c.approval.category, "content_type": c.kindName(),
			"status": c.approval.status, "rejection_reason": c.approval.reason, "allow_category_change": true}
	}
	return http.StatusOK, map[string]any{
		"sid": c.sid, "account_sid": s.opt.Twilio.AccountSid, "whatsapp": a, "url": "https://content.twilio.com/v1/Content/" + c.sid + "/ApprovalRequests",
	}, nil
}

// SetApproval decides on a template: approved, rejected, paused or pending.
func (s *Simulator) SetApproval(contentSid, status string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.twilio.contents[contentSid]
	if c == nil {
		return fmt.Errorf("approval: there is no content %s", contentSid)
	}
	c.approval.status = status
	return nil
}

// kindName is the type that WhatsApp shows: the richest there is.
func (c *content) kindName() string {
	for _, kind := range []string{"twilio/card", "twilio/list-picker", "twilio/quick-reply", "twilio/media", "twilio/text"} {
		if _, ok := c.types[kind]; ok {
			return kind
		}
	}
	return ""
}

// fillContent is what a ContentSid and its ContentVariables make.
func (s *Simulator) fillContent(sid, variables string) (*content, *twilioError) {
	s.mu.Lock()
	c := s.twilio.contents[sid]
	s.mu.Unlock()
	if c == nil {
		return nil, twilioRefusal(21655, "The ContentSid %s is invalid: there is no such content", sid)
	}
	values := map[string]string{}
	if variables != "" {
		if err := json.Unmarshal([]byte(variables), &values); err != nil {
			return nil, twilioRefusal(21656, "The ContentVariables parameter is invalid: %s", err)
		}
	}
	return c.filled(values)
}

var placeholder = regexp.MustCompile(`\{\{\s*(\w+)\s*\}\}`)

// filled puts values into the placeholders, a content's own where one is
// missing. Nil values leave the placeholders: the content as it was made.
func (c *content) filled(values map[string]string) (*content, *twilioError) {
	kind := c.kindName()
	if kind == "" {
		kinds := slices.Sorted(maps.Keys(c.types))
		return nil, twilioRefusal(20001, "content of type %s is not taken by the stand-in", strings.Join(kinds, ", "))
	}
	used, missing := map[string]bool{}, ""
	fill := func(text string) string {
		if values == nil {
			return text
		}
		return placeholder.ReplaceAllStringFunc(text, func(hole string) string {
			name := placeholder.FindStringSubmatch(hole)[1]
			used[name] = true
			if v, ok := values[name]; ok {
				return v
			}
			if v, ok := c.variables[name]; ok {
				return v
			}
			missing = name
			return hole
		})
	}
	var in struct {
		Title, Body, Button string
		Media               []string
		Items               []struct{ ID, Item, Description string }
		Actions             []struct{ Title, ID string }
	}
	if err := json.Unmarshal(c.types[kind], &in); err != nil {
		return nil, twilioRefusal(20001, "%s: %s", kind, err)
	}
	if kind == "twilio/card" { // on WhatsApp a card's title is its text
		in.Body = in.Title
	}
	out := &content{sid: c.sid, kind: kind, approval: c.approval, body: fill(in.Body), button: fill(in.Button)}
	for _, item := range in.Items {
		out.items = append(out.items, Item{ID: fill(item.ID), Title: fill(item.Item), Description: fill(item.Description)})
	}
	for _, a := range in.Actions {
		out.actions = append(out.actions, Button{Label: fill(a.Title), Data: fill(a.ID)})
	}
	for _, m := range in.Media {
		out.media = append(out.media, fill(m))
	}
	if missing != "" {
		return nil, twilioRefusal(21656, "The ContentVariables parameter is invalid: {{%s}} has no value", missing)
	}
	for name, value := range values {
		// twilio.com/docs/api/errors/21656
		if strings.TrimSpace(value) == "" || strings.ContainsAny(value, "\n\r\t") || strings.Contains(value, "     ") {
			return nil, twilioRefusal(21656, "The ContentVariables parameter is invalid: {{%s}} is empty, or holds a line feed, a tab or a run of spaces", name)
		}
		if !used[name] {
			return nil, twilioRefusal(21656, "The ContentVariables parameter is invalid: the content has no {{%s}}", name)
		}
	}
	return out, nil
}

// breaks says which limit of WhatsApp's a content breaks, "" when none. With
// holes, texts that still have placeholders are not measured.
func (c *content) breaks(replies int, holes bool) string {
	measure := func(what, text string, limit int) string {
		n := utf8.RuneCountInString(text)
		switch {
		case holes && placeholder.MatchString(text):
			return ""
		case strings.TrimSpace(text) == "":
			return what + " is empty"
		case n > limit:
			return fmt.Sprintf("%s has %d characters, %d are allowed: %q", what, n, limit, text)
		}
		return ""
	}
	problems := []string{}
	if c.kind != "twilio/media" {
		problems = append(problems, measure("body", c.body, maxTemplateBody))
	}
	ids := map[string]bool{}
	unique := func(what, id string) {
		if holes && placeholder.MatchString(id) {
			return
		}
		if ids[id] {
			problems = append(problems, fmt.Sprintf("%s %q is given twice", what, id))
		}
		ids[id] = true
	}
	switch c.kind {
	case "twilio/list-picker":
		problems = append(problems, measure("button", c.button, maxListButton))
		if len(c.items) < 1 || len(c.items) > maxItems {
			problems = append(problems, fmt.Sprintf("a list has 1 to %d items, not %d", maxItems, len(c.items)))
		}
		for _, item := range c.items {
			problems = append(problems, measure("item", item.Title, maxItemTitle), measure("item id", item.ID, maxChoiceID))
			if item.Description != "" {
				problems = append(problems, measure("item description", item.Description, maxItemDescription))
			}
			unique("item id", item.ID)
		}
	case "twilio/quick-reply", "twilio/card":
		if c.kind == "twilio/card" && len(c.media) > 1 {
			problems = append(problems, fmt.Sprintf("a card shows one picture, not %d", len(c.media)))
		}
		if len(c.actions) < 1 || len(c.actions) > replies {
			problems = append(problems, fmt.Sprintf("there may be 1 to %d quick replies, not %d", replies, len(c.actions)))
		}
		for _, a := range c.actions {
			problems = append(problems, measure("quick reply", a.Label, maxReplyTitle))
			if a.Data != "" {
				problems = append(problems, measure("quick reply id", a.Data, maxChoiceID))
				unique("quick reply id", a.Data)
			}
			unique("quick reply", a.Label)
		}
	}
	for _, p := range problems {
		if p != "" {
			return p
		}
	}
	return ""
}

// show puts buttons and lists on the bubble.
func (c *content) show(m *Message) {
	switch c.kind {
	case "twilio/list-picker":
		m.List = &List{Button: c.button, Items: c.items}
	case "twilio/quick-reply", "twilio/card":
		for _, a := range c.actions {
			m.Buttons = append(m.Buttons, []Button{a})
		}
	}
}
