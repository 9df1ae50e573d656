package twilio

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// PhotoPath is where pictures are served: GET /media/{name}.
const PhotoPath = "/media/"

// PhotoLinks gives pictures names that cannot be guessed, and serves them by those: Twilio fetches a picture from a URL that
// anybody could ask for.
type PhotoLinks struct {
	secret []byte
	open   func(ctx context.Context, key string) (content io.ReadCloser, size int64, err error)
}

// NewPhotoLinks takes SOUK_SECRET and the photo store.
func NewPhotoLinks(secret string, open func(ctx context.Context, key string) (io.ReadCloser, int64, error)) *PhotoLinks {
	return &PhotoLinks{secret: []byte(secret), open: open}
}

// Name is what follows /media/ for a picture, with the ending that Twilio wants to see.
func (p *PhotoLinks) Name(key string) string {
	ending := ".jpg"
	if strings.HasSuffix(key, ".png") {
		ending = ".png"
	}
	return p.mac(key) + "-" + base64.RawURLEncoding.EncodeToString([]byte(key)) + ending
}

func (p *PhotoLinks) mac(key string) string {
	mac := hmac.New(sha256.New, p.secret)
	mac.Write([]byte("photo\x00" + key))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// key reads a name back; ok is false for one that we did not give.
func (p *PhotoLinks) key(name string) (key string, ok bool) {
	name = strings.TrimSuffix(strings.TrimSuffix(name, ".jpg"), ".png")
	mac, rest, found := strings.Cut(name, "-")
	raw, err := base64.RawURLEncoding.DecodeString(rest)
	if !found || err != nil || !hmac.Equal([]byte(mac), []byte(p.mac(string(raw)))) {
		return "", false
	}
	return string(raw), true
}

// openFor bounds a look into the store.
const openFor = 2 * time.Second

// holds is true where the store has a picture that could be served.
func (p *PhotoLinks) holds(key string) bool {
	if p == nil || p.open == nil {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), openFor)
	defer cancel()
	content, _, err := p.open(ctx, key)
	if err != nil {
		return false
	}
	_ = content.Close() // nothing was read of it
	return true
}

// ServeHTTP serves GET /media/{name}. Anything that is not a picture under a name of ours is 404.
func (p *PhotoLinks) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "only GET", http.StatusMethodNotAllowed)
		return
	}
	key, ok := p.key(strings.TrimPrefix(r.URL.Path, PhotoPath))
	if !ok {
		http.NotFound(w, r)
		return
	}
	content, size, err := p.open(r.Context(), key)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	defer content.Close()
	head := make([]byte, 512)
	n, err := io.ReadFull(content, head)
	mime := http.DetectContentType(head[:n])
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) || !strings.HasPrefix(mime, "image/") {
		http.NotFound(w, r)
		return
	}
	header := w.Header()
	header.Set("Content-Type", mime)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "public, max-age=86400, immutable")
	if size >= int64(n) {
		header.Set("Content-Length", strconv.FormatInt(size, 10))
	}
	if r.Method == http.MethodHead {
		return
	}
	if _, err := w.Write(head[:n]); err == nil {
		_, _ = io.Copy(w, content) // the reader hung up: nothing to tell it
	}
}
