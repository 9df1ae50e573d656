package main

import (
	"context"
	"errors"
	"fmt"
	"os/user"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"souk/bot"
	"souk/internal/postgres"
	"souk/internal/sorry"
	"souk/orders"
	"souk/people"
)

// operatorCommand is where operators work: matters that wait for a person, orders, and what could not be said.
type operatorCommand struct {
	Tickets operatorTickets `cmd:"" help:"List what waits for a person, the longest waiting first."`
	Ticket  operatorTicket  `cmd:"" help:"Show one ticket with everything that was said."`
	Answer  operatorAnswer  `cmd:"" help:"Answer a ticket: the words go to the person at once."`
	Close   operatorClose   `cmd:"" help:"Close a ticket."`
	Orders  operatorOrders  `cmd:"" help:"List the cooperatives' orders, the newest first."`
	Move    operatorMove    `cmd:"" help:"Move an order along: accepted, packed, dispatched, at_relay, handed_over, …"`
	Late    operatorLate    `cmd:"" help:"List the orders that wait for their cooperative's answer, the longest waiting first."`
	Waiting operatorWaiting `cmd:"" help:"List what could not be said yet, and why."`
	Parked  operatorParked  `cmd:"" help:"List the messages that were given up on after five tries."`
	Retry   operatorRetry   `cmd:"" help:"Try a parked message again."`

	operatorJoining `embed:""`
	operatorReview  `embed:""`
}

// desk is the database as an operator's command has it.
type desk struct {
	*outside
	pool *pgxpool.Pool
	now  time.Time
}

// at opens the desk, does one thing in a transaction, and closes it.
func (o *outside) at(ctx context.Context, do func(d *desk, tx pgx.Tx) error) error {
	s, err := o.settings()
	if err != nil {
		return err
	}
	if err := s.need("DATABASE_URL"); err != nil {
		return err
	}
	pool, err := postgres.Open(ctx, postgres.Config{URL: s.DatabaseURL, MaxConns: 2, Name: "souk operator"})
	if err != nil {
		return err
	}
	defer pool.Close()
	d := &desk{outside: o, pool: pool, now: time.Now()}
	err = postgres.Tx(ctx, pool, func(tx pgx.Tx) error { return do(d, tx) })
	if refusal, ok := sorry.As(err); ok {
		return errors.New(refused(refusal))
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return errors.New("there is no such thing: " + strings.TrimSuffix(err.Error(), ": "+pgx.ErrNoRows.Error()))
	}
	return err
}

// refused says a refusal to an operator.
func refused(e *sorry.Error) string {
	switch e.Key {
	case "order.move_not_allowed":
		return fmt.Sprintf("%s is %s and cannot become %s (it can become: %s)", e.Args["Code"], e.Args["From"], e.Args["To"], next(e.Args["From"]))
	case "cooperative.name":
		return "the name is missing in French or in Arabic letters: give --name-fr and --name-ar"
	case "catalog.no_such_town":
		return "the town is missing: give --town"
	case "catalog.status":
		return fmt.Sprintf("it is %s and cannot become %s", e.Args["status"], e.Args["to"])
	case "application.decided":
		return "that application does not wait for an answer"
	case "review.decided":
		return fmt.Sprintf("that listing was decided before: it was %s", e.Args["decision"])
	case "document.expired":
		return "that day is over"
	case "document.number":
		return "a paper's number has a digit in it, and at most 60 signs"
	case "ticket.closed":
		return "that ticket is closed, or there is none with that number"
	}
	return e.Error()
}

func next(from any) string {
	name, _ := from.(string)
	var names []string
	for _, s := range orders.Status(name).Next() {
		names = append(names, string(s))
	}
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}

