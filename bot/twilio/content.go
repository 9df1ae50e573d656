package twilio

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	content "github.com/twilio/twilio-go/rest/content/v1"
)

// definition is a Content resource as it should be at Twilio.
type definition struct {
	name    string
	hash    string // of all that it says: another hash is another resource
	request content.ContentCreateRequest
}

// friendly is the name at Twilio, by which a resource is found again after the database forgot it.
func (d definition) friendly() string { return d.name + "_" + d.hash[:8] }

// definitions lists every Content resource that the renderer can ask for. buttons are the words on what opens a list, by language:
// Twilio takes no variable there.
func definitions(publicURL string, buttons map[string]string) ([]definition, error) {
	var all []definition
	for _, lang := range slices.Sorted(maps.Keys(buttons)) {
		for _, s := range shapes(lang) {
			d, err := define(s, publicURL, buttons[lang])
			if err != nil {
				return nil, err
			}
			all = append(all, d)
		}
	}
	return all, nil
}

func shapes(lang string) []shape {
	var all []shape
	for count := 1; count <= maxReplies; count++ {
		for lines := 1; lines <= maxReplyLines; lines++ {
			all = append(all, shape{kind: kindReply, lines: lines, count: count, lang: lang})
		}
		for lines := 1; lines <= maxCardLines; lines++ {
			all = append(all, shape{kind: kindCard, lines: lines, count: count, lang: lang})
		}
	}
	for count := 1; count <= maxItems; count++ {
		for lines := 1; lines <= maxListLines; lines++ {
			all = append(all,
				shape{kind: kindList, lines: lines, count: count, lang: lang},
				shape{kind: kindList, lines: lines, count: count, lang: lang, details: true})
		}
	}
	return all
}

// define writes a shape for the Content API. Every variable has a sample, as Twilio asks for.
func define(s shape, publicURL, button string) (definition, error) {
	samples := map[string]string{}
	add := func(sample string) string {
		n := strconv.Itoa(len(samples) + 1)
		samples[n] = sample
		return "{{" + n + "}}"
	}
	var lines []string
	for i := range s.lines {
		lines = append(lines, add("Ligne "+strconv.Itoa(i+1)))
	}
	body := strings.Join(lines, "\n")

	var types content.Types
	switch s.kind {
	case kindReply:
		reply := content.TwilioQuickReply{Body: body}
		for i := range s.count {
			id, title := add("q:sample:"+strconv.Itoa(i+1)), add("Choix "+strconv.Itoa(i+1))
			reply.Actions = append(reply.Actions, content.QuickReplyAction{Type: "QUICK_REPLY", Id: id, Title: title})
		}
		types.TwilioQuickReply = &reply
	case kindCard:
		card := content.TwilioCard{Title: body, Media: []string{publicURL + PhotoPath + add("sample.jpg")}}
		for i := range s.count {
			id, title := add("q:sample:"+strconv.Itoa(i+1)), add("Choix "+strconv.Itoa(i+1))
			card.Actions = append(card.Actions, content.CardAction{Type: "QUICK_REPLY", Id: id, Title: title})
		}
		types.TwilioCard = &card
	case kindList:
		list := content.TwilioListPicker{Body: body, Button: button}
		for i := range s.count {
			item := content.ListItem{Id: add("q:sample:" + strconv.Itoa(i+1)), Item: add("Choix " + strconv.Itoa(i+1))}
			if s.details {
				item.Description = add("Détail " + strconv.Itoa(i+1))
			}
			list.Items = append(list.Items, item)
		}
		types.TwilioListPicker = &list
	}
	d := definition{name: s.name(), request: content.ContentCreateRequest{Language: s.lang, Variables: samples, Types: types}}
	written, err := json.Marshal(d.request)
	if err != nil {
		return definition{}, fmt.Errorf("write the Content resource %s: %w", d.name, err)
	}
	digest := sha256.Sum256(written)
	d.hash = hex.EncodeToString(digest[:])
	d.request.FriendlyName = d.friendly()
	return d, nil
}
