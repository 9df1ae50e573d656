package markup

import (
	"strings"
	"unicode"
)

// Split cuts a text into messages of at most limit UTF-16 units, in which each bold run costs overhead more. It prefers the end
// of a paragraph, then of a line, then a space, and never cuts inside a character. A text that fits is one message.
func Split(runs []Run, limit, overhead int) [][]Run {
	if cost(runs, overhead) <= limit {
		return [][]Run{runs}
	}
	var parts [][]Run
	for rest := flatten(runs); len(rest) > 0; {
		end := fitting(rest, limit, overhead)
		if end < len(rest) {
			end = breakBefore(rest, end)
		}
		if part := gather(trim(rest[:end])); len(part) > 0 {
			parts = append(parts, part)
		}
		rest = trim(rest[end:])
	}
	return parts
}

type letter struct {
	r    rune
	bold bool
}

func cost(runs []Run, overhead int) int {
	n := 0
	for _, run := range runs {
		n += Units(run.Text)
		if run.Bold {
			n += overhead
		}
	}
	return n
}

func flatten(runs []Run) []letter {
	var all []letter
	for _, run := range runs {
		for _, r := range run.Text {
			all = append(all, letter{r, run.Bold})
		}
	}
	return all
}

func gather(letters []letter) []Run {
	var runs []Run
	for start := 0; start < len(letters); {
		end := start
		var b strings.Builder
		for end < len(letters) && letters[end].bold == letters[start].bold {
			b.WriteRune(letters[end].r)
			end++
		}
		runs = append(runs, Run{Text: b.String(), Bold: letters[start].bold})
		start = end
	}
	return runs
}

func trim(letters []letter) []letter {
	for len(letters) > 0 && unicode.IsSpace(letters[0].r) {
		letters = letters[1:]
	}
	for len(letters) > 0 && unicode.IsSpace(letters[len(letters)-1].r) {
		letters = letters[:len(letters)-1]
	}
	return letters
}

// fitting is how many letters fit; at least one, so that the cutting always comes to an end.
func fitting(letters []letter, limit, overhead int) int {
	used, bold := 0, false
	for i, l := range letters {
		if l.bold && !bold {
			used += overhead
		}
		bold = l.bold
		used += units(l.r)
		if used > limit {
			return max(i, 1)
		}
	}
	return len(letters)
}

// breakBefore looks back from end for the best place to cut, in the second half of what fits.
func breakBefore(letters []letter, end int) int {
	paragraph, line, space := 0, 0, 0
	for i := end; i > end/2; i-- {
		switch r := letters[i].r; {
		case r == '\n' && letters[i-1].r == '\n':
			paragraph = max(paragraph, i)
		case r == '\n':
			line = max(line, i)
		case unicode.IsSpace(r):
			space = max(space, i)
		}
	}
	for _, place := range []int{paragraph, line, space} {
		if place > 0 {
			return place
		}
	}
	for i := end; i > 1; i-- {
		if !clings(letters[i].r) && letters[i-1].r != '\u200d' {
			return i
		}
	}
	return end
}
