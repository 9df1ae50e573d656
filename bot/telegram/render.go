package telegram

import (
	"strconv"
	"strings"

	"souk/bot/markup"
	"souk/flows"
)

// Telegram's limits, in UTF-16 units after the entities were read; the payload's in bytes.
const (
	maxText    = 4096
	maxCaption = 1024
	maxPayload = 64
)

// outgoing is one message to send: a picture, words, or both. Its keyboard is nil but on a reply's last message.
type outgoing struct {
	photo    string // key in the store, "" for none
	words    []markup.Run
	keyboard any
}

// render turns a reply into the messages that say it, at least one.
func render(reply flows.Reply) []outgoing {
	keyboard, listed := keyboard(reply)
	words := reply.Text
	if listed != "" {
		words = strings.TrimSpace(words + "\n\n" + listed)
	}
	runs := markup.Parse(strings.TrimSpace(words))

	var all []outgoing
	if reply.Photo != "" {
		if markup.Units(markup.Plain(runs)) <= maxCaption {
			return []outgoing{{photo: reply.Photo, words: runs, keyboard: keyboard}}
		}
		all = append(all, outgoing{photo: reply.Photo})
	}
	for _, part := range markup.Split(runs, maxText, 0) {
		all = append(all, outgoing{words: part})
	}
	all[len(all)-1].keyboard = keyboard
	return all
}

var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// html writes runs for the HTML parse mode.
func html(runs []markup.Run) string {
	var b strings.Builder
	for _, run := range runs {
		if run.Bold {
			b.WriteString("<b>" + escape.Replace(run.Text) + "</b>")
		} else {
			b.WriteString(escape.Replace(run.Text))
		}
	}
	return b.String()
}

// numbered is what stands before a thing that can be typed by its number, "" for what cannot.
func numbered(number int) string {
	if number <= 0 {
		return ""
	}
	return strconv.Itoa(number) + ". "
}
