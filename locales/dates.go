package locales

import (
	"strconv"
	"time"
)

// DateStyle says how much of a moment is shown.
type DateStyle uint8

const (
	Day     DateStyle = iota // "jeudi 3 décembre" / «الخميس 3 دجنبر»
	DayTime                  // "jeudi 3 décembre, 10 h 30" / «الخميس 3 دجنبر، 10:30»
	Clock                    // "10 h", "10 h 30" / «10:30»
	DayYear                  // "3 décembre 2026" / «3 دجنبر 2026»
)

// Date is a moment as a value for Args. Its zone is the one it carries: callers
// convert to the reader's first.
type Date struct {
	Time  time.Time
	Style DateStyle
}

// Date writes a moment as people here say it, with the Moroccan names of months
// (يوليوز, غشت, شتنبر …) and 24 hours.
func (w *Words) Date(lang Lang, d Date) string {
	t := d.Time
	day := func() string {
		return w.Weekday(lang, t.Weekday()) + " " + w.dayMonth(lang, t)
	}
	switch d.Style {
	case DayTime:
		if lang == Arabic {
			return day() + "، " + clock(lang, t)
		}
		return day() + ", " + clock(lang, t)
	case Clock:
		return clock(lang, t)
	case DayYear:
		return w.dayMonth(lang, t) + " " + strconv.Itoa(t.Year())
	default:
		return day()
	}
}

// Weekday is the day's name, lower case in French.
func (w *Words) Weekday(lang Lang, d time.Weekday) string {
	return w.plainWord(lang, "date.day."+strconv.Itoa(int(d)))
}

// Month is the month's name as used in Morocco, lower case in French.
func (w *Words) Month(lang Lang, m time.Month) string {
	return w.plainWord(lang, "date.month."+strconv.Itoa(int(m)))
}

func (w *Words) dayMonth(lang Lang, t time.Time) string {
	day := strconv.Itoa(t.Day())
	if lang == French && t.Day() == 1 {
		day = "1er"
	}
	return day + " " + w.Month(lang, t.Month())
}

func clock(lang Lang, t time.Time) string {
	h, m := strconv.Itoa(t.Hour()), t.Minute()
	minutes := strconv.Itoa(m)
	if m < 10 {
		minutes = "0" + minutes
	}
	if lang == Arabic {
		return h + ":" + minutes
	}
	if m == 0 {
		return h + " h"
	}
	return h + " h " + minutes
}
