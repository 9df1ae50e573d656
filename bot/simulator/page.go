package simulator

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"time"
)

//go:embed page
var pageFiles embed.FS

// PageHandler is /simulator: the phones, and the control API they use.
// Other sites may not drive it from a visitor's browser.
func (s *Simulator) PageHandler() http.Handler {
	mux := http.NewServeMux()
	s.control(mux)
	mux.HandleFunc("GET /simulator/events", s.stream)
	mux.HandleFunc("GET /simulator/media/{id}", s.showMedia)
	assets, err := fs.Sub(pageFiles, "page")
	if err != nil {
		panic(fmt.Sprintf("simulator: its own page is missing: %v", err))
	}
	page := template.Must(template.ParseFS(assets, "page.html"))
	mux.HandleFunc("GET /simulator", func(w http.ResponseWriter, r *http.Request) { s.showPage(w, r, page) })
	mux.HandleFunc("GET /simulator/{$}", func(w http.ResponseWriter, r *http.Request) { s.showPage(w, r, page) })
	files := http.StripPrefix("/simulator/assets/", http.FileServerFS(assets))
	mux.HandleFunc("GET /simulator/assets/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache") // a new binary brings new files without new names
		files.ServeHTTP(w, r)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if origin := r.Header.Get("Origin"); origin != "" && r.Method != http.MethodGet {
			if u, err := url.Parse(origin); err != nil || u.Host != r.Host {
				http.Error(w, "not from another site", http.StatusForbidden)
				return
			}
		}
		w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data: blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		mux.ServeHTTP(w, r)
	})
}

func (s *Simulator) showMedia(w http.ResponseWriter, r *http.Request) {
	f := s.files.get(r.PathValue("id"))
	if f == nil {
		http.NotFound(w, r)
		return
	}
	kind := f.contentType
	if kind == "image/svg+xml" || !strings.HasPrefix(kind, "image/") && !strings.HasPrefix(kind, "audio/") { // an SVG is a page
		kind = "application/octet-stream"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "private, max-age=3600")
	_, _ = w.Write(f.data) // the browser may have gone
}

// stream sends the events of the phones named by ?phone=… as server-sent events.
func (s *Simulator) stream(w http.ResponseWriter, r *http.Request) {
	flusher, ok := w.(http.Flusher)
	if !ok {
		http.Error(w, "streaming is not possible here", http.StatusInternalServerError)
		return
	}
	l := s.listen(r.URL.Query()["phone"])
	defer s.unlisten(l)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	fmt.Fprint(w, "retry: 1000\nevent: hello\ndata: {}\n\n")
	flusher.Flush()
	beat := time.NewTicker(15 * time.Second)
	defer beat.Stop()
	for {
		select {
		case <-r.Context().Done():
			return
		case <-s.posts.ctx.Done():
			return
		case <-beat.C:
			fmt.Fprint(w, ": still here\n\n")
		case e := <-l.events:
			data, err := json.Marshal(e)
			if err != nil {
				s.opt.Log.Error("encoding an event", "err", err)
				return
			}
			fmt.Fprintf(w, "event: %s\ndata: %s\n\n", e.Kind, data)
		}
		flusher.Flush()
	}
}

// sellerPhone is the fourth phone's name in the page; the others are named after their channels.
const sellerPhone = "seller"

// phonePage is one phone as the page first shows it.
type phonePage struct {
	ID, Channel, Label, Subtitle, Empty string
	Name, Number, Lang, Dir             string
	Words                               words
	Keys                                []keypadKey
}

type keypadKey struct{ Digit, Letters string }

func keypad() []keypadKey {
	return []keypadKey{{"1", ""}, {"2", "abc"}, {"3", "def"}, {"4", "ghi"}, {"5", "jkl"}, {"6", "mno"}, {"7", "pqrs"}, {"8", "tuv"}, {"9", "wxyz"},
		{"*", ""}, {"0", "+"}, {"#", ""}}
}

// showPage shows the phones: ?lang=ar for an Arabic page, ?as=+212… and ?name=…
// for an owner other than the one last used.
func (s *Simulator) showPage(w http.ResponseWriter, r *http.Request, page *template.Template) {
	query := r.URL.Query()
	all := pageWords()
	lang := query.Get("lang")
	if _, ok := all[lang]; !ok {
		lang = "fr"
	}
	dir, other, name := "ltr", "ar", "Amina"
	if lang == "ar" {
		dir, other, name = "rtl", "fr", "أمينة"
	}
	number := query.Get("as")
	if !e164(number) {
		number = "+212612345678"
	}
	if n := query.Get("name"); n != "" {
		name = n
	}
	dictionary, err := json.Marshal(all)
	if err != nil {
		http.Error(w, "the page's words cannot be written", http.StatusInternalServerError)
		return
	}
	data := map[string]any{"Lang": lang, "Dir": dir, "Other": other, "Words": all[lang], "Dictionary": template.JS(dictionary)}
	var phones []phonePage
	for _, c := range []struct {
		channel Channel
		label   string
	}{{Telegram, "Telegram"}, {WhatsApp, "WhatsApp"}, {SMS, "SMS"}} {
		phones = append(phones, phonePage{ID: string(c.channel), Channel: string(c.channel), Label: c.label, Subtitle: all[lang]["subtitle_"+string(c.channel)],
			Empty: all[lang]["empty_"+string(c.channel)], Name: name, Number: number, Lang: lang, Dir: dir, Words: all[lang], Keys: keypad()})
	}
	data["Hint"] = all[lang]["hint"]
	if seller := s.opt.Seller; seller.Number != "" {
		data["Hint"] = all[lang]["hint_seller"]
		phones = append(phones, phonePage{ID: sellerPhone, Channel: string(Telegram), Label: all[lang]["label_seller"], Subtitle: all[lang]["subtitle_telegram"],
			Empty: all[lang]["empty_seller"], Name: seller.Name, Number: seller.Number, Lang: lang, Dir: dir, Words: all[lang], Keys: keypad()})
	}
	data["Phones"] = phones
	var b bytes.Buffer
	if err := page.Execute(&b, data); err != nil {
		s.opt.Log.Error("showing the phones", "err", err)
		http.Error(w, "the page cannot be shown", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(b.Bytes()) // the browser may have gone
}
