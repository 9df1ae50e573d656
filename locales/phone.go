package locales

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// homeRegion is where a number written without its country code belongs.
const homeRegion = "MA"

// Phone is a number in E.164, "+212600123456". Inside Args it is shown in the
// reader's usual grouping, never turned around by Arabic text.
type Phone string

// ReadPhone reads a phone number as people type it ("06 00 12 34 56",
// "00212…", "٠٦٠٠…", "+33 6 …") and returns it in E.164. ok is false where the
// text is not one valid number; a sentence around the number is tolerated when
// it holds no other digits.
func ReadPhone(text string) (e164 string, ok bool) {
	if len(text) > 200 { // a phone number never is, and the parser is not free
		return "", false
	}
	s := strings.TrimSpace(Digits(StripControls(text)))
	start := strings.IndexAny(s, "+0123456789")
	end := strings.LastIndexAny(s, "0123456789")
	if start < 0 || end < start {
		return "", false
	}
	s = s[start : end+1]
	if rest, found := strings.CutPrefix(s, "00"); found {
		s = "+" + rest
	}
	for _, r := range s {
		if (r < '0' || r > '9') && !strings.ContainsRune("+ .-/()\u00a0\u202f", r) {
			return "", false
		}
	}
	n, err := phonenumbers.Parse(s, homeRegion)
	if err != nil || !phonenumbers.IsValidNumber(n) {
		return "", false
	}
	return phonenumbers.Format(n, phonenumbers.E164), true
}

// ShowPhone writes an E.164 number as people here do: "06 00 12 34 56" for
// Morocco, "+33 6 12 34 56 78" for elsewhere. What is no number comes back as it is.
func ShowPhone(e164 string) string {
	n, err := phonenumbers.Parse(e164, homeRegion)
	if err != nil {
		return e164
	}
	if n.GetCountryCode() != 212 {
		return phonenumbers.Format(n, phonenumbers.INTERNATIONAL)
	}
	d := "0" + phonenumbers.GetNationalSignificantNumber(n)
	var b strings.Builder
	for i := 0; i < len(d); i++ {
		if i > 0 && i%2 == 0 {
			b.WriteByte(' ')
		}
		b.WriteByte(d[i])
	}
	return b.String()
}
