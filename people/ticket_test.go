package people_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/sorry"
	"souk/people"
)

func (w *town) open(ticket people.Ticket, at time.Time) (id int64) {
	w.t.Helper()
	w.do(func(ctx context.Context, tx pgx.Tx) (err error) {
		id, err = people.OpenTicket(ctx, tx, ticket, at)
		return err
	})
	return id
}

func TestATalkWithAnOperator(t *testing.T) {
	w := newTown(t)
	chat := w.address("telegram", "1")
	phone := w.address("sms", "+212600000001")
	p, _, _ := w.identify(chat, people.Hint{})
	photo := people.Media{ID: "file-1", Kind: "photo", MIME: "image/jpeg", Bytes: 1234}
	id := w.open(people.Ticket{PersonID: p.ID, AddressID: chat, Kind: people.Talk, Body: "le pot est cassé", Media: []people.Media{photo}}, thursday)
	if again := w.open(people.Ticket{PersonID: p.ID, AddressID: phone, Kind: people.Talk, Body: "allô ?"}, thursday.Add(time.Minute)); again != id {
		t.Errorf("what is said next opened ticket %d beside %d", again, id)
	}
	if other := w.open(people.Ticket{PersonID: p.ID, AddressID: chat, Kind: people.Voice}, thursday); other == id {
		t.Error("a voice note is a matter of its own")
	}
	var message int64
	w.do(func(ctx context.Context, tx pgx.Tx) error {
		if open, err := people.OpenTicketOf(ctx, tx, p.ID); err != nil || open != id {
			t.Errorf("the open talk is %d (%v), want %d", open, err, id)
		}
		ticket, err := people.LoadTicket(ctx, tx, id)
		if err != nil || ticket.AddressID != phone || ticket.PersonID != p.ID || ticket.Status != "open" {
			t.Errorf("ticket %+v (%v): the answer goes where they wrote last", ticket, err)
		}
		message, err = people.AnswerTicket(ctx, tx, id, "Bonjour, on vous rappelle.", "salma", thursday.Add(time.Hour))
		return err
	})
	w.do(func(ctx context.Context, tx pgx.Tx) error {
		messages, err := people.TicketMessages(ctx, tx, id)
		got := ""
		for _, m := range messages {
			got += fmt.Sprintf("%s%s: %s (%d); ", m.Author, m.Operator, m.Body, len(m.Media))
		}
		if want := "person: le pot est cassé (1); person: allô ? (0); operatorsalma: Bonjour, on vous rappelle. (0); "; got != want {
			t.Errorf("messages %q, want %q", got, want)
		}
		if len(messages) == 3 && (messages[0].Media[0] != photo || messages[2].ID != message) {
			t.Errorf("messages %+v", messages)
		}
		return err
	})
	for range 2 {
		w.do(func(ctx context.Context, tx pgx.Tx) error {
			return people.CloseTicket(ctx, tx, id, thursday.Add(2*time.Hour))
		})
	}
	if err := w.try(func(ctx context.Context, tx pgx.Tx) error {
		_, err := people.AnswerTicket(ctx, tx, id, "encore", "salma", thursday)
		return err
	}); !sorry.Is(err, "ticket.closed") {
		t.Errorf("err = %v", err)
	}
	if reopened := w.open(people.Ticket{PersonID: p.ID, AddressID: chat, Kind: people.Talk, Body: "encore moi"}, thursday.Add(3*time.Hour)); reopened == id {
		t.Error("a closed matter stays closed")
	}
	for name, want := range map[string]int64{"ticket.opened": 3, "ticket.answered": 1, "ticket.closed": 1} {
		if got := w.events(name); got != want {
			t.Errorf("%d events %s, want %d", got, name, want)
		}
	}
	w.do(func(ctx context.Context, tx pgx.Tx) error {
		tickets, err := people.Tickets(ctx, tx, 10)
		if len(tickets) != 2 || tickets[0].Kind != people.Voice || tickets[1].Kind != people.Talk {
			t.Errorf("open tickets %+v", tickets)
		}
		return err
	})
}

func TestWhatIsSaidAtOnceIsOneTicket(t *testing.T) {
	w := newTown(t)
	p, _, _ := w.identify(w.address("telegram", "1"), people.Hint{})
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() { w.open(people.Ticket{PersonID: p.ID, Kind: people.Talk, Body: fmt.Sprint(i)}, thursday) })
	}
	all.Wait()
	if tickets, messages := w.number(`SELECT count(*) FROM ticket`), w.number(`SELECT count(*) FROM ticket_message`); tickets != 1 || messages != 8 {
		t.Errorf("%d tickets, %d messages; want 1, 8", tickets, messages)
	}
}

func TestAMatterOfNobody(t *testing.T) {
	w := newTown(t)
	first := w.open(people.Ticket{Kind: people.Parked, Body: "an update that cannot be read"}, thursday)
	if second := w.open(people.Ticket{Kind: people.Parked, Body: "another"}, thursday); second == first {
		t.Error("nobody's matters have nothing to do with each other")
	}
}
