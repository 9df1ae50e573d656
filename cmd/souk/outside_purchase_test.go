package main

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"souk/bot/simulator"
	"souk/catalog/sample"
	"souk/internal/postgres/pgtest"
)

// The same purchase on each channel, by HTTP alone: two products of two cooperatives, to a relay, cash; then followed and cancelled.
func TestAPurchaseFromOutsideOnEachChannel(t *testing.T) {
	t.Parallel()
	w := newWorld(t, built(t, release), pgtest.URL(t))
	w.begin()
	w.introduced()
	w.forgeries()
	member := w.reachableMember("P53")
	t.Run("channels", func(t *testing.T) {
		everyChannel(t, func(t *testing.T, channel simulator.Channel) {
			w := w.in(t)
			b := w.buyer(channel, map[simulator.Channel]int{simulator.Telegram: 101, simulator.WhatsApp: 102, simulator.SMS: 103}[channel])
			code := b.orders()
			w.placed(code, b.number)
			b.tracksAndCancels(code)
		})
	})
	// What the cooperative was told, in order.
	for range 3 {
		member.hears("2 ×", "Belboula")
	}
	w.settled(patience)
	w.is("parked", 0, "SELECT count(*) FROM inbox WHERE parked_at IS NOT NULL")
	w.is("goods still allocated", 0, "SELECT coalesce(sum(allocated), 0)::int FROM stock")
	w.is("goods that are not accounted for", 0, `SELECT count(*) FROM stock s
		WHERE on_hand <> (SELECT coalesce(sum(change), 0) FROM stock_movement m WHERE m.variant_id = s.variant_id)`)
	w.obedient()
	if code := w.serve.end(sigterm, 15*time.Second); code != 0 {
		t.Errorf("exit %d", code)
	}
	w.discreet("Casablanca", "belboula", "Amina")
}

var purchaseCode = regexp.MustCompile(`\bS[0-9A-Z]{6}\b`)

// orders buys two kilos of one cooperative's couscous and a camomile tea of another's, and returns the purchase's code.
func (b *buyer) orders() string {
	b.w.t.Helper()
	buttons := b.phone.Channel() != simulator.SMS
	answer := func(label, number string) update {
		if buttons {
			return b.tap(label)
		}
		return b.text(number)
	}
	b.does(b.text("belboula"), "Belboula", "Combien")
	b.does(answer("2", "2"), "Belboula", "46 dh", "ville")
	b.does(b.text("1 camomille"), "Camomille", "17 dh")
	b.does(b.text("Casablanca"), "Casablanca", "15 dh")
	review := answer("Maârif", "1")
	if b.phone.Channel() == simulator.Telegram {
		b.does(review, "numéro")
		review = b.contact()
	}
	b.does(review, "63 + 15", "78 dh", "30 min")
	receipt := b.does(answer("Oui", "1"), "78 dh", "Ma")
	code := purchaseCode.FindString(receipt.Text)
	if code == "" {
		b.w.t.Fatalf("no code in the receipt: %s", receipt.Text)
	}
	return code
}

// placed checks every row that a purchase leaves behind.
func (w *world) placed(code, phone string) {
	w.t.Helper()
	w.is("purchases placed", 1, `SELECT count(*) FROM purchase WHERE code = $1 AND status = 'placed' AND delivery = 'relay' AND payment = 'cash'
		AND goods_total = 6300 AND delivery_fee = 1500 AND receiver_phone = $2 AND placed_at IS NOT NULL`, code, phone)
	parts := value[string](w, `SELECT string_agg(c.code || ' ' || o.status || ' ' || o.goods_total, ', ' ORDER BY c.code)
		FROM coop_order o JOIN cooperative c ON c.id = o.cooperative_id JOIN purchase p ON p.id = o.purchase_id WHERE p.code = $1`, code)
	if want := value[string](w, `SELECT string_agg(code || ' placed ' || CASE code WHEN $1 THEN 4600 ELSE 1700 END, ', ' ORDER BY code)
		FROM cooperative WHERE code IN ($1, $2)`, w.cooperative("P53"), w.cooperative("P82")); parts != want {
		w.t.Errorf("parts %s, want %s", parts, want)
	}
	w.is("allocated", 3, `SELECT sum(a.quantity)::int FROM allocation a JOIN line l ON l.id = a.line_id JOIN coop_order o ON o.id = l.coop_order_id
		JOIN purchase p ON p.id = o.purchase_id WHERE p.code = $1`, code)
	w.is("members who are told", value[int](w, `SELECT count(DISTINCT m.person_id) FROM member m JOIN cooperative c ON c.id = m.cooperative_id
		WHERE c.code = ANY ($1) AND m.removed_at IS NULL`, []string{w.cooperative("P53"), w.cooperative("P82")}),
		`SELECT count(*) FROM notice n JOIN coop_order o ON n.args ->> 'part' = o.id::text JOIN purchase p ON p.id = o.purchase_id
		WHERE p.code = $1 AND n.name = 'order.new'`, code)
	w.is("lines left in the cart", 0, `SELECT count(*) FROM cart_line l JOIN purchase p ON p.person_id = l.person_id WHERE p.code = $1`, code)
}

// cooperative is the code of the cooperative that makes a product.
func (w *world) cooperative(product string) string {
	return value[string](w, `SELECT c.code FROM cooperative c JOIN product p ON p.cooperative_id = c.id WHERE p.code = $1`, product)
}

