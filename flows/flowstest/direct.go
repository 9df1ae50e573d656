package flowstest

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/flows"
	"souk/internal/postgres"
	"souk/locales"
)

// Direct drives the engine without a gateway, on a real Postgres; the session goes through its stored form between turns.
type Direct struct {
	stage    *Stage
	engine   *flows.Engine
	sessions map[int64][]byte
	said     map[int64][]flows.Reply
	albums   int
}

// NewDirect makes a driver over a stage. walked hears of every row that is taken.
func NewDirect(t testing.TB, s *Stage, walked func(string)) *Direct {
	t.Helper()
	engine, err := flows.NewSouk(s.Words, s.Shop, flows.Options{Walked: walked, Codes: s.Codes, Doors: s.Doors})
	if err != nil {
		t.Fatal(err)
	}
	return &Direct{stage: s, engine: engine, sessions: map[int64][]byte{}, said: map[int64][]flows.Reply{}}
}

// Meet gives addresses that need no provider.
func (d *Direct) Meet(_ testing.TB, p *Person, number string) {
	p.Account, p.ExternalID = "direct:"+p.Channel, number
	if p.Channel == "telegram" {
		p.ExternalID = strings.TrimPrefix(number, "+")
	}
}

// Hear takes one turn.
func (d *Direct) Hear(t testing.TB, p *Person, g Gesture) {
	t.Helper()
	now := d.stage.Clock.Now()
	if p.Address == 0 {
		err := d.stage.Pool.QueryRow(context.Background(), `
WITH a AS (INSERT INTO address (channel, account, external_id, created_at) VALUES ($1, $2, $3, $4) RETURNING id)
INSERT INTO conversation (id) SELECT id FROM a RETURNING id`, p.Channel, p.Account, p.ExternalID, now).Scan(&p.Address)
		if err != nil {
			t.Fatal(err)
		}
	}
	e := flows.Event{Kind: g.Kind, At: now, Text: g.Text, Payload: g.Payload, Quoted: g.Quoted, Phone: g.Phone, OwnContact: g.Own, Latitude: g.Latitude, Longitude: g.Longitude}
	e.Profile = flows.Profile{Name: p.Name, Lang: p.Lang}
	if p.Channel != "telegram" {
		e.Profile.Phone = p.ExternalID
	}
	switch g.Kind {
	case flows.Photo:
		d.photos(t, p, e, g)
		return
	case flows.Voice:
		e.Media = []flows.Media{{ID: "m1", Kind: g.Kind, MIME: "application/octet-stream", Bytes: 1000}}
	case flows.Edited:
		e.Original = g.Original
	}
	d.turn(t, p.Address, p.Channel, e)
	d.Settle(t)
}

func (d *Direct) turn(t testing.TB, address int64, channel string, e flows.Event) flows.Output {
	t.Helper()
	var session *flows.Session
	if stored := d.sessions[address]; stored != nil {
		session = new(flows.Session)
		if err := json.Unmarshal(stored, session); err != nil {
			t.Fatal(err)
		}
	}
	medium := locales.Rich
	if channel == "sms" {
		medium = locales.Plain
	}
	var out flows.Output
	err := postgres.Tx(context.Background(), d.stage.Pool, func(tx pgx.Tx) (err error) {
		out, err = d.engine.Turn(context.Background(), tx, flows.Input{Conversation: address, Channel: channel, Medium: medium, Session: session,
			Event: e, Now: d.stage.Clock.Now(), Random: d.stage.Random})
		return err
	})
	if err != nil {
		t.Fatalf("turn on %s %q: %v", e.Kind, e.Text, err)
	}
	stored, err := json.Marshal(out.Session)
	if err != nil {
		t.Fatal(err)
	}
	if e.Kind != flows.Group {
		d.sessions[address] = stored
	}
	d.said[address] = append(d.said[address], out.Replies...)
	return out
}

// Settle says the notices that are due, each where the person was last.
func (d *Direct) Settle(t testing.TB) {
	t.Helper()
	ctx, now := context.Background(), d.stage.Clock.Now()
	for {
		var id, address int64
		var name, mode, channel string
		var args map[string]any
		err := d.stage.Pool.QueryRow(ctx, `
SELECT n.id, n.name, n.mode, n.args, a.id, a.channel FROM notice n JOIN address a ON a.person_id = n.person_id
 WHERE n.status = 'pending' AND n.due_at <= $1 AND a.stopped_at IS NULL AND a.blocked_at IS NULL ORDER BY n.due_at, n.id, a.id DESC LIMIT 1`, now).
			Scan(&id, &name, &mode, &args, &address, &channel)
		if err == pgx.ErrNoRows {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		out := d.turn(t, address, channel, flows.Event{Kind: flows.NoticeDue, At: now, Notice: &flows.NoticeEvent{ID: id, Name: name, Ask: mode == "ask", Args: args}})
		status, due := "done", now
		if out.Requeue > 0 {
			status, due = "pending", now.Add(out.Requeue)
		}
		d.stage.exec(t, `UPDATE notice SET status = $2, due_at = $3 WHERE id = $1`, id, status, due)
	}
}

// Said returns what was said since the last call.
func (d *Direct) Said(_ testing.TB, p *Person) (replies []flows.Reply, messages, segments int) {
	replies = d.said[p.Address]
	d.said[p.Address] = nil
	for _, r := range replies {
		if p.Channel == "sms" {
			r.Text = d.stage.Codes.Fill(r.Text)
			n, _ := locales.Segments(d.stage.SMS(r))
			segments += n
		}
		if r.Class == flows.ClassReply {
			messages++
		}
	}
	return replies, messages, segments
}

// Forget keeps only checkpoints.
func (d *Direct) Forget(t testing.TB) {
	t.Helper()
	for id, stored := range d.sessions {
		var s flows.Session
		if err := json.Unmarshal(stored, &s); err != nil {
			t.Fatal(err)
		}
		kept, err := s.Checkpoint()
		if err != nil {
			t.Fatal(err)
		}
		d.sessions[id] = kept
	}
}

// Rebuild renames the top state.
func (d *Direct) Rebuild(t testing.TB, p *Person) {
	t.Helper()
	var s flows.Session
	if err := json.Unmarshal(d.sessions[p.Address], &s); err != nil {
		t.Fatal(err)
	}
	s.Frames[len(s.Frames)-1].State = "renamed"
	stored, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	d.sessions[p.Address] = stored
}

// Park takes the turn that a parked message causes.
func (d *Direct) Park(t testing.TB, p *Person) {
	t.Helper()
	d.turn(t, p.Address, p.Channel, flows.Event{Kind: flows.Parked, At: time.Time{}})
}

// Answer takes the turn of an operator's answer.
func (d *Direct) Answer(t testing.TB, p *Person, ticket, _ int64, text string) {
	t.Helper()
	d.turn(t, p.Address, p.Channel, flows.Event{Kind: flows.Operator, At: d.stage.Clock.Now(), Text: text, Ticket: ticket})
}
