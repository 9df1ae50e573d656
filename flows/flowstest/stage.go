package flowstest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"golang.org/x/text/cases"
	"golang.org/x/text/language"

	"souk/catalog"
	"souk/flows"
	"souk/internal/clock"
	"souk/internal/postgres"
	"souk/locales"
	"souk/orders"
	"souk/people"
)

// Person is somebody of a transcript at one address.
type Person struct {
	Name, Channel, Lang string
	Number              string // E.164
	ExternalID          string // a chat's id, a number
	Account             string // ours, as address.account has it
	Address             int64  // 0 until the first message, unless they are known
	unread              []string
	replies             []flows.Reply // all that was said, the last one last
	tapped              flows.Option
	typed               time.Time // when they last said something
}

// Gesture is what a person does.
type Gesture struct {
	Kind      flows.Kind
	Text      string
	Payload   string // of a tap or a link
	Number    int    // of the option that is tapped, 0 where it cannot be typed
	Quoted    string // a prompt's id
	Phone     string
	Own       bool
	Latitude  float64
	Longitude float64
	Original  time.Time // when an edited message was first sent
	Photos    []string  // which photos are sent (Sent), together where there are several
}

// Driver carries gestures to Souk and brings back what is said: the engine alone, or the whole gateway.
type Driver interface {
	// Meet gives a person the address by which their channel's provider knows them; number is theirs in E.164.
	Meet(t testing.TB, p *Person, number string)
	// Hear lets a person do something, and everything follow from it that is due now.
	Hear(t testing.TB, p *Person, g Gesture)
	// Settle lets everything happen that is due.
	Settle(t testing.TB)
	// Said returns what was said to a person since the last call, and how many messages and SMS segments it took.
	Said(t testing.TB, p *Person) (replies []flows.Reply, messages, segments int)
	// Photos lets the photos come that were sent.
	Photos(t testing.TB)
	// Forget loses what Redis holds.
	Forget(t testing.TB)
	// Rebuild renames the state in which a person's conversation stands, as a new release might.
	Rebuild(t testing.TB, p *Person)
	// Park lets a person's last message be given up on.
	Park(t testing.TB, p *Person)
	// Answer says an operator's answer that stands in a ticket.
	Answer(t testing.TB, p *Person, ticket, message int64, text string)
}

// Stage is a small market, the people of one transcript, and the time.
type Stage struct {
	Pool   *pgxpool.Pool
	Clock  *clock.Manual
	Shop   *orders.Shop
	Words  *locales.Words
	Random func(n int) []byte
	Driver Driver
	Codes  catalog.Codes
	Doors  flows.Doors
	// SMS is the text of a reply as a text message carries it: the channels' own business, handed in by who knows them.
	SMS func(flows.Reply) string

	people   map[string]*Person
	current  *Person
	messages int
	segments int
}

// NewStage fills a migrated, empty database. Its randomness is the same every time, so that codes are.
func NewStage(t testing.TB, pool *pgxpool.Pool, sms func(flows.Reply) string) *Stage {
	t.Helper()
	Fill(t, pool)
	return NewStageOn(t, pool, sms)
}

// NewStageOn is a stage on a market that stands in the database already.
func NewStageOn(t testing.TB, pool *pgxpool.Pool, sms func(flows.Reply) string) *Stage {
	t.Helper()
	words, err := locales.Load()
	if err != nil {
		t.Fatal(err)
	}
	jobs, err := river.NewClient(riverpgxv5.New(nil), &river.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return &Stage{Pool: pool, Clock: clock.NewManual(thursday), Words: words, people: map[string]*Person{},
		Shop: orders.NewShop(jobs, seeded(7), orders.Cash{}), Random: seeded(11), SMS: sms,
		Codes: catalog.NewCodes("the secret of the transcripts"), Doors: flows.NewDoors("souk_bot", "whatsapp:+212600000001", "+212600000002")}
}

// seeded is a source of bytes that is the same every time.
func seeded(seed uint64) func(int) []byte {
	r := rand.New(rand.NewPCG(seed, seed))
	return func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return b
	}
}