// tracksAndCancels follows a purchase by its code and cancels it.
func (b *buyer) tracksAndCancels(code string) {
	b.w.t.Helper()
	b.does(b.text(strings.ToLower(code)), code)
	asked := b.does(b.text("annuler "+code), code)
	if value[string](b.w, "SELECT status FROM purchase WHERE code = $1", code) != "cancelled" {
		if b.phone.Channel() == simulator.SMS {
			b.does(b.text("1"), code)
		} else {
			b.does(b.tap(asked.Buttons[0][0].Label), code)
		}
	}
	b.w.is("purchases cancelled", 1, `SELECT count(*) FROM purchase WHERE code = $1 AND status = 'cancelled'`, code)
	b.w.is("parts cancelled", 2, `SELECT count(*) FROM coop_order o JOIN purchase p ON p.id = o.purchase_id WHERE p.code = $1 AND o.status = 'cancelled'`, code)
	b.w.is("allocations left", 0, `SELECT count(*) FROM allocation a JOIN line l ON l.id = a.line_id JOIN coop_order o ON o.id = l.coop_order_id
		JOIN purchase p ON p.id = o.purchase_id WHERE p.code = $1`, code)
	b.w.is("cooperatives told of it", 2, `SELECT count(DISTINCT o.id) FROM notice n JOIN coop_order o ON n.args ->> 'part' = o.id::text
		JOIN purchase p ON p.id = o.purchase_id WHERE p.code = $1 AND n.name = 'order.cancelled'`, code)
}

// reachableMember has a member of the cooperative that makes a product write to Souk by WhatsApp, in a place where it is morning
// now: notices may be said there.
func (w *world) reachableMember(product string) *buyer {
	w.t.Helper()
	if err := sample.Reach(w.t.Context(), w.pool, "whatsapp", simulator.DefaultWhatsAppFrom, time.Now()); err != nil {
		w.t.Fatal(err)
	}
	zone := morning()
	b := w.buyer(simulator.WhatsApp, 1)
	b.number = value[string](w, `UPDATE person SET time_zone = $2, lang = 'fr' WHERE id = (SELECT m.person_id FROM member m
		JOIN product p ON p.cooperative_id = m.cooperative_id WHERE p.code = $1 ORDER BY m.person_id LIMIT 1) RETURNING phone`, product, zone)
	b.phone = w.sim.Phone(simulator.WhatsApp, simulator.Owner{Name: "Membre", Number: b.number})
	b.does(b.text("menu"), "faire")
	return b
}

// morning is a time zone in which it is about ten in the morning now: notices may be said there.
func morning() string {
	hours := (10 - time.Now().UTC().Hour() + 24) % 24
	if hours > 14 {
		return fmt.Sprintf("Etc/GMT+%d", 24-hours)
	}
	return fmt.Sprintf("Etc/GMT-%d", hours)
}

// forgeries are requests of somebody who knows everything but the secrets: 403, and nothing is stored.
func (w *world) forgeries() {
	w.t.Helper()
	w.settled(patience)
	before := value[int](w, "SELECT (SELECT count(*) FROM inbox) + (SELECT count(*) FROM address)")
	forger := w.buyer(simulator.Telegram, 9)
	genuine := forger.text("belboula")
	for _, secret := range []string{"", "x", webhookSecret + "x", webhookSecret[1:], strings.ToUpper(webhookSecret), outsideSecret} {
		forged := genuine
		forged.header = map[string]string{"Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": secret}
		w.refused("secret "+secret, forged)
	}
	bare := genuine
	bare.header = nil
	w.refused("no secret", bare)
	for _, channel := range []simulator.Channel{simulator.WhatsApp, simulator.SMS} {
		forger := w.buyer(channel, 9)
		genuine := forger.text("belboula")
		form, err := url.ParseQuery(string(genuine.body))
		if err != nil {
			w.t.Fatal(err)
		}
		sign := func(key, address string) string { return simulator.SignTwilio(key, address, form) }
		for what, signature := range map[string]string{
			"nothing": "", "another token": sign("another", publicURL+"/webhooks/twilio"), "base64 of nothing": "AAAA",
			"the internal host": sign(simulator.DefaultTwilioAuthToken, "http://"+w.address+"/webhooks/twilio"),
			"another path":      sign(simulator.DefaultTwilioAuthToken, publicURL+"/webhooks/twilio/status"),
			"http":              sign(simulator.DefaultTwilioAuthToken, strings.Replace(publicURL, "https", "http", 1)+"/webhooks/twilio"),
		} {
			forged := genuine
			forged.header = map[string]string{"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature,
				"X-Forwarded-Host": "souk.example", "X-Forwarded-Proto": "https"}
			w.refused("signed by "+what, forged)
		}
		altered := genuine
		altered.body = []byte(strings.Replace(string(genuine.body), "belboula", "safran", 1))
		w.refused("another text", altered)
		altered.body = append(append([]byte{}, genuine.body...), "&From=%2B212612099999"...)
		if status := w.postUpdate(altered); status != http.StatusForbidden && status != http.StatusOK {
			w.t.Errorf("a repeated sender: %d", status)
		}
		status := genuine
		status.path = "/webhooks/twilio/status?o=1&p=0"
		w.refused("a status", status)
	}
	time.Sleep(200 * time.Millisecond)
	w.settled(patience)
	// A second value of a key that is signed already changes nothing: the message is as genuine as it was.
	after := value[int](w, `SELECT (SELECT count(*) FROM inbox WHERE body NOT LIKE '%212612099999%') + (SELECT count(*) FROM address
		WHERE external_id NOT LIKE '%0009')`)
	if after != before {
		w.t.Errorf("forged requests left %d rows", after-before)
	}
	w.is("written to by the repeated sender", 0, `SELECT count(*) FROM address WHERE external_id = '+212612099999'`)
}

func (w *world) refused(what string, u update) {
	w.t.Helper()
	if status := w.postUpdate(u); status != http.StatusForbidden {
		w.t.Errorf("%s: %d", what, status)
	}
}
