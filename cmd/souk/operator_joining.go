package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/bot/telegram"
	"souk/catalog"
	"souk/flows"
	"souk/locales"
	"souk/people"
)

// operatorJoining is how operators let cooperatives in, and out.
type operatorJoining struct {
	Invite       operatorInvite       `cmd:"" help:"Invite a cooperative, or one more member of it: prints the code and the links to pass on."`
	Applications operatorApplications `cmd:"" help:"List the cooperatives that ask to join, the longest waiting first."`
	Application  operatorApplication  `cmd:"" help:"Show one application."`
	Accept       operatorAccept       `cmd:"" help:"Accept an application: the person becomes the cooperative's manager and is told."`
	Refuse       operatorRefuse       `cmd:"" help:"Refuse an application: the person is told why."`
	Cooperative  operatorCooperative  `cmd:"" help:"Show a cooperative and its members."`
	Suspend      operatorSuspend      `cmd:"" help:"Take a cooperative off the shelves for a while; its members are told why."`
	Reopen       operatorReopen       `cmd:"" help:"Put a suspended cooperative back on the shelves."`
	Shut         operatorShut         `cmd:"" help:"Close a cooperative for good; its members are told."`
}

type operatorInvite struct {
	Cooperative string `help:"The code of a cooperative that is there, such as C12; else a new one is made from its names and town."`
	NameFr      string `help:"The new cooperative's name in French letters."`
	NameAr      string `help:"Its name in Arabic letters."`
	Town        string `help:"Its town, as people name it."`
	Role        string `enum:"manager,seller,helper" default:"manager" help:"What the invited person will do: manager, seller or helper."`
	Phone       string `help:"The only number that may use the code."`
}

func (c operatorInvite) Run(ctx context.Context, o *outside) error {
	s, err := o.settings()
	if err != nil {
		return err
	}
	if err := s.need("SOUK_SECRET"); err != nil {
		return err
	}
	phone := ""
	if c.Phone != "" {
		var ok bool
		if phone, ok = locales.ReadPhone(c.Phone); !ok {
			return errors.New("that is no phone number: " + c.Phone)
		}
	}
	return o.at(ctx, func(d *desk, tx pgx.Tx) error {
		house, err := c.cooperative(ctx, d, tx, phone)
		if err != nil {
			return err
		}
		i, err := catalog.Invite(ctx, tx, catalog.Invitation{CooperativeID: house.ID, Role: catalog.MemberRole(c.Role), Phone: phone}, d.now)
		if err != nil {
			return err
		}
		code := catalog.NewCodes(s.Secret).Invitation(i)
		fmt.Fprintf(d.stdout, "%s, %s (%s), %s\n", house.Code, house.Name["fr"], house.Name["ar"], c.Role)
		fmt.Fprintf(d.stdout, "Code:     %s, until %s, five tries\n", code, i.ExpiresAt.Local().Format("2006-01-02 15:04"))
		if phone != "" {
			fmt.Fprintf(d.stdout, "Only for: %s\n", phone)
		}
		d.links(s.doors(ctx), code)
		return nil
	})
}

// cooperative finds the one that is named by its code, or makes a new one.
func (c operatorInvite) cooperative(ctx context.Context, d *desk, tx pgx.Tx, phone string) (catalog.Cooperative, error) {
	if c.Cooperative != "" {
		return catalog.CooperativeByCode(ctx, tx, strings.ToUpper(c.Cooperative))
	}
	town, err := oneTown(ctx, tx, c.Town)
	if err != nil {
		return catalog.Cooperative{}, err
	}
	return catalog.NewCooperative{Name: catalog.Words{"fr": people.CleanName(c.NameFr), "ar": people.CleanName(c.NameAr)}, TownID: town.ID, Phone: phone}.Create(ctx, tx, 0, d.now)
}

// oneTown is the town that an operator names, by its id or as people do; where it could be several, they are listed.
func oneTown(ctx context.Context, tx pgx.Tx, named string) (catalog.Town, error) {
	if town, err := catalog.LoadTown(ctx, tx, named); err == nil {
		return town, nil
	}
	towns, err := catalog.FindTown(ctx, tx, named)
	if err != nil {
		return catalog.Town{}, err
	}
	switch len(towns) {
	case 0:
		return catalog.Town{}, errors.New("there is no such town: " + strconv.Quote(named))
	case 1:
		return towns[0], nil
	}
	var ids []string
	for _, t := range towns {
		ids = append(ids, t.ID)
	}
	return catalog.Town{}, fmt.Errorf("which town: %s?", strings.Join(ids, ", "))
}

