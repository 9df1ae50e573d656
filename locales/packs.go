package locales

import (
	"regexp"
	"sync"
)

// joinedTimes finds "2x500", which is one word otherwise.
var joinedTimes = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(\d)[xX×*](\d)`) })

// Packs is a number of packs of a size: "2 x 500 g", "3 pots de 250 g", «جوج ديال 500 غ».
type Packs struct {
	Count float64
	Size  Quantity
}

// ReadPacks reads a message that is a number of packs with their size, and nothing else.
func ReadPacks(text string) (Packs, bool) {
	if len(text) > 60 {
		return Packs{}, false
	}
	tokens := Tokens(joinedTimes().ReplaceAllString(Digits(StripControls(text)), "$1 x $2"))
	count := ReadAmount(tokens, 0)
	if !count.Said || count.Unit != NoUnit && !count.Container && count.Unit != Piece {
		return Packs{}, false
	}
	i := count.Used
	if i < len(tokens) && isOf(tokens[i].Norm) {
		i++
	}
	size := ReadAmount(tokens, i)
	if size.Used == 0 || i+size.Used != len(tokens) || size.Unit == NoUnit || size.Container || size.Unit == Piece {
		return Packs{}, false
	}
	return Packs{Count: count.Amount, Size: size.Quantity}, true
}