// Enter lets somebody have the word: "amina telegram fr", with "known" for who has written before, "member C1" for who manages a
// cooperative, "seller C1" and "helper C1" for its other members.
func (s *Stage) Enter(t testing.TB, at, text string) {
	t.Helper()
	f := strings.Fields(text)
	if len(f) < 1 {
		t.Fatalf("%s: who?", at)
	}
	p := s.people[f[0]]
	if p == nil {
		if len(f) < 3 {
			t.Fatalf("%s: somebody new needs a channel and a language", at)
		}
		n := len(s.people) + 1
		p = &Person{Name: f[0], Channel: f[1], Lang: f[2]}
		number := fmt.Sprintf("+21261234%04d", n)
		if i := slices.Index(f, "as"); i > 0 { // the same number as somebody else's
			number = s.people[f[i+1]].Number
		}
		p.Number = number
		s.Driver.Meet(t, p, number)
		for i := 3; i < len(f); i++ {
			switch f[i] {
			case "as":
				i++
			case "known":
				s.know(t, p)
			case "member", "seller", "helper":
				role := f[i]
				if role == "member" {
					role = "manager"
				}
				s.know(t, p)
				s.exec(t, `INSERT INTO member (cooperative_id, person_id, role, created_at)
					SELECT c.id, a.person_id, $4, $3 FROM cooperative c, address a WHERE c.code = $1 AND a.id = $2`, f[i+1], p.Address, s.Clock.Now(), role)
				i++
			default:
				t.Fatalf("%s: %q is not understood", at, f[i])
			}
		}
		s.people[f[0]] = p
	}
	s.current = p
	s.collect(t)
}

// know makes somebody who has written before.
func (s *Stage) know(t testing.TB, p *Person) {
	t.Helper()
	if p.Address != 0 {
		return
	}
	err := s.Pool.QueryRow(context.Background(), `
WITH p AS (INSERT INTO person (name, lang, phone, created_at) VALUES ($1, $2, CASE WHEN $4 LIKE '+%' THEN $4 END, $6) RETURNING id),
     a AS (INSERT INTO address (channel, account, external_id, person_id, consented_at, created_at) SELECT $3, $5, $4, id, $6, $6 FROM p RETURNING id, person_id),
     b AS (INSERT INTO address_person (address_id, person_id, created_at) SELECT id, person_id, $6 FROM a),
     c AS (INSERT INTO conversation (id, last_inbound_at) SELECT id, $6 FROM a RETURNING id)
INSERT INTO lane (conversation_id) SELECT id FROM c RETURNING conversation_id`,
		cases.Title(language.Und, cases.NoLower).String(p.Name), p.Lang, p.Channel, p.ExternalID, p.Account, s.Clock.Now()).Scan(&p.Address)
	if err != nil {
		t.Fatalf("know %s: %v", p.Name, err)
	}
}

// Do lets the speaker type, tap, or send something else.
func (s *Stage) Do(t testing.TB, at, text string) {
	t.Helper()
	if s.current == nil {
		t.Fatalf("%s: nobody has the word", at)
	}
	s.Clock.Advance(5 * time.Second)
	g := s.gesture(t, at, text)
	if g.Kind == flows.Edited {
		g.Original = s.current.typed
	} else {
		s.current.typed = s.Clock.Now()
	}
	s.Driver.Hear(t, s.current, g)
	s.collectAll(t)
}

