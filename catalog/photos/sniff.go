package photos

import (
	"bytes"
	"encoding/binary"
)

// format is what the bytes say they are; a file's name and its declared type are not asked.
type format string

const (
	jpegFormat format = "jpeg"
	pngFormat  format = "png"
	gifFormat  format = "gif"
	webpFormat format = "webp"
)

// sniff tells the format by the first bytes.
func sniff(data []byte) (format, *Refusal) {
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		return jpegFormat, nil
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		return pngFormat, nil
	case bytes.HasPrefix(data, []byte("GIF87a")), bytes.HasPrefix(data, []byte("GIF89a")):
		return gifFormat, nil
	case len(data) >= 12 && bytes.HasPrefix(data, []byte("RIFF")) && string(data[8:12]) == "WEBP":
		return webpFormat, nil
	case isHEIC(data):
		return "", refuse(HEIC, "an ISO media file of a HEIF brand")
	case len(data) == 0:
		return "", refuse(Broken, "nothing at all")
	}
	return "", refuse(NotAPhoto, "the first bytes are of no format that is taken")
}

// isHEIC reads the brand of an ISO media file (ISO/IEC 23008-12): iPhones write heic, newer phones avif.
func isHEIC(data []byte) bool {
	if len(data) < 12 || string(data[4:8]) != "ftyp" {
		return false
	}
	switch string(data[8:12]) {
	case "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1", "avif", "avis":
		return true
	}
	return false
}

// smuggles says what else a file is that also is a picture. Nothing of it would survive the encoding anew; who sends it means no
// photo, and is told so. Phones do append things (a film, a map of brightness): those are no reason.
func smuggles(data []byte) string {
	if at := bytes.LastIndex(data[max(0, len(data)-zipTail):], []byte("PK\x05\x06")); at >= 0 {
		record := data[max(0, len(data)-zipTail)+at:]
		if len(record) >= zipRecord && int(binary.LittleEndian.Uint16(record[20:])) <= len(record)-zipRecord {
			return "a ZIP archive"
		}
	}
	if bytes.Contains(data[:min(len(data), 1024)], []byte("%PDF-")) {
		return "a PDF document"
	}
	for at := 0; ; {
		next := bytes.IndexByte(data[at:], '<')
		if next < 0 {
			return ""
		}
		at += next + 1
		word := bytes.ToLower(data[at:min(len(data), at+8)])
		for _, tag := range []string{"script", "?php", "svg", "html", "!doctype", "iframe"} {
			if bytes.HasPrefix(word, []byte(tag)) && ends(data, at+len(tag)) {
				return "a page or a program"
			}
		}
	}
}

// ends says whether a tag's name is over at this byte: compressed data hold "<svg" once in a few hundred photos, and hardly ever "<svg ".
func ends(data []byte, at int) bool {
	return at < len(data) && bytes.IndexByte([]byte(" \t\r\n>/="), data[at]) >= 0
}

const (
	zipRecord = 22                // bytes of a ZIP's end of central directory (APPNOTE 4.3.16)
	zipTail   = zipRecord + 1<<16 // a comment of up to 64 KiB may follow it
)
