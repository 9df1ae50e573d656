package catalog

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/rows"
	"souk/internal/sorry"
	"souk/people"
)

// Application is a person's wish that their cooperative sells through Souk.
type Application struct {
	ID             int64
	PersonID       int64
	Name           Words // in both alphabets, or in one where the other is left to the person who helps
	TownID         string
	RegisterNumber string
	Phone          string // E.164
	Products       string // as they said it
	Documents      []people.Media
	Skipped        []ApplicationPart // what they left to the person who helps
	Status         string            // open, submitted, accepted, refused, dropped
	Reason         string            // why it was refused, in words for the person
	CooperativeID  int64
	TicketID       int64
	SubmittedAt    *time.Time
	PromisedAt     *time.Time // by when they were told to hear
}

// ApplicationPart is one thing that is asked of who wants to join.
type ApplicationPart string

// The parts, in the order in which they are asked.
const (
	AppName      ApplicationPart = "name" // in the alphabet that comes first to their mind
	AppOtherName ApplicationPart = "other_name"
	AppTown      ApplicationPart = "town"
	AppRegister  ApplicationPart = "register"
	AppPhone     ApplicationPart = "phone"
	AppProducts  ApplicationPart = "products"
	AppDocuments ApplicationPart = "documents"
)

// ApplicationParts returns them in that order.
func ApplicationParts() []ApplicationPart {
	return []ApplicationPart{AppName, AppOtherName, AppTown, AppRegister, AppPhone, AppProducts, AppDocuments}
}

// What an application bears: the lengths in runes, and how many photos.
const (
	MaxCooperativeName = 120
	MaxRegister        = 60
	MaxProducts        = 1000
	MaxDocuments       = 10
)

// Statuses of an application beyond those of other things.
const (
	applicationOpen = "open"
	Accepted        = "accepted"
	Refused         = "refused"
)

const applicationColumns = `id, person_id, name, COALESCE(town_id, '') AS town_id, COALESCE(register_number, '') AS register_number,
	COALESCE(phone, '') AS phone, COALESCE(products, '') AS products, documents, skipped, status, reason,
	COALESCE(cooperative_id, 0) AS cooperative_id, COALESCE(ticket_id, 0) AS ticket_id, submitted_at, promised_at`

// Next is the first part that is neither answered nor skipped, "" where nothing is missing.
func (a Application) Next() ApplicationPart {
	for _, part := range ApplicationParts() {
		if !a.answered(part) && !slices.Contains(a.Skipped, part) {
			return part
		}
	}
	return ""
}

// Before is the part that was answered or skipped last before another one ("" for the end), "" where there is none.
func (a Application) Before(part ApplicationPart) ApplicationPart {
	last := ApplicationPart("")
	for _, p := range ApplicationParts() {
		if p == part {
			break
		}
		if a.answered(p) || slices.Contains(a.Skipped, p) {
			last = p
		}
	}
	return last
}

func (a Application) answered(part ApplicationPart) bool {
	switch part {
	case AppName:
		return a.Name["fr"] != "" || a.Name["ar"] != ""
	case AppOtherName:
		return a.Name["fr"] != "" && a.Name["ar"] != ""
	case AppTown:
		return a.TownID != ""
	case AppRegister:
		return a.RegisterNumber != ""
	case AppPhone:
		return a.Phone != ""
	case AppProducts:
		return a.Products != ""
	}
	return false // documents are finished by saying so: a skip that may have photos
}

// Answer puts a part's answer into the application, cut to what it bears; Save keeps it.
func (a *Application) Answer(part ApplicationPart, text string) {
	a.Skipped = slices.DeleteFunc(a.Skipped, func(p ApplicationPart) bool { return p == part })
	switch part {
	case AppTown:
		a.TownID = text
	case AppRegister:
		a.RegisterNumber = cut(text, MaxRegister)
	case AppPhone:
		a.Phone = text
	case AppProducts:
		a.Products = cut(text, MaxProducts)
	}
}

// AnswerName puts the cooperative's name in one alphabet into the application.
func (a *Application) AnswerName(lang, name string) {
	if a.Name == nil {
		a.Name = Words{}
	}
	a.Name[lang] = cut(name, MaxCooperativeName)
	a.Skipped = slices.DeleteFunc(a.Skipped, func(p ApplicationPart) bool { return p == AppName || p == AppOtherName })
}

// Skip leaves a part to the person who helps.
func (a *Application) Skip(part ApplicationPart) {
	if !slices.Contains(a.Skipped, part) {
		a.Skipped = append(a.Skipped, part)
	}
}

// Forget takes a part's answer back, so that it is asked again. Photos stay: more may come.
func (a *Application) Forget(part ApplicationPart) {
	a.Answer(part, "")
	switch part {
	case AppName:
		a.Name = Words{}
		a.Answer(AppOtherName, "")
	case AppOtherName: // the one that was typed first stays in its alphabet
		a.Name = a.Name.only(a.firstAlphabet())
	}
}

// firstAlphabet is the alphabet that is kept when the other one's name is asked again: the French one where both are there.
func (a Application) firstAlphabet() string {
	if a.Name["fr"] != "" {
		return "fr"
	}
	return "ar"
}

func (w Words) only(lang string) Words {
	if text := w[lang]; text != "" {
		return Words{lang: text}
	}
	return Words{}
}

