// Package bucket keeps pictures in an S3-compatible store: Amazon's own, MinIO, Garage, Ceph, OVH, Scaleway, …
package bucket

import (
	"bytes"
	"context"
	"crypto/md5" //nolint:gosec // Content-MD5 is S3's own
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"souk/catalog"
)

// Photos is a catalog.PhotoStore in a bucket.
type Photos struct {
	client *minio.Client
	bucket string
	prefix string // "" or with its closing slash
}

// Place is where a bucket is, as s3://BUCKET/PREFIX?endpoint=URL&region=NAME says it.
type Place struct {
	Bucket, Prefix, Region string
	Endpoint               *url.URL
	PathStyle              bool // the bucket's name stands in the path, not in the host
}

// amazon is the endpoint where none is named.
const amazon = "https://s3.amazonaws.com"

var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// Read reads s3://bucket/prefix?endpoint=https://…&region=…&style=path. The endpoint is Amazon's where none is named, its region
// us-east-1; a region must be named for most others. Plain http is for an endpoint on this machine.
func Read(address string) (Place, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "s3" || u.User != nil || u.Fragment != "" || u.Port() != "" || !bucketName.MatchString(u.Host) {
		return Place{}, errors.New("must read s3://bucket?endpoint=https://…&region=…")
	}
	p := Place{Bucket: u.Host, Prefix: strings.Trim(path.Clean("/"+u.Path), "/"), Region: "us-east-1"}
	if p.Prefix != "" {
		if !catalog.IsPhotoKey(p.Prefix) || len(p.Prefix) > 100 {
			return Place{}, errors.New("names a folder of other than lower-case letters, digits, - _ . and /")
		}
		p.Prefix += "/"
	}
	endpoint := amazon
	for name, values := range u.Query() {
		switch value := values[0]; {
		case len(values) != 1 || value == "":
			return Place{}, fmt.Errorf("says %s twice or without a value", name)
		case name == "endpoint":
			endpoint = value
		case name == "region":
			p.Region = value
		case name == "style" && value == "path":
			p.PathStyle = true
		default:
			return Place{}, fmt.Errorf("says %s=%s; it may say endpoint, region and style=path", name, value)
		}
	}
	p.Endpoint, err = url.Parse(endpoint)
	switch {
	case err != nil || p.Endpoint.Host == "" || p.Endpoint.User != nil || strings.Trim(p.Endpoint.Path, "/") != "" || p.Endpoint.RawQuery != "":
		return Place{}, errors.New("names an endpoint that is not like https://s3.example")
	case p.Endpoint.Scheme == "http" && !loopback(p.Endpoint.Hostname()), p.Endpoint.Scheme != "http" && p.Endpoint.Scheme != "https":
		return Place{}, errors.New("names an endpoint that pictures would go to in clear: https, or a loopback address")
	}
	return p, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Open makes the store. It calls nobody; Check does. transport is nil for one of its own.
func Open(p Place, key, secret string, transport http.RoundTripper) (*Photos, error) {
	style := minio.BucketLookupAuto
	if p.PathStyle || loopback(p.Endpoint.Hostname()) {
		style = minio.BucketLookupPath
	}
	if transport == nil {
		own := http.DefaultTransport.(*http.Transport).Clone()
		own.MaxIdleConnsPerHost = 16
		own.ResponseHeaderTimeout = answerWithin
		transport = own
	}
	client, err := minio.New(p.Endpoint.Host, &minio.Options{
		Creds: credentials.NewStaticV4(key, secret, ""), Secure: p.Endpoint.Scheme == "https", Region: p.Region, BucketLookup: style,
		Transport: transport, MaxRetries: tries,
	})
	if err != nil {
		return nil, fmt.Errorf("open the bucket of photos: %w", err)
	}
	return &Photos{client, p.Bucket, p.Prefix}, nil
}

const (
	tries        = 3 // of one call: whoever wants the picture waits meanwhile
	answerWithin = 10 * time.Second
	maxPicture   = 32 << 20 // far more than any that Souk makes
)

// Check puts a picture of a few bytes, reads it back and removes it.
func (b *Photos) Check(ctx context.Context) error {
	const key, content = "doctor/probe.txt", "souk"
	if err := b.Put(ctx, key, strings.NewReader(content)); err != nil {
		return err
	}
	r, size, err := b.Open(ctx, key)
	if err != nil {
		return err
	}
	got, err := io.ReadAll(r)
	if err = errors.Join(err, r.Close()); err != nil {
		return fmt.Errorf("read the probe back: %w", err)
	}
	if string(got) != content || size != int64(len(content)) {
		return errors.New("what was put is not what is read back")
	}
	return b.Remove(ctx, key)
}

// Put implements catalog.PhotoStore. The whole picture is read before the first byte leaves: what breaks off half way leaves the old one.
func (b *Photos) Put(ctx context.Context, key string, r io.Reader) error {
	if !catalog.IsPhotoKey(key) {
		return fmt.Errorf("put photo %q: not a key", key)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("put photo %q: %w", key, err)
	}
	content, err := io.ReadAll(io.LimitReader(r, maxPicture+1))
	if err == nil && len(content) > maxPicture {
		err = errors.New("too large for a picture")
	}
	if err == nil {
		// The whole body is signed, in one piece: every S3-compatible store takes that, and not all take a signed stream.
		whole, sum := sha256.Sum256(content), md5.Sum(content) //nolint:gosec // Content-MD5 is S3's own; the SHA-256 is what is signed
		_, err = minio.Core{Client: b.client}.PutObject(ctx, b.bucket, b.prefix+key, bytes.NewReader(content), int64(len(content)),
			base64.StdEncoding.EncodeToString(sum[:]), hex.EncodeToString(whole[:]), minio.PutObjectOptions{
				ContentType: http.DetectContentType(content), DisableContentSha256: true,
			})
	}
	if err != nil {
		return fmt.Errorf("put photo %q: %w", key, err)
	}
	return nil
}

// Open implements catalog.PhotoStore.
func (b *Photos) Open(ctx context.Context, key string) (io.ReadCloser, int64, error) {
	if !catalog.IsPhotoKey(key) {
		return nil, 0, fmt.Errorf("open photo %q: not a key: %w", key, fs.ErrNotExist)
	}
	core := minio.Core{Client: b.client}
	content, info, _, err := core.GetObject(ctx, b.bucket, b.prefix+key, minio.GetObjectOptions{})
	if err != nil {
		if minio.ToErrorResponse(err).Code == minio.NoSuchKey {
			err = fmt.Errorf("%w (%w)", fs.ErrNotExist, err)
		}
		return nil, 0, fmt.Errorf("open photo %q: %w", key, err)
	}
	return content, info.Size, nil
}

// Remove implements catalog.PhotoStore.
func (b *Photos) Remove(ctx context.Context, key string) error {
	if !catalog.IsPhotoKey(key) {
		return fmt.Errorf("remove photo %q: not a key", key)
	}
	err := b.client.RemoveObject(ctx, b.bucket, b.prefix+key, minio.RemoveObjectOptions{})
	if err != nil && minio.ToErrorResponse(err).Code != minio.NoSuchKey {
		return fmt.Errorf("remove photo %q: %w", key, err)
	}
	return nil
}
