package orders

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"souk/internal/sorry"
)

// Delivery is how goods reach the buyer.
type Delivery string

// The ways of delivery.
const (
	ToRelay Delivery = "relay" // picked up at a partner's shop
	ToHome  Delivery = "home"
)

// Place is where the goods go and who receives them. The zero Place is not known yet.
type Place struct {
	Delivery      Delivery
	RelayID       int64
	TownID        string
	HomeAddress   string
	ReceiverName  string
	ReceiverPhone string // E.164
}

// Known says whether the goods' destination is known (who receives them may not be).
func (p Place) Known() bool {
	return p.Delivery == ToRelay && p.RelayID != 0 || p.Delivery == ToHome && p.HomeAddress != "" && p.TownID != ""
}

// Relay is a partner's shop where parcels are picked up.
type Relay struct {
	ID         int64             `db:"id"`
	Code       string            `db:"code"`
	TownID     string            `db:"town_id"`
	RegionCode string            `db:"region_code"`
	Town       map[string]string `db:"town"`
	Name       map[string]string `db:"name"`
	Address    map[string]string `db:"address"`
	Hours      map[string]string `db:"hours"`
	Phone      string            `db:"phone"`
	Fee        int64             `db:"fee"` // centimes
}

const relayColumns = `
SELECT r.id, r.code, r.town_id, t.region_code, t.name AS town, r.name, r.address, r.hours, coalesce(r.phone, '') AS phone, g.relay_fee AS fee
  FROM relay r JOIN town t ON t.id = r.town_id JOIN region g ON g.code = t.region_code`

// Relays lists the active relays of a town, oldest first.
func Relays(ctx context.Context, tx pgx.Tx, townID string) ([]Relay, error) {
	return relays(ctx, tx, relayColumns+` WHERE r.active AND r.town_id = $1 ORDER BY r.id`, townID)
}

// RelaysOfRegion lists the active relays of a region, for a town that has none of its own.
func RelaysOfRegion(ctx context.Context, tx pgx.Tx, regionCode string) ([]Relay, error) {
	return relays(ctx, tx, relayColumns+` WHERE r.active AND t.region_code = $1 ORDER BY r.id`, regionCode)
}