// AddDocument keeps a photo; it says false where there are enough.
func (a *Application) AddDocument(m people.Media) bool {
	if len(a.Documents) >= MaxDocuments {
		return false
	}
	a.Documents = append(a.Documents, m)
	return true
}

func cut(text string, most int) string {
	text = strings.TrimSpace(text)
	if runes := []rune(text); len(runes) > most {
		text = strings.TrimSpace(string(runes[:most]))
	}
	return text
}

// LoadApplication returns an application; pgx.ErrNoRows, wrapped, where there is none.
func LoadApplication(ctx context.Context, tx pgx.Tx, id int64) (Application, error) {
	return rows.One[Application](ctx, tx, "load an application", `SELECT `+applicationColumns+` FROM application WHERE id = @id`, rows.Args{"id": id})
}

// ApplicationOf returns the application that a person is writing or waits to be answered; found is false where there is none.
func ApplicationOf(ctx context.Context, tx pgx.Tx, personID int64) (a Application, found bool, err error) {
	return rows.Maybe[Application](ctx, tx, "find an application", applicationOf, rows.Args{"person": personID})
}

const applicationOf = `SELECT ` + applicationColumns + ` FROM application WHERE person_id = @person AND status IN ('open', 'submitted')`

// Apply begins an application, or returns the one that is being written or waits.
func Apply(ctx context.Context, tx pgx.Tx, personID int64, now time.Time) (Application, error) {
	a, found, err := ApplicationOf(ctx, tx, personID)
	if err != nil || found {
		return a, err
	}
	return rows.One[Application](ctx, tx, "begin an application", beginApplication, rows.Args{"person": personID, "now": now})
}

const beginApplication = `INSERT INTO application (person_id, created_at) VALUES (@person, @now) RETURNING ` + applicationColumns

// Save keeps what was said so far. One that was submitted meanwhile (from another channel) is refused with "application.sent".
func (a Application) Save(ctx context.Context, tx pgx.Tx) error {
	if a.Documents == nil {
		a.Documents = []people.Media{}
	}
	skipped := make([]string, 0, len(a.Skipped))
	for _, p := range a.Skipped {
		skipped = append(skipped, string(p))
	}
	changed, err := rows.Exec(ctx, tx, "save an application", saveApplication, rows.Args{"id": a.ID, "name": a.Name, "town": a.TownID,
		"register": a.RegisterNumber, "phone": a.Phone, "products": a.Products, "documents": a.Documents, "skipped": skipped})
	if err == nil && changed == 0 {
		err = sorry.New("application.sent", nil)
	}
	return err
}

const saveApplication = `UPDATE application SET name = @name, town_id = NULLIF(@town::text, ''), register_number = NULLIF(@register::text, ''),
		phone = NULLIF(@phone::text, ''), products = NULLIF(@products::text, ''), documents = @documents, skipped = @skipped
	WHERE id = @id AND status = 'open'`

// Drop forgets an application that was not submitted.
func (a Application) Drop(ctx context.Context, tx pgx.Tx) error {
	_, err := rows.Exec(ctx, tx, "drop an application", `UPDATE application SET status = 'dropped' WHERE id = @id AND status = 'open'`, rows.Args{"id": a.ID})
	return err
}

// ApplicationHours is within how many working hours an application is answered.
const ApplicationHours = 16

// Submit lays the application before the operators, with a ticket that carries its summary and its photos, and returns by when the
// person hears. Submitted already: nothing happens.
func (a Application) Submit(ctx context.Context, tx pgx.Tx, ticket people.Ticket, now time.Time) (time.Time, error) {
	if a.Status != applicationOpen && a.PromisedAt != nil {
		return *a.PromisedAt, nil
	}
	promised := people.WorkingHours(now, ApplicationHours, people.DefaultZone)
	ticket.PersonID, ticket.Kind, ticket.Media = a.PersonID, people.Joining, a.Documents
	id, err := people.OpenTicket(ctx, tx, ticket, now)
	if err != nil {
		return promised, err
	}
	changed, err := rows.Exec(ctx, tx, "submit an application", submitApplication,
		rows.Args{"id": a.ID, "ticket": id, "promised": promised, "now": now})
	if err != nil {
		return promised, err
	}
	if changed == 0 {
		return promised, sorry.New("application.sent", nil)
	}
	return promised, a.record(ctx, tx, "application.submitted", a.PersonID, now)
}

const submitApplication = `UPDATE application SET status = 'submitted', ticket_id = @ticket, promised_at = @promised, submitted_at = @now
	WHERE id = @id AND status = 'open'`

func (a Application) record(ctx context.Context, tx pgx.Tx, name string, actor int64, now time.Time) error {
	return people.Append(ctx, tx, people.Event{Name: name, Subject: fmt.Sprintf("application/%d", a.ID), ActorID: actor, At: now})
}

// Applications returns those that wait for an operator, the longest waiting first.
func Applications(ctx context.Context, tx pgx.Tx, limit int) ([]Application, error) {
	return rows.All[Application](ctx, tx, "list applications", waitingApplications, rows.Args{"limit": limit})
}

const waitingApplications = `SELECT ` + applicationColumns + ` FROM application WHERE status = 'submitted' ORDER BY submitted_at, id LIMIT @limit`
