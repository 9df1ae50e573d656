package simulator

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"strings"
)

// Text writes a message and returns its id.
func (p *Phone) Text(text string) string {
	return p.say(&Message{Kind: "text", Text: text})
}

// Reply writes a message that quotes the one with the id.
func (p *Phone) Reply(quoted, text string) string {
	return p.say(&Message{Kind: "text", Text: text, ReplyTo: quoted})
}

// Command sends /name; on Telegram it is marked as a command.
func (p *Phone) Command(name string) string { return p.Text("/" + name) }

// Start opens Telegram's chat as a deep link with the payload does.
func (p *Phone) Start(payload string) string {
	return p.Text(strings.TrimSpace("/start " + payload))
}

// Location shares a place, in degrees.
func (p *Phone) Location(latitude, longitude float64) string {
	return p.say(&Message{Kind: "location", Latitude: latitude, Longitude: longitude})
}

// Photo sends a picture, with a caption or none. An empty data sends a small
// drawn one.
func (p *Phone) Photo(data []byte, caption string) (string, error) {
	f, err := pictureFile(data)
	if err != nil {
		return "", err
	}
	return p.sayFile("photo", caption, f, ""), nil
}

// Album sends several pictures together, the caption under the first. Telegram
// gives their messages one media_group_id; WhatsApp sends each by itself; as
// text messages they are one MMS.
func (p *Phone) Album(pictures [][]byte, caption string) (ids []string, err error) {
	files := make([]*file, 0, len(pictures))
	for _, data := range pictures {
		f, err := pictureFile(data)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	if p.channel == SMS {
		return []string{p.sayMMS(caption, files)}, nil
	}
	p.sim.mu.Lock()
	group := fmt.Sprint(1_000_000_000_000 + p.sim.nextID())
	p.sim.mu.Unlock()
	for _, f := range files {
		ids = append(ids, p.sayFile("photo", caption, f, group))
		caption = ""
	}
	return ids, nil
}

func pictureFile(data []byte) (*file, error) {
	if len(data) == 0 {
		data = drawnPhoto()
	}
	config, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("reading the photo: %w", err)
	}
	return &file{name: "photo." + format, data: data, contentType: "image/" + format, width: config.Width, height: config.Height}, nil
}

// Document sends a file of any kind under a content type and a name, as people
// do who mean a photo; it may be no picture at all.
func (p *Phone) Document(data []byte, contentType, caption string) string {
	return p.sayFile("document", caption, &file{name: "photo.jpg", data: data, contentType: contentType}, "")
}

// Voice sends a voice note. An empty data sends a silent one of 3 s.
func (p *Phone) Voice(data []byte, length int) string {
	if len(data) == 0 {
		data = []byte("OggS\x00\x02 a silent voice note of the simulator")
	}
	if length == 0 {
		length = 3
	}
	return p.sayFile("voice", "", &file{name: "voice.ogg", data: data, contentType: "audio/ogg", seconds: length}, "")
}

// Contact shares the owner's own number: a contact card on Telegram, which
// alone has one, and the number as text elsewhere.
func (p *Phone) Contact() string {
	number := p.Owner().Number
	if p.channel != Telegram {
		return p.Text(number)
	}
	return p.say(&Message{Kind: "contact", Text: number})
}

// Sticker sends one; only Telegram has them, elsewhere it is its emoji.
func (p *Phone) Sticker(emoji string) string {
	if p.channel != Telegram {
		return p.Text(emoji)
	}
	return p.say(&Message{Kind: "sticker", Text: emoji})
}

// say sends what a person says through the provider of the phone.
func (p *Phone) say(m *Message) string {
	m.From, m.Status = FromUser, "waiting"
	if p.channel == Telegram {
		return p.sayTelegram(m)
	}
	return p.sayTwilio(m, nil)
}

// sayMMS sends several files with one text message.
func (p *Phone) sayMMS(caption string, files []*file) string {
	m := &Message{Kind: "photo", Text: caption}
	for _, f := range files {
		f.id = p.sim.sid("ME")
		p.sim.files.add(f)
		m.files, m.Media = append(m.files, f), append(m.Media, mediaPath(f))
	}
	return p.say(m)
}

func (p *Phone) sayFile(kind, caption string, f *file, group string) string {
	m := &Message{Kind: kind, Text: caption}
	if p.channel == Telegram {
		m.group = group
		folder, ext := "photos", ".jpg"
		switch kind {
		case "voice":
			folder, ext = "voice", ".oga"
		case "document":
			folder, ext = "documents", ".jpg"
		}
		p.sim.nameFile(f, folder, ext)
		if small := thumbnail(f); kind == "photo" && small != nil {
			p.sim.nameFile(small, "photos", ".jpg")
			p.sim.files.add(small)
			m.files = append(m.files, small)
		}
	} else {
		f.id = p.sim.sid("ME")
	}
	p.sim.files.add(f)
	m.files = append(m.files, f)
	m.Media = []string{mediaPath(f)}
	return p.say(m)
}

// thumbnail is the small size that Telegram adds to each photo, nil for what is
// no picture.
func thumbnail(f *file) *file {
	const side = 90
	if f.width <= side && f.height <= side || f.width*f.height > 40_000_000 {
		return nil
	}
	full, _, err := image.Decode(bytes.NewReader(f.data))
	if err != nil {
		return nil
	}
	scale := float64(side) / float64(max(f.width, f.height))
	w, h := max(1, int(float64(f.width)*scale)), max(1, int(float64(f.height)*scale))
	small := image.NewRGBA(image.Rect(0, 0, w, h))
	bounds := full.Bounds()
	for y := range h {
		for x := range w {
			small.Set(x, y, full.At(bounds.Min.X+x*bounds.Dx()/w, bounds.Min.Y+y*bounds.Dy()/h))
		}
	}
	return &file{name: "thumb.jpg", data: encodeJPEG(small), contentType: "image/jpeg", width: w, height: h}
}

func encodeJPEG(img image.Image) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 80}); err != nil {
		panic(fmt.Sprintf("simulator: encoding a picture of its own: %v", err))
	}
	return b.Bytes()
}

// drawnPhoto is a jar of honey, more or less.
func drawnPhoto() []byte {
	const w, h = 320, 240
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{238, 228, 208, 255}
			switch inJar := x > 110 && x < 210 && y > 70 && y < 205; {
			case x > 105 && x < 215 && y > 45 && y <= 70:
				c = color.RGBA{120, 84, 48, 255}
			case inJar && x > 125 && x < 195 && y > 110 && y < 165:
				c = color.RGBA{250, 244, 230, 255}
			case inJar:
				c = color.RGBA{214, uint8(140 + (y-70)/4), 34, 255}
			case y > 200:
				c = color.RGBA{176, 132, 92, 255}
			}
			img.Set(x, y, c)
		}
	}
	return encodeJPEG(img)
}
