package sorry_test

import (
	"errors"
	"fmt"
	"testing"

	"souk/internal/sorry"
)

func TestRefusalSurvivesWrapping(t *testing.T) {
	err := fmt.Errorf("add to cart: %w", sorry.New("order.only_left", map[string]any{"n": int64(3)}))

	got, ok := sorry.As(err)
	if !ok || got.Key != "order.only_left" || got.Args["n"] != int64(3) {
		t.Fatalf("As(%v) = %+v, %v", err, got, ok)
	}
	if !sorry.Is(err, "order.only_left") || sorry.Is(err, "order.empty") {
		t.Error("Is does not tell keys apart")
	}
}

func TestAFaultIsNoRefusal(t *testing.T) {
	if e, ok := sorry.As(errors.New("connection reset")); ok || e != nil {
		t.Errorf("As = %+v, %v for a plain error", e, ok)
	}
	if sorry.Is(nil, "") {
		t.Error("nil is no refusal")
	}
}

func TestWordsOfThePersonStayOutOfTheMessage(t *testing.T) {
	err := sorry.New("cart.name", map[string]any{"name": "Amina"})
	if got := err.Error(); got != "refused: cart.name" {
		t.Errorf("Error() = %q", got)
	}
}
