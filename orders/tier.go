package orders

import (
	"time"

	"souk/catalog"
	"souk/people"
)

// tierArrays are a variant's tiers, the lowest first; null where there are none.
const tierArrays = `SELECT array_agg(quantity ORDER BY quantity) AS tier_from, array_agg(price ORDER BY quantity) AS tier_price
	FROM price_tier WHERE variant_id = v.id`

func tiersOf(from, price []int64) catalog.Tiers {
	tiers := make(catalog.Tiers, len(from))
	for i := range from {
		tiers[i] = catalog.Tier{From: from[i], Price: price[i]}
	}
	return tiers
}

// localDay is the day that it is in Morocco, as a date of the database.
func localDay(now time.Time) time.Time {
	y, m, d := now.In(people.Zone(people.DefaultZone)).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// later tells that something is ready later than the buyer was told.
func later(ready *time.Time, told time.Time) bool { return ready != nil && ready.After(told) }
