package flows

import (
	"context"
	"strconv"
	"strings"
	"unicode/utf8"

	"souk/catalog"
	"souk/internal/sorry"
	"souk/locales"
	"souk/orders"
	"souk/people"
)

// delivery is what delivering looks at.
type delivery struct {
	towns   []catalog.Town // that were typed
	town    catalog.Town   // whose relays are shown
	relays  []orders.Relay
	near    bool // the relays are of the region: the town has none of its own
	homeFee int64
	last    orders.Place
	hasLast bool
	known   bool // the cart has a place already
	relay   int64
	typed   bool
	around  []orders.NearRelay // the place that was shared
	shown   []orders.NearRelay // the relays, where they are those around a place
}

func townOf(ctx context.Context, t *Turn, id string) (catalog.Town, error) {
	return once(ctx, t, "town "+id, func(ctx context.Context) (catalog.Town, error) { return catalog.LoadTown(ctx, t.Tx, id) })
}

func townsNamed(ctx context.Context, t *Turn, typed string) ([]catalog.Town, error) {
	return once(ctx, t, "towns "+typed, func(ctx context.Context) ([]catalog.Town, error) { return catalog.FindTown(ctx, t.Tx, typed) })
}

func relaysIn(ctx context.Context, t *Turn, town string) ([]orders.Relay, error) {
	return once(ctx, t, "relays "+town, func(ctx context.Context) ([]orders.Relay, error) { return orders.Relays(ctx, t.Tx, town) })
}

func readDelivery(ctx context.Context, t *Turn, h *Heard) (any, error) {
	v := vars(t)
	f := delivery{typed: searchable(h.Typed())}
	place, err := loadPlace(ctx, t)
	if err != nil {
		return nil, err
	}
	f.known = place.Known()
	if v.Town == "" && !v.Elsewhere && !f.known {
		if f.last, f.hasLast, err = orders.LastPlace(ctx, t.Tx, t.PersonID()); err != nil {
			return nil, err
		}
	}
	f.relay, _ = keyedID(h.Choice, "r:")
	if f.around, err = relaysNear(ctx, t, sharedSpot(h)); err != nil {
		return nil, err
	}
	if f.typed {
		switch h.Says().Intent {
		case Unknown, Search, Order, Price:
			if f.towns, err = townsNamed(ctx, t, h.Typed()); err != nil {
				return nil, err
			}
		}
	}
	if v.Town == "" {
		return f, nil
	}
	if f.town, err = townOf(ctx, t, v.Town); err != nil {
		return nil, err
	}
	if f.shown, err = relaysNear(ctx, t, v.Near); err != nil {
		return nil, err
	}
	for _, r := range f.shown {
		f.relays = append(f.relays, r.Relay)
	}
	if len(f.relays) == 0 {
		if f.relays, err = relaysIn(ctx, t, v.Town); err != nil {
			return nil, err
		}
	}
	if len(f.relays) == 0 {
		f.near = true
		if f.relays, err = orders.RelaysOfRegion(ctx, t.Tx, f.town.RegionCode); err != nil {
			return nil, err
		}
	}
	f.homeFee, err = orders.Fee(ctx, t.Tx, f.town.RegionCode, orders.ToHome)
	return f, err
}

func knowsPlace() When {
	return fact("knowsPlace", func(_ *Heard, f delivery) bool { return f.known || f.hasLast })
}

// lastPlace sends the cart where the last purchase went; the review shows it and lets it be changed.
func lastPlace(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(delivery)
	if f.known {
		return Done()
	}
	place := f.last
	place.ReceiverName, place.ReceiverPhone = "", "" // who received that one was said for it alone
	return Result{}, orders.SetPlace(ctx, t.Tx, t.PersonID(), place, t.Now)
}

func aTown() When {
	return fact("aTown", func(_ *Heard, f any) bool {
		switch f := f.(type) {
		case basket:
			return len(f.towns) > 0
		case delivery:
			return len(f.towns) > 0
		case product:
			return len(f.towns) > 0
		case packFacts:
			return len(f.towns) > 0
		}
		return false
	})
}

// keepTown remembers a town that was named before it was asked for; the question that is open is asked again.
func keepTown(ctx context.Context, t *Turn) (Result, error) {
	var town catalog.Town
	switch f := t.Facts.(type) {
	case product:
		town = f.towns[0]
	case packFacts:
		town = f.towns[0]
	}
	vars(t).Town, vars(t).Near = town.ID, nil
	t.Say("place.noted", locales.Args{"town": town.Name.In(string(t.lang))})
	if err := orders.ForgetPlace(ctx, t.Tx, t.PersonID(), t.Now); err != nil {
		return Result{}, err
	}
	return Stay()
}