func relays(ctx context.Context, tx pgx.Tx, sql string, arg any) ([]Relay, error) {
	rows, err := tx.Query(ctx, sql, arg)
	if err != nil {
		return nil, fmt.Errorf("list relays: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Relay])
	if err != nil {
		return nil, fmt.Errorf("list relays: %w", err)
	}
	return list, nil
}

// FindRelay reads one relay, active or not. It returns pgx.ErrNoRows for an unknown one.
func FindRelay(ctx context.Context, tx pgx.Tx, id int64) (Relay, error) {
	list, err := relays(ctx, tx, relayColumns+` WHERE r.id = $1`, id)
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("relay %d: %w", id, pgx.ErrNoRows)
	}
	if err != nil {
		return Relay{}, err
	}
	return list[0], nil
}

// Fee is what delivery to a region costs, in centimes, one per purchase.
func Fee(ctx context.Context, tx pgx.Tx, regionCode string, d Delivery) (int64, error) {
	column := "relay_fee"
	if d == ToHome {
		column = "delivery_fee"
	}
	var fee int64
	if err := tx.QueryRow(ctx, `SELECT `+column+` FROM region WHERE code = $1`, regionCode).Scan(&fee); err != nil {
		return 0, fmt.Errorf("the %s fee of region %s: %w", d, regionCode, err)
	}
	return fee, nil
}

// A relay that has closed since it was chosen is no place.
const cartPlace = `
SELECT CASE WHEN r.active IS DISTINCT FROM false THEN coalesce(c.delivery, '') ELSE '' END, CASE WHEN r.active THEN r.id ELSE 0 END,
       coalesce(c.town_id, ''), coalesce(c.home_address, ''), coalesce(c.receiver_name, ''), coalesce(c.receiver_phone, '')
  FROM cart c LEFT JOIN relay r ON r.id = c.relay_id WHERE c.person_id = $1`

// LoadPlace reads where a person's cart goes and who receives it, without its lines.
func LoadPlace(ctx context.Context, tx pgx.Tx, personID int64) (Place, error) {
	p, err := scanPlace(tx.QueryRow(ctx, cartPlace, personID))
	if err != nil {
		return Place{}, fmt.Errorf("load the place of person %d: %w", personID, err)
	}
	return p, nil
}

// scanPlace reads a row of cartPlace; a cart that is absent has no place.
func scanPlace(row pgx.Row) (p Place, err error) {
	err = row.Scan(&p.Delivery, &p.RelayID, &p.TownID, &p.HomeAddress, &p.ReceiverName, &p.ReceiverPhone)
	if errors.Is(err, pgx.ErrNoRows) {
		return Place{}, nil
	}
	return p, err
}

// LastPlace is where this person's last placed purchase went; ok is false for a first one, or where its relay has closed.
func LastPlace(ctx context.Context, tx pgx.Tx, personID int64) (place Place, ok bool, err error) {
	err = tx.QueryRow(ctx, `
SELECT p.delivery, CASE WHEN r.active THEN r.id ELSE 0 END, coalesce(p.town_id, ''), coalesce(p.home_address, ''), coalesce(p.receiver_name, ''), p.receiver_phone
  FROM purchase p LEFT JOIN relay r ON r.id = p.relay_id
 WHERE p.person_id = $1 AND p.placed_at IS NOT NULL
 ORDER BY p.placed_at DESC, p.id DESC LIMIT 1`, personID).
		Scan(&place.Delivery, &place.RelayID, &place.TownID, &place.HomeAddress, &place.ReceiverName, &place.ReceiverPhone)
	if errors.Is(err, pgx.ErrNoRows) {
		return Place{}, false, nil
	}
	if err != nil {
		return Place{}, false, fmt.Errorf("the last place of person %d: %w", personID, err)
	}
	return place, place.Known(), nil
}

// SetRelay sends the cart to a relay. A closed one is refused.
func SetRelay(ctx context.Context, tx pgx.Tx, personID, relayID int64, now time.Time) error {
	tag, err := tx.Exec(ctx, `
INSERT INTO cart (person_id, delivery, relay_id, town_id, updated_at)
SELECT $1, 'relay', r.id, r.town_id, $3 FROM relay r WHERE r.id = $2 AND r.active
ON CONFLICT (person_id) DO UPDATE
   SET delivery = 'relay', relay_id = excluded.relay_id, town_id = excluded.town_id, home_address = NULL, updated_at = excluded.updated_at`,
		personID, relayID, now)
	if err != nil {
		return fmt.Errorf("send the cart to relay %d: %w", relayID, err)
	}
	if tag.RowsAffected() == 0 {
		return sorry.New("order.relay_closed", nil)
	}
	return nil
}

// MaxAddress is how many characters a home address may have.
const MaxAddress = 300

// SetTown notes the town of a home delivery whose address is still to come.
func SetTown(ctx context.Context, tx pgx.Tx, personID int64, townID string, now time.Time) error {
	_, err := tx.Exec(ctx, `
INSERT INTO cart (person_id, town_id, updated_at) VALUES ($1, $2, $3)
ON CONFLICT (person_id) DO UPDATE
   SET town_id = excluded.town_id, delivery = NULL, relay_id = NULL, home_address = NULL, updated_at = excluded.updated_at`, personID, townID, now)
	if err != nil {
		return fmt.Errorf("note town %s: %w", townID, err)
	}
	return nil
}

// SetHome sends the cart to an address in a town.
func SetHome(ctx context.Context, tx pgx.Tx, personID int64, townID, address string, now time.Time) error {
	address = strings.Join(strings.Fields(address), " ")
	if n := utf8.RuneCountInString(address); n < 5 || n > MaxAddress {
		return sorry.New("order.address_length", map[string]any{"Max": MaxAddress})
	}
	_, err := tx.Exec(ctx, `
INSERT INTO cart (person_id, delivery, town_id, home_address, updated_at) VALUES ($1, 'home', $2, $3, $4)
ON CONFLICT (person_id) DO UPDATE
   SET delivery = 'home', relay_id = NULL, town_id = excluded.town_id, home_address = excluded.home_address, updated_at = excluded.updated_at`,
		personID, townID, address, now)
	if err != nil {
		return fmt.Errorf("send the cart home: %w", err)
	}
	return nil
}

// SetReceiver says who receives the goods: a name (may be empty) and a phone in E.164.
func SetReceiver(ctx context.Context, tx pgx.Tx, personID int64, name, phone string, now time.Time) error {
	_, err := tx.Exec(ctx, `
INSERT INTO cart (person_id, receiver_name, receiver_phone, updated_at) VALUES ($1, nullif($2, ''), nullif($3, ''), $4)
ON CONFLICT (person_id) DO UPDATE
   SET receiver_name = excluded.receiver_name, receiver_phone = excluded.receiver_phone, updated_at = excluded.updated_at`, personID, name, phone, now)
	if err != nil {
		return fmt.Errorf("set the receiver of person %d: %w", personID, err)
	}
	return nil
}

// SetPlace sets everything at once: the place of an earlier purchase, say.
func SetPlace(ctx context.Context, tx pgx.Tx, personID int64, p Place, now time.Time) error {
	var err error
	switch p.Delivery {
	case ToRelay:
		err = SetRelay(ctx, tx, personID, p.RelayID, now)
	case ToHome:
		err = SetHome(ctx, tx, personID, p.TownID, p.HomeAddress, now)
	default:
		return fmt.Errorf("set the place of person %d: unknown delivery %q", personID, p.Delivery)
	}
	if err != nil || p.ReceiverPhone == "" {
		return err
	}
	return SetReceiver(ctx, tx, personID, p.ReceiverName, p.ReceiverPhone, now)
}

// ForgetPlace makes the cart's destination unknown again; who receives stays known.
func ForgetPlace(ctx context.Context, tx pgx.Tx, personID int64, now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE cart SET delivery = NULL, relay_id = NULL, town_id = NULL, home_address = NULL, updated_at = $2 WHERE person_id = $1`,
		personID, now)
	if err != nil {
		return fmt.Errorf("forget the place of person %d: %w", personID, err)
	}
	return nil
}
