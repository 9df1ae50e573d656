package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"souk/bot/simulator"
	"souk/internal/postgres/pgtest"
)

// delivered posts an update until it is taken, as a provider does, and returns how often it was turned away.
func (w *world) delivered(u update) (refusals int) {
	for w.t.Context().Err() == nil {
		switch status := w.postUpdate(u); status {
		case http.StatusOK:
			return refusals
		case 0, http.StatusServiceUnavailable:
			refusals++
			time.Sleep(time.Duration(5+rand.IntN(20)) * time.Millisecond)
		default:
			w.t.Errorf("%s: the webhook answered %d", u.path, status)
			return refusals
		}
	}
	return refusals
}

// 50 updates of people whom nobody knows yet, each posted 16 times at once: 50 effects and 50 answers.
func TestFiftyUpdatesSixteenTimesAtOnceAreFiftyEffects(t *testing.T) {
	t.Parallel()
	w := newWorld(t, built(t, release), pgtest.URL(t))
	w.begin()
	w.introduced()
	w.restock("P53", 1000)
	var buyers []*buyer
	var updates []update
	for i := range 10 {
		b := w.buyer([]simulator.Channel{simulator.Telegram, simulator.WhatsApp, simulator.SMS}[i%3], 200+i)
		buyers = append(buyers, b)
		for range 5 {
			updates = append(updates, b.text("1 belboula"))
		}
	}
	var posting sync.WaitGroup
	var refused atomic.Int64
	for _, u := range updates {
		for range 16 {
			posting.Go(func() { refused.Add(int64(w.delivered(u))) })
		}
	}
	posting.Wait()
	w.settled(patience)
	w.is("messages in the inbox", 50, "SELECT count(*) FROM inbox WHERE NOT internal AND done_at IS NOT NULL")
	w.is("people", 10, "SELECT count(*) FROM address WHERE person_id IS NOT NULL AND external_id NOT LIKE '+2126000000%'")
	w.is("kilos in all carts", 50, "SELECT sum(quantity)::int FROM cart_line")
	w.is("answers", 50, "SELECT count(*) FROM outbox WHERE status IN ('sent', 'delivered', 'read')")
	for _, b := range buyers {
		texts := b.fresh()
		for n := 1; n <= 5; n++ {
			if word := fmt.Sprintf("%d ", n); len(texts) != 5 || !strings.Contains(plainWords(texts[n-1]), word+"×") && !strings.Contains(texts[n-1], word+"x") {
				t.Errorf("%s heard %d answers: %q", b.phone.Key(), len(texts), texts)
				break
			}
		}
	}
	w.obedient()
	t.Logf("800 posts, %d turned away and posted again", refused.Load())
}

// restock sets how much there is of the one pack of a product.
func (w *world) restock(product string, packs int) {
	w.t.Helper()
	_, err := w.pool.Exec(w.t.Context(), `
		WITH one AS (SELECT v.id, s.on_hand FROM variant v JOIN product p ON p.id = v.product_id JOIN stock s ON s.variant_id = v.id WHERE p.code = $1),
		moved AS (INSERT INTO stock_movement (variant_id, change, reason, created_at) SELECT id, $2 - on_hand, 'correction', now() FROM one WHERE on_hand <> $2)
		UPDATE stock SET on_hand = $2 FROM one WHERE variant_id = one.id`, product, packs)
	if err != nil {
		w.t.Fatal(err)
	}
}

// 64 people want the last ten jars: ten get one, and the others are told so kindly.
func TestSixtyFourBuyersForTheLastTenJars(t *testing.T) {
	t.Parallel()
	w := newWorld(t, built(t, release), pgtest.URL(t))
	w.begin()
	w.introduced()
	w.restock("P53", 10)
	var buying sync.WaitGroup
	var sold, sorry atomic.Int64
	for i := range 64 {
		buying.Go(func() {
			b := w.buyer([]simulator.Channel{simulator.Telegram, simulator.WhatsApp, simulator.SMS}[i%3], 300+i)
			if b.hurries() {
				sold.Add(1)
			} else {
				sorry.Add(1)
			}
		})
	}
	buying.Wait()
	w.settled(patience)
	if sold.Load() != 10 || sorry.Load() != 54 {
		t.Errorf("%d were sold and %d told that there is no more", sold.Load(), sorry.Load())
	}
	w.is("purchases placed", 10, "SELECT count(*) FROM purchase WHERE status = 'placed'")
	w.is("purchases of another kind", 0, "SELECT count(*) FROM purchase WHERE status <> 'placed'")
	w.is("allocated", 10, "SELECT sum(quantity)::int FROM allocation")
	w.is("allocated by the stock's own count", 10, "SELECT sum(allocated)::int FROM stock")
	w.is("on hand", 10, `SELECT s.on_hand::int FROM stock s JOIN variant v ON v.id = s.variant_id JOIN product p ON p.id = v.product_id WHERE p.code = 'P53'`)
	w.is("dirhams asked for", 10*(2300+1500), "SELECT sum(goods_total + delivery_fee)::int FROM purchase")
	w.is("parked", 0, "SELECT count(*) FROM inbox WHERE parked_at IS NOT NULL")
	w.obedient()
}

// hurries orders one kilo as fast as answers come. It returns false where Souk says that there is none left.
func (b *buyer) hurries() (sold bool) {
	for _, step := range []string{"1 belboula", "Casablanca", "1", b.number, "1"} {
		if step == b.number && strings.Contains(b.last.Text, "30 min") {
			continue // a number that is known is not asked for
		}
		said := plainWords(b.does(b.text(step)).Text)
		if out := soldOut(said); out {
			return false
		}
	}
	if !purchaseCode.MatchString(b.last.Text) {
		b.w.t.Errorf("%s: no receipt: %s", b.phone.Key(), b.last.Text)
	}
	return true
}

// soldOut reads that there is no more to be had.
func soldOut(said string) bool {
	for _, word := range []string{"Il n'en reste", "il n'en reste", "épuisé", "plus de stock", "n'est plus", "Reste 0", "plus disponible"} {
		if strings.Contains(said, word) {
			return true
		}
	}
	return false
}