// aTownOfOneRelay fits a town in which there is nothing to choose between: the review says where, and lets it be changed.
func aTownOfOneRelay() When {
	return fact("aTownOfOneRelay", func(_ *Heard, f basket) bool { return f.only != 0 })
}

func toOnlyRelay(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(basket)
	vars(t).Town = f.towns[0].ID
	return Result{}, orders.SetRelay(ctx, t.Tx, t.PersonID(), f.only, t.Now)
}

// relaysOf shows a town's relays, and so forgets the place that was chosen before.
func relaysOf(ctx context.Context, t *Turn) (Result, error) {
	switch f := t.Facts.(type) {
	case basket:
		vars(t).Town = f.towns[0].ID
	case delivery:
		vars(t).Town = f.towns[0].ID
	}
	vars(t).Elsewhere, vars(t).Near = true, nil
	return Result{}, orders.ForgetPlace(ctx, t.Tx, t.PersonID(), t.Now)
}

func otherTown(_ context.Context, t *Turn) (Result, error) {
	v := vars(t)
	v.Town, v.Elsewhere, v.Near = "", true, nil
	return Done()
}

// noTown fits text that is the name of no town; what names goods goes elsewhere.
func noTown() When {
	return fact("noTown", func(h *Heard, f delivery) bool {
		return f.typed && isShort(h.Text) && (h.Means(Unknown) || h.Means(Search) && len(h.Says().Items) == 0)
	})
}

func unknownTown(_ context.Context, t *Turn) (Result, error) {
	return Result{}, sorry.New("order.town_unknown", map[string]any{"town": t.Heard.Typed()})
}

// relayList is how many relays one list shows.
const relayList = 7

func askPlace(_ context.Context, t *Turn) error {
	f, _ := t.Facts.(delivery)
	if f.town.ID == "" {
		t.Ask(Question{Text: t.Text("place.ask_town", nil), Invite: AskLocation, InviteLabel: t.Text("place.share", nil)})
		return nil
	}
	lang := string(t.lang)
	q := Question{List: t.Text("place.list", nil)}
	town := f.town.Name.In(lang)
	switch {
	case len(f.relays) == 0:
		q.Text = t.Text("place.ask_home_only", locales.Args{"town": town})
	case len(f.shown) > 0:
		q.Text = t.Text("place.ask_around", nil)
	case f.near:
		q.Text = t.Text("place.ask_near", locales.Args{"town": town, "fee": locales.Dirhams(f.relays[0].Fee)})
	default:
		q.Text = t.Text("place.ask", locales.Args{"town": town, "fee": locales.Dirhams(f.relays[0].Fee)})
	}
	for i, r := range f.relays[:min(len(f.relays), relayList)] {
		where := catalog.Words(r.Address).In(lang)
		if len(f.shown) > 0 {
			where = t.Text("place.away", locales.Args{"km": kilometres(f.shown[i].Distance), "fee": locales.Dirhams(r.Fee), "address": where})
		} else if f.near {
			where = t.Text("place.in_town", locales.Args{"town": catalog.Words(r.Town).In(lang), "address": where})
		}
		q.Choices = append(q.Choices, Choice{Key: "r:" + strconv.FormatInt(r.ID, 10), Label: catalog.Words(r.Name).In(lang), Detail: where})
	}
	q.Choices = append(q.Choices,
		Choice{Key: "home", Label: t.Text("place.home", locales.Args{"fee": locales.Dirhams(f.homeFee)})})
	if t.In.Medium != locales.Plain { // there another town is simply typed
		q.Choices = append(q.Choices, Choice{Key: "town", Label: t.Text("place.other_town", nil)})
	}
	t.Ask(q)
	return nil
}

func aRelay() When {
	return fact("aRelay", func(_ *Heard, f delivery) bool {
		for _, r := range f.relays {
			if f.relay != 0 && r.ID == f.relay {
				return true
			}
		}
		return false
	})
}

func toRelay(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(delivery)
	return Result{}, orders.SetRelay(ctx, t.Tx, t.PersonID(), f.relay, t.Now)
}

// addressing

