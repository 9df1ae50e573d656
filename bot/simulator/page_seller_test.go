package simulator

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestTheFourthPhoneIsTheSellers(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]bool{"": false, "+212600000041": true} {
		s, err := New(Options{Seller: Owner{Name: "Khadija", Number: number}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		for lang, label := range map[string]string{"fr": "Coopérative", "ar": "التعاونية"} {
			answer := httptest.NewRecorder()
			s.PageHandler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/simulator?lang="+lang, nil))
			page := answer.Body.String()
			if got := strings.Contains(page, `id="phone-seller" data-phone="seller" data-channel="telegram"`); got != want {
				t.Errorf("%s, number %q: a seller's phone: %v, want %v", lang, number, got, want)
			}
			if got := strings.Contains(page, `data-tab="seller"`) && strings.Contains(page, label); got != want {
				t.Errorf("%s, number %q: its tab: %v, want %v", lang, number, got, want)
			}
			for _, channel := range []string{"telegram", "whatsapp", "sms"} {
				if !strings.Contains(page, `id="phone-`+channel+`"`) {
					t.Errorf("%s: no phone for %s", lang, channel)
				}
			}
		}
	}
}
