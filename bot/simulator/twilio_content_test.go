package simulator

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/twilio/twilio-go/client"
	twilioapi "github.com/twilio/twilio-go/rest/api/v2010"
	contentapi "github.com/twilio/twilio-go/rest/content/v1"
)

func text(s string) *contentapi.ContentCreateRequest {
	return &contentapi.ContentCreateRequest{FriendlyName: "t", Language: "fr", Types: contentapi.Types{TwilioText: &contentapi.TwilioText{Body: s}}}
}

func replies(titles ...string) *contentapi.ContentCreateRequest {
	q := &contentapi.TwilioQuickReply{Body: "{{1}}"}
	for i, title := range titles {
		q.Actions = append(q.Actions, contentapi.QuickReplyAction{Title: title, Id: fmt.Sprint("id", i)})
	}
	return &contentapi.ContentCreateRequest{FriendlyName: "q", Language: "fr", Types: contentapi.Types{TwilioQuickReply: q}}
}

func picker(items ...contentapi.ListItem) *contentapi.ContentCreateRequest {
	return &contentapi.ContentCreateRequest{FriendlyName: "l", Language: "fr",
		Types: contentapi.Types{TwilioListPicker: &contentapi.TwilioListPicker{Body: "{{body}}", Button: "Choisir", Items: items}}}
}

func (w *world) content(c *contentapi.ContentCreateRequest) (string, error) {
	params := &contentapi.CreateContentParams{}
	params.SetContentCreateRequest(*c)
	made, err := w.contentAPI().CreateContent(params)
	if err != nil {
		return "", err
	}
	return *made.Sid, nil
}

