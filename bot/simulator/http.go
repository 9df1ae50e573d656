package simulator

import (
	"bytes"
	"io"
	"net/http"
	"strings"
)

// Handler is everything: both APIs at the paths the real ones have, the same
// below /simulator/telegram and /simulator/twilio, and the phones' page with its
// control API at /simulator.
func (s *Simulator) Handler() http.Handler {
	telegram, twilio, pages := s.TelegramHandler(), s.TwilioHandler(), s.PageHandler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.Path
		switch {
		case strings.HasPrefix(path, "/simulator/telegram/"):
			http.StripPrefix("/simulator/telegram", telegram).ServeHTTP(w, r)
		case strings.HasPrefix(path, "/simulator/twilio/"):
			http.StripPrefix("/simulator/twilio", twilio).ServeHTTP(w, r)
		case path == "/simulator" || strings.HasPrefix(path, "/simulator/"):
			pages.ServeHTTP(w, r)
		case strings.HasPrefix(path, "/bot"), strings.HasPrefix(path, "/file/bot"):
			telegram.ServeHTTP(w, r)
		case path == "/":
			http.Redirect(w, r, "/simulator", http.StatusFound)
		default:
			twilio.ServeHTTP(w, r)
		}
	})
}

// whole reads a request to its end before it is looked at. One whose sender died in the middle of it is answered by nobody, and is
// no breach of a contract.
func whole(r *http.Request, most int64) {
	body, err := io.ReadAll(io.LimitReader(r.Body, most+1))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
}
