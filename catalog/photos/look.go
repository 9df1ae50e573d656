package photos

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/webp"
)

// head is what can be said of a picture before it is decoded.
type head struct {
	format        format
	width, height int
	turn          orientation
	memory        int64 // bytes that decoding takes at most
}

// look reads only the head. Whatever is refused here has cost no memory.
func look(data []byte) (head, *Refusal) {
	f, refused := sniff(data)
	if refused != nil {
		return head{}, refused
	}
	if also := smuggles(data); also != "" {
		return head{}, refuse(NotAPhoto, "it is also "+also)
	}
	h := head{format: f}
	config, err := decoders(f).config(bytes.NewReader(data))
	if err != nil {
		return head{}, refuse(Broken, err.Error())
	}
	h.width, h.height = config.Width, config.Height
	pixels := int64(h.width) * int64(h.height)
	var perPixel int64 // in halves of a byte
	switch f {
	case jpegFormat:
		j := readJPEG(data)
		if j.scans > maxScans {
			return head{}, refuse(TooManyPixels, "too many scans")
		}
		h.turn, perPixel = j.turn, j.halfBytes()
	case pngFormat:
		h.turn, perPixel = readPNG(data), 8
		if len(data) > pngDepth && data[pngDepth] == 16 {
			perPixel = 16
		}
		if len(data) > pngDepth+4 && data[pngDepth+4] != 0 {
			perPixel *= 2 // interlaced: each pass is unpacked beside the whole
		}
	case gifFormat:
		perPixel = 2
	case webpFormat:
		if animated(data) {
			return head{}, refuse(NotAPhoto, "a moving WebP")
		}
		h.turn, perPixel = readWebP(data), 24 // lossless ones are copied by each of their transformations
	}
	h.memory = pixels*perPixel/2 + int64(len(data))
	if pixels > MaxPixels || h.memory > Memory {
		return head{}, refuse(TooManyPixels, "it would not fit when unpacked")
	}
	return h, form(h.width, h.height)
}

// form refuses sizes that no photo has.
func form(width, height int) *Refusal {
	switch {
	case width < minSide || height < minSide:
		return refuse(NotAPhoto, "hardly a pixel")
	case width > maxRatio*height || height > maxRatio*width:
		return refuse(NotAPhoto, "a line") // and one that Telegram takes from nobody
	}
	return nil
}

// Limits of a photo's form.
const (
	minSide  = 16 // pixels
	maxRatio = 20 // long side to short side: Telegram's own limit
	maxScans = 100
	pngDepth = 24 // where a PNG's IHDR says the depth of a sample; colour, compression, filter and interlacing follow
)

type decoder struct {
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

// decoders are of the standard library and of x/image. The one for GIF stops after the first picture.
func decoders(f format) decoder {
	switch f {
	case jpegFormat:
		return decoder{jpeg.DecodeConfig, jpeg.Decode}
	case pngFormat:
		return decoder{png.DecodeConfig, png.Decode}
	case gifFormat:
		return decoder{gif.DecodeConfig, gif.Decode}
	}
	return decoder{webp.DecodeConfig, webp.Decode}
}

// jpegHead is what a JPEG's markers say (ITU T.81, annex B).
type jpegHead struct {
	turn        orientation
	progressive bool
	samples     int64 // per pixel, in halves: 3 where the colours are halved both ways, 6 where they are whole
	scans       int
	rgb         bool // its colours are put together once more when it is decoded
}

// halfBytes is what a pixel takes while it is decoded, in halves of a byte. A progressive picture keeps a 32-bit coefficient per sample until its end.
func (j jpegHead) halfBytes() int64 {
	most := j.samples
	if j.progressive {
		most += 4 * j.samples
	}
	if j.rgb || j.samples > 6 { // four colours are put together too
		most += 8
	}
	return most
}

func readJPEG(data []byte) jpegHead {
	j := jpegHead{samples: 8}
	at := 2
	for at+4 <= len(data) {
		if data[at] != 0xff {
			at++ // garbage between markers, or the picture itself
			continue
		}
		marker := data[at+1]
		switch {
		case marker == 0xff: // a fill byte
			at++
			continue
		case marker == 0x00, marker >= 0xd0 && marker <= 0xd8, marker == 0x01: // these have no length
			at += 2
			continue
		case marker == 0xd9: // the end; what follows is not ours
			return j
		}
		length := int(binary.BigEndian.Uint16(data[at+2:]))
		if length < 2 || at+2+length > len(data) {
			return j
		}
		segment := data[at+4 : at+2+length]
		switch {
		case marker == 0xda:
			j.scans++
		case marker == 0xe1 && j.turn == 0 && bytes.HasPrefix(segment, []byte("Exif\x00\x00")):
			j.turn = readEXIF(segment[6:])
		case marker == 0xee && len(segment) >= 12 && bytes.HasPrefix(segment, []byte("Adobe")):
			j.rgb = j.rgb || segment[11] == 0
		case marker >= 0xc0 && marker <= 0xc2:
			j.rgb = j.rgb || len(segment) >= 15 && segment[6] == 'R' && segment[9] == 'G' && segment[12] == 'B'
			j.progressive = marker == 0xc2
			j.samples = jpegSamples(segment)
		}
		at += 2 + length
	}
	return j
}

// jpegSamples reads how many samples a pixel has out of a frame's head, in halves.
func jpegSamples(segment []byte) int64 {
	if len(segment) < 6 {
		return 8
	}
	n := int(segment[5])
	if n > 4 || len(segment) < 6+3*n {
		return 8
	}
	most, all := int64(1), int64(0)
	for i := range n {
		hv := segment[6+3*i+1]
		blocks := int64(hv>>4) * int64(hv&15)
		most, all = max(most, blocks), all+blocks
	}
	return (2*all + most - 1) / most
}

// readPNG finds the EXIF of a PNG before its picture.
func readPNG(data []byte) orientation {
	for at := 8; at+12 <= len(data); {
		length := int(binary.BigEndian.Uint32(data[at:]))
		name := string(data[at+4 : at+8])
		if length < 0 || length > len(data)-at-12 || name == "IDAT" {
			return 0
		}
		if name == "eXIf" {
			return readEXIF(data[at+8 : at+8+length])
		}
		at += 12 + length
	}
	return 0
}

// readWebP finds the EXIF of a WebP.
func readWebP(data []byte) orientation {
	turn := orientation(0)
	_ = chunks(data, func(name string, content []byte) {
		if name == "EXIF" {
			turn = readEXIF(bytes.TrimPrefix(content, []byte("Exif\x00\x00")))
		}
	})
	return turn
}

// animated tells a WebP that moves.
func animated(data []byte) bool {
	moves := false
	_ = chunks(data, func(name string, content []byte) {
		moves = moves || name == "ANIM" || name == "VP8X" && len(content) > 0 && content[0]&2 != 0
	})
	return moves
}

var errCut = errors.New("a chunk is cut short")

// chunks walks a RIFF file.
func chunks(data []byte, see func(name string, content []byte)) error {
	for at := 12; at+8 <= len(data); {
		length := int(binary.LittleEndian.Uint32(data[at+4:]))
		if length < 0 || length > len(data)-at-8 {
			return errCut
		}
		see(string(data[at:at+4]), data[at+8:at+8+length])
		at += 8 + length + length%2
	}
	return nil
}