// gesture reads what somebody does: "[Label]" or "[2]" taps, "[again]" taps the same once more, "[old Label]" an older button;
// "(contact)", "(contact +212…)", "(location)", "(location 31.9 -6.5)", "(photo) caption", "(photo broken)", "(album 3) caption", "(voice)", "(sticker)", "(link p_P1)", "(edit) text", "(quote) text",
// "(group) text", "(block)", "(unblock)"; else typed words, in which {code} is the last purchase's code, {invite}
// the last invitation's and {wrong} a code that opens nothing of it.
func (s *Stage) gesture(t testing.TB, at, text string) Gesture {
	t.Helper()
	p := s.current
	if strings.Contains(text, "{code}") {
		text = strings.ReplaceAll(text, "{code}", s.lastCode(t))
	}
	text = s.invited(t, text)
	if label, ok := strings.CutPrefix(text, "["); ok {
		label = strings.TrimSuffix(label, "]")
		if label != "again" {
			p.tapped = s.button(t, at, p, label)
		}
		return Gesture{Kind: flows.Tap, Payload: p.tapped.Payload, Number: p.tapped.Number}
	}
	kind, rest, _ := strings.Cut(text, ")")
	kind, ok := strings.CutPrefix(kind, "(")
	if !ok {
		return Gesture{Kind: flows.Text, Text: text}
	}
	kind, arg, _ := strings.Cut(kind, " ")
	rest = strings.TrimSpace(rest)
	switch kind {
	case "contact":
		if arg == "" {
			return Gesture{Kind: flows.Contact, Phone: p.Number, Own: true, Text: rest}
		}
		return Gesture{Kind: flows.Contact, Phone: arg, Text: rest}
	case "location":
		g := Gesture{Kind: flows.Location, Latitude: 33.59, Longitude: -7.62} // Casablanca
		if arg != "" {
			if _, err := fmt.Sscanf(arg, "%g %g", &g.Latitude, &g.Longitude); err != nil {
				t.Fatalf("%s: %q is no place: %v", at, arg, err)
			}
		}
		return g
	case "photo":
		return Gesture{Kind: flows.Photo, Text: rest, Photos: []string{arg}}
	case "album":
		n, err := strconv.Atoi(arg)
		if err != nil || n < 2 {
			t.Fatalf("%s: how many photos are in %q?", at, text)
		}
		return Gesture{Kind: flows.Photo, Text: rest, Photos: make([]string, n)}
	case "voice":
		return Gesture{Kind: flows.Voice}
	case "sticker":
		return Gesture{Kind: flows.Other}
	case "tap": // a button that we never sent to them
		return Gesture{Kind: flows.Tap, Payload: arg}
	case "link":
		return Gesture{Kind: flows.DeepLink, Payload: arg}
	case "edit":
		return Gesture{Kind: flows.Edited, Text: rest}
	case "quote":
		for _, r := range p.replies {
			if r.Prompt != "" { // the oldest question
				return Gesture{Kind: flows.Text, Text: rest, Quoted: r.Prompt}
			}
		}
	case "group":
		return Gesture{Kind: flows.Group, Text: rest}
	case "block":
		return Gesture{Kind: flows.Blocked}
	case "unblock":
		return Gesture{Kind: flows.Unblock}
	}
	t.Fatalf("%s: %q is not understood", at, text)
	return Gesture{}
}

// button finds the payload behind a label or a number, in the last thing said that has it, or with "old" in an earlier one.
func (s *Stage) button(t testing.TB, at string, p *Person, label string) flows.Option {
	t.Helper()
	old := false
	if rest, ok := strings.CutPrefix(label, "old "); ok {
		old, label = true, rest
	}
	for i := len(p.replies) - 1; i >= 0; i-- {
		if old && i == len(p.replies)-1 {
			continue
		}
		for _, o := range p.replies[i].Options {
			if strconv.Itoa(o.Number) == label || strings.Contains(visible(o.Label), label) {
				return o
			}
		}
	}
	t.Fatalf("%s: there is no button %q", at, label)
	return flows.Option{}
}

