package orders

import (
	"strings"

	"souk/locales"
)

// codeAlphabet has no two signs that are taken for each other when written by hand or said aloud (0/O, 1/I/L, U/V, 2/Z). It has
// 29, a prime: the check sign then notices every single wrong sign and every two neighbours that changed places.
const codeAlphabet = "23456789ABCDEFGHJKMNPQRSTVWXY"

// codeLetters is how many random signs a code has; one more checks them. 29^5 is 20 million codes.
const codeLetters = 5

// newCode makes a purchase's code from random bytes: "S", five signs, one check sign. It is a name, not a secret.
func newCode(random []byte) string {
	code := make([]byte, 0, codeLetters+2)
	code = append(code, 'S')
	sum := 0
	for i := range codeLetters {
		n := int(random[i]) % len(codeAlphabet)
		sum += (i + 1) * n
		code = append(code, codeAlphabet[n])
	}
	return string(append(code, codeAlphabet[sum%len(codeAlphabet)]))
}

// ReadCode reads a purchase's code as people type it: any case, spaces and dashes within, digits of any script.
// ok is false where the text is no code or its check sign is wrong.
func ReadCode(text string) (code string, ok bool) {
	text = strings.ToUpper(locales.Digits(text))
	text = strings.NewReplacer(" ", "", "-", "", "#", "", ".", "").Replace(text)
	if len(text) != codeLetters+2 || text[0] != 'S' {
		return "", false
	}
	sum := 0
	for i := range codeLetters {
		n := strings.IndexByte(codeAlphabet, text[i+1])
		if n < 0 {
			return "", false
		}
		sum += (i + 1) * n
	}
	if text[codeLetters+1] != codeAlphabet[sum%len(codeAlphabet)] {
		return "", false
	}
	return text, true
}
