package simulator

// Event tells whoever watches that something changed.
type Event struct {
	// Kind is message, typing, toast (an answered tap), keyboard, or resync when
	// events were lost because the watcher was too slow.
	Kind    string   `json:"kind"`
	Phone   string   `json:"phone"`
	Message *Message `json:"message,omitempty"`
	Text    string   `json:"text,omitempty"`
	Alert   bool     `json:"alert,omitempty"`
	// Keyboard is Telegram's reply keyboard; empty takes it away.
	Keyboard [][]Button `json:"keyboard,omitempty"`
}

type listener struct {
	events chan Event
	phones map[string]bool
	missed bool
}

// listen subscribes to the events of the phones with these keys.
func (s *Simulator) listen(keys []string) *listener {
	l := &listener{events: make(chan Event, 256), phones: map[string]bool{}}
	for _, key := range keys {
		l.phones[key] = true
	}
	s.mu.Lock()
	s.listeners[l] = struct{}{}
	s.mu.Unlock()
	return l
}

func (s *Simulator) unlisten(l *listener) {
	s.mu.Lock()
	delete(s.listeners, l)
	s.mu.Unlock()
}

// publish never waits: who does not keep up is told to read again. Callers hold mu.
func (s *Simulator) publish(e Event) {
	if len(s.listeners) == 0 {
		return
	}
	if e.Message != nil {
		m := e.Message.copy()
		e.Message = &m
	}
	for l := range s.listeners {
		if !l.phones[e.Phone] {
			continue
		}
		send := e
		if l.missed {
			send = Event{Kind: "resync", Phone: e.Phone}
		}
		select {
		case l.events <- send:
			l.missed = false
		default:
			l.missed = true
		}
	}
}