// Happen lets something happen that nobody says.
func (s *Stage) Happen(t testing.TB, at, text string) {
	t.Helper()
	f := strings.Fields(text)
	ctx, now := context.Background(), s.Clock.Now()
	do := func(what func(tx pgx.Tx) error) {
		t.Helper()
		if err := postgres.Tx(ctx, s.Pool, what); err != nil {
			t.Fatalf("%s: %v", at, err)
		}
	}
	switch {
	case text == "photos come":
		s.Driver.Photos(t)
	case len(f) == 2 && f[1] == "pass":
		d, err := time.ParseDuration(f[0])
		if err != nil {
			t.Fatalf("%s: %v", at, err)
		}
		s.Clock.Advance(d)
		do(func(tx pgx.Tx) error { _, err := orders.ExpireHolds(ctx, tx, s.Clock.Now(), 100); return err })
		do(func(tx pgx.Tx) error { _, err := orders.CountOrders(ctx, tx, 100); return err })
		do(func(tx pgx.Tx) error { _, err := catalog.EscalateQuestions(ctx, tx, 100, s.Clock.Now()); return err })
		if err := orders.GoRound(ctx, s.Pool, s.Clock.Now()); err != nil {
			t.Fatalf("%s: %v", at, err)
		}
	case f[0] == "stock" && len(f) == 3:
		want, _ := strconv.ParseInt(f[2], 10, 64)
		id, onHand := s.variant(t, f[1])
		do(func(tx pgx.Tx) error {
			return catalog.Correct(ctx, tx, id, want-onHand, catalog.Correction, "", 0, now)
		})
	case f[0] == "price" && len(f) == 3:
		dirhams, _ := strconv.ParseInt(f[2], 10, 64)
		id, _ := s.variant(t, f[1])
		s.exec(t, `UPDATE variant SET price = $2 WHERE id = $1`, id, dirhams*100)
	case f[0] == "tier" && len(f) == 4:
		id, _ := s.variant(t, f[1])
		s.exec(t, `INSERT INTO price_tier (variant_id, quantity, price) VALUES ($1, $2::bigint, 100 * $3::bigint)`, id, f[2], f[3])
	case f[0] == "weighed":
		id, _ := s.variant(t, f[1])
		s.exec(t, `UPDATE variant SET by_weight = true WHERE id = $1`, id)
	case f[0] == "lead" && len(f) == 3:
		s.exec(t, `UPDATE product SET lead_days = $2::integer WHERE code = $1`, f[1], f[2])
	case f[0] == "season" && len(f) == 3:
		s.exec(t, `UPDATE product SET season_from = $2::date WHERE code = $1`, f[1], f[2])
	case f[0] == "removed" && len(f) == 3:
		s.exec(t, `UPDATE member SET removed_at = $3 WHERE cooperative_id = (SELECT id FROM cooperative WHERE code = $2)
			AND person_id = (SELECT person_id FROM address WHERE id = $1)`, s.address(t, s.people[f[1]]), f[2], now)
	case f[0] == "paused":
		s.exec(t, `UPDATE product SET status = 'paused' WHERE code = $1`, f[1])
	case f[0] == "archived":
		s.exec(t, `UPDATE variant SET archived_at = $2 WHERE product_id = (SELECT id FROM product WHERE code = $1)`, f[1], now)
	case f[0] == "removed" && len(f) == 3: // a member of a cooperative
		s.exec(t, `UPDATE member SET removed_at = $3 WHERE person_id = (SELECT person_id FROM address WHERE id = $1)
			AND cooperative_id = (SELECT id FROM cooperative WHERE code = $2)`, s.address(t, s.people[f[1]]), f[2], now)
	case f[0] == "pending" && len(f) == 3: // a product waits for an operator for so long
		d, err := time.ParseDuration(f[2])
		if err != nil {
			t.Fatalf("%s: %v", at, err)
		}
		s.exec(t, `WITH p AS (UPDATE product SET status = 'pending_review' WHERE code = $1 RETURNING id)
			INSERT INTO review (product_id, reason, promised_at, created_at) SELECT id, 'first_listings', $2, $3 FROM p`, f[1], now.Add(d), now)
	case f[0] == "unfit" && len(f) > 2: // and an operator says why
		s.exec(t, `WITH p AS (UPDATE product SET status = 'draft' WHERE code = $1 RETURNING id)
			UPDATE review SET decision = 'refused', note = $2, decided_at = $3 WHERE product_id = (SELECT id FROM p) AND decided_at IS NULL`, f[1], strings.Join(f[2:], " "), now)
	case f[0] == "relay" && f[2] == "closes":
		s.exec(t, `UPDATE relay SET active = false WHERE code = $1`, f[1])
	case f[0] == "part" && len(f) == 3:
		n, _ := strconv.Atoi(f[1])
		do(func(tx pgx.Tx) error {
			_, part, err := orders.PartByCode(ctx, tx, fmt.Sprintf("%s-%d", s.lastCode(t), n))
			if err == nil {
				_, err = orders.Advance(ctx, tx, part, orders.Status(f[2]), 0, now)
			}
			return err
		})
	case f[0] == "operator":
		answer := strings.Join(f[1:], " ")
		var ticket, message int64
		do(func(tx pgx.Tx) error {
			err := tx.QueryRow(ctx, `SELECT id FROM ticket WHERE person_id = (SELECT person_id FROM address WHERE id = $1) AND status = 'open' ORDER BY id DESC LIMIT 1`,
				s.address(t, s.current)).Scan(&ticket)
			if err == nil {
				message, err = people.AnswerTicket(ctx, tx, ticket, answer, "Salma", now)
			}
			return err
		})
		s.Driver.Answer(t, s.current, ticket, message, answer)
	case s.joins(t, at, f, do):
	case text == "redis is lost":
		s.Driver.Forget(t)
	case text == "the flows are rebuilt":
		s.Driver.Rebuild(t, s.current)
	case text == "a message is parked":
		s.Driver.Park(t, s.current)
	case text == "the count begins":
		s.messages, s.segments = 0, 0
	default:
		if !s.selling(t, f, do) && !s.orders(t, f, do) {
			t.Fatalf("%s: %q is not understood", at, text)
		}
	}
	s.Driver.Settle(t)
	s.collectAll(t)
}

