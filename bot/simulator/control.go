package simulator

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// maxControlBody bounds what the control API reads: a file of 20 MB in base64.
const maxControlBody = 28 << 20

// act is one thing a person does, as the page and outside tests ask for it.
type act struct {
	// Phone is its key, "channel:number".
	Phone string `json:"phone"`
	// Do is text, reply, tap, location, contact, photo, album, document, voice, sticker, edit,
	// block, unblock, stop, start, group, raw or form.
	Do      string          `json:"do"`
	Text    string          `json:"text"`
	Message string          `json:"message"` // tapped, quoted or edited
	Data    string          `json:"data"`    // base64 of a photo, a document or a voice note
	Type    string          `json:"type"`    // content type of a document
	All     []string        `json:"all"`     // base64 of each photo of an album
	Lat     float64         `json:"latitude"`
	Lng     float64         `json:"longitude"`
	Seconds int             `json:"seconds"`
	Kind    string          `json:"kind"` // raw: the update's kind; form: nothing
	Object  json.RawMessage `json:"object"`
}

func (s *Simulator) control(mux *http.ServeMux) {
	mux.HandleFunc("POST /simulator/api/phones", answerJSON(s.apiPhone))
	mux.HandleFunc("GET /simulator/api/phones/{key}", answerJSON(s.apiTimeline))
	mux.HandleFunc("POST /simulator/api/acts", answerJSON(s.apiAct))
	mux.HandleFunc("POST /simulator/faults", answerJSON(s.apiInject))
	mux.HandleFunc("GET /simulator/faults", answerJSON(func(*http.Request) (any, error) { return s.Faults(), nil }))
	mux.HandleFunc("DELETE /simulator/faults", answerJSON(func(*http.Request) (any, error) {
		s.Heal()
		return s.Faults(), nil
	}))
	mux.HandleFunc("GET /simulator/api/complaints", answerJSON(func(*http.Request) (any, error) { return s.Complaints(), nil }))
	mux.HandleFunc("POST /simulator/api/wait", answerJSON(s.apiWait))
}

// answerJSON is 200 with what handle returns, or 400 with what is wrong.
func answerJSON(handle func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxControlBody)
		body, err := handle(r)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			body = map[string]string{"error": err.Error()}
		}
		writeJSONBody(w, body)
	}
}

func decodeBody(r *http.Request, into any) error {
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading the request: %w", err)
	}
	return nil
}

// phoneView is a phone with all it shows.
type phoneView struct {
	Key      string     `json:"key"`
	Channel  Channel    `json:"channel"`
	Owner    Owner      `json:"owner"`
	Address  string     `json:"address"`
	Blocked  bool       `json:"blocked"`
	OptedOut bool       `json:"opted_out"`
	Keyboard [][]Button `json:"keyboard"`
	Messages []Message  `json:"messages"`
}

func (p *Phone) view() phoneView {
	v := phoneView{Key: p.key, Channel: p.channel, Address: p.Address(), Messages: p.Messages()}
	p.sim.mu.Lock()
	defer p.sim.mu.Unlock()
	v.Owner, v.Blocked, v.OptedOut, v.Keyboard = p.owner, p.blocked, p.optedOut, p.keyboard
	return v
}

func (s *Simulator) apiPhone(r *http.Request) (any, error) {
	var in struct {
		Channel Channel `json:"channel"`
		Owner
	}
	if err := decodeBody(r, &in); err != nil {
		return nil, err
	}
	if in.Channel != Telegram && in.Channel != WhatsApp && in.Channel != SMS {
		return nil, fmt.Errorf("phone: channel %q is none of telegram, whatsapp, sms", in.Channel)
	}
	if in.Number != "" && !e164(in.Number) {
		return nil, fmt.Errorf("phone: %q is no number like +212612345678", in.Number)
	}
	if in.Number == "" && in.Name == "" {
		return nil, errors.New("phone: a number or a name is needed")
	}
	return s.Phone(in.Channel, in.Owner).view(), nil
}

func (s *Simulator) apiTimeline(r *http.Request) (any, error) {
	p := s.phoneByKey(r.PathValue("key"))
	if p == nil {
		return nil, fmt.Errorf("there is no phone %q", r.PathValue("key"))
	}
	return p.view(), nil
}

func (s *Simulator) apiInject(r *http.Request) (any, error) {
	var f Fault
	if err := decodeBody(r, &f); err != nil {
		return nil, err
	}
	if err := s.Inject(f); err != nil {
		return nil, err
	}
	return s.Faults(), nil
}

// apiWait answers once nothing has happened for quiet_ms, 100 by default.
func (s *Simulator) apiWait(r *http.Request) (any, error) {
	in := struct {
		Quiet int `json:"quiet_ms"`
	}{100}
	if err := decodeBody(r, &in); err != nil {
		return nil, err
	}
	if err := s.WaitIdle(r.Context(), time.Duration(in.Quiet)*time.Millisecond); err != nil {
		return nil, err
	}
	return map[string]bool{"idle": true}, nil
}

func (s *Simulator) apiAct(r *http.Request) (any, error) {
	var a act
	if err := decodeBody(r, &a); err != nil {
		return nil, err
	}
	p := s.phoneByKey(a.Phone)
	if p == nil {
		return nil, fmt.Errorf("there is no phone %q", a.Phone)
	}
	id, err := p.do(a)
	if err != nil {
		return nil, err
	}
	return map[string]string{"id": id}, nil
}

func (p *Phone) do(a act) (id string, err error) {
	data, err := base64.StdEncoding.DecodeString(a.Data)
	if err != nil {
		return "", fmt.Errorf("data: %w", err)
	}
	switch a.Do {
	case "text":
		return p.Text(a.Text), nil
	case "reply":
		return p.Reply(a.Message, a.Text), nil
	case "tap":
		if a.Message != "" {
			return "", p.TapOn(a.Message, a.Text)
		}
		return "", p.Tap(a.Text)
	case "location":
		return p.Location(a.Lat, a.Lng), nil
	case "contact":
		return p.Contact(), nil
	case "photo":
		return p.Photo(data, a.Text)
	case "album":
		var pictures [][]byte
		for _, picture := range a.All {
			data, err := base64.StdEncoding.DecodeString(picture)
			if err != nil {
				return "", fmt.Errorf("all: %w", err)
			}
			pictures = append(pictures, data)
		}
		if len(pictures) < 2 || len(pictures) > 10 {
			return "", fmt.Errorf("an album has 2 to 10 photos, not %d", len(pictures))
		}
		ids, err := p.Album(pictures, a.Text)
		return strings.Join(ids, ","), err
	case "document":
		return p.Document(data, a.Type, a.Text), nil
	case "voice":
		return p.Voice(data, a.Seconds), nil
	case "sticker":
		return p.Sticker(a.Text), nil
	case "edit":
		return a.Message, p.Edit(a.Message, a.Text)
	case "block":
		p.Block()
	case "unblock":
		p.Unblock()
	case "stop":
		return p.Stop(), nil
	case "start":
		return p.Start(a.Text), nil
	case "group":
		return p.Group("Souk").Text(a.Text), nil
	case "raw":
		return "", p.Raw(a.Kind, a.Object)
	case "form":
		var fields map[string]string
		if err := json.Unmarshal(a.Object, &fields); err != nil {
			return "", fmt.Errorf("form: %w", err)
		}
		form := url.Values{}
		for name, value := range fields {
			form.Set(name, value)
		}
		return "", p.Post(form)
	default:
		return "", fmt.Errorf("nobody can %q", a.Do)
	}
	return "", nil
}
