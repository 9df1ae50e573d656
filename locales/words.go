package locales

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/nicksnyder/go-i18n/v2/i18n/template"
	"golang.org/x/text/language"
)

//go:embed fr.toml ar.toml
var files embed.FS

// smsSuffix marks the words that a text message says instead.
const smsSuffix = ".sms"

const (
	firstStrongIsolate = "\u2068"
	popIsolate         = "\u2069"
)

// Args are the values that a text names as {{.name}}. A value is a string, an
// int or int64, Money, Phone, Date, Quantity, or Rendered. "Count" (an int or a
// decimal in a string) picks the plural form and may be shown as {{.Count}} too.
type Args map[string]any

// Rendered is text that Words itself made (a list of lines, a label): it goes in
// as it is, without another isolate and with its own isolates left whole.
type Rendered string

// Words is what Souk says, in every language it speaks.
type Words struct {
	localizers map[Lang]*i18n.Localizer
	messages   map[Lang]map[string]*i18n.Message
	templates  *template.TextParser
}

// Load reads the embedded words. It fails on a file that cannot be parsed;
// what is merely incomplete is reported by Check.
func Load() (*Words, error) { return LoadFrom(files) }

// LoadFrom is Load from a folder: a checkout that is being worked on.
func LoadFrom(folder fs.FS) (*Words, error) {
	contents := map[Lang]string{}
	for _, lang := range Langs() {
		content, err := fs.ReadFile(folder, string(lang)+".toml")
		if err != nil {
			return nil, fmt.Errorf("read words of %s: %w", lang, err)
		}
		contents[lang] = string(content)
	}
	return loadFrom(contents)
}

func loadFrom(contents map[Lang]string) (*Words, error) {
	bundle := i18n.NewBundle(language.French)
	w := &Words{
		localizers: map[Lang]*i18n.Localizer{},
		messages:   map[Lang]map[string]*i18n.Message{},
		templates:  &template.TextParser{Option: "missingkey=error"},
	}
	for _, lang := range Langs() {
		name := string(lang) + ".toml"
		file, err := i18n.ParseMessageFileBytes([]byte(contents[lang]), name, map[string]i18n.UnmarshalFunc{"toml": toml.Unmarshal})
		if err != nil {
			return nil, fmt.Errorf("parse words %s: %w", name, err)
		}
		known := make(map[string]*i18n.Message, len(file.Messages))
		for _, m := range file.Messages {
			// CLDR gives French a form for whole millions ("un million de …")
			// that no sentence of ours needs.
			if lang == French && m.Many == "" {
				m.Many = m.Other
			}
			known[m.ID] = m
		}
		if err := bundle.AddMessages(language.Make(string(lang)), file.Messages...); err != nil {
			return nil, fmt.Errorf("add words %s: %w", name, err)
		}
		w.messages[lang] = known
	}
	for _, lang := range Langs() {
		w.localizers[lang] = i18n.NewLocalizer(bundle, string(lang))
	}
	return w, nil
}

// Text says key in lang for the medium. A fault (unknown key, missing form or
// value) never silences Souk: the other language is tried, then the key itself
// is shown. Tests find such faults before, through Lookup and Check.
func (w *Words) Text(lang Lang, medium Medium, key string, args Args) string {
	s, err := w.Lookup(lang, medium, key, args)
	if err == nil {
		return s
	}
	for _, other := range Langs() {
		if other == lang {
			continue
		}
		if s, err := w.Lookup(other, medium, key, args); err == nil {
			return s
		}
	}
	return key
}

// Lookup is Text with the fault instead of a fallback.
func (w *Words) Lookup(lang Lang, medium Medium, key string, args Args) (string, error) {
	known := w.messages[lang]
	if known == nil {
		return "", fmt.Errorf("words: no language %q", lang)
	}
	if medium == Plain {
		if _, ok := known[key+smsSuffix]; ok {
			key += smsSuffix
		}
	}
	if _, ok := known[key]; !ok {
		return "", fmt.Errorf("words: %q is missing in %s", key, lang)
	}
	var count any
	var data map[string]string
	if len(args) > 0 {
		data = make(map[string]string, len(args))
		for name, value := range args {
			if name == "Count" {
				count = value
				if n, ok := value.(int64); ok { // go-i18n counts int, and decimals as strings
					count = strconv.FormatInt(n, 10)
				}
			}
			shown, err := w.show(lang, medium, value)
			if err != nil {
				return "", fmt.Errorf("words: value %q of %q: %w", name, key, err)
			}
			data[name] = shown
		}
	}
	s, err := w.localize(lang, key, count, data)
	if err != nil {
		return "", err
	}
	if medium == Plain {
		return PlainText(s), nil
	}
	return direct(lang, s), nil
}

// Has tells whether lang has words for key.
func (w *Words) Has(lang Lang, key string) bool { return w.messages[lang][key] != nil }

// Keys lists the keys that start with prefix in any language, sorted, the
// ".sms" variants left out.
func (w *Words) Keys(prefix string) []string {
	seen := map[string]bool{}
	for _, known := range w.messages {
		for key := range known {
			if strings.HasPrefix(key, prefix) && !strings.HasSuffix(key, smsSuffix) {
				seen[key] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// show writes one value in the reader's language, cleaned of what could turn
// the sentence around it, isolated where the medium can carry isolates.
func (w *Words) show(lang Lang, medium Medium, value any) (string, error) {
	var s string
	switch v := value.(type) {
	case Rendered:
		return string(v), nil
	case string:
		s = StripControls(v)
	case int:
		s = strconv.Itoa(v)
	case int64:
		s = strconv.FormatInt(v, 10)
	case Money:
		s = w.Money(lang, v)
	case Phone:
		s = ShowPhone(string(v))
		if lang == Arabic && medium == Plain { // no isolate keeps groups in order there
			s = strings.ReplaceAll(s, " ", "")
		}
	case Date:
		s = w.Date(lang, v)
	case time.Time:
		s = w.Date(lang, Date{Time: v, Style: Day})
	case Quantity:
		s = w.Quantity(lang, v)
	default:
		return "", fmt.Errorf("%T cannot be shown", value)
	}
	if medium == Plain {
		return s, nil
	}
	return firstStrongIsolate + s + popIsolate, nil
}

func (w *Words) localize(lang Lang, key string, count any, data map[string]string) (string, error) {
	l := w.localizers[lang]
	if l == nil {
		return "", fmt.Errorf("words: no language %q", lang)
	}
	if m := w.messages[lang][key]; m != nil && !counted(m) {
		count = nil // one form for every number, as French prices have
	}
	config := i18n.LocalizeConfig{MessageID: key, PluralCount: count, TemplateParser: w.templates, TemplateData: data}
	if data == nil {
		config.TemplateData = map[string]string{}
	}
	s, err := l.Localize(&config)
	if err != nil {
		return "", fmt.Errorf("words: %q in %s: %w", key, lang, err)
	}
	if s == "" {
		return "", errors.New("words: " + key + " in " + string(lang) + " is empty")
	}
	return s, nil
}

// plainWord is a word without values; its own key shows where it is missing.
func (w *Words) plainWord(lang Lang, key string) string {
	if m := w.messages[lang][key]; m != nil {
		return m.Other
	}
	return key
}
