// Package sms makes text messages out of replies: plain signs, a menu of numbered lines, and no more segments than the budget
// allows; the rest waits behind MORE. It knows no provider, so that any SMS gateway can be a channel with it.
package sms

import (
	"strconv"
	"strings"
	"unicode"

	"souk/bot/markup"
	"souk/flows"
	"souk/locales"
)

// Budget is how many segments one message may cost in each alphabet.
type Budget struct{ GSM7, UCS2 int }

// DefaultBudget is 306 signs of French and 201 of Arabic.
func DefaultBudget() Budget { return Budget{GSM7: 2, UCS2: 3} }

func (b Budget) holds(text string) bool {
	n, encoding := locales.Segments(text)
	if encoding == locales.UCS2 {
		return n <= b.UCS2
	}
	return n <= b.GSM7
}

// Page is the message that says a reply after offset messages of it were said, and whether more of it follows. Past the end it
// is the last one again. An option's line is never cut in two.
func (b Budget) Page(reply flows.Reply, offset int) (text string, more bool) {
	pages := b.Pages(reply)
	if offset < 0 {
		offset = 0
	}
	if offset >= len(pages)-1 {
		return pages[len(pages)-1], false
	}
	return pages[offset], true
}

// Pages are all the messages of a reply, at least one; each but the last ends with the reply's MoreHint.
func (b Budget) Pages(reply flows.Reply) []string {
	lines := b.lines(reply)
	if whole := strings.Join(lines, "\n"); b.holds(whole) {
		return []string{whole}
	}
	hint := ""
	if more := plain(reply.MoreHint); more != "" {
		hint = "\n" + more
	}
	var pages []string
	page := ""
	for i, line := range lines {
		next := line
		if page != "" {
			next = page + "\n" + line
		}
		last := i == len(lines)-1
		if page != "" && !b.holds(next+hint) && !(last && b.holds(next)) {
			pages, next = append(pages, page+hint), line
		}
		page = next
	}
	return append(pages, page)
}

// lines are what a page is made of: each fits a message together with the hint.
func (b Budget) lines(reply flows.Reply) []string {
	hint := "\n" + plain(reply.MoreHint)
	var lines []string
	for _, line := range strings.Split(plain(reply.Text), "\n") {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, b.cut(line, hint)...)
		}
	}
	for _, option := range reply.Options {
		if option.Number > 0 {
			lines = append(lines, b.option(option, hint))
		}
	}
	if said := plain(reply.Hint); said != "" && len(reply.Options) > 0 {
		lines = append(lines, b.cut(said, hint)...)
	}
	if len(lines) == 0 {
		lines = []string{""}
	}
	return lines
}

// option is "1 Miel de thym, 120 dh". What is too long for one message loses its detail first, then the end of its label.
func (b Budget) option(option flows.Option, hint string) string {
	number, label := strconv.Itoa(option.Number), oneLine(option.Label)
	if label != "" && label[0] >= '0' && label[0] <= '9' { // "1 250 g" would be read as one number
		number += "."
	}
	label = number + " " + label
	comma := ", "
	if locales.Guess(option.Label) == locales.Arabic {
		comma = "، "
	}
	if detail := oneLine(option.Detail); detail != "" {
		if line := label + comma + detail; b.holds(line + hint) {
			return line
		}
	}
	if b.holds(label + hint) {
		return label
	}
	return strings.TrimSpace(b.prefix(label, hint))
}

// cut breaks a line that does not fit one message at its spaces, or anywhere where it has none.
func (b Budget) cut(line, hint string) []string {
	var cut []string
	for line != "" && !b.holds(line+hint) {
		head := b.prefix(line, hint)
		if space := strings.LastIndexByte(head, ' '); space > len(head)/2 {
			head = head[:space]
		}
		cut = append(cut, strings.TrimSpace(head))
		line = strings.TrimSpace(line[len(head):])
	}
	if line != "" {
		cut = append(cut, line)
	}
	return cut
}

// prefix is as much of a line as fits with the hint; at least one character, so that cutting always comes to an end.
func (b Budget) prefix(line, hint string) string {
	ends := []int{}
	for i := range line {
		ends = append(ends, i)
	}
	ends = append(ends, len(line))
	low, high := 1, len(ends)-1
	for low < high {
		middle := (low + high + 1) / 2
		if b.holds(line[:ends[middle]] + hint) {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return line[:ends[low]]
}

// oneLine folds white space, except the no-break one that keeps the groups of a number in order in Arabic.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(plain(text), func(r rune) bool { return unicode.IsSpace(r) && r != '\u00a0' }), " ")
}

// plain is a text as an SMS shows it: no markup, no sign that doubles the price where another will do.
func plain(text string) string {
	return locales.PlainText(markup.Plain(markup.Parse(text)))
}
