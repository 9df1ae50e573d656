package flows

import (
	"context"
	"strconv"
	"strings"

	"souk/catalog"
	"souk/internal/rows"
	"souk/locales"
	"souk/orders"
	"souk/people"
)

// summaryWords are what a message about the daily summary begins with; summaryEnds what ends it.
const (
	summaryWords = `resume|resumes|recap|recapitulatif|bilan|mola5as|mulakhas|moulakhas|molakhass|ملخص|الملخص|خلاصه|الخلاصه`
	summaryEnds  = `stop|non|off|fin|arreter|desactiver|plus|la|لا|توقف|ايقاف|وقف|بلا`
	morning      = `matin|du matin|am|sbah|f sbah|صباحا|الصباح|في الصباح`
	evening      = `soir|du soir|pm|3chiya|lil|f lil|مساء|المساء|في المساء|العشيه|ليلا`
)

// suggestedHour is when a summary is offered.
const suggestedHour = 19

// wanted is what a message says about the daily summary.
type wanted struct {
	hour  int // -1: none was said
	ends  bool
	exact bool // the half of the day is known
}

// readSummary reads "résumé 19h", "résumé à 7 h du soir", «ملخص الساعة 7», "résumé stop". ok is false where it is about something else.
func readSummary(text string) (w wanted, ok bool) {
	w.hour = -1
	words := strings.Fields(tidy(locales.Digits(locales.StripControls(text))))
	if len(words) == 0 || len(words) > 7 || !oneOf(words[0], summaryWords) {
		return w, false
	}
	for _, said := range words[1:] {
		switch {
		case oneOf(said, summaryEnds):
			w.ends = true
		case oneOf(said, morning):
			w.exact = true
		case oneOf(said, evening):
			if w.exact = true; w.hour >= 1 && w.hour < 12 {
				w.hour += 12
			}
		case said == "du" || said == "jour" || said == "de" || said == "la" || said == "journee" || said == "chaque" || said == "a" || said == "h" ||
			said == "heures" || said == "heure" || said == "f" || said == "m3a" || said == "مع" || said == "علي" || said == "في" ||
			said == "الساعه" || said == "ساعه" || said == "اليوم" || said == "كل" || said == "يوم" || said == "اليومي":
		default:
			said = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(said, ":00"), "h00"), "h")
			n, err := strconv.Atoi(said)
			if err != nil || n < 0 || n > 24 {
				return w, false
			}
			w.hour = n % 24
			w.exact = w.exact || n > 12 || n == 0
		}
	}
	return w, true
}

func saysSummary() When {
	return word("saysSummary", func(h *Heard) bool { _, ok := readSummary(h.Typed()); return ok && h.Typed() != "" })
}

// endsSummary tells "RESUME STOP" from STOP: it ends the summary, and nothing else.
func endsSummary(h *Heard) bool {
	w, ok := readSummary(h.Typed())
	return ok && w.ends && h.Typed() != ""
}

// setSummaryHour sets the hour of the daily summary, ends it, or says it now.
func setSummaryHour(ctx context.Context, t *Turn) (Result, error) {
	memberships, err := catalog.MemberOf(ctx, t.Tx, t.PersonID())
	if err != nil {
		return Result{}, err
	}
	w, _ := readSummary(t.Heard.Typed())
	switch {
	case len(memberships) > 0:
	case w.ends: // who has no summary to end means everything
		return Result{}, t.stop(ctx)
	default:
		return puzzled(ctx, t)
	}
	if t.Heard.Command != "" {
		n, err := strconv.Atoi(t.Heard.Argument)
		w = wanted{hour: n, ends: t.Heard.Argument == "off", exact: true}
		if err != nil || n < 0 || n > 23 {
			w.hour = -1
		}
	}
	switch {
	case w.ends:
		if err := orders.SetSummary(ctx, t.Tx, t.PersonID(), nil, t.Now); err != nil {
			return Result{}, err
		}
		t.Say("summary.off", nil)
	case w.hour >= 0:
		if err := orders.SetSummary(ctx, t.Tx, t.PersonID(), &w.hour, t.Now); err != nil {
			return Result{}, err
		}
		t.Say("summary.set", locales.Args{"hour": hourOf(w.hour)})
		if !w.exact && w.hour >= 1 && w.hour < 12 { // «الساعة 7» may be the evening's
			t.Say("summary.or_evening", locales.Args{"hour": hourOf(w.hour + 12), "n": w.hour + 12})
			t.Offer("summary:"+strconv.Itoa(w.hour+12), t.Text("summary.at", locales.Args{"hour": hourOf(w.hour + 12)}))
		}
		t.Offer("summary:off", t.Text("summary.stop", nil))
	default:
		for _, m := range memberships {
			if err := saySummary(ctx, t, m.CooperativeID, m.Name); err != nil {
				return Result{}, err
			}
		}
		t.Say("summary.how", nil)
	}
	return Done()
}

// hourOf is an hour of the clock as a value for words.
func hourOf(hour int) locales.Date {
	return locales.Date{Time: people.AtHour(hour), Style: locales.Clock}
}

// offerSummary offers it once, after the first order that was accepted.
func offerSummary(ctx context.Context, t *Turn) error {
	offer, err := orders.OfferSummary(ctx, t.Tx, t.PersonID(), t.Now)
	if err != nil || !offer {
		return err
	}
	t.Say("summary.offer", locales.Args{"hour": hourOf(suggestedHour)})
	t.Offer("summary:"+strconv.Itoa(suggestedHour), t.Text("summary.at", locales.Args{"hour": hourOf(suggestedHour)}))
	return nil
}

func tellSummary(ctx context.Context, t *Turn, args NoticeArgs) error {
	name, found, err := rows.Value[map[string]string](ctx, t.Tx, "name a cooperative", `SELECT name FROM cooperative WHERE id = @coop`, rows.Args{"coop": args.Int("coop")})
	if err != nil || !found {
		return err
	}
	if err := saySummary(ctx, t, args.Int("coop"), name); err != nil {
		return err
	}
	t.Offer("go:received", t.Text("menu.received", nil))
	t.Offer("summary:off", t.Text("summary.stop", nil))
	return nil
}

// saySummary says what waits, what is to be packed, and the day's sums.
func saySummary(ctx context.Context, t *Turn, cooperativeID int64, name catalog.Words) error {
	s, err := orders.Summarise(ctx, t.Tx, cooperativeID, t.Now)
	if err != nil {
		return err
	}
	t.Say("summary.head", locales.Args{"maker": name.In(string(t.lang))})
	if s.Empty() {
		t.Say("summary.nothing", nil)
		return nil
	}
	say := func(key string, n int, centimes int64) {
		if n > 0 {
			t.Say("summary."+key, locales.Args{"n": n, "sum": locales.Dirhams(centimes)})
		}
	}
	say("waiting", s.Waiting, 0)
	say("asks_buyer", s.AsksBuyer, 0)
	say("to_pack", s.ToPack, 0)
	say("packed", s.Packed, 0)
	say("to_go", s.ToPack+s.Packed, s.ToPackSum)
	say("ordered", s.Ordered, s.OrderedSum)
	say("handed_over", s.HandedOver, s.HandedSum)
	return nil
}
