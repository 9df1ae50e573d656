package twilio

import (
	"fmt"
	"strconv"
	"strings"

	"souk/bot/markup"
	"souk/flows"
)

// What WhatsApp takes within a session, in characters (counted as UTF-16 units, so never too many).
const (
	maxBody        = 1600
	maxCaption     = 1024
	maxContentBody = 1000 // 1,024 with what the variables stand in
	maxReplies     = 3
	maxReplyTitle  = 20
	maxItems       = 10
	maxItem        = 24
	maxDescription = 72
)

// A body is as many variables as it has lines, since Twilio refuses a line feed within one (21656); no variable may be empty.
const (
	maxReplyLines = 10
	maxListLines  = 8
	maxCardLines  = 10
)

// kind is what a Content resource shows beneath its text.
type kind string

const (
	kindReply kind = "reply" // up to three buttons
	kindList  kind = "list"  // a list behind one button
	kindCard  kind = "card"  // a picture, text and up to three buttons
)

// shape is all that tells one of our Content resources from another; everything else is a variable.
type shape struct {
	kind    kind
	lines   int
	count   int
	details bool // the items of a list have a second line
	lang    string
}

// name is the key in content_resource, "souk_list_l2_n7_d_ar".
func (s shape) name() string {
	details := ""
	if s.details {
		details = "_d"
	}
	return fmt.Sprintf("souk_%s_l%d_n%d%s_%s", s.kind, s.lines, s.count, details, s.lang)
}

// filled is a shape with its variables: lines, then the picture of a card, then id, title and detail of each option.
type filled struct {
	shape     shape
	variables map[string]string
}

func fill(s shape, lines []string, picture string, options []flows.Option) filled {
	out := filled{shape: s, variables: map[string]string{}}
	add := func(value string) { out.variables[strconv.Itoa(len(out.variables)+1)] = value }
	for _, line := range lines {
		add(line)
	}
	if s.kind == kindCard {
		add(picture)
	}
	for _, option := range options {
		add(option.Payload)
		if s.kind != kindList {
			add(markup.Spare(oneLine(option.Label), maxReplyTitle))
			continue
		}
		add(markup.Cut(markup.Spare(oneLine(option.Label), maxItem), maxItem))
		if s.details {
			add(description(option))
		}
	}
	return out
}

// description is a list item's second line: its detail, after the whole label where that was cut.
func description(option flows.Option) string {
	detail, label := oneLine(option.Detail), markup.Spare(oneLine(option.Label), maxItem)
	if markup.Units(label) > maxItem {
		detail = strings.TrimSuffix(label+" · "+detail, " · ")
	}
	if detail == "" {
		return "·"
	}
	return markup.Cut(detail, maxDescription)
}

// shapeOf chooses how options are shown; ok is false where they must be typed.
func shapeOf(options []flows.Option, lang string) (s shape, ok bool) {
	if len(options) == 0 || len(options) > maxItems {
		return shape{}, false
	}
	buttons := len(options) <= maxReplies
	seen := map[string]bool{}
	for _, option := range options {
		label := markup.Spare(oneLine(option.Label), maxReplyTitle)
		if label == "" || option.Payload == "" || len(option.Payload) > maxPayload {
			return shape{}, false
		}
		long := markup.Units(label) > maxReplyTitle
		s.details = s.details || option.Detail != "" || markup.Units(label) > maxItem
		buttons = buttons && !long && option.Detail == ""
		// WhatsApp refuses two buttons that read the same.
		if title := markup.Cut(label, maxItem); seen[title] {
			buttons = false
		} else {
			seen[title] = true
		}
	}
	s.kind, s.count, s.lang = kindList, len(options), lang
	if buttons {
		s.kind, s.details = kindReply, false
	}
	return s, true
}

// contentLines splits a text into what goes before a Content resource as words of its own, and the lines of its body: as many of
// the last ones as it takes. Blank lines are left out. lines is empty where not even the last one fits.
func contentLines(text string, limit int) (before string, lines []string) {
	var all []string
	for _, line := range strings.Split(text, "\n") {
		if line = oneLine(line); line != "" {
			all = append(all, line)
		}
	}
	start, used := len(all), 0
	for start > 0 && len(all)-start < limit {
		cost := markup.Units(all[start-1]) + 1
		if used+cost > maxContentBody {
			break
		}
		used += cost
		start--
	}
	return strings.Join(all[:start], "\n"), all[start:]
}

// oneLine is a value as a variable may carry it: no line feed, no tab, no run of spaces.
func oneLine(s string) string { return strings.Join(strings.Fields(markup.Clean(s)), " ") }

// body is the text above the buttons, as the person sees it.
func (f filled) body() string {
	var lines []string
	for i := range f.shape.lines {
		lines = append(lines, f.variables[strconv.Itoa(i+1)])
	}
	return strings.Join(lines, "\n")
}