// doors asks Telegram for the bot's name, for a moment: without it there is no link.
func (s Settings) doors(ctx context.Context) flows.Doors {
	name := ""
	if s.TelegramOn() {
		asking, cancel := context.WithTimeout(ctx, 3*time.Second)
		defer cancel()
		if channel, err := s.newTelegram(telegram.Photos{}); err == nil {
			name, _ = channel.Me(asking) // a link that cannot be made is left out
		}
	}
	return s.doorsOf(name)
}

// doorsOf are the ways that lead to Souk, the bot's name being known or "".
func (s Settings) doorsOf(bot string) flows.Doors {
	whatsapp, sms := "", ""
	if s.WhatsAppOn() {
		whatsapp = s.Twilio.WhatsAppFrom
	}
	if s.SMSOn() {
		sms = s.Twilio.SMSFrom
	}
	return flows.NewDoors(bot, whatsapp, sms)
}

// links prints the ways that a code can be brought.
func (d *desk) links(w flows.Doors, code string) {
	if link := w.TelegramLink("j_" + code); link != "" {
		fmt.Fprintf(d.stdout, "Telegram: %s\n", link)
	}
	if link := w.WhatsAppLink(code); link != "" {
		fmt.Fprintf(d.stdout, "WhatsApp: %s\n", link)
	}
	if w.SMS != "" {
		fmt.Fprintf(d.stdout, "SMS:      %s to %s\n", code, w.SMS)
	}
}

type operatorApplications struct {
	Limit int `default:"50" help:"At most so many."`
}

func (c operatorApplications) Run(ctx context.Context, o *outside) error {
	return o.at(ctx, func(d *desk, tx pgx.Tx) error {
		list, err := catalog.Applications(ctx, tx, c.Limit)
		if err != nil {
			return err
		}
		rows := [][]string{{"APPLICATION", "WAITS", "PROMISED", "NAME", "TOWN", "PRODUCTS"}}
		for _, a := range list {
			rows = append(rows, []string{fmt.Sprint(a.ID), d.ago(*a.SubmittedAt), d.promised(a.PromisedAt), short(a.Name.In("fr"), 40), a.TownID, short(a.Products, 40)})
		}
		d.table(rows, "Nobody asks to join.")
		return nil
	})
}

// promised is by when somebody hears, and whether that is over.
func (d *desk) promised(at *time.Time) string {
	switch {
	case at == nil:
		return ""
	case at.Before(d.now):
		return "late by " + d.ago(*at)
	}
	return at.Local().Format("2006-01-02 15:04")
}

type operatorApplication struct {
	ID int64 `arg:"" help:"The application's number."`
}

func (c operatorApplication) Run(ctx context.Context, o *outside) error {
	return o.at(ctx, func(d *desk, tx pgx.Tx) error {
		a, err := catalog.LoadApplication(ctx, tx, c.ID)
		if err != nil {
			return err
		}
		who, err := people.Load(ctx, tx, a.PersonID)
		if err != nil {
			return err
		}
		left := func(text string) string {
			if text = short(text, 200); text == "" {
				return "(left open)"
			}
			return text
		}
		fmt.Fprintf(d.stdout, "Application %d, %s, promised by %s\n", a.ID, a.Status, d.promised(a.PromisedAt))
		for _, line := range [][2]string{{"Who", strings.TrimSpace(short(who.Name, 40) + " " + who.Phone + " (" + who.Lang + ")")},
			{"Name", left(a.Name["fr"])}, {"الاسم", left(a.Name["ar"])}, {"Town", left(a.TownID)}, {"Register", left(a.RegisterNumber)},
			{"Phone", left(a.Phone)}, {"Products", left(a.Products)}, {"Photos", fmt.Sprint(len(a.Documents))}} {
			fmt.Fprintf(d.stdout, "%-9s %s\n", line[0]+":", line[1])
		}
		if a.TicketID != 0 {
			fmt.Fprintf(d.stdout, "Talk to them with: souk operator answer %d \"…\"\n", a.TicketID)
		}
		return nil
	})
}

