package main

import (
	"regexp"
	"strings"
	"testing"

	"souk/bot/simulator"
	"souk/internal/postgres/pgtest"
)

// Cooperatives come in from outside: with the code that an operator's command prints, on every channel, and by asking for it.
func TestCooperativesJoinFromOutside(t *testing.T) {
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
	codeIn := func(printed string) string {
		t.Helper()
		code := regexp.MustCompile(`\bJ\d+-[0-9A-Z]{6}\b`).FindString(printed)
		if code == "" {
			t.Fatalf("no code in %s", printed)
		}
		return code
	}

	printed := operator("invite", "--name-fr", "Femmes du Test", "--name-ar", "نساء التجربة", "--town", "Azilal")
	code := codeIn(printed)
	if !strings.Contains(printed, "https://t.me/") || !strings.Contains(printed, "start=j_"+code) || !strings.Contains(printed, "https://wa.me/") {
		t.Errorf("no links: %s", printed)
	}
	manager := w.buyer(simulator.Telegram, 901)
	manager.does(manager.text("/start j_"+code), "Femmes du Test", "Responsable")
	w.is("active with a manager", 1, `SELECT count(*) FROM member m JOIN cooperative c ON c.id = m.cooperative_id
		WHERE c.name->>'fr' = 'Femmes du Test' AND c.status = 'active' AND m.role = 'manager'`)
	coop := value[string](w, `SELECT code FROM cooperative WHERE name->>'fr' = 'Femmes du Test'`)

	// A seller by WhatsApp, whose number the code is for, and a helper by text message, whom the manager invites with a code.
	seller := w.buyer(simulator.WhatsApp, 902)
	code = codeIn(operator("invite", "--cooperative", coop, "--role", "seller", "--phone", seller.number))
	seller.does(seller.text("Bonjour, mon code est "+code), "Femmes du Test", "Vente")
	manager.does(manager.text("membres"), "Femmes du Test")
	manager.does(manager.tap("Ajouter"), "rôle")
	manager.does(manager.tap("Aide"), "nom")
	code = codeIn(manager.does(manager.text("Nadia"), "Nadia", "Code").Text)
	w.is("codes that are kept in clear", 0, `SELECT count(*) FROM outbox WHERE body::text LIKE '%' || $1 || '%'`, code)
	helper := w.buyer(simulator.SMS, 903)
	helper.does(helper.text(strings.ToLower(code)), "Femmes du Test")
	w.is("members", 3, `SELECT count(*) FROM member m JOIN cooperative c ON c.id = m.cooperative_id WHERE c.code = $1 AND m.removed_at IS NULL`, coop)
	if shown := operator("cooperative", coop); !strings.Contains(shown, "helper") || !strings.Contains(shown, seller.number) {
		t.Errorf("operator cooperative: %s", shown)
	}

	// Somebody asks by chat; an operator completes what was left open and accepts.
	applicant := w.buyer(simulator.WhatsApp, 904)
	applicant.does(applicant.text("je veux vendre"), "coopérative")
	applicant.does(applicant.text("Tisseuses du Test"), "arabes")
	for _, question := range []string{"ville", "registre", "produisez", "documents", "correct"} {
		applicant.does(applicant.text("passer"), question)
	}
	applicant.does(applicant.text("oui"), "envoyé")
	if _, err := w.pool.Exec(t.Context(), `UPDATE person SET time_zone = $2 WHERE phone = $1`, applicant.number, morning()); err != nil {
		t.Fatal(err)
	}
	number := regexp.MustCompile(`(?m)^(\d+)\s.*Tisseuses`).FindStringSubmatch(operator("applications"))
	if number == nil {
		t.Fatal(operator("applications"))
	}
	if shown := operator("application", number[1]); !strings.Contains(shown, "(left open)") || !strings.Contains(shown, applicant.number) {
		t.Errorf("operator application: %s", shown)
	}
	oneLineFault(t, ran(t, w.binary, w.environ, "", "operator", "accept", number[1]), exitFailed, "souk: ", "--name-ar")
	operator("accept", number[1], "--name-ar", "نساجات التجربة", "--town", "taznakht")
	applicant.hears("Tisseuses du Test", "inscrite")
	oneLineFault(t, ran(t, w.binary, w.environ, "", "operator", "accept", number[1]), exitFailed, "souk: ")
	applicant.does(applicant.text("menu"), "faire")

	// What an operator suspends sells nothing, and its members hear why.
	operator("suspend", "C1", "--reason", "Une visite est prévue.")
	oneLineFault(t, ran(t, w.binary, w.environ, "", "operator", "reopen", "C9999"), exitFailed, "souk: ")
	operator("reopen", "C1")
	w.settled(patience)
	w.is("parked", 0, "SELECT count(*) FROM inbox WHERE parked_at IS NOT NULL")
	w.obedient()
	w.discreet("Tisseuses", code)
}
