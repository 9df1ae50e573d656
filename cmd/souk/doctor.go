package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"souk/internal/postgres"
	"souk/internal/redis"
	"souk/locales"
)

type doctorCommand struct{}

// Marks of what doctor found.
const (
	markGood  = "ok"
	markOff   = "off"   // not set, and not needed
	markNote  = "note"  // works, and could be better
	markFault = "fault" // serve would not start, or something would not arrive
)

// checkTimeout bounds each thing that doctor asks.
const checkTimeout = 10 * time.Second

// examination prints a line for each thing looked at and counts the faults.
type examination struct {
	o      *outside
	s      Settings
	pool   *pgxpool.Pool // nil where there is no database
	faults int
}

// Run looks at every setting and everything behind it, one line each; it exits 1 where something is wrong.
func (doctorCommand) Run(ctx context.Context, o *outside) error {
	e := &examination{o: o}
	var err error
	if e.s, err = o.settings(); err != nil {
		var setting settingError
		if !errors.As(err, &setting) {
			return err
		}
		e.say(markFault, setting.name, setting.fault)
		return exitCode(exitFailed)
	}
	for _, look := range []func(context.Context){e.postgres, e.redis, e.address, e.public, e.secret, e.dataDir, e.photoStoreOf, e.telegram, e.twilio} {
		bounded, cancel := context.WithTimeout(ctx, checkTimeout)
		look(bounded)
		cancel()
	}
	if e.pool != nil {
		e.pool.Close()
	}
	if e.faults > 0 {
		return exitCode(exitFailed)
	}
	return nil
}

func (e *examination) say(mark, what, said string) {
	if mark == markFault {
		e.faults++
	}
	fmt.Fprintf(e.o.stdout, "%-5s  %-15s  %s\n", mark, what, strings.Join(strings.Fields(said), " "))
}

func (e *examination) postgres(ctx context.Context) {
	const what = "Postgres"
	if e.s.DatabaseURL == "" {
		e.say(markFault, what, "DATABASE_URL is not set")
		return
	}
	pool, err := postgres.Open(ctx, postgres.Config{URL: e.s.DatabaseURL, MaxConns: 2, Name: "souk doctor"})
	if err != nil {
		e.say(markFault, what, err.Error())
		return
	}
	var version int
	var migrated bool
	err = pool.QueryRow(ctx, `SELECT current_setting('server_version_num')::int, to_regclass('outbox') IS NOT NULL`).Scan(&version, &migrated)
	if err != nil {
		pool.Close()
		e.say(markFault, what, "cannot be reached: "+withoutPassword(err, e.s.DatabaseURL))
		return
	}
	e.pool = pool
	if version < 150000 {
		e.say(markFault, what, fmt.Sprintf("is version %d, and Souk needs 15 or newer", version/10000))
		return
	}
	if err := postgres.Durable(ctx, pool); err != nil {
		e.say(markFault, what, err.Error())
		return
	}
	if !migrated {
		e.pool = nil
		pool.Close()
		e.say(markNote, what, fmt.Sprintf("version %d, durable, without Souk's tables yet: serve and souk migrate make them", version/10000))
		return
	}
	e.say(markGood, what, fmt.Sprintf("version %d, durable, migrated", version/10000))
}

func (e *examination) redis(ctx context.Context) {
	const what = "Redis"
	if e.s.RedisURL == "" {
		e.say(markFault, what, "REDIS_URL is not set")
		return
	}
	client, err := redis.Open(e.s.RedisURL)
	if err != nil {
		e.say(markFault, what, err.Error())
		return
	}
	defer client.Close()
	if err := client.Ping(ctx).Err(); err != nil {
		e.say(markFault, what, "cannot be reached (Souk works without it, slower): "+withoutPassword(err, e.s.RedisURL))
		return
	}
	e.say(markGood, what, "answers")
}

func (e *examination) address(context.Context) {
	e.say(markGood, "SOUK_ADDR", "serve listens on "+e.s.Addr)
}

func (e *examination) public(context.Context) {
	const what = "SOUK_PUBLIC_URL"
	address, err := url.Parse(e.s.PublicURL)
	switch {
	case e.s.PublicURL == "":
		e.say(markFault, what, "is not set: providers would not know where to call")
	case err != nil:
		e.say(markFault, what, "is no URL")
	case address.Scheme != "https":
		e.say(markNote, what, e.s.PublicURL+": Telegram and Twilio themselves call https only; this is for stand-ins")
	default:
		e.say(markGood, what, e.s.PublicURL)
	}
}

func (e *examination) secret(context.Context) {
	const what = "SOUK_SECRET"
	switch n := len(e.s.Secret); {
	case n == 0:
		e.say(markFault, what, "is not set: codes and links need it")
	case n < 16:
		e.say(markFault, what, "is too short to be a key: 16 characters or more, drawn by chance")
	default:
		e.say(markGood, what, fmt.Sprintf("%d characters", n))
	}
}

func (e *examination) dataDir(context.Context) { e.writable("SOUK_DATA_DIR", e.s.DataDir) }

// writable says whether a folder can be written to.
func (e *examination) writable(what, dir string) {
	err := os.MkdirAll(dir, 0o700)
	if err == nil {
		probe := filepath.Join(dir, ".doctor")
		if err = os.WriteFile(probe, nil, 0o600); err == nil {
			err = os.Remove(probe)
		}
	}
	if err != nil {
		e.say(markFault, what, "cannot be written: "+err.Error())
		return
	}
	e.say(markGood, what, dir)
}

func (e *examination) words() *locales.Words {
	words, err := locales.Load()
	if err != nil {
		e.say(markFault, "words", err.Error())
	}
	return words
}

// withoutPassword is an error's text without the password of the address that it was about.
func withoutPassword(err error, address string) string {
	said := err.Error()
	if parsed, errURL := url.Parse(address); errURL == nil && parsed.User != nil {
		if password, ok := parsed.User.Password(); ok && password != "" {
			said = strings.ReplaceAll(said, password, "***")
		}
	}
	return said
}
