package orders

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// NearRelay is a relay with its distance from somebody, in kilometres as the crow flies.
type NearRelay struct {
	Relay
	Distance float64 `db:"distance"`
}

// The great-circle distance by the haversine formula (R. W. Sinnott, "Virtues of the Haversine", Sky and Telescope 68, 1984, p. 159),
// on a sphere of the Earth's mean radius, 6371.0088 km (H. Moritz, Geodetic Reference System 1980). It is off by half a percent at
// most, which is less than a street's bends. least() keeps rounding from leaving the arcsine's domain at the antipode.
const nearestRelays = `
WITH near AS (
	SELECT id, 2 * 6371.0088 * asin(sqrt(least(1, sind((latitude - @lat) / 2) ^ 2 + cosd(@lat) * cosd(latitude) * sind((longitude - @lon) / 2) ^ 2))) AS distance
	  FROM relay WHERE active AND latitude IS NOT NULL)
SELECT r.id, r.code, r.town_id, t.region_code, t.name AS town, r.name, r.address, r.hours, coalesce(r.phone, '') AS phone, g.relay_fee AS fee, n.distance
  FROM near n JOIN relay r ON r.id = n.id JOIN town t ON t.id = r.town_id JOIN region g ON g.code = t.region_code
 WHERE n.distance <= @within ORDER BY n.distance, r.id LIMIT @limit`

// NearestRelays lists the active relays within so many kilometres of a place in degrees (WGS 84), the nearest first, at most limit.
// Relays of which it is not known where they stand are left out.
func NearestRelays(ctx context.Context, tx pgx.Tx, latitude, longitude, within float64, limit int) ([]NearRelay, error) {
	rows, err := tx.Query(ctx, nearestRelays, pgx.NamedArgs{"lat": latitude, "lon": longitude, "within": within, "limit": limit})
	if err != nil {
		return nil, fmt.Errorf("find the nearest relays: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[NearRelay])
	if err != nil {
		return nil, fmt.Errorf("find the nearest relays: %w", err)
	}
	return list, nil
}
