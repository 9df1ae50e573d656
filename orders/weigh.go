package orders

import (
	"context"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/catalog"
	"souk/internal/sorry"
	"souk/locales"
)

// Unweighed says that lines sold by weight are still to be weighed. It is an error: nothing was done.
type Unweighed struct{ Lines []Line }

func (u *Unweighed) Error() string {
	ids := make([]string, len(u.Lines))
	for i, l := range u.Lines {
		ids[i] = strconv.FormatInt(l.ID, 10)
	}
	return "lines to be weighed: " + strings.Join(ids, ", ")
}

// WeighedAmount is what so many grams of a line cost, in centimes: price × grams / grams of one pack as announced, rounded to the
// centime, a half upwards. It is computed in whole numbers, so that it is the same everywhere.
func (l Line) WeighedAmount(grams int64) int64 {
	pack := l.packMilligrams()
	if pack == 0 {
		return l.Price * l.Kept
	}
	n := new(big.Int).Mul(big.NewInt(l.Price), big.NewInt(grams))
	n.Mul(n, big.NewInt(2000))
	n.Add(n, big.NewInt(pack))
	n.Quo(n, big.NewInt(2*pack))
	return n.Int64()
}

// AnnouncedGrams is what all of the line weighs as announced, rounded to the gram; 0 of what is not sold by weight.
func (l Line) AnnouncedGrams() int64 { return (l.packMilligrams()*l.Kept + 500) / 1000 }

