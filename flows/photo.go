package flows

import (
	"context"
	"strings"
	"time"

	"souk/catalog"
	"souk/locales"
	"souk/people"
)

// photoFlow asks what a photo nobody asked for is about. It is kept whatever the answer.
func photoFlow() Flow {
	return Flow{
		Name: "photo", Start: "asking", Vars: func() any { return &photoVars{} },
		States: []State{
			{Name: "asking", Numbered: true, Read: readPhoto, Ask: askPhoto,
				Answers: []Row{
					on(sellsPhoto(), sellPhotos, "over").enter("listing"),
					on(chosen("forSale", "sell"), photoTicket(people.Talk, "photo.for_sale"), "over"),
					on(chosen("ofAnOrder", "order"), photoTicket(people.Problem, "photo.of_order"), "over"),
					on(chosen("aProblem", "problem"), photoTicket(people.Problem, "photo.problem"), "over"),
					on(chosen("nothing", "nothing"), photoTicket(people.Talk, "photo.kept"), "over"),
					on(sameAlbum(), keepQuietly, ""),
					on(aPhoto(), keepPhoto, "asking"),
					on(wordsOfPhoto(), sellPhotos, "over").enter("listing"),
				}},
			{Name: "over", End: true},
		},
	}
}

type photoVars struct {
	Media   []people.Media `json:"media,omitempty"`
	Photos  []int64        `json:"photos,omitempty"` // catalog.SentPhoto
	Caption string         `json:"caption,omitempty"`
	Album   string         `json:"album,omitempty"` // of the photo that came last
	Since   int64          `json:"since,omitempty"` // of a notice: the photos that were kept since then
}

type photoFacts struct {
	album  string
	seller bool
	said   saidOfGoods
}

// maxPhotos is how many photos in a row are kept for one answer.
const maxPhotos = 10

func readPhoto(ctx context.Context, t *Turn, h *Heard) (any, error) {
	v, _ := t.Vars.(*photoVars)
	f := photoFacts{album: v.Album, said: readSaid(h)}
	coops, err := catalog.MemberOf(ctx, t.Tx, t.PersonID())
	f.seller = len(coops) > 0
	if err != nil || v.Since == 0 || len(v.Photos) > 0 {
		return f, err
	}
	kept, err := catalog.SentPhotos(ctx, t.Tx, t.In.Conversation, time.Unix(v.Since, 0))
	for _, p := range kept[:min(len(kept), maxPhotos)] {
		v.Photos = append(v.Photos, p.ID)
		v.Media = append(v.Media, people.Media{ID: p.ProviderRef, Kind: string(Photo), MIME: p.MIME, Bytes: p.Bytes})
		if v.Caption == "" {
			v.Caption = p.Caption
		}
	}
	return f, err
}

func aPhoto() When {
	return fact("aPhoto", func(h *Heard, _ photoFacts) bool { return h.Kind == Photo })
}

// sameAlbum fits another photo of those that were sent together: the question stands.
func sameAlbum() When {
	return fact("sameAlbum", func(h *Heard, f photoFacts) bool { return h.Kind == Photo && h.Album != "" && h.Album == f.album })
}

func keepQuietly(ctx context.Context, t *Turn) (Result, error) {
	t.silent = true
	if _, err := keepPhoto(ctx, t); err != nil {
		return Result{}, err
	}
	return Stay()
}

func keepPhoto(_ context.Context, t *Turn) (Result, error) {
	v, _ := t.Vars.(*photoVars)
	v.Album = t.Heard.Album
	for _, m := range t.Heard.Media {
		if len(v.Media) >= maxPhotos {
			break
		}
		v.Media = append(v.Media, people.Media{ID: m.ID, Kind: string(m.Kind), MIME: m.MIME, Bytes: m.Bytes})
		if m.Photo != 0 {
			v.Photos = append(v.Photos, m.Photo)
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
		{Key: "order", Label: t.Text("photo.an_order", nil)},
		{Key: "problem", Label: t.Text("photo.a_problem", nil)},
		{Key: "nothing", Label: t.Text("photo.nothing", nil)},
	}})
	return nil
}

// sellsPhoto fits a member's wish to sell what the photo shows.
func sellsPhoto() When {
	return word("sellsPhoto", func(h *Heard) bool { return h.Choice == "sell" && h.seller })
}

// wordsOfPhoto fits a member's words that the photo came without.
func wordsOfPhoto() When {
	return fact("wordsOfPhoto", func(h *Heard, f photoFacts) bool { return f.seller && h.Choice == "" && f.said.names() })
}

// sellPhotos hands the photos, and the words if there are, to a listing.
func sellPhotos(_ context.Context, t *Turn) (Result, error) {
	v, _ := t.Vars.(*photoVars)
	caption := v.Caption
	if said := readSaid(t.Heard); said.names() {
		caption = strings.TrimSpace(said.text)
	}
	t.hand(&listingVars{Held: &heldWords{Caption: caption, Photos: v.Photos}})
	return Done()
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

// joinPhoto puts a picture that has become ready on the product it was sent for. Nobody is interrupted for it.
func joinPhoto(ctx context.Context, t *Turn) (Result, error) {
	t.silent = true
	_, err := catalog.AttachPhoto(ctx, t.Tx, t.Heard.Picture.Photo, t.In.Conversation, t.Now)
	return Result{}, err
}

// refusePhoto says why a photo is not kept, and what goes on without it.
func refusePhoto(ctx context.Context, t *Turn) (Result, error) {
	picture := t.Heard.Picture
	code, err := catalog.DetachPhoto(ctx, t.Tx, picture.Photo)
	if err != nil {
		return Result{}, err
	}
	t.Say("photo.refused."+picture.Reason, nil)
	if code != "" {
		t.Say("listing.photo_missing", locales.Args{"code": code})
	}
	return Done()
}
