package flows

import (
	"context"
	"regexp"
	"strings"

	"souk/locales"
)

// share says a product in words that are made to be passed on: what it is, what it costs, and how whoever gets them orders it, by a
// link that opens it or by its code. Its picture goes with them where the channel has pictures.
func share(ctx context.Context, t *Turn) (Result, error) {
	code, err := lookedAt(t)
	if err != nil {
		return Result{}, err
	}
	card, err := cardOf(ctx, t, code)
	if err != nil {
		return Result{}, err
	}
	lang := string(t.lang)
	t.Show(card.Photo)
	t.Say("share.what", locales.Args{"title": card.Title.In(lang), "maker": card.Cooperative.Name.In(lang), "town": card.Cooperative.Town.In(lang)})
	for _, v := range card.Variants {
		t.Say("share.pack", locales.Args{"pack": packOf(v.PackAmount, v.PackUnit), "price": locales.Dirhams(v.Price)})
	}
	var links []string
	for _, link := range []string{t.e.doors.TelegramLink("p_" + card.Code), t.e.doors.WhatsAppLink(card.Code)} {
		if link != "" {
			links = append(links, link)
		}
	}
	if len(links) > 0 && t.In.Medium != locales.Plain {
		t.Say("share.links", locales.Args{"links": strings.Join(links, "\n")})
	}
	if sms := t.e.doors.SMS; sms != "" {
		t.Say("share.code_sms", locales.Args{"code": card.Code, "number": locales.Phone(sms)})
	} else {
		t.Say("share.code_only", locales.Args{"code": card.Code})
	}
	return Done()
}

// passedOn finds the product in words that were passed on: in a link of ours, or as the code that stands in them.
var passedOn = regexp.MustCompile(`(?:\?start=p_|wa\.me/\d+\?text=)(P\d{1,12})\b|(?i:\bcode|(?:ال)?رمز)\s*:?\s*(P\d{1,12})\b`)

// forwardedCode is the code of the one product that a passed on text is about, "" where it is about none, or several.
func forwardedCode(text string) string {
	code := ""
	for _, found := range passedOn.FindAllStringSubmatch(locales.StripControls(locales.Digits(text)), -1) {
		one := found[1] + found[2]
		if code != "" && code != one {
			return ""
		}
		code = one
	}
	return code
}

func forwardsProduct() When {
	return word("forwardsProduct", func(h *Heard) bool { return forwardedCode(h.Typed()) != "" })
}
