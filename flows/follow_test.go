package flows

import (
	"testing"

	"souk/locales"
)

// Only what is clearly written in a language changes the language of the answer.
func TestWritten(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]locales.Lang{
		"قف":                         locales.Arabic,
		"عندكم شي عسل؟":              locales.Arabic,
		"٢ كيلو":                     locales.Arabic,
		"je voudrais du miel":        locales.French,
		"Combien coûte le tapis ?":   locales.French,
		"où est ma commande svp":     locales.French,
		"bghit 2 litro zit l3oud":    "",
		"bonjour":                    "",
		"miel de thym":               "",
		"chhal le prix dyal le miel": "",
		"بغيت miel":                  "",
		"ﷺ":                          "",
		"ـــ":                        "",
		"٣":                          "",
		"":                           "",
	} {
		if got, clear := written(text); got != want || clear != (want != "") {
			t.Errorf("%q is %q, clear %v; want %q", text, got, clear, want)
		}
	}
}

// A greeting is returned in kind, also where it only opens the message.
func TestGreetings(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"salam, bghit 3sel":               "greet.salam",
		"السلام عليكم بغيت العسل":         "greet.salam",
		"assalamou alaykoum, chhal lmiel": "greet.salam",
		"صباح الخير، بغيت تمر":            "greet.morning",
		"Bonsoir, du miel ?":              "greet.evening",
		"bonjour je cherche":              "greet.hello",
		"bonjour":                         "", // a greeting alone is the greeting's own row
		"miel, bonjour":                   "",
		"salami de Fès":                   "",
	} {
		got := ""
		if opensWithGreeting(text) {
			got = greeting(text)
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
