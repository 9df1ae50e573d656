// Package markup reads the little markup that replies are written in (**bold**, nothing else), measures it as providers do, and
// cuts it into messages. What people typed is never markup for a provider: each renderer escapes the plain text of the runs.
package markup

import (
	"strings"
	"unicode/utf8"
)

// Run is a piece of text that is bold or is not.
type Run struct {
	Text string
	Bold bool
}

// Parse reads a reply's text. What is bold stands close between its ** on one line; any other ** stays as it was typed.
func Parse(text string) []Run {
	text = Clean(text)
	var runs []Run
	plain := func(s string) {
		if s == "" {
			return
		}
		if n := len(runs); n > 0 && !runs[n-1].Bold {
			runs[n-1].Text += s
			return
		}
		runs = append(runs, Run{Text: s})
	}
	for {
		open := strings.Index(text, "**")
		if open < 0 {
			break
		}
		inner := text[open+2:]
		length := strings.Index(inner, "**")
		if length <= 0 || strings.Contains(inner[:length], "\n") || strings.TrimSpace(inner[:length]) != inner[:length] {
			plain(text[:open+2])
			text = inner
			continue
		}
		plain(text[:open])
		runs = append(runs, Run{Text: inner[:length], Bold: true})
		text = inner[length+2:]
	}
	plain(text)
	return runs
}

// Plain is the text without its markup.
func Plain(runs []Run) string {
	if len(runs) == 1 {
		return runs[0].Text
	}
	var b strings.Builder
	for _, run := range runs {
		b.WriteString(run.Text)
	}
	return b.String()
}

// Clean makes text safe to store and to send: valid UTF-8, no NUL and no other control character but tab and line feed.
func Clean(text string) string {
	clean := true
	for _, r := range text {
		if r == utf8.RuneError || forbidden(r) {
			clean = false
			break
		}
	}
	if clean {
		return text
	}
	return strings.Map(func(r rune) rune {
		if forbidden(r) {
			return -1
		}
		return r
	}, strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\r\n", "\n"))
}

func forbidden(r rune) bool {
	return r < ' ' && r != '\n' && r != '\t' || r >= 0x7F && r < 0xA0
}
