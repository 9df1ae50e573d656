package flows

import (
	"context"
	"strconv"
	"strings"

	"souk/locales"
	"souk/people"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// talkFlow hands a matter to a person. The ticket is open before anything is asked, so that nothing said is lost.
func talkFlow() Flow {
	return Flow{
		Name: "talk", Start: "telling",
		States: []State{
			{Name: "telling", Captive: true, Ask: askMatter,
				Answers: []Row{
					on(leavesTalk(), sayLeft, "over"),
					on(tells(), addToTicket, "over"),
				}},
			{Name: "over", End: true},
		},
	}
}

func askMatter(_ context.Context, t *Turn) error {
	t.Ask(Question{Text: t.Text("talk.ask", nil), Choices: []Choice{{Key: "back", Label: t.Text("list.back", nil)}}})
	return nil
}

// leavesTalk fits a cancel or back as the whole message: who changed their mind.
func leavesTalk() When {
	return word("leavesTalk", func(h *Heard) bool {
		return h.Choice == "back" || isShort(h.Text) && (h.Means(Back) || h.Means(Cancel) || h.Means(No))
	})
}

func sayLeft(context.Context, *Turn) (Result, error) { return Done() }

// tells fits whatever is said to a person: words, a photo, a voice note.
func tells() When {
	return fact("tells", func(h *Heard, _ any) bool {
		return h.Typed() != "" && strings.TrimSpace(h.Text) != "" || h.Kind == Photo || h.Kind == Voice
	})
}

// openTalk opens the ticket with the words that asked for a person. Who is talking with one already is just passed on.
func openTalk(ctx context.Context, t *Turn) (Result, error) {
	open, err := people.OpenTicketOf(ctx, t.Tx, t.PersonID())
	if err != nil {
		return Result{}, err
	}
	if open != 0 {
		if _, err := addToTicket(ctx, t); err != nil {
			return Result{}, err
		}
		return Stay()
	}
	if err := openTicket(ctx, t, people.Talk, t.Heard.Text); err != nil {
		return Result{}, err
	}
	return Done()
}

// addToTicket adds what was said to the talk, and says that it was passed on.
func addToTicket(ctx context.Context, t *Turn) (Result, error) {
	if err := openTicket(ctx, t, people.Talk, t.Heard.Text); err != nil {
		return Result{}, err
	}
	t.Say("talk.passed_on", nil)
	return Done()
}

func openTicket(ctx context.Context, t *Turn, kind people.Kind, body string) error {
	media := make([]people.Media, 0, len(t.Heard.Media))
	for _, m := range t.Heard.Media {
		media = append(media, people.Media{ID: m.ID, Kind: string(m.Kind), MIME: m.MIME, Bytes: m.Bytes})
	}
	_, err := people.OpenTicket(ctx, t.Tx, people.Ticket{PersonID: t.PersonID(), AddressID: t.In.Conversation, Kind: kind,
		Body: locales.StripControls(body), Media: media}, t.Now)
	return err
}
