package telegram

import (
	"testing"

	"souk/bot"
	"souk/bot/replytest"
)

// BenchmarkReceive is what a webhook costs before the inbox.
func BenchmarkReceive(b *testing.B) {
	channel := decoder(b)
	body := []byte(private(`"text":"bghit 2 litro zit l3oud"`))
	request := post("", testSecret)
	for b.Loop() {
		in, err := channel.Receive(request, body)
		if err != nil || in.ExternalID == "" {
			b.Fatal(err)
		}
		if _, err := channel.Decode(in.Body); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRender is what a card with its buttons costs before it is sent.
func BenchmarkRender(b *testing.B) {
	out := bot.Outgoing{Reply: replytest.Rich()[3].Reply}
	for b.Loop() {
		if said := render(out.Reply); html(said[0].words) == "" {
			b.Fatal("nothing said")
		}
	}
}
