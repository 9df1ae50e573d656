package flows

import (
	"context"
	"fmt"
	"strings"
	"unicode"

	"souk/locales"
	"souk/people"
)

// follow answers in the script that the person writes in, until a language was asked for: a whole message in Arabic letters gets
// Arabic, a French sentence French. Darija in Latin letters, a name, a number change nothing.
func (t *Turn) follow(ctx context.Context) error {
	if t.session.LangChosen || t.In.Event.Kind != Text || t.session.Stopped || t.copying() {
		return nil
	}
	lang, clear := written(t.In.Event.Text)
	if !clear || lang == t.lang {
		return nil
	}
	t.speak(lang)
	t.forgetPerson()
	if err := people.SetLang(ctx, t.Tx, t.session.Person, string(lang)); err != nil {
		return fmt.Errorf("follow the language of who writes: %w", err)
	}
	return nil
}

// copying tells that what is typed now is kept as it is, an address or a name: it may well be in another script.
func (t *Turn) copying() bool {
	if len(t.session.Frames) == 0 {
		return false
	}
	c := t.e.flows[t.top().Flow]
	if c == nil {
		return false
	}
	st := c.states[t.top().State]
	return st != nil && st.Verbatim
}

// written tells the language of a message where it is clear.
func written(text string) (lang locales.Lang, clear bool) {
	arabic, other := 0, 0
	for _, r := range text {
		switch {
		case r >= 0x0621 && r <= 0x064A && r != 0x0640 || r >= 0x0671 && r <= 0x06D3: // letters that are typed: no tatweel, no ﷺ
			arabic++
		case unicode.IsLetter(r):
			other++
		}
	}
	switch {
	case arabic >= shortestWord && other == 0:
		return locales.Arabic, true
	case arabic == 0 && other > 0 && isFrench(text):
		return locales.French, true
	}
	return "", false
}

// shortestWord is how many letters tell a script: «قف».
const shortestWord = 2

// frenchWords are small words that Darija in Latin letters does not use; darijaWords are its own.
var (
	frenchWords = wordSet(`je tu vous nous il elle le les du des un une au aux est sont suis avez avoir etes veux voudrais peux pouvez
		combien pour avec sans dans sur mes votre vos cette quel quelle quels quelles comment quand qui que quoi ai ne pas merci bonjour
		bonsoir cherche commander acheter livrer avez-vous s'il voulez moi mon ma`)
	darijaWords = wordSet(`bghit bghina baghi bagha chhal bchhal wach wash dyal dial diali dyali dyalkom 3afak afak 3afakom kayn kayna fin fein
		mnin bach had hada hadi ana nta nti ntouma chno chnou chnahiya kifach khassni khasni jib jibo sifet labas lia liya`)
)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}

// isFrench tells a French sentence: two of its small words at least, and nothing of Darija.
func isFrench(text string) bool {
	found := map[string]bool{}
	for _, w := range strings.FieldsFunc(locales.Normalise(text), func(r rune) bool { return !isLetter(r) && !unicode.IsDigit(r) }) {
		if darijaWords[w] || strings.ContainsFunc(w, unicode.IsDigit) && strings.ContainsFunc(w, isLetter) {
			return false
		}
		if frenchWords[w] {
			found[w] = true
		}
	}
	return len(found) >= 2
}