type operatorAccept struct {
	ID     int64  `arg:"" help:"The application's number."`
	NameFr string `help:"The name in French letters, where the person left it open or it needs correcting."`
	NameAr string `help:"The name in Arabic letters, likewise."`
	Town   string `help:"The town, likewise."`
	As     string `help:"Who decides; the system's user name if not given."`
}

func (c operatorAccept) Run(ctx context.Context, o *outside) error {
	return o.at(ctx, func(d *desk, tx pgx.Tx) error {
		a, err := catalog.LoadApplication(ctx, tx, c.ID)
		if err != nil {
			return err
		}
		if c.NameFr != "" || c.NameAr != "" || c.Town != "" {
			town := catalog.Town{}
			if c.Town != "" {
				if town, err = oneTown(ctx, tx, c.Town); err != nil {
					return err
				}
			}
			if err := a.Complete(ctx, tx, catalog.Words{"fr": people.CleanName(c.NameFr), "ar": people.CleanName(c.NameAr)}, town.ID); err != nil {
				return err
			}
		}
		house, err := a.Accept(ctx, tx, operatorName(c.As), d.now)
		if err != nil {
			return err
		}
		fmt.Fprintf(d.stdout, "%s, %s, is active; the person is its manager and is told.\n", house.Code, house.Name["fr"])
		return nil
	})
}

type operatorRefuse struct {
	ID     int64  `arg:"" help:"The application's number."`
	Reason string `required:"" help:"Why, in the person's language: they read it."`
	As     string `help:"Who decides; the system's user name if not given."`
}

func (c operatorRefuse) Run(ctx context.Context, o *outside) error {
	return o.at(ctx, func(d *desk, tx pgx.Tx) error {
		a, err := catalog.LoadApplication(ctx, tx, c.ID)
		if err != nil {
			return err
		}
		if err := a.Refuse(ctx, tx, strings.TrimSpace(c.Reason), operatorName(c.As), d.now); err != nil {
			return err
		}
		fmt.Fprintf(d.stdout, "Application %d is refused; the person is told.\n", c.ID)
		return nil
	})
}

type operatorCooperative struct {
	Code string `arg:"" help:"The cooperative's code, such as C12."`
}

func (c operatorCooperative) Run(ctx context.Context, o *outside) error {
	return o.at(ctx, func(d *desk, tx pgx.Tx) error {
		house, err := catalog.CooperativeByCode(ctx, tx, strings.ToUpper(c.Code))
		if err != nil {
			return err
		}
		fmt.Fprintf(d.stdout, "%s, %s (%s), %s, %s\n\n", house.Code, house.Name["fr"], house.Name["ar"], house.TownID, house.Status)
		members, err := catalog.Colleagues(ctx, tx, house.ID)
		if err != nil {
			return err
		}
		rows := [][]string{{"MEMBER", "ROLE", "PHONE"}}
		for _, m := range members {
			rows = append(rows, []string{short(m.Name, 40), string(m.Role), m.Phone})
		}
		d.table(rows, "No members yet.")
		return nil
	})
}

type operatorSuspend struct {
	Code   string `arg:"" help:"The cooperative's code."`
	Reason string `required:"" help:"Why, in words for its members."`
}

func (c operatorSuspend) Run(ctx context.Context, o *outside) error {
	return o.move(ctx, c.Code, catalog.Suspended, c.Reason)
}

type operatorReopen struct {
	Code string `arg:"" help:"The cooperative's code."`
}

func (c operatorReopen) Run(ctx context.Context, o *outside) error {
	return o.move(ctx, c.Code, catalog.Active, "")
}

type operatorShut struct {
	Code   string `arg:"" help:"The cooperative's code."`
	Reason string `help:"Why, in words for its members."`
}

func (c operatorShut) Run(ctx context.Context, o *outside) error {
	return o.move(ctx, c.Code, catalog.Closed, c.Reason)
}

// move changes how a cooperative stands and tells its members.
func (o *outside) move(ctx context.Context, code, to, reason string) error {
	return o.at(ctx, func(d *desk, tx pgx.Tx) error {
		house, err := catalog.CooperativeByCode(ctx, tx, strings.ToUpper(code))
		if err != nil {
			return err
		}
		if err := house.Move(ctx, tx, to, strings.TrimSpace(reason), d.now); err != nil {
			return err
		}
		fmt.Fprintf(d.stdout, "%s is %s; its members are told.\n", house.Code, to)
		return nil
	})
}