// Heard returns, as lines of a transcript, what the speaker was told and has not been shown.
func (s *Stage) Heard() []string {
	if s.current == nil {
		return nil
	}
	lines := s.current.unread
	s.current.unread = nil
	return lines
}

func (s *Stage) collectAll(t testing.TB) {
	t.Helper()
	for _, p := range s.people {
		s.collectFor(t, p)
	}
}

func (s *Stage) collect(t testing.TB) { t.Helper(); s.collectFor(t, s.current) }

func (s *Stage) collectFor(t testing.TB, p *Person) {
	t.Helper()
	replies, messages, segments := s.Driver.Said(t, p)
	p.replies = append(p.replies, replies...)
	s.messages += messages
	s.segments += segments
	for i, r := range replies {
		if i > 0 || len(p.unread) > 0 {
			p.unread = append(p.unread, "--")
		}
		p.unread = append(p.unread, s.show(p.Channel, r)...)
	}
}

// show writes a reply as lines of a transcript: an SMS as it is sent, anything else with its photo and its buttons.
func (s *Stage) show(channel string, r flows.Reply) []string {
	r.Text = s.Codes.Fill(r.Text)
	if channel == "sms" {
		return strings.Split(s.SMS(r), "\n")
	}
	var lines []string
	if r.Photo != "" {
		lines = append(lines, "(photo "+shownPhoto(r.Photo)+")")
	}
	if r.Text != "" {
		lines = append(lines, strings.Split(visible(r.Text), "\n")...)
	}
	for _, o := range r.Options {
		number := " "
		if o.Number > 0 {
			number = strconv.Itoa(o.Number)
		}
		line := "[" + number + "] " + visible(o.Label)
		if o.Detail != "" {
			line += " | " + visible(o.Detail)
		}
		lines = append(lines, line)
	}
	if r.AskLabel != "" {
		lines = append(lines, "["+string(r.Ask)+"] "+visible(r.AskLabel))
	}
	return lines
}

// visible takes out isolates and direction marks, which nobody sees.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 0x2066 && r <= 0x2069 || r == 0x200e || r == 0x200f {
			return -1
		}
		return r
	}, s)
}

func (s *Stage) exec(t testing.TB, sql string, args ...any) {
	t.Helper()
	if _, err := s.Pool.Exec(context.Background(), sql, args...); err != nil {
		t.Fatalf("%v in %s", err, sql)
	}
}