// table prints rows in columns.
func (d *desk) table(rows [][]string, none string) {
	if len(rows) < 2 {
		fmt.Fprintln(d.stdout, none)
		return
	}
	w := tabwriter.NewWriter(d.stdout, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	_ = w.Flush() // the terminal may have gone
}

// ago is how long something has waited, as people say it.
func (d *desk) ago(t time.Time) string {
	switch wait := d.now.Sub(t); {
	case wait < time.Hour:
		return fmt.Sprintf("%d min", int(wait.Minutes()))
	case wait < 48*time.Hour:
		return fmt.Sprintf("%d h", int(wait.Hours()))
	default:
		return fmt.Sprintf("%d days", int(wait.Hours()/24))
	}
}

// short is the beginning of somebody's words, on one line, safe for a terminal.
func short(text string, most int) string {
	runes := []rune(strings.Join(strings.Fields(plain(text)), " "))
	if len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return string(runes)
}

// plain takes out what a terminal would obey.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return r
		}
		if r < 0x20 || r == 0x7f || r >= 0x80 && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return -1
		}
		return r
	}, text)
}

type operatorTickets struct {
	Limit int `default:"50" help:"At most so many."`
}

func (c operatorTickets) Run(ctx context.Context, o *outside) error {
	return o.at(ctx, func(d *desk, tx pgx.Tx) error {
		tickets, err := people.Tickets(ctx, tx, c.Limit)
		if err != nil {
			return err
		}
		rows := [][]string{{"TICKET", "WHAT", "WAITS", "WHO", "LAST WORDS"}}
		for _, t := range tickets {
			messages, err := people.TicketMessages(ctx, tx, t.ID)
			if err != nil {
				return err
			}
			last := ""
			if n := len(messages); n > 0 {
				last = messages[n-1].Author + ": " + short(messages[n-1].Body, 60)
			}
			rows = append(rows, []string{fmt.Sprint(t.ID), string(t.Kind), d.ago(t.CreatedAt), d.who(ctx, tx, t), last})
		}
		d.table(rows, "Nobody is waiting.")
		return nil
	})
}