func askAddress(ctx context.Context, t *Turn) error {
	town, err := townOf(ctx, t, vars(t).Town)
	if err != nil {
		return err
	}
	t.Ask(Question{Text: t.Text("place.ask_address", locales.Args{"town": town.Name.In(string(t.lang))})})
	return nil
}

func anAddress() When {
	return fact("anAddress", func(h *Heard, _ any) bool {
		return utf8.RuneCountInString(strings.TrimSpace(h.Typed())) >= 1 && strings.ContainsFunc(h.Typed(), isLetter)
	})
}

func toHome(ctx context.Context, t *Turn) (Result, error) {
	return Result{}, orders.SetHome(ctx, t.Tx, t.PersonID(), vars(t).Town, locales.StripControls(t.Heard.Typed()), t.Now)
}

// phoning

// phone is what the states that ask for a number look at.
type phone struct {
	known string // what the person or the cart has already
	given string // what was typed or shared now
	own   bool
	name  string
	typed bool
}

func readPhone(ctx context.Context, t *Turn, h *Heard) (any, error) {
	place, err := loadPlace(ctx, t)
	if err != nil {
		return nil, err
	}
	person, err := t.Person(ctx)
	if err != nil {
		return nil, err
	}
	f := phone{known: place.ReceiverPhone, typed: h.Typed() != ""}
	if f.known == "" {
		f.known = person.Phone
	}
	switch {
	case h.Kind == Contact:
		f.given, f.own, f.name = h.Phone, h.OwnContact, people.CleanName(h.Text)
	case h.Typed() != "":
		f.given, _ = locales.ReadPhone(h.Typed())
		f.own = true
		f.name = nameBeside(h.Typed())
	}
	return f, nil
}

// nameBeside is what stands beside a number: "Fatima 06 12 34 56 78".
func nameBeside(typed string) string {
	name := strings.Map(func(r rune) rune {
		if strings.ContainsRune("+0123456789.:;,()/", r) {
			return ' '
		}
		return r
	}, locales.Digits(typed))
	return people.CleanName(strings.Trim(strings.Join(strings.Fields(name), " "), "- "))
}

func knowsPhone() When {
	return fact("knowsPhone", func(_ *Heard, f phone) bool { return f.known != "" })
}

func usePhone(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(phone)
	place, err := loadPlace(ctx, t)
	if err != nil || place.ReceiverPhone != "" {
		return Result{}, err
	}
	return Result{}, orders.SetReceiver(ctx, t.Tx, t.PersonID(), "", f.known, t.Now)
}

func aPhone() When {
	return number("aPhone", "phone", func(_ *Heard, f phone) bool { return f.given != "" })
}

// setPhone keeps the number. Somebody else's contact is where to call for this purchase, and not the buyer's own.
func setPhone(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(phone)
	if f.own {
		if err := people.SetPhone(ctx, t.Tx, t.PersonID(), f.given); err != nil {
			return Result{}, err
		}
		t.forgetPerson()
	}
	return Result{}, orders.SetReceiver(ctx, t.Tx, t.PersonID(), "", f.given, t.Now)
}

// noPhone fits text, or a contact, in which there is no number.
func noPhone() When {
	return number("noPhone", "phone", func(h *Heard, f phone) bool {
		return f.given == "" && (h.Kind == Contact || f.typed && !h.Means(Order) && !h.Means(Search) && !h.Means(Price))
	})
}

func unknownPhone(context.Context, *Turn) (Result, error) {
	return Result{}, sorry.New("order.phone_unread", nil)
}

func askPhone(_ context.Context, t *Turn) error {
	t.Ask(Question{Text: t.Text("phone.ask", nil), Invite: AskContact, InviteLabel: t.Text("phone.share", nil)})
	return nil
}

// elsewhere goes back to where the place is chosen.
func elsewhere(_ context.Context, t *Turn) (Result, error) {
	vars(t).Elsewhere = true
	return Done()
}

// receiving

func askReceiver(_ context.Context, t *Turn) error {
	t.Ask(Question{Text: t.Text("receiver.ask", nil)})
	return nil
}

func aPerson() When {
	return number("aPerson", "phone", func(_ *Heard, f phone) bool { return f.given != "" && f.name != "" })
}

func setReceiver(ctx context.Context, t *Turn) (Result, error) {
	f, _ := t.Facts.(phone)
	return Result{}, orders.SetReceiver(ctx, t.Tx, t.PersonID(), f.name, f.given, t.Now)
}

func unknownReceiver(context.Context, *Turn) (Result, error) {
	return Result{}, sorry.New("order.receiver_unread", nil)
}
