package flows

import (
	"context"
	"math"
	"strconv"
	"strings"

	"souk/orders"
)

// spot is a place that somebody shared, in degrees: rounded to a hundred metres, which is all that choosing a relay needs.
type spot struct {
	Latitude  float64 `json:"lat"`
	Longitude float64 `json:"lon"`
}

// sharedSpot is the place that an event shares, nil where it shares none.
func sharedSpot(h *Heard) *spot {
	if h.Kind != Location || math.Abs(h.Latitude) > 90 || math.Abs(h.Longitude) > 180 {
		return nil
	}
	round := func(degrees float64) float64 { return math.Round(degrees*1000) / 1000 }
	return &spot{round(h.Latitude), round(h.Longitude)}
}

// tooFar is how many kilometres nobody goes for a parcel: beyond it the town is asked for.
const tooFar = 60

// relaysNear are the relays around a place, none around nil.
func relaysNear(ctx context.Context, t *Turn, at *spot) ([]orders.NearRelay, error) {
	if at == nil {
		return nil, nil
	}
	return orders.NearestRelays(ctx, t.Tx, at.Latitude, at.Longitude, tooFar, relayList)
}

// aLocation fits a shared place that has relays around it, where delivery is asked about.
func aLocation() When {
	return fact("aLocation", func(_ *Heard, f any) bool {
		switch f := f.(type) {
		case basket:
			return len(f.around) > 0
		case delivery:
			return len(f.around) > 0
		}
		return false
	})
}

// relaysAround shows the relays around the place that was shared, and so forgets the one that was chosen before. Delivered to the
// door, the goods go to the town of the nearest.
func relaysAround(ctx context.Context, t *Turn) (Result, error) {
	var nearest orders.NearRelay
	switch f := t.Facts.(type) {
	case basket:
		nearest = f.around[0]
	case delivery:
		nearest = f.around[0]
	}
	v := vars(t)
	v.Near, v.Town, v.Elsewhere = sharedSpot(t.Heard), nearest.TownID, true
	return Result{}, orders.ForgetPlace(ctx, t.Tx, t.PersonID(), t.Now)
}

// kilometres shows a distance as people say it: "0,4", "1,2", "23".
func kilometres(distance float64) string {
	if distance >= 10 {
		return strconv.FormatFloat(distance, 'f', 0, 64)
	}
	return strings.Replace(strconv.FormatFloat(max(distance, 0.1), 'f', 1, 64), ".", ",", 1)
}
