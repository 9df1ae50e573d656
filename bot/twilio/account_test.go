package twilio

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestPhotoLinks(t *testing.T) {
	t.Parallel()
	links := NewPhotoLinks("souk secret", openPicture)
	other := NewPhotoLinks("another secret", openPicture)
	for path, status := range map[string]int{
		PhotoPath + links.Name("p/miel.jpg"): http.StatusOK, PhotoPath + links.Name("gone"): http.StatusNotFound,
		PhotoPath + other.Name("p/miel.jpg"): http.StatusNotFound, PhotoPath + "p/miel.jpg": http.StatusNotFound, PhotoPath: http.StatusNotFound,
		PhotoPath + "../" + links.Name("p/miel.jpg"): http.StatusNotFound,
	} {
		answer := httptest.NewRecorder()
		links.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
		if answer.Code != status {
			t.Errorf("%s: %d", path, answer.Code)
		}
		if status == http.StatusOK && (answer.Header().Get("Content-Type") != "image/jpeg" || !bytes.Equal(answer.Body.Bytes(), picture())) {
			t.Errorf("%s is %s of %d bytes", path, answer.Header().Get("Content-Type"), answer.Body.Len())
		}
	}
	page := NewPhotoLinks("s", func(context.Context, string) (io.ReadCloser, int64, error) {
		return io.NopCloser(strings.NewReader("<html><script>alert(1)</script>")), 31, nil
	})
	answer := httptest.NewRecorder()
	page.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, PhotoPath+page.Name("x"), nil))
	if answer.Code != http.StatusNotFound {
		t.Errorf("a page was served as a picture: %d", answer.Code)
	}
	answer = httptest.NewRecorder()
	links.ServeHTTP(answer, httptest.NewRequest(http.MethodPost, PhotoPath+links.Name("p/x"), nil))
	if answer.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", answer.Code)
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, ok := r.BasicAuth(); !ok || user != accountSID || password != authToken || r.URL.Path != "/base/2010-04-01/Accounts/"+accountSID+".json" {
			t.Errorf("%s as %s", r.URL.Path, user)
		}
		_, _ = io.WriteString(w, `{"sid":"`+accountSID+`","status":"active"}`)
	}))
	defer server.Close()
	a, err := New(Config{AccountSID: accountSID, AuthToken: authToken, APIURL: server.URL + "/base/"}, "", "")
	if err != nil {
		t.Fatal(err)
	}
	if status, err := a.Status(t.Context()); err != nil || status != "active" {
		t.Errorf("%q, %v", status, err)
	}
}
