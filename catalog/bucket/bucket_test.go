package bucket_test

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"souk/catalog/bucket"
	"souk/catalog/bucket/buckettest"
	"souk/catalog/storetest"
)

func open(t *testing.T, address, key, secret string) *bucket.Photos {
	t.Helper()
	place, err := bucket.Read(address)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	store, err := bucket.Open(place, key, secret, transport)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func TestBucket(t *testing.T) {
	t.Parallel()
	s3 := buckettest.New(t)
	storetest.Run(t, open(t, s3.Address(), buckettest.Key, buckettest.Secret))
}

func TestBucketWithAFolder(t *testing.T) {
	t.Parallel()
	s3 := buckettest.New(t)
	address := strings.Replace(s3.Address(), "?", "/live/photos?", 1)
	store := open(t, address, buckettest.Key, buckettest.Secret)
	if err := store.Put(t.Context(), "a/b.jpg", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	if keys := s3.Keys(); !slices.Equal(keys, []string{"live/photos/a/b.jpg"}) {
		t.Errorf("it holds %v", keys)
	}
	if err := store.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if keys := s3.Keys(); len(keys) != 1 {
		t.Errorf("the check left %v", keys)
	}
}

func TestABusyBucketIsAskedAgain(t *testing.T) {
	t.Parallel()
	s3 := buckettest.New(t)
	store := open(t, s3.Address(), buckettest.Key, buckettest.Secret)
	s3.Stumble(1)
	if err := store.Put(t.Context(), "a.jpg", strings.NewReader("whole")); err != nil {
		t.Fatal(err)
	}
	s3.Stumble(1)
	r, _, err := store.Open(t.Context(), "a.jpg")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, err := io.ReadAll(r); err != nil || string(got) != "whole" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestACheckFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	s3 := buckettest.New(t)
	for name, store := range map[string]*bucket.Photos{
		"a wrong secret": open(t, s3.Address(), buckettest.Key, "wrong"),
		"a wrong bucket": open(t, s3.AddressOf("other-bucket"), buckettest.Key, buckettest.Secret),
		"nobody there":   open(t, "s3://souk?endpoint=http://127.0.0.1:1", buckettest.Key, buckettest.Secret),
	} {
		err := store.Check(t.Context())
		if err == nil || strings.Contains(err.Error(), buckettest.Secret) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if faults := s3.Forgive(); len(faults) == 0 {
		t.Error("the stand-in took a wrong secret")
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"s3://souk": "souk||us-east-1|https://s3.amazonaws.com|false",
		"s3://souk/a/b/?endpoint=https://s3.example:9000&region=eu": "souk|a/b/|eu|https://s3.example:9000|false",
		"s3://souk?style=path&endpoint=http://localhost:9000":       "souk||us-east-1|http://localhost:9000|true",
	} {
		p, err := bucket.Read(address)
		got := ""
		if err == nil {
			got = strings.Join([]string{p.Bucket, p.Prefix, p.Region, p.Endpoint.String(), map[bool]string{true: "true", false: "false"}[p.PathStyle]}, "|")
		}
		if got != want {
			t.Errorf("%s: %s, %v", address, got, err)
		}
	}
	for _, address := range []string{"", "souk", "https://souk", "s3://", "s3://UPPER", "s3://me:you@souk", "s3://souk#x", "s3://souk?endpoint=http://s3.example", "s3://souk?endpoint=s3.example",
		"s3://souk?endpoint=https://a:b@s3.example", "s3://souk?endpoint=https://s3.example/path", "s3://souk?region=", "s3://souk?secret=x", "s3://souk?style=host", "s3://souk/UPPER", "s3://souk?region=a&region=b"} {
		if p, err := bucket.Read(address); err == nil {
			t.Errorf("%q was taken: %+v", address, p)
		}
	}
}
