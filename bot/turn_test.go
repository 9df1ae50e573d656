package bot_test

import (
	"fmt"
	"testing"

	"souk/bot/internal/echo"
)

func TestAMessageIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(w.gateway)
	w.say("amina", "bonjour")
	w.eventually("the answer is marked", func() bool {
		return value[int](w, "SELECT count(*) FROM outbox WHERE status = 'sent'") == 1
	})
	equal(t, "said", fmt.Sprint(w.provider.To("amina")), "[echo bonjour]")
	equal(t, "effects", value[int](w, "SELECT count(*) FROM effect"), 1)
	equal(t, "the row's id at the provider", value[bool](w, "SELECT provider_message_id LIKE 'm%' FROM outbox"), true)
	equal(t, "the lane is free", value[bool](w, "SELECT lease_until IS NULL FROM lane"), true)
	equal(t, "done", value[bool](w, "SELECT done_at IS NOT NULL FROM inbox"), true)
	equal(t, "status of a repeat", w.post(echo.Update{ID: "u1", From: "amina", Text: "bonjour"}), 200)
	w.settle()
	equal(t, "effects after a repeat", value[int](w, "SELECT count(*) FROM effect"), 1)
}