// packMilligrams is what one pack weighs as announced; 0 where that is no weight.
func (l Line) packMilligrams() int64 {
	shift := 3
	switch locales.Unit(l.PackUnit) {
	case locales.Kilogram:
		shift = 6
	case locales.Gram:
	default:
		return 0
	}
	whole, fraction, _ := strings.Cut(l.PackAmount, ".")
	fraction += "000000"
	n, err := strconv.ParseInt(whole+fraction[:shift], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// farOff is how many times heavier or lighter than announced a weight is no weight but a slip of the hand.
const farOff = 3

// Plausible says whether so many grams can be what was weighed of the line.
func (l Line) Plausible(grams int64) bool {
	announced := l.AnnouncedGrams()
	return grams > 0 && grams <= announced*farOff && grams*farOff >= announced
}

// Pack marks an order as packed and ready to go. Lines sold by weight need their grams, of all packs of the line together
// (*Unweighed names those that lack them). What comes to the agreed sum or less is packed, and the buyer hears the lower sum; what
// comes to more is asked of the buyer first (Move.Asked). An order that nobody accepted yet is accepted with it. It refuses an
// implausible weight with "part.weight", and an order about which the buyer is still being asked with "part.asks_buyer".
func Pack(ctx context.Context, tx pgx.Tx, partID int64, actor catalog.Actor, weighed map[int64]int64, now time.Time) (Move, error) {
	p, part, err := lockPart(ctx, tx, partID)
	if err != nil {
		return Move{}, err
	}
	if part.Status != Placed && part.Status != Accepted {
		return already(ctx, tx, p, part)
	}
	if _, open, err := OpenAmendment(ctx, tx, part.ID); err != nil || open {
		if open {
			err = sorry.New("part.asks_buyer", map[string]any{"Code": part.Code})
		}
		return Move{}, err
	}
	lines, err := weigh(part, weighed)
	if err != nil {
		return Move{}, err
	}
	if part.Status == Placed {
		m, err := Accept(ctx, tx, partID, actor, now)
		if err != nil {
			return Move{}, err
		}
		p, part = m.Purchase, m.Part
	}
	var sum int64
	for _, c := range lines {
		sum += c.Amount
	}
	if sum > part.GoodsTotal {
		return ask(ctx, tx, p, part, Weight, lines, actor, now)
	}
	tell := ""
	if len(weighed) > 0 {
		if err := keep(ctx, tx, p, part, lines); err != nil {
			return Move{}, err
		}
		if sum < part.GoodsTotal {
			tell = "part.weighed"
		}
	}
	return step(ctx, tx, p, part, Packed, actor, now, tell, map[string]any{"less": part.GoodsTotal - sum})
}

// weigh says what each line becomes with these grams.
func weigh(part Part, weighed map[int64]int64) ([]LineChange, error) {
	var lines []LineChange
	var missing Unweighed
	for _, l := range part.Lines {
		c := LineChange{Line: l.ID, Kept: l.Kept, Amount: l.Amount}
		if l.ByWeight && l.Kept > 0 {
			grams, said := weighed[l.ID]
			switch {
			case !said:
				missing.Lines = append(missing.Lines, l)
			case !l.Plausible(grams):
				return nil, sorry.New("part.weight", map[string]any{"Grams": grams, "Announced": l.AnnouncedGrams()})
			}
			c.Grams, c.Amount = grams, l.WeighedAmount(grams)
		}
		lines = append(lines, c)
	}
	if len(missing.Lines) > 0 {
		return nil, &missing
	}
	return lines, nil
}

// withinAgreed is a weighing of which no line costs more than was agreed: the agreed weight is packed of those that did.
func withinAgreed(part Part, lines []LineChange) []LineChange {
	capped := make([]LineChange, len(lines))
	for i, c := range lines {
		for _, l := range part.Lines {
			if l.ID == c.Line && l.ByWeight && c.Amount > l.Kept*l.Price {
				c.Grams, c.Amount = l.AnnouncedGrams(), l.Kept*l.Price
			}
		}
		capped[i] = c
	}
	return capped
}

// ReadGrams reads a weight as people write it, in digits of any script: "2,150 kg", "2150 g", "2 kg 150", «2 كيلو و150 غرام». A bare number
// is kilograms or grams, whichever is nearer to what was announced.
func (l Line) ReadGrams(text string) (grams int64, ok bool) {
	if text == "" || len(text) > 60 || strings.Contains(text, "-") {
		return 0, false
	}
	tokens := locales.Tokens(locales.StripControls(text))
	last := locales.NoUnit
	for i := 0; i < len(tokens); {
		if i > 0 && (tokens[i].Norm == "et" || tokens[i].Norm == "w" || tokens[i].Norm == "و") {
			i++
			continue
		}
		a := locales.ReadAmount(tokens, i)
		if a.Used == 0 || !a.Said || a.Container || a.Amount <= 0 || a.Amount > 1e7 {
			return 0, false
		}
		unit := a.Unit
		if unit == locales.NoUnit && last == locales.Kilogram { // "2 kg 150"
			unit = locales.Gram
		}
		switch unit {
		case locales.Gram, locales.Kilogram:
			g, _ := locales.Quantity{Amount: a.Amount, Unit: unit}.Base()
			grams += g
		case locales.NoUnit:
			if len(tokens) != a.Used {
				return 0, false
			}
			return l.nearer(a.Amount), true
		default:
			return 0, false
		}
		last = unit
		i += a.Used
	}
	return grams, grams > 0
}

// nearer takes a bare number for kilograms or for grams, whichever is nearer to what was announced.
func (l Line) nearer(n float64) int64 {
	announced := float64(l.AnnouncedGrams())
	ratio := func(grams float64) float64 {
		if grams < announced {
			return announced / grams
		}
		return grams / announced
	}
	if ratio(n*1000) < ratio(n) {
		n *= 1000
	}
	grams, _ := locales.Quantity{Amount: n, Unit: locales.Gram}.Base()
	return grams
}

// WeighingTotal is what a part would cost with these grams, in centimes, for those who weigh.
func WeighingTotal(part Part, weighed map[int64]int64) (int64, error) {
	lines, err := weigh(part, weighed)
	if err != nil {
		return 0, fmt.Errorf("weigh part %d: %w", part.ID, err)
	}
	var sum int64
	for _, c := range lines {
		sum += c.Amount
	}
	return sum, nil
}
