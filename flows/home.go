package flows

import (
	"context"

	"souk/catalog"
	"souk/locales"
	"souk/orders"
	"souk/people"
)

// homeFacts are what the resting conversation looks at.
type homeFacts struct {
	ticket int64 // an open talk with an operator
	goods  bool  // what was typed meanwhile is on the shelves
}

// homeFlow is where a conversation rests. Its menu is by role: a buyer's, a cooperative's member's.
func homeFlow() Flow {
	return Flow{
		Name:  "home",
		Start: "resting",
		States: []State{
			{Name: "resting", Numbered: true, Read: readHome, Ask: askMenu,
				Answers: []Row{
					on(greets(), greet, "resting"),
					on(talking(), addToTicket, ""),
					on(maybeGoods(), nil, "resting").enter("ordering:choosing").again(),
				}},
		},
	}
}

func readHome(ctx context.Context, t *Turn, h *Heard) (any, error) {
	f := homeFacts{}
	if h.Typed() == "" || h.Says().Intent != Unknown {
		return f, nil
	}
	var err error
	if f.ticket, err = people.OpenTicketOf(ctx, t.Tx, t.PersonID()); err != nil || f.ticket == 0 {
		return f, err
	}
	f.goods, err = namesGoods(ctx, t, h)
	return f, err
}

func askMenu(ctx context.Context, t *Turn) error {
	lines, err := orders.CountLines(ctx, t.Tx, t.PersonID())
	if err != nil {
		return err
	}
	memberships, err := actsFor(ctx, t)
	if err != nil {
		return err
	}
	q := Question{Text: t.Text("menu.ask", nil), List: t.Text("menu.list", nil)}
	add := func(place, words string, args locales.Args) { // a menu's buttons work however old they are
		q.Choices = append(q.Choices, Choice{Key: "go:" + place, Command: true, Label: t.Text(words, args)})
	}
	sells := len(memberships) > 0
	if sells { // who sells comes for that first
		add("received", "menu.received", nil)
		add("sell", "menu.sell", nil)
		add("shop", "shop.menu", nil)
		add("sales", "sales.menu", nil)
		if memberships[0].Role == catalog.Helper {
			add("acting", "acting.begin", nil)
		} else {
			add("members", "menu.members", nil)
		}
	}
	if len(memberships) > 1 {
		add("cooperative", "menu.cooperative", nil)
	}
	add("shelves", "menu.shelves", nil)
	if lines > 0 {
		add("cart", "menu.cart", locales.Args{"n": lines})
	}
	add("orders", "menu.orders", nil)
	add("human", "menu.human", nil)
	if t.In.Medium != locales.Plain && len(q.Choices) < 10 { // there it is a word, and every line costs; a list of WhatsApp has ten rows
		add("help", "menu.help", nil)
	}
	if t.In.Medium != locales.Plain && !sells { // a list of WhatsApp has ten rows: who sells types it
		add("language", "menu.language", nil)
	}
	t.Ask(q)
	return nil
}

func greets() When {
	return word("greets", func(h *Heard) bool {
		return h.Means(Greeting) || h.Means(Start) || h.Means(Menu) || h.Kind == DeepLink && h.Command == ""
	})
}

// greet returns a greeting in kind, and says at the first one what Souk is.
func greet(_ context.Context, t *Turn) (Result, error) {
	switch greeted := t.Heard.Means(Greeting); {
	case t.First:
		welcome(t)
	case greeted:
		t.Say(greeting(t.Heard.Text), nil)
	}
	return Done()
}

// welcome says what Souk is to somebody new; who greeted is greeted in kind.
func welcome(t *Turn) {
	hello := "greet.first"
	if t.Heard.Means(Greeting) {
		hello = greeting(t.Heard.Text)
	}
	t.Say("menu.welcome", locales.Args{"hello": locales.Rendered(t.Text(hello, nil))})
}

// talking fits what no flow understands while an operator and the person are talking.
func talking() When {
	return fact("talking", func(h *Heard, f homeFacts) bool { return f.ticket != 0 && !f.goods })
}

// maybeGoods fits words that may name goods we have not heard of in this spelling.
func maybeGoods() When {
	return fact("maybeGoods", func(h *Heard, _ homeFacts) bool {
		return h.Means(Unknown) && searchable(h.Text) && isShort(h.Text)
	})
}
