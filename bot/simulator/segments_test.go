package simulator

import (
	"strings"
	"testing"
)

func TestSegments(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text, encoding string
		units, segments      int
	}{
		{"empty", "", "GSM-7", 0, 1},
		{"160", strings.Repeat("a", 160), "GSM-7", 160, 1},
		{"161", strings.Repeat("a", 161), "GSM-7", 161, 2},
		{"306", strings.Repeat("a", 306), "GSM-7", 306, 2},
		{"307", strings.Repeat("a", 307), "GSM-7", 307, 3},
		{"euros count two", strings.Repeat("€", 80), "GSM-7", 160, 1},
		{"an escape is not torn", strings.Repeat("a", 152) + "€" + strings.Repeat("a", 152), "GSM-7", 306, 3},
		{"French within GSM", "Prix à payer à l'été : 5 €", "GSM-7", 27, 1},
		{"one circumflex", "prêt", "UCS-2", 4, 1},
		{"70", strings.Repeat("ع", 70), "UCS-2", 70, 1},
		{"71", strings.Repeat("ع", 71), "UCS-2", 71, 2},
		{"134", strings.Repeat("ع", 134), "UCS-2", 134, 2},
		{"135", strings.Repeat("ع", 135), "UCS-2", 135, 3},
		{"a pair is not torn", strings.Repeat("ع", 66) + "🍯" + strings.Repeat("ع", 66), "UCS-2", 134, 3},
	} {
		encoding, units, segments := Segments(c.text)
		if encoding != c.encoding || units != c.units || segments != c.segments {
			t.Errorf("%s: %s %d units %d segments, want %s %d %d", c.name, encoding, units, segments, c.encoding, c.units, c.segments)
		}
	}
}
