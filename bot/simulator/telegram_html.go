package simulator

import (
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// richText is a message text after entities parsing.
type richText struct {
	plain    string
	units    int // length in UTF-16 units, which is how Telegram counts
	entities []map[string]any
	safe     template.HTML
}

func plainText(text string) richText {
	text = strings.TrimSpace(text)
	return richText{plain: text, units: utf16Len(text), safe: template.HTML(template.HTMLEscapeString(text))}
}

func utf16Len(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

// entityOf says which entity a tag makes, "" for a foreign tag.
func entityOf(tag string) string {
	switch tag {
	case "b", "strong":
		return "bold"
	case "i", "em":
		return "italic"
	case "u", "ins":
		return "underline"
	case "s", "strike", "del":
		return "strikethrough"
	case "span", "tg-spoiler":
		return "spoiler"
	case "a":
		return "text_link"
	case "tg-emoji":
		return "custom_emoji"
	case "code", "pre":
		return tag
	case "blockquote":
		return tag
	}
	return ""
}

type openTag struct {
	tag    string
	entity map[string]any
	start  int
	close  string // the tag that ends it on the page
}

// parseHTML reads Telegram's HTML style (core.telegram.org/bots/api#html-style):
// only its tags, well nested, and every other < > & written as an entity. The
// real server is laxer with a lone > or &; its documentation is not.
func parseHTML(text string) (richText, error) {
	p := htmlParser{in: text}
	for p.at < len(text) {
		if err := p.step(); err != nil {
			return richText{}, err
		}
	}
	if n := len(p.open); n > 0 {
		return richText{}, fmt.Errorf("Can't find end tag corresponding to start tag %q", p.open[n-1].tag)
	}
	return p.result(), nil
}

type htmlParser struct {
	in    string
	at    int
	units int
	plain strings.Builder
	safe  strings.Builder
	open  []openTag
	found []map[string]any
}

func (p *htmlParser) step() error {
	switch p.in[p.at] {
	case '<':
		end := strings.IndexByte(p.in[p.at:], '>')
		if end < 0 {
			return fmt.Errorf("Unclosed start tag at byte offset %d", p.at)
		}
		tag := p.in[p.at+1 : p.at+end]
		var err error
		if name, closing := strings.CutPrefix(tag, "/"); closing {
			err = p.end(strings.ToLower(strings.TrimSpace(name)))
		} else {
			err = p.start(tag)
		}
		p.at += end + 1
		return err
	case '>':
		return fmt.Errorf("Character '>' is reserved and must be escaped at byte offset %d", p.at)
	case '&':
		end := strings.IndexByte(p.in[p.at:], ';')
		if end < 0 {
			return fmt.Errorf("Character '&' is reserved and must be escaped at byte offset %d", p.at)
		}
		r, ok := htmlEntity(p.in[p.at+1 : p.at+end])
		if !ok {
			return fmt.Errorf("Unknown entity %q at byte offset %d", p.in[p.at:p.at+end+1], p.at)
		}
		p.write(string(r))
		p.at += end + 1
		return nil
	}
	next := strings.IndexAny(p.in[p.at:], "<>&")
	if next < 0 {
		next = len(p.in) - p.at
	}
	p.write(p.in[p.at : p.at+next])
	p.at += next
	return nil
}

func (p *htmlParser) write(s string) {
	p.plain.WriteString(s)
	p.safe.WriteString(template.HTMLEscapeString(s))
	p.units += utf16Len(s)
}

func htmlEntity(name string) (rune, bool) {
	switch name {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "quot":
		return '"', true
	}
	digits, numeric := strings.CutPrefix(name, "#")
	if !numeric {
		return 0, false
	}
	base := 10
	if hex, ok := strings.CutPrefix(strings.ToLower(digits), "x"); ok {
		digits, base = hex, 16
	}
	n, err := strconv.ParseUint(digits, base, 21)
	if err != nil || n == 0 || !utf8.ValidRune(rune(n)) {
		return 0, false
	}
	return rune(n), true
}

func (p *htmlParser) start(tag string) error {
	name, rest, _ := strings.Cut(tag, " ")
	name = strings.ToLower(name)
	kind := entityOf(name)
	if kind == "" {
		return fmt.Errorf("Unsupported start tag %q at byte offset %d", name, p.at)
	}
	attrs, err := htmlAttributes(rest)
	if err != nil {
		return fmt.Errorf("%w at byte offset %d", err, p.at)
	}
	for _, outer := range p.open {
		inPre := outer.tag == "pre" && name == "code" && outer.start == p.units
		if outer.tag == "code" || (outer.tag == "pre" && !inPre) || (outer.tag == "blockquote" && name == "blockquote") {
			return fmt.Errorf("Tag %q can't be nested in %q at byte offset %d", name, outer.tag, p.at)
		}
	}
	entity := map[string]any{"type": kind}
	before, after := "", ""
	switch name {
	case "a":
		href := attrs["href"]
		u, err := url.Parse(href)
		if err != nil || !slices.Contains([]string{"http", "https", "tg", "mailto", "tel"}, u.Scheme) {
			return fmt.Errorf("Tag \"a\" needs a link in href, not %q, at byte offset %d", href, p.at)
		}
		entity["url"] = href
		before, after = `<a rel="noopener" target="_blank" href="`+template.HTMLEscapeString(href)+`">`, "</a>"
		delete(attrs, "href")
	case "span":
		if attrs["class"] != "tg-spoiler" {
			return fmt.Errorf("Tag \"span\" must have class \"tg-spoiler\" at byte offset %d", p.at)
		}
		delete(attrs, "class")
	case "tg-emoji":
		if attrs["emoji-id"] == "" {
			return fmt.Errorf("Tag \"tg-emoji\" must have attribute \"emoji-id\" at byte offset %d", p.at)
		}
		entity["custom_emoji_id"] = attrs["emoji-id"]
		delete(attrs, "emoji-id")
	case "code":
		if strings.HasPrefix(attrs["class"], "language-") {
			delete(attrs, "class")
		}
	case "blockquote":
		if _, ok := attrs["expandable"]; ok {
			entity["type"] = "expandable_blockquote"
			delete(attrs, "expandable")
		}
	}
	for extra := range attrs {
		return fmt.Errorf("Unsupported attribute %q of tag %q at byte offset %d", extra, name, p.at)
	}
	if before == "" {
		before, after = shownAs(kind)
	}
	p.safe.WriteString(before)
	p.open = append(p.open, openTag{tag: name, entity: entity, start: p.units, close: after})
	return nil
}

func shownAs(kind string) (before, after string) {
	switch kind {
	case "bold":
		return "<b>", "</b>"
	case "italic":
		return "<i>", "</i>"
	case "underline":
		return "<u>", "</u>"
	case "strikethrough":
		return "<s>", "</s>"
	case "spoiler":
		return `<span class="spoiler">`, "</span>"
	case "code", "pre", "blockquote":
		return "<" + kind + ">", "</" + kind + ">"
	}
	return "", ""
}

func (p *htmlParser) end(name string) error {
	n := len(p.open)
	if n == 0 {
		return fmt.Errorf("Unexpected end tag %q at byte offset %d", name, p.at)
	}
	top := p.open[n-1]
	if top.tag != name {
		return fmt.Errorf("Unmatched end tag at byte offset %d, expected \"</%s>\", found \"</%s>\"", p.at, top.tag, name)
	}
	p.open = p.open[:n-1]
	p.safe.WriteString(top.close)
	if length := p.units - top.start; length > 0 {
		top.entity["offset"], top.entity["length"] = top.start, length
		p.found = append(p.found, top.entity)
	}
	return nil
}

// result trims the text, as Telegram does, and moves the entities with it.
func (p *htmlParser) result() richText {
	plain := p.plain.String()
	left := strings.TrimLeft(plain, " \n\t\r")
	cut := utf16Len(plain[:len(plain)-len(left)])
	text := strings.TrimSpace(plain)
	out := richText{plain: text, units: utf16Len(text), safe: template.HTML(strings.TrimSpace(p.safe.String()))}
	for _, e := range p.found {
		from := max(e["offset"].(int)-cut, 0)
		to := min(e["offset"].(int)+e["length"].(int)-cut, out.units)
		if to > from {
			e["offset"], e["length"] = from, to-from
			out.entities = append(out.entities, e)
		}
	}
	slices.SortStableFunc(out.entities, func(a, b map[string]any) int { return a["offset"].(int) - b["offset"].(int) })
	return out
}

// htmlAttributes reads name="value" pairs and bare names.
func htmlAttributes(s string) (map[string]string, error) {
	attrs := map[string]string{}
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimSpace(s) {
		end := strings.IndexAny(s, " =")
		if end < 0 {
			attrs[strings.ToLower(s)] = ""
			return attrs, nil
		}
		name := strings.ToLower(s[:end])
		if s[end] == ' ' {
			attrs[name] = ""
			s = s[end:]
			continue
		}
		s = s[end+1:]
		if s == "" || (s[0] != '"' && s[0] != '\'') {
			return nil, fmt.Errorf("Unquoted value of attribute %q", name)
		}
		stop := strings.IndexByte(s[1:], s[0])
		if stop < 0 {
			return nil, fmt.Errorf("Unclosed value of attribute %q", name)
		}
		value := strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", `"`, "&amp;", "&").Replace(s[1 : stop+1])
		attrs[name] = value
		s = s[stop+2:]
	}
	return attrs, nil
}
