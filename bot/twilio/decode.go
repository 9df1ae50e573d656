package twilio

import (
	"errors"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"souk/bot/markup"
	"souk/flows"
)

// maxMedia is how many files Twilio passes on with one message.
const maxMedia = 10

// maxPayload is a flow's own bound; nothing longer was offered by us.
const maxPayload = 64

// decode reads a stored form. It fails only for a form that is no message.
func decode(body []byte) (flows.Event, error) {
	fields := readForm(string(body))
	from, isWhatsApp := strings.CutPrefix(fields["From"], whatsappPrefix)
	if fields["From"] == "" {
		return flows.Event{}, errors.New("read a Twilio form: it names no sender")
	}
	event := flows.Event{
		Kind: flows.Text, Text: text(fields["Body"]), QuotedMessageID: fields["OriginalRepliedMessageSid"],
		Profile: flows.Profile{Name: markup.Name(fields["ProfileName"])},
	}
	if isE164(from) {
		event.Profile.Phone = from
	}
	payload := first(fields["ButtonPayload"], fields["ListId"])
	place, isPlace := coordinates(fields)
	files := media(fields)
	switch {
	case fields["OptOutType"] != "":
		// Twilio knew the word, in whatever language it is set up for: say it in ours.
		event.Text = strings.ToUpper(text(fields["OptOutType"]))
	case isWhatsApp && payload != "" && len(payload) <= maxPayload:
		event.Kind, event.Payload = flows.Tap, text(payload)
		event.Text = text(first(fields["ButtonText"], fields["ListTitle"], fields["Body"]))
		// A tap's context is the message that carried the button: its payload names the prompt already.
		event.QuotedMessageID = ""
	case isPlace:
		event.Kind, event.Latitude, event.Longitude = flows.Location, place[0], place[1]
		event.Text = text(strings.TrimSpace(fields["Label"] + "\n" + fields["Address"]))
	case len(files) > 0:
		event.Kind, event.Media = files[0].Kind, files
		if slices.ContainsFunc(files, func(m flows.Media) bool { return m.Kind == flows.Photo }) {
			event.Kind = flows.Photo // whatever came before it
		}
		if len(files) > 1 {
			event.Album = markup.Name(fields["MessageSid"])
		}
	case event.Text == "":
		event.Text = text(fields["ButtonText"])
		if event.Text == "" {
			event.Kind = flows.Other
		}
	}
	return event, nil
}

func coordinates(fields form) (place [2]float64, ok bool) {
	latitude, errLatitude := strconv.ParseFloat(fields["Latitude"], 64)
	longitude, errLongitude := strconv.ParseFloat(fields["Longitude"], 64)
	if errLatitude != nil || errLongitude != nil || !(math.Abs(latitude) <= 90) || !(math.Abs(longitude) <= 180) {
		return place, false
	}
	return [2]float64{latitude, longitude}, true
}

// media are the files of a message, by their ids alone: whoever fetches one builds the URL from the configured base.
func media(fields form) []flows.Media {
	count, err := strconv.Atoi(fields["NumMedia"])
	if err != nil {
		return nil
	}
	var files []flows.Media
	for i := range min(max(count, 0), maxMedia) {
		n := strconv.Itoa(i)
		id := mediaID(fields["MediaUrl"+n])
		if id == "" {
			id = fields["MessageSid"] + "/" + n // still a file that somebody sent
		}
		mime := markup.Name(fields["MediaContentType"+n])
		files = append(files, flows.Media{ID: id, Kind: mediaKind(mime), MIME: mime})
	}
	return files
}

func mediaKind(mime string) flows.Kind {
	switch {
	case strings.HasPrefix(mime, "image/") && mime != "image/webp": // that one is a sticker
		return flows.Photo
	case strings.HasPrefix(mime, "audio/"):
		return flows.Voice
	}
	return flows.Other
}

// mediaID keeps AC…/MM…/ME… of https://api.twilio.com/2010-04-01/Accounts/AC…/Messages/MM…/Media/ME…, "" for any other URL.
func mediaID(raw string) string {
	address, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	piece := strings.Split(strings.Trim(address.Path, "/"), "/")
	if n := len(piece) - 6; n >= 0 {
		piece = piece[n:]
	}
	if len(piece) != 6 || piece[0] != "Accounts" || piece[2] != "Messages" || piece[4] != "Media" ||
		!isSID(piece[1]) || !isSID(piece[3]) || !isSID(piece[5]) {
		return ""
	}
	return piece[1] + "/" + piece[3] + "/" + piece[5]
}

// isSID says whether a string is two letters and 32 hexadecimal digits.
func isSID(s string) bool {
	if len(s) != 34 {
		return false
	}
	for i, r := range s {
		letter := r >= 'A' && r <= 'Z'
		digit := r >= '0' && r <= '9' || r >= 'a' && r <= 'f'
		if i < 2 && !letter || i >= 2 && !digit {
			return false
		}
	}
	return true
}

func text(s string) string { return markup.Limit(markup.Clean(s), flows.MaxText) }
