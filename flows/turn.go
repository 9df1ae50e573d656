package flows

import (
	"time"

	"souk/locales"
)

// Input is what the gateway hands to one turn. The transaction comes beside it.
type Input struct {
	Conversation int64 // also the address's id
	Channel      string
	Medium       locales.Medium
	Session      *Session // nil at the first turn, or where nothing could be recalled
	Event        Event
	InboxID      int64
	Now          time.Time
	Random       func(n int) []byte // n random bytes: prompt ids and stamps
}

// Output is what a turn leaves to the gateway, which stores and sends it in the turn's own transaction.
type Output struct {
	Session Session
	Replies []Reply
	Timers  []Timer
	// Notices tells the gateway that the turn wrote notices, so that it routes them right after the commit.
	Notices bool
	// Requeue leaves the event's notice for later ("ask" while a question is open).
	Requeue time.Duration
}

// Timer asks for a TimerDue event in this conversation; a zero DueAt removes it.
type Timer struct {
	Name  string
	DueAt time.Time
}
