package simulator

import (
	"fmt"
	"strings"
	"time"
)

// callback is a tap that waits for its answer.
type callback struct {
	phone    *Phone
	at       time.Time
	answered bool
}

const maxCallbacks = 10_000

// sayTelegram puts a person's message into the chat and makes its update.
func (p *Phone) sayTelegram(m *Message) string {
	s := p.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	p.wakeUp()
	m.ID = fmt.Sprint(s.nextID())
	rich := plainText(m.Text)
	m.HTML = rich.safe
	if m.Kind == "text" {
		m.entities = commandEntity(m.Text)
	}
	p.add(m)
	s.update(p, m, "message", s.telegramMessage(p, m))
	return m.ID
}

// commandEntity marks /command at the start of a text.
func commandEntity(text string) []map[string]any {
	if !strings.HasPrefix(text, "/") {
		return nil
	}
	command, _, _ := strings.Cut(text, " ")
	name := strings.TrimPrefix(command, "/")
	if name == "" || strings.ContainsFunc(name, func(r rune) bool { return r > 127 }) {
		return nil
	}
	return []map[string]any{{"type": "bot_command", "offset": 0, "length": len(command)}}
}

// wakeUp lets the bot write: whoever writes has started it, and unblocks it.
// Callers hold mu.
func (p *Phone) wakeUp() {
	if p.blocked {
		p.membership("member")
	}
	p.started = true
}

// Edit changes a message that the person has written before. Only Telegram
// tells the bot; elsewhere it is an error.
func (p *Phone) Edit(id, text string) error {
	s := p.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	m := p.find(id)
	if p.channel != Telegram || m == nil || m.From != FromUser || m.Kind != "text" {
		return fmt.Errorf("editing: %s has no such message to edit", p.key)
	}
	m.Text, m.HTML, m.entities, m.Edited = text, plainText(text).safe, commandEntity(text), true
	p.tell(m)
	s.update(p, m, "edited_message", s.telegramMessage(p, m))
	return nil
}

// Block makes the bot a stranger to the person: it is told, and can write no more.
func (p *Phone) Block() {
	p.sim.mu.Lock()
	defer p.sim.mu.Unlock()
	if p.channel == Telegram && !p.blocked {
		p.membership("kicked")
	}
}

// Unblock takes Block back.
func (p *Phone) Unblock() {
	p.sim.mu.Lock()
	defer p.sim.mu.Unlock()
	if p.channel == Telegram && p.blocked {
		p.membership("member")
	}
}

// membership makes the my_chat_member update. Callers hold mu.
func (p *Phone) membership(status string) {
	s := p.sim
	member := func(status string) map[string]any {
		m := map[string]any{"status": status, "user": s.botUser()}
		if status == "kicked" {
			m["until_date"] = 0
		}
		return m
	}
	old := "member"
	if p.blocked {
		old = "kicked"
	}
	p.blocked = status == "kicked"
	s.update(p, nil, "my_chat_member", map[string]any{
		"chat": chatObject(p), "from": userObject(p), "date": s.opt.Now().Unix(),
		"old_chat_member": member(old), "new_chat_member": member(status),
	})
}

// Group returns a group of that title in which the phone's owner speaks to the
// bot: its Text arrives there as a group's message.
func (p *Phone) Group(title string) *Phone {
	s := p.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	key := p.key + "/" + title
	if g := s.phones[key]; g != nil {
		return g
	}
	g := s.newPhone(Telegram, key, Owner{Name: title})
	g.speaker, g.started = p, true
	g.id = -1_000_000_000_000 - s.telegram.userID(key)
	s.telegram.chats[g.id] = g
	s.keepPhone(g)
	return g
}

// Tap presses what bears the label, or carries the data: a button under the
// newest message that has it, a key of Telegram's keyboard, an item of a list.
func (p *Phone) Tap(label string) error {
	p.sim.mu.Lock()
	var found *Message
	for i := len(p.timeline) - 1; i >= 0 && found == nil; i-- {
		if m := p.timeline[i]; m.From == FromSouk && !m.Deleted && m.offers(label) {
			found = m
		}
	}
	var key *Button
	for _, row := range p.keyboard {
		for _, b := range row {
			if b.Label == label {
				key = &b
			}
		}
	}
	p.sim.mu.Unlock()
	switch {
	case found != nil:
		return p.TapOn(found.ID, label)
	case key != nil && key.Ask == "contact":
		p.Contact()
	case key != nil && key.Ask == "location":
		p.Location(33.5731, -7.5898)
	case key != nil:
		p.Text(key.Label)
	default:
		return fmt.Errorf("tapping: %s shows nothing called %q", p.key, label)
	}
	return nil
}

// offers tells whether a message has a button or an item of that name.
func (m *Message) offers(label string) bool {
	if _, ok := m.button(label); ok {
		return true
	}
	_, ok := m.item(label)
	return ok
}

func (m *Message) item(label string) (Item, bool) {
	if m.List != nil {
		for _, item := range m.List.Items {
			if item.Title == label || item.ID == label {
				return item, true
			}
		}
	}
	return Item{}, false
}

// TapOn presses a button or picks an item of the message with the id, however old.
func (p *Phone) TapOn(id, label string) error {
	p.sim.mu.Lock()
	m := p.find(id)
	if m == nil || !m.offers(label) {
		p.sim.mu.Unlock()
		return fmt.Errorf("tapping: %s has no message %s with %q", p.key, id, label)
	}
	if p.channel == Telegram {
		defer p.sim.mu.Unlock()
		b, _ := m.button(label)
		return p.tapTelegram(m, b)
	}
	p.sim.mu.Unlock()
	return p.tapTwilio(m, label)
}

// tapTelegram makes the callback query of a tap. Callers hold mu.
func (p *Phone) tapTelegram(m *Message, b Button) error {
	s := p.sim
	if b.Data == "" {
		return fmt.Errorf("tapping: button %q sends nothing to the bot", b.Label)
	}
	id := fmt.Sprint(uint64(p.id)<<20 + s.nextID())
	t := &s.telegram
	t.callbacks[id] = &callback{phone: p, at: time.Now()}
	t.oldTaps = append(t.oldTaps, id)
	if len(t.oldTaps) > maxCallbacks {
		delete(t.callbacks, t.oldTaps[0])
		t.oldTaps = t.oldTaps[1:]
	}
	s.update(p, nil, "callback_query", map[string]any{
		"id": id, "from": userObject(p), "chat_instance": fmt.Sprint(p.id * 7), "data": b.Data, "message": s.telegramMessage(p, m),
	})
	return nil
}

// Raw sends an update as it is, of a kind that is not in the contract perhaps;
// update_id is added. It queues behind the person's own messages.
func (p *Phone) Raw(kind string, object any) error {
	if p.channel != Telegram {
		return fmt.Errorf("raw update: %s is not on Telegram", p.key)
	}
	s := p.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	body, err := jsonBytes(map[string]any{"update_id": s.nextID(), kind: object})
	if err != nil {
		return fmt.Errorf("raw update: %w", err)
	}
	s.send(delivery{phone: p, kind: kind, body: body, lane: fmt.Sprintf("telegram:chat:%d", p.id)})
	return nil
}