func TestContentRules(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	eleven := make([]contentapi.ListItem, 11)
	for i := range eleven {
		eleven[i] = contentapi.ListItem{Id: fmt.Sprint(i), Item: fmt.Sprint("Item ", i)}
	}
	for _, c := range []struct {
		name    string
		content *contentapi.ContentCreateRequest
		want    string
	}{
		{"text", text("Bonjour {{1}}"), ""},
		{"no types", &contentapi.ContentCreateRequest{Language: "fr"}, "at least one type"},
		{"no body", text(""), "body is empty"},
		{"long body", text(strings.Repeat("a", 1025)), "1024 are allowed"},
		{"replies", replies("Oui", "Non", "Menu"), ""},
		{"title of 20", replies(strings.Repeat("é", 20)), ""},
		{"title of 21", replies(strings.Repeat("é", 21)), "20 are allowed"},
		{"same title twice", replies("Oui", "Oui"), "given twice"},
		{"list", picker(contentapi.ListItem{Id: "1", Item: "Miel", Description: "thym"}), ""},
		{"ten items", picker(eleven[:10]...), ""},
		{"eleven items", picker(eleven...), "1 to 10 items"},
		{"item of 25", picker(contentapi.ListItem{Id: "1", Item: strings.Repeat("a", 25)}), "24 are allowed"},
		{"description of 73", picker(contentapi.ListItem{Id: "1", Item: "a", Description: strings.Repeat("a", 73)}), "72 are allowed"},
		{"id of 201", picker(contentapi.ListItem{Id: strings.Repeat("a", 201), Item: "a"}), "200 are allowed"},
		{"same id twice", picker(contentapi.ListItem{Id: "1", Item: "a"}, contentapi.ListItem{Id: "1", Item: "b"}), "given twice"},
		{"placeholders are not measured", picker(contentapi.ListItem{Id: "{{i1}}", Item: "{{t1}}", Description: "{{d1}}" + strings.Repeat("a", 80)}), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := w.content(c.content)
			if (c.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
	// What the client's models cannot say wrongly.
	for body, want := range map[string]string{
		`{"language":"fr","types":{"twilio/text":{"body":"x"}},"nickname":"x"}`:                         `unknown field "nickname"`,
		`{"language":"fr","types":{"twilio/poem":{"body":"x"}}}`:                                        `unknown field "twilio/poem"`,
		`{"language":"fr","types":{"twilio/quick-reply":{"body":"x","actions":[{"titel":"x"}]}}}`:       "titel",
		`{"types":{"twilio/text":{"body":"x"}}}`:                                                        "language",
		`{"language":"fr","types":{"twilio/list-picker":{"body":"x","button":"b","items":[{"id":1}]}}}`: "string",
	} {
		req, err := http.NewRequest(http.MethodPost, w.server.URL+"/v1/Content", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.SetBasicAuth(DefaultTwilioAccountSid, DefaultTwilioAuthToken)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusBadRequest || !strings.Contains(string(answer), strings.ReplaceAll(want, `"`, `\"`)) {
			t.Errorf("%s: %d %s %v", body, resp.StatusCode, answer, err)
		}
	}
}

func TestContentSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	p := w.Phone(WhatsApp, amina())
	p.Text("salam")
	w.idle()
	list, err := w.content(picker(contentapi.ListItem{Id: "{{i1}}", Item: "{{t1}}", Description: "{{d1}}"}, contentapi.ListItem{Id: "menu", Item: "Menu"}))
	if err != nil {
		t.Fatal(err)
	}
	four, err := w.content(replies("1", "2", "3", "4"))
	if err != nil {
		t.Fatal(err)
	}
	with := func(sid, variables string) func(*twilioapi.CreateMessageParams) {
		return func(p *twilioapi.CreateMessageParams) { p.SetContentSid(sid).SetContentVariables(variables) }
	}
	for _, c := range []struct {
		name, sid, variables string
		refused              int // at once
		failed               int // later
	}{
		{"all right", list, `{"body":"Que voulez-vous ?","i1":"p1","t1":"Miel de thym","d1":"250 g"}`, 0, 0},
		{"no JSON", list, `{body}`, 21656, 0},
		{"a number", list, `{"body":1}`, 21656, 0},
		{"one is missing", list, `{"body":"x","i1":"p1","t1":"Miel"}`, 21656, 0},
		{"one too many", list, `{"body":"x","i1":"p1","t1":"Miel","d1":"x","d2":"y"}`, 21656, 0},
		{"item too long", list, `{"body":"x","i1":"p1","t1":"Miel de thym des montagnes","d1":"x"}`, 0, 63021},
		{"description too long", list, `{"body":"x","i1":"p1","t1":"Miel","d1":"` + strings.Repeat("x", 73) + `"}`, 0, 63021},
		{"empty item", list, `{"body":"x","i1":"p1","t1":"","d1":"x"}`, 21656, 0},
		{"a line feed", list, `{"body":"x\ny","i1":"p1","t1":"Miel","d1":"x"}`, 21656, 0},
		{"four replies in session", four, `{"1":"x"}`, 0, 63021},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := w.send(p, with(c.sid, c.variables))
			var rest *client.TwilioRestError
			switch {
			case c.refused != 0:
				if !errors.As(err, &rest) || rest.Code != c.refused {
					t.Errorf("%v, want %d", err, c.refused)
				}
			case err != nil:
				t.Error(err)
			case c.failed == 0 && *m.Status != "read":
				t.Errorf("%s %v", *m.Status, m.ErrorCode)
			case c.failed != 0 && (m.ErrorCode == nil || *m.ErrorCode != c.failed):
				t.Errorf("%s %v, want %d", *m.Status, m.ErrorCode, c.failed)
			}
		})
	}
	shown := p.Said("")[0]
	if shown.List == nil || shown.List.Items[0].Title != "Miel de thym" || shown.Text != "Que voulez-vous ?" {
		t.Fatalf("shown %+v", shown)
	}
	if err := p.Tap("Miel de thym"); err != nil {
		t.Fatal(err)
	}
	if f := w.lastForm(); f.Get("ListId") != "p1" || f.Get("ListTitle") != "Miel de thym" || f.Get("OriginalRepliedMessageSid") != shown.ID || f.Get("Body") != "Miel de thym" {
		t.Errorf("picked %v", f)
	}
	three, err := w.content(replies("Oui", "Non", "Menu"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.send(p, with(three, `{"1":"D'accord ?"}`)); err != nil {
		t.Fatal(err)
	}
	if err := p.Tap("Non"); err != nil {
		t.Fatal(err)
	}
	if f := w.lastForm(); f.Get("ButtonText") != "Non" || f.Get("ButtonPayload") != "id1" {
		t.Errorf("tapped %v", f)
	}
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	p := w.Phone(WhatsApp, amina())
	sid, err := w.content(text("Votre commande {{1}} est prête."))
	if err != nil {
		t.Fatal(err)
	}
	send := func() string {
		t.Helper()
		m, err := w.send(p, func(p *twilioapi.CreateMessageParams) { p.SetContentSid(sid).SetContentVariables(`{"1":"K7"}`) })
		if err != nil {
			t.Fatal(err)
		}
		return *m.Status
	}
	if status := send(); status != "failed" {
		t.Errorf("a template that is not approved outside the window: %s", status)
	}
	ask := func(name, category string) error {
		params := &contentapi.CreateApprovalCreateParams{}
		params.SetContentApprovalRequest(contentapi.ContentApprovalRequest{Name: name, Category: category})
		_, err := w.contentAPI().CreateApprovalCreate(sid, params)
		return err
	}
	if ask("Commande prête", "UTILITY") == nil || ask("ready", "FUN") == nil {
		t.Error("a bad name or category was taken")
	}
	if err := ask("order_ready", "UTILITY"); err != nil {
		t.Fatal(err)
	}
	fetched, err := w.contentAPI().FetchApprovalFetch(sid)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(*fetched.Whatsapp); !strings.Contains(got, "approved") {
		t.Errorf("approval %s", got)
	}
	if status := send(); status != "read" {
		t.Errorf("an approved template outside the window: %s", status)
	}
	if err := w.SetApproval(sid, "paused"); err != nil {
		t.Fatal(err)
	}
	if status := send(); status != "failed" {
		t.Errorf("a paused template: %s", status)
	}
	limit := 100
	all, err := w.contentAPI().ListContent(&contentapi.ListContentParams{Limit: &limit})
	if err != nil || len(all) != 1 || *all[0].Sid != sid {
		t.Errorf("listed %v, %v", all, err)
	}
	if err := w.contentAPI().DeleteContent(sid); err != nil {
		t.Fatal(err)
	}
	if _, err := w.contentAPI().FetchContent(sid); err == nil {
		t.Error("a deleted content is still there")
	}
}
