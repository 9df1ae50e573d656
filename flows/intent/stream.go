package intent

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxLine bounds one line of Stream; what is longer is read to its end and cut.
const maxLine = 1 << 20

// Stream reads one text a line (plain, or a JSON string) from r and writes one JSON object a line to w:
//
//	{"intent":"order","items":[{"query":"zit argan","quantity":0.5,"unit":"l"}],"language":null}
//
// items is never null; quantity, unit and language are null where the text does not say.
func Stream(r io.Reader, w io.Writer) error {
	out := bufio.NewWriter(w)
	err := Lines(r, func(text string, waits bool) error {
		if err := writeReading(out, Parse(text)); err != nil {
			return fmt.Errorf("write reading: %w", err)
		}
		if !waits {
			return nil
		}
		if err := out.Flush(); err != nil {
			return fmt.Errorf("write reading: %w", err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write reading: %w", err)
	}
	return nil
}

// Lines gives each text of r, one a line (plain, or a JSON string), to each. waits tells that nothing more has been read yet: a
// person at a terminal, or a program that asks line by line, waits for the answer.
func Lines(r io.Reader, each func(text string, waits bool) error) error {
	in := bufio.NewReaderSize(r, 64<<10)
	for {
		line, err := readLine(in)
		if len(line) > 0 || err == nil {
			if failed := each(decodeLine(line), in.Buffered() == 0); failed != nil {
				return failed
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read texts: %w", err)
		}
	}
}

// readLine reads to the end of line and keeps at most maxLine bytes of it.
func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		chunk, err := in.ReadSlice('\n')
		if room := maxLine - len(line); room > 0 {
			line = append(line, chunk[:min(room, len(chunk))]...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		return bytes.TrimRight(line, "\r\n"), err
	}
}

// decodeLine takes a JSON string apart; anything else is the text itself.
func decodeLine(line []byte) string {
	if trimmed := bytes.TrimSpace(line); len(trimmed) >= 2 && trimmed[0] == '"' && trimmed[len(trimmed)-1] == '"' {
		var s string
		if json.Unmarshal(trimmed, &s) == nil {
			return s
		}
	}
	return string(line)
}

type readingJSON struct {
	Intent   Intent     `json:"intent"`
	Items    []itemJSON `json:"items"`
	Language *string    `json:"language"`
}

type itemJSON struct {
	Query    string   `json:"query"`
	Quantity *float64 `json:"quantity"`
	Unit     *string  `json:"unit"`
}

func writeReading(w io.Writer, r Reading) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(r.json())
}

func (r Reading) json() readingJSON {
	j := readingJSON{Intent: r.Intent, Items: make([]itemJSON, 0, len(r.Items))}
	for _, item := range r.Items {
		i := itemJSON{Query: item.Query, Quantity: item.Quantity}
		if item.Unit != "" {
			unit := string(item.Unit)
			i.Unit = &unit
		}
		j.Items = append(j.Items, i)
	}
	if r.Language != "" {
		lang := string(r.Language)
		j.Language = &lang
	}
	return j
}

// MarshalJSON writes the reading as `souk parse intent` prints it.
func (r Reading) MarshalJSON() ([]byte, error) { return json.Marshal(r.json()) }
