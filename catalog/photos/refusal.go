package photos

import "errors"

// Refusal is why bytes do not become a photo. No later try will change it.
type Refusal struct {
	Reason Reason
	Detail string // for logs; it quotes nothing of what was sent
}

// Reason is a refusal for machines; the words for people are photo.refused.REASON.
type Reason string

// The reasons. Those of sent_photo.reason besides are said by who fetches.
const (
	TooLarge      Reason = "too_large"       // more than MaxBytes
	NotAPhoto     Reason = "not_a_photo"     // another kind of file, or a picture of a form that no photo has
	HEIC          Reason = "heic"            // an iPhone's own format: sent as a photo instead of a file it arrives as a JPEG
	Broken        Reason = "broken"          // cut short or damaged
	TooManyPixels Reason = "too_many_pixels" // more than MaxPixels, or than would fit into memory when unpacked
)

func (r *Refusal) Error() string { return "photo refused: " + string(r.Reason) + ": " + r.Detail }

// Refused returns the refusal that an error is about, nil where it is another error.
func Refused(err error) *Refusal {
	var r *Refusal
	errors.As(err, &r)
	return r
}

func refuse(reason Reason, detail string) *Refusal { return &Refusal{reason, detail} }
