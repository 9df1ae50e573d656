package people

import (
	"context"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"souk/internal/rows"
	"souk/internal/sorry"
)

// Person is somebody, on however many channels.
type Person struct {
	ID        int64
	Name      string // "" while unknown
	Lang      string // ISO 639-1: fr, ar
	Phone     string // E.164, "" while unknown: a claim, not a proof
	TimeZone  string // IANA
	CreatedAt time.Time
}

// DefaultLang is spoken to a person of whom nothing is known.
const DefaultLang = "fr"

// MaxName is how many runes of a name are kept.
const MaxName = 80

const personColumns = `id, COALESCE(name, '') AS name, lang, COALESCE(phone, '') AS phone, time_zone, created_at`

// Load returns a person; pgx.ErrNoRows, wrapped, where there is none.
func Load(ctx context.Context, tx pgx.Tx, personID int64) (Person, error) {
	return rows.One[Person](ctx, tx, "load person", loadPerson, rows.Args{"id": personID})
}

const loadPerson = `SELECT ` + personColumns + ` FROM person WHERE id = @id`

// Lock takes the person's row until the end of the transaction: after the conversation, before the cart.
func Lock(ctx context.Context, tx pgx.Tx, personID int64) (Person, error) {
	return rows.One[Person](ctx, tx, "lock person", loadPerson+` FOR NO KEY UPDATE`, rows.Args{"id": personID})
}

// SetLang changes the language that a person is spoken to in, on every channel. Anything but an ISO 639-1 code is a fault.
func SetLang(ctx context.Context, tx pgx.Tx, personID int64, lang string) error {
	return change(ctx, tx, "set language", `UPDATE person SET lang = @value WHERE id = @id`, personID, lang)
}

// SetPhone keeps a number, in E.164; anything else is refused with "person.phone".
func SetPhone(ctx context.Context, tx pgx.Tx, personID int64, phone string) error {
	if !e164.MatchString(phone) {
		return sorry.New("person.phone", nil)
	}
	return change(ctx, tx, "set phone", `UPDATE person SET phone = @value WHERE id = @id`, personID, phone)
}

// SetName keeps how a person calls themselves, cleaned; a name of which nothing is left is refused with "person.name".
func SetName(ctx context.Context, tx pgx.Tx, personID int64, name string) error {
	name = CleanName(name)
	if name == "" {
		return sorry.New("person.name", nil)
	}
	return change(ctx, tx, "set name", `UPDATE person SET name = @value WHERE id = @id`, personID, name)
}

func change(ctx context.Context, tx pgx.Tx, doing, sql string, personID int64, value string) error {
	_, err := rows.Exec(ctx, tx, doing, sql, rows.Args{"id": personID, "value": value})
	return err
}

var e164 = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// CleanName makes a stranger's name safe to keep and to show: valid UTF-8, one line, single spaces, no control or formatting
// signs (a bidi override in a name scrambles the line of whoever reads it), at most MaxName runes. It may leave nothing.
func CleanName(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, unicode.Is(unicode.Cf, r):
			return -1
		case unicode.IsControl(r):
			return ' '
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	name = strings.Join(strings.Fields(name), " ")
	if runes := []rune(name); len(runes) > MaxName {
		name = strings.TrimSpace(string(runes[:MaxName]))
	}
	return name
}
