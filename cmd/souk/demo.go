package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"souk/bot"
	"souk/bot/simulator"
	"souk/catalog/sample"
)

type demoCommand struct {
	Verbose bool `help:"Print what the service logs."`
}

// Run starts everything with no setting at all: private Postgres and Redis, sample data, the providers' stand-ins and the phones.
func (c demoCommand) Run(ctx context.Context, o *outside) error {
	s, err := o.settings()
	if err != nil {
		return err
	}
	log := slog.New(slog.DiscardHandler)
	if c.Verbose {
		log = slog.New(bot.NewLogHandler(o.stderr, slog.LevelInfo))
	}
	listener, err := listenNear(s.Addr, o.has("SOUK_ADDR"))
	if err != nil {
		return err
	}
	defer listener.Close()

	fmt.Fprintln(o.stdout, "Souk is getting ready…")
	stage, err := openStage(ctx, s, "http://"+listener.Addr().String(), log, options{log: log})
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	stage.routes(mux)
	pages := stage.simulator.PageHandler()
	mux.Handle("/simulator", pages)
	mux.Handle("/simulator/", pages)
	mux.Handle("GET /{$}", http.RedirectHandler("/simulator", http.StatusFound))
	background, stop := context.WithCancel(ctx)
	go stage.introduce(background)
	if stage.services.standIn {
		fmt.Fprintln(o.stdout, "redis-server is not installed: a stand-in inside this process serves.")
	}
	fmt.Fprintf(o.stdout, "Ready. Three phones to order on, and a cooperative's: http://%s/simulator\n", shown(listener.Addr()))
	fmt.Fprintf(o.stdout, "As an operator, in another terminal: %s go run ./cmd/souk operator tickets\n", operatorEnv(o, s, stage))
	fmt.Fprintln(o.stdout, "Stop with Ctrl-C.")
	err = stage.run(ctx, listener, mux)
	stop()
	return errors.Join(err, stage.end())
}

// operatorEnv is what an operator's commands need to know of the demo. The secret is named by its file, never shown.
func operatorEnv(o *outside, s Settings, st *stage) string {
	env := fmt.Sprintf("DATABASE_URL='%s'", st.services.databaseURL)
	if !o.has("SOUK_SECRET") {
		env += fmt.Sprintf(" SOUK_SECRET=\"$(cat '%s')\"", filepath.Join(s.DataDir, "secret"))
	}
	return env
}

// stage is Souk with everything that it needs around it on this machine: private services, sample data, the providers' stand-ins.
type stage struct {
	*house
	services  *services
	simulator *simulator.Simulator
	providers *http.Server
}

// openStage sets it up. publicURL is where the stand-ins will find Souk's webhooks.
func openStage(ctx context.Context, s Settings, publicURL string, log *slog.Logger, o options) (_ *stage, err error) {
	st := &stage{}
	defer func() {
		if err != nil {
			err = errors.Join(err, st.end())
		}
	}()
	if st.services, err = startServices(ctx, s.DataDir, true); err != nil {
		return nil, err
	}
	s.DatabaseURL, s.RedisURL = st.services.databaseURL, st.services.redisURL
	if s.Secret == "" {
		if s.Secret, err = secretOf(s.DataDir); err != nil {
			return nil, err
		}
	}
	providers, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the providers' stand-ins: %w", err)
	}
	s = s.standingIn(publicURL, "http://"+providers.Addr().String())
	outsiders := standIns(s, log)
	outsiders.Seller = simulator.Owner{Name: "Khadija", Number: sample.Khadija}
	outsiders.Acquainted = true // the database outlives them: whoever wrote in an earlier run may be answered in this one
	st.simulator, err = simulator.New(outsiders)
	if err != nil {
		return nil, errors.Join(err, providers.Close())
	}
	st.providers = &http.Server{Handler: st.simulator.Handler(), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = st.providers.Serve(providers) }() // ends with Close
	if st.house, err = open(ctx, s, o); err != nil {
		return nil, err
	}
	if err := sample.Seed(ctx, st.pool, st.photos, st.clock.Now()); err != nil {
		return nil, err
	}
	// The sample's members are invented, and their phones are the simulator's: they may be told of orders.
	if err := sample.Reach(ctx, st.pool, "sms", "sms:"+s.Twilio.SMSFrom, st.clock.Now()); err != nil {
		return nil, err
	}
	// The page's fourth phone is that of one of them, who writes by Telegram.
	account := "telegram:" + strings.Split(s.Telegram.Token, ":")[0]
	err = sample.Introduce(ctx, st.pool, sample.Khadija, "telegram", account, strconv.FormatInt(simulator.TelegramID(sample.Khadija), 10), st.clock.Now())
	if err != nil {
		return nil, err
	}
	return st, nil
}

// end takes it down; it may be half set up.
func (st *stage) end() error {
	var errs []error
	if st.house != nil {
		st.house.close()
	}
	if st.simulator != nil {
		st.simulator.Close()
	}
	if st.providers != nil {
		errs = append(errs, st.providers.Close())
	}
	if st.services != nil {
		errs = append(errs, st.services.stop())
	}
	return errors.Join(errs...)
}

// standingIn points every provider's settings at the stand-ins, whatever the environment says: a demo calls nobody outside.
func (s Settings) standingIn(publicURL, providers string) Settings {
	s.PublicURL, s.Addr = publicURL, strings.TrimPrefix(publicURL, "http://")
	s.Telegram = Telegram{Secret: hex.EncodeToString(random(16)), Rate: s.Telegram.Rate, ChatRate: s.Telegram.ChatRate}
	s.Twilio = Twilio{WhatsAppRate: s.Twilio.WhatsAppRate, WhatsAppChatRate: s.Twilio.WhatsAppChatRate,
		SMSRate: s.Twilio.SMSRate, SMSChatRate: s.Twilio.SMSChatRate}
	return withStandIns(s, providers)
}

// secretOf reads the secret that the data folder keeps, and makes it the first time.
func secretOf(dir string) (string, error) {
	path := filepath.Join(dir, "secret")
	kept, err := os.ReadFile(path)
	if err == nil && len(strings.TrimSpace(string(kept))) > 0 {
		return strings.TrimSpace(string(kept)), nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read the secret: %w", err)
	}
	secret := hex.EncodeToString(random(32))
	if err := os.WriteFile(path, []byte(secret+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keep the secret: %w", err)
	}
	return secret, nil
}

// listenNear listens on the address, or on a free port beside it where nobody asked for exactly this one.
func listenNear(address string, exactly bool) (net.Listener, error) {
	listener, err := net.Listen("tcp", address)
	if err == nil {
		return listener, nil
	}
	host, _, split := net.SplitHostPort(address)
	if exactly || split != nil {
		return nil, settingError{"SOUK_ADDR", "cannot be listened on: " + err.Error()}
	}
	if listener, err = net.Listen("tcp", net.JoinHostPort(host, "0")); err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return listener, nil
}

// shown is an address as a browser on this machine wants it.
func shown(a net.Addr) string {
	if tcp, ok := a.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return fmt.Sprintf("127.0.0.1:%d", tcp.Port)
	}
	return a.String()
}

// has says whether a setting was given.
func (o *outside) has(name string) bool {
	for _, pair := range o.environ {
		if got, value, _ := strings.Cut(pair, "="); got == name && strings.TrimSpace(value) != "" {
			return true
		}
	}
	return false
}
