package locales

import (
	"strings"

	"golang.org/x/text/unicode/bidi"
)

// The marks that lend a line its direction. They show nothing.
const (
	leftToRightMark = "\u200e"
	rightToLeftMark = "\u200f"
)

// direct makes each line of a text run the way its language does. A channel takes a line's direction from its first strong
// letter and passes over what stands in isolates (Unicode UAX #9, P2 and P3): a line that begins with a pictogram and holds
// inserted values only, or an Arabic one that begins with a Latin word, would run the other way. Such lines begin with a mark.
func direct(lang Lang, text string) string {
	own, mark := bidi.L, leftToRightMark
	if lang == Arabic {
		own, mark = bidi.R, rightToLeftMark
	}
	if own == bidi.L && !strings.Contains(text, firstStrongIsolate) {
		return text
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if astray(line, own) {
			rest, bold := strings.CutPrefix(line, "**") // WhatsApp knows bold by what stands before it: no mark may
			lines[i] = mark + rest
			if bold {
				lines[i] = "**" + mark + rest
			}
		}
	}
	return strings.Join(lines, "\n")
}

// astray says whether a line would not run in its own direction: nothing strong stands outside its isolates, or what comes first
// is of the other direction while some of its own follows.
func astray(line string, own bidi.Class) bool {
	depth, isolates := 0, false
	first, found := own, false
	for _, r := range line {
		switch r {
		case '\u2066', '\u2067', '\u2068':
			depth++
			isolates = true
			continue
		case '\u2069':
			depth = max(depth-1, 0)
			continue
		}
		if depth > 0 {
			continue
		}
		p, _ := bidi.LookupRune(r)
		class := p.Class()
		if class == bidi.AL {
			class = bidi.R
		}
		if class != bidi.L && class != bidi.R {
			continue
		}
		if !found {
			first, found = class, true
		}
		if class == own {
			return first != own
		}
	}
	return !found && isolates
}
