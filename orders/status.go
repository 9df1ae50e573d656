package orders

import "slices"

// Status is where a purchase or one cooperative's part of it stands.
type Status string

// The statuses of a purchase: held → placed → closed | expired | cancelled. A part of it knows the rest as well.
const (
	Held       Status = "held"    // the goods are kept for the buyer until the hold ends
	Placed     Status = "placed"  // the buyer said yes; the cooperatives were told
	Closed     Status = "closed"  // a purchase of which every part has ended, one at least handed over or returned
	Expired    Status = "expired" // the hold ended without a yes
	Cancelled  Status = "cancelled"
	Accepted   Status = "accepted"
	Packed     Status = "packed"
	Dispatched Status = "dispatched"
	AtRelay    Status = "at_relay"
	HandedOver Status = "handed_over"
	Rejected   Status = "rejected"
	Unclaimed  Status = "unclaimed"
	Returned   Status = "returned"
)

// moves says where a part may go from where it is. Cash orders ship before they are paid, so payment is no step here.
var moves = map[Status][]Status{
	Held:       {Placed, Expired, Cancelled},
	Expired:    {Placed}, // a late yes, when everything is still there at the same price
	Placed:     {Accepted, Rejected, Cancelled},
	Accepted:   {Packed, Rejected, Cancelled},
	Packed:     {Dispatched, Cancelled},
	Dispatched: {AtRelay, HandedOver, Returned},
	AtRelay:    {HandedOver, Unclaimed},
	Unclaimed:  {HandedOver, Returned},
}

// Next lists the statuses that a part may go to from this one.
func (s Status) Next() []Status { return slices.Clone(moves[s]) }

// CanBecome says whether a part may go from this status to that.
func (s Status) CanBecome(to Status) bool { return slices.Contains(moves[s], to) }

// Ended says whether nothing follows any more, but for an expired hold's late yes.
func (s Status) Ended() bool { return s == Expired || len(moves[s]) == 0 }

// allocated says whether goods of a part in this status are still on the cooperative's shelf, kept for it.
func (s Status) allocated() bool {
	return slices.Contains([]Status{Held, Placed, Accepted, Packed}, s)
}

// BuyerCancels says whether the buyer may still cancel a part: until it is packed.
func (s Status) BuyerCancels() bool { return s == Placed || s == Accepted }

// derive computes a purchase's status from its parts', once it was placed.
func derive(parts []Status) Status {
	ended, kept := 0, 0
	for _, s := range parts {
		if !s.Ended() {
			continue
		}
		ended++
		if s == HandedOver || s == Returned {
			kept++
		}
	}
	switch {
	case ended < len(parts):
		return Placed
	case kept == 0:
		return Cancelled // every part was cancelled or refused
	default:
		return Closed
	}
}
