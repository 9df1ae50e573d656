package people_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"souk/internal/postgres"
	"souk/internal/postgres/pgtest"
	"souk/internal/sorry"
	"souk/people"
)

// thursday noon, in Morocco an hour later.
var thursday = time.Date(2026, 12, 3, 12, 0, 0, 0, time.UTC)

// town is a database with nobody in it yet.
type town struct {
	t    *testing.T
	pool *pgxpool.Pool
}

func newTown(t *testing.T) *town {
	t.Parallel()
	return &town{t, pgtest.New(t)}
}

func (w *town) try(do func(ctx context.Context, tx pgx.Tx) error) error {
	ctx := context.Background()
	return postgres.Tx(ctx, w.pool, func(tx pgx.Tx) error { return do(ctx, tx) })
}

func (w *town) do(do func(ctx context.Context, tx pgx.Tx) error) {
	w.t.Helper()
	if err := w.try(do); err != nil {
		w.t.Fatal(err)
	}
}

func (w *town) number(sql string, args ...any) (n int64) {
	w.t.Helper()
	if err := w.pool.QueryRow(w.t.Context(), sql, args...).Scan(&n); err != nil {
		w.t.Fatalf("%v in %s", err, sql)
	}
	return n
}

// events is how often something happened to a subject.
func (w *town) events(name string) int64 {
	return w.number(`SELECT count(*) FROM event WHERE name = $1`, name)
}

// address is what the gateway makes of a first message, before anybody is known there.
func (w *town) address(channel, externalID string) int64 {
	w.t.Helper()
	return w.number(`INSERT INTO address (channel, account, external_id, created_at) VALUES ($1, $1 || ':us', $2, $3) RETURNING id`, channel, externalID, thursday)
}

func (w *town) identify(addressID int64, hint people.Hint) (p people.Person, a people.Address, created bool) {
	w.t.Helper()
	w.do(func(ctx context.Context, tx pgx.Tx) (err error) {
		p, a, created, err = people.Identify(ctx, tx, addressID, hint, thursday)
		return err
	})
	return p, a, created
}

func TestTheFirstTurnMakesThePerson(t *testing.T) {
	w := newTown(t)
	id := w.address("telegram", "4711")
	p, a, created := w.identify(id, people.Hint{Name: "  Amina\u202e \n Idrissi\x00 ", Lang: "ar"})
	if !created || p.Name != "Amina Idrissi" || p.Lang != "ar" || p.Phone != "" || p.TimeZone != "Africa/Casablanca" || !p.CreatedAt.Equal(thursday) {
		t.Errorf("person %+v, created %v", p, created)
	}
	if a.PersonID != p.ID || !a.Reachable() || a.ProfileName != "Amina Idrissi" {
		t.Errorf("address %+v", a)
	}
	again, _, created := w.identify(id, people.Hint{Name: "Somebody", Lang: "fr"})
	if created || again != p {
		t.Errorf("the second turn changed them: %+v", again)
	}
	if n := w.events("person.created"); n != 1 {
		t.Errorf("%d events", n)
	}
}

func TestWhatsAppAndSMSOfOneNumberAreOnePerson(t *testing.T) {
	w := newTown(t)
	onWhatsApp, _, _ := w.identify(w.address("whatsapp", "+212600000001"), people.Hint{Name: "Rosa", Lang: "ar", Phone: "+212600000001"})
	bySMS, a, created := w.identify(w.address("sms", "+212600000001"), people.Hint{Lang: "fr"})
	if created || bySMS.ID != onWhatsApp.ID || bySMS.Lang != "ar" || bySMS.Phone != "+212600000001" {
		t.Errorf("by SMS they are %+v (created %v), on WhatsApp %+v", bySMS, created, onWhatsApp)
	}
	if !a.Reachable() {
		t.Error("who writes by SMS can be answered by SMS")
	}
	other, _, created := w.identify(w.address("sms", "+212600000002"), people.Hint{})
	if !created || other.ID == onWhatsApp.ID {
		t.Error("another number is another person")
	}
	// A Telegram chat's id is no number, whatever it looks like.
	chat, _, created := w.identify(w.address("telegram", "212600000001"), people.Hint{})
	if !created || chat.ID == onWhatsApp.ID {
		t.Error("a chat is no number")
	}
	w.do(func(ctx context.Context, tx pgx.Tx) error {
		addresses, err := people.Addresses(ctx, tx, onWhatsApp.ID)
		if len(addresses) != 2 || addresses[0].Channel != "whatsapp" || addresses[1].Channel != "sms" {
			t.Errorf("addresses %+v", addresses)
		}
		return err
	})
}

func TestBothChannelsAtOnceAreStillOnePerson(t *testing.T) {
	w := newTown(t)
	var both sync.WaitGroup
	for _, channel := range []string{"whatsapp", "sms"} {
		id := w.address(channel, "+212600000009")
		both.Go(func() { w.identify(id, people.Hint{}) })
	}
	both.Wait()
	if n := w.number(`SELECT count(*) FROM person`); n != 1 {
		t.Errorf("%d persons, want 1", n)
	}
}

