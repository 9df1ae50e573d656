package simulator

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"
)

// Channel is what a phone speaks over.
type Channel string

// The channels there are phones for.
const (
	Telegram Channel = "telegram"
	WhatsApp Channel = "whatsapp"
	SMS      Channel = "sms"
)

// Owner is whose phone it is. One number may own a phone on each channel.
type Owner struct {
	// Name as shown to others; Number when empty.
	Name string `json:"name"`
	// Number in E.164; made from Name when empty.
	Number string `json:"number"`
	// Language of the phone, "fr", "ar", …; Telegram tells the bot.
	Language string `json:"language"`
}

// Phone is one person on one channel, with all that was said.
type Phone struct {
	sim     *Simulator
	key     string
	channel Channel

	// Guarded by the simulator's mu.
	owner    Owner
	id       int64 // Telegram's id of the user or the group
	timeline []*Message
	changed  chan struct{} // closed at each change
	started  bool          // Telegram: has written, so the bot may write
	blocked  bool
	keyboard [][]Button // Telegram's reply keyboard
	speaker  *Phone     // in a group: who speaks
	inbound  time.Time  // last message to Souk: WhatsApp's window
	optedOut bool       // SMS: said STOP
	typing   time.Time
	pace     bucket
}

// Phone returns the owner's phone on a channel, a new one the first time. A
// name or language given later replaces the earlier one.
func (s *Simulator) Phone(channel Channel, owner Owner) *Phone {
	if owner.Number == "" {
		h := fnv.New32a()
		h.Write([]byte(owner.Name))
		owner.Number = fmt.Sprintf("+2126%08d", h.Sum32()%100_000_000)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key := string(channel) + ":" + owner.Number
	if p := s.phones[key]; p != nil {
		if owner.Name != "" {
			p.owner.Name = owner.Name
		}
		if owner.Language != "" {
			p.owner.Language = owner.Language
		}
		return p
	}
	orString(&owner.Name, owner.Number)
	orString(&owner.Language, "fr")
	if channel == Telegram {
		// Written to by id before anyone knew the number.
		if p := s.telegram.chats[TelegramID(owner.Number)]; p != nil && p.owner.Number == "" && p.speaker == nil {
			delete(s.phones, p.key)
			s.oldest = slices.DeleteFunc(s.oldest, func(k string) bool { return k == p.key })
			p.key, p.owner = key, owner
			s.keepPhone(p)
			return p
		}
	}
	p := s.newPhone(channel, key, owner)
	if channel == Telegram {
		p.id = s.telegram.userID(owner.Number)
		s.telegram.chats[p.id] = p
	}
	s.keepPhone(p)
	return p
}

// newPhone makes one that nobody knows yet. Callers hold mu.
func (s *Simulator) newPhone(channel Channel, key string, owner Owner) *Phone {
	p := &Phone{sim: s, key: key, channel: channel, owner: owner, changed: make(chan struct{})}
	if s.opt.Acquainted {
		p.started, p.inbound = true, s.began
	}
	return p
}

// keepPhone remembers a phone and forgets the oldest where there are too many.
func (s *Simulator) keepPhone(p *Phone) {
	s.phones[p.key] = p
	s.oldest = append(s.oldest, p.key)
	if len(s.oldest) > s.opt.MaxPhones {
		gone := s.phones[s.oldest[0]]
		s.oldest = s.oldest[1:]
		delete(s.phones, gone.key)
		delete(s.telegram.chats, gone.id)
	}
}

// phoneByKey finds a phone by "channel:number".
func (s *Simulator) phoneByKey(key string) *Phone {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.phones[key]
}

// Key is "channel:number", unique in the simulator.
func (p *Phone) Key() string { return p.key }

// Channel is what the phone speaks over.
func (p *Phone) Channel() Channel { return p.channel }

// Owner is whose phone it is.
func (p *Phone) Owner() Owner {
	p.sim.mu.Lock()
	defer p.sim.mu.Unlock()
	return p.owner
}

// Address is how the provider calls the phone: Telegram's user id in digits,
// "whatsapp:+212…", "+212…".
func (p *Phone) Address() string {
	switch p.channel {
	case Telegram:
		return fmt.Sprint(p.id)
	case WhatsApp:
		return "whatsapp:" + p.owner.Number
	default:
		return p.owner.Number
	}
}

// Messages returns what was said so far, both ways, oldest first.
func (p *Phone) Messages() []Message {
	p.sim.mu.Lock()
	defer p.sim.mu.Unlock()
	out := make([]Message, len(p.timeline))
	for i, m := range p.timeline {
		out[i] = m.copy()
	}
	return out
}

// Said returns what Souk said after the message with the id, all of it when the
// id is empty, without what was deleted.
func (p *Phone) Said(after string) []Message {
	var out []Message
	past := after == ""
	for _, m := range p.Messages() {
		if past && m.From == FromSouk && !m.Deleted {
			out = append(out, m)
		}
		past = past || m.ID == after
	}
	return out
}

// Wait returns the first message of Souk after the one with the id (any, when
// empty) that contains text. It waits for one until ctx ends.
func (p *Phone) Wait(ctx context.Context, after, text string) (Message, error) {
	return p.WaitFor(ctx, after, func(m Message) bool { return strings.Contains(m.Text, text) })
}

// WaitFor is Wait with a condition of one's own.
func (p *Phone) WaitFor(ctx context.Context, after string, fits func(Message) bool) (Message, error) {
	for {
		p.sim.mu.Lock()
		changed := p.changed
		p.sim.mu.Unlock()
		said := p.Said(after)
		for _, m := range said {
			if fits(m) {
				return m, nil
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			var b strings.Builder
			for _, m := range said {
				fmt.Fprintf(&b, "\n  < %s", m.Text)
			}
			return Message{}, fmt.Errorf("%s: waiting for a message: %w; said meanwhile:%s", p.key, ctx.Err(), b.String())
		}
	}
}

// find returns a message of the timeline, nil if it is forgotten. Callers hold mu.
func (p *Phone) find(id string) *Message {
	for i := len(p.timeline) - 1; i >= 0; i-- {
		if p.timeline[i].ID == id {
			return p.timeline[i]
		}
	}
	return nil
}

// add appends to the timeline and tells whoever watches. Callers hold mu.
func (p *Phone) add(m *Message) {
	m.At = p.sim.opt.Now()
	p.timeline = append(p.timeline, m)
	if extra := len(p.timeline) - p.sim.opt.MaxTimeline; extra > 0 {
		p.timeline = append([]*Message(nil), p.timeline[extra:]...)
	}
	p.tell(m)
}

// tell announces that a message is new or has changed. Callers hold mu.
func (p *Phone) tell(m *Message) {
	p.sim.revision++
	m.Revision = p.sim.revision
	close(p.changed)
	p.changed = make(chan struct{})
	p.sim.publish(Event{Kind: "message", Phone: p.key, Message: m})
}
