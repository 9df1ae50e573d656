package orders_test

import (
	"math"
	"testing"

	"github.com/jackc/pgx/v5"

	"souk/internal/postgres"
	"souk/orders"
)

// From the centre of Casablanca to those of Rabat and Marrakech, 85 and 219 km by the same formula worked elsewhere.
func TestNearestRelaysComeFirst(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 4)
	m.exec(`UPDATE relay SET active = false`)
	m.exec(`INSERT INTO relay (code, town_id, name, address, hours, latitude, longitude, created_at)
		SELECT c, 'azilal', '{"fr": "x"}', '{"fr": "x"}', '{"fr": "x"}', lat, lon, now()
		  FROM (VALUES ('R11', 31.6295, -7.9811), ('R12', 34.0209, -6.8416), ('R13', 33.5731, -7.5898), ('R14', NULL, NULL)) AS v (c, lat, lon)`)
	near := func(latitude, longitude, within float64, limit int) (list []orders.NearRelay) {
		err := postgres.Tx(t.Context(), m.pool, func(tx pgx.Tx) (err error) {
			list, err = orders.NearestRelays(t.Context(), tx, latitude, longitude, within, limit)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	list := near(33.5731, -7.5898, 1000, 10)
	if len(list) != 3 {
		t.Fatalf("%d relays", len(list))
	}
	for i, want := range []struct {
		code string
		km   float64
	}{{"R13", 0}, {"R12", 85}, {"R11", 219}} {
		if got := list[i]; got.Code != want.code || math.Abs(got.Distance-want.km) > 1 || got.Fee <= 0 {
			t.Errorf("%d is %s at %.1f km for %d, want %s at %.0f", i, got.Code, got.Distance, got.Fee, want.code, want.km)
		}
	}
	if list := near(33.5731, -7.5898, 100, 10); len(list) != 2 {
		t.Errorf("%d within 100 km", len(list))
	}
	if list := near(33.5731, -7.5898, 1000, 1); len(list) != 1 {
		t.Errorf("%d of at most one", len(list))
	}
	// The other side of the Earth, the poles, and over the date line: a number, never an error.
	for _, at := range [][2]float64{{-33.5731, 172.4102}, {90, 0}, {-90, 180}, {0, -180}} {
		if list := near(at[0], at[1], 30_000, 10); len(list) != 3 || math.IsNaN(list[2].Distance) {
			t.Errorf("from %v: %v", at, list)
		}
	}
}