// who names a ticket's person by what an operator needs to know: name, number, language.
func (d *desk) who(ctx context.Context, tx pgx.Tx, t people.Ticket) string {
	if t.PersonID == 0 {
		return "?"
	}
	p, err := people.Load(ctx, tx, t.PersonID)
	if err != nil {
		return fmt.Sprintf("person %d", t.PersonID)
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s (%s)", short(p.Name, 30), p.Phone, p.Lang))
}

type operatorTicket struct {
	ID int64 `arg:"" help:"The ticket's number."`
}

func (c operatorTicket) Run(ctx context.Context, o *outside) error {
	return o.at(ctx, func(d *desk, tx pgx.Tx) error {
		t, err := people.LoadTicket(ctx, tx, c.ID)
		if err != nil {
			return err
		}
		messages, err := people.TicketMessages(ctx, tx, c.ID)
		if err != nil {
			return err
		}
		fmt.Fprintf(d.stdout, "Ticket %d, %s, %s, waits %s, from %s\n\n", t.ID, t.Kind, t.Status, d.ago(t.CreatedAt), d.who(ctx, tx, t))
		for _, m := range messages {
			fmt.Fprintf(d.stdout, "%s  %s: %s\n", m.CreatedAt.Local().Format("2006-01-02 15:04"), m.Author, plain(m.Body))
			for _, file := range m.Media {
				fmt.Fprintf(d.stdout, "                  [%s, %d bytes]\n", file.Kind, file.Bytes)
			}
		}
		return nil
	})
}

type operatorAnswer struct {
	ID   int64    `arg:"" help:"The ticket's number."`
	Text []string `arg:"" help:"What to say, in the person's language."`
	As   string   `help:"Who answers; the system's user name if not given."`
}

func (c operatorAnswer) Run(ctx context.Context, o *outside) error {
	text := strings.TrimSpace(strings.Join(c.Text, " "))
	if text == "" {
		return errors.New("there is nothing to say")
	}
	return o.at(ctx, func(d *desk, tx pgx.Tx) error {
		message, err := people.AnswerTicket(ctx, tx, c.ID, text, operatorName(c.As), d.now)
		if err != nil {
			return err
		}
		if err := bot.PostOperatorAnswer(ctx, tx, c.ID, message, d.now); err != nil {
			return err
		}
		fmt.Fprintf(d.stdout, "Said. Close it with: souk operator close %d\n", c.ID)
		return nil
	})
}

func operatorName(given string) string {
	if given != "" {
		return given
	}
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "operator"
}

type operatorClose struct {
	ID int64 `arg:"" help:"The ticket's number."`
}

func (c operatorClose) Run(ctx context.Context, o *outside) error {
	return o.at(ctx, func(d *desk, tx pgx.Tx) error {
		if _, err := people.LoadTicket(ctx, tx, c.ID); err != nil {
			return err
		}
		if err := people.CloseTicket(ctx, tx, c.ID, d.now); err != nil {
			return err
		}
		fmt.Fprintf(d.stdout, "Ticket %d is closed.\n", c.ID)
		return nil
	})
}

type operatorOrders struct {
	Limit int `default:"30" help:"At most so many."`
}

func (c operatorOrders) Run(ctx context.Context, o *outside) error {
	return o.at(ctx, func(d *desk, tx pgx.Tx) error {
		parts, err := orders.LatestParts(ctx, tx, c.Limit)
		if err != nil {
			return err
		}
		rows := [][]string{{"ORDER", "STATUS", "SINCE", "COOPERATIVE", "GOODS", "CAN BECOME"}}
		for _, p := range parts {
			rows = append(rows, []string{p.Code, string(p.Status), d.ago(p.UpdatedAt), p.CooperativeName["fr"],
				fmt.Sprintf("%d.%02d dh", p.GoodsTotal/100, p.GoodsTotal%100), next(string(p.Status))})
		}
		d.table(rows, "No orders yet.")
		return nil
	})
}

type operatorMove struct {
	Order string `arg:"" help:"The order's code, such as S7K2QMX-1."`
	To    string `arg:"" help:"The new status."`
}

func (c operatorMove) Run(ctx context.Context, o *outside) error {
	return o.at(ctx, func(d *desk, tx pgx.Tx) error {
		_, part, err := orders.PartByCode(ctx, tx, strings.ToUpper(strings.TrimSpace(c.Order)))
		if err != nil {
			return err
		}
		p, err := orders.Advance(ctx, tx, part, orders.Status(c.To), 0, d.now)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(p.Parts, func(x orders.Part) bool { return x.ID == part })
		fmt.Fprintf(d.stdout, "%s is %s. The whole purchase %s is %s.\n", p.Parts[at].Code, p.Parts[at].Status, p.Code, p.Status)
		return nil
	})
}

type operatorWaiting struct {
	Limit int `default:"50" help:"At most so many."`
}

func (c operatorWaiting) Run(ctx context.Context, o *outside) error {
	return o.at(ctx, func(d *desk, tx pgx.Tx) error {
		waiting, err := bot.Waiting(ctx, tx, c.Limit)
		if err != nil {
			return err
		}
		rows := [][]string{{"WHAT", "SINCE", "TO", "WHY"}}
		for _, w := range waiting {
			rows = append(rows, []string{w.Name, d.ago(w.Since), w.Channel, w.Reason})
		}
		d.table(rows, "Nothing waits to be said.")
		return nil
	})
}

type operatorParked struct {
	Limit int `default:"50" help:"At most so many."`
}

func (c operatorParked) Run(ctx context.Context, o *outside) error {
	return o.at(ctx, func(d *desk, tx pgx.Tx) error {
		parked, err := bot.ParkedMessages(ctx, tx, c.Limit)
		if err != nil {
			return err
		}
		rows := [][]string{{"MESSAGE", "SINCE", "ACCOUNT", "WHY"}}
		for _, p := range parked {
			rows = append(rows, []string{fmt.Sprint(p.ID), d.ago(p.At), p.Account, short(p.Error, 80)})
		}
		d.table(rows, "No message was given up on.")
		return nil
	})
}

type operatorRetry struct {
	ID int64 `arg:"" help:"The message's number, from souk operator parked."`
}

func (c operatorRetry) Run(ctx context.Context, o *outside) error {
	return o.at(ctx, func(d *desk, tx pgx.Tx) error {
		if err := bot.Unpark(ctx, tx, c.ID); err != nil {
			return err
		}
		fmt.Fprintf(d.stdout, "Message %d will be tried again.\n", c.ID)
		return nil
	})
}
