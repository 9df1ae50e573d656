package catalog

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"souk/locales"
)

// Codes makes and checks the codes that guard something. They are derived from Souk's secret and stand nowhere.
type Codes struct{ secret []byte }

// NewCodes takes SOUK_SECRET. The zero Codes makes none and accepts none.
func NewCodes(secret string) Codes { return Codes{secret: []byte(secret)} }

// None tells that there is no secret to make codes from.
func (c Codes) None() bool { return len(c.secret) == 0 }

// codeSigns are 32 signs of which none is taken for another when said or written by hand.
const codeSigns = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// guardSigns is how many signs of a code guard it: 30 bits, against five tries.
const guardSigns = 6

// guard is what only who knows the secret can say of a thing.
func (c Codes) guard(kind string, id int64, generation int) string {
	mac := hmac.New(sha256.New, c.secret)
	fmt.Fprintf(mac, "souk/%s/%d/%d", kind, id, generation)
	sum := mac.Sum(nil)
	signs := make([]byte, guardSigns)
	for i := range signs {
		signs[i] = codeSigns[sum[i]%byte(len(codeSigns))]
	}
	return string(signs)
}

// Invitation is an invitation's code as it is shown: "J12-7KQ2MX".
func (c Codes) Invitation(i Invitation) string {
	return fmt.Sprintf("J%d-%s", i.ID, c.guard("invitation", i.ID, i.Generation))
}

// Mark stands in a text for an invitation's code until the text leaves: what is kept of it must not open anything. It is guarded
// itself, so that nobody can type one and have it filled.
func (c Codes) Mark(i Invitation) string {
	return fmt.Sprintf("{J.%d.%d.%s}", i.ID, i.Generation, c.guard("mark", i.ID, i.Generation))
}

var codeMark = regexp.MustCompile(`\{J\.([0-9]{1,18})\.([0-9]{1,9})\.([0-9A-Z]{6})\}`)

// Fill puts the codes where their marks stand.
func (c Codes) Fill(text string) string {
	if c.None() || !strings.Contains(text, "{J.") {
		return text
	}
	return codeMark.ReplaceAllStringFunc(text, func(mark string) string {
		parts := codeMark.FindStringSubmatch(mark)
		id, err := strconv.ParseInt(parts[1], 10, 64)
		if err != nil {
			return mark
		}
		generation, err := strconv.Atoi(parts[2])
		if err != nil || subtle.ConstantTimeCompare([]byte(c.guard("mark", id, generation)), []byte(parts[3])) != 1 {
			return mark
		}
		return c.Invitation(Invitation{ID: id, Generation: generation})
	})
}

// Again is the code of an invitation that was opened with it a moment ago. One that was made anew since has another.
func (c Codes) Again(id int64, generation int) InvitationCode {
	if c.None() {
		return InvitationCode{ID: id}
	}
	return InvitationCode{ID: id, guard: c.guard("invitation", id, generation)}
}

// opens tells, in constant time, whether the guard that somebody typed is the invitation's.
func (c Codes) opens(i Invitation, typed string) bool {
	return !c.None() && subtle.ConstantTimeCompare([]byte(c.guard("invitation", i.ID, i.Generation)), []byte(typed)) == 1
}

// InvitationCode is a code as somebody typed it: which invitation, and what is to open it.
type InvitationCode struct {
	ID    int64
	guard string
}

var invitationCode = regexp.MustCompile(`(?:^|[^0-9A-Z])J[ -]?([1-9][0-9]{0,8}?)[ -]?([0-9A-Z]{3})[ -]?([0-9A-Z]{3})(?:[^0-9A-Z]|$)`)

// maxCodeText is how long a message may be in which a code is looked for: one that was forwarded, with a sentence around it.
const maxCodeText = 400

// ReadInvitationCode finds an invitation's code in a message: in any case, with or without dash and spaces, digits of any script,
// O for 0, I and L for 1.
func ReadInvitationCode(text string) (InvitationCode, bool) {
	if len(text) > maxCodeText {
		return InvitationCode{}, false
	}
	found := invitationCode.FindStringSubmatch(strings.ToUpper(locales.Digits(locales.StripControls(text))))
	if found == nil {
		return InvitationCode{}, false
	}
	guard := strings.NewReplacer("O", "0", "I", "1", "L", "1").Replace(found[2] + found[3])
	id, err := strconv.ParseInt(found[1], 10, 64)
	if err != nil || strings.Trim(guard, codeSigns) != "" {
		return InvitationCode{}, false
	}
	return InvitationCode{ID: id, guard: guard}, true
}
