package telegram

import (
	"strings"

	"github.com/go-telegram/bot/models"

	"souk/bot/markup"
	"souk/flows"
)

const (
	rowColumns  = 34 // what a phone shows side by side before it cuts
	lineColumns = 44 // of a button that has its row to itself
	maxButtons  = 90 // Telegram takes 100 in all
)

// keyboard chooses the buttons of a reply. listed is what must be said in words instead, since no button can carry it: the
// details of a list that are too long, and options without a valid payload.
func keyboard(reply flows.Reply) (keyboard any, listed string) {
	if reply.Ask != flows.AskNothing && reply.AskLabel != "" {
		return asking(reply), ""
	}
	var buttons []flows.Option
	var lines []string
	for _, option := range reply.Options {
		if len(buttons) == maxButtons || option.Payload == "" || len(option.Payload) > maxPayload || option.Label == "" {
			lines = append(lines, line(option))
			continue
		}
		buttons = append(buttons, option)
	}
	if len(lines) > 0 && reply.Hint != "" {
		lines = append(lines, reply.Hint)
	}
	if len(buttons) == 0 {
		// Takes away the keyboard of an earlier question; without one it does nothing.
		return models.ReplyKeyboardRemove{RemoveKeyboard: true}, strings.Join(lines, "\n")
	}
	if !hasDetails(buttons) {
		return models.InlineKeyboardMarkup{InlineKeyboard: inlineRows(buttons)}, strings.Join(lines, "\n")
	}
	list, told := list(buttons)
	return models.InlineKeyboardMarkup{InlineKeyboard: list}, strings.Join(append(told, lines...), "\n")
}

// inlineRows sets short labels side by side and gives a long one its own row.
func inlineRows(options []flows.Option) [][]models.InlineKeyboardButton {
	var rows [][]models.InlineKeyboardButton
	var row []models.InlineKeyboardButton
	widest := 0
	for _, option := range options {
		label := markup.Cut(option.Label, maxPayload)
		width := markup.Columns(label) + 2
		if len(row) > 0 && max(widest, width)*(len(row)+1) > rowColumns {
			rows, row, widest = append(rows, row), nil, 0
		}
		row = append(row, models.InlineKeyboardButton{Text: label, CallbackData: option.Payload})
		widest = max(widest, width)
	}
	return append(rows, row)
}

// list gives each option a row with its number and detail. Where one detail does not fit on a button, all of them are told in
// the text, so that the list reads evenly.
func list(options []flows.Option) (rows [][]models.InlineKeyboardButton, told []string) {
	inText := false
	for _, option := range options {
		inText = inText || markup.Columns(entry(option)) > lineColumns
	}
	for _, option := range options {
		label := entry(option)
		if inText {
			told = append(told, line(option))
			label = numbered(option.Number) + option.Label
		}
		rows = append(rows, []models.InlineKeyboardButton{{Text: markup.Cut(label, maxPayload), CallbackData: option.Payload}})
	}
	return rows, told
}

// asking is the keyboard that shares a phone number or a place with one tap. The options stand beneath as plain buttons, which
// type their label; it goes away with the next reply that has no buttons of its own.
func asking(reply flows.Reply) models.ReplyKeyboardMarkup {
	rows := [][]models.KeyboardButton{{{
		Text:            markup.Cut(reply.AskLabel, maxPayload),
		RequestContact:  reply.Ask == flows.AskContact,
		RequestLocation: reply.Ask == flows.AskLocation,
	}}}
	if len(reply.Options) > 0 {
		for _, row := range inlineRows(reply.Options) {
			var plain []models.KeyboardButton
			for _, button := range row {
				plain = append(plain, models.KeyboardButton{Text: button.Text})
			}
			rows = append(rows, plain)
		}
	}
	return models.ReplyKeyboardMarkup{Keyboard: rows, ResizeKeyboard: true, OneTimeKeyboard: true}
}

func hasDetails(options []flows.Option) bool {
	for _, option := range options {
		if option.Detail != "" {
			return true
		}
	}
	return false
}

// entry is a list's row on one button; line the same in the text.
func entry(option flows.Option) string {
	if option.Detail == "" {
		return numbered(option.Number) + option.Label
	}
	return numbered(option.Number) + option.Label + " · " + option.Detail
}

func line(option flows.Option) string {
	if option.Detail == "" {
		return numbered(option.Number) + option.Label
	}
	return numbered(option.Number) + "**" + option.Label + "** · " + option.Detail
}
