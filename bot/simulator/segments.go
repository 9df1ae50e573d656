package simulator

import (
	"strings"
	"unicode/utf16"
)

// The GSM 03.38 default alphabet, and what its escape adds at the price of two.
const (
	gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmTwice = "\f^{}\\[~]|€"
)

// Segments counts what an SMS costs: its encoding, "GSM-7" or "UCS-2", the units
// it takes and the parts it is sent in. An empty text is one segment.
func Segments(text string) (encoding string, units, segments int) {
	gsm := true
	for _, r := range text {
		switch {
		case strings.ContainsRune(gsmBasic, r):
			units++
		case strings.ContainsRune(gsmTwice, r):
			units += 2
		default:
			gsm = false
		}
	}
	if gsm {
		return "GSM-7", units, gsmParts(text, units)
	}
	encoded := utf16.Encode([]rune(text))
	units = len(encoded)
	if units <= 70 {
		return "UCS-2", units, 1
	}
	parts, room := 1, 67
	for i := 0; i < units; {
		width := 1
		if utf16.IsSurrogate(rune(encoded[i])) {
			width = 2 // a pair is not torn in two
		}
		if room < width {
			parts, room = parts+1, 67
		}
		room -= width
		i += width
	}
	return "UCS-2", units, parts
}

// gsmParts fills parts of 153, an escaped character never torn in two.
func gsmParts(text string, units int) int {
	if units <= 160 {
		return 1
	}
	parts, room := 1, 153
	for _, r := range text {
		width := 1
		if strings.ContainsRune(gsmTwice, r) {
			width = 2
		}
		if room < width {
			parts, room = parts+1, 153
		}
		room -= width
	}
	return parts
}
