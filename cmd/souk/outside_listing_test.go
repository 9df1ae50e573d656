package main

import (
	"regexp"
	"strings"
	"testing"

	"souk/bot/simulator"
	"souk/internal/postgres/pgtest"
)

// What a new cooperative lists waits for an operator's commands, and is found by a buyer on another channel once they say yes.
func TestListingsWaitForTheOperatorsCommands(t *testing.T) {
	t.Parallel()
	w := newWorld(t, built(t, release), pgtest.URL(t))
	w.begin()
	w.introduced()
	operator := func(args ...string) string {
		t.Helper()
		got := ran(t, w.binary, w.environ, "", append([]string{"operator"}, args...)...)
		if got.code != 0 {
			t.Fatalf("operator %v: %+v", args, got)
		}
		return got.stdout
	}
	code := regexp.MustCompile(`\bJ\d+-[0-9A-Z]{6}\b`).FindString(operator("invite", "--name-fr", "Ruches du Test", "--name-ar", "نحل التجربة", "--town", "Azilal"))
	seller := w.buyer(simulator.Telegram, 911)
	seller.does(seller.text("/start j_"+code), "Ruches du Test")
	coop := value[string](w, `SELECT code FROM cooperative WHERE name->>'fr' = 'Ruches du Test'`)

	seller.does(seller.text("Miel de caroube 500 g 95 dh x6"), "Je publie")
	seller.does(seller.text("oui"), "ONSSA", "relues")
	if shown := operator("reviews"); !strings.Contains(shown, "P1001") || !strings.Contains(shown, "first_listings") {
		t.Fatalf("operator reviews: %s", shown)
	}
	number := value[string](w, `SELECT id::text FROM review`)
	if shown := operator("review", number); !strings.Contains(shown, "500 g: 95.00 dh, stock 6") {
		t.Errorf("operator review: %s", shown)
	}
	if shown := operator("publish", number); !strings.Contains(shown, "ONSSA") {
		t.Errorf("operator publish: %s", shown)
	}
	oneLineFault(t, ran(t, w.binary, w.environ, "", "operator", "send-back", number, "--note", "non"), exitFailed, "souk: ", "published")
	operator("document", coop, "onssa", "MIE.7.77.26")
	number = value[string](w, `SELECT max(id)::text FROM compliance_document`)
	if shown := operator("documents"); !strings.Contains(shown, "MIE.7.77.26") {
		t.Errorf("operator documents: %s", shown)
	}
	oneLineFault(t, ran(t, w.binary, w.environ, "", "operator", "verify", number, "--until", "2020-01-01"), exitFailed, "souk: ", "over")
	if shown := operator("verify", number, "--until", "2035-01-01"); !strings.Contains(shown, "waited for it: 1") {
		t.Errorf("operator verify: %s", shown)
	}
	buyer := w.buyer(simulator.SMS, 912)
	buyer.does(buyer.text("P1001"), "Miel de caroube", "95 dh")
	operator("document", coop, "bio", "B.1.26")
	operator("reject", value[string](w, `SELECT max(id)::text FROM compliance_document`), "--note", "Illisible.")
}
