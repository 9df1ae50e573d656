package flows

import (
	"context"
	"slices"
	"strings"

	"souk/locales"
	"souk/people"
)

// everywhere are the rows of every state of every flow: global words, the buttons of cards and notices, free text, and what is no
// text at all.
func everywhere() []Row {
	return slices.Concat(joiningEverywhere(), shopEverywhere(), []Row{
		on(switchesLanguage(), switchLanguage, ""),
		on(commanded("cancelsPlaced", "cancel"), nil, "").enter("cancelling").again(),
		on(aPurchaseCode(), nil, "").enter("tracking:finding").again(),
		on(commanded("opensTalk", "talk"), nil, "").enter("talk"),
		on(goes("toShelves", "shelves"), nil, "").enter("ordering:browsing"),
		on(goes("toOrders", "orders"), nil, "").enter("tracking"),
		on(opensDraft(), nil, "").enter("listing").again(),
	}, receivedEverywhere(), askingEverywhere(), []Row{
		on(goes("toLanguage", "language"), nil, "").enter("language"),
		on(seesChoices(), showChoices, ""),
		on(goes("toHuman", "human"), nil, "").enter("talk"),
		on(goes("toHelp", "help"), nil, "").enter("help"),
		on(seesCart(), nil, "").enter("ordering:basket"),
		on(commanded("fromMaker", "from"), nil, "").enter("ordering:choosing").again(),
		on(seesProduct(), nil, "").enter("ordering:choosing").again(),
		on(global("menu", Menu), nil, "").enter("home"),
		on(global("startsAgain", Start), nil, "").enter("home"),
		on(global("help", Help), nil, "").enter("help"),
		on(global("human", Human), openTalk, "").enter("talk"),
		on(global("language", Language), nil, "").enter("language"),
		on(global("cancelWord", Cancel), nil, "").enter("cancelling"),
		on(says("greetsBack", Greeting), greetBack, ""),
		on(sellsHere(), nil, "").enter("listing").again(),
		on(saysGoods(), nil, "").enter("ordering:choosing").again(),
		on(says("browses", Browse), nil, "").enter("ordering:browsing"),
		on(says("tracks", Track), nil, "").enter("tracking"),
		on(says("cancels", Cancel), nil, "").enter("cancelling"),
		on(says("wantsHelp", Help), nil, "").enter("help"),
		on(says("wantsHuman", Human), openTalk, "").enter("talk"),
		on(says("wantsLanguage", Language), nil, "").enter("language"),
		on(says("wantsMenu", Menu), nil, "").enter("home"),
		on(says("wantsToSell", Sell), nil, "").enter("joining"),
		on(says("wantsToLearn", Learn), sayLearn, ""),
		on(kind("voiceNote", Voice), keepVoice, ""),
		on(photoMeanwhile(), keepMeanwhile, ""),
		on(kind("photo", Photo), nil, "").enter("photo").again(),
		on(kind("photoReady", PhotoReady), joinPhoto, ""),
		on(kind("photoRefused", PhotoRefused), refusePhoto, ""),
		on(kind("contact", Contact), keepContact, ""),
		on(kind("location", Location), sayLocation, ""),
		on(kind("unreadable", Other), sayUnreadable, ""),
	})
}

// goes fits a place of the menu.
func goes(name, place string) When {
	return word(name, func(h *Heard) bool { return h.Command == "go" && h.Argument == place })
}

// switchesLanguage fits a language's name as the whole message, and its button.
func switchesLanguage() When {
	return word("switchesLanguage", func(h *Heard) bool { _, ok := languageOf(h); return ok })
}

// languageOf is the language that was asked for by name, by button, or by the two letters that an SMS offers.
func languageOf(h *Heard) (locales.Lang, bool) {
	if h.Command == "lang" {
		l := locales.Lang(h.Argument)
		return l, l.Valid()
	}
	if rest, ok := strings.CutPrefix(h.Choice, "lang-"); ok {
		return locales.Lang(rest), true
	}
	switch locales.Normalise(h.Typed()) {
	case "":
		return "", false
	case "ar":
		return locales.Arabic, true
	case "fr":
		return locales.French, true
	}
	if r := h.Says(); r.Intent == Language && r.Language.Valid() {
		return r.Language, true
	}
	return "", false
}

// switchLanguage speaks the other language from here on; the open question is asked again in it, in the same place.
func switchLanguage(ctx context.Context, t *Turn) (Result, error) {
	lang, _ := languageOf(t.Heard)
	if err := people.SetLang(ctx, t.Tx, t.PersonID(), string(lang)); err != nil {
		return Result{}, err
	}
	t.speak(lang)
	t.session.LangChosen = true
	t.forgetPerson()
	t.Say("lang.switched", nil)
	if t.First {
		welcome(t)
	}
	return Done()
}

func greetBack(_ context.Context, t *Turn) (Result, error) {
	t.Say(greeting(t.Heard.Text), nil)
	return Done()
}

func sayLearn(_ context.Context, t *Turn) (Result, error) {
	t.Say("learn.how", nil)
	t.Offer("talk:learn", t.Text("menu.human", nil))
	return Done()
}

// keepVoice hands a voice note to a person's ears: it is never "not understood".
func keepVoice(ctx context.Context, t *Turn) (Result, error) {
	if err := openTicket(ctx, t, people.Voice, ""); err != nil {
		return Result{}, err
	}
	t.Say("voice.kept", nil)
	return Done()
}

// keepContact keeps one's own number; nobody else's.
func keepContact(ctx context.Context, t *Turn) (Result, error) {
	h := t.Heard
	if !h.OwnContact {
		t.Say("contact.not_yours", nil)
		return Done()
	}
	if err := people.SetPhone(ctx, t.Tx, t.PersonID(), h.Phone); err != nil {
		return Result{}, err
	}
	t.forgetPerson()
	t.Say("contact.kept", locales.Args{"phone": locales.Phone(h.Phone)})
	return Done()
}

func sayLocation(_ context.Context, t *Turn) (Result, error) {
	t.Say("location.type_town", nil)
	return Done()
}

func sayUnreadable(_ context.Context, t *Turn) (Result, error) {
	t.Say("engine.unreadable", nil)
	return Done()
}

// puzzled answers what nothing fits: it is added to an open talk with a person, else said to be not understood.
func puzzled(ctx context.Context, t *Turn) (Result, error) {
	if t.Heard.Typed() == "" {
		t.Say("engine.unreadable", nil)
		return Done()
	}
	ticket, err := people.OpenTicketOf(ctx, t.Tx, t.PersonID())
	if err != nil {
		return Result{}, err
	}
	if ticket != 0 {
		if _, err := addToTicket(ctx, t); err != nil {
			return Result{}, err
		}
		return Stay()
	}
	if t.First && t.session.Prompt == nil {
		welcome(t)
		return Done()
	}
	t.Say("engine.puzzled", nil)
	return Done()
}
