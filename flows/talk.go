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
			{Name: "telling", Ask: askMatter,
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

// photoFlow asks what a photo nobody asked for is about. It is kept whatever the answer.
func photoFlow() Flow {
	return Flow{
		Name: "photo", Start: "asking", Vars: func() any { return &photoVars{} },
		States: []State{
			{Name: "asking", Numbered: true, Ask: askPhoto,
				Answers: []Row{
					on(chosen("forSale", "sell"), photoTicket(people.Talk, "photo.for_sale"), "over"),
					on(chosen("aProblem", "problem"), photoTicket(people.Problem, "photo.problem"), "over"),
					on(chosen("nothing", "nothing"), photoTicket(people.Talk, "photo.kept"), "over"),
					on(aPhoto(), keepPhoto, "asking"),
				}},
			{Name: "over", End: true},
		},
	}
}

type photoVars struct {
	Media   []people.Media `json:"media,omitempty"`
	Caption string         `json:"caption,omitempty"`
}

// maxPhotos is how many photos in a row are kept for one answer.
const maxPhotos = 10

func aPhoto() When {
	return fact("aPhoto", func(h *Heard, _ any) bool { return h.Kind == Photo })
}

func keepPhoto(_ context.Context, t *Turn) (Result, error) {
	v, _ := t.Vars.(*photoVars)
	for _, m := range t.Heard.Media {
		if len(v.Media) < maxPhotos {
			v.Media = append(v.Media, people.Media{ID: m.ID, Kind: string(m.Kind), MIME: m.MIME, Bytes: m.Bytes})
		}
	}
	if v.Caption == "" {
		v.Caption = locales.StripControls(t.Heard.Text)
	}
	return Done()
}

func askPhoto(_ context.Context, t *Turn) error {
	t.Ask(Question{Text: t.Text("photo.ask", nil), Choices: []Choice{
		{Key: "sell", Label: t.Text("photo.sell", nil)},
		{Key: "problem", Label: t.Text("photo.a_problem", nil)},
		{Key: "nothing", Label: t.Text("photo.nothing", nil)},
	}})
	return nil
}

// photoTicket hands the photos to a person as a matter of this kind.
func photoTicket(kind people.Kind, words string) Action {
	return func(ctx context.Context, t *Turn) (Result, error) {
		v, _ := t.Vars.(*photoVars)
		_, err := people.OpenTicket(ctx, t.Tx, people.Ticket{PersonID: t.PersonID(), AddressID: t.In.Conversation, Kind: kind,
			Body: v.Caption, Media: v.Media}, t.Now)
		if err != nil {
			return Result{}, err
		}
		t.Say(words, nil)
		return Done()
	}
}
