package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// PageHandler is /simulator: the three phones, and the control API they use.
// Other sites may not drive it from a visitor's browser.
func (s *Simulator) PageHandler() http.Handler {
	mux := http.NewServeMux()
	s.control(mux)
	mux.HandleFunc("GET /simulator/events", s.stream)
	mux.HandleFunc("GET /simulator/media/{id}", s.showMedia)
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
	if !strings.HasPrefix(kind, "image/") && !strings.HasPrefix(kind, "audio/") {
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
