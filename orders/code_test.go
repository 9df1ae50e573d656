package orders

import (
	"testing"

	"pgregory.net/rapid"
)

func TestCodesAreReadAsPeopleTypeThem(t *testing.T) {
	code := newCode([]byte{0, 1, 2, 3, 4})
	for _, typed := range []string{code, "s" + code[1:], " " + code[:3] + " " + code[3:] + " ", code[:4] + "-" + code[4:], "#" + code} {
		if got, ok := ReadCode(typed); !ok || got != code {
			t.Errorf("ReadCode(%q) = %q, %v; want %q", typed, got, ok, code)
		}
	}
	for _, typed := range []string{"", "S", "bonjour", code + "2", "X" + code[1:], "S0OIL1U"} {
		if got, ok := ReadCode(typed); ok {
			t.Errorf("ReadCode(%q) = %q; want none", typed, got)
		}
	}
}

func TestOneWrongSignIsNoticed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := newCode(rapid.SliceOfN(rapid.Byte(), codeLetters, codeLetters).Draw(t, "random"))
		if got, ok := ReadCode(code); !ok || got != code {
			t.Fatalf("ReadCode(%q) = %q, %v", code, got, ok)
		}
		at := rapid.IntRange(1, len(code)-1).Draw(t, "at")
		sign := codeAlphabet[rapid.IntRange(0, len(codeAlphabet)-1).Draw(t, "sign")]
		wrong := code[:at] + string(sign) + code[at+1:]
		if _, ok := ReadCode(wrong); ok != (wrong == code) {
			t.Fatalf("%q was taken for a code after %q", wrong, code)
		}
		if at < len(code)-1 {
			swapped := code[:at] + string(code[at+1]) + string(code[at]) + code[at+2:]
			if _, ok := ReadCode(swapped); ok != (swapped == code) {
				t.Fatalf("%q was taken for a code after %q", swapped, code)
			}
		}
	})
}