func TestTwoSistersShareAPhone(t *testing.T) {
	w := newTown(t)
	shared := w.address("sms", "+212600000001")
	elder, _, _ := w.identify(shared, people.Hint{Name: "Fatima"})
	younger, _, _ := w.identify(w.address("telegram", "5"), people.Hint{Name: "Aicha"})
	w.do(func(ctx context.Context, tx pgx.Tx) error {
		if err := people.Share(ctx, tx, shared, younger.ID, thursday); err != nil {
			return err
		}
		if err := people.Share(ctx, tx, shared, younger.ID, thursday); err != nil {
			return err
		}
		addresses, err := people.Addresses(ctx, tx, younger.ID)
		if len(addresses) != 2 || addresses[0].PersonID != younger.ID || addresses[1].PersonID != elder.ID {
			t.Errorf("the younger one's own address comes first: %+v", addresses)
		}
		return err
	})
}

func TestStopStartAndBlock(t *testing.T) {
	w := newTown(t)
	id := w.address("sms", "+212600000001")
	w.identify(id, people.Hint{})
	type step struct {
		name      string
		do        func(context.Context, pgx.Tx, int64, time.Time) (bool, error)
		changed   bool
		reachable bool
	}
	for i, s := range []step{
		{"stop", people.Stop, true, false}, {"stop", people.Stop, false, false}, {"start", people.Start, true, true}, {"start", people.Start, false, true},
		{"block", people.Block, true, false}, {"block", people.Block, false, false}, {"stop", people.Stop, true, false},
		{"unblock", people.Unblock, true, false}, {"unblock", people.Unblock, false, false}, {"start", people.Start, true, true},
	} {
		w.do(func(ctx context.Context, tx pgx.Tx) error {
			changed, err := s.do(ctx, tx, id, thursday.Add(time.Duration(i)*time.Minute))
			if err != nil {
				return err
			}
			a, err := people.LoadAddress(ctx, tx, id)
			if changed != s.changed || a.Reachable() != s.reachable {
				t.Errorf("step %d, %s: changed %v, reachable %v; want %v, %v", i, s.name, changed, a.Reachable(), s.changed, s.reachable)
			}
			return err
		})
	}
	for name, want := range map[string]int64{"address.stopped": 2, "address.started": 2, "address.blocked": 1, "address.unblocked": 1} {
		if got := w.events(name); got != want {
			t.Errorf("%d events %s, want %d", got, name, want)
		}
	}
}

func TestWhatAPersonSaysOfThemselves(t *testing.T) {
	w := newTown(t)
	p, _, _ := w.identify(w.address("telegram", "1"), people.Hint{})
	if p.Lang != people.DefaultLang || p.Name != "" {
		t.Errorf("a stranger is %+v", p)
	}
	refused := func(key string, do func(ctx context.Context, tx pgx.Tx) error) {
		t.Helper()
		if err := w.try(do); !sorry.Is(err, key) {
			t.Errorf("err = %v, want %s", err, key)
		}
	}
	for _, phone := range []string{"", "0600000001", "+0600000001", "+212 600000001", "+2126000000010000", "+212600000001\n"} {
		refused("person.phone", func(ctx context.Context, tx pgx.Tx) error { return people.SetPhone(ctx, tx, p.ID, phone) })
	}
	for _, name := range []string{"", " \t", "\u202e\u200f", "\x00"} {
		refused("person.name", func(ctx context.Context, tx pgx.Tx) error { return people.SetName(ctx, tx, p.ID, name) })
	}
	if err := w.try(func(ctx context.Context, tx pgx.Tx) error { return people.SetLang(ctx, tx, p.ID, "français") }); err == nil {
		t.Error("a language is two letters")
	}
	w.do(func(ctx context.Context, tx pgx.Tx) error {
		for _, err := range []error{people.SetLang(ctx, tx, p.ID, "ar"), people.SetPhone(ctx, tx, p.ID, "+212600000001"), people.SetName(ctx, tx, p.ID, "أمينة")} {
			if err != nil {
				return err
			}
		}
		got, err := people.Load(ctx, tx, p.ID)
		if got.Lang != "ar" || got.Phone != "+212600000001" || got.Name != "أمينة" {
			t.Errorf("%+v", got)
		}
		return err
	})
}

func TestCleanName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Amina": "Amina", " فاطمة  الزهراء ": "فاطمة الزهراء", "a\u2067b\u2069c": "abc", "\xff\xfeOK": "OK", "x\ny": "x y",
		strings.Repeat("é", 200): strings.Repeat("é", people.MaxName), "😀 Ali": "😀 Ali",
	} {
		if got := people.CleanName(in); got != want {
			t.Errorf("CleanName(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestRolesAndTheirTrail(t *testing.T) {
	w := newTown(t)
	p, _, _ := w.identify(w.address("telegram", "1"), people.Hint{})
	w.do(func(ctx context.Context, tx pgx.Tx) error {
		for range 2 {
			if err := people.Grant(ctx, tx, p.ID, people.RoleOperator, 0, thursday); err != nil {
				return err
			}
		}
		roles, err := people.Roles(ctx, tx, p.ID)
		if len(roles) != 1 || roles[0] != people.RoleOperator {
			t.Errorf("roles %v", roles)
		}
		for range 2 {
			if err := people.Revoke(ctx, tx, p.ID, people.RoleOperator, 0, thursday); err != nil {
				return err
			}
		}
		return err
	})
	if w.events("role.granted") != 1 || w.events("role.revoked") != 1 {
		t.Error("each change is one event")
	}
	w.do(func(ctx context.Context, tx pgx.Tx) error {
		trail, err := people.Events(ctx, tx, "person/1")
		if len(trail) != 3 || trail[1].Name != "role.granted" || trail[1].Data["role"] != "operator" || !trail[1].At.Equal(thursday) {
			t.Errorf("trail %+v", trail)
		}
		return err
	})
}
