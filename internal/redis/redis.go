// Package redis opens the store of what is going on right now. Nothing in it is the truth: every caller must do as well,
// only slower, when a command fails, so commands fail fast and are not repeated.
package redis

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"souk/internal/postgres"
)

const (
	dialTimeout = time.Second
	// A turn that misses Redis reads its checkpoint from Postgres in about a millisecond: longer than this is not worth
	// waiting for.
	commandTimeout = 500 * time.Millisecond
)

// Open prepares a client for the address in REDIS_URL. It does not connect. Addresses:
//
//	redis://user:password@host:6379/0          one node (rediss:// with TLS, unix:///path/to/socket)
//	redis://password@a:6379,b:6379,c:6379      a cluster; one node alone with ?cluster=true
//	redis://a:26379,b:26379/0?master_name=souk sentinels; the store's own credentials are ?username= and ?password=
//
// Errors name what is wrong and never repeat the password.
func Open(address string) (goredis.UniversalClient, error) {
	first, more := split(address)
	u, err := url.Parse(first)
	if err != nil {
		return nil, fmt.Errorf("read the Redis address: %w", withoutURL(err))
	}
	query := u.Query()
	for _, host := range more {
		query.Add("addr", host)
	}
	cluster := len(more) > 0 || query.Get("cluster") == "true"
	query.Del("cluster")
	u.RawQuery = query.Encode()

	switch {
	case query.Has("master_name"):
		o, err := goredis.ParseFailoverURL(u.String())
		if err != nil {
			return nil, fmt.Errorf("read the Redis sentinels' address: %w", withoutURL(err))
		}
		o.MaxRetries, o.DialerRetries = noRetries, 1
		o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = dialTimeout, commandTimeout, commandTimeout, commandTimeout
		o.ContextTimeoutEnabled, o.DisableIdentity = true, true
		return goredis.NewFailoverClient(o), nil
	case cluster:
		o, err := goredis.ParseClusterURL(u.String())
		if err != nil {
			return nil, fmt.Errorf("read the Redis cluster's address: %w", withoutURL(err))
		}
		o.MaxRetries, o.DialerRetries = noRetries, 1
		o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = dialTimeout, commandTimeout, commandTimeout, commandTimeout
		o.ContextTimeoutEnabled, o.DisableIdentity = true, true
		o.MaintNotificationsConfig = quiet()
		return goredis.NewClusterClient(o), nil
	default:
		o, err := goredis.ParseURL(u.String())
		if err != nil {
			return nil, fmt.Errorf("read the Redis address: %w", withoutURL(err))
		}
		o.MaxRetries, o.DialerRetries = noRetries, 1
		o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = dialTimeout, commandTimeout, commandTimeout, commandTimeout
		o.ContextTimeoutEnabled, o.DisableIdentity = true, true
		o.MaintNotificationsConfig = quiet()
		return goredis.NewClient(o), nil
	}
}

// noRetries: by default go-redis repeats a command up to three times, also one that was carried out and whose reply was
// lost. A miss is cheaper than a second effect. A cluster still follows its redirects: those are counted apart.
const noRetries = -1

// quiet turns off push notifications about maintenance, which only one vendor's servers send and Valkey does not know.
func quiet() *maintnotifications.Config {
	return &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
}

// Prefix starts every key about one database, so that several (a restored one, each test's clone) may share one Redis. It has
// no braces: a key's own hash tag still decides its slot.
func Prefix(id postgres.Identity) string {
	return "souk." + strconv.FormatUint(id.System, 36) + "." + strconv.FormatUint(uint64(id.Database), 36) + ":"
}

// split takes "redis://a:1,b:2,c:3/0?x=y" or "redis://a:1,redis://b:2" apart: the first as a URL with the path and the
// query, the others as host:port.
func split(address string) (first string, more []string) {
	if strings.HasPrefix(address, "unix:") || !strings.Contains(address, ",") {
		return address, nil
	}
	parts := splitHosts(address)
	last := parts[len(parts)-1]
	scheme := strings.Index(last, "://") + len("://")
	if !strings.Contains(last, "://") {
		scheme = 0
	}
	rest := ""
	if end := strings.IndexAny(last[scheme:], "/?"); end >= 0 {
		rest = last[scheme+end:]
		parts[len(parts)-1] = last[:scheme+end]
	}
	for _, part := range parts[1:] {
		part = strings.TrimSpace(part)
		if i := strings.Index(part, "://"); i >= 0 {
			part = part[i+len("://"):]
		}
		if i := strings.LastIndex(part, "@"); i >= 0 {
			part = part[i+1:]
		}
		if !strings.Contains(part, ":") {
			part += ":6379"
		}
		more = append(more, part)
	}
	return strings.TrimSpace(parts[0]) + rest, more
}

// splitHosts cuts at the commas between hosts, not at one inside the first host's password.
func splitHosts(address string) []string {
	secret := strings.Index(address, "@") + 1
	if comma := strings.Index(address, ",redis"); comma >= 0 && comma < secret {
		secret = 0 // each part carries its own credentials
	}
	parts := strings.Split(address[secret:], ",")
	parts[0] = address[:secret] + parts[0]
	return parts
}

// withoutURL drops the address from a parse error: it may carry a password.
func withoutURL(err error) error {
	var parse *url.Error
	if errors.As(err, &parse) {
		return parse.Err
	}
	return err
}
