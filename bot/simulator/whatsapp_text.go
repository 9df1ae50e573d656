package simulator

import (
	"html/template"
	"regexp"
)

var (
	waCode   = regexp.MustCompile("```([^`]+)```")
	waBold   = regexp.MustCompile(`(^|[\s\p{P}])\*(\S(?:[^*\n]*\S)?)\*`)
	waItalic = regexp.MustCompile(`(^|[\s\p{P}])_(\S(?:[^_\n]*\S)?)_`)
	waStrike = regexp.MustCompile(`(^|[\s\p{P}])~(\S(?:[^~\n]*\S)?)~`)
)

// whatsAppHTML shows WhatsApp's own marks: *bold* _italic_ ~struck~ ```code```.
func whatsAppHTML(text string) template.HTML {
	out := template.HTMLEscapeString(text)
	out = waCode.ReplaceAllString(out, "<code>$1</code>")
	out = waBold.ReplaceAllString(out, "$1<b>$2</b>")
	out = waItalic.ReplaceAllString(out, "$1<i>$2</i>")
	out = waStrike.ReplaceAllString(out, "$1<s>$2</s>")
	return template.HTML(out)
}
