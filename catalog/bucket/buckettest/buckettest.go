// Package buckettest is a strict stand-in for an S3-compatible store, on this machine: it keeps one bucket in memory, checks each
// request's signature (AWS Signature Version 4) and what the signature covers, and takes note of what S3 would refuse.
package buckettest

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// The store's only bucket, region and credentials.
const (
	Bucket = "souk-photos"
	Region = "ma-casa-1"
	Key    = "SOUKTESTKEY"
	Secret = "souk/test+secret"
)

// Store is the stand-in. Its errors in reading a request fail the test at its end.
type Store struct {
	URL string

	mu      sync.Mutex
	objects map[string][]byte
	faults  []string
	broken  int // so many requests are answered 503 first
}

// New starts a store that ends with the test.
func New(t testing.TB) *Store {
	s := &Store{objects: map[string][]byte{}}
	server := httptest.NewServer(s)
	s.URL = server.URL
	t.Cleanup(func() {
		server.Close()
		for _, fault := range s.faults {
			t.Errorf("the S3 stand-in refused: %s", fault)
		}
	})
	return s
}

// Address is how a setting names it.
func (s *Store) Address() string { return s.AddressOf(Bucket) }

// AddressOf is how a setting names a bucket at this endpoint, with a folder or without.
func (s *Store) AddressOf(bucket string) string {
	return "s3://" + bucket + "?region=" + Region + "&endpoint=" + url.QueryEscape(s.URL)
}

// Keys are what it holds, in order.
func (s *Store) Keys() (keys []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key := range s.objects {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// Stumble answers the next n requests with 503, as S3 does when it is busy.
func (s *Store) Stumble(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = n
}

// Forgive forgets what was refused so far, where a test wanted it.
func (s *Store) Forgive() (faults []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	faults, s.faults = s.faults, nil
	return faults
}

func (s *Store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 64<<20))
	if err != nil {
		return // the caller went away: nothing was put
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken > 0 {
		s.broken--
		refuse(w, r, http.StatusServiceUnavailable, "SlowDown")
		return
	}
	if fault := signed(r, body); fault != "" {
		s.faults = append(s.faults, r.Method+" "+r.URL.Path+": "+fault)
		refuse(w, r, http.StatusForbidden, "SignatureDoesNotMatch")
		return
	}
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch {
	case bucket != Bucket:
		refuse(w, r, http.StatusNotFound, "NoSuchBucket")
	case key == "" || len(r.URL.Query()) > 0:
		s.faults = append(s.faults, r.Method+" "+r.URL.String()+": not needed for pictures")
		refuse(w, r, http.StatusNotImplemented, "NotImplemented")
	case r.Method == http.MethodPut:
		s.put(w, r, key, body)
	case r.Method == http.MethodGet, r.Method == http.MethodHead:
		s.get(w, r, key)
	case r.Method == http.MethodDelete:
		delete(s.objects, key)
		w.WriteHeader(http.StatusNoContent)
	default:
		refuse(w, r, http.StatusMethodNotAllowed, "MethodNotAllowed")
	}
}

func (s *Store) put(w http.ResponseWriter, r *http.Request, key string, body []byte) {
	sum := md5.Sum(body)
	if given := r.Header.Get("Content-MD5"); given != base64.StdEncoding.EncodeToString(sum[:]) {
		s.faults = append(s.faults, "PUT "+key+": Content-MD5 is "+given)
		refuse(w, r, http.StatusBadRequest, "BadDigest")
		return
	}
	s.objects[key] = body
	w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:])+`"`)
}

func (s *Store) get(w http.ResponseWriter, r *http.Request, key string) {
	object, ok := s.objects[key]
	if !ok {
		refuse(w, r, http.StatusNotFound, "NoSuchKey")
		return
	}
	sum := md5.Sum(object)
	header := w.Header()
	header.Set("ETag", `"`+hex.EncodeToString(sum[:])+`"`)
	header.Set("Last-Modified", time.Now().UTC().Format(http.TimeFormat))
	header.Set("Content-Type", http.DetectContentType(object))
	header.Set("Content-Length", strconv.Itoa(len(object)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(object) // the caller may have gone
	}
}

func refuse(w http.ResponseWriter, r *http.Request, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return
	}
	_ = xml.NewEncoder(w).Encode(struct {
		XMLName  xml.Name `xml:"Error"`
		Code     string
		Message  string
		Resource string
	}{Code: code, Message: "the stand-in says " + code, Resource: r.URL.Path})
}

// signed checks a request's signature by the published steps (AWS General Reference, Signature Version 4) and says what is wrong.
func signed(r *http.Request, body []byte) string {
	fields := map[string]string{}
	scheme, rest, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	for _, field := range strings.Split(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		fields[name] = value
	}
	scope := strings.Split(fields["Credential"], "/")
	at, errTime := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	switch {
	case scheme != "AWS4-HMAC-SHA256":
		return "it is not signed"
	case len(scope) != 5 || scope[0] != Key || scope[2] != Region || scope[3] != "s3" || scope[4] != "aws4_request":
		return "the credential is " + fields["Credential"]
	case errTime != nil || time.Since(at).Abs() > 15*time.Minute || at.Format("20060102") != scope[1]:
		return "the date is " + r.Header.Get("X-Amz-Date")
	}
	sum := sha256.Sum256(body)
	said := r.Header.Get("X-Amz-Content-Sha256")
	if said != hex.EncodeToString(sum[:]) && !(said == "UNSIGNED-PAYLOAD" && r.Method != http.MethodPut) {
		return "the body is not the one that was signed: " + said
	}
	names := strings.Split(fields["SignedHeaders"], ";")
	for _, must := range []string{"host", "x-amz-content-sha256", "x-amz-date"} {
		if !slices.Contains(names, must) {
			return must + " is not signed"
		}
	}
	if !slices.IsSorted(names) {
		return "the headers are not in order"
	}
	var canonical bytes.Buffer
	fmt.Fprintf(&canonical, "%s\n%s\n%s\n", r.Method, r.URL.EscapedPath(), strings.ReplaceAll(r.URL.Query().Encode(), "+", "%20"))
	for _, name := range names {
		value := strings.Join(r.Header.Values(name), ",")
		switch name {
		case "host":
			value = r.Host
		case "content-length":
			value = strconv.FormatInt(r.ContentLength, 10)
		}
		fmt.Fprintf(&canonical, "%s:%s\n", name, strings.Join(strings.Fields(value), " "))
	}
	fmt.Fprintf(&canonical, "\n%s\n%s", fields["SignedHeaders"], said)
	digest := sha256.Sum256(canonical.Bytes())
	text := "AWS4-HMAC-SHA256\n" + r.Header.Get("X-Amz-Date") + "\n" + strings.Join(scope[1:], "/") + "\n" + hex.EncodeToString(digest[:])
	key := []byte("AWS4" + Secret)
	for _, step := range append(scope[1:], text) {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(step))
		key = mac.Sum(nil)
	}
	if !hmac.Equal([]byte(hex.EncodeToString(key)), []byte(fields["Signature"])) {
		return "the signature is wrong"
	}
	return ""
}
