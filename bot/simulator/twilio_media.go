package simulator

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// mediaOf finds the message that a media request names. Callers hold mu.
func (s *Simulator) mediaOf(r *http.Request) (*twilioMessage, *twilioError) {
	m := s.twilio.bySid[r.PathValue("message")]
	if m == nil {
		return nil, twilioNotFound(r)
	}
	return m, nil
}

func (s *Simulator) mediaJSON(m *twilioMessage, f *file) map[string]any {
	return map[string]any{
		"sid": f.id, "account_sid": s.opt.Twilio.AccountSid, "parent_sid": m.sid, "content_type": f.contentType,
		"date_created": rfc2822(m.created), "date_updated": rfc2822(m.updated),
		"uri": fmt.Sprintf("/2010-04-01/Accounts/%s/Messages/%s/Media/%s.json", s.opt.Twilio.AccountSid, m.sid, f.id),
	}
}

func (s *Simulator) listMedia(r *http.Request) (int, any, *twilioError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, refused := s.mediaOf(r)
	if refused != nil {
		return 0, nil, refused
	}
	list := []map[string]any{}
	for _, f := range m.files {
		list = append(list, s.mediaJSON(m, f))
	}
	return http.StatusOK, map[string]any{"media_list": list, "page": 0, "page_size": 50, "start": 0, "end": max(len(list)-1, 0),
		"uri": r.URL.Path, "first_page_uri": r.URL.Path, "next_page_uri": nil, "previous_page_uri": nil}, nil
}

const maxMediaNames = 1_000

// fetchMedia answers .json with the resource, and without it sends the caller on
// to where the bytes are, as Twilio does.
func (s *Simulator) fetchMedia(r *http.Request) (int, any, *twilioError) {
	sid, asJSON := strings.CutSuffix(r.PathValue("sid"), ".json")
	s.mu.Lock()
	defer s.mu.Unlock()
	m, refused := s.mediaOf(r)
	if refused != nil {
		return 0, nil, refused
	}
	for _, f := range m.files {
		if f.id != sid {
			continue
		}
		if asJSON {
			return http.StatusOK, s.mediaJSON(m, f), nil
		}
		name := s.sidLocked("")
		t := &s.twilio
		t.media[name] = f.id
		if t.mediaOrder = append(t.mediaOrder, name); len(t.mediaOrder) > maxMediaNames {
			delete(t.media, t.mediaOrder[0])
			t.mediaOrder = t.mediaOrder[1:]
		}
		// The host and prefix that the caller knows the stand-in by.
		prefix, _, _ := strings.Cut(originalPath(r), "/2010-04-01/")
		return http.StatusTemporaryRedirect, "http://" + r.Host + prefix + "/twilio-media/" + name, nil
	}
	return 0, nil, twilioNotFound(r)
}

// originalPath is the path before a mount's prefix was taken off.
func originalPath(r *http.Request) string {
	u, err := url.ParseRequestURI(r.RequestURI)
	if err != nil {
		return r.URL.Path
	}
	return u.Path
}

// serveMedia is the other host: it takes no credentials of the API, and refuses
// a request that brings them, as S3 does.
func (s *Simulator) serveMedia(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "" {
		s.complain("twilio", "media", "Authorization was sent on to the media host")
		http.Error(w, "<Error><Code>InvalidArgument</Code><Message>Only one auth mechanism allowed</Message></Error>", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	id := s.twilio.media[r.PathValue("name")]
	s.mu.Unlock()
	f := s.files.get(id)
	if f == nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", f.contentType)
	_, _ = w.Write(f.data) // the client may have gone
}

const maxMediaBytes = 16 << 20

// fetchAll gets the media that a message names, as Twilio does before it sends;
// the code of the failure when one cannot be had. Only what Via or a loopback
// address leads to is fetched: the stand-in leaves the machine for nobody.
func (s *Simulator) fetchAll(r *http.Request, urls []string) (files []*file, failed int) {
	for _, target := range urls {
		f, err := s.fetchOne(r.Context(), target)
		if err != nil {
			s.complain("twilio", "messages.create", fmt.Sprintf("media %s: %s", target, err))
			return nil, errNoMedia
		}
		files = append(files, f)
	}
	return files, 0
}

func (s *Simulator) fetchOne(ctx context.Context, target string) (*file, error) {
	dialled := s.dial(target)
	u, err := url.Parse(dialled)
	if err != nil {
		return nil, fmt.Errorf("parsing the URL: %w", err)
	}
	if dialled == target && !isLoopback(u.Hostname()) {
		return nil, fmt.Errorf("host %s is not within reach", u.Hostname())
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, dialled, nil)
	if err != nil {
		return nil, fmt.Errorf("making the request: %w", err)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("fetching: %w", err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxMediaBytes+1))
	if err != nil {
		return nil, fmt.Errorf("reading: %w", err)
	}
	kind, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	switch {
	case resp.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("answered %s", resp.Status)
	case len(data) > maxMediaBytes:
		return nil, fmt.Errorf("has more than 16 MB")
	case !strings.HasPrefix(kind, "image/") && !strings.HasPrefix(kind, "audio/") && kind != "application/pdf":
		return nil, fmt.Errorf("content type %q is not taken", kind)
	}
	f := &file{id: s.sid("ME"), contentType: kind, data: data, name: "media"}
	s.files.add(f)
	return f, nil
}
