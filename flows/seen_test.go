package flows

import (
	"context"
	"errors"
	"testing"
)

func TestWhatATurnHasReadIsReadOnce(t *testing.T) {
	t.Parallel()
	turn, reads := &Turn{}, 0
	read := func(context.Context) (int, error) { reads++; return 40 + reads, nil }
	for range 3 {
		if n, err := once(t.Context(), turn, "jars", read); n != 41 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
	}
	if n, _ := once(t.Context(), turn, "pots", read); n != 42 {
		t.Errorf("another key is %d", n)
	}
	// A key of another type is another thing.
	if s, err := once(t.Context(), turn, "jars", func(context.Context) (string, error) { return "jars", nil }); s != "jars" || err != nil {
		t.Errorf("%q, %v", s, err)
	}
	keep(turn, "pots", 7)
	if n, _ := once(t.Context(), turn, "pots", read); n != 7 {
		t.Errorf("kept: %d", n)
	}
	if n, _ := once(t.Context(), &Turn{}, "pots", read); n != 43 {
		t.Errorf("another turn knows %d", n)
	}
}

func TestAFailedReadingIsNotRemembered(t *testing.T) {
	t.Parallel()
	turn, away := &Turn{}, errors.New("away")
	if _, err := once(t.Context(), turn, "jars", func(context.Context) (int, error) { return 9, away }); !errors.Is(err, away) {
		t.Error(err)
	}
	if n, err := once(t.Context(), turn, "jars", func(context.Context) (int, error) { return 3, nil }); n != 3 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}
