package people

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/rows"
)

// Hint is what a channel says of the sender, unverified.
type Hint struct {
	Name  string
	Lang  string // ISO 639-1 of the first message's letters; used only for a new person
	Phone string // E.164, where the address is a number
}

// Identify returns who speaks at an address, and makes that person at the first turn. Two channels on which the address is the
// same number (WhatsApp and SMS) are one person. Writing to us is what consents to being answered there and told about what one
// does here; prospecting needs more.
func Identify(ctx context.Context, tx pgx.Tx, addressID int64, hint Hint, now time.Time) (Person, Address, bool, error) {
	address, err := LoadAddress(ctx, tx, addressID)
	if err != nil {
		return Person{}, Address{}, false, err
	}
	if address.PersonID != 0 {
		person, err := Load(ctx, tx, address.PersonID)
		return person, address, false, err
	}

	personID, err := personOfNumber(ctx, tx, address)
	if err != nil {
		return Person{}, Address{}, false, err
	}
	created := personID == 0
	if created {
		if personID, err = create(ctx, tx, address, hint, now); err != nil {
			return Person{}, Address{}, false, err
		}
	}
	address, err = rows.One[Address](ctx, tx, "give address to person", giveAddress,
		rows.Args{"id": addressID, "person": personID, "profile": CleanName(hint.Name), "now": now})
	if err != nil {
		return Person{}, Address{}, false, err
	}
	if err := Share(ctx, tx, addressID, personID, now); err != nil {
		return Person{}, Address{}, false, err
	}
	if created {
		err := Append(ctx, tx, Event{Name: "person.created", Subject: fmt.Sprintf("person/%d", personID), ActorID: personID,
			Data: map[string]any{"address": addressID}, At: now})
		if err != nil {
			return Person{}, Address{}, false, err
		}
	}
	person, err := Load(ctx, tx, personID)
	return person, address, created, err
}

const giveAddress = `UPDATE address
	SET person_id = @person, profile_name = COALESCE(NULLIF(@profile::text, ''), profile_name), consented_at = COALESCE(consented_at, @now)
	WHERE id = @id RETURNING ` + addressColumns

// personOfNumber finds who already speaks at the same number on another channel, 0 where nobody does. The number is locked first:
// somebody's first WhatsApp and first SMS may arrive in the same instant.
func personOfNumber(ctx context.Context, tx pgx.Tx, address Address) (int64, error) {
	if !e164.MatchString(address.ExternalID) {
		return 0, nil
	}
	if _, err := rows.Exec(ctx, tx, "lock number", lockNumber, rows.Args{"number": address.ExternalID}); err != nil {
		return 0, err
	}
	personID, _, err := rows.Value[int64](ctx, tx, "find person by number", findByNumber,
		rows.Args{"number": address.ExternalID, "id": address.ID})
	return personID, err
}

const lockNumber = `SELECT pg_advisory_xact_lock(hashtextextended('souk/number/' || @number::text, 0))`

const findByNumber = `SELECT person_id FROM address
	WHERE external_id = @number AND external_id LIKE '+%' AND id <> @id AND person_id IS NOT NULL ORDER BY id LIMIT 1`

func create(ctx context.Context, tx pgx.Tx, address Address, hint Hint, now time.Time) (int64, error) {
	phone := hint.Phone
	if !e164.MatchString(phone) {
		phone = ""
	}
	if phone == "" && e164.MatchString(address.ExternalID) {
		phone = address.ExternalID
	}
	lang := hint.Lang
	if len(lang) != 2 {
		lang = DefaultLang
	}
	id, _, err := rows.Value[int64](ctx, tx, "create person", createPerson,
		rows.Args{"name": CleanName(hint.Name), "lang": lang, "phone": phone, "now": now})
	return id, err
}

const createPerson = `INSERT INTO person (name, lang, phone, created_at)
	VALUES (NULLIF(@name::text, ''), @lang, NULLIF(@phone::text, ''), @now) RETURNING id`
